package saccade.realtime.os;

import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.List;
import java.util.concurrent.CountDownLatch;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

class ThreadEndTest {
  @Test
  @Timeout(30)
  void anInterruptIsKeptForLaterAndTheThreadsWaitedFor() throws InterruptedException {
    CountDownLatch go = new CountDownLatch(1);
    Thread worker =
        Thread.ofPlatform()
            .start(
                () -> {
                  try {
                    go.await();
                  } catch (InterruptedException e) {
                    throw new AssertionError(e);
                  }
                });
    Thread waiting = Thread.currentThread();
    Thread other =
        Thread.ofPlatform()
            .start(
                () -> {
                  waiting.interrupt();
                  while (waiting.isInterrupted()) {
                    Thread.onSpinWait(); // until the wait has taken it
                  }
                  assertTrue(worker.isAlive());
                  go.countDown();
                });
    ThreadEnd.await(List.of(worker, other));
    assertFalse(worker.isAlive() || other.isAlive());
    assertTrue(Thread.interrupted(), "the interrupt is still there");
  }
}
