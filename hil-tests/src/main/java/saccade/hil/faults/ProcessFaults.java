package saccade.hil.faults;

import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import saccade.kernels.geometry.Rig;
import saccade.nodes.cli.ExitCode;
import saccade.nodes.pipeline.PipelineOptions;
import saccade.nodes.run.ProjectHome;
import saccade.planner.JsonLines;
import saccade.planner.PlannerMessage;
import saccade.realtime.clock.NanoClock;
import saccade.realtime.trace.TraceFile;

/** Faults that need a process of their own: signals, a full disk, a start that must not succeed. */
final class ProcessFaults {
  private static final long START_PATIENCE_NS = 90_000_000_000L;
  private static final long END_PATIENCE_S = 30;
  private static final int SIGTERM_EXIT = 143;
  private static final int SIGKILL_EXIT = 137;
  private static final int ENOUGH_LINES = 20; // after the first decided by the model

  private final Path model;
  private final Path folder;
  private final Path graph;
  private final Rig rig;
  private final NanoClock clock = NanoClock.system();

  /**
   * @param graph file of the graph that is run
   * @param rig of that graph
   */
  ProcessFaults(Path model, Path folder, Path graph, Rig rig) {
    this.rig = rig;
    this.model = model;
    this.folder = folder;
    this.graph = graph;
  }

  private static final class Child {
    final Process process;
    final Path out;
    final long beganNs;

    Child(Process process, Path out, long beganNs) {
      this.process = process;
      this.out = out;
      this.beganNs = beganNs;
    }

    String text() throws IOException {
      return Files.readString(out);
    }
  }

  /** This program in a JVM of its own; {@code before} are words that start it. */
  static ProcessBuilder program(List<String> before, List<String> flags, List<String> arguments) {
    List<String> command = new ArrayList<>(before);
    command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
    ManagementFactory.getRuntimeMXBean().getInputArguments().stream()
        .filter(flag -> flags.isEmpty() || !flag.startsWith("-XX:+Use") && !flag.startsWith("-Xmx"))
        .forEach(command::add);
    command.addAll(flags);
    command.add("saccade.nodes.cli.Main");
    command.addAll(arguments);
    ProcessBuilder builder = new ProcessBuilder(command).redirectErrorStream(true);
    // Not -cp: ONNX Runtime 1.29 crashes at start when the command line is longer than about 4 kB.
    builder.environment().put("CLASSPATH", System.getProperty("java.class.path"));
    return builder;
  }

  private Child start(String name, List<String> before, List<String> flags, String... more)
      throws IOException {
    List<String> arguments = new ArrayList<>(List.of("run", graph.toString(), "--headless"));
    arguments.addAll(List.of("--model", model.toString()));
    arguments.addAll(List.of(more));
    Path out = folder.resolve(name + ".txt");
    ProcessBuilder builder = program(before, flags, arguments).redirectOutput(out.toFile());
    long beganNs = clock.nanoTime();
    return new Child(builder.start(), out, beganNs);
  }

  /** Messages of a file that is being written; a last line that is torn is left out. */
  private static List<PlannerMessage> lines(Path file) throws IOException {
    List<PlannerMessage> all = new ArrayList<>();
    if (!Files.exists(file)) {
      return all;
    }
    String text = Files.readString(file, StandardCharsets.UTF_8);
    int end = text.lastIndexOf('\n');
    for (String line : end < 0 ? new String[0] : text.substring(0, end).split("\n", -1)) {
      try {
        all.add(JsonLines.read(line));
      } catch (IllegalArgumentException e) {
        throw new IOException("a line that is no message: " + line, e);
      }
    }
    return all;
  }

  private static boolean isDecided(PlannerMessage message) {
    return message.kind() == PlannerMessage.Kind.FRESH;
  }

  /** Judges what was published; what is wrong is remarked. Stale or invalid actions. */
  private long invalid(List<PlannerMessage> messages, List<String> remarks) {
    MessageJudge judge = new MessageJudge(PipelineOptions.tenHertz(), clock, rig);
    judge.read(messages);
    remarks.addAll(judge.complaints());
    return judge.invalids();
  }

  /** Waits for messages decided by the model; when the first was seen, -1 when none came. */
  private long awaitDecided(Child child, Path file, int more) throws IOException {
    long endNs = clock.nanoTime() + START_PATIENCE_NS;
    long firstNs = -1;
    while (clock.nanoTime() < endNs && child.process.isAlive()) {
      long decided = lines(file).stream().filter(ProcessFaults::isDecided).count();
      if (decided > 0 && firstNs < 0) {
        firstNs = clock.nanoTime();
      }
      if (decided > more) {
        return firstNs;
      }
      sleep(20);
    }
    return -1;
  }

