package saccade.nodes.ros;

/** A service offered to the graph until it is closed. */
public interface ServiceServer extends AutoCloseable {

  /** The service's full name, after expansion and remapping. */
  String name();

  /** Leaves the graph; requests not answered by then never are. A second call does nothing. */
  @Override
  void close();
}
