package saccade.hil.soak;

import java.util.List;
import org.jspecify.annotations.Nullable;
import saccade.nodes.pipeline.ModelPerceiver;
import saccade.nodes.pipeline.Perceiver;
import saccade.perception.PerceptionOutput;
import saccade.perception.SetInput;
import saccade.perception.SetLimits;
import saccade.realtime.deadline.WorkShape;
import saccade.realtime.schedule.SliceKind;

/**
 * The model, in full for every so many sets and as little as may decide an action for the others:
 * the cameras that look ahead, the lowest such exit, no text. Everything that could leak is on both
 * ways; a million frames in full would take half a day on two cores.
 */
final class SoakPerceiver implements Perceiver {
  private final ModelPerceiver inner;
  private final WorkShape shape;
  private final int cameras;
  private final int fullEvery;
  private long sets;

  /**
   * @param fullEvery every how-manieth set runs in full; 1 = all
   */
  SoakPerceiver(ModelPerceiver inner, int cameras, int fullEvery) {
    this.inner = inner;
    this.shape = inner.shape();
    this.cameras = cameras;
    this.fullEvery = fullEvery;
  }

  @Override
  public void begin(SetInput input, long deadlineNs) {
    SetLimits limits = inner.session().limits();
    limits.clear();
    if (sets++ % fullEvery != 0) {
      for (int i = 0; i < cameras; i++) {
        limits.tokens(i, shape.essential()[i] ? shape.leastTokens()[i] : 0);
      }
      int exit = 0;
      while (exit < shape.deepest() && !shape.mayDecide()[exit]) {
        exit++;
      }
      limits.exit(exit);
      limits.facts(0);
    }
    inner.begin(input, deadlineNs);
  }

  @Override
  public boolean step(long nowNs) {
    return inner.step(nowNs);
  }

  @Override
  public boolean describing() {
    return inner.describing();
  }

  @Override
  public SliceKind kind() {
    return inner.kind();
  }

  @Override
  public List<SliceKind> kinds() {
    return inner.kinds();
  }

  @Override
  public int kindIndex() {
    return inner.kindIndex();
  }

  @Override
  public int size() {
    return inner.size();
  }

  @Override
  public @Nullable PerceptionOutput actionOutput() {
    return inner.actionOutput();
  }

  @Override
  public void stop() {
    inner.stop();
  }

  @Override
  public void cut() {
    inner.cut();
  }

  @Override
  public PerceptionOutput output() {
    return inner.output();
  }

  @Override
  public void reset() {
    inner.reset();
  }

  @Override
  public void close() {
    inner.close();
  }
}