  /** SIGTERM while sentences are being written. */
  FaultRow sigterm() throws IOException {
    List<String> remarks = new ArrayList<>();
    Path json = folder.resolve("sigterm.jsonl");
    Child child = start("sigterm", List.of(), List.of(), "--json", json.toString());
    boolean ran = awaitDecided(child, json, ENOUGH_LINES) >= 0;
    long toldNs = clock.nanoTime();
    child.process.destroy();
    boolean ended = waitFor(child);
    double endMs = (clock.nanoTime() - toldNs) * 1e-6;
    List<PlannerMessage> lines = lines(json);
    boolean whole = Files.readString(json).endsWith("\n");
    boolean report = child.text().contains("every account is right");
    long texts = lines.stream().filter(l -> l.kind() == PlannerMessage.Kind.DESCRIPTION).count();
    long invalid = invalid(lines, remarks);
    int exit = ended ? child.process.exitValue() : -1;
    remarks.add("exit code " + exit + ", ended " + Math.round(endMs) + " ms after the signal");
    if (!report) {
      remarks.add("no report, or an account that is wrong: " + last(child.text()));
    }
    child.process.destroyForcibly();
    return new FaultRow(
        "SIGTERM mid-generation",
        lines.size()
            + " messages, "
            + texts
            + " of them descriptions; the last line is "
            + (whole ? "whole" : "torn"),
        Double.NaN,
        Double.NaN,
        Double.NaN,
        invalid,
        exit == SIGTERM_EXIT,
        invalid == 0 && ran && ended && whole && report && exit == SIGTERM_EXIT,
        remarks);
  }

  /** kill -9, then the same command again. */
  FaultRow kill() throws IOException {
    List<String> remarks = new ArrayList<>();
    Path json = folder.resolve("kill.jsonl");
    Path trace = folder.resolve("kill.trace");
    String[] options = {"--json", json.toString(), "--trace", trace.toString()};
    Child child = start("kill", List.of(), List.of(), options);
    boolean ran = awaitDecided(child, json, ENOUGH_LINES) >= 0;
    child.process.destroyForcibly();
    boolean killed = waitFor(child) && child.process.exitValue() == SIGKILL_EXIT;
    List<PlannerMessage> first = lines(json);
    int before = first.size();
    long invalid = invalid(first, remarks);
    long records = records(trace);
    remarks.add(before + " whole lines and " + records + " trace records survived the kill");
    Files.delete(json); // or its lines would be taken for new ones
    Child again = start("again", List.of(), List.of(), options);
    long firstNs = awaitDecided(again, json, ENOUGH_LINES);
    double healthyMs = firstNs < 0 ? Double.NaN : (firstNs - again.beganNs) * 1e-6;
    again.process.destroy();
    boolean ended = waitFor(again);
    invalid += invalid(lines(json), remarks);
    boolean report = again.text().contains("every account is right");
    again.process.destroyForcibly();
    if (!report) {
      remarks.add("the second run: " + last(again.text()));
    }
    return new FaultRow(
        "kill -9 and restart",
        "silence; then starting, then decided by the model",
        Double.NaN,
        Double.NaN,
        healthyMs,
        invalid,
        killed,
        invalid == 0
            && killed
            && ran
            && before >= ENOUGH_LINES
            && records > 0
            && firstNs >= 0
            && ended
            && report,
        remarks);
  }

  private static long records(Path trace) throws IOException {
    long[] count = new long[1];
    TraceFile.read(trace, entry -> count[0]++);
    return count[0];
  }

  /** The trace's disk is full; null where nobody may mount a small disk here. */
  @Nullable FaultRow diskFull() throws IOException {
    Path small = Files.createDirectories(folder.resolve("small"));
    Path json = folder.resolve("full.jsonl");
    // 24 kB are four seconds of a trace; a name space of its own, so that it is gone with the
    // process.
    List<String> before =
        List.of(
            "unshare",
            "-rm",
            "sh",
            "-c",
            "mount -t tmpfs -o size=24k none '" + small + "' || exit 99; exec \"$@\"",
            "sh");
    Child child;
    try {
      child =
          start(
              "full",
              before,
              List.of(),
              "--seconds",
              "12",
              "--json",
              json.toString(),
              "--trace",
              small.resolve("run.trace").toString());
    } catch (IOException e) {
      return null; // no unshare
    }
    boolean ended = waitFor(child);
    String text = child.text();
    if (ended && (child.process.exitValue() == 99 || text.startsWith("unshare: "))) {
      return null; // no mount, or no name spaces, for this user
    }
    child.process.destroyForcibly();
    List<PlannerMessage> lines = lines(json);
    long decided = lines.stream().filter(ProcessFaults::isDecided).count();
    long told = lines.stream().filter(l -> l.effort().stages().contains("output trace")).count();
    boolean said = text.contains("No space left");
    List<String> remarks = new ArrayList<>();
    long invalid = invalid(lines, remarks);
    if (!said) {
      remarks.add("the run did not say so: " + last(text));
    }
    return new FaultRow(
        "disk full, trace",
        decided + " fresh of " + lines.size() + " messages; " + told + " tell of the trace",
        Double.NaN,
        Double.NaN,
        Double.NaN,
        invalid,
        said,
        invalid == 0
            && ended
            && decided > 20
            && told > 0
            && said
            && text.contains("every account is right"),
        remarks);
  }

