package saccade.hil.drive;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import saccade.sim.Scoreboard;

/**
 * One judged drive in numbers, which a checkpoint can keep.
 *
 * @param collisions objects hit
 * @param redLights run
 * @param stopSigns run
 * @param lanesLeft times
 * @param falseStop stood for nothing
 * @param completed {@link DriveJudge#completed}
 * @param clean {@link DriveJudge#clean}
 * @param progress share of the way to the goal, 0..1
 * @param distanceM driven
 * @param expertM driven by the expert
 * @param rmsAccelMps2 of its acceleration
 * @param maxAccelMps2 largest
 * @param rmsJerkMps3 of its jerk
 * @param maxJerkMps3 largest
 * @param maxLateralMps2 largest across
 * @param minTtcS least time to collision; infinite: nothing closed
 * @param messages one a deadline
 * @param fresh of them
 * @param misses deadlines without an answer in time
 * @param disturbed frames that were lost, late or came twice
 */
record DriveFigures(
    int collisions,
    int redLights,
    int stopSigns,
    int lanesLeft,
    boolean falseStop,
    boolean completed,
    boolean clean,
    double progress,
    double distanceM,
    double expertM,
    double rmsAccelMps2,
    double maxAccelMps2,
    double rmsJerkMps3,
    double maxJerkMps3,
    double maxLateralMps2,
    double minTtcS,
    long messages,
    long fresh,
    long misses,
    long disturbed) {
  /** Cells of {@link #line}. */
  static final int CELLS = 20;

  /** Of a drive beside the expert's with the same seed. */
  static DriveFigures of(DriveOutcome drive, DriveOutcome expert) {
    Scoreboard score = drive.score();
    Scoreboard.Comfort comfort = score.comfort();
    return new DriveFigures(
        score.collisions(),
        score.redLightsRun(),
        score.stopSignsRun(),
        score.laneDepartures(),
        DriveJudge.falseStop(drive, expert),
        DriveJudge.completed(drive, expert),
        DriveJudge.clean(drive, expert),
        score.progress(),
        score.distanceM(),
        expert.score().distanceM(),
        comfort.rmsAccelMps2(),
        comfort.maxAccelMps2(),
        comfort.rmsJerkMps3(),
        comfort.maxJerkMps3(),
        comfort.maxLateralMps2(),
        score.minTimeToCollisionS(),
        drive.fresh() + drive.cutShort() + drive.fallback(),
        drive.fresh(),
        drive.misses(),
        drive.disturbed());
  }

  /** As cells with tabs between. */
  String line() {
    return String.join(
        "\t",
        Integer.toString(collisions),
        Integer.toString(redLights),
        Integer.toString(stopSigns),
        Integer.toString(lanesLeft),
        Boolean.toString(falseStop),
        Boolean.toString(completed),
        Boolean.toString(clean),
        Double.toString(progress),
        Double.toString(distanceM),
        Double.toString(expertM),
        Double.toString(rmsAccelMps2),
        Double.toString(maxAccelMps2),
        Double.toString(rmsJerkMps3),
        Double.toString(maxJerkMps3),
        Double.toString(maxLateralMps2),
        Double.toString(minTtcS),
        Long.toString(messages),
        Long.toString(fresh),
        Long.toString(misses),
        Long.toString(disturbed));
  }

  /**
   * Of the cells of a line.
   *
   * @throws IllegalArgumentException when they are none
   */
  static DriveFigures of(List<String> cells) {
    if (cells.size() != CELLS) {
      throw new IllegalArgumentException("wanted " + CELLS + " cells, found " + cells.size());
    }
    return new DriveFigures(
        Integer.parseInt(cells.get(0)),
        Integer.parseInt(cells.get(1)),
        Integer.parseInt(cells.get(2)),
        Integer.parseInt(cells.get(3)),
        Boolean.parseBoolean(cells.get(4)),
        Boolean.parseBoolean(cells.get(5)),
        Boolean.parseBoolean(cells.get(6)),
        Double.parseDouble(cells.get(7)),
        Double.parseDouble(cells.get(8)),
        Double.parseDouble(cells.get(9)),
        Double.parseDouble(cells.get(10)),
        Double.parseDouble(cells.get(11)),
        Double.parseDouble(cells.get(12)),
        Double.parseDouble(cells.get(13)),
        Double.parseDouble(cells.get(14)),
        Double.parseDouble(cells.get(15)),
        Long.parseLong(cells.get(16)),
        Long.parseLong(cells.get(17)),
        Long.parseLong(cells.get(18)),
        Long.parseLong(cells.get(19)));
  }

  /** What was wrong, in a few words; empty when it is clean. */
  String faults() {
    List<String> faults = new ArrayList<>();
    say(faults, collisions, "hit");
    say(faults, redLights, "ran red");
    say(faults, stopSigns, "ran a stop sign");
    say(faults, lanesLeft, "left its lane");
    say(faults, falseStop ? 1 : 0, "stood for nothing");
    if (progress < 1) {
      faults.add("got " + Math.round(100 * progress) + " % of the way");
    } else if (!completed) {
      faults.add(String.format(Locale.ROOT, "drove %.0f m of %.0f", distanceM, expertM));
    }
    return String.join(", ", faults);
  }

  private static void say(List<String> to, int times, String what) {
    if (times > 0) {
      to.add(times == 1 ? what : what + " " + times + " times");
    }
  }
}
