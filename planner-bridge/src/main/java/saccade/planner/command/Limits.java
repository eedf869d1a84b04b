package saccade.planner.command;

/** Argument checks that name the value found and the value wanted. */
final class Limits {
  private Limits() {}

  static void within(String what, double value, double lo, double hi) {
    if (!(value >= lo && value <= hi)) { // written so that NaN fails
      throw new IllegalArgumentException(
          what + ": wanted " + lo + " to " + hi + ", found " + value);
    }
  }
}
