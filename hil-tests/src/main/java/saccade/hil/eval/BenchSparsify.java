package saccade.hil.eval;

import java.lang.management.ManagementFactory;
import java.lang.management.ThreadMXBean;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import saccade.hil.Measurement;
import saccade.hil.ModelOption;
import saccade.hil.drive.DriveTally;
import saccade.hil.drive.Driver;
import saccade.hil.drive.ExpertDriver;
import saccade.hil.report.PairedRatio;
import saccade.hil.report.Progress;
import saccade.hil.report.Quantile;
import saccade.hil.report.Report;
import saccade.kernels.geometry.Rig;
import saccade.nodes.cli.BadInput;
import saccade.nodes.pipeline.ModelPerceiver;
import saccade.nodes.pipeline.PipelineOptions;
import saccade.nodes.sensor.SensorTap;
import saccade.perception.PerceptionOutput;
import saccade.perception.PerceptionSession;
import saccade.perception.SessionOptions;
import saccade.perception.SetInput;
import saccade.perception.encode.EncodedSet;
import saccade.perception.engine.LoadedModel;
import saccade.perception.model.ModelPackage;
import saccade.perception.sparsify.TokenPolicy;
import saccade.planner.ActionCodec;
import saccade.planner.GeometricReflex;
import saccade.realtime.clock.NanoClock;
import saccade.sim.Scenario;

/**
 * {@code saccade bench sparsify}: every token policy at several shares of the tokens, on the same
 * held-out sets with shared encoder features: right answers, tokens, processor time. Then the best
 * ones drive.
 */
@Command(
    name = "sparsify",
    mixinStandardHelpOptions = true,
    description = {
      "Every token policy at 50, 25, 12 and 6 %% of the camera tokens beside all of them.",
      "Accuracy, steering error, tokens, encode and decode time; then closed loop with the best six at 25 %%."
    })
public final class BenchSparsify extends Measurement {
  private static final double[] SHARES = {0.5, 0.25, 0.12, 0.06};
  private static final int MOST_TIMED_SETS = 30; // with an encoder of their own
  private static final int WARM_SETS = 3;
  private static final int BEST = 6;
  private static final double DRIVEN_SHARE = 0.25;
  private static final long FIRST_SEED = 530_000;

  /** {@code S} stands for the share, {@code R} for its root: twice that is the share. */
  private static final List<String> POLICIES =
      List.of(
          "random@S",
          "uniform@S",
          "pooling@S",
          "pixel-variance@S",
          "evs@S",
          "divprune@S",
          "visionzip@S",
          "prumerge@S",
          "folder@S",
          "ficoco@S",
          "planner@S",
          "pixel-variance@S/ahead",
          "planner@S/ahead",
          "planner@S/path",
          "pixel-variance>nearest>mean@S/ahead",
          "uniform@S/ahead",
          "vts+pixel-variance@S/ahead",
          "hold+vts+pixel-variance@S/ahead",
          "hold+every:2/4+pixel-variance@S/ahead",
          "fastv@S",
          "sparsevlm@S",
          "pixel-variance@S/ahead+vtw",
          "pixel-variance@R/ahead+fastv@R");

  @Mixin private final ModelOption model = new ModelOption();

  @Option(
      names = "--sequences",
      paramLabel = "N",
      description = "Held-out sequences; default 100, with --quick 20.")
  private int sequences;

  @Option(
      names = "--frames",
      paramLabel = "N",
      description = "Frames of each sequence; default ${DEFAULT-VALUE}.")
  private int frames = 5;

  @Option(
      names = "--policy",
      split = ",",
      paramLabel = "POLICY",
      description =
          "Only these, separated by commas; S stands for the share. Without \"none\", which is always there.")
  private List<String> policies = POLICIES;

  @Option(
      names = "--seeds",
      paramLabel = "N",
      description =
          "Seeds of each scenario in closed loop; default 3 of all, with --quick 1 of three scenarios; 0 = open loop only.")
  private int seeds = -1;

