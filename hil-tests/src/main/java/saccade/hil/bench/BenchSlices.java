package saccade.hil.bench;

import java.lang.management.ManagementFactory;
import java.lang.management.ThreadMXBean;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import saccade.hil.Measurement;
import saccade.hil.ModelOption;
import saccade.hil.report.PairedRatio;
import saccade.hil.report.Progress;
import saccade.hil.report.Quantile;
import saccade.hil.report.Report;
import saccade.kernels.geometry.Rig;
import saccade.nodes.pipeline.ModelPerceiver;
import saccade.perception.PerceptionSession;
import saccade.perception.SessionOptions;
import saccade.perception.SetInput;
import saccade.perception.engine.EngineOptions;
import saccade.perception.engine.LoadedModel;
import saccade.perception.model.ModelPackage;
import saccade.realtime.clock.NanoClock;

/**
 * {@code saccade bench slices}: what each slice of a set costs, for several ways to run the same
 * model on the same drive; they take turns set by set. Processor time of the one thread that runs
 * it all, so that other programs do not decide it.
 */
@Command(
    name = "slices",
    mixinStandardHelpOptions = true,
    description = "What each slice of a set costs: as shipped, all tokens, no drafts, JNI calls.")
public final class BenchSlices extends Measurement {
  private static final int WARM_SETS = 30;
  private static final String TO_ACTION = "to the action";
  private static final String SET = "whole set";
  private static final String LONGEST = "longest slice";

  @Mixin private final ModelOption model = new ModelOption();

  @Option(
      names = "--sets",
      paramLabel = "N",
      description = "Sets of each way; default 300, with --quick 60.")
  private int sets;

  /** Filled by picocli. */
  public BenchSlices() {}

  /** One way to run the model: its own stream, its own times. */
  private static final class Way implements AutoCloseable {
    final String name;
    final PerceptionSession session;
    final Map<String, List<Double>> ns = new LinkedHashMap<>(); // processor time by stage
    double lastSetNs;
    long tokens;

    Way(String name, LoadedModel loaded, Rig rig, SessionOptions options, NanoClock cpu) {
      this.name = name;
      this.session = new PerceptionSession(loaded, rig, cpu, options);
    }

    void run(SetInput input, boolean counts) {
      Map<String, Double> sums = new LinkedHashMap<>();
      double all = 0;
      double toAction = 0;
      double longest = 0;
      session.begin(input, Long.MAX_VALUE / 2);
      while (session.nextSlice() != PerceptionSession.DONE) {
        boolean undecided = !session.actionReady();
        String stage = stage(session.sliceName(session.nextSlice()));
        session.step(0);
        double took = session.lastSliceNs();
        sums.merge(stage, took, Double::sum);
        all += took;
        toAction = undecided ? all : toAction;
        longest = Math.max(longest, took);
      }
      sums.put(TO_ACTION, toAction);
      sums.put(SET, all);
      sums.put(LONGEST, longest);
      lastSetNs = all;
      tokens = session.output().tokensKept();
      if (counts) {
        sums.forEach((stage, took) -> ns.computeIfAbsent(stage, s -> new ArrayList<>()).add(took));
      }
    }

    /** Cameras, layers and ways to make a sentence are summed up. */
    private static String stage(String slice) {
      return slice.startsWith("prefill")
          ? "prefill"
          : slice.startsWith("sentence")
              ? "sentence"
              : slice.startsWith("encode ") && !slice.contains("lidar") ? "cameras" : slice;
    }

    double p50Ms(String stage) {
      List<Double> all = ns.getOrDefault(stage, List.of());
      return Quantile.of(all.stream().mapToDouble(Double::doubleValue).toArray(), 0.5) * 1e-6;
    }

    @Override
    public void close() {
      session.close();
    }
  }

