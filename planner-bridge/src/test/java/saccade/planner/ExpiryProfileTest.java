package saccade.planner;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static saccade.planner.Messages.MS;

import java.lang.management.ManagementFactory;
import java.util.List;
import net.jqwik.api.Assume;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.DoubleRange;
import net.jqwik.api.constraints.IntRange;
import net.jqwik.api.constraints.Size;
import org.junit.jupiter.api.Test;
import saccade.planner.ExpiryProfile.Phase;

/** A hand-cranked clock: {@code now} moves in controller steps of 20 ms. */
class ExpiryProfileTest {
  private static final long STEP = 20 * MS;
  private final ExpiryLimits limits = ExpiryLimits.passengerCar();
  private final ExpiryProfile profile = new ExpiryProfile(limits);
  private long now;
  private long seq;

  private void crank(long untilNs) {
    for (; now <= untilNs; now += STEP) {
      profile.step(now);
    }
  }

  private void follow(double accel) {
    profile.accept(Messages.fresh(seq++, now, accel, 0.01), now);
  }

  @Test
  void coastsUntilTheFirstMessageThenFollowsIt() {
    crank(500 * MS);
    assertEquals(Phase.STARTING, profile.phase());
    assertEquals(0, profile.accelMps2());
    follow(1);
    crank(900 * MS);
    assertEquals(Phase.FOLLOWING, profile.phase());
    assertEquals(1, profile.accelMps2(), 1e-9);
    assertEquals(0.01, profile.curvature1pm(), 1e-9);
  }

  @Test
  void stopsWhenNoMessageEverComes() {
    crank(3000 * MS);
    assertEquals(Phase.STOPPED, profile.phase());
    assertEquals(-3, profile.accelMps2(), 1e-9);
  }

  @Test
  void holdsThenRampsThenLatches() {
    follow(1); // valid for 500 ms
    crank(500 * MS);
    assertEquals(Phase.FOLLOWING, profile.phase());
    crank(540 * MS);
    assertEquals(Phase.HOLDING, profile.phase());
    crank(700 * MS);
    assertEquals(Phase.HOLDING, profile.phase());
    assertTrue(profile.accelMps2() <= 1e-9, "a held command does not accelerate");
    crank(740 * MS);
    assertEquals(Phase.RAMPING, profile.phase());
    crank(1400 * MS);
    assertEquals(Phase.STOPPED, profile.phase());
    assertEquals(-3, profile.accelMps2(), 1e-9);
    assertEquals(1, profile.latches());
    crank(60_000 * MS);
    assertEquals(Phase.STOPPED, profile.phase());
  }

  @Test
  void oneMessageEndsAHoldButNotALatchedStop() {
    follow(0);
    crank(600 * MS);
    assertEquals(Phase.HOLDING, profile.phase());
    follow(0);
    assertEquals(Phase.FOLLOWING, profile.phase());
    crank(3000 * MS);
    assertEquals(Phase.STOPPED, profile.phase());
    follow(1);
    crank(now + 80 * MS);
    follow(1);
    crank(now + 80 * MS);
    assertEquals(Phase.STOPPED, profile.phase());
    follow(1);
    assertEquals(Phase.FOLLOWING, profile.phase());
  }

  @Test
  void aGapARefusalOrAFallbackStartsTheCountAgain() {
    crank(3000 * MS);
    follow(1);
    follow(1);
    seq++; // refused by the gate: its number is missing
    follow(1);
    assertEquals(Phase.STOPPED, profile.phase());
    follow(1);
    profile.accept(Messages.fallback(seq++, now), now);
    follow(1);
    assertEquals(Phase.STOPPED, profile.phase());
    follow(1);
    crank(now + 400 * MS);
    follow(1);
    assertEquals(Phase.STOPPED, profile.phase());
    follow(1);
    follow(1);
    assertEquals(Phase.FOLLOWING, profile.phase());
  }

  @Test
  void descriptionsBetweenActionsDoNotBreakTheRowThatEndsAStop() {
    crank(3000 * MS);
    assertEquals(Phase.STOPPED, profile.phase());
    for (int i = 0; i < limits.engageMessages(); i++) {
      assertEquals(Phase.STOPPED, profile.phase());
      follow(1);
      profile.accept(
          PlannerMessage.about(seq++, now)
              .kind(PlannerMessage.Kind.DESCRIPTION, "")
              .publishedNs(now)
              .build(),
          now);
    }
    assertEquals(Phase.FOLLOWING, profile.phase());
  }

  @Test
  void aContinuedChunkNeverEndsAStop() {
    crank(3000 * MS);
    for (int i = 0; i < 20; i++) {
      PlannerMessage continued =
          PlannerMessage.about(seq++, now)
              .kind(PlannerMessage.Kind.CUT_SHORT, "")
              .publishedNs(now)
              .action(Messages.constant(now - MS, 1, 0), now + 500 * MS)
              .build();
      profile.accept(continued, now);
      crank(now + 80 * MS);
    }
    assertEquals(Phase.STOPPED, profile.phase());
  }