  @Option(
      names = "--drive",
      split = ",",
      paramLabel = "POLICY",
      description = "Who drives besides all tokens, instead of the best six; as in --policy.")
  private List<String> driven = List.of();

  /** Filled by picocli. */
  public BenchSparsify() {}

  /** One way to run the model: its own stream, its own scores and times. */
  private static final class Way implements AutoCloseable {
    final String policy;
    final TokenPolicy tokens;
    final double share;
    final PerceptionSession session;
    final PolicyScore score = new PolicyScore();
    final List<Double> selectNs = new ArrayList<>();
    final List<Double> prefillNs = new ArrayList<>();
    final List<Double> decodeNs = new ArrayList<>(); // prefill, action, sentence
    final List<Double> toActionNs = new ArrayList<>(); // prefill, action
    final List<Double> cameraNs = new ArrayList<>(); // one camera; only with an own encoder
    final List<Double> lidarNs = new ArrayList<>();
    long sets;
    long sensorTokens;
    long camerasEncoded;

    Way(String policy, double share, LoadedModel loaded, Rig rig, NanoClock cpu) {
      this.policy = policy;
      this.share = share;
      this.tokens = TokenPolicy.parse(written(policy, share));
      this.session =
          new PerceptionSession(loaded, rig, cpu, SessionOptions.of(loaded.model(), rig, tokens));
    }

    /** A policy with its share in place of the letters. */
    static String written(String policy, double share) {
      return policy
          .replace("@S", "@" + share)
          .replace("@R", String.format(Locale.ROOT, "@%.3f", Math.sqrt(share)));
    }

    PerceptionOutput run(SetInput input, boolean counts, boolean ownEncoder) {
      double select = 0;
      double prefill = 0;
      double action = 0;
      double text = 0;
      long encodedBefore = session.encodedPictures();
      session.begin(input, Long.MAX_VALUE / 2);
      while (session.nextSlice() != PerceptionSession.DONE) {
        int slice = session.nextSlice();
        session.step(0);
        double took = session.lastSliceNs();
        if (slice < session.assembleSlice()) {
          if (ownEncoder && counts) {
            (slice == session.lidarSlice() ? lidarNs : cameraNs).add(took);
          }
        } else if (slice == session.assembleSlice()) {
          select += took;
        } else if (slice < session.actionSlice()) {
          prefill += took;
        } else if (slice == session.actionSlice()) {
          action += took;
        } else {
          text += took;
        }
      }
      PerceptionOutput output = session.output();
      if (counts) {
        sets++;
        sensorTokens += output.tokensKept();
        camerasEncoded += session.encodedPictures() - encodedBefore;
        selectNs.add(select);
        prefillNs.add(prefill);
        decodeNs.add(prefill + action + text);
        toActionNs.add(prefill + action);
      }
      return output;
    }

    double lastPrefillNs() {
      return prefillNs.getLast();
    }

    boolean keepsEarly() {
      return tokens.pruner() == null;
    }

    double tokensASet() {
      return (double) sensorTokens / Math.max(1, sets);
    }

    @Override
    public void close() {
      session.close();
    }
  }

  /** What a camera and the LiDAR cost to encode, ms of processor time. */
  private record EncodeTimes(double cameraMs, double cameraWithAttentionMs, double lidarMs) {
    double of(Way way, boolean attention) {
      double cameras = (double) way.camerasEncoded / Math.max(1, way.sets);
      return cameras * (attention ? cameraWithAttentionMs : cameraMs) + lidarMs;
    }
  }