  @Override
  protected Report measure(Progress progress) {
    int count = sets > 0 ? sets : quick() ? 60 : 300;
    ModelPackage shape = ModelPerceiver.description(model.dir());
    Rig rig = ModelPerceiver.rigFor(shape);
    ThreadMXBean threads = ManagementFactory.getThreadMXBean();
    NanoClock cpu = threads::getCurrentThreadCpuTime;
    SessionOptions shipped = SessionOptions.shipped(shape);
    Report report = new Report("bench slices");
    PairedRatio jniOverDirect = new PairedRatio();
    try (LoadedModel direct = ModelPerceiver.load(model.dir());
        LoadedModel throughJni =
            ModelPerceiver.load(
                model.dir(), EngineOptions.DEFAULT.withCall(EngineOptions.Call.JNI));
        BenchStream.Loop loop = new BenchStream.Loop(rig);
        Way asShipped = new Way("shipped", direct, rig, shipped, cpu);
        Way all = new Way("all tokens", direct, rig, SessionOptions.DEFAULT, cpu);
        Way noDrafts = new Way("no drafts", direct, rig, shipped.withDrafts(false), cpu);
        Way jni = new Way("JNI", throughJni, rig, shipped.withDrafts(false), cpu);
        Way again = new Way("again", direct, rig, shipped.withDrafts(false), cpu)) {
      List<Way> ways = List.of(asShipped, all, noDrafts, jni, again);
      SetInput input = new SetInput(rig.cameras().size());
      for (int set = -WARM_SETS; set < count; set++) {
        loop.fill(input, set + WARM_SETS);
        for (int turn = 0; turn < ways.size(); turn++) {
          ways.get(Math.floorMod(set + turn, ways.size())).run(input, set >= 0);
        }
        if (set >= 0) {
          jniOverDirect.add(noDrafts.lastSetNs, jni.lastSetNs, again.lastSetNs);
          progress.at("sets of each way", set + 1, count);
        }
      }
      report.line(
          "processor time of one thread, ms, p50 of %d sets; %d cameras%s"
              .formatted(count, rig.cameras().size(), rig.lidar() == null ? "" : " and LiDAR"));
      report.table(table(ways.subList(0, 4)));
      report
          .figure("shipped_tokens", asShipped.tokens, "sensor tokens kept")
          .figure("shipped_to_action_p50", asShipped.p50Ms(TO_ACTION), "ms, processor time")
          .figure("shipped_set_p50", asShipped.p50Ms(SET), "ms, processor time")
          .figure("shipped_longest_slice_p50", asShipped.p50Ms(LONGEST), "ms, processor time")
          .figure("all_tokens", all.tokens, "")
          .figure("all_tokens_to_action_p50", all.p50Ms(TO_ACTION), "ms, processor time")
          .figure("all_tokens_set_p50", all.p50Ms(SET), "ms, processor time")
          .figure("no_drafts_set_p50", noDrafts.p50Ms(SET), "ms, processor time")
          .figure(
              "draft_accepted",
              (double) asShipped.session.acceptedTokens()
                  / Math.max(1, asShipped.session.draftedTokens()),
              "of the drafted tokens stood")
          .figure("jni_over_direct", jniOverDirect.median(), "x, CPU time a set, no drafts")
          .figure("jni_over_direct_noise", jniOverDirect.noise(), "direct against direct")
          .fact("calls", direct.call())
          .fact("provider", direct.provider())
          .fact("model", shape.sha256());
    }
    return report;
  }

  private static List<List<String>> table(List<Way> ways) {
    List<List<String>> table = new ArrayList<>();
    List<String> head = new ArrayList<>(List.of("slice"));
    ways.forEach(way -> head.add(way.name));
    table.add(head);
    for (String stage : ways.getFirst().ns.keySet()) {
      List<String> row = new ArrayList<>(List.of(stage));
      ways.forEach(way -> row.add(String.format(Locale.ROOT, "%.2f", way.p50Ms(stage))));
      table.add(row);
    }
    return table;
  }
}
