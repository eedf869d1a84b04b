package saccade.nodes.pipeline;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.List;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.BooleanSupplier;
import java.util.function.Predicate;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import saccade.kernels.geometry.CameraModel;
import saccade.kernels.geometry.LidarModel;
import saccade.kernels.geometry.Pose;
import saccade.kernels.geometry.Rig;
import saccade.nodes.graph.HostPolicy;
import saccade.nodes.sensor.SensorTap;
import saccade.nodes.sensor.SimulatorSource;
import saccade.planner.OutputCodec;
import saccade.planner.PlannerMessage;

/** Stages that hang or crash beside the model's: each is made anew, the others go on. */
@Timeout(60)
class StagesTest {
  private static final Rig RIG =
      new Rig(
          List.of(CameraModel.ofHorizontalFov("small", 32, 16, 1.5, Pose.of(1.6, 0, 1.5, 0, 0, 0))),
          new LidarModel("top", Pose.of(1.2, 0, 1.9, 0, 0, 0), 8, 64, -0.4, 0.1, 80));

  private final ConcurrentLinkedQueue<PlannerMessage> messages = new ConcurrentLinkedQueue<>();

  private static void waitUntil(BooleanSupplier holds) throws InterruptedException {
    while (!holds.getAsBoolean()) {
      Thread.sleep(5);
    }
  }

  private boolean any(Predicate<PlannerMessage> is) {
    return messages.stream().anyMatch(is);
  }

  private RealTimeRun start(SimulatorSource source, Vehicle vehicle, PipelineListener listener) {
    RealTimeRun run =
        new RealTimeRun(
            PipelineOptions.tenHertz(),
            source,
            RulePerceiver.of(-1),
            OutputCodec.saccadeNano(),
            vehicle,
            listener.and(publication -> messages.add(publication.message())),
            HostPolicy.AS_IS);
    run.begin();
    run.startSource();
    return run;
  }

  private static void end(RealTimeRun run) {
    run.stop();
    assertNull(run.failure());
    assertEquals(List.of(), run.pipeline().imbalances());
    run.close();
  }

  @Test
  void aSourceThatCrashesBeginsAnew() throws InterruptedException {
    AtomicInteger frames = new AtomicInteger();
    SensorTap breaks =
        (sensor, ns, payload, bytes) -> {
          if (frames.incrementAndGet() == 9) {
            throw new IllegalStateException("broken on purpose");
          }
          return true;
        };
    SimulatorSource source = new SimulatorSource(RIG, "empty-road", 1, 10, breaks);
    RealTimeRun run = start(source, source, PipelineListener.NONE);
    waitUntil(() -> source.restarts() == 1 && frames.get() > 20);
    waitUntil(() -> any(m -> m.effort().stages().contains("source")));
    messages.clear();
    waitUntil(() -> any(m -> m.decidedByModel() && m.effort().stages().isEmpty()));
    end(run);
    assertNull(source.failure());
    assertEquals(1, run.pipeline().counts().partRestarts());
  }

  @Test
  void aSourceThatHangsIsLeftBehindAndNothingOfItComesLater() throws InterruptedException {
    CountDownLatch release = new CountDownLatch(1);
    AtomicInteger frames = new AtomicInteger();
    SensorTap hangs =
        (sensor, ns, payload, bytes) -> {
          boolean wait = frames.incrementAndGet() == 9;
          while (wait) {
            try {
              release.await();
              break;
            } catch (InterruptedException e) {
              continue; // deaf
            }
          }
          return true;
        };
    SimulatorSource source = new SimulatorSource(RIG, "empty-road", 1, 10, hangs);
    RealTimeRun run = start(source, source, PipelineListener.NONE);
    waitUntil(() -> source.restarts() == 1 && frames.get() > 20);
    assertTrue(any(m -> m.effort().stages().contains("source")), "the planner is told");
    release.countDown();
    messages.clear();
    waitUntil(() -> any(m -> m.decidedByModel() && m.effort().stages().isEmpty()));
    end(run);
  }

  @Test
  void anOutputThatHoldsTheControlThreadUpIsFreedThenTakenOutAndTheVehicleBrakesMeanwhile()
      throws InterruptedException {
    AtomicInteger calls = new AtomicInteger();
    AtomicInteger brakes = new AtomicInteger();
    PipelineListener hangs =
        publication -> {
          if (calls.incrementAndGet() > 5) {
            try {
              TimeUnit.MINUTES.sleep(5);
            } catch (InterruptedException e) {
              throw new IllegalStateException("interrupted", e);
            }
          }
        };
    SimulatorSource source = new SimulatorSource(RIG, "empty-road", 1, 10, SensorTap.OPEN);
    Vehicle vehicle =
        (nowNs, accel, curvature) -> {
          brakes.addAndGet(Thread.currentThread().getName().equals("guard") ? 1 : 0);
          source.command(nowNs, accel, curvature);
        };
    RealTimeRun run = start(source, vehicle, hangs);
    waitUntil(() -> any(m -> m.effort().stages().contains("down")));
    messages.clear();
    waitUntil(() -> any(PlannerMessage::decidedByModel));
    end(run);
    assertTrue(brakes.get() > 0, "the guard braked");
    assertEquals(7, calls.get(), "not called any more after it hung twice");
  }

  @Test
  void aControlThreadThatEndsGoesOn() throws InterruptedException {
    AtomicInteger ticks = new AtomicInteger();
    SimulatorSource source = new SimulatorSource(RIG, "empty-road", 1, 10, SensorTap.OPEN);
    Vehicle vehicle =
        (nowNs, accel, curvature) -> {
          int tick = ticks.incrementAndGet();
          if (tick == 30 || tick == 31) {
            throw new IllegalStateException("broken on purpose");
          }
        };
    RealTimeRun run = start(source, vehicle, PipelineListener.NONE);
    waitUntil(() -> any(m -> m.effort().stages().contains("control restarting")));
    messages.clear();
    waitUntil(() -> any(m -> m.decidedByModel() && m.effort().stages().isEmpty()));
    end(run);
    assertEquals(1, run.controlRestarts());
  }
}
