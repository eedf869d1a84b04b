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
import saccade.kernels.geometry.CameraModel;
import saccade.kernels.geometry.Rig;
import saccade.nodes.pipeline.MessageHealth;
import saccade.nodes.run.MessageLog;
import saccade.nodes.sensor.SensorTap;
import saccade.perception.engine.EngineOptions;
import saccade.perception.engine.ExecutionProvider;
import saccade.planner.PlannerMessage;
import saccade.realtime.ledger.DropReason;

/** The faults of one run in one process. */
final class FaultList {
  private static final long LATE_NS = 120_000_000L; // the set has left by then
  private static final long FUTURE_NS = 5_000_000_000L;
  private static final long SOME = 5; // of the 15 frames or sets of the shortest fault
  private static final long SLOWER_PERCENT = 150; // of 400; somebody else's work makes 50 of it
  private static final long PAUSED_MS = 100;

  /** Whether the fault of the trial under way is on; for taps. */
  static volatile boolean active;

  /** A file that can be opened and never holds a byte. */
  static final Path FULL = Path.of("/dev/full");

  private FaultList() {}

  /** All of them for a rig. */
  static List<FaultCase> of(Rig rig) {
    int lidar = rig.cameras().size();
    int sensors = lidar + (rig.lidar() == null ? 0 : 1);
    String camera = rig.cameras().get(0).name();
    List<String> cameras = rig.cameras().stream().map(CameraModel::name).toList();
    List<String> everything = new ArrayList<>(cameras);
    if (rig.lidar() != null) {
      everything.add(rig.lidar().name());
    }
    List<FaultCase> all = new ArrayList<>();
    all.add(
        new FaultCase("camera lost", Evidence.silent(List.of(camera)))
            .frames(on(0, f -> f.copies = 0))
            .without(camera));
    all.add(
        new FaultCase("camera late", late(camera))
            .frames(on(0, f -> f.delayNs = LATE_NS))
            .without(camera));
    all.add(
        new FaultCase("camera duplicated", Evidence.refused(SOME, DropReason.STAMP_DUPLICATE))
            .frames(on(0, f -> f.copies = 2)));
    all.add(
        new FaultCase("camera black", Evidence.said(SOME, camera + " blank"))
            .frames(on(0, f -> f.change = (slot, bytes) -> slot.asSlice(0, bytes).fill((byte) 0)))
            .without(camera));
    all.add(
        new FaultCase("camera frozen", Evidence.said(SOME, camera + " frozen"))
            .frames(on(0, f -> f.shows = 3))
            .without(camera));
    all.add(
        new FaultCase("all sensors lost", Evidence.silent(everything))
            .frames(f -> f.copies = f.on ? 0 : 1)
            .told(MessageHealth.ERROR, m -> m.kind() == PlannerMessage.Kind.FALLBACK));
    if (rig.lidar() != null) {
      String sweep = rig.lidar().name();
      all.add(
          new FaultCase("all cameras lost", Evidence.silent(cameras))
              .frames(f -> f.copies = f.on && f.sensor < lidar ? 0 : 1)
              .told(MessageHealth.ERROR, m -> m.reason().contains("no camera ahead")));
      all.add(
          new FaultCase("cloud with NaN", Evidence.said(SOME, sweep + " not finite"))
              .frames(on(lidar, f -> f.change = FaultList::nan))
              .without(sweep));
      all.add(
          new FaultCase("cloud without points", Evidence.said(SOME, sweep + " empty"))
              .frames(on(lidar, f -> f.bytes = 0))
              .without(sweep));
      all.add(
          new FaultCase("cloud frozen", Evidence.said(SOME, sweep + " frozen"))
              .frames(on(lidar, f -> f.shows = 3))
              .without(sweep));
    }
    all.add(
        new FaultCase("stamps 0", Evidence.refused(SOME, DropReason.STAMP_ZERO))
            .frames(on(0, f -> f.captureNs = 0))
            .without(camera));
    all.add(
        new FaultCase("stamps in the future", Evidence.refused(SOME, DropReason.STAMP_FUTURE))
            .frames(on(0, f -> f.captureNs += FUTURE_NS))
            .without(camera));
    all.add(
        new FaultCase("stamps backwards", Evidence.refused(SOME, DropReason.STAMP_BACKWARDS))
            .frames(on(0, f -> f.captureNs -= 200_000_000L * (f.set % 5)))
            .told(MessageHealth.WARN, m -> m.sensorsMissing().contains(camera)));
    all.add(
        new FaultCase("clock pauses", Evidence.refused(SOME, DropReason.STAMP_DUPLICATE))
            .frames(new DeviceClock(DeviceClock.Does.PAUSES, sensors))
            .told(MessageHealth.ERROR, m -> m.kind() == PlannerMessage.Kind.FALLBACK));
    all.add(
        new FaultCase("clock reset", Evidence.counted(sensors, Tally.CLOCK_JUMPS))
            .frames(new DeviceClock(DeviceClock.Does.RESETS, sensors)));
    all.add(
        // A jump back by less than what the map remembers of a second is met by the stamps' check.
        new FaultCase(
                "clock loops",
                Evidence.counted(
                    sensors, Tally.CLOCK_JUMPS, Tally.refused(DropReason.STAMP_BACKWARDS)))
            .frames(new DeviceClock(DeviceClock.Does.LOOPS, sensors)));
    all.add(
        new FaultCase("/clock pauses", Evidence.silent(everything))
            .clock(TopicSource.Does.PAUSES)
            .told(MessageHealth.ERROR, m -> m.kind() == PlannerMessage.Kind.FALLBACK));
    all.add(
        new FaultCase("/clock reset", Evidence.counted(1, Tally.CLOCK_JUMPS))
            .clock(TopicSource.Does.RESETS));
    all.add(
        new FaultCase("/clock loops", Evidence.counted(1, Tally.CLOCK_JUMPS))
            .clock(TopicSource.Does.LOOPS));
    all.add(source("source crashes", SourceFault.CRASHES));
    all.add(source("source hangs", SourceFault.HANGS));
    all.add(
        new FaultCase(
                "engine does not load",
                new Evidence(Tally.ELSEWHERE, 1, seen -> seen.end().of(Tally.ELSEWHERE)))
            .engine(EngineOptions.DEFAULT.withProvider(ExecutionProvider.TENSORRT)));
    all.add(
        new FaultCase("inference 5 times slower", slower())
            .wrong(Wrong.SLOW)
            .told(
                MessageHealth.WARN,
                m -> m.degradeLevel() > 0 || m.kind() != PlannerMessage.Kind.FRESH));
    all.add(
        new FaultCase("inference hangs until stopped", Evidence.counted(1, Tally.STOPS))
            .wrong(Wrong.HANGS_UNTIL_STOPPED)
            .told(MessageHealth.WARN, m -> m.kind() == PlannerMessage.Kind.FALLBACK));
    all.add(
        new FaultCase("inference hangs", Evidence.counted(1, Tally.GIVEN_UP))
            .wrong(Wrong.HANGS)
            .told(MessageHealth.ERROR, m -> m.effort().stages().contains("perception")));
    all.add(
        new FaultCase("NaN in the model", Evidence.said(1, "not finite"))
            .wrong(Wrong.NOT_FINITE)
            .told(MessageHealth.WARN, m -> m.reason().contains("not finite")));
    all.add(
        new FaultCase("engine fails", Evidence.counted(SOME, Tally.FAILURES))
            .wrong(Wrong.ENGINE_FAILS)
            .told(MessageHealth.WARN, m -> m.kind() == PlannerMessage.Kind.FALLBACK));
    if (Files.exists(FULL)) {
      all.add(
          new FaultCase("disk full, json lines", stageOut("output"))
              .output(() -> MessageLog.open(FULL.toString()))
              .told(MessageHealth.WARN, m -> m.effort().stages().contains("output"))
              .lasting("output"));
    }
    all.add(
        new FaultCase("output hangs", stageOut("output"))
            .output(() -> publication -> hang())
            .told(MessageHealth.WARN, m -> m.effort().stages().contains("output"))
            .lasting("output"));
    return all;
  }

