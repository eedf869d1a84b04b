package saccade.realtime.ring;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.BooleanSupplier;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import saccade.realtime.ledger.DropReason;

@Timeout(60)
class FrameRingThreadsTest {

  private static final int LONGS = 32;

  private static void write(MemorySegment slot, long value) {
    for (int i = 0; i < LONGS; i++) {
      slot.setAtIndex(ValueLayout.JAVA_LONG, i, value);
    }
  }

  private static void expect(MemorySegment slot, long value) {
    for (int i = 0; i < LONGS; i++) {
      assertEquals(value, slot.getAtIndex(ValueLayout.JAVA_LONG, i), "a leased slot was rewritten");
    }
  }

  @Test
  void aSlowConsumerNeverSeesMixedContentWhileTheProducerOverruns() throws Exception {
    int frames = 200_000;
    Doorbell bell = new Doorbell();
    FrameRing ring =
        new FrameRing(
            0, "test", new SlotPool(Arena.ofAuto(), 3, LONGS * 8), OverrunPolicy.LATEST_WINS, bell);
    Thread producer =
        Thread.ofPlatform()
            .start(
                () -> {
                  for (long i = 1; i <= frames; i++) {
                    long handle = ring.tryClaim(i);
                    if (handle >= 0) {
                      write(ring.slot(handle), i);
                      ring.publish(handle, i, LONGS * 8, 0, 0, 0, i);
                    }
                  }
                });
    FrameView view = new FrameView();
    BooleanSupplier ready = ring::hasReady;
    long last = 0;
    long taken = 0;
    while (producer.isAlive() || ring.hasReady()) {
      if (!ring.takeNewest(view, 0)) {
        bell.await(ready, 1_000_000);
        continue;
      }
      assertTrue(view.captureNs() > last, "frames come in order");
      last = view.captureNs();
      expect(view.payload(), last);
      expect(view.payload(), last);
      view.release();
      taken++;
    }
    producer.join();
    assertEquals(frames, ring.ledger().offered());
    assertEquals(taken, ring.ledger().delivered());
    assertTrue(taken > 0);
    ring.ledger().assertBalanced();
    assertEquals(3, ring.pool().freeCount());
  }

  @Test
  void aLosslessRingDeliversEveryFrameInOrderToASleepingConsumer() throws Exception {
    int frames = 200_000;
    Doorbell bell = new Doorbell();
    FrameRing ring =
        new FrameRing(0, "test", new SlotPool(Arena.ofAuto(), 8, 8), OverrunPolicy.LOSSLESS, bell);
    AtomicReference<Throwable> failure = new AtomicReference<>();
    Thread consumer =
        Thread.ofPlatform()
            .uncaughtExceptionHandler((thread, error) -> failure.set(error))
            .start(
                () -> {
                  FrameView view = new FrameView();
                  BooleanSupplier ready = ring::hasReady;
                  for (long expected = 1; expected <= frames; ) {
                    if (ring.takeNext(view, 0)) {
                      assertEquals(expected++, view.payload().get(ValueLayout.JAVA_LONG, 0));
                      view.release();
                    } else {
                      bell.await(ready, 10_000_000_000L);
                    }
                  }
                });
    for (long i = 1; i <= frames; i++) {
      long handle = ring.claim(i);
      ring.slot(handle).set(ValueLayout.JAVA_LONG, 0, i);
      ring.publish(handle, i, 8, 0, 0, 0, i);
    }
    consumer.join();
    assertEquals(null, failure.get());
    assertEquals(frames, ring.ledger().delivered());
    assertEquals(0, ring.ledger().dropped(DropReason.REFUSED));
    ring.ledger().assertBalanced();
  }

  @Test
  void severalRingsWakeOneThread() throws Exception {
    Doorbell bell = new Doorbell();
    FrameRing left =
        new FrameRing(
            0, "left", new SlotPool(Arena.ofAuto(), 2, 8), OverrunPolicy.LATEST_WINS, bell);
    FrameRing right =
        new FrameRing(
            1, "right", new SlotPool(Arena.ofAuto(), 2, 8), OverrunPolicy.LATEST_WINS, bell);
    BooleanSupplier news = () -> left.hasReady() || right.hasReady();
    FrameView view = new FrameView();
    for (int round = 0; round < 200; round++) {
      FrameRing sender = round % 2 == 0 ? left : right;
      long number = round + 1;
      Thread producer =
          Thread.ofPlatform()
              .start(() -> sender.publish(sender.tryClaim(number), number, 0, 0, 0, 0, number));
      long limit = System.nanoTime() + 20_000_000_000L;
      while (!news.getAsBoolean()) {
        assertTrue(System.nanoTime() < limit, "the bell was not heard");
        bell.await(news, 20_000_000_000L);
      }
      assertTrue(sender.takeNewest(view, 0));
      assertEquals(number, view.captureNs());
      view.release();
      producer.join();
    }
  }

  @Test
  void awaitEndsAtItsTimeOut() {
    Doorbell bell = new Doorbell();
    long start = System.nanoTime();
    assertEquals(false, bell.await(() -> false, 5_000_000));
    assertTrue(System.nanoTime() - start < 5_000_000_000L);
    assertEquals(false, bell.await(() -> false, 0));
    assertEquals(true, bell.await(() -> true, 0));
  }

  /** Every third frame is lost. Who was told of a loss finds all frames before it in the ring. */
  @Test
  void aLossIsHeardByASleeperAndNeverBeforeTheFramesAheadOfIt() throws Exception {
    int frames = 99_999; // the last one is lost, too
    Doorbell bell = new Doorbell();
    FrameRing ring =
        new FrameRing(0, "test", new SlotPool(Arena.ofAuto(), 8, 8), OverrunPolicy.LOSSLESS, bell);
    Thread producer =
        Thread.ofPlatform()
            .start(
                () -> {
                  for (long i = 1; i <= frames; i++) {
                    long handle = ring.claim(i);
                    if (i % 3 == 0) {
                      ring.abort(handle, DropReason.UNREADABLE, i);
                    } else {
                      ring.publish(handle, i, 8, 0, 0, 0, i);
                    }
                  }
                });
    FrameView view = new FrameView();
    BooleanSupplier news = () -> ring.hasReady() || ring.hasLoss();
    long last = 0;
    long lost = 0;
    long limit = System.nanoTime() + 15_000_000_000L;
    while (lost < frames) {
      assertTrue(System.nanoTime() < limit, "the bell was not heard");
      bell.await(news, 20_000_000_000L);
      long told = ring.takeLost();
      while (ring.takeNext(view, 0)) {
        last = view.captureNs();
        view.release();
      }
      if (told != FrameRing.NOTHING_LOST) {
        assertEquals(0, told % 3);
        assertTrue(told > lost && last >= told - 1, "lost " + told + ", taken up to " + last);
        lost = told;
      }
    }
    producer.join();
    assertEquals(frames / 3, ring.ledger().dropped(DropReason.UNREADABLE));
  }
}
