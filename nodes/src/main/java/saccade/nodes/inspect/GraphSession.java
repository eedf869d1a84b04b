package saccade.nodes.inspect;

import java.io.PrintWriter;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.BooleanSupplier;
import saccade.nodes.cdr.CdrWriter;
import saccade.nodes.cdr.ServiceType;
import saccade.nodes.cli.BadInput;
import saccade.nodes.cli.ExitCode;
import saccade.nodes.rcl.RclTransport;
import saccade.nodes.ros.EndpointInfo;
import saccade.nodes.ros.Names;
import saccade.nodes.ros.NodeName;
import saccade.nodes.ros.NodeOptions;
import saccade.nodes.ros.QosProfile;
import saccade.nodes.ros.RosArguments;
import saccade.nodes.ros.RosEvents;
import saccade.nodes.ros.RosFault;
import saccade.nodes.ros.RosGraph;
import saccade.nodes.ros.RosNode;
import saccade.nodes.ros.RosTransport;
import saccade.nodes.ros.ServiceClient;
import saccade.nodes.zenoh.rmw.RmwConfig;
import saccade.nodes.zenoh.rmw.ZenohTransport;
import saccade.realtime.clock.NanoClock;

/** A hidden node of the graph for as long as a verb runs. */
final class GraphSession implements AutoCloseable {
  private static final long SETTLED_NS = 400_000_000L;
  private static final long AGAIN_NS = 2_000_000_000L;
  private static final String NODE = "_saccade_cli_" + ProcessHandle.current().pid();

  final RosTransport transport;
  final RosNode node;
  final NanoClock clock = NanoClock.system();
  private final long spinNs;

  private GraphSession(RosTransport transport, long spinNs, PrintWriter err) {
    this.transport = transport;
    this.node = transport.createNode(NODE, "", NodeOptions.DEFAULT.withEvents(new Complaints(err)));
    this.spinNs = spinNs;
  }

  /** One line each for what goes wrong between endpoints. */
  private static final class Complaints implements RosEvents {
    private final PrintWriter err;
    private final Set<String> said = ConcurrentHashMap.newKeySet();

    Complaints(PrintWriter err) {
      this.err = err;
    }

    private void once(String line) {
      if (said.add(line)) {
        err.println(line);
        err.flush();
      }
    }

    @Override
    public void incompatibleQos(String topic, EndpointInfo.Kind kind, String policy, long total) {
      boolean publisher = kind == EndpointInfo.Kind.PUBLISHER;
      once(
          "%s: %s of a %s does not fit ours; see --qos-reliability and --qos-durability"
              .formatted(topic, policy, publisher ? "subscription" : "publisher"));
    }

    @Override
    public void incompatibleType(
        String topic, EndpointInfo.Kind kind, String found, String wanted, long total) {
      once(topic + ": a peer has type " + found + ", wanted " + wanted + ": nothing passes");
    }

    @Override
    public void lost(String name, String reason, long count, long total) {
      if (worthALine(count, total)) {
        err.println("%s: %s (%d lost so far)".formatted(name, reason, total));
        err.flush();
      }
    }
  }

  /** The first time, and whenever a total gets one more digit. */
  static boolean worthALine(long count, long total) {
    long before = total - count;
    return before <= 0 || Long.toString(total).length() > Long.toString(before).length();
  }

  /**
   * Opens one.
   *
   * @param waits whether the verb goes on, after a line, when nobody is there to talk to yet
   * @param err gets lines about peers that do not fit, and losses
   * @throws BadInput when an option cannot be used, or nobody is there
   */
  static GraphSession open(TransportOptions options, boolean waits, PrintWriter err)
      throws InterruptedException {
    if (!(options.spinTimeS >= 0 && options.spinTimeS <= 600)) {
      throw new BadInput("--spin-time: expected 0 to 600 seconds, found " + options.spinTimeS);
    }
    Integer domain = options.domain;
    if (domain != null && (domain < 0 || domain > ZenohTransport.MAX_DOMAIN)) {
      throw new BadInput(
          "--domain: expected 0 to " + ZenohTransport.MAX_DOMAIN + ", found " + domain);
    }
    long spinNs = Math.round(options.spinTimeS * 1e9);
    String sourced = System.getenv("AMENT_PREFIX_PATH");
    boolean rcl =
        switch (options.transport) {
          case "rcl" -> true;
          case "zenoh" -> false;
          case "auto" -> sourced != null && !sourced.isEmpty() && options.connect.isEmpty();
          default ->
              throw new BadInput(
                  "--transport: expected auto, rcl or zenoh, found \"" + options.transport + "\"");
        };
    if (rcl) {
      if (!options.connect.isEmpty()) {
        throw new BadInput("--connect is for the Zenoh transport, found --transport rcl");
      }
      if (domain == null) {
        RmwConfig.domainOf(System.getenv("ROS_DOMAIN_ID"));
      }
      return new GraphSession(RclTransport.open(domain == null ? -1 : domain), spinNs, err);
    }
    Map<String, String> environment = new HashMap<>(System.getenv());
    if (domain != null) {
      environment.put("ROS_DOMAIN_ID", domain.toString());
    }
    if (!options.connect.isEmpty()) {
      environment.merge("ZENOH_CONFIG_OVERRIDE", client(options.connect), (a, b) -> a + ";" + b);
    }
    RmwConfig config = RmwConfig.of(environment);
    ZenohTransport zenoh = ZenohTransport.open(config);
    if (!zenoh.session().awaitLink(Duration.ofNanos(Math.max(spinNs, 1)))) {
      String line = config.noLink() + "; or --connect tcp/HOST:7447";
      if (!waits) {
        zenoh.close();
        throw new BadInput(ExitCode.UNAVAILABLE, line);
      }
      err.println(line);
      err.flush();
    }
    return new GraphSession(zenoh, spinNs, err);
  }

