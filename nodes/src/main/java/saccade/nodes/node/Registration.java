package saccade.nodes.node;

/** A listener, callback or timer that is called until this is closed. */
@FunctionalInterface
public interface Registration extends AutoCloseable {

  /** Ends it; a call under way may still finish. A second call does nothing. */
  @Override
  void close();
}
