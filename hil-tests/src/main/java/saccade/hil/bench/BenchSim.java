package saccade.hil.bench;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.management.ManagementFactory;
import java.lang.management.ThreadMXBean;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CyclicBarrier;
import java.util.concurrent.atomic.AtomicInteger;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import saccade.hil.Measurement;
import saccade.hil.report.Progress;
import saccade.hil.report.Quantile;
import saccade.hil.report.Report;
import saccade.kernels.geometry.CameraModel;
import saccade.kernels.geometry.LidarModel;
import saccade.kernels.geometry.Rig;
import saccade.nodes.cli.BadInput;
import saccade.realtime.clock.NanoClock;
import saccade.sim.Scenario;
import saccade.sim.Simulation;
import saccade.sim.render.CameraRenderer;
import saccade.sim.render.LidarRenderer;
import saccade.sim.world.Scene;

/**
 * {@code saccade bench sim}: what a set of six pictures and a sweep costs to render, with one
 * thread and with two, over scenes of all sorts of traffic, daylight and weather.
 */
@Command(
    name = "sim",
    mixinStandardHelpOptions = true,
    description = "Cost of six pictures and a sweep of the simulator, on one thread and on two.")
public final class BenchSim extends Measurement {
  private static final int SCENES = 12;
  private static final int WARM_SETS = 40;

  @Option(
      names = "--sets",
      paramLabel = "N",
      description = "Sets a run; default 360, with --quick 96.")
  private int sets;

  /** Filled by picocli. */
  public BenchSim() {}

  /** One thread's renderers: the sensors of a rig and a place for what they deliver. */
  private static final class Sensors {
    final List<CameraRenderer> cameras = new ArrayList<>();
    final LidarRenderer lidar;
    final MemorySegment[] pictures;
    final MemorySegment points;
    int returns;

    Sensors(Arena arena, Rig rig, LidarModel model) {
      for (CameraModel camera : rig.cameras()) {
        cameras.add(new CameraRenderer(camera));
      }
      lidar = new LidarRenderer(model);
      pictures = new MemorySegment[cameras.size()];
      for (int i = 0; i < pictures.length; i++) {
        pictures[i] = arena.allocate(cameras.get(i).pictureBytes(), 64);
      }
      points = arena.allocate((long) LidarRenderer.POINT_BYTES * lidar.maxPoints(), 64);
    }

    /** Sensors in the order in which they are rendered; the last is the LiDAR. */
    int count() {
      return pictures.length + 1;
    }

    void render(int sensor, Scene scene) {
      if (sensor < pictures.length) {
        cameras.get(sensor).render(scene, pictures[sensor]);
      } else {
        returns = lidar.render(scene, points, lidar.maxPoints());
      }
    }
  }