  /** A rig without what the model needs to know of a camera. */
  FaultRow calibrationMissing() throws IOException {
    Path rig = folder.resolve("rig.yaml");
    String shipped = Files.readString(ProjectHome.root().resolve("launch/rigs/six-camera.yaml"));
    Files.writeString(rig, shipped.replaceFirst(", hfovDeg: [0-9.]+", ""));
    Path broken = folder.resolve("no-calibration.yaml");
    String text = Files.readString(ProjectHome.root().resolve("launch/demo.yaml"));
    Files.writeString(
        broken,
        text.replaceAll("rig: rigs/six-camera.yaml", "rig: " + rig)
            .replaceAll("model: \\.\\./[^ ]+", "model: " + model));
    ProcessBuilder builder =
        program(List.of(), List.of(), List.of("run", broken.toString(), "--headless"));
    Path out = folder.resolve("calibration.txt");
    Process process = builder.redirectOutput(out.toFile()).start();
    boolean ended = waitFor(new Child(process, out, 0));
    int exit = ended ? process.exitValue() : -1;
    process.destroyForcibly();
    String said = last(Files.readString(out));
    return new FaultRow(
        "calibration missing",
        "nothing: the run does not start, exit code " + exit,
        Double.NaN,
        Double.NaN,
        Double.NaN,
        0,
        said.contains("hfovDeg"),
        exit == ExitCode.BAD_INPUT && said.contains("hfovDeg"),
        List.of("it says: " + said));
  }

  /** A pause of the serial collector, in a JVM that has one. */
  @Nullable FaultRow collectorPause(List<String> arguments) throws IOException {
    Path row = folder.resolve("pause.row");
    List<String> all = new ArrayList<>(arguments);
    all.addAll(List.of("--collector-child", row.toString()));
    Path out = folder.resolve("pause.txt");
    Process process =
        program(List.of(), List.of("-XX:+UseSerialGC", "-Xmx2g"), all)
            .redirectOutput(out.toFile())
            .start();
    boolean ended;
    try {
      ended = process.waitFor(180, TimeUnit.SECONDS);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      ended = false;
    }
    process.destroyForcibly();
    if (!ended || !Files.exists(row)) {
      return new FaultRow(
          "collector pauses",
          "the process of its own did not end well: " + last(Files.readString(out)),
          Double.NaN,
          Double.NaN,
          Double.NaN,
          0,
          false,
          false,
          List.of());
    }
    return read(Files.readAllLines(row));
  }

  static List<String> write(FaultRow row) {
    List<String> lines = new ArrayList<>();
    lines.add(row.name());
    lines.add(row.seen());
    lines.add(row.warnMs() + " " + row.errorMs() + " " + row.healthyMs() + " " + row.invalid());
    lines.add(row.shown() + " " + row.survived());
    lines.addAll(row.remarks());
    return lines;
  }

  private static FaultRow read(List<String> lines) {
    String[] numbers = lines.get(2).split(" ");
    String[] verdicts = lines.get(3).split(" ");
    return new FaultRow(
        lines.get(0),
        lines.get(1),
        Double.parseDouble(numbers[0]),
        Double.parseDouble(numbers[1]),
        Double.parseDouble(numbers[2]),
        Long.parseLong(numbers[3]),
        Boolean.parseBoolean(verdicts[0]),
        Boolean.parseBoolean(verdicts[1]),
        lines.subList(4, lines.size()));
  }

  private static String last(String text) {
    return text.lines().filter(line -> !line.isBlank()).reduce("", (a, b) -> b);
  }

  private static boolean waitFor(Child child) {
    try {
      return child.process.waitFor(END_PATIENCE_S + 60, TimeUnit.SECONDS);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      return false;
    }
  }

  private static void sleep(long ms) {
    try {
      Thread.sleep(ms);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }
}
