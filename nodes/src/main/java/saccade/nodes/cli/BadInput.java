package saccade.nodes.cli;

/**
 * Input of a user that cannot be used. The message is one line: the value found, the value wanted,
 * the place to change. The command line prints it without a stack trace.
 */
@SuppressWarnings("serial")
public final class BadInput extends RuntimeException {
  private final int exitCode;

  public BadInput(String oneLine) {
    this(ExitCode.BAD_INPUT, oneLine);
  }

  public BadInput(int exitCode, String oneLine) {
    super(oneLine);
    this.exitCode = exitCode;
  }

  /** One of {@link ExitCode}. */
  public int exitCode() {
    return exitCode;
  }
}
