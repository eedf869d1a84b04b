package saccade.nodes.node;

import java.util.Arrays;
import java.util.List;
import org.jspecify.annotations.Nullable;
import saccade.msg.lifecycle_msgs.ChangeState;
import saccade.msg.lifecycle_msgs.GetAvailableStates;
import saccade.msg.lifecycle_msgs.GetAvailableTransitions;
import saccade.msg.lifecycle_msgs.GetState;
import saccade.msg.lifecycle_msgs.TransitionEvent;
import saccade.nodes.ros.QosProfile;
import saccade.nodes.ros.RosTransport;

/**
 * A managed node: a {@link Node} with the lifecycle services and {@code ~/transition_event}, so
 * that {@code ros2 lifecycle} and a lifecycle manager drive it. Callbacks run on the node's own
 * thread when a peer asks, on the caller's otherwise.
 */
public final class LifecycleNode implements AutoCloseable {
  private final Node node;
  private final AccessList access;
  private final Lifecycle lifecycle;
  private final MessagePublisher<TransitionEvent> events;

  private LifecycleNode(Node node, Lifecycle.Callbacks callbacks, AccessList access) {
    this.node = node;
    this.access = access;
    this.lifecycle = new Lifecycle(callbacks, text -> node.logger().error(text));
    events = node.createPublisher(TransitionEvent.TYPE, "~/transition_event", QosProfile.DEFAULT);
    lifecycle.onTransition(this::publish);
  }

  /** A managed node, unconfigured. */
  public static LifecycleNode create(
      RosTransport transport,
      String name,
      String namespace,
      Node.Options options,
      Lifecycle.Callbacks callbacks) {
    return over(Node.create(transport, name, namespace, options), callbacks);
  }

  /** Makes a node a managed one; closing this closes the node. */
  public static LifecycleNode over(Node node, Lifecycle.Callbacks callbacks) {
    try {
      LifecycleNode made = new LifecycleNode(node, callbacks, node.options().access());
      made.serve();
      return made;
    } catch (RuntimeException e) {
      node.close();
      throw e;
    }
  }

  private void serve() {
    QosProfile qos = QosProfile.SERVICES_DEFAULT;
    node.createDeferredService(
        ChangeState.TYPE,
        "~/change_state",
        qos,
        (request, reply) ->
            node.execute(
                () -> reply.accept(new ChangeState.Response(change(request.transition())))));
    node.createService(
        GetState.TYPE,
        "~/get_state",
        qos,
        request -> new GetState.Response(lifecycle.state().message()));
    node.createService(
        GetAvailableStates.TYPE,
        "~/get_available_states",
        qos,
        request ->
            new GetAvailableStates.Response(
                Arrays.stream(Lifecycle.State.values()).map(Lifecycle.State::message).toList()));
    node.createService(
        GetAvailableTransitions.TYPE,
        "~/get_available_transitions",
        qos,
        request -> new GetAvailableTransitions.Response(descriptions(lifecycle.available())));
    node.createService(
        GetAvailableTransitions.TYPE,
        "~/get_transition_graph",
        qos,
        request ->
            new GetAvailableTransitions.Response(
                descriptions(List.of(Lifecycle.Transition.values()))));
  }

  private static List<saccade.msg.lifecycle_msgs.TransitionDescription> descriptions(
      List<Lifecycle.Transition> transitions) {
    return transitions.stream().map(Lifecycle.Transition::description).toList();
  }

  /** A peer's wish: by label where there is one, else by number. */
  private boolean change(saccade.msg.lifecycle_msgs.Transition asked) {
    Lifecycle.Transition wanted = wanted(asked);
    if (wanted == null) {
      node.logger()
          .warn(
              "no transition %d '%s' in state %s"
                  .formatted(asked.id(), asked.label(), lifecycle.state().label()));
      return false;
    }
    if (!access.mayChange(node.fullyQualifiedName(), wanted.label())) {
      node.logger()
          .warn(
              "transition '%s' of %s may not be asked for from outside (access list)"
                  .formatted(wanted.label(), node.fullyQualifiedName()));
      return false;
    }
    return lifecycle.change(wanted);
  }

  private Lifecycle.@Nullable Transition wanted(saccade.msg.lifecycle_msgs.Transition asked) {
    if (asked.label().isEmpty()) {
      return Lifecycle.Transition.of(asked.id());
    }
    for (Lifecycle.Transition each : lifecycle.available()) {
      if (each.label().equals(asked.label())) {
        return each;
      }
    }
    return null;
  }

  private void publish(Lifecycle.Transition transition) {
    if (!node.isClosed()) {
      events.publish(
          new TransitionEvent(
              node.clock().nowNs(),
              transition.message(),
              transition.start().message(),
              transition.goal().message()));
    }
  }

  /** The node, for its topics and parameters. */
  public Node node() {
    return node;
  }

  /** The state machine. */
  public Lifecycle lifecycle() {
    return lifecycle;
  }

  /** Shuts down by the state machine, then closes the node. */
  @Override
  public void close() {
    if (!node.isClosed()) {
      lifecycle.shutdown();
      node.close();
    }
  }
}
