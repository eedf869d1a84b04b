package saccade.perception;

/** Why a set ended before its last token. */
public enum CutReason {
  /** It did not: action and sentence are whole. */
  NONE,
  /** The next slice was predicted to end after the deadline. */
  DEADLINE,
  /** The caller asked for the best answer so far. */
  REQUESTED,
  /** Neither a camera nor a LiDAR gave usable data: nothing to decide on. */
  NO_SENSORS,
  /** A logit was NaN or infinite; the set's rows were thrown away. */
  NON_FINITE,
  /** ONNX Runtime failed; the output's faults say how, the set's rows were thrown away. */
  ENGINE
}
