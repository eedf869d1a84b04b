package saccade.nodes.pipeline;

import org.jspecify.annotations.Nullable;
import saccade.nodes.sensor.EgoState;
import saccade.perception.PerceptionOutput;
import saccade.planner.ExpiryProfile;
import saccade.planner.PlannerMessage;
import saccade.planner.Validation;
import saccade.realtime.frameset.FrameSet;

/**
 * One message and what it was made from: a read-only view, reused, valid during {@link
 * PipelineListener#onMessage} only.
 */
public final class Publication {
  private final Pipeline pipeline;
  private @Nullable PlannerMessage message;
  private Validation gate = Validation.ACCEPTED;
  private @Nullable FrameSet set;
  private @Nullable PerceptionOutput output;
  private EgoState ego = EgoState.STANDING;

  Publication(Pipeline pipeline) {
    this.pipeline = pipeline;
  }

  void fill(
      PlannerMessage published,
      Validation verdict,
      @Nullable FrameSet from,
      @Nullable PerceptionOutput said,
      EgoState motion) {
    message = published;
    gate = verdict;
    set = from;
    output = said;
    ego = motion;
  }

  void clear() {
    set = null;
    output = null;
  }

  /** The message; may be kept. */
  public PlannerMessage message() {
    PlannerMessage published = message;
    if (published == null) {
      throw new IllegalStateException("expected a message, found none yet");
    }
    return published;
  }

  /** What the stale gate says about it. */
  public Validation gate() {
    return gate;
  }

  /**
   * The frames; null for a fallback or starting message. Sensor i is camera i, the LiDAR the last.
   */
  public @Nullable FrameSet set() {
    return set;
  }

  /** What the model said (kept tokens of each camera, stage times); null as {@link #set}. */
  public @Nullable PerceptionOutput output() {
    return output;
  }

  /** When each slice of the set ran; null as {@link #set}. */
  public @Nullable SliceTrace slices() {
    return set == null ? null : pipeline.slices();
  }

  /** Newest ego motion there is. */
  public EgoState ego() {
    return ego;
  }

  /** Commanded acceleration at the last controller tick, m/s^2, reflex included. */
  public double accelMps2() {
    return pipeline.accelMps2();
  }

  /** Commanded curvature at the last controller tick, 1/m, left positive. */
  public double curvature1pm() {
    return pipeline.curvature1pm();
  }

  /** What the controller is doing. */
  public ExpiryProfile.Phase phase() {
    return pipeline.phase();
  }

  /** Counts, stages and accounts. */
  public Pipeline pipeline() {
    return pipeline;
  }
}
