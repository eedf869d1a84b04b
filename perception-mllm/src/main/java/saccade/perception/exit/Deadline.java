package saccade.perception.exit;

/**
 * Leaves when the rest would not be ready in time. Always in force, beside whatever other rule a
 * stream has.
 */
public record Deadline() implements ExitRule {

  /** The only one that is needed. */
  public static final Deadline RULE = new Deadline();

  @Override
  public boolean leaves(ExitView view) {
    return view.leftNs() < view.neededNs();
  }

  @Override
  public boolean needsGuesses() {
    return false;
  }

  @Override
  public String name() {
    return "deadline";
  }
}
