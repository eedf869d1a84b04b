package saccade.nodes.inspect;

import java.io.PrintWriter;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import saccade.msg.KnownTypes;
import saccade.nodes.cdr.CdrReader;
import saccade.nodes.cdr.CdrWriter;
import saccade.nodes.cdr.ServiceType;
import saccade.nodes.cli.BadInput;
import saccade.nodes.cli.ExitCode;
import saccade.nodes.idl.Definitions;
import saccade.nodes.message.MessageText;
import saccade.nodes.ros.RosGraph;
import saccade.nodes.ros.ServiceInfo;

/** {@code saccade service ...}. */
final class ServiceVerbs {
  private ServiceVerbs() {}

  @Command(
      name = "list",
      mixinStandardHelpOptions = true,
      description = "Lists the services of the graph.")
  static final class ListServices extends GraphVerb {
    @Option(
        names = {"-t", "--show-types"},
        description = "Types, too.")
    boolean types;

    @Option(names = "--include-hidden-services", description = "Those with _, too.")
    boolean all;

    @Override
    int run(GraphSession session, PrintWriter out) throws InterruptedException {
      for (ServiceInfo service : session.settled().services()) {
        if (all || !service.name().contains("/_")) {
          out.println(
              service.name() + (types ? " [" + String.join(", ", service.types()) + "]" : ""));
        }
      }
      return ExitCode.OK;
    }
  }

  @Command(
      name = "call",
      mixinStandardHelpOptions = true,
      description = "Calls a service with a request given as YAML.",
      footer = {
        "",
        "Example:",
        "  saccade service call /pause std_srvs/srv/SetBool '{data: true}'"
      })
  static final class Call extends GraphVerb {
    @Parameters(index = "0", paramLabel = "SERVICE", description = "Name of the service.")
    String name = "";

    @Parameters(index = "1", paramLabel = "TYPE", description = "For example std_srvs/srv/SetBool.")
    String type = "";

    @Parameters(index = "2", arity = "0..1", paramLabel = "VALUES", description = "YAML.")
    String values = "{}";

    @Override
    int run(GraphSession session, PrintWriter out) throws InterruptedException {
      String[] parts = type.split("/", -1);
      String full = parts.length == 2 ? parts[0] + "/srv/" + parts[1] : type;
      @Nullable ServiceType<?, ?> known = KnownTypes.service(full);
      if (known == null) {
        throw new BadInput(
            "service type '"
                + type
                + "' is not one of ours; wanted for example std_srvs/srv/SetBool");
      }
      String service = session.full(name);
      RosGraph graph = session.node.graph();
      session.await(() -> !types(graph, service).isEmpty());
      List<String> there = types(graph, service);
      if (!there.isEmpty() && !there.contains(full)) {
        throw new BadInput(
            "service " + service + " is of type " + String.join(", ", there) + ", wanted " + full);
      }
      Definitions definitions = Definitions.shipped();
      byte[] request;
      try (CdrWriter writer = CdrWriter.confined()) {
        new MessageText(definitions, known.request().rosName()).encode(values, writer);
        request = writer.toArray();
      }
      out.println(
          "requester: making request: "
              + PyText.repr(
                  tree(definitions, known.request().rosName(), request), full + "_Request")
              + "\n");
      out.flush();
      byte[] response = session.call(service, full, known.typeHash(), request);
      out.println("response:");
      out.println(
          PyText.repr(tree(definitions, known.response().rosName(), response), full + "_Response")
              + "\n");
      return ExitCode.OK;
    }

    private static List<String> types(RosGraph graph, String service) {
      return graph.services().stream()
          .filter(each -> each.name().equals(service))
          .flatMap(each -> each.types().stream())
          .toList();
    }

    private static Map<String, Object> tree(Definitions definitions, String type, byte[] cdr) {
      return new MessageTree(definitions, Integer.MAX_VALUE).read(type, CdrReader.of(cdr));
    }
  }
}
