package saccade.nodes.ros;

/** Receives serialized messages of one topic until it is closed. */
public interface Subscription extends AutoCloseable {

  /** The topic's full name, after expansion and remapping. */
  String topic();

  /** How many publishers match it now, as the middleware counts them. */
  int matchedPublishers();

  /**
   * Leaves the graph; when it returns the listener is not being called and never will be again
   * (called from the listener itself, this holds once that call returns). A second call does
   * nothing.
   */
  @Override
  void close();
}
