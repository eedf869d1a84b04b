package saccade.nodes.ros;

/**
 * ROS or the middleware cannot do what was asked. The message is one line: what was found, what was
 * wanted, where.
 */
@SuppressWarnings("serial")
public final class RosFault extends RuntimeException {

  /** A fault described in one line. */
  public RosFault(String message) {
    super(oneLine(message));
  }

  /** A fault described in one line, with what caused it. */
  public RosFault(String message, Throwable cause) {
    super(oneLine(message), cause);
  }

  /** Names that others chose may hold line breaks. */
  private static String oneLine(String message) {
    return message.replaceAll("\\R", " ");
  }
}
