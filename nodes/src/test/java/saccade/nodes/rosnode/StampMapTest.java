package saccade.nodes.rosnode;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;
import saccade.nodes.node.RosClock;

class StampMapTest {
  private static final long S = 1_000_000_000L;
  private static final long MS = 1_000_000L;
  private final AtomicLong wall = new AtomicLong(1_700_000_000L * S);
  private final AtomicLong local = new AtomicLong(5 * S);
  private final RosClock clock = new RosClock(wall::get);
  private final StampMap map = new StampMap(clock, local::get);

  @Test
  void wallTimeGoesThereAndBackToTheSameNanosecond() {
    long stamp = wall.get() - 30 * MS - 7;
    long capture = map.toLocal(stamp);
    assertEquals(5 * S - 30 * MS - 7, capture);
    wall.addAndGet(S + 900_000); // the two clocks drift by less than a set clock would
    local.addAndGet(S);
    assertEquals(stamp, map.toRos(capture));
    assertEquals(0, map.clockSets());
    assertEquals(0, map.toLocal(0), "no stamp stays no stamp");
  }

  @Test
  void aClockThatWasSetIsCountedAndFollowed() {
    map.toLocal(wall.get());
    wall.addAndGet(3600 * S);
    assertEquals(5 * S - MS, map.toLocal(wall.get() - MS));
    assertEquals(1, map.clockSets());
  }

  @Test
  void simulatedTimeByItsTicks() {
    clock.useSimulatedTime(true);
    assertEquals(StampMap.UNKNOWN, map.toLocal(100 * S));
    assertEquals(0, map.toRos(5 * S));
    for (int i = 0; i < 1000; i++) { // at half speed: 10 ms of it take 20 ms
      local.set(5 * S + i * 20 * MS);
      clock.tick(100 * S + i * 10 * MS);
    }
    long stamp = 100 * S + 990 * 10 * MS;
    long capture = map.toLocal(stamp);
    assertEquals(5 * S + 990 * 20 * MS, capture, "the tick at which it was captured");
    assertEquals(stamp, map.toRos(capture));
    assertEquals(capture + 3 * MS, map.toLocal(stamp + 3 * MS), "between two ticks");
    // A frame of the same instant that comes ticks later lies at the same place.
    local.addAndGet(40 * MS);
    clock.tick(100 * S + 1001 * 10 * MS);
    assertEquals(capture, map.toLocal(stamp));
  }

  @Test
  void aLoopBeginsAnew() {
    clock.useSimulatedTime(true);
    clock.tick(100 * S);
    local.set(9 * S);
    clock.tick(1 * S);
    assertEquals(9 * S, map.toLocal(1 * S));
    local.set(10 * S);
    clock.tick(2 * S);
    assertEquals(10 * S, map.toLocal(2 * S));
    assertEquals(2 * S, map.toRos(10 * S));
  }
}
