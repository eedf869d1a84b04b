package saccade.nodes.pipeline;

import saccade.planner.PlannerMessage;
import saccade.planner.PlannerMessage.Kind;
import saccade.realtime.deadline.DegradeLevel;

/** How bad it is what a message says, as {@code /diagnostics} tells it. */
public enum MessageHealth {
  /** The model decided in time, on all sensors, at the full level. */
  OK,
  /** Degraded: a sensor is missing or not believed, less was done, or an earlier action goes on. */
  WARN,
  /**
   * A stage that makes actions is out, no camera sees what lies ahead, or there is no action left
   * to follow.
   */
  ERROR;

  /** Of a message; a description says nothing of its own. */
  public static MessageHealth of(PlannerMessage message) {
    if (message.kind() == Kind.DESCRIPTION) {
      return OK;
    }
    String stages = message.effort().stages();
    if (!stages.isEmpty() && !onlyOutputs(stages)
        || message.degradeLevel() == DegradeLevel.MINIMAL_RISK.ordinal()
        || message.kind() == Kind.FALLBACK
            && (message.action() == null
                || message.reason().startsWith(MessageMaker.NO_CAMERA_AHEAD))) {
      return ERROR;
    }
    boolean well =
        message.decidedByModel()
            && message.degradeLevel() == 0
            && stages.isEmpty()
            && nothingMissing(message);
    return well ? OK : WARN;
  }

  /**
   * Whether every sensor of the rig was seen. Places of the model that the rig never had a camera
   * for ({@code camera 4}) are named in each message and are no news.
   */
  public static boolean nothingMissing(PlannerMessage message) {
    for (String name : message.sensorsMissing()) {
      if (!name.startsWith("camera ")) {
        return false;
      }
    }
    return true;
  }

  /** A file or a page that is out costs nobody an action. */
  private static boolean onlyOutputs(String stages) {
    for (String stage : stages.split(", ", -1)) {
      if (!stage.startsWith("output ")) {
        return false;
      }
    }
    return true;
  }
}
