package saccade.nodes.rosnode;

import java.util.List;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import saccade.kernels.geometry.Rig;
import saccade.nodes.cli.BadInput;
import saccade.nodes.cli.ExitCode;
import saccade.nodes.graph.Graph;
import saccade.nodes.graph.GraphNode;
import saccade.nodes.graph.RigFile;
import saccade.nodes.graph.RosSection;
import saccade.nodes.node.AccessList;
import saccade.nodes.node.Lifecycle;
import saccade.nodes.node.LifecycleNode;
import saccade.nodes.node.Node;
import saccade.nodes.node.ParameterValue;
import saccade.nodes.node.Parameters;
import saccade.nodes.pipeline.ModelPerceiver;
import saccade.nodes.rcl.RclTransport;
import saccade.nodes.ros.RosFault;
import saccade.nodes.ros.RosTransport;
import saccade.nodes.zenoh.rmw.RmwConfig;
import saccade.nodes.zenoh.rmw.ZenohTransport;
import saccade.realtime.clock.NanoClock;

/**
 * A graph as a node of a ROS 2 graph: opens the transport, makes the node, its source and its
 * outputs, and takes all of it down again. Set-up only.
 */
public final class RosRuntime implements AutoCloseable {
  private final RosTransport transport;
  private final @Nullable LinkWatch links;
  private final Node node;
  private final @Nullable LifecycleNode managed;
  private final @Nullable RosSource source;
  private final RosOutput output;

  private RosRuntime(
      Graph graph,
      RosSection section,
      RosTransport transport,
      @Nullable LinkWatch links,
      List<String> arguments,
      Consumer<String> console) {
    this.transport = transport;
    this.links = links;
    Node.Options options =
        Node.Options.DEFAULT
            .withArguments(arguments)
            .withAccess(new AccessList(section.settable(), section.transitions()))
            .withConsole(console);
    node = Node.create(transport, section.node(), section.namespace(), options);
    declare(graph);
    StampMap stamps = new StampMap(node.clock(), NanoClock.system());
    source =
        graph.source() instanceof GraphNode.Ros topics
            ? new RosSource(
                node,
                topics,
                rig(node, topics),
                ModelPerceiver.description(graph.perception().model()).camera().count(),
                stamps)
            : null;
    output = new RosOutput(node, section.publish(), stamps::toRos, source);
    managed = section.lifecycle() == RosSection.Lifecycle.OFF ? null : managed(section);
  }

  /** The file's, or as the robot itself publishes it where the graph asks for that. */
  private static Rig rig(Node node, GraphNode.Ros topics) {
    Rig plan = RigFile.read(topics.rig());
    GraphNode.Ros.Calibration calibration = topics.calibration();
    return calibration == null ? plan : TopicCalibration.read(node, topics, calibration, plan);
  }

  /** What the graph says, for people who ask; it is read once, so nobody can set it. */
  private void declare(Graph graph) {
    Parameters parameters = node.parameters();
    parameters.declare("graph", ParameterValue.of(graph.file().toString()), readOnly("graph file"));
    parameters.declare(
        "model",
        ParameterValue.of(graph.perception().model().toString()),
        readOnly("model package"));
    parameters.declare(
        "budget_ms",
        ParameterValue.of(graph.perception().budgetNs() * 1e-6),
        readOnly("from capture to message"));
    parameters.declare(
        "max_age_ms",
        ParameterValue.of(graph.planner().maxAgeNs() * 1e-6),
        readOnly("older messages are not acted on"));
  }

  private static saccade.msg.rcl_interfaces.ParameterDescriptor readOnly(String text) {
    return Parameters.described(text).withReadOnly(true);
  }

  private LifecycleNode managed(RosSection section) {
    output.setActive(false);
    LifecycleNode made =
        LifecycleNode.over(
            node,
            new Lifecycle.Callbacks() {
              @Override
              public Lifecycle.Outcome onActivate(Lifecycle.State previous) {
                output.setActive(true);
                return Lifecycle.Outcome.SUCCESS;
              }

              @Override
              public Lifecycle.Outcome onDeactivate(Lifecycle.State previous) {
                output.setActive(false);
                return Lifecycle.Outcome.SUCCESS;
              }

              @Override
              public Lifecycle.Outcome onShutdown(Lifecycle.State previous) {
                output.setActive(false);
                return Lifecycle.Outcome.SUCCESS;
              }
            });
    if (section.lifecycle() == RosSection.Lifecycle.AUTOSTART) {
      made.lifecycle().change(Lifecycle.Transition.CONFIGURE);
      made.lifecycle().change(Lifecycle.Transition.ACTIVATE);
    }
    return made;
  }

  /**
   * Opens what the graph's {@code ros} part says.
   *
   * @param arguments command line from {@code --ros-args} on; empty for none
   * @param console takes log lines
   * @throws BadInput in one line when ROS is not sourced, or a name, parameter or file is bad
   */
  public static RosRuntime open(Graph graph, List<String> arguments, Consumer<String> console) {
    RosSection section = graph.ros();
    if (section == null) {
      throw new BadInput(graph.file() + ": ros: expected a mapping, found none");
    }
    RosTransport transport = null;
    LinkWatch links = null;
    try {
      RmwConfig.domainOf(System.getenv("ROS_DOMAIN_ID"));
      transport =
          switch (section.transport()) {
            case RCL -> RclTransport.open();
            case ZENOH -> ZenohTransport.open();
          };
      if (transport instanceof ZenohTransport zenoh) {
        String noLink = RmwConfig.of(System.getenv()).noLink();
        links = new LinkWatch(zenoh.session(), noLink, LinkWatch.PATIENCE_NS, console);
      }
      return new RosRuntime(graph, section, transport, links, arguments, console);
    } catch (RosFault e) {
      if (links != null) {
        links.close();
      }
      if (transport != null) {
        transport.close();
        throw new BadInput(String.valueOf(e.getMessage()));
      }
      throw new BadInput(
          ExitCode.UNAVAILABLE,
          graph.file()
              + ": ros.transport "
              + section.transport().name().toLowerCase(java.util.Locale.ROOT)
              + ": "
              + e.getMessage());
    } catch (BadInput e) {
      if (links != null) {
        links.close();
      }
      if (transport != null) {
        transport.close();
      }
      throw e;
    }
  }

  /** The transport, e.g. {@code rcl jazzy rmw_fastrtps_cpp}. */
  public String transport() {
    return transport.name();
  }

  /** The node; bridges make their topics from it. */
  public Node node() {
    return node;
  }

  /**
   * Where frames come from.
   *
   * @throws IllegalStateException when the graph's source is none of type ros
   */
  public RosSource source() {
    RosSource from = source;
    if (from == null) {
      throw new IllegalStateException("expected a source of type ros, found another");
    }
    return from;
  }

  /** Publishes every message of a run. */
  public RosOutput output() {
    return output;
  }

  @Override
  public void close() {
    if (source != null) {
      source.close();
    }
    output.close();
    if (managed != null) {
      managed.close();
    }
    node.close();
    if (links != null) {
      links.close();
    }
    transport.close();
  }
}