  @Test
  void emergencyBrakingBuildsUpFasterThanNormalBraking() {
    follow(-2);
    crank(100 * MS);
    assertEquals(-1, profile.accelMps2(), 1e-9);
    ExpiryProfile hard = new ExpiryProfile(limits);
    hard.accept(Messages.fresh(0, 0, -8, 0), 0);
    for (long t = 0; t <= 100 * MS; t += STEP) {
      hard.step(t);
    }
    assertEquals(-3, hard.accelMps2(), 1e-9);
  }

  @Test
  void theSameHistoryGivesTheSameCommands() {
    ExpiryProfile twin = new ExpiryProfile(limits);
    for (; now < 4000 * MS; now += STEP) {
      if (now % (300 * MS) == 0 && now < 2000 * MS) {
        PlannerMessage message = Messages.fresh(seq++, now, Math.sin(now * 1e-9), 0.02);
        profile.accept(message, now);
        twin.accept(message, now);
      }
      profile.step(now);
      twin.step(now);
      assertEquals(profile.accelMps2(), twin.accelMps2());
      assertEquals(profile.phase(), twin.phase());
    }
  }

  /** Random messages, gaps and step lengths: no jerk, rate or range limit is ever broken. */
  @Property(tries = 300)
  void neverExceedsItsLimits(
      @ForAll @Size(60) List<@DoubleRange(min = -8, max = 3) Double> accels,
      @ForAll @Size(60) List<@DoubleRange(min = -0.15, max = 0.15) Double> curvatures,
      @ForAll @Size(60) List<@IntRange(min = 1, max = 40) Integer> gaps) {
    ExpiryProfile any = new ExpiryProfile(limits);
    long t = 0;
    any.step(t);
    for (int i = 0; i < 60; i++) {
      any.accept(Messages.fresh(i, t, accels.get(i), curvatures.get(i)), t);
      for (int n = 0; n < gaps.get(i); n++) {
        double accelBefore = any.accelMps2();
        double curvatureBefore = any.curvature1pm();
        long dt = (5 + (n * 7) % 40) * MS;
        t += dt;
        any.step(t);
        double up = any.accelMps2() - accelBefore;
        assertTrue(up <= limits.easeJerkMps3() * dt * 1e-9 + 1e-9);
        assertTrue(-up <= limits.emergencyJerkMps3() * dt * 1e-9 + 1e-9);
        assertTrue(any.accelMps2() >= -8 - 1e-9 && any.accelMps2() <= 3 + 1e-9);
        double turn = Math.abs(any.curvature1pm() - curvatureBefore);
        assertTrue(turn <= limits.curvatureRate1pmps() * dt * 1e-9 + 1e-9);
        if (any.phase() == Phase.HOLDING || any.phase() == Phase.RAMPING) {
          assertTrue(any.accelMps2() <= Math.max(0, accelBefore) + 1e-9);
        }
      }
    }
  }

  /** However long the silence, the profile ends stopped and stays so. */
  @Property(tries = 100)
  void silenceAlwaysEndsInALatchedStop(
      @ForAll @DoubleRange(min = -8, max = 3) double accel,
      @ForAll @IntRange(min = 3, max = 60) int silenceS) {
    Assume.that(Double.isFinite(accel));
    ExpiryProfile any = new ExpiryProfile(limits);
    any.accept(Messages.fresh(0, 0, accel, 0), 0);
    for (long t = 0; t <= silenceS * 1000L * MS; t += STEP) {
      any.step(t);
    }
    assertEquals(Phase.STOPPED, any.phase());
    assertTrue(any.accelMps2() <= -limits.stopDecelMps2() + 1e-9);
  }

  @Test
  void stepsWithoutAllocating() {
    var threads = (com.sun.management.ThreadMXBean) ManagementFactory.getThreadMXBean();
    StaleGate gate =
        new StaleGate(
            1000 * MS, new ActionCodecSpec.Range(-8, 3), new ActionCodecSpec.Range(-0.15, 0.15));
    PlannerMessage[] messages = new PlannerMessage[40_000];
    for (int i = 0; i < messages.length; i++) {
      messages[i] = Messages.fresh(i, i * STEP, -1, 0);
    }
    double sum = 0;
    for (int i = 0; i < 20_000; i++) {
      gate.offer(messages[i], i * STEP);
      profile.accept(messages[i], i * STEP);
      profile.step(i * STEP);
    }
    long before = threads.getCurrentThreadAllocatedBytes();
    for (int i = 20_000; i < 40_000; i++) {
      gate.offer(messages[i], i * STEP);
      profile.accept(messages[i], i * STEP);
      profile.step(i * STEP);
      sum += profile.accelMps2();
    }
    long grown = threads.getCurrentThreadAllocatedBytes() - before;
    assertEquals(0, grown, 64);
    assertEquals(-20_000, sum, 1e-6);
    assertEquals(40_000, gate.count(Validation.ACCEPTED));
  }
}
