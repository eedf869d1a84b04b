package saccade.nodes.bridge;

import java.util.Locale;

/** Numbers in diagnostics. */
final class Numbers {
  private Numbers() {}

  static String three(double value) {
    return Double.isFinite(value)
        ? String.format(Locale.ROOT, "%.3f", value)
        : Double.isNaN(value) ? "unknown" : "none";
  }
}
