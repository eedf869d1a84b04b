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

  /** Whether the tokens are decided here. */
  boolean leaves(ExitView view);

  /** Whether guesses, confidence and change are looked at, which costs runs of the head. */
  default boolean needsGuesses() {
    return true;
  }

  /** Name for reports. */
  String name();
}
