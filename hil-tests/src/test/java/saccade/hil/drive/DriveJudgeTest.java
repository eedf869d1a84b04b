package saccade.hil.drive;

import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import saccade.sim.Scoreboard;

class DriveJudgeTest {
  private static DriveOutcome drive(
      double distanceM, int collisions, int redLights, List<Double> speeds) {
    Scoreboard score =
        new Scoreboard(
            collisions,
            redLights,
            Double.NaN,
            Double.NaN,
            Double.NaN,
            Double.NaN,
            Double.NaN,
            distanceM,
            9,
            0,
            0,
            0,
            0,
            1,
            new Scoreboard.Comfort(0, 0, 0, 0, 0, 0));
    return new DriveOutcome(new ControlTrace(), speeds, score, 0, 0, 0, 0);
  }

  private static List<Double> speeds(double first, int sets, double then, int more) {
    List<Double> speeds = new ArrayList<>();
    for (int i = 0; i < sets; i++) {
      speeds.add(first);
    }
    for (int i = 0; i < more; i++) {
      speeds.add(then);
    }
    return speeds;
  }

  @Test
  void completeMeansFarEnoughAndClean() {
    DriveOutcome expert = drive(100, 0, 0, List.of());
    assertTrue(DriveJudge.completed(drive(70, 0, 0, List.of()), expert));
    assertFalse(DriveJudge.completed(drive(69, 0, 0, List.of()), expert));
    assertFalse(DriveJudge.completed(drive(100, 1, 0, List.of()), expert));
    assertFalse(DriveJudge.completed(drive(100, 0, 1, List.of()), expert));
  }

  @Test
  void aFalseStopLastsThreeSecondsWhileTheExpertDrives() {
    DriveOutcome moving = drive(100, 0, 0, speeds(8, 60, 8, 0));
    assertTrue(DriveJudge.falseStop(drive(40, 0, 0, speeds(8, 30, 0, 30)), moving));
    assertFalse(DriveJudge.falseStop(drive(40, 0, 0, speeds(8, 31, 0, 29)), moving));
    DriveOutcome standing = drive(40, 0, 0, speeds(8, 30, 0, 30));
    assertFalse(DriveJudge.falseStop(drive(40, 0, 0, speeds(8, 30, 0, 30)), standing));
  }
}
