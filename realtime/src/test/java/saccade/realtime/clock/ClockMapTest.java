package saccade.realtime.clock;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;
import saccade.realtime.AllocatedBytes;

class ClockMapTest {
  private static final long MS = 1_000_000;
  private static final long S = 1_000_000_000;
  private static final long OFFSET = 7_000 * S;

  private final SplittableRandom random = new SplittableRandom(11);
  private final ClockMap map = new ClockMap(0, 200 * MS);

  /**
   * Frames at 30 Hz, 4 ms on the way at least, often more; returns the worst error of the last
   * half.
   */
  private double worstErrorMs(double ppm, int seconds) {
    double worst = 0;
    int frames = 30 * seconds;
    for (int i = 0; i < frames; i++) {
      long device = S + i * S / 30;
      long capture = OFFSET + device + Math.round(device * ppm * 1e-6);
      long delay = 4 * MS + Math.round(3 * MS * -Math.log(1 - random.nextDouble()));
      long mapped = map.arrived(device, capture + delay);
      assertTrue(mapped <= capture + delay, "never in the future of its arrival");
      if (i > frames / 2) {
        worst = Math.max(worst, Math.abs(mapped - capture - 4 * MS) / (double) MS);
      }
    }
    return worst;
  }

  @Test
  void offsetIsFoundUnderJitter() {
    assertTrue(worstErrorMs(0, 20) < 0.6);
    assertEquals(0, map.driftPpm(), 15);
    assertEquals(OFFSET + 4 * MS, map.offsetNs(), MS);
    assertEquals(0, map.jumps());
  }

  @Test
  void driftIsFoundAndTakenOut() {
    double worst = worstErrorMs(80, 60);
    assertTrue(worst < 0.8, "worst error " + worst + " ms; without the slope it would be 2 ms");
    assertEquals(80, map.driftPpm(), 20);
  }

  @Test
  void aClockThatIsSetOrLoopedIsAJumpAndFoundAgain() {
    worstErrorMs(0, 10);
    for (int i = 0; i < 30; i++) { // set an hour ahead
      long device = 3_700 * S + i * S / 30;
      long arrived = OFFSET + 11 * S + i * S / 30 + 4 * MS;
      long mapped = map.arrived(device, arrived);
      assertEquals(arrived, mapped, MS, "frame " + i);
    }
    assertEquals(1, map.jumps());
    for (int i = 0; i < 30; i++) { // a loop: back to the beginning
      long arrived = OFFSET + 12 * S + i * S / 30 + 4 * MS;
      assertEquals(arrived, map.arrived(S + i * S / 30, arrived), MS);
    }
    assertEquals(2, map.jumps());
  }

  @Test
  void oneVeryLateFrameIsNoJump() {
    worstErrorMs(0, 5);
    long device = S + 6 * S;
    map.arrived(device, OFFSET + device + 900 * MS);
    assertEquals(0, map.jumps());
    assertEquals(OFFSET + device + 4 * MS, map.toLocalNs(device), MS);
  }

  @Test
  void aKnownDelayIsTakenOff() {
    ClockMap known = new ClockMap(4 * MS, 200 * MS);
    assertEquals(OFFSET + S, known.arrived(S, OFFSET + S + 4 * MS));
    assertThrows(IllegalArgumentException.class, () -> new ClockMap(-1, 1));
  }

  @Test
  void allocatesNothing() {
    long[] at = {S};
    long bytes =
        AllocatedBytes.of(
            20_000,
            () -> {
              at[0] += S / 30;
              map.arrived(at[0], OFFSET + at[0] + 5 * MS);
            });
    assertEquals(0, bytes);
  }

  /** Its frames look old at first; when none has come sooner for seconds, the clock stood still. */
  @Test
  void aClockThatStoodStillIsBelievedAfterSomeSeconds() {
    ClockMap map = new ClockMap(0, 500_000_000L);
    long pausedNs = 0;
    long lastAgeNs = 0;
    long healthyAt = -1;
    for (int frame = 0; frame < 150; frame++) {
      long nowNs = 1_000_000_000L + frame * 100_000_000L;
      pausedNs = frame < 50 ? 0 : Math.min((frame - 50) * 100_000_000L, 2_000_000_000L);
      lastAgeNs = nowNs - map.arrived(nowNs - pausedNs, nowNs);
      if (frame > 70 && lastAgeNs < 1_000_000 && healthyAt < 0) {
        healthyAt = frame;
      }
    }
    assertEquals(1, map.jumps());
    assertTrue(lastAgeNs < 1_000_000, "age " + lastAgeNs);
    assertTrue(healthyAt > 90 && healthyAt < 120, "not before it is sure: frame " + healthyAt);
  }
}
