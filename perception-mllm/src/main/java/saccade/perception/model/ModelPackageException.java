package saccade.perception.model;

import java.io.IOException;

/**
 * A model package that cannot be used. The message is one line: what was found, what was wanted,
 * and where (file and key).
 */
@SuppressWarnings("serial")
public final class ModelPackageException extends IOException {

  public ModelPackageException(String message) {
    super(message);
  }

  public ModelPackageException(String message, Throwable cause) {
    super(message, cause);
  }
}
