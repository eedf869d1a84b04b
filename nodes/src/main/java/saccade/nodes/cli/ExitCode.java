package saccade.nodes.cli;

/** What the shell sees. Numbers above 63 follow sysexits.h. */
public final class ExitCode {
  /** Done, and everything that was to hold holds. */
  public static final int OK = 0;

  /** It ran, and a bar was missed or a check failed. */
  public static final int FAILED = 1;

  /** The command line was wrong. */
  public static final int USAGE = 2;

  /** A file or a value is wrong; the line printed says which, what was wanted and where. */
  public static final int BAD_INPUT = 65;

  /** Something needed is not there (a port in use, no model, no JDK). */
  public static final int UNAVAILABLE = 69;

  /** A bug of ours: an exception nobody expected. */
  public static final int SOFTWARE = 70;

  /** Output could not be written (disk full, no permission). */
  public static final int CANNOT_WRITE = 73;

  /** A timing bar cannot be judged on this machine now: its baseline is too noisy. */
  public static final int NOT_MEASURABLE = 75;

  private ExitCode() {}
}
