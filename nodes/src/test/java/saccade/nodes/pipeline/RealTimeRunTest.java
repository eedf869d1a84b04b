package saccade.nodes.pipeline;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicInteger;
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
import saccade.planner.PlannerMessage.Kind;

/** With threads and the real clock; counts only, no timing is asserted (the machine is shared). */
@Timeout(60)
class RealTimeRunTest {
  private static final Rig RIG =
      new Rig(
          List.of(CameraModel.ofHorizontalFov("small", 32, 16, 1.5, Pose.of(1.6, 0, 1.5, 0, 0, 0))),
          new LidarModel("top", Pose.of(1.2, 0, 1.9, 0, 0, 0), 8, 64, -0.4, 0.1, 80));

  private static SimulatorSource simulator() {
    return new SimulatorSource(RIG, "empty-road", 1, 10, SensorTap.OPEN);
  }

  private static RealTimeRun start(SimulatorSource source, Perceiver perceiver, AtomicInteger heard)
      throws InterruptedException {
    RealTimeRun run =
        new RealTimeRun(
            PipelineOptions.tenHertz(),
            source,
            perceiver,
            OutputCodec.saccadeNano(),
            source,
            publication -> heard.incrementAndGet(),
            HostPolicy.AS_IS);
    run.begin();
    run.startSource();
    return run;
  }

  private static void waitFor(AtomicInteger heard, int count) throws InterruptedException {
    while (heard.get() < count) {
      Thread.sleep(5);
    }
  }

  @Test
  void everyInstantGetsItsMessageAndTheAccountsBalance() throws InterruptedException {
    SimulatorSource source = simulator();
    AtomicInteger heard = new AtomicInteger();
    RealTimeRun run = start(source, RulePerceiver.of(-2), heard);
    waitFor(heard, 12);
    run.stop();
    assertNull(run.failure());
    assertNull(source.failure());
    assertEquals(List.of(), run.pipeline().imbalances());
    PipelineCounts counts = run.pipeline().counts();
    assertTrue(counts.messages(Kind.FRESH) > 0, counts.report());
    assertTrue(counts.ticks() > 0);
    assertTrue(source.framesIn() >= 2 * counts.sets());
    assertEquals(0, source.commandsLost());
    assertEquals(1, source.laps().size());
    assertFalse(run.laneHung());
    run.close();
  }

  @Test
  void aModelThatHangsCostsFallbacksAndDoesNotHangTheEnd() throws InterruptedException {
    CountDownLatch release = new CountDownLatch(1);
    RulePerceiver perceiver =
        new RulePerceiver(
            0,
            1,
            () -> {
              try {
                release.await();
              } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
              }
            });
    SimulatorSource source = simulator();
    AtomicInteger heard = new AtomicInteger();
    RealTimeRun run = start(source, perceiver, heard);
    waitFor(heard, 8);
    run.stop();
    assertTrue(run.laneHung());
    assertNull(run.failure());
    PipelineCounts counts = run.pipeline().counts();
    assertEquals(0, counts.messages(Kind.FRESH));
    assertTrue(counts.messages(Kind.FALLBACK) >= 6, counts.report());
    // On a busy machine sets may expire before the one that hangs is begun.
    assertTrue(counts.sets() >= 1 && counts.setsAnswered() == 0, counts.report());
    assertEquals(List.of(), run.pipeline().imbalances());
    run.close();
    release.countDown();
  }
}
