package saccade.nodes.verbs;

import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.file.Path;
import java.util.Locale;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;
import saccade.kernels.geometry.CameraModel;
import saccade.kernels.geometry.LidarModel;
import saccade.kernels.geometry.Pose;
import saccade.kernels.geometry.Rig;
import saccade.nodes.cli.BadInput;
import saccade.nodes.cli.ExitCode;
import saccade.nodes.graph.RigFile;
import saccade.nodes.run.ProjectHome;
import saccade.nodes.sensor.EgoState;
import saccade.nodes.sensor.RecordingWriter;
import saccade.nodes.sensor.SensorInlets;
import saccade.nodes.sensor.SimulatorSource;
import saccade.planner.GeometricReflex;
import saccade.planner.ReflexLimits;
import saccade.sim.Odometry;
import saccade.sim.Simulator;
import saccade.sim.export.TensorExport;

@Command(
    name = "export",
    mixinStandardHelpOptions = true,
    description = {
      "Writes what the simulator's sensors see. Without --tensors: a recording that 'saccade play' reads (rig.yaml, a"
          + " folder a sensor with data and timestamps.txt, odometry.csv; no truth in it). With --tensors: labelled"
          + " training tensors (saccade.sim.export.TensorExport says which)."
    },
    footer = {
      "",
      "The recording's ego keeps its set speed and its distance by LiDAR alone; it does not steer and knows no lights.",
      "",
      "Examples:",
      "  saccade sim export --out /tmp/sample --scenario lead-brake --seconds 3",
      "  saccade sim export --tensors --out /tmp/train --sequences 2000 --frames 6 --seed 1"
    })
final class ExportVerb implements Callable<Integer> {
  private static final double RATE_HZ = 10;
  private static final double CONTROL_S = 0.02;

  @Option(names = "--out", required = true, paramLabel = "DIR", description = "Folder to write.")
  Path out = Path.of("");

  @Option(names = "--seed", paramLabel = "N", description = "Same seed, same bytes. Default: 1.")
  long seed = 1;

  @Option(names = "--tensors", description = "Write training tensors and labels.")
  boolean tensors;

  @Option(
      names = "--mix",
      paramLabel = "MIX",
      description =
          "Tensors: which states, one of ${COMPLETION-CANDIDATES}: everything, cruising with sudden obstacles,"
              + " on the way to a stop and at a stop sign, others beside and across, the middle of a scenario,"
              + " recorded drives."
              + " Default: WIDE.")
  TensorExport.Mix mix = TensorExport.Mix.WIDE;

  @Option(
      names = "--drives",
      paramLabel = "FILE",
      description =
          "Tensors, mix DRIVEN: drives that 'saccade hil endtoend --record' wrote down; their states are"
              + " labelled by what the expert would do there.")
  @Nullable Path drives;

  @Option(
      names = "--rigs",
      paramLabel = "RIGS",
      description =
          "Tensors: which sensors, one of ${COMPLETION-CANDIDATES}: six cameras as shipped, with errors of"
              + " mounting; any; half and half. Default: BOTH.")
  TensorExport.Rigs rigs = TensorExport.Rigs.BOTH;

  @Option(
      names = "--sequences",
      paramLabel = "N",
      description = "Tensors: how many drives. Default: 100.")
  int sequences = 100;

  @Option(
      names = "--frames",
      paramLabel = "F",
      description = "Tensors: frames a drive, 0.1 s apart, 1..64. Default: 6.")
  int frames = 6;

  @Option(
      names = "--threads",
      paramLabel = "N",
      description = "Tensors: threads, 1..16. Default: the cores.")
  int threads = Math.clamp(Runtime.getRuntime().availableProcessors(), 1, 16);

  @Option(
      names = "--scenario",
      paramLabel = "NAME",
      description = "Recording: what happens. Default: lead-brake.")
  String scenario = "lead-brake";

  @Option(names = "--seconds", paramLabel = "N", description = "Recording: length. Default: 3.")
  double seconds = 3;

  @Option(
      names = "--rig",
      paramLabel = "FILE",
      description = "Recording: the sensors. Default: launch/rigs/six-camera.yaml.")
  @Nullable Path rigFile;

  @Spec @Nullable CommandSpec spec;

  @Override
  public Integer call() throws IOException {
    return tensors ? tensors() : recording();
  }

  private int tensors() {
    if ((drives != null) != (mix == TensorExport.Mix.DRIVEN)) {
      throw new BadInput(
          drives == null
              ? "--mix DRIVEN: wanted --drives FILE too, which 'saccade hil endtoend --record FILE' writes"
              : "--drives: wanted --mix DRIVEN beside it, found " + mix);
    }
    ProgressLine progress = new ProgressLine(Streams.err(spec), "sequences");
    try {
      int rows =
          TensorExport.run(
              out,
              new TensorExport.Order(mix, rigs, sequences, frames, seed, drives),
              threads,
              progress::progress);
      Streams.out(spec)
          .println(
              String.format(
                  Locale.ROOT,
                  "%d rows (%d sequences of %d frames, seed %d) in %s",
                  rows,
                  sequences,
                  frames,
                  seed,
                  out));
      Streams.out(spec).flush();
      return ExitCode.OK;
    } catch (IOException e) {
      throw new BadInput(ExitCode.CANNOT_WRITE, String.valueOf(e.getMessage()));
    } catch (IllegalArgumentException e) {
      throw new BadInput(String.valueOf(e.getMessage()));
    }
  }

