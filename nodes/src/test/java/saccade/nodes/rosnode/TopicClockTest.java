package saccade.nodes.rosnode;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;

import java.util.Random;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;
import saccade.nodes.sensor.SensorClock;

class TopicClockTest {
  private static final long S = 1_000_000_000L;
  private static final long MS = 1_000_000L;
  private final AtomicLong local = new AtomicLong(1000 * S);
  private final TopicClock clock = new TopicClock("front", local::get);
  private final Random random = new Random(3);

  /** Ten seconds of 20 Hz; the publisher's clock is behind ours by so much, and runs faster. */
  private void play(long behindNs, double fasterPpm) {
    long fromNs = local.get();
    for (int i = 0; i < 200; i++) {
      long captureNs = fromNs + i * 50 * MS;
      long stampNs = captureNs - behindNs + (long) ((captureNs - fromNs) * fasterPpm * 1e-6);
      local.set(captureNs + 4 * MS + (i % 10 == 0 ? 0 : random.nextInt(20) * MS));
      clock.arrived(stampNs);
      local.set(captureNs);
    }
    local.set(fromNs + 10 * S);
  }

  private SensorClock now() {
    SensorClock now = clock.now();
    assertNotNull(now);
    return now;
  }

  @Test
  void offsetIsTheLeastTimeFromStampToArrival() {
    assertNull(clock.now(), "before the first message");
    play(30 * MS, 0);
    assertEquals(34 * MS, now().offsetNs(), 100_000);
    assertEquals(0, now().driftPpm(), 1);
    assertEquals(0, now().jumps());
    assertEquals(200, now().samples());
  }

  @Test
  void anotherHostsClockThatRunsAwayIsSeen() {
    play(-10 * MS, 100);
    assertEquals(-100, now().driftPpm(), 15);
    assertEquals(-7 * MS, now().offsetNs(), MS);
  }

  @Test
  void aBusyMachineIsNoDrift() {
    for (int i = 0; i < 60; i++) { // 1 Hz, arrivals anywhere within 200 ms
      long captureNs = local.get() + S;
      local.set(captureNs + 3 * MS + random.nextInt(200) * MS);
      clock.arrived(captureNs);
      local.set(captureNs);
      if (clock.now() != null && i > 30) {
        assertEquals(0, now().driftPpm(), "after " + i + " s");
        assertEquals(23 * MS, now().offsetNs(), 20 * MS);
      }
    }
  }

  @Test
  void aSlowFirstMessageIsNoJump() {
    clock.arrived(local.get() - 900 * MS);
    play(0, 0);
    assertEquals(0, now().jumps());
    assertEquals(4 * MS, now().offsetNs(), 100_000);
  }

  @Test
  void aClockThatIsSetIsAJump() {
    play(0, 0);
    play(-3600 * S, 0);
    assertEquals(1, now().jumps());
    assertEquals(-3600 * S + 4 * MS, now().offsetNs(), 100_000);
  }
}
