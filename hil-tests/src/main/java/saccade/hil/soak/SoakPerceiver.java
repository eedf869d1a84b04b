package saccade.hil.soak;

import saccade.hil.AroundModel;
import saccade.nodes.pipeline.ModelPerceiver;
import saccade.perception.SetInput;
import saccade.perception.SetLimits;
import saccade.realtime.deadline.WorkShape;

/**
 * The model, in full for every so many sets and as little as may decide an action for the others:
 * the cameras that look ahead, the lowest such exit, no text. Everything that could leak is on both
 * ways; a million frames in full would take half a day on two cores.
 */
final class SoakPerceiver extends AroundModel {
  private final WorkShape shape;
  private final int cameras;
  private final int fullEvery;
  private long sets;

  /**
   * @param fullEvery every how-manieth set runs in full; 1 = all
   */
  SoakPerceiver(ModelPerceiver inner, int cameras, int fullEvery) {
    super(inner);
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
  public void stop() {
    inner.stop();
  }
}
