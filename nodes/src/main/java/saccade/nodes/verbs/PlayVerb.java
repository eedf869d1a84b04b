package saccade.nodes.verbs;

import java.io.IOException;
import java.io.PrintWriter;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.concurrent.CountDownLatch;
import java.util.function.Function;
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
import saccade.nodes.ros.ExitOrder;
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
      "  saccade play nodes/samples/recording --loop --page --seconds 60",
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
      description =
          "Folder of a recording, of pictures or with one video in it; video file, /dev/videoN, or URL.")
  String what = "";

  private Path folder = Path.of("");
  private final CountDownLatch printed = new CountDownLatch(1);
  private @Nullable Thread hook;

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

  @Option(
      names = "--loop",
      description =
          "Begin again at the end, until --seconds or Ctrl-C; not of a live camera. With --fast and --offline it wants"
              + " --seconds.")
  boolean loop;

  @Option(
      names = "--seconds",
      paramLabel = "S",
      description = "End after S seconds. Default: 0 = with the recording, or until Ctrl-C.")
  double seconds;

  @Option(
      names = "--hfov",
      paramLabel = "DEG",
      description =
          "Of a camera, a video or pictures without --rig: the horizontal field of view. Default: 60.")
  double hfovDeg = 60;

  @Option(
      names = "--rig",
      paramLabel = "FILE",
      description =
          "Of a camera, a video or pictures: the calibration, a rig file with one camera.")
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
      description =
          "Of a recording: folder for the pictures, made when missing. Default: a new temporary one.")
  @Nullable Path out;

  @Option(
      names = "--pictures",
      paramLabel = "N",
      description =
          "Of a recording: at most so many pictures of each camera, spread over it. Default: 20.")
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
    try {
      if (CameraSource.understands(what)) {
        return playCamera(what, lines);
      }
      folder = pathOf(what);
      String inside =
          Files.isDirectory(folder) && !Recordings.isThere(folder)
              ? CameraSource.within(folder)
              : null;
      return inside == null ? playRecording(lines) : playCamera(inside, lines);
    } finally {
      printed.countDown();
      Thread waiting = hook;
      if (waiting != null) {
        ExitOrder.forget(waiting);
      }
    }
  }

  private int playRecording(PrintWriter lines) throws IOException {
    String own = "a camera, a video or pictures, found the recording " + what;
    refuse("--hfov", own + ", which has its calibration");
    refuse("--rig", own + ", which has its calibration");
    if (pictures == 0) {
      refuse("--out", "pictures to write, found --pictures 0");
    }
    if (loop && (fast || offline) && seconds == 0) {
      throw new BadInput(
          "--loop: expected --seconds beside --fast or --offline, found none: it would never end");
    }
    Recording recording = Recordings.open(folder, scene, assumptions());
    if (!recording.isMotionAssumed()) {
      refuse("--speed", "a recording without ego motion, found " + recording.name() + " with it");
    }
    lines.println(
        String.format(
            Locale.ROOT,
            "%s: %s%s%s",
            recording.name(),
            recording.sets() == 1
                ? "1 set"
                : String.format(
                    Locale.ROOT, "%d sets, %.1f Hz", recording.sets(), 1e9 / recording.periodNs()),
            offline
                ? ", offline: every set is answered whole"
                : fast ? ", as fast as it goes" : rate == 1 ? "" : ", played at rate " + rate,
            loop ? ", again and again, each time with no memory of the time before" : ""));
    recording.remarks().forEach(remark -> lines.println("  note: " + remark));
    spread(recording, lines);
    lines.flush();
    int total = Projections.wanted(recording, pictures);
    Path target = total == 0 ? null : folderForPictures(out);
    RunReport report;
    PlayerSource.AtEnd atEnd = loop ? PlayerSource.AtEnd.BEGIN_AGAIN : PlayerSource.AtEnd.STOP;
    try (PlayerSource source =
        new PlayerSource(recording, rate, atEnd, line -> lines.println("  bad frame: " + line))) {
      report = play(source, lines);
      lines.println();
      report.lines().forEach(lines::println);
      for (PlayerSource.Fault fault : source.faults()) {
        lines.println(
            "bad frames   " + fault.track() + " " + fault.count() + ": " + fault.firstLine());
      }
    }
    if (target == null) {
      lines.println("pictures     none");
    } else {
      draw(recording, target, total, lines);
    }
    lines.flush();
    return report.sets() == 0 ? ExitCode.BAD_INPUT : report.exitCode();
  }

  /** Sensors that measure one after the other get that much longer, and the reader is told. */
  private void spread(Recording recording, PrintWriter lines) {
    long[] phasesNs = recording.phasesNs().stream().mapToLong(Long::longValue).toArray();
    double ms = PipelineOptions.spreadNs(phasesNs) * 1e-6 / rate;
    if (ms >= 1 && !offline) {
      lines.println(
          String.format(
              Locale.ROOT,
              "  note: the sensors of a set measure up to %.0f ms apart; its budget is longer by that",
              ms));
    }
  }

  /** An option that cannot be honoured here is refused, not passed over. */
  private void refuse(String option, String wanted) {
    CommandSpec command = spec;
    if (command != null && command.commandLine().getParseResult().hasMatchedOption(option)) {
      throw new BadInput(option + ": expected " + wanted + "; leave it out");
    }
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
  private int playCamera(String url, PrintWriter lines) {
    for (String option : List.of("--scene", "--out", "--pictures", "--fast", "--offline")) {
      refuse(option, "a recording's folder, found " + url);
    }
    if (CameraSource.isLive(url)) {
      refuse("--rate", "a recording, a video or pictures, found the live camera " + url);
      refuse("--loop", "a recording, a video or pictures, found the live camera " + url);
    }
    if (rigFile != null) {
      refuse("--hfov", "no --rig beside it, which says the field of view");
    }
    if (!(hfovDeg >= 1 && hfovDeg <= 179)) {
      throw new BadInput("--hfov: expected 1 to 179 degrees, found " + hfovDeg);
    }
    if (!url.equals(what)) {
      lines.println("  note: " + what + " is no recording; playing " + url);
    }
    Rig rig =
        rigFile == null
            ? CameraSource.uncalibrated(url, Math.toRadians(hfovDeg))
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
            Map.of(camera.name(), url),
            10,
            rate,
            loop,
            new EgoState(0, assumed.speedMps(), 0, 0, assumed.setSpeedMps()),
            line -> lines.println("  camera: " + line));
    try (source) {
      Graph graph = graph(pathOf("."));
      RunReport report =
          logged(
              lines,
              log -> {
                GraphRun run = new GraphRun(graph, source, Vehicle.NONE, lines).keeping(keep);
                return untilCtrlC(log == null ? run : run.with(log));
              });
      lines.println();
      report.lines().forEach(lines::println);
      source.health().forEach(health -> lines.println("camera       " + health.line()));
      lines.flush();
      return report.sets() == 0 ? ExitCode.BAD_INPUT : report.exitCode();
    }
  }

  /** The graph of recordings with what the command line changes. */
  private Graph graph(Path path) {
    Graph graph =
        GraphFile.read(ProjectHome.root().resolve("launch/play.yaml"))
            .withSource(new GraphNode.Recording("recording", path, rate));
    String policy = tokens;
    if (policy != null) {
      graph = graph.withTokens(RunOptions.checkedTokens(policy));
    }
    Path other = model;
    if (other != null) {
      graph = graph.withModel(other);
    }
    return page ? graph : graph.headless();
  }

  /** A run with a log of its messages where one is wanted; a log that cannot be written is told. */
  private RunReport logged(PrintWriter lines, Function<@Nullable MessageLog, RunReport> run) {
    String target = json;
    if (target == null) {
      return run.apply(null);
    }
    MessageLog log = MessageLog.open(target);
    RunReport report;
    try {
      report = run.apply(log);
    } finally {
      log.close();
    }
    String complaint = log.complaint();
    if (complaint != null) {
      lines.flush();
      throw new BadInput(ExitCode.CANNOT_WRITE, complaint);
    }
    return report;
  }

  /** Ctrl-C ends the run; the process waits for the report. */
  private RunReport untilCtrlC(GraphRun run) {
    hook = GraphCommand.onInterrupt(run, printed);
    return run.run(seconds);
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
    if (!(seconds >= 0 && seconds <= 1e6)) {
      throw new BadInput("--seconds: expected 0 to 1000000, found " + seconds);
    }
    if (tokens != null) {
      refuse("--keep", "no --tokens beside it, which says what is kept");
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

  private static Path folderForPictures(@Nullable Path wanted) {
    try {
      return wanted == null
          ? Files.createTempDirectory("saccade-play-")
          : Files.createDirectories(wanted);
    } catch (IOException e) {
      throw new BadInput(
          ExitCode.CANNOT_WRITE,
          "--out " + wanted + ": expected a folder that can be written, found " + e);
    }
  }

  private RunReport play(PlayerSource source, PrintWriter lines) {
    Graph graph = graph(folder);
    return logged(
        lines,
        log -> {
          try (SetLines sets = new SetLines(lines, source)) {
            PipelineListener listener = log == null ? sets : sets.and(log);
            return fast || offline
                ? stepped(graph, source, listener)
                : untilCtrlC(
                    new GraphRun(graph, source, Vehicle.NONE, lines)
                        .with(listener)
                        .withoutLines()
                        .keeping(keep));
          }
        });
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
        play.run(seconds);
        return RunReport.of(graph, source, perceiver, play.pipeline(), null);
      }
    }
  }

  private void draw(Recording recording, Path target, int total, PrintWriter lines)
      throws IOException {
    ProgressLine progress = new ProgressLine(Streams.err(spec), "pictures");
    int written =
        Projections.write(recording, target, pictures, done -> progress.progress(done, total));
    lines.println(
        "pictures     "
            + written
            + (written < total ? " of " + total : "")
            + " of LiDAR points in the camera picture: "
            + target
            + "/projection_*.png");
  }
}
