package saccade.hil.drive;

import java.util.List;
import java.util.Locale;
import saccade.hil.report.Report;

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
  private double progress;
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
  private long disturbed;

  /** Nothing driven yet. */
  public DriveTally() {}

  /** Adds a drive and the expert's with the same seed. */
  public void add(DriveOutcome drive, DriveOutcome expert) {
    add(DriveFigures.of(drive, expert));
  }

  void add(DriveFigures drive) {
    drives++;
    clean += drive.clean() ? 1 : 0;
    collided += drive.collisions() > 0 ? 1 : 0;
    ranRed += drive.redLights() > 0 ? 1 : 0;
    ranStop += drive.stopSigns() > 0 ? 1 : 0;
    leftLane += drive.lanesLeft() > 0 ? 1 : 0;
    completed += drive.completed() ? 1 : 0;
    falseStops += drive.falseStop() ? 1 : 0;
    progress += drive.progress();
    distanceM += drive.distanceM();
    expertDistanceM += drive.expertM();
    accelSquares += drive.rmsAccelMps2() * drive.rmsAccelMps2();
    jerkSquares += drive.rmsJerkMps3() * drive.rmsJerkMps3();
    maxAccel = Math.max(maxAccel, drive.maxAccelMps2());
    maxJerk = Math.max(maxJerk, drive.maxJerkMps3());
    maxLateral = Math.max(maxLateral, drive.maxLateralMps2());
    minTtc = Math.min(minTtc, drive.minTtcS());
    messages += drive.messages();
    fresh += drive.fresh();
    misses += drive.misses();
    disturbed += drive.disturbed();
  }

  int drives() {
    return drives;
  }

  /** Share of drives that got to their goal with nothing wrong on the way. */
  public double cleanShare() {
    return share(clean);
  }

  /** Share of drives that got to their goal, whatever happened on the way. */
  public double completedShare() {
    return share(completed);
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

  /** Share of the deadlines without an answer in time; one message a deadline. */
  double missShare() {
    return (double) misses / Math.max(1, messages);
  }

  /** Mean share of the way to the goal. */
  double progress() {
    return progress / Math.max(1, drives);
  }

  long disturbed() {
    return disturbed;
  }

  /** Of drives, 0..1. */
  double share(int count) {
    return (double) count / Math.max(1, drives);
  }

  /** Figures of one scenario, for the JSON line: its name is their first part. */
  void details(String scenario, Report report) {
    String key = scenario.replace('-', '_');
    report
        .detail(key + "_clean_share", cleanShare())
        .detail(key + "_completed_share", completedShare())
        .detail(key + "_progress", progress())
        .detail(key + "_collided", collided)
        .detail(key + "_ran_red", ranRed)
        .detail(key + "_ran_stop_sign", ranStop)
        .detail(key + "_left_lane", leftLane)
        .detail(key + "_false_stops", falseStops)
        .detail(key + "_misses", (double) misses)
        .detail(key + "_accel_rms", rmsAccel())
        .detail(key + "_jerk_rms", rmsJerk());
  }

  /** In one line, for who watches a run. */
  String line() {
    return String.format(
        Locale.ROOT,
        "%d drives, %.0f %% clean, %.0f %% complete; hit %d, ran red %d, ran stop sign %d, left lane %d,"
            + " stood for nothing %d; misses %d; jerk rms %.1f m/s^3",
        drives,
        100 * cleanShare(),
        100 * completedShare(),
        collided,
        ranRed,
        ranStop,
        leftLane,
        falseStops,
        misses,
        rmsJerk());
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
