package saccade.nodes.verbs;

import java.io.IOException;
import java.io.PrintWriter;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;
import saccade.kernels.geometry.CameraModel;
import saccade.kernels.geometry.Rig;
import saccade.nodes.cli.BadInput;
import saccade.nodes.cli.ExitCode;
import saccade.nodes.graph.Graph;
import saccade.nodes.graph.GraphFile;
import saccade.nodes.graph.GraphNode;
import saccade.nodes.graph.RigFile;
import saccade.nodes.pipeline.ModelPerceiver;
import saccade.nodes.pipeline.PipelineListener;
import saccade.nodes.pipeline.PipelineOptions;
import saccade.nodes.pipeline.Vehicle;
import saccade.nodes.play.EgoAssumptions;
import saccade.nodes.play.PlayerSource;
import saccade.nodes.play.Projections;
import saccade.nodes.play.Recording;
import saccade.nodes.play.Recordings;
import saccade.nodes.play.SetLines;
import saccade.nodes.play.SteppedPlay;
import saccade.nodes.run.GraphRun;
import saccade.nodes.run.MessageLog;
import saccade.nodes.run.ProjectHome;
import saccade.nodes.run.RunReport;
import saccade.nodes.sensor.EgoState;
import saccade.nodes.video.CameraSource;
import saccade.realtime.clock.NanoClock;

@Command(
    name = "play",
    mixinStandardHelpOptions = true,
    description = {
      "Plays a recording through the same path as live sensors: for each set a line with kind, age, action and sensors"
          + " and the scene as a sentence, at the end the report of a run.",
      "",
      "Reads nuScenes and KITTI raw as published (the root, a date or a drive) and what 'saccade sim export' writes."
          + " Writes projection_NNNNNN.png: LiDAR points drawn into the picture, coloured by range, so that you see whether"
          + " the calibration is right."
    },
    footer = {
      "",
      "Examples:",
      "  saccade play nodes/samples/recording",
      "  saccade play drive.mp4 --hfov 70 --speed 20",
      "  saccade play rtsp://camera.local/stream --seconds 60",
      "  saccade play 2011_09_26/2011_09_26_drive_0009_sync --rate 0.5 --out /tmp/pictures",
      "  saccade play DIR --offline --json messages.jsonl",
      "",
      "Exit codes: 0 done; 1 an account does not balance or a part broke; 65 nothing there can be played; 69 no model;",
      "73 cannot write."
    })
final class PlayVerb implements Callable<Integer> {
  private static final int WARM_SETS = 40;

  @Parameters(
      paramLabel = "WHAT",
      description = "Folder of a recording or of pictures, video file, /dev/videoN, or URL.")
  String what = "";

  private Path folder = Path.of("");

  @Option(
      names = "--rate",
      paramLabel = "X",
      description = "Speed of playing, 0.01..100; 1 = as recorded, which is the default.")
  double rate = 1;

  @Option(
      names = "--scene",
      paramLabel = "NAME",
      description = "Of a nuScenes folder: which scene, e.g. scene-0061. Default: the first.")
  @Nullable String scene;

  @Option(names = "--loop", description = "A video file or picture folder begins again at its end.")
  boolean loop;

  @Option(
      names = "--seconds",
      paramLabel = "S",
      description = "Of a camera or a loop: end after S seconds. Default: 0 = until Ctrl-C.")
  double seconds;

  @Option(
      names = "--hfov",
      paramLabel = "DEG",
      description = "Of a camera without --rig: its horizontal field of view. Default: 60.")
  double hfovDeg = 60;

  @Option(
      names = "--rig",
      paramLabel = "FILE",
      description = "Of a camera: its calibration, a rig file with one camera.")
  @Nullable Path rigFile;

  @Option(
      names = "--fast",
      description =
          "As fast as the machine goes: simulated time waits for the files, the model takes what it really takes.")
  boolean fast;

  @Option(
      names = "--offline",
      description =
          "As --fast, and the model gets all the time it wants: every set is answered whole, and the same recording gives"
              + " the same messages. Age then says nothing.")
  boolean offline;

  @Option(
      names = "--model",
      paramLabel = "DIR",
      description = "Model package. Default: the shipped one.")
  @Nullable Path model;

  @Option(
      names = "--keep",
      paramLabel = "SHARE",
      description = "Share of the picture tokens that goes to the decoder, above 0..1. Default: 1.")
  double keep = 1;

  @Option(
      names = "--tokens",
      paramLabel = "POLICY",
      description =
          "Which visual tokens go to the decoder, e.g. pixel-variance@0.25/ahead; an unknown name lists the known ones.")
  @Nullable String tokens;

