package saccade.nodes.verbs;

import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;
import saccade.nodes.cli.BadInput;
import saccade.nodes.cli.ExitCode;
import saccade.nodes.pipeline.ModelPerceiver;
import saccade.nodes.run.ProjectHome;
import saccade.nodes.run.RecordedRuns;
import saccade.perception.model.WorthTable;
import saccade.realtime.deadline.Worth;
import saccade.realtime.overload.Arrivals;
import saccade.realtime.overload.Baselines;
import saccade.realtime.overload.Policy;
import saccade.realtime.overload.RecordedRun;
import saccade.realtime.overload.StreamRun;
import saccade.realtime.overload.Terms;

@Command(
    name = "whatif",
    mixinStandardHelpOptions = true,
    description = {
      "Replays a recorded run (--trace of run, demo or play) on a simulated clock under a policy: the same frames at the"
          + " same instants, slices that take what they took then, times a factor. Under the policy that really ran,"
          + " at factor 1, what is predicted is held against what was measured; and each decision is taken once more"
          + " from what the run knew then."
    },
    footer = {
      "",
      "Exit codes: 0 done; 65 no such file, not a trace, or one of an older version.",
      "Example:",
      "  saccade demo --headless --seconds 20 --trace run.trace && saccade whatif run.trace --slower 1.5"
    })
final class WhatIfVerb implements Callable<Integer> {
  private static final String OURS = "saccade";
  private static final long REFLEX_NS = 30_000_000L;
  private static final long VALID_NS = 300_000_000L;

  @Parameters(paramLabel = "TRACE", description = "The recorded run.")
  Path trace = Path.of("");

  @Option(
      names = "--policy",
      paramLabel = "NAME",
      description =
          "saccade, fifo-10, latest-only, every-3rd, static, plain-edf, always-lowest, or all. Default: ${DEFAULT-VALUE}.")
  String policy = OURS;

  @Option(
      names = "--slower",
      paramLabel = "X",
      description = "Factor on the time of every slice; default ${DEFAULT-VALUE}.")
  double slower = 1;

  @Option(
      names = "--model",
      paramLabel = "DIR",
      description =
          "Model package that says what answers are worth; default perception-mllm/models/saccade-nano.")
  @Nullable Path model;

  @Spec @Nullable CommandSpec spec;

  @Override
  public Integer call() {
    if (!(slower >= 0.01 && slower <= 100)) {
      throw new BadInput("--slower: expected 0.01 to 100, found " + slower);
    }
    PrintWriter out = Streams.out(spec);
    RecordedRun run = RecordedRuns.read(trace);
    try {
      print(run, out);
    } catch (IllegalArgumentException e) { // no set of it ran to its action
      throw new BadInput(String.valueOf(e.getMessage()));
    }
    out.flush();
    return ExitCode.OK;
  }

  private Worth worth() {
    Path dir = model == null ? ProjectHome.shippedModel() : model;
    Worth worth = ModelPerceiver.worthOf(ModelPerceiver.description(dir));
    if (worth == null) {
      throw new BadInput(
          "--model: expected a package with %s, found none in %s; write it with model worth --out"
              .formatted(WorthTable.FILE, dir));
    }
    return worth;
  }

  private void print(RecordedRun run, PrintWriter out) {
    Worth worth = worth();
    Arrivals arrivals = run.arrivals();
    RecordedRun.Measured measured = run.measured();
    out.println(
        String.format(
            Locale.ROOT,
            "recorded       %d instants, %d sets ran, %d of %d deadlines missed (%.2f %%), age p50 %s ms, p99 %s ms%s",
            arrivals.count(),
            measured.sets(),
            measured.missed(),
            measured.deadlines(),
            100 * measured.missRatio(),
            age(measured.ageP50Ms()),
            age(measured.ageP99Ms()),
            run.lost() > 0 ? "; " + run.lost() + " records lost" : ""));
    if (run.degraded()) {
      out.println("decisions      " + redecided(run, worth));
    }
    List<Policy> chosen = policies(run, worth);
    out.println(
        String.format(
            Locale.ROOT,
            "%-14s %14s %12s %8s %10s %10s   at %.2f times the recorded slice times",
            "policy",
            "action missed %",
            "text missed %",
            "useful",
            "age p50 ms",
            "age p99 ms",
            slower));
    boolean nothing = false;
    for (Policy one : chosen) {
      StreamRun.Outcome outcome = run.replay(one, slower);
      StreamRun.Figures figures =
          outcome.figures(0, arrivals.count(), new Terms(REFLEX_NS, VALID_NS, worth));
      out.println(
          String.format(
              Locale.ROOT,
              "%-14s %14.2f %12.2f %8.3f %10s %10s",
              one.name(),
              100 * outcome.missRatio(),
              100 * figures.textMisses(),
              figures.useful(),
              age(figures.ageP50Ms()),
              age(figures.ageP99Ms())));
      nothing |= Double.isInfinite(figures.ageP99Ms());
      if (one.name().equals(OURS) && run.degraded() && slower == 1) {
        out.println(
            String.format(
                Locale.ROOT,
                "  the policy that ran: predicted %.2f %% of %d deadlines, measured %.2f %%, %.2f points apart; in simulated time"
                    + " %.1f %% of instants ran alike, %.1f %% of those with the same decision",
                100 * outcome.missRatio(),
                outcome.deadlines(),
                100 * measured.missRatio(),
                100 * Math.abs(outcome.missRatio() - measured.missRatio()),
                100 * run.sameSets(outcome),
                100 * run.agreement(outcome)));
      }
    }
    if (nothing) {
      out.println("never: for so large a part of the time no action was there yet");
    }
  }

  /** An age as it is printed: before the first action there is none. */
  static String age(double ms) {
    if (Double.isNaN(ms)) {
      return "none";
    }
    return Double.isInfinite(ms) ? "never" : String.format(Locale.ROOT, "%.1f", ms);
  }

  /** Whether the run's decisions come out again from what it knew at each. */
  private static String redecided(RecordedRun run, Worth worth) {
    RecordedRun.Redecided again = run.redecide(worth);
    if (again.decisions() == 0) {
      return "not to be taken again: the trace is of an older version, or there was none";
    }
    return String.format(
        Locale.ROOT,
        "taken again from what the run knew at each: %d of %d the same%s",
        again.same(),
        again.decisions(),
        again.first().isEmpty() ? "" : "; first that differs: " + again.first());
  }

  private List<Policy> policies(RecordedRun run, Worth worth) {
    List<Policy> all = new ArrayList<>();
    all.add(run.policy(worth));
    all.addAll(Baselines.all(run.shape(), run.stageNs()));
    if (policy.equals("all")) {
      return all;
    }
    List<Policy> named = all.stream().filter(one -> one.name().equals(policy)).toList();
    if (named.isEmpty()) {
      throw new BadInput(
          "--policy: expected "
              + String.join(", ", all.stream().map(Policy::name).toList())
              + " or all, found "
              + policy);
    }
    return named;
  }
}
