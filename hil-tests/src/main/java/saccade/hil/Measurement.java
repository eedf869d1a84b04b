package saccade.hil;

import static java.util.Objects.requireNonNull;

import java.io.BufferedWriter;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Model.OptionSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;
import saccade.hil.bars.Bar;
import saccade.hil.bars.BarsFile;
import saccade.hil.bars.Judgement;
import saccade.hil.bars.RunName;
import saccade.hil.report.Machine;
import saccade.hil.report.Progress;
import saccade.hil.report.Report;
import saccade.nodes.cli.BadInput;
import saccade.nodes.cli.ExitCode;
import saccade.realtime.clock.NanoClock;
import saccade.realtime.os.MachineState;

/**
 * A bench or hil verb: measures, prints its report, and with {@code --check} holds it against the
 * bars.
 */
public abstract class Measurement implements Callable<Integer> {
  @Spec private @Nullable CommandSpec spec;

  @Option(names = "--quick", description = "Fewer runs: a look, not a proof.")
  boolean quick;

  @Option(
      names = "--check",
      description = "Exit 1 when a bar of this verb is missed, 75 when it is not measurable now.")
  boolean check;

  @Option(
      names = "--bars",
      paramLabel = "FILE",
      description = "The bars to check; default hil-tests/bars.yaml.")
  @Nullable Path bars;

  @Option(
      names = "--append",
      paramLabel = "FILE",
      description = "Also append the JSON line to FILE.")
  @Nullable Path append;

  @Option(
      names = "--junit",
      paramLabel = "FILE",
      description = "Also write the verdicts of this verb's bars as JUnit XML to FILE.")
  @Nullable Path junit;

  /** Runs and returns what was found; may throw {@link BadInput}. */
  protected abstract Report measure(Progress progress) throws Exception;

  /**
   * Whether what was measured is a failure by itself, whatever the bars say: exit code 1. After
   * {@link #measure}.
   */
  protected boolean failed() {
    return false;
  }

  /** Whether fewer runs were asked for. */
  protected boolean quick() {
    return quick;
  }

  @Override
  public final Integer call() throws Exception {
    PrintWriter out = requireNonNull(spec).commandLine().getOut();
    PrintWriter err = requireNonNull(spec).commandLine().getErr();
    List<Bar> known =
        check || junit != null
            ? BarsFile.read(bars == null ? BarsFile.shipped() : bars)
            : List.of();
    RunName run = run();
    if (check) {
      refuseUnnamed(run, known);
    }
    NanoClock clock = NanoClock.system();
    long beganNs = clock.nanoTime();
    MachineState before = MachineState.now();
    Report report = measure(new Progress(err, clock));
    MachineState held = MachineState.now().since(before);
    report
        .line("")
        .line("machine: " + held.line() + (held.heldBack() ? "; HELD BACK: distrust times" : ""))
        .fact("governor", held.governor())
        .detail("machine_thermal_throttles", (double) held.thermalThrottles())
        .detail(
            "machine_quota_throttled_ms",
            held.cgroupThrottledNs() < 0 ? -1 : held.cgroupThrottledNs() * 1e-6)
        .detail("machine_stolen_s", held.stolenTicks() * 0.01)
        .detail("machine_load", held.load1());
    Machine machine = Machine.here();
    int exit = ExitCode.OK;
    Path verdicts = junit;
    if (verdicts != null) {
      judge(report, run, known)
          .writeJunit(
              verdicts, report.command(), report.figures(), (clock.nanoTime() - beganNs) * 1e-9);
    }
    if (check) {
      Judgement judgement = judge(report, run, known);
      judgement.print(out);
      out.println();
      exit = judgement.exitCode();
    }
    report.print(out, machine);
    Path file = append;
    if (file != null) {
      append(file, report.json(machine));
    }
    return exit == ExitCode.OK && failed() ? ExitCode.FAILED : exit;
  }

  /** The words that this run was started with, from its verb on. */
  private List<String> words() {
    CommandSpec own = requireNonNull(spec);
    List<String> verb = new ArrayList<>();
    for (CommandSpec at = own; at.parent() != null; at = at.parent()) {
      verb.addFirst(at.name());
    }
    List<String> all = own.root().commandLine().getParseResult().originalArgs();
    List<String> words = new ArrayList<>(verb);
    words.addAll(all.subList(verb.size(), all.size()));
    return words;
  }

  /**
   * Runs whose bars this one can be held against: itself, and those that it does one after the
   * other, if it is made of such.
   */
  protected List<RunName> parts(RunName run) {
    return List.of(run);
  }

  /**
   * Values that are the defaults of options whose field says "not given" until something is, by
   * name. After the options have been read.
   */
  protected Map<String, String> defaults() {
    return Map.of();
  }

  /** What this run measures. */
  RunName run() {
    return RunName.of(words());
  }

  /** Whether a bar is about this run, or about the same one with fewer defaults written out. */
  boolean isNamed(Bar bar, RunName run) {
    return parts(run).stream().anyMatch(bar::names)
        || parts(run.without(this::isDefault)).stream().anyMatch(bar::names);
  }

  private boolean isDefault(String name, String value) {
    OptionSpec option = requireNonNull(spec).findOption(name);
    return value.equals(defaults().get(name))
        || (option != null && value.equals(String.valueOf(option.initialValue())));
  }

  /** A run that no bar names is told so before it begins, not an hour later. */
  private void refuseUnnamed(RunName run, List<Bar> bars) {
    if (bars.stream().noneMatch(bar -> isNamed(bar, run))) {
      List<String> named =
          bars.stream()
              .filter(bar -> bar.isAbout(run.verb()))
              .map(Bar::command)
              .distinct()
              .toList();
      throw new BadInput(
          "--check: wanted a run that a bar names"
              + (named.isEmpty() ? " (there is none for this verb)" : " " + named)
              + ", found "
              + run);
    }
  }

  /** Holds a report against the bars that name its run; those of other runs are listed as such. */
  private Judgement judge(Report report, RunName run, List<Bar> bars) {
    Judgement judgement = new Judgement();
    for (Bar bar : bars) {
      if (isNamed(bar, run)) {
        judgement.add(bar, report.figures());
      } else if (bar.isAbout(run.verb())) {
        judgement.addNotJudged(bar);
      }
    }
    return judgement;
  }

  private static void append(Path file, String line) throws IOException {
    try (BufferedWriter writer =
        Files.newBufferedWriter(
            file, StandardCharsets.UTF_8, StandardOpenOption.CREATE, StandardOpenOption.APPEND)) {
      writer.write(line);
      writer.newLine();
    }
  }
}
