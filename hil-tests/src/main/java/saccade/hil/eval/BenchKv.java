package saccade.hil.eval;

import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.lang.management.ThreadMXBean;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import saccade.hil.Measurement;
import saccade.hil.ModelOption;
import saccade.hil.report.PairedRatio;
import saccade.hil.report.Progress;
import saccade.hil.report.Report;
import saccade.kernels.geometry.Rig;
import saccade.nodes.cli.BadInput;
import saccade.nodes.pipeline.ModelPerceiver;
import saccade.perception.DecodeOptions;
import saccade.perception.SessionOptions;
import saccade.perception.engine.LoadedModel;
import saccade.perception.kv.ByteCap;
import saccade.perception.kv.InfMllm;
import saccade.perception.kv.KvCache;
import saccade.perception.kv.KvOptions;
import saccade.perception.kv.KvPolicy;
import saccade.perception.kv.LookM;
import saccade.perception.kv.StreamingLlm;
import saccade.perception.kv.StreamingVlm;
import saccade.perception.kv.VlaSettings;
import saccade.perception.model.ModelPackage;
import saccade.planner.ActionCodec;
import saccade.realtime.clock.NanoClock;
import saccade.sim.truth.TruthFacts;

/**
 * {@code saccade bench kv}: what a set may remember, and what that costs. The shipped sliding
 * window beside no window (grows), the window computed anew for each set (slow), no memory
 * (forgets), and every other cache policy, all on the same encoder features.
 */
@Command(
    name = "kv",
    mixinStandardHelpOptions = true,
    description =
        "Every KV policy on the same held-out sets: right answers, motion facts, rows, bytes, time.")
public final class BenchKv extends Measurement {
  private static final int WIDE_ROWS = 8192;
  private static final int MOST_FRAMES = 24; // of one sequence without a window

  @Mixin private final ModelOption model = new ModelOption();

  @Option(
      names = "--sequences",
      paramLabel = "N",
      description = "Held-out sequences; default 60, with --quick 10.")
  private int sequences;

  @Option(
      names = "--frames",
      paramLabel = "N",
      description = "Frames of each sequence; default ${DEFAULT-VALUE}.")
  private int frames = 10;

  /** Filled by picocli. */
  public BenchKv() {}

  @Override
  protected Report measure(Progress progress) throws IOException {
    int count = sequences > 0 ? sequences : quick() ? 10 : 60;
    ModelPackage shipped = ModelPerceiver.description(model.dir());
    int window = shipped.window().sets();
    if (frames <= window || frames > MOST_FRAMES) {
      throw new BadInput(
          "--frames: wanted %d..%d, more than the window, found %d"
              .formatted(window + 1, MOST_FRAMES, frames));
    }
    Rig rig = ModelPerceiver.rigFor(shipped);
    ThreadMXBean threads = ManagementFactory.getThreadMXBean();
    NanoClock cpu = threads::getCurrentThreadCpuTime;
    Report report = new Report("bench kv");
    try (WidePackage wide = new WidePackage(shipped, WIDE_ROWS);
        LoadedModel loaded = ModelPerceiver.load(wide.dir());
        EncodedDrive drive = new EncodedDrive(loaded, rig, 0, count, frames, cpu, progress)) {
      List<DecodeWay> ways = new ArrayList<>();
      try {
        ways(ways, loaded, rig, cpu);
        ActionCodec codec = new ActionCodec(ModelPerceiver.codecOf(shipped).action());
        DecodeWay.run(ways, drive, loaded.model(), codec, "sequences", progress);
        write(report, ways, count, window);
      } finally {
        ways.forEach(DecodeWay::close);
      }
    }
    return report.fact("model", shipped.sha256()).fact("modelVersion", shipped.version());
  }

