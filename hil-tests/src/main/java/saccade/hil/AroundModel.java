package saccade.hil;

import java.util.List;
import org.jspecify.annotations.Nullable;
import saccade.nodes.pipeline.ModelPerceiver;
import saccade.nodes.pipeline.Perceiver;
import saccade.perception.PerceptionOutput;
import saccade.realtime.deadline.Worth;
import saccade.realtime.schedule.SliceKind;

/**
 * The model's perceiver with something put before or between its slices by a test of the whole
 * system: everything but {@code begin} and {@code step} goes to the model as it is. What it is told
 * of limits and costs is left to the subclass.
 */
public abstract class AroundModel implements Perceiver {
  /** The model; closed with this. */
  protected final ModelPerceiver inner;

  /** Takes the model over. */
  protected AroundModel(ModelPerceiver inner) {
    this.inner = inner;
  }

  @Override
  public boolean hasRun() {
    return inner.hasRun();
  }

  @Override
  public int refusedKind() {
    return inner.refusedKind();
  }

  @Override
  public long expectedNs() {
    return inner.expectedNs();
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
  public @Nullable Worth worth() {
    return inner.worth();
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