  @Override
  protected Report measure(Progress progress) {
    int count = sequences > 0 ? sequences : quick() ? 20 : 100;
    if (frames < 1 || frames > 64 || sequences < 0 || seeds < -1) {
      throw new BadInput(
          "--sequences, --frames, --seeds: wanted 1 or more, at most 64 frames, found %d, %d, %d"
              .formatted(sequences, frames, seeds));
    }
    ModelPackage shape = ModelPerceiver.description(model.dir());
    Rig rig = ModelPerceiver.rigFor(shape);
    for (String policy : policies) {
      check(policy, shape, rig);
    }
    for (String policy : driven) {
      if (!policies.contains(policy)) {
        throw new BadInput(
            "--drive: wanted some of --policy, %s, found %s"
                .formatted(String.join(", ", policies), policy));
      }
    }
    ThreadMXBean threads = ManagementFactory.getThreadMXBean();
    NanoClock cpu = threads::getCurrentThreadCpuTime;
    Report report = new Report("bench sparsify");
    int timed = Math.min(MOST_TIMED_SETS, count * frames);
    List<Way> all = new ArrayList<>();
    PairedRatio prefill = new PairedRatio();
    EncodeTimes times = new EncodeTimes(Double.NaN, Double.NaN, Double.NaN);
    Way whole = null;
    try (LoadedModel loaded = ModelPerceiver.load(model.dir())) {
      for (double share : SHARES) {
        List<Way> ways = new ArrayList<>();
        try {
          ways.add(new Way("none", 1, loaded, rig, cpu));
          for (String policy : policies) {
            ways.add(new Way(policy, share, loaded, rig, cpu));
          }
          if (Double.isNaN(times.cameraMs)) {
            times = encodeTimes(loaded, rig, cpu, timed);
          }
          run(ways, loaded.model(), rig, count, share, progress);
          whole = whole == null ? ways.getFirst() : whole;
          all.addAll(ways.subList(1, ways.size()));
        } finally {
          ways.forEach(Way::close);
        }
      }
    }
    if (whole == null) {
      throw new IllegalStateException("no shares");
    }
    try (LoadedModel loaded = ModelPerceiver.load(model.dir())) {
      pair(loaded, rig, cpu, timed, prefill);
    }
    write(report, whole, all, times, prefill, count);
    report.fact("model", shape.sha256()).fact("modelVersion", shape.version());
    int drives = seeds >= 0 ? seeds : quick() ? 1 : 3;
    if (drives > 0) {
      drive(report, whole, all, times, shape, rig, drives, progress);
    }
    return report;
  }

  private static void check(String policy, ModelPackage shape, Rig rig) {
    try {
      TokenPolicy tokens = TokenPolicy.parse(Way.written(policy, SHARES[0]));
      SessionOptions.of(shape, rig, tokens);
      if (tokens.int8()) {
        throw new BadInput(
            "--policy: found %s, wanted one without int8: all share one encoder's features here; bench frontier measures it"
                .formatted(policy));
      }
    } catch (IllegalArgumentException e) {
      throw new BadInput("--policy: " + e.getMessage());
    }
  }

  private EncodeTimes encodeTimes(LoadedModel loaded, Rig rig, NanoClock cpu, int timed) {
    try (HeldOut heldOut = new HeldOut(rig, frames);
        Way plain = new Way("none", 1, loaded, rig, cpu);
        Way attention = new Way("visionzip@S", 0.5, loaded, rig, cpu)) {
      SetInput input = new SetInput(rig.cameras().size());
      heldOut.start(0);
      for (int set = -WARM_SETS; set < timed; set++) {
        if (set % frames == 0) {
          heldOut.start(Math.abs(set));
        } else {
          heldOut.next();
        }
        heldOut.fill(input, 0);
        plain.run(input, set >= 0, true);
        attention.run(input, set >= 0, true);
      }
      return new EncodeTimes(
          p50Ms(plain.cameraNs), p50Ms(attention.cameraNs), p50Ms(plain.lidarNs));
    }
  }

