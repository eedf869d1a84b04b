package saccade.perception;

/** What a step left behind. */
public enum SliceOutcome {
  /** One slice ran; another one follows. */
  MORE,
  /** The set is done, action and sentence are whole. */
  COMPLETE,
  /** The set ended early; the output says why and what it holds. */
  CUT_SHORT
}
