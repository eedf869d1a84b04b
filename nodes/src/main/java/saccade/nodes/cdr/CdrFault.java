package saccade.nodes.cdr;

/**
 * Bytes that are not the message they should be, or a value that has no place in its message. One
 * line: the value found, the value wanted, where. The receiver drops and counts; nothing else is
 * lost.
 */
@SuppressWarnings("serial")
public final class CdrFault extends RuntimeException {
  public CdrFault(String oneLine) {
    super(oneLine);
  }

  /**
   * Held against the length of a fixed array.
   *
   * @throws CdrFault when they differ
   */
  public static void unlessLength(String field, int found, int wanted) {
    if (found != wanted) {
      throw new CdrFault(field + " of " + found + " elements: wanted " + wanted);
    }
  }

  /** The same fault with the type it was met in. */
  CdrFault in(String rosName) {
    CdrFault named = new CdrFault(rosName + ": " + getMessage());
    named.setStackTrace(getStackTrace());
    return named;
  }
}
