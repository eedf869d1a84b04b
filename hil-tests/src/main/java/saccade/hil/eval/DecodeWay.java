package saccade.hil.eval;

import java.util.ArrayList;
import java.util.List;
import saccade.hil.report.Progress;
import saccade.hil.report.Quantile;
import saccade.kernels.geometry.Rig;
import saccade.perception.PerceptionOutput;
import saccade.perception.PerceptionSession;
import saccade.perception.SessionOptions;
import saccade.perception.engine.LoadedModel;
import saccade.perception.model.ModelPackage;
import saccade.planner.ActionCodec;
import saccade.realtime.clock.NanoClock;

/** One way to run the decoder over encoded drives: its own stream, its own scores and times. */
final class DecodeWay implements AutoCloseable {

  /** What becomes of the sets before a set. */
  enum Memory {
    /** They lie in the cache. */
    STREAM,
    /** They are forgotten. */
    RESET,
    /** Those of the window are run again. */
    RECOMPUTE
  }

  final String name;
  final PerceptionSession session;
  final Memory memory;
  private final boolean int8;
  final PolicyScore score = new PolicyScore();
  final List<Double> prefillNs = new ArrayList<>();
  final List<Double> decodeNs = new ArrayList<>(); // select, prefill, action, sentence
  final List<PerceptionOutput> outputs = new ArrayList<>(); // of every frame, in order
  private final int window;
  private int settle; // frames of each sequence that are run and not judged
  private int judged;
  private long encodedPictures; // of judged frames
  private long passedPictures;
  long layers;
  long tokens;
  long mostRows;
  long mostBytes;

  DecodeWay(
      String name,
      LoadedModel loaded,
      Rig rig,
      NanoClock cpu,
      SessionOptions options,
      Memory memory) {
    this.name = name;
    this.memory = memory;
    this.int8 = options.int8Encoder();
    this.window = loaded.model().window().sets();
    this.session = new PerceptionSession(loaded, rig, cpu, options);
  }

  /** Judges only what comes after so many frames of a sequence, when window and turns are full. */
  DecodeWay settled(int frames) {
    settle = frames;
    return this;
  }

  /** Runs all ways over all frames, frame by frame in turn, and scores what they say. */
  static void run(
      List<DecodeWay> ways,
      EncodedDrive drive,
      ModelPackage shape,
      ActionCodec codec,
      String what,
      Progress progress) {
    int done = 0;
    for (List<EncodedDrive.Frame> sequence : drive.sequences()) {
      ways.forEach(way -> way.session.reset());
      for (int at = 0; at < sequence.size(); at++) {
        for (DecodeWay way : ways) {
          way.frame(sequence, at, shape, codec);
        }
      }
      progress.at(what, ++done, drive.sequences().size());
    }
  }

  private void frame(
      List<EncodedDrive.Frame> sequence, int at, ModelPackage shape, ActionCodec codec) {
    double prefill = 0;
    long encodedBefore = session.encodedPictures();
    long passedBefore = session.passedPictures();
    if (memory != Memory.STREAM) {
      session.reset();
    }
    if (memory == Memory.RECOMPUTE) {
      for (int before = Math.max(0, at - window + 1); before < at; before++) {
        prefill += prefillOf(sequence.get(before));
        session.cut();
      }
    }
    EncodedDrive.Frame frame = sequence.get(at);
    double own = prefillOf(frame);
    double rest = 0;
    while (session.nextSlice() != PerceptionSession.DONE) {
      session.step(0);
      rest += session.lastSliceNs();
    }
    PerceptionOutput output = session.output();
    outputs.add(output);
    if (at < settle) {
      return;
    }
    judged++;
    encodedPictures += session.encodedPictures() - encodedBefore;
    passedPictures += session.passedPictures() - passedBefore;
    score.add(frame.plan, frame.facts, output, shape, codec);
    prefillNs.add(prefill + own);
    decodeNs.add(prefill + own + rest);
    layers += output.exitLayer();
    tokens += output.tokensKept();
    mostRows = Math.max(mostRows, session.cache().rows());
    mostBytes = Math.max(mostBytes, session.cache().usedBytes());
  }

  /** Selection and prefill of a set; the action comes next. */
  private double prefillOf(EncodedDrive.Frame frame) {
    session.share(frame.features(int8));
    session.begin(frame.input, Long.MAX_VALUE / 2);
    double ns = 0;
    while (session.nextSlice() != PerceptionSession.DONE
        && session.nextSlice() < session.actionSlice()) {
      boolean encodes = session.nextSlice() < session.assembleSlice();
      session.step(0);
      ns += encodes ? 0 : session.lastSliceNs();
    }
    return ns;
  }

  /** Sets that were judged. */
  int sets() {
    return judged;
  }

  /** Mean decoder layers of a set. */
  double meanLayers() {
    return (double) layers / Math.max(1, judged);
  }

  double tokensASet() {
    return (double) tokens / Math.max(1, judged);
  }

  /** Pictures that this way has encoded, mean of a set. */
  double picturesASet() {
    return (double) encodedPictures / Math.max(1, judged);
  }

  /** Processor time of a set's encoders as this way uses them, ms. */
  double encodeMs(EncodedDrive.EncodeCost cost) {
    return cost.of(int8, picturesASet(), (double) passedPictures / Math.max(1, judged));
  }

  double prefillMs() {
    return p50(prefillNs) * 1e-6;
  }

  double decodeMs() {
    return p50(decodeNs) * 1e-6;
  }

  /**
   * Share of answers (maneuver and facts) that are the same as another way's, over the frames of
   * some places in their sequences.
   */
  double sameAs(DecodeWay other, int framesASequence, int from, int to) {
    int same = 0;
    int all = 0;
    for (int i = 0; i < outputs.size(); i++) {
      int place = i % framesASequence;
      if (place >= from && place < to) {
        PerceptionOutput a = outputs.get(i);
        PerceptionOutput b = other.outputs.get(i);
        all++;
        same += a.hasAction() && b.hasAction() && a.actionIds()[0] == b.actionIds()[0] ? 1 : 0;
        for (int f = 0; f < a.factValues().length; f++) {
          all++;
          same += a.factValues()[f] == b.factValues()[f] ? 1 : 0;
        }
      }
    }
    return all == 0 ? Double.NaN : (double) same / all;
  }

  static double p50(List<Double> values) {
    return values.isEmpty()
        ? 0
        : Quantile.of(values.stream().mapToDouble(Double::doubleValue).toArray(), 0.5);
  }

  @Override
  public void close() {
    session.close();
  }
}
