package saccade.hil.drive;

/** Judges a drive beside the expert's drive of the same scenario and seed. */
public final class DriveJudge {
  /**
   * A drive is complete with this share of the expert's distance, no collision, and no red light or
   * stop sign run.
   */
  public static final double COMPLETE_SHARE = 0.7;

  private static final double STANDING_MPS = 0.3;
  private static final double MOVING_MPS = 2;
  private static final int FALSE_STOP_SETS = 30; // 3 s at 10 Hz

  private DriveJudge() {}

  /** Whether the drive got about as far as the expert, cleanly. */
  public static boolean completed(DriveOutcome drive, DriveOutcome expert) {
    return drive.score().collisions() == 0
        && drive.score().redLightsRun() == 0
        && drive.score().stopSignsRun() == 0
        && drive.score().distanceM() >= COMPLETE_SHARE * expert.score().distanceM();
  }

  /** Whether the drive stood for 3 s on end while the expert, at the same times, drove. */
  public static boolean falseStop(DriveOutcome drive, DriveOutcome expert) {
    int run = 0;
    int sets = Math.min(drive.speedsMps().size(), expert.speedsMps().size());
    for (int i = 0; i < sets; i++) {
      boolean stands =
          drive.speedsMps().get(i) < STANDING_MPS && expert.speedsMps().get(i) > MOVING_MPS;
      run = stands ? run + 1 : 0;
      if (run >= FALSE_STOP_SETS) {
        return true;
      }
    }
    return false;
  }
}