  private static void ways(List<DecodeWay> ways, LoadedModel loaded, Rig rig, NanoClock cpu) {
    ModelPackage model = loaded.model();
    int window = model.window().sets();
    int set = model.slots().act(); // rows
    int most = KvCache.mostIncoming(model);
    KvPolicy shipped = new StreamingVlm(window, 0);
    add(ways, "window", shipped, DecodeWay.Memory.STREAM, loaded, rig, cpu);
    add(
        ways,
        "no_window",
        new StreamingVlm(MOST_FRAMES, 0),
        DecodeWay.Memory.STREAM,
        loaded,
        rig,
        cpu);
    add(ways, "recompute", shipped, DecodeWay.Memory.RECOMPUTE, loaded, rig, cpu);
    add(ways, "reset", shipped, DecodeWay.Memory.RESET, loaded, rig, cpu);
    add(ways, "window_again", shipped, DecodeWay.Memory.STREAM, loaded, rig, cpu);
    add(ways, "window_2", new StreamingVlm(2, 0), DecodeWay.Memory.STREAM, loaded, rig, cpu);
    add(
        ways,
        "window_8",
        new StreamingVlm(2 * window, 0),
        DecodeWay.Memory.STREAM,
        loaded,
        rig,
        cpu);
    add(
        ways,
        "text_too",
        new StreamingVlm(window, 2 * window),
        DecodeWay.Memory.STREAM,
        loaded,
        rig,
        cpu);
    add(
        ways,
        "streaming_llm",
        new StreamingLlm(4, (window - 1) * set + most, MOST_FRAMES),
        DecodeWay.Memory.STREAM,
        loaded,
        rig,
        cpu);
    int half = (window - 1) * set / 4;
    add(
        ways,
        "inf_mllm",
        new InfMllm(half, half, 2 * window, window, 0.002f),
        DecodeWay.Memory.STREAM,
        loaded,
        rig,
        cpu);
    add(
        ways,
        "look_m",
        new LookM(0.2, 0.2, 2 * window, 0),
        DecodeWay.Memory.STREAM,
        loaded,
        rig,
        cpu);
    add(
        ways,
        "byte_cap",
        new ByteCap(shipped, 1 + most + (window - 1) * set / 2),
        DecodeWay.Memory.STREAM,
        loaded,
        rig,
        cpu);
    ways.add(
        way(
            "int8",
            DecodeOptions.SHIPPED.withKv(KvOptions.of(shipped).withStorage(KvOptions.Storage.INT8)),
            DecodeWay.Memory.STREAM,
            loaded,
            rig,
            cpu));
    ways.add(
        way(
            "vla_cache",
            DecodeOptions.SHIPPED.withVla(VlaSettings.paper(model.camera().tokens())),
            DecodeWay.Memory.STREAM,
            loaded,
            rig,
            cpu));
  }

  private static void add(
      List<DecodeWay> ways,
      String name,
      KvPolicy policy,
      DecodeWay.Memory memory,
      LoadedModel loaded,
      Rig rig,
      NanoClock cpu) {
    ways.add(
        way(name, DecodeOptions.SHIPPED.withKv(KvOptions.of(policy)), memory, loaded, rig, cpu));
  }

  private static DecodeWay way(
      String name,
      DecodeOptions decode,
      DecodeWay.Memory memory,
      LoadedModel loaded,
      Rig rig,
      NanoClock cpu) {
    return new DecodeWay(name, loaded, rig, cpu, SessionOptions.DEFAULT.withDecode(decode), memory);
  }

