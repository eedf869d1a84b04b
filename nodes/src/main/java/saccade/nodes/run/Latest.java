package saccade.nodes.run;

import org.jspecify.annotations.Nullable;
import saccade.nodes.pipeline.PipelineListener;
import saccade.nodes.pipeline.Publication;
import saccade.planner.ExpiryProfile;
import saccade.planner.PlannerMessage;

/** Keeps what the line of each second shows; written by the control thread, read by any. */
final class Latest implements PipelineListener {
  /**
   * One moment.
   *
   * @param message newest message
   * @param speedMps speed
   * @param accelMps2 commanded acceleration
   * @param phase of the controller
   * @param deadlines instants owed a message so far
   * @param misses of them late
   */
  record Moment(
      PlannerMessage message,
      double speedMps,
      double accelMps2,
      ExpiryProfile.Phase phase,
      long deadlines,
      long misses) {}

  private volatile @Nullable Moment moment;

  @Override
  public void onMessage(Publication publication) {
    moment =
        new Moment(
            publication.message(),
            publication.ego().speedMps(),
            publication.accelMps2(),
            publication.phase(),
            publication.pipeline().counts().deadlines(),
            publication.pipeline().counts().misses());
  }

  @Nullable Moment moment() {
    return moment;
  }
}
