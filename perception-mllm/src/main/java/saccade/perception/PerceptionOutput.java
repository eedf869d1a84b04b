package saccade.perception;

import java.util.List;

/**
 * What a session says about one set. Made once a set (about 1 kB of heap), immutable, may be handed
 * to other threads; its arrays are not to be changed.
 *
 * @param set number of the set in its session, from 0
 * @param captureNs capture time as given with the input
 * @param kind how much of an answer this is
 * @param cutReason why it is not whole
 * @param actionIds (action tokens) ids in slot order: maneuver, acceleration, curvature
 *     coefficients; empty without action
 * @param factIds (facts) token id, -1 = not spoken
 * @param factValues (facts) index within the fact's values, -1 = not spoken
 * @param sentence facts as English; empty when none was spoken
 * @param actionConfidence probability of each action token under the grammar's mask, 0..1
 * @param factConfidence (facts) likewise; 0 where not spoken
 * @param exitSlice index of the slice after which tokens were decided, -1 without action
 * @param exitLayer decoder layers used for the decision, 0 without action
 * @param tokensKept sensor tokens that went to the decoder
 * @param tokensTotal sensor tokens of a full set
 * @param cameras one per camera of the rig
 * @param lidar status of the LiDAR
 * @param ego status of the own motion
 * @param sensorsUsed names of used sensors
 * @param sensorsMissing names of all others of the model's sensors
 * @param faults one line per invalid sensor: found, wanted
 * @param times where the time went
 */
public record PerceptionOutput(
    long set,
    long captureNs,
    Kind kind,
    CutReason cutReason,
    int[] actionIds,
    int[] factIds,
    int[] factValues,
    String sentence,
    float[] actionConfidence,
    float[] factConfidence,
    int exitSlice,
    int exitLayer,
    int tokensKept,
    int tokensTotal,
    List<CameraTokens> cameras,
    SensorStatus lidar,
    SensorStatus ego,
    List<String> sensorsUsed,
    List<String> sensorsMissing,
    List<String> faults,
    StageTimes times) {

  /** How much of an answer an output is. */
  public enum Kind {
    /** Action and whole sentence. */
    COMPLETE,
    /** Action, but the sentence is missing or unfinished. */
    CUT_SHORT_WITH_ACTION,
    /** No action: the planner must use its previous one or its fallback. */
    CUT_SHORT_WITHOUT_ACTION
  }

  /**
   * One camera's tokens.
   *
   * @param name camera name in the rig
   * @param kept (tokens, row-major over the picture) which went to the decoder
   * @param keptCount how many
   */
  public record CameraTokens(String name, SensorStatus status, boolean[] kept, int keptCount) {}

  /** Nanoseconds of work in each stage; waiting between slices is not in it. */
  public record StageTimes(
      long encodeNs, long sparsifyNs, long prefillNs, long actionNs, long sentenceNs) {

    public long totalNs() {
      return encodeNs + sparsifyNs + prefillNs + actionNs + sentenceNs;
    }
  }

  public boolean hasAction() {
    return kind != Kind.CUT_SHORT_WITHOUT_ACTION;
  }

  /** Least probability of an action token, 0 without action. */
  public float actionConfidenceMin() {
    return min(actionConfidence);
  }

  /** Mean probability of the action tokens, 0 without action. */
  public float actionConfidenceMean() {
    return mean(actionConfidence);
  }

  /** Least probability of a spoken fact, 0 without facts. */
  public float sentenceConfidenceMin() {
    return min(factConfidence);
  }

  /** Mean probability of the spoken facts, 0 without facts. */
  public float sentenceConfidenceMean() {
    return mean(factConfidence);
  }

  private static float min(float[] values) {
    float min = Float.POSITIVE_INFINITY;
    for (float value : values) {
      min = value > 0 && value < min ? value : min;
    }
    return min == Float.POSITIVE_INFINITY ? 0 : min;
  }

  private static float mean(float[] values) {
    float sum = 0;
    int count = 0;
    for (float value : values) {
      sum += value;
      count += value > 0 ? 1 : 0;
    }
    return count == 0 ? 0 : sum / count;
  }
}
