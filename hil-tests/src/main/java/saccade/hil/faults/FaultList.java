package saccade.hil.faults;

import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import saccade.hil.faults.FaultyPerceiver.Wrong;
import saccade.kernels.geometry.Rig;
import saccade.nodes.pipeline.MessageHealth;
import saccade.nodes.run.MessageLog;
import saccade.nodes.sensor.SensorTap;
import saccade.perception.engine.EngineOptions;
import saccade.perception.engine.ExecutionProvider;
import saccade.planner.PlannerMessage;

/** The faults of one run in one process. */
final class FaultList {
  private static final long LATE_NS = 120_000_000L; // the set has left by then
  private static final long FUTURE_NS = 5_000_000_000L;

  /** Whether the fault of the trial under way is on; for taps. */
  static volatile boolean active;

  private FaultList() {}

  /** All of them for a rig. */
  static List<FaultCase> of(Rig rig) {
    int lidar = rig.cameras().size();
    int sensors = lidar + (rig.lidar() == null ? 0 : 1);
    String camera = rig.cameras().get(0).name();
    List<FaultCase> all = new ArrayList<>();
    all.add(FaultCase.of("camera lost").frames(on(0, f -> f.copies = 0)).without(camera));
    all.add(FaultCase.of("camera late").frames(on(0, f -> f.delayNs = LATE_NS)).without(camera));
    all.add(FaultCase.of("camera duplicated").frames(on(0, f -> f.copies = 2)));
    all.add(
        FaultCase.of("camera black")
            .frames(on(0, f -> f.change = (slot, bytes) -> slot.asSlice(0, bytes).fill((byte) 0)))
            .without(camera));
    all.add(FaultCase.of("camera frozen").frames(on(0, f -> f.shows = 3)).without(camera));
    all.add(
        FaultCase.of("all sensors lost")
            .frames(f -> f.copies = f.on ? 0 : 1)
            .told(MessageHealth.ERROR, m -> m.kind() == PlannerMessage.Kind.FALLBACK));
    if (rig.lidar() != null) {
      String sweep = rig.lidar().name();
      all.add(
          FaultCase.of("all cameras lost")
              .frames(f -> f.copies = f.on && f.sensor < lidar ? 0 : 1)
              .told(MessageHealth.ERROR, m -> m.reason().contains("no camera ahead")));
      all.add(
          FaultCase.of("cloud with NaN")
              .frames(on(lidar, f -> f.change = FaultList::nan))
              .without(sweep));
      all.add(
          FaultCase.of("cloud without points").frames(on(lidar, f -> f.bytes = 0)).without(sweep));
      all.add(FaultCase.of("cloud frozen").frames(on(lidar, f -> f.shows = 3)).without(sweep));
    }
    all.add(FaultCase.of("stamps 0").frames(on(0, f -> f.captureNs = 0)).without(camera));
    all.add(
        FaultCase.of("stamps in the future")
            .frames(on(0, f -> f.captureNs += FUTURE_NS))
            .without(camera));
    all.add(
        FaultCase.of("stamps backwards")
            .frames(on(0, f -> f.captureNs -= 200_000_000L * (f.set % 5)))
            .told(MessageHealth.WARN, m -> m.sensorsMissing().contains(camera)));
    all.add(
        FaultCase.of("clock pauses")
            .frames(new DeviceClock(DeviceClock.Does.PAUSES, sensors))
            .told(MessageHealth.ERROR, m -> m.kind() == PlannerMessage.Kind.FALLBACK));
    all.add(FaultCase.of("clock reset").frames(new DeviceClock(DeviceClock.Does.RESETS, sensors)));
    all.add(FaultCase.of("clock loops").frames(new DeviceClock(DeviceClock.Does.LOOPS, sensors)));
    all.add(
        FaultCase.of("/clock pauses")
            .clock(TopicSource.Does.PAUSES)
            .told(MessageHealth.ERROR, m -> m.kind() == PlannerMessage.Kind.FALLBACK));
    all.add(FaultCase.of("/clock reset").clock(TopicSource.Does.RESETS));
    all.add(FaultCase.of("/clock loops").clock(TopicSource.Does.LOOPS));
    all.add(source("source crashes", SourceFault.CRASHES));
    all.add(source("source hangs", SourceFault.HANGS));
    all.add(
        FaultCase.of("engine does not load")
            .engine(EngineOptions.DEFAULT.withProvider(ExecutionProvider.TENSORRT)));
    all.add(
        FaultCase.of("inference 5 times slower")
            .wrong(Wrong.SLOW)
            .told(MessageHealth.WARN, m -> true));
    all.add(
        FaultCase.of("inference hangs until stopped")
            .wrong(Wrong.HANGS_UNTIL_STOPPED)
            .told(MessageHealth.WARN, m -> m.kind() == PlannerMessage.Kind.FALLBACK));
    all.add(
        FaultCase.of("inference hangs")
            .wrong(Wrong.HANGS)
            .told(MessageHealth.ERROR, m -> m.effort().stages().contains("perception")));
    all.add(
        FaultCase.of("NaN in the model")
            .wrong(Wrong.NOT_FINITE)
            .told(MessageHealth.WARN, m -> m.reason().contains("not finite")));
    all.add(
        FaultCase.of("engine fails")
            .wrong(Wrong.ENGINE_FAILS)
            .told(MessageHealth.WARN, m -> m.kind() == PlannerMessage.Kind.FALLBACK));
    if (Files.exists(Path.of("/dev/full"))) {
      all.add(
          FaultCase.of("disk full, json lines")
              .output(() -> MessageLog.open("/dev/full"))
              .told(MessageHealth.WARN, m -> m.effort().stages().contains("output"))
              .lasting("output"));
    }
    all.add(
        FaultCase.of("output hangs")
            .output(() -> publication -> hang())
            .told(MessageHealth.WARN, m -> m.effort().stages().contains("output"))
            .lasting("output"));
    return all;
  }

