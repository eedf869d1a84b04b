package saccade.hil.bars;

/**
 * What a figure must satisfy.
 *
 * @param sign how the figure compares
 * @param value with what
 */
public record Limit(Sign sign, double value) {
  /** Comparison of a figure with a limit. */
  public enum Sign {
    AT_MOST("<="),
    AT_LEAST(">="),
    ABOVE(">"),
    EXACTLY("==");

    private final String text;

    Sign(String text) {
      this.text = text;
    }
  }

  /**
   * Reads {@code "<= 1.2"}, {@code ">= 0.5"}, {@code "> 0"} or {@code "== 0"}.
   *
   * @throws IllegalArgumentException with what was found and what was wanted
   */
  public static Limit parse(String text) {
    String stripped = text.strip();
    for (Sign sign : Sign.values()) {
      if (stripped.startsWith(sign.text)) {
        try {
          double value = Double.parseDouble(stripped.substring(sign.text.length()).strip());
          if (Double.isFinite(value)) {
            return new Limit(sign, value);
          }
        } catch (NumberFormatException e) {
          break; // one message for every form of wrong
        }
      }
    }
    throw new IllegalArgumentException(
        "wanted <=, >=, > or == and a number, found \"" + text + "\"");
  }

  /** Whether a figure satisfies this; NaN never does. */
  public boolean holds(double figure) {
    return switch (sign) {
      case AT_MOST -> figure <= value;
      case AT_LEAST -> figure >= value;
      case ABOVE -> figure > value;
      case EXACTLY -> figure == value;
    };
  }

  @Override
  public String toString() {
    return sign.text + " " + (value == Math.rint(value) ? Long.toString((long) value) : value);
  }
}