  @Option(
      names = "--speed",
      paramLabel = "M/S",
      description = "Speed of the vehicle where the recording has none. Default: 0.")
  double speed;

  @Option(
      names = "--out",
      paramLabel = "DIR",
      description = "Folder for the pictures, made when missing. Default: a new temporary one.")
  @Nullable Path out;

  @Option(
      names = "--pictures",
      paramLabel = "N",
      description = "At most so many pictures, spread over the recording. Default: 20.")
  int pictures = 20;

  @Option(
      names = "--page",
      description =
          "Serve the live page on 127.0.0.1 while it plays; not with --fast or --offline.")
  boolean page;

  @Option(
      names = "--json",
      paramLabel = "FILE",
      arity = "0..1",
      fallbackValue = "-",
      description =
          "Write every planner message as a JSON line to FILE, or to standard output when there is no FILE (lines for"
              + " people then go to standard error).")
  @Nullable String json;

  @Spec @Nullable CommandSpec spec;

  @Override
  public Integer call() throws IOException {
    check();
    PrintWriter lines =
        "-".equals(json)
            ? new PrintWriter(System.err, true, StandardCharsets.UTF_8)
            : Streams.out(spec);
    if (CameraSource.understands(what)) {
      return playCamera(lines);
    }
    folder = pathOf(what);
    Recording recording = Recordings.open(folder, scene, assumptions());
    lines.println(
        String.format(
            Locale.ROOT,
            "%s: %d sets, %.1f Hz%s",
            recording.name(),
            recording.sets(),
            1e9 / recording.periodNs(),
            offline
                ? ", offline: every set is answered whole"
                : fast ? ", as fast as it goes" : rate == 1 ? "" : ", played at rate " + rate));
    recording.remarks().forEach(remark -> lines.println("  note: " + remark));
    lines.flush();
    Path target = folderForPictures();
    RunReport report;
    try (PlayerSource source =
        new PlayerSource(recording, rate, line -> lines.println("  bad frame: " + line))) {
      report = play(source, lines);
      lines.println();
      report.lines().forEach(lines::println);
      for (PlayerSource.Fault fault : source.faults()) {
        lines.println(
            "bad frames   " + fault.track() + " " + fault.count() + ": " + fault.firstLine());
      }
    }
    draw(recording, target, lines);
    lines.flush();
    return report.sets() == 0 ? ExitCode.BAD_INPUT : report.exitCode();
  }

  private static Path pathOf(String text) {
    try {
      return Path.of(text);
    } catch (InvalidPathException e) {
      throw new BadInput(text + ": expected a path or a URL, found neither");
    }
  }

  /**
   * A video or camera: nothing but pictures, so whoever reads the messages is told what is missing.
   */
  private int playCamera(PrintWriter lines) {
    if (fast || offline) {
      throw new BadInput("--fast, --offline: expected a recording's folder, found " + what);
    }
    if (!(hfovDeg >= 1 && hfovDeg <= 179)) {
      throw new BadInput("--hfov: expected 1 to 179 degrees, found " + hfovDeg);
    }
    Rig rig =
        rigFile == null
            ? CameraSource.uncalibrated(what, Math.toRadians(hfovDeg))
            : RigFile.read(rigFile);
    if (rig.cameras().size() != 1) {
      throw new BadInput(
          "--rig " + rigFile + ": expected one camera, found " + rig.cameras().size());
    }
    CameraModel camera = rig.cameras().getFirst();
    if (rigFile == null) {
      lines.println(
          String.format(
              Locale.ROOT,
              "  note: %s has no calibration; %.0f degrees wide, level, looking ahead are assumed (--hfov, --rig)",
              camera.name(),
              hfovDeg));
    }
    lines.println(
        "  note: no LiDAR and no odometry here; the vehicle's speed is taken as " + speed + " m/s");
    EgoAssumptions assumed = assumptions();
    CameraSource source =
        new CameraSource(
            rig,
            Map.of(camera.name(), what),
            10,
            rate,
            loop,
            new EgoState(0, assumed.speedMps(), 0, 0, assumed.setSpeedMps()),
            line -> lines.println("  camera: " + line));
    try (source) {
      Graph graph =
          GraphFile.read(ProjectHome.root().resolve("launch/play.yaml"))
              .withSource(new GraphNode.Recording("recording", pathOf("."), rate));
      graph = withTokens(graph);
      Path other = model;
      graph = page ? graph : graph.headless();
      graph = other == null ? graph : graph.withModel(other);
      String target = json;
      RunReport report;
      MessageLog log = target == null ? null : MessageLog.open(target);
      try {
        GraphRun run = new GraphRun(graph, source, Vehicle.NONE, lines).keeping(keep);
        report = (log == null ? run : run.with(log)).run(seconds);
      } finally {
        if (log != null) {
          log.close();
        }
      }
      lines.println();
      report.lines().forEach(lines::println);
      source.health().forEach(health -> lines.println("camera       " + health.line()));
      lines.flush();
      return report.sets() == 0 ? ExitCode.BAD_INPUT : report.exitCode();
    }
  }

