package saccade.perception.model;

import java.io.IOException;

/**
 * A model package that cannot be used. The message is one line: what was found, what was wanted,
 * and where (file and key).
 */
@SuppressWarnings("serial")
public final class ModelPackageException extends IOException {

  public ModelPackageException(String message) {
    super(oneLine(message));
  }

  public ModelPackageException(String message, Throwable cause) {
    super(oneLine(message), cause);
  }

  /** Found values and file names may hold line breaks; the message does not. */
  private static String oneLine(String message) {
    return message.replaceAll("\\p{Cntrl}", "?");
  }
}
