package saccade.hil.drive;

import saccade.sim.Scoreboard;

/**
 * Judges a drive beside the expert's drive of the same scenario and seed.
 *
 * <p>Two questions, kept apart: did it get there ({@link #completed}), and was nothing wrong on the
 * way ({@link #clean}, which needs both). A drive that hits somebody may still be complete, and one
 * that stands for ever may have done nothing wrong but that.
 */
public final class DriveJudge {
  /** A drive is complete with this share of the expert's distance, and at the scenario's goal. */
  public static final double COMPLETE_SHARE = 0.7;

  private static final double STANDING_MPS = 0.3;
  private static final double MOVING_MPS = 2;
  private static final int FALSE_STOP_SETS = 30; // 3 s at 10 Hz

  private DriveJudge() {}

  /** Whether the drive got to the goal, and about as far as the expert, whatever it did. */
  public static boolean completed(DriveOutcome drive, DriveOutcome expert) {
    return drive.score().progress() >= 1
        && drive.score().distanceM() >= COMPLETE_SHARE * expert.score().distanceM();
  }

  /**
   * Whether it is complete and nothing was wrong: nothing hit, no red light and no stop sign run,
   * its lane kept, no stop for nothing.
   */
  public static boolean clean(DriveOutcome drive, DriveOutcome expert) {
    Scoreboard score = drive.score();
    return completed(drive, expert)
        && score.collisions() == 0
        && score.redLightsRun() == 0
        && score.stopSignsRun() == 0
        && score.laneDepartures() == 0
        && !falseStop(drive, expert);
  }

  /**
   * Whether it stood for 3 s on end with nothing to stand for, by the referee, or while the expert
   * at the same times drove.
   */
  public static boolean falseStop(DriveOutcome drive, DriveOutcome expert) {
    return drive.score().falseStops() > 0 || stoodWhileTheExpertDrove(drive, expert);
  }

  private static boolean stoodWhileTheExpertDrove(DriveOutcome drive, DriveOutcome expert) {
    int run = 0;
    int sets = Math.min(drive.way().frames(), expert.way().frames());
    for (int i = 0; i < sets; i++) {
      boolean stands =
          drive.way().speedMps(i) < STANDING_MPS && expert.way().speedMps(i) > MOVING_MPS;
      run = stands ? run + 1 : 0;
      if (run >= FALSE_STOP_SETS) {
        return true;
      }
    }
    return false;
  }
}
