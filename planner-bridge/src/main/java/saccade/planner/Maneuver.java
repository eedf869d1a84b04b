package saccade.planner;

/** What the model means to do next, as its first action token says. */
public enum Maneuver {
  /** Slow down, or stay where it stands. */
  BRAKE,
  /** Hold the present speed. */
  KEEP,
  /** Speed up, or move off. */
  ACCELERATE
}
