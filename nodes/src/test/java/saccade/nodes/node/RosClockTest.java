package saccade.nodes.node;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ScheduledThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;
import saccade.nodes.node.RosClock.Jump;
import saccade.nodes.node.RosClock.Kind;

class RosClockTest {
  private static final long S = 1_000_000_000L;
  private final AtomicLong wall = new AtomicLong(1_000 * S);
  private final RosClock clock = new RosClock(wall::get);
  private final List<Jump> jumps = new ArrayList<>();

  RosClockTest() {
    clock.onJump(jumps::add);
  }

  @Test
  void wallTimeUntilToldOtherwise() {
    clock.tick(5 * S);
    assertEquals(1_000 * S, clock.nowNs(), "/clock means nothing to wall time");
    assertTrue(clock.isValid());
    clock.useSimulatedTime(true);
    assertEquals(0, clock.nowNs());
    assertFalse(clock.isValid());
    clock.tick(5 * S);
    assertEquals(5 * S, clock.nowNs());
    assertTrue(clock.isValid());
    clock.useSimulatedTime(true);
    clock.useSimulatedTime(false);
    assertEquals(1_000 * S, clock.nowNs());
    assertEquals(
        List.of(
            new Jump(Kind.SIMULATION_BEGAN, 1_000 * S, 0),
            new Jump(Kind.SIMULATION_ENDED, 5 * S, 1_000 * S)),
        jumps);
  }

  @Test
  void pauseIsNoJumpLoopAndLeapAre() {
    clock.useSimulatedTime(true);
    jumps.clear();
    clock.tick(5 * S);
    clock.tick(5 * S);
    clock.tick(6 * S);
    assertEquals(List.of(), jumps);
    clock.tick(1 * S);
    clock.tick(1 * S + RosClock.LEAP_NS);
    assertEquals(List.of(new Jump(Kind.BACKWARD, 6 * S, 1 * S)), jumps);
    clock.tick(100 * S);
    assertEquals(new Jump(Kind.FORWARD, 3 * S, 100 * S), jumps.get(1));
    assertEquals(3, clock.jumps());
  }

  @Test
  void timersFollowSimulatedTime() throws Exception {
    ScheduledThreadPoolExecutor worker = new ScheduledThreadPoolExecutor(1);
    clock.useSimulatedTime(true);
    AtomicInteger fired = new AtomicInteger();
    RosTimer timer = new RosTimer(clock, worker, S, fired::incrementAndGet, it -> {});
    clock.tick(10 * S); // the first time there is: all periods since 0 passed unseen
    settle(worker);
    int before = fired.get();
    assertEquals(1, before);
    clock.tick(10 * S);
    settle(worker);
    assertEquals(before, fired.get(), "paused");
    for (int i = 1; i <= 20; i++) {
      clock.tick(10 * S + i * S / 10);
      settle(worker);
    }
    assertEquals(before + 2, fired.get());
    clock.tick(2 * S); // loop
    settle(worker);
    assertEquals(before + 2, fired.get());
    clock.tick(3 * S);
    settle(worker);
    assertEquals(before + 3, fired.get());
    timer.close();
    clock.tick(9 * S);
    settle(worker);
    assertEquals(before + 3, fired.get());
    worker.shutdown();
  }

  private static void settle(ScheduledThreadPoolExecutor worker) throws Exception {
    worker.submit(() -> {}).get(5, TimeUnit.SECONDS);
  }

  @Test
  void stampsBothWays() {
    for (long ns : new long[] {0, 1, 999_999_999L, S, 1_700_000_000_123_456_789L, -1}) {
      assertEquals(ns, Stamps.ns(Stamps.time(ns)));
      assertEquals(ns, Stamps.ns(Stamps.duration(ns)));
    }
  }
}
