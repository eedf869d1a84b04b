package saccade.perception.engine;

/**
 * ONNX Runtime refused to open or run a graph, or a graph has another signature than the package
 * says. Never part of normal running: a missed deadline or a bad sensor is a value, not this.
 */
@SuppressWarnings("serial")
public final class EngineException extends RuntimeException {

  public EngineException(String message) {
    super(message);
  }

  public EngineException(String message, Throwable cause) {
    super(message, cause);
  }
}
