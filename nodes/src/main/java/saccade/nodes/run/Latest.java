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
   * @param message newest message but descriptions
   * @param sentence newest sentence that goes with it
   * @param speedMps speed
   * @param accelMps2 commanded acceleration
   * @param phase of the controller
   * @param deadlines instants owed a message so far
   * @param misses of them late
   */
  record Moment(
      PlannerMessage message,
      String sentence,
      double speedMps,
      double accelMps2,
      ExpiryProfile.Phase phase,
      long deadlines,
      long misses) {}

  private volatile @Nullable Moment moment;

  @Override
  public void onMessage(Publication publication) {
    PlannerMessage now = publication.message();
    String said = now.scene().sentence();
    Moment before = moment;
    if (now.kind() == PlannerMessage.Kind.DESCRIPTION) {
      if (before != null && before.message.captureNs() == now.captureNs()) {
        moment =
            new Moment(
                before.message,
                said,
                before.speedMps,
                before.accelMps2,
                before.phase,
                before.deadlines,
                before.misses);
      }
      return;
    }
    String sentence = said;
    if (before != null && said.isEmpty() && now.decidedByModel()) {
      sentence = before.sentence; // the new one comes behind its action
    }
    moment =
        new Moment(
            now,
            sentence,
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