  private int recording() throws IOException {
    if (!(seconds >= 0.1 && seconds <= 3600)) {
      throw new BadInput("--seconds: expected 0.1 to 3600, found " + seconds);
    }
    Path rigPath =
        rigFile == null ? ProjectHome.root().resolve("launch/rigs/six-camera.yaml") : rigFile;
    Rig rig = RigFile.read(rigPath);
    Simulator simulation = SimulatorSource.scenario(scenario).drive(rig, seed);
    int sets = (int) Math.round(seconds * RATE_HZ);
    ProgressLine progress = new ProgressLine(Streams.err(spec), "sets");
    try (Arena arena = Arena.ofConfined();
        RecordingWriter writer = new RecordingWriter(out, scenario, rig)) {
      MemorySegment payload = arena.allocate(largest(rig), 64);
      GeometricReflex eyes = eyes(rig);
      for (int set = 0; set < sets; set++) {
        write(writer, rig, simulation, payload, eyes, set);
        progress.progress(set + 1, sets);
      }
    } catch (IOException e) {
      throw new BadInput(ExitCode.CANNOT_WRITE, "cannot write " + out + ": " + e.getMessage());
    }
    Streams.out(spec)
        .println(
            String.format(
                Locale.ROOT,
                "%d sets of %d sensors (scenario %s, seed %d, %.1f s) in %s",
                sets,
                rig.cameras().size() + (rig.lidar() == null ? 0 : 1),
                scenario,
                seed,
                sets / RATE_HZ,
                out));
    Streams.out(spec).flush();
    return ExitCode.OK;
  }

  private static void write(
      RecordingWriter writer,
      Rig rig,
      Simulator simulation,
      MemorySegment payload,
      @Nullable GeometricReflex eyes,
      int set)
      throws IOException {
    long stampNs = Math.round(set / RATE_HZ * 1e9);
    Odometry motion = simulation.odometry();
    writer.ego(
        new EgoState(
            stampNs,
            motion.speedMps(),
            motion.yawRateRps(),
            motion.accelMps2(),
            simulation.setSpeedMps()));
    for (int i = 0; i < rig.cameras().size(); i++) {
      simulation.renderCamera(i, payload);
      CameraModel camera = rig.cameras().get(i);
      writer.frame(i, stampNs, payload, 3 * camera.widthPx() * camera.heightPx());
    }
    if (eyes != null) {
      int points = simulation.renderLidar(payload);
      writer.frame(rig.cameras().size(), stampNs, payload, points * SensorInlets.POINT_BYTES);
      eyes.sweep(payload, points, stampNs, motion.speedMps(), 0);
    }
    for (int tick = 0; tick < Math.round(1 / RATE_HZ / CONTROL_S); tick++) {
      simulation.command(
          accel(simulation.odometry().speedMps(), simulation.setSpeedMps(), eyes), 0);
      simulation.advance(CONTROL_S);
    }
  }

  /** Intelligent driver model (Treiber et al. 2000) on the LiDAR's gap and closing speed, m/s^2. */
  private static double accel(double speed, double setSpeed, @Nullable GeometricReflex eyes) {
    double free = 1 - Math.pow(speed / Math.max(setSpeed, 0.1), 4);
    if (eyes == null || eyes.gapM() == GeometricReflex.FREE) {
      return Math.clamp(1.5 * free, -3, 1.5);
    }
    double wantedGap =
        3 + Math.max(0, speed * 1.2 + speed * eyes.closingMps() / (2 * Math.sqrt(1.5 * 2.5)));
    double ratio = wantedGap / Math.max(eyes.gapM(), 0.5);
    return Math.clamp(1.5 * (free - ratio * ratio), -8, 1.5);
  }

  private static @Nullable GeometricReflex eyes(Rig rig) {
    LidarModel lidar = rig.lidar();
    if (lidar == null) {
      return null;
    }
    Pose pose = lidar.baseFromLidar();
    double[] r = pose.rotation();
    double[] rows = {
      r[0], r[1], r[2], pose.x(), r[3], r[4], r[5], pose.y(), r[6], r[7], r[8], pose.z()
    };
    return new GeometricReflex(ReflexLimits.passengerCar(), GeometricReflex.Mode.OFF, rows);
  }

  private static long largest(Rig rig) {
    long most = SensorInlets.POINT_BYTES;
    for (CameraModel camera : rig.cameras()) {
      most = Math.max(most, 3L * camera.widthPx() * camera.heightPx());
    }
    LidarModel lidar = rig.lidar();
    return lidar == null
        ? most
        : Math.max(most, (long) SensorInlets.POINT_BYTES * lidar.beams() * lidar.columns());
  }
}
