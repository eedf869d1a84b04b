package saccade.hil.eval;

import java.util.ArrayList;
import java.util.List;
import saccade.hil.report.Progress;
import saccade.kernels.geometry.Rig;
import saccade.nodes.cli.BadInput;
import saccade.perception.PerceptionSession;
import saccade.perception.SessionOptions;
import saccade.perception.SetInput;
import saccade.perception.encode.EncodedSet;
import saccade.perception.engine.LoadedModel;
import saccade.realtime.clock.NanoClock;
import saccade.sim.truth.Plan;

/**
 * Held-out sequences, rendered and encoded once, with their truth: many ways to run the decoder are
 * held against each other on exactly the same features. About 2.3 MB a frame with six cameras.
 */
final class EncodedDrive implements AutoCloseable {
  private static final int MOST_FRAMES = 1600;

  private final HeldOut heldOut;
  private final List<List<Frame>> sequences = new ArrayList<>();
  private final double encodeMs;

  /** A frame's features and truth. */
  static final class Frame {
    final SetInput input;
    final EncodedSet encoded;
    final Plan plan;
    final int[] facts;

    Frame(SetInput input, EncodedSet encoded, Plan plan, int[] facts) {
      this.input = input;
      this.encoded = encoded;
      this.plan = plan;
      this.facts = facts;
    }
  }

  /**
   * Renders and encodes.
   *
   * @param first index of the first sequence
   * @param cpu measures the encoders
   * @throws BadInput when that many frames would not fit into memory
   */
  EncodedDrive(
      LoadedModel loaded,
      Rig rig,
      int first,
      int count,
      int frames,
      NanoClock cpu,
      Progress progress) {
    if (frames < 1 || count < 1 || (long) count * frames > MOST_FRAMES) {
      throw new BadInput(
          "--sequences x --frames: wanted 1..%d frames in all, found %d x %d"
              .formatted(MOST_FRAMES, count, frames));
    }
    this.heldOut = new HeldOut(rig, frames);
    List<Double> encodeNs = new ArrayList<>();
    try (PerceptionSession encoder =
        new PerceptionSession(loaded, rig, cpu, SessionOptions.DEFAULT)) {
      for (int sequence = 0; sequence < count; sequence++) {
        heldOut.start(first + sequence);
        List<Frame> all = new ArrayList<>();
        for (int frame = 0; frame < frames; frame++) {
          if (frame > 0) {
            heldOut.next();
          }
          SetInput input = new SetInput(rig.cameras().size());
          heldOut.fill(input, frame * 100_000_000L);
          EncodedSet encoded = new EncodedSet(loaded.model());
          encoder.share(encoded);
          encoder.begin(input, Long.MAX_VALUE / 2);
          long ns = 0;
          while (encoder.nextSlice() != PerceptionSession.DONE
              && encoder.nextSlice() < encoder.assembleSlice()) {
            encoder.step(0);
            ns += encoder.lastSliceNs();
          }
          encoder.cut();
          encodeNs.add((double) ns);
          all.add(new Frame(input, encoded, heldOut.plan(), heldOut.facts().clone()));
        }
        sequences.add(all);
        progress.at("encoded sequences", sequence + 1, count);
      }
    }
    this.encodeMs = DecodeWay.p50(encodeNs) * 1e-6;
  }

  List<List<Frame>> sequences() {
    return sequences;
  }

  /** Processor time of all encoders of a set, ms, p50. */
  double encodeMs() {
    return encodeMs;
  }

  int frames() {
    return sequences.stream().mapToInt(List::size).sum();
  }

  @Override
  public void close() {
    sequences.forEach(sequence -> sequence.forEach(frame -> frame.encoded.close()));
    heldOut.close();
  }
}
