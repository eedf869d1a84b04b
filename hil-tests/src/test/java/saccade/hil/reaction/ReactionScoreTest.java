package saccade.hil.reaction;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import org.junit.jupiter.api.Test;
import saccade.hil.drive.ControlTrace;
import saccade.hil.drive.ControlTrace.Origin;
import saccade.hil.report.Report;

/** Scripted commands every 20 ms; the obstacle is first captured at 1000 ms. */
class ReactionScoreTest {
  private static final long MS = 1_000_000L;
  private static final long APPEAR = 1000 * MS;

  private interface Script {
    void step(ControlTrace trace, long nowNs);
  }

  private static ControlTrace drive(Script script) {
    ControlTrace trace = new ControlTrace();
    for (long t = 0; t <= 3000 * MS; t += 20 * MS) {
      script.step(trace, t);
    }
    return trace;
  }

  private static ControlTrace brakesFrom(long ms, long chunkCaptureMs, Origin origin) {
    return drive(
        (trace, now) -> trace.add(now, now >= ms * MS ? -4 : 0.1, chunkCaptureMs * MS, origin));
  }

  @Test
  void measuresFromTheAppearanceToTheFirstHardCommand() {
    assertEquals(140, ReactionScore.reactionMs(brakesFrom(1140, 1000, Origin.MODEL), APPEAR));
  }

  @Test
  void softBrakingIsNoReaction() {
    ControlTrace soft = drive((trace, now) -> trace.add(now, -1.99, now, Origin.MODEL));
    assertTrue(Double.isInfinite(ReactionScore.reactionMs(soft, APPEAR)));
  }

  @Test
  void fallbackHoldAndReflexAreNoReaction() {
    ControlTrace other = brakesFrom(1100, 1000, Origin.OTHER);
    assertTrue(Double.isInfinite(ReactionScore.reactionMs(other, APPEAR)));
    ControlTrace thenModel =
        drive(
            (trace, now) ->
                trace.add(
                    now,
                    now >= 1100 * MS ? -4 : 0,
                    APPEAR,
                    now >= 1500 * MS ? Origin.MODEL : Origin.OTHER));
    assertEquals(500, ReactionScore.reactionMs(thenModel, APPEAR));
  }

  @Test
  void aPlanFromBeforeTheAppearanceIsNoReaction() {
    ControlTrace earlier = brakesFrom(1040, 900, Origin.MODEL);
    assertTrue(Double.isInfinite(ReactionScore.reactionMs(earlier, APPEAR)));
  }

  @Test
  void whoBrakesAnywayDidNotReact() {
    ControlTrace always = brakesFrom(0, 2000, Origin.MODEL);
    assertTrue(Double.isInfinite(ReactionScore.reactionMs(always, APPEAR)));
    ReactionScore score = new ReactionScore();
    score.obstacle(always, APPEAR);
    assertEquals(1, score.late());
    assertEquals(1, score.never());
  }

  @Test
  void aTwinBrakesWhateverMadeIt() {
    assertTrue(ReactionScore.braked(brakesFrom(2000, 0, Origin.OTHER), 500 * MS));
    assertFalse(ReactionScore.braked(drive((t, now) -> t.add(now, -1, now, Origin.MODEL)), 0));
  }

  @Test
  void countsLateOnesAndTwins() {
    ReactionScore score = new ReactionScore();
    for (int i = 0; i < 98; i++) {
      score.obstacle(brakesFrom(1120, 1000, Origin.MODEL), APPEAR);
      score.twin(drive((t, now) -> t.add(now, 0, now, Origin.MODEL)), 300 * MS);
    }
    score.obstacle(brakesFrom(1300, 1000, Origin.MODEL), APPEAR);
    score.obstacle(brakesFrom(1320, 1000, Origin.MODEL), APPEAR);
    score.twin(brakesFrom(1500, 0, Origin.MODEL), 300 * MS);
    score.twin(brakesFrom(200, 0, Origin.MODEL), 300 * MS);
    assertEquals(1, score.late());
    assertEquals(0, score.never());
    assertEquals(120, score.quantileMs(0.5));
    assertEquals(300, score.quantileMs(0.99));
    assertEquals(0.02, score.twinShare(), 1e-9);
    Report report = new Report("hil reaction");
    score.report(report);
    assertEquals(1.0, report.figures().get("reactions_late"));
    assertEquals(0.02, report.figures().get("twins_braking_share"));
  }

  /**
   * Blank sensors look the same with and without an obstacle, so nothing a model makes of them can
   * pass.
   */
  @Test
  void aBlindModelFailsWhetherItAlwaysBrakesOrNeverDoes() {
    for (double accel : new double[] {0, -1, -3, -8}) {
      ReactionScore score = new ReactionScore();
      for (int i = 0; i < 100; i++) {
        ControlTrace blind = drive((t, now) -> t.add(now, accel, now, Origin.MODEL));
        score.obstacle(blind, APPEAR);
        score.twin(blind, 300 * MS);
      }
      assertTrue(score.late() > 1 || score.twinShare() > 0.02, "accel " + accel);
      assertEquals(100, score.late());
    }
  }

  @Test
  void timeDoesNotGoBack() {
    ControlTrace trace = new ControlTrace();
    trace.add(5, 0, 0, Origin.OTHER);
    assertThrows(IllegalArgumentException.class, () -> trace.add(4, 0, 0, Origin.OTHER));
  }
}
