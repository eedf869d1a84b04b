package saccade.nodes.pipeline;

import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;
import saccade.perception.PerceptionOutput;
import saccade.perception.SetInput;
import saccade.realtime.deadline.Decision;
import saccade.realtime.deadline.WorkShape;
import saccade.realtime.deadline.Worth;
import saccade.realtime.schedule.Lanes;
import saccade.realtime.schedule.SliceKind;

/**
 * Hot path. Turns one set into tokens, slice by slice. A model session, or in tests something that
 * answers by rule, hangs or throws. Used by the lane thread only, once the pipeline is open.
 */
public interface Perceiver extends AutoCloseable {

  /** What really runs its slices, and so whose lane they want. Set-up only. */
  default Lanes.Device device() {
    return Lanes.Device.CPU;
  }

  /** What the next set may cost; called before {@link #begin}. Here: nothing can be spared. */
  default void limit(Decision decision) {}

  /**
   * Starts a set; memory of {@code input} stays readable until the set has ended.
   *
   * @param deadlineNs when the answer must be there, in the domain of {@code step}'s nowNs
   */
  void begin(SetInput input, long deadlineNs);

  /** Runs one slice; false when the set has ended and {@link #output} is there. */
  boolean step(long nowNs);

  /**
   * Whether the last {@link #step} ran a slice; false when it ended the set because the next one
   * would not have fitted: what it took then is no slice's time.
   */
  default boolean hasRun() {
    return true;
  }

  /**
   * Index of the kind that did not fit when the last {@link #step} ended the set for that reason;
   * else -1.
   */
  default int refusedKind() {
    return -1;
  }

  /**
   * What the perceiver itself expected of the slice that the last {@link #step} ran or refused, ns;
   * 0 when it knew nothing of it.
   */
  default long expectedNs() {
    return 0;
  }

  /** Whether the action is decided and what is left is description. */
  boolean describing();

  /** What the slice that ran last counts as. */
  SliceKind kind();

  /** All that {@link #kind} may give; the same in every call. */
  default List<SliceKind> kinds() {
    return List.of(kind());
  }

  /** Names of {@link #kinds}, and of the two sums behind them, see {@link #shape}. Set-up only. */
  default List<String> kindNames() {
    List<String> names = new ArrayList<>();
    kinds().forEach(kind -> names.add(kind.name()));
    names.add("action, whole");
    names.add("text, whole");
    return names;
  }

  /** Index of {@link #kind} among {@link #kinds}. */
  default int kindIndex() {
    return 0;
  }

  /**
   * Amount of work of the slice that ran last, see {@code LatencyModel}; 0 where it does not vary.
   */
  default int size() {
    return 0;
  }

  /**
   * What a set is made of, so that its cost can be predicted; null when nothing can be spared.
   * Kinds are those of {@link #kinds}; {@code kinds().size()} is the action of a set as a whole,
   * the number after it the text as a whole.
   */
  default @Nullable WorkShape shape() {
    return null;
  }

  /**
   * What its answers are worth by how closely a set is looked at; null when nobody measured it.
   * Set-up only.
   */
  default @Nullable Worth worth() {
    return null;
  }

  /**
   * The action of the set under way, once {@link #describing} and before its end; null when this
   * perceiver says all at once. Asked once a set.
   */
  default @Nullable PerceptionOutput actionOutput() {
    return null;
  }

  /** Any thread: the slice that runs hangs; come back as soon as possible. */
  default void stop() {}

  /** Ends the set under way with the best answer so far; no effect when none is. */
  void cut();

  /** The last ended set's answer. */
  PerceptionOutput output();

  /** Forgets all earlier sets; also after {@link #begin} or {@link #step} has thrown. */
  void reset();

  @Override
  void close();
}
