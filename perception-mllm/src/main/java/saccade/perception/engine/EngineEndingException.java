package saccade.perception.engine;

/** The process was told to end: no graph is opened any more. No fault of engine or model. */
@SuppressWarnings("serial")
public final class EngineEndingException extends RuntimeException {

  EngineEndingException() {
    super("the process is ending, no graph is opened any more", null, false, false);
  }
}