  private void write(Report report, List<DecodeWay> ways, int count, int window) {
    DecodeWay shipped = ways.getFirst();
    DecodeWay grows = ways.get(1);
    DecodeWay recompute = ways.get(2);
    DecodeWay reset = ways.get(3);
    DecodeWay again = ways.get(4);
    report.line(
        "%d held-out sequences of %d frames, all tokens of six cameras, encoder features shared; processor time of one thread, p50"
            .formatted(count, frames));
    report.line(
        "same: answers equal to those without a window, beyond the first %d frames; motion: right answers and what that is of the possible gain"
            .formatted(window));
    List<List<String>> table = new ArrayList<>();
    table.add(
        List.of(
            "policy",
            "mean %",
            "maneuver %",
            "motion %",
            "gain %",
            "same %",
            "rows",
            "kB",
            "prefill ms",
            "decode ms",
            "evicted",
            "merged",
            "reused",
            "overflow",
            "degraded"));
    for (DecodeWay way : ways) {
      KvCache cache = way.session.cache();
      table.add(
          List.of(
              way.name,
              percent(way.score.mean()),
              percent(way.score.accuracy(0)),
              percent(motion(way, false)),
              percent(motion(way, true)),
              percent(way.sameAs(grows, frames, window, frames)),
              Long.toString(way.mostRows),
              Long.toString(way.mostBytes / 1024),
              String.format(Locale.ROOT, "%.1f", way.prefillMs()),
              String.format(Locale.ROOT, "%.1f", way.decodeMs()),
              Long.toString(cache.evictedRows()),
              Long.toString(cache.mergedRows()),
              Long.toString(cache.reusedRows()),
              Long.toString(cache.overflowRows()),
              Long.toString(cache.degraded())));
      report.detail(way.name + "_mean", round(way.score.mean()));
      report.detail(way.name + "_motion", round(motion(way, false)));
      report.detail(way.name + "_prefill_ms", way.prefillMs());
    }
    report.table(table);
    PairedRatio slow = new PairedRatio();
    PairedRatio grown = new PairedRatio();
    for (int i = 0; i < shipped.sets(); i++) {
      if (i % frames >= window) {
        slow.add(recompute.prefillNs.get(i), shipped.prefillNs.get(i), recompute.prefillNs.get(i));
        grown.add(shipped.prefillNs.get(i), grows.prefillNs.get(i), again.prefillNs.get(i));
      }
    }
    double gain = motion(shipped, true);
    double without = motion(reset, true);
    report
        .figure("sets", shipped.sets(), "")
        .figure(
            "same_on_overlap",
            shipped.sameAs(grows, frames, 0, window),
            "answers equal to those without a window, while both hold the same")
        .figure(
            "same_beyond",
            shipped.sameAs(grows, frames, window, frames),
            "likewise, once the window slides")
        .figure(
            "same_as_recompute",
            shipped.sameAs(recompute, frames, 0, frames),
            "answers equal to those of the window computed anew")
        .figure(
            "motion_over_reset",
            without > 0 ? gain / without : gain > 0 ? Double.POSITIVE_INFINITY : Double.NaN,
            "x, what both motion facts gain over the commonest answer, beside without memory")
        .figure("motion_window", motion(shipped, false), "right answers")
        .figure("motion_reset", motion(reset, false), "right answers")
        .figure("window_over_recompute", slow.median(), "x, processor time of the prefill")
        .figure("no_window_over_window", grown.median(), "x, processor time of the prefill")
        .figure("no_window_noise", grown.noise(), "the window against itself")
        .figure("rows_no_window", grows.mostRows, "rows of all slices, most")
        .figure("rows_window", shipped.mostRows, "rows of all slices, most");
  }

  /** Right answers to both motion facts, or what they are of the possible gain. */
  private static double motion(DecodeWay way, boolean gain) {
    double sum = 0;
    for (int fact : new int[] {TruthFacts.FIRST_MOTION, TruthFacts.SECOND_MOTION}) {
      AnswerScore score = way.score.scoreOf(fact + 1);
      sum += gain ? score.gain() : score.accuracy();
    }
    return sum / 2;
  }

  static double round(double share) {
    return Double.isNaN(share) ? share : Math.round(share * 1e4) / 1e4;
  }

  static String percent(double share) {
    return Double.isNaN(share) ? "-" : String.format(Locale.ROOT, "%.1f", 100 * share);
  }
}