  private void run(
      List<Way> ways, ModelPackage shape, Rig rig, int count, double share, Progress progress) {
    ActionCodec codec = new ActionCodec(ModelPerceiver.codecOf(shape).action());
    SetInput input = new SetInput(rig.cameras().size());
    try (HeldOut heldOut = new HeldOut(rig, frames);
        EncodedSet encoded = new EncodedSet(shape)) {
      ways.forEach(way -> way.session.share(encoded));
      for (int sequence = 0; sequence < count; sequence++) {
        heldOut.start(sequence);
        ways.forEach(way -> way.session.reset());
        for (int frame = 0; frame < frames; frame++) {
          if (frame > 0) {
            heldOut.next();
          }
          encoded.next();
          for (Way way : ways) {
            heldOut.fill(input, frame * 100_000_000L);
            way.score.add(heldOut, way.run(input, true, false), shape, codec);
          }
        }
        progress.at(
            "sequences at %.0f %% of the tokens".formatted(100 * share), sequence + 1, count);
      }
    }
  }

  /** Prefill with all tokens, with 12 % of the cameras', with all again, set by set. */
  private static void pair(
      LoadedModel loaded, Rig rig, NanoClock cpu, int timed, PairedRatio ratio) {
    try (HeldOut heldOut = new HeldOut(rig, timed);
        Way whole = new Way("none", 1, loaded, rig, cpu);
        Way thin = new Way("pixel-variance@S/ahead", 0.12, loaded, rig, cpu);
        Way again = new Way("none", 1, loaded, rig, cpu)) {
      SetInput input = new SetInput(rig.cameras().size());
      for (int set = 0; set < 2 * timed; set++) {
        if (set % timed == 0) {
          heldOut.start(set);
        } else {
          heldOut.next();
        }
        heldOut.fill(input, 0);
        for (Way way : List.of(whole, thin, again)) {
          way.run(input, true, false);
        }
        if (set >= WARM_SETS && thin.lastPrefillNs() > 0) {
          ratio.add(whole.lastPrefillNs(), thin.lastPrefillNs(), again.lastPrefillNs());
        }
      }
    }
  }

  // ---- what was found ----

  private void write(
      Report report, Way whole, List<Way> all, EncodeTimes times, PairedRatio prefill, int count) {
    report.line(
        "%d held-out sequences of %d frames, six cameras' features shared; processor time of one thread, ms, p50"
            .formatted(count, frames));
    report.line(
        "mean: right answers, mean of %d questions; kept: of what all tokens reach; k0: |mean curvature - expert's|, 1/m"
            .formatted(PolicyScore.QUESTIONS.size()));
    List<List<String>> table = new ArrayList<>();
    table.add(
        List.of(
            "policy",
            "share %",
            "tokens",
            "mean %",
            "kept %",
            "maneuver %",
            "k0 error",
            "encode",
            "select",
            "prefill",
            "decode"));
    table.add(row(whole, whole, times));
    for (double share : SHARES) {
      all.stream()
          .filter(way -> way.share == share)
          .sorted(Comparator.comparingDouble((Way way) -> -way.score.mean()))
          .forEach(way -> table.add(row(way, whole, times)));
    }
    report.table(table);
    report.line("");
    facts(report, whole, all);
    report
        .figure("sets", whole.sets, "")
        .figure("full_mean", whole.score.mean(), "right answers")
        .figure("majority_mean", whole.score.majority(), "the commonest answer always");
    bars(report, whole, all, prefill);
    for (Way way : all) {
      report.detail(
          name(way) + "_kept", Math.round(1e4 * way.score.mean() / whole.score.mean()) / 1e4);
    }
  }

  private static String name(Way way) {
    return Way.written(way.policy, way.share).replaceAll("[^a-z0-9.]+", "_");
  }

