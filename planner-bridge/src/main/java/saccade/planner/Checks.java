package saccade.planner;

/** Argument checks that name the value found and the value wanted. */
final class Checks {
  private Checks() {}

  static void finite(String what, double value) {
    if (!Double.isFinite(value)) {
      throw new IllegalArgumentException(what + ": wanted a finite number, found " + value);
    }
  }

  static void within(String what, double value, double lo, double hi) {
    if (!(value >= lo && value <= hi)) { // written so that NaN fails
      throw new IllegalArgumentException(
          what + ": wanted " + lo + " to " + hi + ", found " + value);
    }
  }

  static void atLeast(String what, long value, long lo) {
    if (value < lo) {
      throw new IllegalArgumentException(what + ": wanted at least " + lo + ", found " + value);
    }
  }
}
