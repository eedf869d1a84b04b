package saccade.sim;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Objects;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import saccade.kernels.geometry.LidarModel;
import saccade.kernels.geometry.Rig;

class SimulationTest {
  private static final Rig RIG = Rig.twoCamera();
  private static final LidarModel LIDAR = Objects.requireNonNull(RIG.lidar());
  private static final Rig NO_SENSORS = new Rig(List.of(), null);

  private final MemorySegment picture = Arena.ofAuto().allocate(448 * 256 * 3);
  private final MemorySegment sweep =
      Arena.ofAuto().allocate((long) LIDAR.beams() * LIDAR.columns() * 16);

  /** What came out of a drive: one entry a frame each. */
  private record Recording(List<byte[]> pictures, List<byte[]> sweeps, List<Odometry> odometry) {}

  private Recording record(Scenario scenario, long seed, int frames) {
    Simulation simulation = new Simulation(RIG, scenario, seed);
    Recording recording = new Recording(new ArrayList<>(), new ArrayList<>(), new ArrayList<>());
    for (int frame = 0; frame < frames; frame++) {
      for (int camera = 0; camera < 2; camera++) {
        recording.pictures.add(picture(simulation, camera));
      }
      recording.sweeps.add(sweep(simulation));
      recording.odometry.add(simulation.odometry());
      simulation.command(frame % 2 == 0 ? -1.5 : 0.5, 0.01);
      simulation.advance(0.1);
    }
    return recording;
  }

  private byte[] picture(Simulation simulation, int camera) {
    simulation.renderCamera(camera, picture);
    return picture.toArray(ValueLayout.JAVA_BYTE);
  }

  private byte[] sweep(Simulation simulation) {
    int points = simulation.renderLidar(sweep);
    return sweep.asSlice(0, points * 16L).toArray(ValueLayout.JAVA_BYTE);
  }

  private static void assertSameBytes(List<byte[]> wanted, List<byte[]> found) {
    assertEquals(wanted.size(), found.size());
    for (int i = 0; i < wanted.size(); i++) {
      assertArrayEquals(wanted.get(i), found.get(i), "entry " + i);
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"lead-brake", "red-light", "random"})
  void oneSeedGivesTheSameBytesTwice(String name) {
    Recording once = record(Scenario.named(name), 11, 4);
    Recording again = record(Scenario.named(name), 11, 4);
    assertSameBytes(once.pictures, again.pictures);
    assertSameBytes(once.sweeps, again.sweeps);
    assertEquals(once.odometry, again.odometry);
    assertTrue(once.sweeps.get(0).length > 1000 * 16, "a sweep has points");
  }

  @Test
  void anotherSeedGivesAnotherDrive() {
    Recording one = record(Scenario.named("lead-brake"), 11, 2);
    Recording other = record(Scenario.named("lead-brake"), 12, 2);
    assertFalse(Arrays.equals(one.pictures.get(0), other.pictures.get(0)));
    assertFalse(Arrays.equals(one.sweeps.get(0), other.sweeps.get(0)));
    assertFalse(one.odometry.equals(other.odometry));
  }

  @Test
  void framesDifferWithinADrive() {
    Recording drive = record(Scenario.named("lead-brake"), 11, 2);
    assertFalse(Arrays.equals(drive.pictures.get(0), drive.pictures.get(2)));
    assertFalse(Arrays.equals(drive.sweeps.get(0), drive.sweeps.get(1)));
  }

  @Test
  void renderingDoesNotTouchTheDrive() {
    List<Odometry> watched = record(Scenario.named("queue"), 5, 6).odometry;
    Simulation blind = new Simulation(NO_SENSORS, Scenario.named("queue"), 5);
    for (int frame = 0; frame < 6; frame++) {
      assertEquals(watched.get(frame), blind.odometry());
      blind.command(frame % 2 == 0 ? -1.5 : 0.5, 0.01);
      blind.advance(0.1);
    }
    assertEquals(0, blind.renderLidar(sweep), "a rig without a LiDAR has no points");
  }

