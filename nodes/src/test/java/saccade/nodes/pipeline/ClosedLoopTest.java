package saccade.nodes.pipeline;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import saccade.kernels.geometry.CameraModel;
import saccade.kernels.geometry.LidarModel;
import saccade.kernels.geometry.Pose;
import saccade.kernels.geometry.Rig;
import saccade.nodes.sensor.SensorTap;
import saccade.planner.GeometricReflex;
import saccade.planner.OutputCodec;
import saccade.planner.PlannerMessage;
import saccade.planner.PlannerMessage.Kind;
import saccade.sim.Scenario;
import saccade.sim.Simulation;

class ClosedLoopTest {
  private static final long MS = 1_000_000L;
  private static final Rig RIG =
      new Rig(
          List.of(CameraModel.ofHorizontalFov("small", 32, 16, 1.5, Pose.of(1.6, 0, 1.5, 0, 0, 0))),
          new LidarModel("top", Pose.of(1.2, 0, 1.9, 0, 0, 0), 16, 256, -0.4, 0.1, 80));

  private final List<PlannerMessage> messages = new ArrayList<>();

  private Simulation drive(
      String scenario,
      Perceiver perceiver,
      PipelineOptions options,
      long latencyNs,
      SensorTap tap,
      int sets) {
    Simulation simulation = new Simulation(RIG, Scenario.named(scenario), 3);
    try (ClosedLoop loop =
        new ClosedLoop(
            RIG,
            simulation,
            options,
            perceiver,
            OutputCodec.saccadeNano(),
            latencyNs,
            tap,
            publication -> messages.add(publication.message()))) {
      for (int i = 0; i < sets; i++) {
        loop.step();
      }
      assertEquals(ClosedLoop.ORIGIN_NS + sets * 100 * MS, loop.nowNs());
    }
    return simulation;
  }

  @Test
  void theEgoStopsWhenTheTokensSayBrake() {
    Simulation simulation =
        drive(
            "empty-road",
            RulePerceiver.of(-3),
            PipelineOptions.tenHertz(),
            40 * MS,
            SensorTap.OPEN,
            50);
    assertEquals(0, simulation.odometry().speedMps(), 1e-6);
    assertEquals(50, messages.stream().filter(m -> m.kind() == Kind.FRESH).count());
    assertTrue(messages.stream().allMatch(m -> m.ageNs() == 40 * MS), "age is the latency given");
  }

  @Test
  void theAnswerActsOnlyAfterItsLatency() {
    double early = speedAfterOneSecond(10 * MS);
    double late = speedAfterOneSecond(80 * MS);
    assertTrue(early < late - 0.1, "braked by 10 ms: " + early + ", by 80 ms: " + late);
  }

  private double speedAfterOneSecond(long latencyNs) {
    return drive(
            "empty-road",
            RulePerceiver.of(-4),
            PipelineOptions.tenHertz(),
            latencyNs,
            SensorTap.OPEN,
            10)
        .odometry()
        .speedMps();
  }

  @Test
  void sameSeedAndLatencyGiveTheSameDriveToTheLastBit() {
    List<PlannerMessage> first = messagesOf();
    List<PlannerMessage> second = messagesOf();
    assertEquals(first, second);
    assertNotEquals(0, first.size());
  }

  private List<PlannerMessage> messagesOf() {
    messages.clear();
    drive(
        "lead-brake",
        RulePerceiver.of(-1),
        PipelineOptions.tenHertz(),
        30 * MS,
        SensorTap.OPEN,
        20);
    return List.copyOf(messages);
  }

  @Test
  void answersPastTheBudgetAreFallbacksFirst() {
    drive(
        "empty-road",
        RulePerceiver.of(-3),
        PipelineOptions.tenHertz(),
        150 * MS,
        SensorTap.OPEN,
        20);
    long fallbacks = messages.stream().filter(m -> m.kind() == Kind.FALLBACK).count();
    assertTrue(fallbacks >= 19, "each instant has its message at the deadline: " + fallbacks);
    assertTrue(
        messages.stream()
            .filter(m -> m.kind() == Kind.FALLBACK)
            .allMatch(m -> m.ageNs() == 90 * MS));
  }

  @Test
  void aTapMayBlankOrWithholdASensor() {
    int[] seen = {0};
    SensorTap tap =
        (sensor, captureNs, payload, bytes) -> {
          if (sensor == 0) {
            payload.asSlice(0, bytes).fill((byte) 0);
            seen[0]++;
            return true;
          }
          return false;
        };
    drive("empty-road", RulePerceiver.of(0), PipelineOptions.tenHertz(), 10 * MS, tap, 10);
    assertEquals(10, seen[0]);
    assertEquals(10, messages.stream().filter(m -> m.kind() == Kind.FRESH).count());
  }

  @Test
  void theReflexBrakesThoughTheTokensDoNot() {
    Simulation without =
        drive(
            "lead-brake",
            RulePerceiver.of(0.5),
            PipelineOptions.tenHertz(),
            10 * MS,
            SensorTap.OPEN,
            100);
    assertTrue(without.scoreboard().collisions() > 0, "without: runs into the lead car");
    Simulation with =
        drive(
            "lead-brake",
            RulePerceiver.of(0.5),
            PipelineOptions.tenHertz().withReflex(GeometricReflex.Mode.ON),
            10 * MS,
            SensorTap.OPEN,
            60);
    assertEquals(0, with.scoreboard().collisions(), "with: does not");
  }

  @Test
  void picturesReachTheTapRendered() {
    long[] sum = {0};
    drive(
        "empty-road",
        RulePerceiver.of(0),
        PipelineOptions.tenHertz(),
        10 * MS,
        (sensor, captureNs, payload, bytes) -> {
          if (sensor == 0) {
            sum[0] += brightness(payload, bytes);
          }
          return true;
        },
        2);
    assertTrue(sum[0] > 32 * 16 * 3 * 20, "not black: " + sum[0]);
  }

  private static long brightness(MemorySegment payload, int bytes) {
    long sum = 0;
    for (int i = 0; i < bytes; i++) {
      sum += payload.get(ValueLayout.JAVA_BYTE, i) & 0xFF;
    }
    return sum;
  }
}
