package saccade.sim.export;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import saccade.kernels.geometry.Rig;
import saccade.sim.Scenario;
import saccade.sim.Simulation;
import saccade.sim.export.TensorExport.Mix;
import saccade.sim.export.TensorExport.Rigs;
import saccade.sim.traffic.Ego;
import saccade.sim.truth.Expert;
import saccade.sim.truth.Plan;
import saccade.sim.truth.RecordedDrive;

/** Drives that somebody else drove: written, read, replayed, drawn from. */
class RecordedDriveTest {
  private static final int FRAMES = 6;
  private static final long SEED = 1L << 40;

  private final Expert expert = new Expert();

  /** Somebody who drives as the expert does until it is time to go round the cones, and stops. */
  private RecordedDrive stuckDrive() {
    Scenario scenario = Scenario.named("lane-closed");
    Simulation simulation = new Simulation(new Rig(List.of(), null), scenario, SEED);
    RecordedDrive.Recorder recorder = new RecordedDrive.Recorder();
    while (!simulation.done()) {
      recorder.frame(simulation);
      Plan plan = expert.plan(simulation);
      boolean brakes = plan.reason() == Plan.Reason.CONES;
      simulation.command(brakes ? -3 : plan.accelMps2()[0], plan.curvature1pm()[0]);
      simulation.advance(0.1);
    }
    return recorder.of(scenario, SEED);
  }

  @Test
  void aDriveComesBackFromItsLine(@TempDir Path dir) throws IOException {
    RecordedDrive drive = stuckDrive();
    assertEquals(280, drive.frames());
    Path file =
        Files.writeString(dir.resolve("drives.tsv"), drive.line() + "\n" + drive.line() + "\n");
    List<RecordedDrive> again = RecordedDrive.read(file);
    assertEquals(2, again.size());
    assertEquals("lane-closed", again.getLast().scenario());
    assertEquals(SEED, again.getLast().seed());
    assertArrayEquals(drive.states(), again.getLast().states(), 6e-4);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      textBlock =
          """
          lane-closed#5                        | wanted scenario, seed and states
          lane-closed#5#1 2 3 4 5              | found 5 numbers
          nowhere#5#1 2 3 4 5 6                | unknown scenario "nowhere"
          lane-closed#x#1 2 3 4 5 6            | wanted a seed, found x
          lane-closed#5#1 2 NaN 4 5 6          | found NaN
          lane-closed#5#1 2 3 -4 5 6           | a speed of 0 or more, found -4
          """)
  void whatIsNoDriveIsNamedWithItsLine(String line, String why, @TempDir Path dir)
      throws IOException {
    Path file =
        Files.writeString(
            dir.resolve("drives.tsv"), stuckDrive().line() + "\n" + line.replace('#', '\t') + "\n");
    String message =
        assertThrows(IllegalArgumentException.class, () -> RecordedDrive.read(file)).getMessage();
    assertTrue(message.contains("drives.tsv, line 2: ") && message.contains(why), message);
  }

  @ParameterizedTest
  @CsvSource({"lane-closed, 520000", "child-from-parked, 1099511627776", "demo, 1099511627776"})
  void whatIsKeptForJudgingIsRefused(String scenario, long seed, @TempDir Path dir)
      throws IOException {
    RecordedDrive drive = new RecordedDrive(scenario, seed, new double[60]);
    Path out = dir.resolve("out");
    Path file = Files.writeString(dir.resolve("drives.tsv"), drive.line() + "\n");
    TensorExport.Order order = new TensorExport.Order(Mix.DRIVEN, Rigs.BOTH, 1, 6, 1, file);
    String message =
        assertThrows(
                IllegalArgumentException.class,
                () -> TensorExport.run(out, order, 1, (done, total) -> {}))
            .getMessage();
    assertTrue(message.contains("drives.tsv, line 1: "), message);
    assertTrue(message.contains("kept for judging"), message);
    assertFalse(Files.exists(out), "nothing is begun");
  }

