package saccade.hil.bars;

import static java.util.Objects.requireNonNull;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.PrintWriter;
import java.lang.management.ManagementFactory;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;
import saccade.nodes.cli.BadInput;
import saccade.nodes.cli.ExitCode;
import saccade.realtime.clock.NanoClock;

/**
 * {@code saccade bars}: runs every command that a bar names, each in a JVM of its own, and judges
 * the figures of its last line.
 */
@Command(
    name = "bars",
    mixinStandardHelpOptions = true,
    description = "Run what the bars file promises; print figure, limit, holds or not.",
    footer = {"", "Exit codes: 0 all hold; 1 one is missed; 75 one is not measurable now."})
public final class BarsCommand implements Callable<Integer> {
  @Spec private @Nullable CommandSpec spec;

  @Option(names = "--quick", description = "Fewer runs for each bar: a look, not a proof.")
  boolean quick;

  @Option(names = "--list", description = "Only list the bars and why they are what they are.")
  boolean list;

  @Option(
      names = "--bars",
      paramLabel = "FILE",
      description = "The bars; default hil-tests/bars.yaml.")
  @Nullable Path file;

  @Option(
      names = "--junit",
      paramLabel = "FILE",
      description = "Also write the verdicts as JUnit XML to FILE.")
  @Nullable Path junit;

  @Parameters(
      arity = "0..*",
      paramLabel = "WORD",
      description = "Only bars whose command or name contains one of these words.")
  List<String> words = List.of();

  /** Runs one command line and returns its exit code; standard output goes to {@code lines}. */
  interface Runner {
    int run(List<String> arguments, List<String> lines) throws IOException, InterruptedException;
  }

  @Override
  public Integer call() throws Exception {
    PrintWriter out = requireNonNull(spec).commandLine().getOut();
    List<Bar> bars =
        BarsFile.read(file == null ? BarsFile.shipped() : file).stream()
            .filter(this::wanted)
            .toList();
    if (bars.isEmpty()) {
      throw new BadInput("no bar contains " + words);
    }
    if (list) {
      for (Bar bar : bars) {
        out.println(bar.name() + ": " + bar.figure() + " " + bar.limit());
        out.println("  ./saccade " + bar.commandLine(quick));
        out.println("  " + bar.why());
      }
      out.flush();
      return 0;
    }
    long beganNs = NanoClock.system().nanoTime();
    Judgement judgement = run(bars, quick, BarsCommand::inNewJvm, out);
    Path verdicts = junit;
    if (verdicts != null) {
      double seconds = (NanoClock.system().nanoTime() - beganNs) * 1e-9;
      judgement.writeJunit(verdicts, "bars", Map.of(), seconds);
    }
    out.println();
    judgement.print(out);
    return judgement.exitCode();
  }

  /** Runs each distinct command once and judges all its bars. */
  static Judgement run(List<Bar> bars, boolean quick, Runner runner, PrintWriter out)
      throws IOException, InterruptedException {
    Map<String, List<Bar>> byCommand = new LinkedHashMap<>();
    for (Bar bar : bars) {
      byCommand.computeIfAbsent(bar.commandLine(quick), key -> new ArrayList<>()).add(bar);
    }
    Judgement judgement = new Judgement();
    int done = 0;
    for (Map.Entry<String, List<Bar>> entry : byCommand.entrySet()) {
      out.printf("[%d/%d] ./saccade %s%n", ++done, byCommand.size(), entry.getKey());
      out.flush();
      List<String> lines = new ArrayList<>();
      int exit = runner.run(List.of(entry.getKey().strip().split("\\s+")), lines);
      Map<String, Double> figures = figures(lines);
      for (Bar bar : entry.getValue()) {
        if (exit == ExitCode.NOT_MEASURABLE) {
          judgement.addNotMeasurable(bar, "exit " + exit);
        } else if (exit != 0) {
          judgement.addFailed(bar, "exit " + exit);
        } else if (figures == null) {
          judgement.addFailed(bar, "no JSON line");
        } else {
          judgement.add(bar, figures);
        }
      }
    }
    return judgement;
  }

  /** The figures of the last line, or null when it is not a report's JSON line. */
  static @Nullable Map<String, Double> figures(List<String> lines) {
    if (lines.isEmpty()) {
      return null;
    }
    try {
      JsonNode figures = new ObjectMapper().readTree(lines.getLast()).path("figures");
      if (!figures.isObject()) {
        return null;
      }
      Map<String, Double> values = new LinkedHashMap<>();
      figures
          .properties()
          .forEach(
              entry ->
                  values.put(
                      entry.getKey(),
                      entry.getValue().isNumber() ? entry.getValue().doubleValue() : Double.NaN));
      return values;
    } catch (JsonProcessingException e) {
      return null;
    }
  }

  private boolean wanted(Bar bar) {
    return words.isEmpty()
        || words.stream()
            .anyMatch(word -> bar.command().contains(word) || bar.name().contains(word));
  }

  /**
   * This program in a fresh JVM with the same flags, so that no command sees another's warmth or
   * garbage.
   */
  private static int inNewJvm(List<String> arguments, List<String> lines)
      throws IOException, InterruptedException {
    List<String> command = new ArrayList<>();
    command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
    command.addAll(ManagementFactory.getRuntimeMXBean().getInputArguments());
    command.add("saccade.nodes.cli.Main");
    command.addAll(arguments);
    ProcessBuilder builder =
        new ProcessBuilder(command).redirectError(ProcessBuilder.Redirect.INHERIT);
    // Not -cp: ONNX Runtime 1.29 crashes at start when the command line is longer than about 4 kB.
    builder.environment().put("CLASSPATH", System.getProperty("java.class.path"));
    Process process = builder.start();
    try {
      process.getOutputStream().close();
      try (BufferedReader out =
          new BufferedReader(
              new InputStreamReader(process.getInputStream(), StandardCharsets.UTF_8))) {
        out.lines().forEach(lines::add);
      }
      return process.waitFor();
    } finally {
      process.destroy();
    }
  }
}
