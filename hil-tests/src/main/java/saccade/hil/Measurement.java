package saccade.hil;

import static java.util.Objects.requireNonNull;

import java.io.BufferedWriter;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.List;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;
import saccade.hil.bars.Bar;
import saccade.hil.bars.BarsFile;
import saccade.hil.bars.Judgement;
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
      Judgement all = new Judgement();
      known.stream()
          .filter(bar -> bar.belongsTo(report.command()))
          .forEach(bar -> all.add(bar, report.figures()));
      all.writeJunit(
          verdicts, report.command(), report.figures(), (clock.nanoTime() - beganNs) * 1e-9);
    }
    if (check) {
      Judgement judgement = judge(report, known);
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

  /** Holds a report against the bars of its verb. */
  static Judgement judge(Report report, List<Bar> bars) {
    Judgement judgement = new Judgement();
    List<Bar> own = bars.stream().filter(bar -> bar.belongsTo(report.command())).toList();
    if (own.isEmpty()) {
      throw new BadInput(
          "no bar belongs to " + report.command() + "; add one to hil-tests/bars.yaml");
    }
    own.forEach(bar -> judgement.add(bar, report.figures()));
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