  @ParameterizedTest
  @ValueSource(longs = {1, 2, 3})
  void popUpAndItsTwinAreTheSameUntilTheFrame(long seed) {
    int frame = 5;
    Simulation with = new Simulation(RIG, Scenario.popUp(seed, frame, true), 0);
    Simulation without = new Simulation(RIG, Scenario.popUp(seed, frame, false), 99);
    assertEquals(with.setSpeedMps(), without.setSpeedMps());
    for (int i = 0; i < frame; i++) {
      assertArrayEquals(picture(with, 0), picture(without, 0), "front_wide, frame " + i);
      assertArrayEquals(picture(with, 1), picture(without, 1), "front_tele, frame " + i);
      assertArrayEquals(sweep(with), sweep(without), "sweep, frame " + i);
      assertEquals(with.odometry(), without.odometry());
      for (Simulation simulation : List.of(with, without)) {
        simulation.command(0.1, 0);
        simulation.advance(0.1);
      }
    }
    assertEquals(with.odometry(), without.odometry());
    assertFalse(Arrays.equals(picture(with, 0), picture(without, 0)), "it stands there now");
    assertFalse(Arrays.equals(sweep(with), sweep(without)), "and the LiDAR sees it");
  }

  @Test
  void popUpAppearsOneAndAHalfToThreeSecondsAhead() {
    for (long seed = 0; seed < 20; seed++) {
      Simulation simulation = new Simulation(NO_SENSORS, Scenario.popUp(seed, 7, true), 0);
      simulation.command(0, 0);
      while (simulation.timeS() < 0.7 - 1e-6) {
        simulation.advance(0.1);
      }
      double ttc = simulation.scoreboard().minTimeToCollisionS();
      assertTrue(ttc > 1.49 && ttc < 3.01, "seed " + seed + ": " + ttc + " s");
    }
  }

  @Test
  void aSampledStateHangsOnItsOwnSeedAlone() {
    Recording one = record(Scenario.sampled(8, 3), 0, 1);
    assertSameBytes(one.pictures, record(Scenario.sampled(8, 3), 99, 1).pictures);
    assertFalse(
        Arrays.equals(one.pictures.get(0), record(Scenario.sampled(9, 3), 0, 1).pictures.get(0)));
    assertEquals(0.3, Scenario.sampled(8, 3).durationS(), 1e-12);
    assertThrows(IllegalArgumentException.class, () -> Scenario.sampled(8, 0));
  }

  @Test
  void unknownScenarioIsToldTheNames() {
    String message =
        assertThrows(IllegalArgumentException.class, () -> Scenario.named("lead-break"))
            .getMessage();
    assertTrue(message.contains("\"lead-break\""), message);
    for (String name : Scenario.names()) {
      assertTrue(message.contains(name), message);
      assertEquals(name, Scenario.named(name).name());
    }
    assertTrue(
        Scenario.names()
            .containsAll(
                List.of("demo", "lead-brake", "red-light", "empty-road", "curve", "pop-up")));
  }

  @Test
  void timeEndsTheScenario() {
    Simulation simulation = new Simulation(NO_SENSORS, Scenario.named("pop-up"), 1);
    int tenths = 0;
    while (!simulation.done()) {
      simulation.advance(0.1);
      tenths++;
    }
    assertEquals(Math.round(Scenario.named("pop-up").durationS() * 10), tenths);
    assertEquals(tenths * 0.1, simulation.timeS(), 1e-6);
  }

  @Test
  void refusesWhatMakesNoSense() {
    Simulation simulation = new Simulation(RIG, Scenario.named("demo"), 1);
    for (double dt : new double[] {0, -0.1, Double.NaN, 11}) {
      assertThrows(IllegalArgumentException.class, () -> simulation.advance(dt));
    }
    assertThrows(IllegalArgumentException.class, () -> simulation.command(Double.NaN, 0));
    assertThrows(
        IllegalArgumentException.class, () -> simulation.command(0, Double.POSITIVE_INFINITY));
    assertThrows(IllegalArgumentException.class, () -> Scenario.popUp(1, 0, true));
    String message =
        assertThrows(
                IllegalArgumentException.class,
                () -> simulation.renderCamera(0, picture.asSlice(0, 1000)))
            .getMessage();
    assertTrue(message.contains("344064") && message.contains("1000"), message);
    assertEquals(0, simulation.timeS());
  }

  @Test
  void aSmallSegmentEndsTheSweepEarly() {
    Simulation simulation = new Simulation(RIG, Scenario.named("demo"), 1);
    assertEquals(7, simulation.renderLidar(sweep.asSlice(0, 7 * 16 + 5)));
  }
}
