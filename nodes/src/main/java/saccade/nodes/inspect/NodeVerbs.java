package saccade.nodes.inspect;

import java.io.PrintWriter;
import java.util.List;
import java.util.TreeMap;
import java.util.function.Function;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import saccade.nodes.cli.ExitCode;
import saccade.nodes.ros.EndpointInfo;
import saccade.nodes.ros.NodeName;
import saccade.nodes.ros.RosGraph;
import saccade.nodes.ros.ServiceInfo;
import saccade.nodes.ros.TopicInfo;

/** {@code saccade node ...}. */
final class NodeVerbs {
  private static final String ACTION = "/_action/";

  private NodeVerbs() {}

  @Command(
      name = "list",
      mixinStandardHelpOptions = true,
      description = "Lists the nodes of the graph.")
  static final class ListNodes extends GraphVerb {
    @Option(
        names = {"-a", "--all"},
        description = "Those whose name begins with _, too.")
    boolean all;

    @Option(
        names = {"-c", "--count-nodes"},
        description = "Only how many.")
    boolean count;

    @Override
    int run(GraphSession session, PrintWriter out) throws InterruptedException {
      List<NodeName> nodes =
          session.settled().nodes().stream().filter(n -> all || !n.name().startsWith("_")).toList();
      if (count) {
        out.println(nodes.size());
      } else {
        nodes.forEach(node -> out.println(node.fullyQualified()));
      }
      return ExitCode.OK;
    }
  }

  @Command(
      name = "info",
      mixinStandardHelpOptions = true,
      description = "What a node publishes, subscribes, serves and calls.")
  static final class Info extends GraphVerb {
    @Parameters(paramLabel = "NODE", description = "Name of the node.")
    String name = "";

    @Option(names = "--include-hidden", description = "Topics and services of actions, too.")
    boolean hidden;

    @Override
    int run(GraphSession session, PrintWriter out) throws InterruptedException {
      NodeName node = session.find(name);
      RosGraph graph = session.settled();
      out.println(node.fullyQualified());
      topics(out, "Subscribers", graph, node, graph::subscriptionsInfo);
      topics(out, "Publishers", graph, node, graph::publishersInfo);
      services(out, "Service Servers", graph.servers(node));
      services(out, "Service Clients", graph.clients(node));
      actions(out, "Action Servers", graph.servers(node));
      actions(out, "Action Clients", graph.clients(node));
      return ExitCode.OK;
    }

    private void topics(
        PrintWriter out,
        String title,
        RosGraph graph,
        NodeName node,
        Function<String, List<EndpointInfo>> endpoints) {
      out.println("  " + title + ":");
      for (TopicInfo topic : graph.topics()) {
        if (!hidden && topic.name().contains(ACTION)) {
          continue;
        }
        List<String> types =
            endpoints.apply(topic.name()).stream()
                .filter(each -> each.node().equals(node))
                .map(EndpointInfo::type)
                .distinct()
                .toList();
        if (!types.isEmpty()) {
          out.println("    " + topic.name() + ": " + String.join(", ", types));
        }
      }
    }

    private void services(PrintWriter out, String title, List<ServiceInfo> services) {
      out.println("  " + title + ":");
      for (ServiceInfo service : services) {
        if (hidden || !service.name().contains(ACTION)) {
          out.println("    " + service.name() + ": " + String.join(", ", service.types()));
        }
      }
      if (title.endsWith("Clients")) {
        out.println();
      }
    }

    private static void actions(PrintWriter out, String title, List<ServiceInfo> services) {
      out.println("  " + title + ":");
      TreeMap<String, String> actions = new TreeMap<>();
      for (ServiceInfo service : services) {
        int at = service.name().indexOf(ACTION + "send_goal");
        if (at > 0) {
          actions.put(
              service.name().substring(0, at), service.types().get(0).replace("_SendGoal", ""));
        }
      }
      actions.forEach((action, type) -> out.println("    " + action + ": " + type));
      out.println();
    }
  }
}