  private static FrameFault on(int sensor, FrameFault what) {
    return frame -> {
      if (frame.on && frame.sensor == sensor) {
        what.apply(frame);
      }
    };
  }

  private static void nan(MemorySegment slot, int bytes) {
    for (long at = 0; at + 4 <= bytes; at += 4) {
      slot.set(ValueLayout.JAVA_FLOAT_UNALIGNED, at, Float.NaN);
    }
  }

  private static void hang() {
    try {
      TimeUnit.MINUTES.sleep(10);
    } catch (InterruptedException e) {
      throw new IllegalStateException("interrupted", e);
    }
  }

  private enum SourceFault {
    CRASHES,
    HANGS
  }

  /** The product's own source, broken once from the inside. */
  private static FaultCase source(String name, SourceFault fault) {
    AtomicBoolean done = new AtomicBoolean();
    CountDownLatch never = new CountDownLatch(1);
    SensorTap tap =
        (sensor, captureNs, payload, bytes) -> {
          if (active && done.compareAndSet(false, true)) {
            if (fault == SourceFault.CRASHES) {
              throw new IllegalStateException("broken on purpose");
            }
            try {
              never.await(1, TimeUnit.MINUTES);
            } catch (InterruptedException e) {
              Thread.currentThread().interrupt();
            }
          }
          return true;
        };
    return FaultCase.of(name)
        .tap(tap)
        .told(MessageHealth.ERROR, m -> m.effort().stages().contains("source"));
  }

  /**
   * A collector that stops the world: full collections of many small objects that live. In a JVM of
   * its own with the serial collector.
   */
  static FaultCase collectorPause() {
    return FaultCase.of("collector pauses")
        .event(
            () -> {
              List<int[][]> alive = new ArrayList<>();
              for (int i = 0; i < 60; i++) {
                int[][] part = new int[100_000][];
                for (int k = 0; k < part.length; k++) {
                  part[k] = new int[8];
                }
                alive.add(part);
              }
              for (int i = 0; i < 3; i++) {
                System.gc();
              }
              if (alive.size() != 60) {
                throw new IllegalStateException("wanted 60 parts, found " + alive.size());
              }
            });
  }

  /** A folder for files of a trial. */
  static Path scratch() throws IOException {
    return Files.createTempDirectory("saccade-faults");
  }
}