  /** Its frames come after their sets, and the messages go on without it. */
  private static Evidence late(String sensor) {
    return new Evidence(
            Tally.refused(DropReason.LATE),
            SOME,
            seen -> seen.since(Tally.refused(DropReason.LATE)))
        .with(
            new Evidence(
                "messages more without " + sensor + " than without any other",
                SOME,
                seen -> seen.missedMore(sensor)));
  }

  /** The latency model has seen that slices take longer; a busy machine was so before as well. */
  private static Evidence slower() {
    return new Evidence(
        "% of time more a slice",
        SLOWER_PERCENT,
        seen -> 100 * seen.off().of(Tally.PACE) / Math.max(1, seen.on().of(Tally.PACE)) - 100);
  }

  private static Evidence stageOut(String stage) {
    return Evidence.told(
        1, "messages that say the " + stage + " is out", m -> m.effort().stages().contains(stage));
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
    return new FaultCase(name, Evidence.counted(1, Tally.PARTS))
        .tap(tap)
        .told(MessageHealth.ERROR, m -> m.effort().stages().contains("source"));
  }

  /**
   * A collector that stops the world: full collections of many small objects that live. In a JVM of
   * its own with the serial collector.
   */
  static FaultCase collectorPause() {
    return new FaultCase(
            "collector pauses",
            Evidence.counted(1, Tally.PAUSED).with(Evidence.counted(PAUSED_MS, Tally.PAUSED_MS)))
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