  private static String client(List<String> locators) {
    for (String locator : locators) {
      if (!locator.matches("(tcp|tls)/[A-Za-z0-9_.:\\[\\]%-]+:[0-9]{1,5}")) {
        throw new BadInput("--connect: expected tcp/HOST:PORT, found \"" + locator + "\"");
      }
    }
    return "mode=\"client\";connect/endpoints=[\"" + String.join("\",\"", locators) + "\"]";
  }

  /** The graph, after it has been quiet for a moment. */
  RosGraph settled() throws InterruptedException {
    long endNs = clock.nanoTime() + spinNs;
    long quietSinceNs = clock.nanoTime();
    int before = -1;
    RosGraph graph = node.graph();
    while (clock.nanoTime() < endNs && clock.nanoTime() - quietSinceNs < SETTLED_NS) {
      int now = List.of(graph.topics(), graph.nodes(), graph.services()).hashCode();
      boolean others = graph.nodes().size() > 1;
      // Alone, wait to the end: discovery over DDS takes a second.
      if (now != before || !others) {
        before = now;
        quietSinceNs = clock.nanoTime();
      }
      Thread.sleep(20);
    }
    return graph;
  }

  /** Waits until something is in the graph, as long as {@code --spin-time} says. */
  boolean await(BooleanSupplier there) throws InterruptedException {
    long endNs = clock.nanoTime() + spinNs;
    while (!there.getAsBoolean()) {
      if (clock.nanoTime() > endNs) {
        return false;
      }
      Thread.sleep(20);
    }
    return true;
  }

  /**
   * The full name of a topic or service.
   *
   * @throws BadInput when it is none
   */
  String full(String name) {
    try {
      return Names.of(NODE, "", RosArguments.NONE).topic(name);
    } catch (RosFault e) {
      throw new BadInput(String.valueOf(e.getMessage()));
    }
  }

  /**
   * The node of a name with or without leading slash.
   *
   * @throws BadInput when there is none
   */
  NodeName find(String name) throws InterruptedException {
    String full = name.startsWith("/") ? name : "/" + name;
    RosGraph graph = node.graph();
    if (!await(() -> graph.nodes().stream().anyMatch(n -> n.fullyQualified().equals(full)))) {
      throw new BadInput(ExitCode.FAILED, "Unable to find node '" + full + "'");
    }
    return graph.nodes().stream()
        .filter(n -> n.fullyQualified().equals(full))
        .findFirst()
        .orElseThrow();
  }

  /**
   * Asks a question that may be asked twice, and waits for the answer. A server that has not yet
   * discovered this client drops its answer, so the question is put again every two seconds.
   *
   * @throws BadInput when nobody answers
   */
  <Q, R> R ask(String name, ServiceType<Q, R> type, Q request) throws InterruptedException {
    byte[] sent = type.request().encode(request);
    return type.response().decode(call(name, type.rosName(), type.typeHash(), sent, AGAIN_NS));
  }

  /**
   * Calls a service once, with serialized messages, and waits for the answer.
   *
   * @throws BadInput when nobody answers
   */
  byte[] call(String name, String type, String hash, byte[] request) throws InterruptedException {
    return call(name, type, hash, request, Long.MAX_VALUE);
  }

  private byte[] call(String name, String type, String hash, byte[] request, long againNs)
      throws InterruptedException {
    try (ServiceClient client = node.createClient(name, type, hash, QosProfile.SERVICES_DEFAULT);
        CdrWriter memory = new CdrWriter(request.length)) {
      if (!await(client::ready)) {
        throw new BadInput(
            ExitCode.FAILED, "service " + client.name() + ": no server of " + type + " is there");
      }
      MemorySegment.copy(request, 0, memory.buffer(), ValueLayout.JAVA_BYTE, 0, request.length);
      long endNs = clock.nanoTime() + Math.max(spinNs, 1_000_000_000L) + 5_000_000_000L;
      while (true) {
        long leftNs = endNs - clock.nanoTime();
        try {
          return client
              .call(memory.buffer(), request.length)
              .get(Math.min(againNs, leftNs), TimeUnit.NANOSECONDS);
        } catch (TimeoutException e) {
          if (againNs >= leftNs) {
            throw new BadInput(ExitCode.FAILED, "service " + client.name() + ": no answer in time");
          }
        } catch (ExecutionException e) {
          throw new BadInput(
              ExitCode.FAILED, "service " + client.name() + ": no answer (" + e.getMessage() + ")");
        }
      }
    }
  }

  @Override
  public void close() {
    transport.close();
  }
}
