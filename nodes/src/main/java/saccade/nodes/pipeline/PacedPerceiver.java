package saccade.nodes.pipeline;

import java.util.List;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;
import saccade.perception.PerceptionOutput;
import saccade.perception.PerceptionSession;
import saccade.perception.SetInput;
import saccade.realtime.clock.NanoClock;
import saccade.realtime.deadline.Decision;
import saccade.realtime.deadline.WorkShape;
import saccade.realtime.deadline.Worth;
import saccade.realtime.schedule.SliceKind;

/**
 * The real model, whose slices take what somebody says instead of what they take: for runs that can
 * be repeated byte by byte. One thread.
 *
 * <p>The clock of the model's session stands still but for its own slices, each of which takes the
 * time that was asked for beforehand: the session reads it once before a slice and once behind it.
 */
public final class PacedPerceiver implements Perceiver {
  /** What slices take. */
  @FunctionalInterface
  public interface Pace {
    /**
     * Of the next slice.
     *
     * @param kind index among {@link Perceiver#kinds}
     * @param size amount of work, see {@link Perceiver#size}
     * @param workedNs time of all slices before it
     * @return ns, above 0
     */
    long tookNs(int kind, int size, long workedNs);
  }

  private static final class WorkClock implements NanoClock {
    private long nowNs;
    private long nextNs; // of the slice that begins with the next reading
    private boolean within;

    @Override
    public long nanoTime() {
      if (nextNs > 0) {
        if (within) {
          nowNs += nextNs;
          nextNs = 0;
        }
        within = !within;
      }
      return nowNs;
    }

    void begin(long tookNs) {
      nextNs = tookNs;
      within = false;
    }

    /** What did not run took no time. */
    void end() {
      nextNs = 0;
      within = false;
    }
  }

  private final WorkClock clock = new WorkClock();
  private final ModelPerceiver model;
  private final WorkShape shape;
  private final Pace pace;
  private int rows;
  private int exit;

  /**
   * Opens a model.
   *
   * @param open with the clock that its session is to read
   */
  public PacedPerceiver(Function<NanoClock, ModelPerceiver> open, Pace pace) {
    this.model = open.apply(clock);
    this.shape = model.shape();
    this.pace = pace;
    everything();
  }

  private void everything() {
    rows = shape.ownTokens();
    for (int tokens : shape.fullTokens()) {
      rows += tokens;
    }
    exit = shape.deepest();
  }

  /** Time of all slices so far: what a stepped lane goes by. */
  public NanoClock workClock() {
    return () -> clock.nowNs;
  }

  @Override
  public void limit(Decision decision) {
    rows = shape.ownTokens() + decision.tokensOfAll();
    exit = decision.exit();
    model.limit(decision);
  }

  @Override
  public void begin(SetInput input, long deadlineNs) {
    model.begin(input, deadlineNs);
  }

  @Override
  public boolean step(long nowNs) {
    int next = model.session().nextSlice();
    if (next != PerceptionSession.DONE) {
      boolean layers = next > shape.assembleKind() && next <= shape.layerKinds()[shape.deepest()];
      int size =
          layers
              ? rows
              : next > shape.assembleKind() ? shape.layersUpTo(exit) * WorkShape.SIZE_PER_LAYER : 0;
      clock.begin(Math.max(1, pace.tookNs(next, size, clock.nowNs)));
    }
    try {
      return model.step(nowNs);
    } finally {
      clock.end();
    }
  }

  @Override
  public boolean hasRun() {
    return model.hasRun();
  }

  @Override
  public int refusedKind() {
    return model.refusedKind();
  }

  @Override
  public long expectedNs() {
    return model.expectedNs();
  }

  @Override
  public boolean describing() {
    return model.describing();
  }

  @Override
  public SliceKind kind() {
    return model.kind();
  }

  @Override
  public List<SliceKind> kinds() {
    return model.kinds();
  }

  @Override
  public int kindIndex() {
    return model.kindIndex();
  }

  @Override
  public int size() {
    return model.size();
  }

  @Override
  public WorkShape shape() {
    return shape;
  }

  @Override
  public @Nullable Worth worth() {
    return model.worth();
  }

  @Override
  public @Nullable PerceptionOutput actionOutput() {
    return model.actionOutput();
  }

  @Override
  public void stop() {
    model.stop();
  }

  @Override
  public void cut() {
    model.cut();
  }

  @Override
  public PerceptionOutput output() {
    return model.output();
  }

  @Override
  public void reset() {
    model.reset();
  }

  @Override
  public void close() {
    model.close();
  }
}
