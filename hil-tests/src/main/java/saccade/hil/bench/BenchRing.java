package saccade.hil.bench;

import java.util.ArrayList;
import java.util.List;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import saccade.hil.Measurement;
import saccade.hil.bench.RingBench.Mode;
import saccade.hil.bench.RingBench.Result;
import saccade.hil.report.PairedRatio;
import saccade.hil.report.Progress;
import saccade.hil.report.Report;
import saccade.nodes.cli.BadInput;

/**
 * {@code saccade bench ring}: our ring beside a bare Disruptor and a queue. One thread taking turns
 * gives the processor time of the hop itself; two threads by the clock include sleeping and waking.
 */
@Command(
    name = "ring",
    mixinStandardHelpOptions = true,
    description = "A hop through the ring beside a bare Disruptor and an ArrayBlockingQueue.")
public final class BenchRing extends Measurement {
  private static final int[] PAYLOADS = {64, 256 * 1024};

  @Option(
      names = "--rounds",
      paramLabel = "N",
      description =
          "Interleaved rounds; default 41, with --quick 21 (20 are needed for a verdict).")
  private int rounds;

  /** Filled by picocli. */
  public BenchRing() {}

  @Override
  protected Report measure(Progress progress) throws InterruptedException {
    int count = rounds > 0 ? rounds : quick() ? 21 : 41;
    if (count < PairedRatio.MIN_PAIRS) {
      throw new BadInput("--rounds: wanted at least " + PairedRatio.MIN_PAIRS + ", found " + count);
    }
    Report report = new Report("bench ring");
    List<Result> results = new ArrayList<>();
    int step = 0;
    for (Mode mode : Mode.values()) {
      for (int bytes : PAYLOADS) {
        int frames = bytes > 4096 ? 500 : mode == Mode.ONE_THREAD ? 200_000 : 20_000;
        progress.at("modes and payloads", step++, (long) Mode.values().length * PAYLOADS.length);
        results.addAll(RingBench.run(mode, bytes, bytes > 4096 ? 16 : 64, frames, count));
      }
    }
    RingBench.table(results).forEach(report::line);
    double allocated = 0;
    for (int bytes : PAYLOADS) {
      PairedRatio turns = paired(results, Mode.ONE_THREAD, bytes);
      PairedRatio threads = paired(results, Mode.TWO_THREADS, bytes);
      report
          .figure("ratio_" + bytes, turns.median(), "x bare Disruptor, one thread")
          .figure("noise_" + bytes, turns.noise(), "bare Disruptor against itself")
          .figure("two_threads_ratio_" + bytes, threads.median(), "x bare Disruptor, by the clock")
          .figure("two_threads_noise_" + bytes, threads.noise(), "bare Disruptor against itself")
          .figure(
              "ratio_as_it_comes_" + bytes,
              RingBench.row(results, RingBench.RING, Mode.ONE_THREAD, bytes).nsPerFrame()
                  / RingBench.row(results, RingBench.BARE_BLOCKING, Mode.ONE_THREAD, bytes)
                      .nsPerFrame(),
              "x Disruptor with its default wait strategy, one thread, not gated")
          .figure(
              "hop_" + bytes,
              RingBench.row(results, RingBench.RING, Mode.ONE_THREAD, bytes).nsPerFrame(),
              "ns a frame, one thread");
    }
    for (Result result : results) {
      if (result.contender().equals(RingBench.RING)) {
        allocated = Math.max(allocated, result.bytesPerFrame());
      }
    }
    return report
        // Two threads' round may see a class initialised: a byte in a thousand frames is none a
        // frame.
        .figure(
            "allocated_bytes_per_frame",
            Math.rint(allocated * 1000) / 1000,
            "B, worst of all modes")
        .figure("rounds", count, "");
  }

  private static PairedRatio paired(List<Result> results, Mode mode, int bytes) {
    Result ring = RingBench.row(results, RingBench.RING, mode, bytes);
    Result bare = RingBench.row(results, RingBench.BARE, mode, bytes);
    Result again = RingBench.row(results, RingBench.BARE_AGAIN, mode, bytes);
    PairedRatio paired = new PairedRatio();
    for (int round = 0; round < ring.rounds(); round++) {
      paired.add(bare.nsByRound()[round], ring.nsByRound()[round], again.nsByRound()[round]);
    }
    return paired;
  }
}
