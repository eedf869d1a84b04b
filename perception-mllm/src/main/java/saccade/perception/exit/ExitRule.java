package saccade.perception.exit;

/**
 * Hot path: no allocation. Whether the tokens are decided after a slice of layers, instead of
 * deeper. Rules are immutable and may be shared by streams. A rule is asked only where the package
 * lets the exit decide the action.
 */
public interface ExitRule {

  /** Every set goes to the deepest exit that its limits and its deadline allow. */
  ExitRule DEEPEST =
      new ExitRule() {
        @Override
        public boolean leaves(ExitView view) {
          return false;
        }

        @Override
        public boolean needsGuesses() {
          return false;
        }

        @Override
        public String name() {
          return "deepest";
        }
      };

  /**
   * As one word of a graph file: {@code deepest}, {@code fixed:SLICE}, {@code confidence:P,P} or
   * {@code agreement:D,D} with a threshold for each slice but the last. Set-up only.
   *
   * @param slices slices of the model
   * @throws IllegalArgumentException in one line: found, wanted
   */
  static ExitRule parse(String text, int slices) {
    int colon = text.indexOf(':');
    String name = colon < 0 ? text : text.substring(0, colon);
    String[] words = colon < 0 ? new String[0] : text.substring(colon + 1).split(",", -1);
    int wanted =
        switch (name) {
          case "deepest" -> 0;
          case "fixed" -> 1;
          case "confidence", "agreement" -> slices - 1;
          default ->
              throw new IllegalArgumentException(
                  "exits '%s': found '%s', wanted deepest, fixed, confidence or agreement"
                      .formatted(text, name));
        };
    float[] numbers = new float[words.length];
    try {
      for (int i = 0; i < words.length; i++) {
        numbers[i] = Float.parseFloat(words[i]);
      }
    } catch (NumberFormatException e) {
      numbers = new float[wanted + 1];
    }
    if (numbers.length != wanted) {
      throw new IllegalArgumentException(
          "exits '%s': wanted %d numbers with commas after a colon".formatted(text, wanted));
    }
    return switch (name) {
      case "fixed" -> new FixedExit((int) numbers[0]);
      case "confidence" -> new Confidence(numbers);
      case "agreement" -> new Agreement(numbers);
      default -> DEEPEST;
    };
  }

  /** Whether the tokens are decided here. */
  boolean leaves(ExitView view);

  /** Whether guesses, confidence and change are looked at, which costs runs of the head. */
  default boolean needsGuesses() {
    return true;
  }

  /** Name for reports. */
  String name();
}
