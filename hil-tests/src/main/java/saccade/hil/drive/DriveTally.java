package saccade.hil.drive;

import java.util.List;
import java.util.Locale;
import saccade.sim.Scoreboard;

/** Sums over the drives of a scenario, each beside the expert's of the same seed. One thread. */
public final class DriveTally {
  /** Heads of the columns of {@link #row}. */
  public static final List<String> HEAD =
      List.of(
          "scenario",
          "drives",
          "clean %",
          "collided",
          "ran red",
          "ran stop",
          "left lane",
          "completed",
          "false stops",
          "misses",
          "metres",
          "expert metres",
          "accel rms/max",
          "jerk rms/max",
          "lateral max",
          "min TTC",
          "fresh %");

  private int drives;
  private int clean;
  private int collided;
  private int ranRed;
  private int ranStop;
  private int leftLane;
  private int completed;
  private int falseStops;
  private double distanceM;
  private double expertDistanceM;
  private double accelSquares;
  private double jerkSquares;
  private double maxAccel;
  private double maxJerk;
  private double maxLateral;
  private double minTtc = Double.POSITIVE_INFINITY;
  private long messages;
  private long fresh;
  private long misses;

  /** Nothing driven yet. */
  public DriveTally() {}

  /** Adds a drive and the expert's with the same seed. */
  public void add(DriveOutcome drive, DriveOutcome expert) {
    Scoreboard score = drive.score();
    drives++;
    boolean complete = DriveJudge.completed(drive, expert);
    boolean stopped = score.falseStops() > 0 || DriveJudge.falseStop(drive, expert);
    clean += score.clean() && complete && !stopped ? 1 : 0;
    collided += score.collisions() > 0 ? 1 : 0;
    ranRed += score.redLightsRun() > 0 ? 1 : 0;
    ranStop += score.stopSignsRun() > 0 ? 1 : 0;
    leftLane += score.laneDepartures() > 0 ? 1 : 0;
    completed += complete ? 1 : 0;
    falseStops += stopped ? 1 : 0;
    distanceM += score.distanceM();
    expertDistanceM += expert.score().distanceM();
    Scoreboard.Comfort comfort = score.comfort();
    accelSquares += comfort.rmsAccelMps2() * comfort.rmsAccelMps2();
    jerkSquares += comfort.rmsJerkMps3() * comfort.rmsJerkMps3();
    maxAccel = Math.max(maxAccel, comfort.maxAccelMps2());
    maxJerk = Math.max(maxJerk, comfort.maxJerkMps3());
    maxLateral = Math.max(maxLateral, comfort.maxLateralMps2());
    minTtc = Math.min(minTtc, score.minTimeToCollisionS());
    messages += drive.fresh() + drive.cutShort() + drive.fallback();
    fresh += drive.fresh();
    misses += drive.misses();
  }

  void add(DriveTally other) {
    drives += other.drives;
    clean += other.clean;
    collided += other.collided;
    ranRed += other.ranRed;
    ranStop += other.ranStop;
    leftLane += other.leftLane;
    completed += other.completed;
    falseStops += other.falseStops;
    distanceM += other.distanceM;
    expertDistanceM += other.expertDistanceM;
    accelSquares += other.accelSquares;
    jerkSquares += other.jerkSquares;
    maxAccel = Math.max(maxAccel, other.maxAccel);
    maxJerk = Math.max(maxJerk, other.maxJerk);
    maxLateral = Math.max(maxLateral, other.maxLateral);
    minTtc = Math.min(minTtc, other.minTtc);
    messages += other.messages;
    fresh += other.fresh;
    misses += other.misses;
  }

  int drives() {
    return drives;
  }

  /** Share of drives without a fault. */
  public double cleanShare() {
    return (double) clean / Math.max(1, drives);
  }

  /** Share of drives that got as far as they should. */
  public double completedShare() {
    return (double) completed / Math.max(1, drives);
  }

  double freshShare() {
    return (double) fresh / Math.max(1, messages);
  }

  /** Root mean square of the acceleration, m/s^2; every drive counts the same. */
  double rmsAccel() {
    return Math.sqrt(accelSquares / Math.max(1, drives));
  }

  /** Root mean square of the jerk, m/s^3. */
  double rmsJerk() {
    return Math.sqrt(jerkSquares / Math.max(1, drives));
  }

  int collided() {
    return collided;
  }

  int ranRed() {
    return ranRed;
  }

  int ranStop() {
    return ranStop;
  }

  int leftLane() {
    return leftLane;
  }

  int falseStops() {
    return falseStops;
  }

  long misses() {
    return misses;
  }

  /** Cells under {@link #HEAD}. */
  public List<String> row(String name) {
    return List.of(
        name,
        Integer.toString(drives),
        tenths(100.0 * cleanShare()),
        Integer.toString(collided),
        Integer.toString(ranRed),
        Integer.toString(ranStop),
        Integer.toString(leftLane),
        Integer.toString(completed),
        Integer.toString(falseStops),
        Long.toString(misses),
        Long.toString(Math.round(distanceM)),
        Long.toString(Math.round(expertDistanceM)),
        tenths(rmsAccel()) + "/" + tenths(maxAccel),
        tenths(rmsJerk()) + "/" + tenths(maxJerk),
        tenths(maxLateral),
        Double.isInfinite(minTtc) ? "-" : tenths(minTtc),
        messages == 0 ? "-" : Long.toString(Math.round(100.0 * freshShare())));
  }

  private static String tenths(double value) {
    return String.format(Locale.ROOT, "%.1f", value);
  }
}
