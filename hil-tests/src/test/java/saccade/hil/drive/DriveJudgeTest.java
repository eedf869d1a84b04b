package saccade.hil.drive;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import saccade.sim.Scoreboard;
import saccade.sim.truth.RecordedDrive;

class DriveJudgeTest {
  /** A drive of 100 m with nothing wrong; each test makes one thing wrong. */
  private static final class Story {
    double distanceM = 100;
    int collisions;
    int redLights;
    int stopSigns;
    int lanesLeft;
    int falseStops;
    double progress = 1;
    List<Double> speeds = List.of();

    DriveOutcome outcome() {
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
              stopSigns,
              lanesLeft,
              falseStops,
              progress,
              new Scoreboard.Comfort(1, 2, 3, 4, 5, 6));
      double[] states = new double[6 * speeds.size()];
      for (int i = 0; i < speeds.size(); i++) {
        states[6 * i + 3] = speeds.get(i);
      }
      return new DriveOutcome(
          new ControlTrace(), score, 90, 3, 7, 2, 11, new RecordedDrive("demo", 1, states));
    }
  }

  private static final DriveOutcome EXPERT = new Story().outcome();

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

  private static void assertCompleteButUnclean(Story story) {
    assertTrue(DriveJudge.completed(story.outcome(), EXPERT));
    assertFalse(DriveJudge.clean(story.outcome(), EXPERT));
  }

  @Test
  void completeMeansAtTheGoalAndFarEnough() {
    Story story = new Story();
    assertTrue(DriveJudge.clean(story.outcome(), EXPERT));
    story.distanceM = 70;
    assertTrue(DriveJudge.completed(story.outcome(), EXPERT));
    story.distanceM = 69;
    assertFalse(DriveJudge.completed(story.outcome(), EXPERT));
    story.distanceM = 100;
    story.progress = 0.99;
    assertFalse(DriveJudge.completed(story.outcome(), EXPERT));
    assertFalse(DriveJudge.clean(story.outcome(), EXPERT));
  }

  @Test
  void eachThingThatIsWrongOnTheWayMakesADriveUnclean() {
    Story hit = new Story();
    hit.collisions = 1;
    assertCompleteButUnclean(hit);
    Story red = new Story();
    red.redLights = 1;
    assertCompleteButUnclean(red);
    Story sign = new Story();
    sign.stopSigns = 1;
    assertCompleteButUnclean(sign);
    Story lane = new Story();
    lane.lanesLeft = 1;
    assertCompleteButUnclean(lane);
    Story stop = new Story();
    stop.falseStops = 1;
    assertCompleteButUnclean(stop);
  }

  @Test
  void aFalseStopLastsThreeSecondsWhileTheExpertDrives() {
    Story moves = new Story();
    moves.speeds = speeds(8, 60, 8, 0);
    DriveOutcome moving = moves.outcome();
    Story story = new Story();
    story.speeds = speeds(8, 30, 0, 30);
    DriveOutcome standing = story.outcome();
    assertTrue(DriveJudge.falseStop(standing, moving));
    assertFalse(DriveJudge.clean(standing, moving));
    story.speeds = speeds(8, 31, 0, 29);
    assertFalse(DriveJudge.falseStop(story.outcome(), moving));
    assertFalse(DriveJudge.falseStop(standing, standing));
  }

  @Test
  void theFiguresOfADriveComeBackFromTheirLine() {
    Story story = new Story();
    story.collisions = 2;
    story.lanesLeft = 1;
    story.progress = 0.25;
    DriveFigures figures = DriveFigures.of(story.outcome(), EXPERT);
    assertEquals(figures, DriveFigures.of(List.of(figures.line().split("\t", -1))));
    assertEquals("hit 2 times, left its lane, got 25 % of the way", figures.faults());
    assertEquals(100, figures.messages());
    assertEquals(11, figures.disturbed());
    assertThrows(IllegalArgumentException.class, () -> DriveFigures.of(List.of("1", "2", "three")));
  }

  @Test
  void aTallyCountsDrivesAndNotFaults() {
    Story story = new Story();
    story.collisions = 3;
    DriveTally tally = new DriveTally();
    tally.add(story.outcome(), EXPERT);
    tally.add(EXPERT, EXPERT);
    assertEquals(1, tally.collided());
    assertEquals(0.5, tally.cleanShare());
    assertEquals(1, tally.completedShare());
    assertEquals(4, tally.misses());
    assertEquals(4 / 200.0, tally.missShare());
  }
}