  @Override
  protected Report measure(Progress progress) throws Exception {
    int wanted = sets > 0 ? sets : quick() ? 96 : 360;
    if (wanted < SCENES) {
      throw new BadInput("--sets: wanted " + SCENES + " or more, found " + wanted);
    }
    Rig rig = Rig.sixCamera();
    LidarModel model = rig.lidar();
    if (model == null) {
      throw new IllegalStateException("the six-camera rig has lost its LiDAR");
    }
    List<Scene> scenes = new ArrayList<>();
    int boxes = 0;
    for (int i = 0; i < SCENES; i++) {
      Simulation drive = new Simulation(rig, Scenario.sampled(i + 1, 10), i + 1);
      drive.advance(0.5);
      scenes.add(drive.scene());
      boxes += scenes.get(i).boxes.size();
    }
    Report report = new Report("bench sim");
    try (Arena arena = Arena.ofShared()) {
      Sensors sensors = new Sensors(arena, rig, model);
      NanoClock clock = NanoClock.system();
      ThreadMXBean threads = ManagementFactory.getThreadMXBean();
      int cameras = sensors.pictures.length;
      double[] pictureMs = new double[wanted * cameras];
      double[] sweepMs = new double[wanted];
      double[] setMs = new double[wanted];
      double[] setCpuMs = new double[wanted];
      for (int set = -WARM_SETS; set < wanted; set++) {
        Scene scene = next(scenes, set);
        long cpu = threads.getCurrentThreadCpuTime();
        long start = clock.nanoTime();
        long last = start;
        for (int i = 0; i < sensors.count(); i++) {
          sensors.render(i, scene);
          long now = clock.nanoTime();
          if (set >= 0 && i < cameras) {
            pictureMs[set * cameras + i] = (now - last) / 1e6;
          } else if (set >= 0) {
            sweepMs[set] = (now - last) / 1e6;
          }
          last = now;
        }
        if (set >= 0) {
          setMs[set] = (last - start) / 1e6;
          setCpuMs[set] = (threads.getCurrentThreadCpuTime() - cpu) / 1e6;
          progress.at("one thread, sets", set + 1, wanted);
        }
      }
      double[] pairMs = twoThreads(sensors, scenes, wanted, clock, progress);
      List<List<String>> rows = new ArrayList<>();
      rows.add(List.of("ms", "p50", "p99", "worst"));
      row(rows, "picture", pictureMs);
      row(rows, "sweep", sweepMs);
      row(rows, "set, one thread", setMs);
      row(rows, "set, one thread, CPU time", setCpuMs);
      row(rows, "set, two threads", pairMs);
      report
          .line(
              cameras
                  + " cameras of 448x256 and a LiDAR of "
                  + model.beams()
                  + "x"
                  + model.columns()
                  + "; "
                  + SCENES
                  + " scenes, "
                  + boxes / SCENES
                  + " boxes each on average")
          .table(rows)
          .figure("sets", wanted, "")
          .figure("returns", sensors.returns, "points of the last sweep")
          .figure("two_threads_set_p50", Quantile.of(pairMs, 0.5), "ms")
          .figure("set_cpu_p50", Quantile.of(setCpuMs, 0.5), "ms, one thread")
          .detail("picture_p50", Quantile.of(pictureMs, 0.5))
          .detail("picture_p99", Quantile.of(pictureMs, 0.99))
          .detail("sweep_p50", Quantile.of(sweepMs, 0.5))
          .detail("sweep_p99", Quantile.of(sweepMs, 0.99))
          .detail("set_p50", Quantile.of(setMs, 0.5))
          .detail("set_p99", Quantile.of(setMs, 0.99))
          .detail("set_cpu_p99", Quantile.of(setCpuMs, 0.99))
          .detail("two_threads_set_p99", Quantile.of(pairMs, 0.99));
    }
    return report;
  }

  private static Scene next(List<Scene> scenes, int set) {
    Scene scene = scenes.get(Math.floorMod(set, SCENES));
    scene.frame++;
    return scene;
  }

  private static void row(List<List<String>> rows, String name, double[] ms) {
    rows.add(
        List.of(
            name,
            Report.number(Quantile.of(ms, 0.5)),
            Report.number(Quantile.of(ms, 0.99)),
            Report.number(Quantile.of(ms, 1))));
  }

  /** The sensors of a set shared out between this thread and another; wall time a set. */
  private static double[] twoThreads(
      Sensors sensors, List<Scene> scenes, int wanted, NanoClock clock, Progress progress)
      throws Exception {
    double[] ms = new double[wanted];
    CyclicBarrier gate = new CyclicBarrier(2);
    AtomicInteger turn = new AtomicInteger();
    Scene[] current = new Scene[1]; // handed over by the gate
    Thread other =
        Thread.ofPlatform()
            .daemon()
            .name("bench-sim-2")
            .start(
                () -> {
                  try {
                    gate.await();
                    while (current[0] != null) {
                      work(sensors, turn, current[0]);
                      gate.await();
                      gate.await();
                    }
                  } catch (Exception e) {
                    throw new IllegalStateException("second thread of bench sim", e);
                  }
                });
    for (int set = 0; set < wanted; set++) {
      current[0] = next(scenes, set);
      turn.set(0);
      long start = clock.nanoTime();
      gate.await();
      work(sensors, turn, current[0]);
      gate.await();
      ms[set] = (clock.nanoTime() - start) / 1e6;
      progress.at("two threads, sets", set + 1, wanted);
    }
    current[0] = null;
    gate.await();
    other.join();
    return ms;
  }

  private static void work(Sensors sensors, AtomicInteger turn, Scene scene) {
    for (int i = turn.getAndIncrement(); i < sensors.count(); i = turn.getAndIncrement()) {
      sensors.render(i, scene);
    }
  }
}
