package saccade.nodes.ros;

/**
 * A node of the graph.
 *
 * @param name without namespace
 * @param namespace {@code "/"} or {@code "/robot1"}
 */
public record NodeName(String name, String namespace) implements Comparable<NodeName> {

  /** {@code "/robot1/camera"}. */
  public String fullyQualified() {
    return namespace.endsWith("/") ? namespace + name : namespace + "/" + name;
  }

  @Override
  public int compareTo(NodeName other) {
    return fullyQualified().compareTo(other.fullyQualified());
  }
}