  /** Whatever bytes a line has: a drive, or one line that says what is wrong. */
  @Test
  void brokenLinesAreNeverMoreThanAComplaint(@TempDir Path dir) throws IOException {
    String whole = new RecordedDrive("curve", SEED, new double[60]).line();
    SplittableRandom random = new SplittableRandom(7);
    String letters = "\t .-0123456789eEN\u00e4x";
    int refused = 0;
    for (int i = 0; i < 2000; i++) {
      StringBuilder line = new StringBuilder(whole);
      for (int change = random.nextInt(1, 4); change > 0; change--) {
        int at = random.nextInt(line.length());
        char letter = letters.charAt(random.nextInt(letters.length()));
        switch (random.nextInt(3)) {
          case 0 -> line.setCharAt(at, letter);
          case 1 -> line.insert(at, letter);
          default -> line.setLength(Math.max(1, at));
        }
      }
      Path file = Files.writeString(dir.resolve("drives.tsv"), line + "\n");
      try {
        assertEquals(0, RecordedDrive.read(file).getFirst().states().length % 6);
      } catch (IllegalArgumentException e) {
        assertTrue(e.getMessage().contains("drives.tsv, line 1: "), e.getMessage());
        refused++;
      }
    }
    assertTrue(refused > 500 && refused < 2000, refused + " of 2000 refused");
  }

  @Test
  void recordedDrivesAreForTheirMixAlone() {
    assertThrows(
        IllegalArgumentException.class,
        () -> new TensorExport.Order(Mix.WIDE, Rigs.BOTH, 1, 6, 1, Path.of("drives.tsv")));
    assertThrows(
        IllegalArgumentException.class,
        () -> new TensorExport.Order(Mix.DRIVEN, Rigs.BOTH, 1, 6, 1));
  }

  @Test
  void drivesThatAreTooShortForASequenceAreNamed() {
    RecordedDrive drive = stuckDrive();
    RecordedDrive few =
        new RecordedDrive(drive.scenario(), SEED, Arrays.copyOf(drive.states(), 6 * 5));
    Drives drives = new Drives(List.of(few));
    assertEquals(0, drives.draw(Mix.DRIVEN, 1, 5).world().timeS(), 1e-9);
    String message =
        assertThrows(IllegalArgumentException.class, () -> drives.draw(Mix.DRIVEN, 1, FRAMES))
            .getMessage();
    assertTrue(message.contains("none of 1 that goes on for 6 frames"), message);
  }

  /**
   * The sequences lie on the recorded way, with the world of that instant, and mostly where its
   * driver stands and the expert would go.
   */
  @Test
  void sequencesLieOnTheWayAndRatherWhereTheExpertWouldDoElse() {
    RecordedDrive way = stuckDrive();
    Drives drives = new Drives(List.of(way));
    double[] sd = new double[2];
    int differ = 0;
    for (int i = 0; i < 60; i++) {
      Drive drive = drives.draw(Mix.DRIVEN, i, FRAMES);
      boolean differs = false;
      for (int frame = 0; frame < FRAMES; frame++) {
        int at = (int) Math.round(drive.world().timeS() * 10);
        Plan plan = expert.plan(drive.world(), drive.ego(), drive.setSpeedMps());
        assertEquals(way.speedMps(at), drive.ego().speedMps, frame == 0 ? 1e-9 : 0.15, "speed");
        drive.world().road.frenet(drive.ego().x, drive.ego().y, sd);
        double s = sd[0];
        Ego there = new Ego();
        way.steer(at, there);
        drive.world().road.frenet(there.x, there.y, sd);
        assertEquals(sd[0], s, 0.3, "way at frame " + at);
        differs |= plan.accelMps2()[1] > 0.3 && drive.ego().speedMps < 0.3;
        drive.steering().steer(frame, plan, drive.ego());
        for (int step = 0; step < 10; step++) {
          drive.ego().step(0.01);
          drive.world().step(0.01, drive.ego());
        }
      }
      differ += differs ? 1 : 0;
    }
    assertTrue(differ > 20, differ + " of 60 sequences stand where the expert would go");
  }
}
