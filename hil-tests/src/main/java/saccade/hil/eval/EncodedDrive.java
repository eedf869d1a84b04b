package saccade.hil.eval;

import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;
import saccade.hil.report.Progress;
import saccade.kernels.geometry.Rig;
import saccade.nodes.cli.BadInput;
import saccade.perception.PerceptionSession;
import saccade.perception.SessionOptions;
import saccade.perception.SetInput;
import saccade.perception.encode.EncodedSet;
import saccade.perception.engine.LoadedModel;
import saccade.perception.sparsify.CameraSight;
import saccade.perception.sparsify.Sparsifier;
import saccade.realtime.clock.NanoClock;
import saccade.sim.truth.Plan;

/**
 * Held-out sequences, rendered and encoded once, with their truth: many ways to run the decoder are
 * held against each other on exactly the same features. About 2.3 MB a frame with six cameras,
 * twice that where the package has an encoder in int8, too.
 */
final class EncodedDrive implements AutoCloseable {
  private static final int MOST_FRAMES = 1600;

  private final HeldOut heldOut;
  private final List<List<Frame>> sequences = new ArrayList<>();
  private final EncodeCost cost;

  /**
   * Processor time of the encoders, ms, p50.
   *
   * @param cameras of the rig
   * @param cameraMs one picture resized, painted and encoded
   * @param int8Ms the same in int8; NaN where the package has no encoder for it
   * @param lookMs one picture resized and painted only
   * @param lidarMs the sweep
   */
  record EncodeCost(int cameras, double cameraMs, double int8Ms, double lookMs, double lidarMs) {
    /** Of a set with so many pictures encoded, and so many only looked at, in the mean. */
    double of(boolean int8, double encoded, double passed) {
      return encoded * (int8 ? int8Ms : cameraMs) + passed * lookMs + lidarMs;
    }
  }

  /** Looks at every picture and has none encoded: what looking costs. */
  private static final class LookOnly implements Sparsifier {
    @Override
    public boolean encodes(CameraSight sight) {
      return false;
    }

    @Override
    public int select(CameraSight sight, int most, boolean[] keep) {
      return Sparsifier.all(keep);
    }

    @Override
    public String name() {
      return "look only";
    }
  }

  /** A frame's features and truth. */
  static final class Frame {
    final SetInput input;
    final EncodedSet encoded;
    final @Nullable EncodedSet int8; // where the package has an encoder for it
    final Plan plan;
    final int[] facts;

    Frame(SetInput input, EncodedSet encoded, @Nullable EncodedSet int8, Plan plan, int[] facts) {
      this.input = input;
      this.encoded = encoded;
      this.int8 = int8;
      this.plan = plan;
      this.facts = facts;
    }

    private void close() {
      encoded.close();
      EncodedSet other = int8;
      if (other != null) {
        other.close();
      }
    }

    /** Features that a way of running the model is given. */
    EncodedSet features(boolean inInt8) {
      EncodedSet other = int8;
      return inInt8 && other != null ? other : encoded;
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
    List<Double> cameraNs = new ArrayList<>();
    List<Double> int8Ns = new ArrayList<>();
    List<Double> lookNs = new ArrayList<>();
    List<Double> lidarNs = new ArrayList<>();
    boolean hasInt8 = loaded.model().hasInt8Encoder();
    try (PerceptionSession encoder =
            new PerceptionSession(loaded, rig, cpu, SessionOptions.DEFAULT);
        PerceptionSession small =
            new PerceptionSession(
                loaded, rig, cpu, SessionOptions.DEFAULT.withInt8Encoder(hasInt8));
        PerceptionSession looker =
            new PerceptionSession(
                loaded, rig, cpu, SessionOptions.DEFAULT.withSparsifier(new LookOnly()))) {
      for (int sequence = 0; sequence < count; sequence++) {
        heldOut.start(first + sequence);
        List<Frame> all = new ArrayList<>();
        for (int frame = 0; frame < frames; frame++) {
          if (frame > 0) {
            heldOut.next();
          }
          SetInput input = new SetInput(rig.cameras().size());
          heldOut.fill(input, frame * 100_000_000L);
          encode(looker, input, lookNs, new ArrayList<>());
          EncodedSet encoded = new EncodedSet(loaded.model());
          encoder.share(encoded);
          encode(encoder, input, cameraNs, lidarNs);
          EncodedSet int8 = hasInt8 ? new EncodedSet(loaded.model()) : null;
          if (int8 != null) {
            small.share(int8);
            encode(small, input, int8Ns, new ArrayList<>());
          }
          all.add(new Frame(input, encoded, int8, heldOut.plan(), heldOut.facts().clone()));
        }
        sequences.add(all);
        progress.at("encoded sequences", sequence + 1, count);
      }
    }
    this.cost =
        new EncodeCost(
            rig.cameras().size(),
            DecodeWay.p50(cameraNs) * 1e-6,
            hasInt8 ? DecodeWay.p50(int8Ns) * 1e-6 : Double.NaN,
            DecodeWay.p50(lookNs) * 1e-6,
            DecodeWay.p50(lidarNs) * 1e-6);
  }

  /** Encodes a set and lets the decoder be. */
  private static void encode(
      PerceptionSession session, SetInput input, List<Double> cameraNs, List<Double> lidarNs) {
    session.begin(input, Long.MAX_VALUE / 2);
    while (session.nextSlice() != PerceptionSession.DONE
        && session.nextSlice() < session.assembleSlice()) {
      boolean lidar = session.nextSlice() == session.lidarSlice();
      session.step(0);
      (lidar ? lidarNs : cameraNs).add((double) session.lastSliceNs());
    }
    session.cut();
  }

  List<List<Frame>> sequences() {
    return sequences;
  }

  /** What encoding costs. */
  EncodeCost cost() {
    return cost;
  }

  int frames() {
    return sequences.stream().mapToInt(List::size).sum();
  }

  @Override
  public void close() {
    sequences.forEach(sequence -> sequence.forEach(Frame::close));
    heldOut.close();
  }
}
