package saccade.nodes.node;

/**
 * A parameter's name and value.
 *
 * @param name parts are joined by dots
 */
public record Parameter(String name, ParameterValue value) {
  saccade.msg.rcl_interfaces.Parameter message() {
    return new saccade.msg.rcl_interfaces.Parameter(name, value.message());
  }
}
