package saccade.realtime.frameset;

/** Whether a sensor is in a set, and if not, why not. */
public enum Presence {
  /** Its frame is there. */
  PRESENT,
  /** Nothing of this instant came before the time-out. */
  LATE,
  /** The frame of this instant is lost: its source said so, or a later one has come. */
  MISSING,
  /** What came had a faulty stamp. */
  FAULT,
  /** It was late so often in a row that sets no longer wait for it; one frame brings it back. */
  SILENT
}
