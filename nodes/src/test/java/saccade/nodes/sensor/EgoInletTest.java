package saccade.nodes.sensor;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import saccade.kernels.geometry.Rig;
import saccade.kernels.motion.Standstill;
import saccade.perception.model.EgoFeature;
import saccade.sim.MotionSensors;
import saccade.sim.Scenario;
import saccade.sim.Simulation;
import saccade.sim.export.TensorExport;
import saccade.sim.truth.Expert;
import saccade.sim.truth.Plan;

/** What the model is told of the last standstill, from whatever source. */
class EgoInletTest {
  private static final long MS = 1_000_000L;

  @TempDir Path folder;

  private final EgoInlet inlet = new EgoInlet();

  private void push(long ms, double mps) {
    inlet.push(new EgoState(ms * MS, mps, 0, 0, 10));
  }

  private void assertTells(double stoodS, double drivenM) {
    EgoState state = inlet.latest();
    assertEquals(stoodS, state.stoodS(), 1e-9);
    assertEquals(drivenM, state.drivenM(), 1e-9);
  }

  @Test
  void shouldCountAlsoOverStatesThatWereNeverTaken() {
    for (int ms = 0; ms <= 1500; ms += 100) {
      push(ms, 0);
    }
    assertTells(1.5, 0);
    push(1600, 0);
    push(1700, 0);
    assertTells(1.7, 0);
    assertEquals(16, inlet.ledger().dropped(), "states that a newer one replaced");
  }

  @Test
  void shouldForgetBetweenTwoDrives() {
    push(0, 0);
    push(800, 0);
    inlet.anotherDrive();
    push(900, 6);
    assertTells(0, Standstill.MOST_M);
  }

  /** A recording at twice its speed: what the vehicle lived through counts. */
  @Test
  void shouldCountByTheVehiclesOwnTime() {
    for (int ms = 0; ms <= 2000; ms += 100) {
      inlet.push(new EgoState(ms / 2 * MS, 0, 0, 0, 10), ms * MS);
    }
    assertTells(2, 0);
  }

  /**
   * Wheels and inertial unit of the pipeline, 10 Hz, against the simulator's own count at 100 Hz,
   * which the training data hold: the same stop at a sign.
   */
  @ParameterizedTest
  @ValueSource(booleans = {true, false})
  void shouldTellTheModelWhatItWasTrainedOn(boolean inertial) {
    int stops = 0;
    for (long seed = 1; seed <= 6; seed++) {
      Simulation drive =
          new Simulation(new Rig(List.of(), null), Scenario.named("stop-sign"), seed);
      Expert expert = new Expert();
      EgoInlet fresh = new EgoInlet();
      SimulatedMotion motion =
          new SimulatedMotion(
              MotionSensors.passengerCar(seed), new EgoFusion(fresh), () -> !inertial);
      boolean stood = false;
      for (int set = 1; !drive.done(); set++) {
        long ns = set * 100 * MS;
        for (int i = 0; i < 10; i++) {
          drive.advance(0.01);
          motion.inertial(drive, ns - (9 - i) * 10 * MS);
        }
        motion.wheels(drive, ns);
        EgoState told = fresh.latest();
        Standstill truth = drive.standstill();
        String what = "seed %d, %.1f s".formatted(seed, drive.timeS());
        assertEquals(truth.stoodS(), told.stoodS(), 0.1, what);
        assertEquals(truth.drivenM(), told.drivenM(), 0.1 + 0.02 * truth.drivenM(), what);
        stood |= told.drivenM() < 5 && told.drivenM() > 0 && told.stoodS() > 0.9;
        Plan plan = expert.plan(drive);
        drive.command(plan.accelMps2()[0], plan.curvature1pm()[0]);
      }
      stops += stood ? 1 : 0;
    }
    assertEquals(6, stops, "each drive stops at its sign and goes on");
  }

  /** The exporter's columns have the runtime's names, and are in the order that it writes down. */
  @Test
  void shouldBeNamedInTheExportAsInADescription() throws IOException {
    TensorExport.Order order =
        new TensorExport.Order(TensorExport.Mix.SUDDEN, TensorExport.Rigs.SHIPPED, 1, 1, 3);
    TensorExport.run(folder, order, 1, (done, total) -> {});
    String layout = Files.readString(folder.resolve("layout.json"));
    String names =
        String.join("\", \"", Arrays.stream(EgoFeature.values()).map(EgoFeature::word).toList());
    assertTrue(layout.contains("[\"" + names + "\"]"), layout);
  }
}
