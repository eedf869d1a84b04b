package saccade.nodes.rcl;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;
import saccade.nodes.ros.RosFault;

class LifetimeTest {

  @Test
  void shouldRefuseCallsAfterItIsClosedAndCloseOnce() {
    Lifetime lifetime = new Lifetime("publisher /x");
    lifetime.enter();
    lifetime.exit();
    assertTrue(lifetime.close());
    assertFalse(lifetime.close());
    assertEquals(
        "publisher /x is closed", assertThrows(RosFault.class, lifetime::enter).getMessage());
    assertTrue(lifetime.isClosed());
  }

  @Test
  void shouldNotCloseWhileACallIsUnderWay() throws Exception {
    Lifetime lifetime = new Lifetime("x");
    lifetime.enter();
    CountDownLatch closed = new CountDownLatch(1);
    Thread closer =
        new Thread(
            () -> {
              lifetime.close();
              closed.countDown();
            });
    closer.start();
    while (!lifetime.isClosed()) {
      Thread.onSpinWait();
    }
    assertFalse(closed.await(20, TimeUnit.MILLISECONDS));
    lifetime.exit();
    assertTrue(closed.await(5, TimeUnit.SECONDS));
  }

  /**
   * Callers mark a word while they are in; the closer, once it is through, must find it unmarked
   * for good.
   */
  @Test
  void shouldLeaveNoCallBehindWhenManyThreadsRace() throws Exception {
    for (int round = 0; round < 40; round++) {
      Lifetime lifetime = new Lifetime("x");
      AtomicInteger inside = new AtomicInteger();
      AtomicInteger calls = new AtomicInteger();
      AtomicBoolean freed = new AtomicBoolean();
      AtomicBoolean used = new AtomicBoolean();
      Thread[] callers = new Thread[3];
      for (int i = 0; i < callers.length; i++) {
        callers[i] =
            new Thread(
                () -> {
                  try {
                    while (true) {
                      lifetime.enter();
                      inside.incrementAndGet();
                      if (freed.get()) {
                        used.set(true);
                      }
                      inside.decrementAndGet();
                      calls.incrementAndGet();
                      lifetime.exit();
                    }
                  } catch (RosFault closed) {
                    // As wanted.
                  }
                });
        callers[i].start();
      }
      while (calls.get() < 10) {
        Thread.onSpinWait();
      }
      assertTrue(lifetime.close());
      assertEquals(0, inside.get());
      freed.set(true);
      for (Thread caller : callers) {
        caller.join(5000);
        assertFalse(caller.isAlive());
      }
      assertFalse(used.get());
    }
  }
}
