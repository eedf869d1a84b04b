package saccade.hil.eval;

import saccade.hil.AroundModel;
import saccade.nodes.pipeline.ModelPerceiver;
import saccade.perception.SetInput;
import saccade.realtime.deadline.Decision;
import saccade.realtime.deadline.WorkShape;

/** The same model as if every set were its first: nothing of earlier ones is in its cache. */
final class WithoutStreaming extends AroundModel {
  WithoutStreaming(ModelPerceiver inner) {
    super(inner);
  }

  @Override
  public void begin(SetInput input, long deadlineNs) {
    inner.reset();
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

  @Override
  public void limit(Decision decision) {
    inner.limit(decision);
  }

  @Override
  public WorkShape shape() {
    return inner.shape();
  }
}
