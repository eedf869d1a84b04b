package saccade.perception.exit;

/**
 * Leaves after one slice of layers, or after the next deeper one that may decide the action.
 *
 * @param slice index of the slice, 0 or more
 */
public record FixedExit(int slice) implements ExitRule {
  public FixedExit {
    if (slice < 0) {
      throw new IllegalArgumentException("fixed exit: wanted a slice >= 0, found " + slice);
    }
  }

  @Override
  public boolean leaves(ExitView view) {
    return view.slice() >= slice;
  }

  @Override
  public boolean needsGuesses() {
    return false;
  }

  @Override
  public String name() {
    return "fixed " + slice;
  }
}