  private static List<String> row(Way way, Way whole, EncodeTimes times) {
    return List.of(
        way.policy.replace("@S", "").replace("@R", ""),
        String.format(Locale.ROOT, "%.0f", 100 * way.share),
        String.format(Locale.ROOT, "%.0f", way.tokensASet()),
        String.format(Locale.ROOT, "%.1f", 100 * way.score.mean()),
        String.format(Locale.ROOT, "%.1f", 100 * way.score.mean() / whole.score.mean()),
        String.format(Locale.ROOT, "%.0f", 100 * way.score.accuracy(0)),
        String.format(Locale.ROOT, "%.4f", way.score.k0Error()),
        String.format(Locale.ROOT, "%.1f", times.of(way, attends(way))),
        String.format(Locale.ROOT, "%.2f", p50Ms(way.selectNs)),
        String.format(Locale.ROOT, "%.1f", p50Ms(way.prefillNs)),
        String.format(Locale.ROOT, "%.1f", p50Ms(way.decodeNs)));
  }

  private static boolean attends(Way way) {
    return List.of("visionzip", "prumerge", "ficoco").contains(way.tokens.sparsifier());
  }

  /** Each question: all tokens, and the best three at a quarter of them. */
  private static void facts(Report report, Way whole, List<Way> all) {
    List<Way> shown = new ArrayList<>(List.of(whole));
    best(all, 0.25).stream().limit(3).forEach(shown::add);
    all.stream()
        .filter(way -> way.share == 0.25 && way.policy.equals("random@S"))
        .forEach(shown::add);
    List<List<String>> table = new ArrayList<>();
    List<String> head = new ArrayList<>(List.of("right answers, %"));
    shown.forEach(way -> head.add(Way.written(way.policy, way.share)));
    table.add(head);
    for (int q = 0; q < PolicyScore.QUESTIONS.size(); q++) {
      List<String> row = new ArrayList<>(List.of(PolicyScore.QUESTIONS.get(q)));
      for (Way way : shown) {
        double accuracy = way.score.accuracy(q);
        row.add(Double.isNaN(accuracy) ? "-" : String.format(Locale.ROOT, "%.0f", 100 * accuracy));
      }
      table.add(row);
    }
    report.table(table);
  }

  /** Policies of a share before the decoder, the best first. */
  private static List<Way> best(List<Way> all, double share) {
    return all.stream()
        .filter(way -> way.share == share && way.keepsEarly())
        .sorted(Comparator.comparingDouble((Way way) -> -way.score.mean()))
        .toList();
  }

  private static void bars(Report report, Way whole, List<Way> all, PairedRatio prefill) {
    Map<String, Double> sums = new LinkedHashMap<>();
    for (Way way : all) {
      if (way.keepsEarly() && !baseline(way)) {
        sums.merge(way.policy, way.score.mean(), Double::sum);
      }
    }
    String champion =
        sums.entrySet().stream()
            .max(Map.Entry.comparingByValue())
            .map(Map.Entry::getKey)
            .orElse("none");
    double margin = Double.POSITIVE_INFINITY;
    for (double share : SHARES) {
      double own = Double.NaN;
      double other = Double.NaN;
      for (Way way : all) {
        if (way.share == share) {
          own = way.policy.equals(champion) ? way.score.mean() : own;
          if (baseline(way)) {
            double mean = way.score.mean();
            other = Double.isNaN(other) ? mean : Math.max(other, mean);
          }
        }
      }
      margin = Math.min(margin, own - other);
    }
    report.line("best policy over all shares: " + champion);
    report
        .fact("best", champion)
        .figure("best_kept_at_25", kept(all, whole, 0.25), "of the accuracy with all tokens")
        .figure("best_kept_at_12", kept(all, whole, 0.12), "of the accuracy with all tokens")
        .figure(
            "best_gain_at_25", gain(all, whole, 0.25), "of what all tokens gain on the majority")
        .figure(
            "best_gain_at_12", gain(all, whole, 0.12), "of what all tokens gain on the majority")
        .figure(
            "best_above_random_and_pooling",
            margin,
            "right answers, least of all shares: the best policy's less the better of the two")
        .figure("prefill_12_over_all", prefill.median(), "x, processor time, all layers")
        .figure("prefill_12_over_all_noise", prefill.noise(), "all tokens against themselves");
  }

