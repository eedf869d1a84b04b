package saccade.nodes.node;

import java.util.ArrayList;
import java.util.List;
import saccade.msg.rcl_interfaces.DescribeParameters;
import saccade.msg.rcl_interfaces.GetParameterTypes;
import saccade.msg.rcl_interfaces.GetParameters;
import saccade.msg.rcl_interfaces.ListParameters;
import saccade.msg.rcl_interfaces.ParameterDescriptor;
import saccade.msg.rcl_interfaces.ParameterEvent;
import saccade.msg.rcl_interfaces.SetParameters;
import saccade.msg.rcl_interfaces.SetParametersAtomically;
import saccade.msg.rcl_interfaces.SetParametersResult;
import saccade.nodes.ros.QosProfile;

/** The six parameter services of a node, and what it says on {@code /parameter_events}. */
final class ParameterServices {
  private final Node node;
  private final Parameters parameters;
  private final AccessList access;
  private final MessagePublisher<ParameterEvent> events;

  ParameterServices(Node node, AccessList access) {
    this.node = node;
    this.parameters = node.parameters();
    this.access = access;
    QosProfile qos = QosProfile.PARAMETERS;
    events = node.createPublisher(ParameterEvent.TYPE, "/parameter_events", qos);
    parameters.onChange(this::publish);
    node.createService(
        GetParameters.TYPE,
        "~/get_parameters",
        qos,
        request ->
            new GetParameters.Response(
                request.names().stream()
                    .map(name -> parameters.getOrNotSet(name).message())
                    .toList()));
    node.createService(
        GetParameterTypes.TYPE,
        "~/get_parameter_types",
        qos,
        request -> {
          byte[] types = new byte[request.names().size()];
          for (int i = 0; i < types.length; i++) {
            types[i] = (byte) parameters.getOrNotSet(request.names().get(i)).type().ordinal();
          }
          return new GetParameterTypes.Response(types);
        });
    node.createService(
        SetParameters.TYPE,
        "~/set_parameters",
        qos,
        request -> {
          List<SetParametersResult> results = new ArrayList<>();
          for (var each : request.parameters()) {
            results.add(set(List.of(each)));
          }
          return new SetParameters.Response(results);
        });
    node.createService(
        SetParametersAtomically.TYPE,
        "~/set_parameters_atomically",
        qos,
        request -> new SetParametersAtomically.Response(set(request.parameters())));
    node.createService(
        DescribeParameters.TYPE,
        "~/describe_parameters",
        qos,
        request ->
            new DescribeParameters.Response(request.names().stream().map(this::describe).toList()));
    node.createService(
        ListParameters.TYPE,
        "~/list_parameters",
        qos,
        request ->
            new ListParameters.Response(parameters.list(request.prefixes(), request.depth())));
  }

  private ParameterDescriptor describe(String name) {
    return parameters.has(name)
        ? parameters.describe(name)
        : ParameterDescriptor.defaults().withName(name);
  }

  private SetParametersResult set(List<saccade.msg.rcl_interfaces.Parameter> wanted) {
    List<Parameter> values = new ArrayList<>();
    for (saccade.msg.rcl_interfaces.Parameter each : wanted) {
      if (!access.maySet(node.fullyQualifiedName(), each.name())) {
        String refusal =
            "parameter '%s' of %s may not be set from outside (access list)"
                .formatted(each.name(), node.fullyQualifiedName());
        node.logger().warn(refusal);
        return new SetParametersResult(false, refusal);
      }
      try {
        values.add(new Parameter(each.name(), ParameterValue.of(each.value())));
      } catch (IllegalArgumentException e) {
        return new SetParametersResult(false, each.name() + ": " + e.getMessage());
      }
    }
    return parameters.setAtomically(values);
  }

  private void publish(Parameters.Change change) {
    events.publish(
        new ParameterEvent(
            Stamps.time(node.clock().nowNs()),
            node.fullyQualifiedName(),
            messages(change.declared()),
            messages(change.changed()),
            messages(change.undeclared())));
  }

  private static List<saccade.msg.rcl_interfaces.Parameter> messages(List<Parameter> parameters) {
    return parameters.stream().map(Parameter::message).toList();
  }
}