  private Graph withTokens(Graph graph) {
    String policy = tokens;
    return policy == null ? graph : graph.withTokens(RunOptions.checkedTokens(policy));
  }

  private void check() {
    if (!(rate >= 0.01 && rate <= 100)) {
      throw new BadInput("--rate: expected 0.01 to 100, found " + rate);
    }
    if (!(keep > 0 && keep <= 1)) {
      throw new BadInput("--keep: expected a share above 0 and up to 1, found " + keep);
    }
    if (page && (fast || offline)) {
      throw new BadInput(
          "--page: expected real time, found --fast or --offline; leave one of them out");
    }
    if (pictures < 0 || pictures > 100_000) {
      throw new BadInput("--pictures: expected 0 to 100000, found " + pictures);
    }
  }

  private EgoAssumptions assumptions() {
    try {
      return new EgoAssumptions(speed, EgoAssumptions.STANDING_IN_TOWN.setSpeedMps());
    } catch (IllegalArgumentException e) {
      throw new BadInput("--speed: " + e.getMessage());
    }
  }

  private Path folderForPictures() {
    Path wanted = out;
    try {
      return wanted == null || pictures == 0
          ? Files.createTempDirectory("saccade-play-")
          : Files.createDirectories(wanted);
    } catch (IOException e) {
      throw new BadInput(
          ExitCode.CANNOT_WRITE,
          "--out " + wanted + ": expected a folder that can be written, found " + e);
    }
  }

  private RunReport play(PlayerSource source, PrintWriter lines) {
    Graph graph =
        GraphFile.read(ProjectHome.root().resolve("launch/play.yaml"))
            .withSource(new GraphNode.Recording("recording", folder, rate));
    graph = withTokens(graph);
    if (!page) {
      graph = graph.headless();
    }
    Path other = model;
    if (other != null) {
      graph = graph.withModel(other);
    }
    String target = json;
    MessageLog log = target == null ? null : MessageLog.open(target);
    try (SetLines sets = new SetLines(lines, source)) {
      PipelineListener listener = log == null ? sets : sets.and(log);
      return fast || offline
          ? stepped(graph, source, listener)
          : new GraphRun(graph, source, Vehicle.NONE, lines)
              .with(listener)
              .withoutLines()
              .keeping(keep)
              .run(0);
    } finally {
      if (log != null) {
        log.close();
        String complaint = log.complaint();
        if (complaint != null) {
          lines.println(complaint);
        }
      }
    }
  }

  private RunReport stepped(Graph graph, PlayerSource source, PipelineListener listener) {
    PipelineOptions options = PipelineOptions.of(graph, source);
    Path packageDir = graph.perception().model();
    try (ModelPerceiver perceiver =
        ModelPerceiver.open(
            packageDir,
            source.rig(),
            // Offline no slice takes time: on a busy machine none is left out for fear of its cost.
            offline ? () -> 0L : NanoClock.system(),
            GraphRun.session(graph.perception(), source.rig(), keep),
            graph.perception().engine())) {
      perceiver.warmUp(offline ? 0 : WARM_SETS);
      try (SteppedPlay play =
          new SteppedPlay(
              options,
              source,
              perceiver,
              ModelPerceiver.codecOf(perceiver.session().model()),
              offline ? 0 : SteppedPlay.MEASURED,
              listener)) {
        play.run();
        return RunReport.of(graph, source, perceiver, play.pipeline(), null);
      }
    }
  }

  private void draw(Recording recording, Path target, PrintWriter lines) throws IOException {
    ProgressLine progress = new ProgressLine(Streams.err(spec), "pictures");
    int total = Math.min(pictures, recording.sets());
    int written =
        Projections.write(recording, target, pictures, done -> progress.progress(done, total));
    lines.println(
        "pictures     "
            + (written == 0
                ? "none"
                : written
                    + " of LiDAR points in the camera picture: "
                    + target
                    + "/projection_*.png"));
  }
}