  private static boolean baseline(Way way) {
    return way.policy.equals("random@S") || way.policy.equals("pooling@S");
  }

  private static double kept(List<Way> all, Way whole, double share) {
    return best(all, share).stream()
        .findFirst()
        .map(way -> way.score.mean() / whole.score.mean())
        .orElse(Double.NaN);
  }

  /** As {@link #kept}, of what is above always giving the commonest answer: stricter. */
  private static double gain(List<Way> all, Way whole, double share) {
    double majority = whole.score.majority();
    return best(all, share).stream()
        .findFirst()
        .map(way -> (way.score.mean() - majority) / (whole.score.mean() - majority))
        .orElse(Double.NaN);
  }

  // ---- closed loop ----

  private void drive(
      Report report,
      Way whole,
      List<Way> all,
      EncodeTimes times,
      ModelPackage shape,
      Rig rig,
      int drives,
      Progress progress) {
    List<Way> drivers = new ArrayList<>(List.of(whole));
    all.stream()
        .filter(way -> way.share == DRIVEN_SHARE)
        .filter(way -> driven.isEmpty() || driven.contains(way.policy))
        .sorted(Comparator.comparingDouble((Way way) -> -way.score.mean()))
        .limit(driven.isEmpty() ? BEST : driven.size())
        .forEach(drivers::add);
    List<String> stories =
        quick() ? List.of("lead-brake", "red-light", "cut-in") : Scenario.names();
    PipelineOptions options = PipelineOptions.tenHertz().withReflex(GeometricReflex.Mode.OFF);
    ExpertDriver expert = new ExpertDriver(options);
    List<List<String>> table = new ArrayList<>();
    table.add(DriveTally.HEAD);
    int done = 0;
    for (Way way : drivers) {
      DriveTally tally = new DriveTally();
      long latencyNs =
          Math.round(
              1e6 * (times.of(way, attends(way)) + p50Ms(way.selectNs) + p50Ms(way.toActionNs)));
      // No slice takes time, and the answer comes after what it costs on a free core: other
      // programs on the machine do not drive.
      try (ModelPerceiver perceiver =
          ModelPerceiver.open(
              model.dir(), rig, () -> 0L, SessionOptions.of(shape, rig, way.tokens))) {
        Driver wheel =
            new Driver(
                rig, perceiver, ModelPerceiver.codecOf(shape), options, latencyNs, SensorTap.OPEN);
        for (String story : stories) {
          for (int seed = 0; seed < drives; seed++) {
            Scenario scenario = Scenario.named(story);
            tally.add(
                wheel.drive(scenario, FIRST_SEED + seed, Integer.MAX_VALUE, trace -> false),
                expert.drive(scenario, FIRST_SEED + seed, Integer.MAX_VALUE));
            progress.at("drives", ++done, (long) drivers.size() * stories.size() * drives);
          }
        }
      }
      table.add(
          tally.row("%s, action after %.0f ms".formatted(way.tokens.text(), latencyNs * 1e-6)));
      report.detail(
          (way == whole ? "none" : name(way)) + "_drives_completed", tally.completedShare());
      report.detail((way == whole ? "none" : name(way)) + "_drives_clean", tally.cleanShare());
    }
    report.line("");
    report.line(
        "closed loop, %d seeds of %s; commands act after the processor time to the action"
            .formatted(drives, quick() ? String.join(", ", stories) : "every scenario"));
    report.table(table);
  }

  private static double p50Ms(List<Double> ns) {
    return ns.isEmpty()
        ? 0
        : Quantile.of(ns.stream().mapToDouble(Double::doubleValue).toArray(), 0.5) * 1e-6;
  }
}
