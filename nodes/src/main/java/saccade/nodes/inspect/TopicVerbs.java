package saccade.nodes.inspect;

import java.io.PrintWriter;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import saccade.nodes.cdr.CdrReader;
import saccade.nodes.cdr.CdrWriter;
import saccade.nodes.cdr.MessageType;
import saccade.nodes.cli.BadInput;
import saccade.nodes.cli.ExitCode;
import saccade.nodes.idl.Definitions;
import saccade.nodes.message.MessageText;
import saccade.nodes.ros.EndpointInfo;
import saccade.nodes.ros.Publisher;
import saccade.nodes.ros.QosProfile;
import saccade.nodes.ros.QosProfile.Durability;
import saccade.nodes.ros.QosProfile.Reliability;
import saccade.nodes.ros.RosGraph;
import saccade.nodes.ros.Subscription;
import saccade.nodes.ros.TopicInfo;

/** {@code saccade topic ...}: names, options and output as {@code ros2 topic} has them. */
final class TopicVerbs {
  private TopicVerbs() {}

  private static boolean hidden(String name) {
    return name.startsWith("_") || name.contains("/_");
  }

  /** What the user may say about quality of service; the rest follows from the publishers. */
  static final class QosOptions {
    @Option(
        names = "--qos-reliability",
        paramLabel = "reliable|best_effort",
        description = "Default: what fits all publishers.")
    @Nullable String reliability;

    @Option(
        names = "--qos-durability",
        paramLabel = "volatile|transient_local",
        description = "Default: what fits all publishers.")
    @Nullable String durability;

    @Option(names = "--qos-depth", paramLabel = "N", description = "Messages kept. Default: 10.")
    int depth = 10;

    QosProfile profile(List<EndpointInfo> peers) {
      if (depth < 1 || depth > 100_000) {
        throw new BadInput("--qos-depth: expected 1 to 100000, found " + depth);
      }
      boolean reliable =
          peers.stream().noneMatch(p -> p.qos().reliability() == Reliability.BEST_EFFORT);
      boolean local =
          !peers.isEmpty()
              && peers.stream().allMatch(p -> p.qos().durability() == Durability.TRANSIENT_LOCAL);
      reliable = choose("--qos-reliability", reliability, "reliable", "best_effort", reliable);
      local = choose("--qos-durability", durability, "transient_local", "volatile", local);
      QosProfile qos = QosProfile.DEFAULT.keepLast(depth);
      qos = reliable ? qos : qos.bestEffort();
      return local ? qos.transientLocal() : qos;
    }

    private static boolean choose(
        String option, @Nullable String said, String yes, String no, boolean otherwise) {
      if (said == null) {
        return otherwise;
      }
      if (!said.equals(yes) && !said.equals(no)) {
        throw new BadInput(option + ": expected " + yes + " or " + no + ", found \"" + said + "\"");
      }
      return said.equals(yes);
    }
  }

  @Command(
      name = "list",
      mixinStandardHelpOptions = true,
      description = "Lists the topics of the graph.")
  static final class ListTopics extends GraphVerb {
    @Option(
        names = {"-t", "--show-types"},
        description = "Types, too.")
    boolean types;

    @Option(
        names = {"-c", "--count-topics"},
        description = "Only how many.")
    boolean count;

    @Option(names = "--include-hidden-topics", description = "Those with _, too.")
    boolean all;

    @Override
    int run(GraphSession session, PrintWriter out) throws InterruptedException {
      List<TopicInfo> topics =
          session.settled().topics().stream().filter(t -> all || !hidden(t.name())).toList();
      if (count) {
        out.println(topics.size());
        return ExitCode.OK;
      }
      for (TopicInfo topic : topics) {
        out.println(topic.name() + (types ? " [" + String.join(", ", topic.types()) + "]" : ""));
      }
      return ExitCode.OK;
    }
  }

  @Command(
      name = "info",
      mixinStandardHelpOptions = true,
      description = "Type of a topic, and who publishes and subscribes.")
  static final class Info extends GraphVerb {
    @Parameters(paramLabel = "TOPIC", description = "Name of the topic.")
    String topic = "";

    @Option(
        names = {"-v", "--verbose"},
        description = "Nodes, hashes, ids, quality of service.")
    boolean verbose;

    @Override
    int run(GraphSession session, PrintWriter out) throws InterruptedException {
      String name = session.full(topic);
      RosGraph graph = session.node.graph();
      if (!session.await(() -> graph.topics().stream().anyMatch(t -> t.name().equals(name)))) {
        throw new BadInput(ExitCode.FAILED, "Unknown topic '" + name + "'");
      }
      session.settled();
      List<String> types =
          graph.topics().stream()
              .filter(t -> t.name().equals(name))
              .flatMap(t -> t.types().stream())
              .toList();
      List<EndpointInfo> publishers = graph.publishersInfo(name);
      List<EndpointInfo> subscriptions = graph.subscriptionsInfo(name);
      out.println("Type: " + (types.size() == 1 ? types.get(0) : types));
      out.println(verbose ? "" : "Publisher count: " + publishers.size());
      if (verbose) {
        out.println("Publisher count: " + publishers.size() + "\n");
        publishers.forEach(each -> endpoint(each, out));
      }
      out.println("Subscription count: " + subscriptions.size() + (verbose ? "\n" : ""));
      if (verbose) {
        subscriptions.forEach(each -> endpoint(each, out));
      }
      return ExitCode.OK;
    }

    private static void endpoint(EndpointInfo e, PrintWriter out) {
      QosProfile qos = e.qos();
      out.println("Node name: " + e.node().name());
      out.println("Node namespace: " + e.node().namespace());
      out.println("Topic type: " + e.type());
      out.println("Topic type hash: " + (e.typeHash().isEmpty() ? "INVALID" : e.typeHash()));
      out.println("Endpoint type: " + e.kind());
      out.println("GID: " + HexFormat.ofDelimiter(".").formatHex(HexFormat.of().parseHex(e.gid())));
      out.println("QoS profile:");
      out.println("  Reliability: " + qos.reliability());
      out.println(
          "  History (Depth): "
              + qos.history()
              + (qos.history() == QosProfile.History.KEEP_LAST ? " (" + qos.depth() + ")" : ""));
      out.println("  Durability: " + qos.durability());
      out.println("  Lifespan: " + duration(qos.lifespanNs()));
      out.println("  Deadline: " + duration(qos.deadlineNs()));
      out.println("  Liveliness: " + qos.liveliness());
      out.println("  Liveliness lease duration: " + duration(qos.livelinessLeaseNs()));
      out.println();
    }

    private static String duration(long ns) {
      return ns == 0 || ns == QosProfile.INFINITE_NS ? "Infinite" : ns + " nanoseconds";
    }
  }

  @Command(
      name = "echo",
      mixinStandardHelpOptions = true,
      description = "Prints the messages of a topic as YAML, --- after each.")
  static final class Echo extends GraphVerb {
    @Parameters(index = "0", paramLabel = "TOPIC", description = "Name of the topic.")
    String topic = "";

    @Parameters(
        index = "1",
        arity = "0..1",
        paramLabel = "TYPE",
        description = "Type; default: what the graph says.")
    @Nullable String type;

    @picocli.CommandLine.Mixin QosOptions qos = new QosOptions();

    @Option(names = "--once", description = "End after the first message.")
    boolean once;

    @Option(names = "--field", paramLabel = "NAME", description = "Only this field: a.b.c")
    @Nullable String field;

    @Option(
        names = {"-l", "--truncate-length"},
        paramLabel = "N",
        description = "Elements of an array and characters of a text shown. Default: 128.")
    int most = 128;

    @Option(
        names = {"-f", "--full-length"},
        description = "Everything.")
    boolean full;

    @Option(
        names = "--seconds",
        paramLabel = "N",
        description = "End after N seconds. Default: until Ctrl-C.")
    double seconds;

    @Override
    boolean waits() {
      return true;
    }

    @Override
    int run(GraphSession session, PrintWriter out) throws InterruptedException {
      if (most < 1) {
        throw new BadInput("--truncate-length: expected 1 or more, found " + most);
      }
      String name = session.full(topic);
      TypeFinder.Found found = TypeFinder.ofTopic(session, name, type);
      MessageTree tree = new MessageTree(found.definitions(), full ? Integer.MAX_VALUE : most);
      QosProfile profile = qos.profile(session.node.graph().publishersInfo(name));
      long undecoded = 0;
      ArrayBlockingQueue<Object> waiting = new ArrayBlockingQueue<>(Math.max(qos.depth, 10));
      CdrReader reader = new CdrReader();
      Subscription subscription =
          session.node.createSubscription(
              name,
              found.type(),
              found.hash(),
              profile,
              (cdr, bytes, info) -> {
                Object item;
                try {
                  reader.wrap(cdr, bytes);
                  item = tree.read(found.type(), reader);
                } catch (RuntimeException bad) {
                  item = bad;
                }
                // Whoever prints slowly loses old messages, as a subscription of that depth does.
                while (!waiting.offer(item)) {
                  waiting.poll();
                }
              });
      try {
        long endNs =
            seconds > 0 ? session.clock.nanoTime() + Math.round(seconds * 1e9) : Long.MAX_VALUE;
        while (session.clock.nanoTime() < endNs) {
          Object item = waiting.poll(100, TimeUnit.MILLISECONDS);
          if (item instanceof RuntimeException bad) {
            undecoded++;
            if (GraphSession.worthALine(1, undecoded)) {
              err()
                  .println(
                      "%s: dropped: %s (%d so far)".formatted(name, bad.getMessage(), undecoded));
              err().flush();
            }
          } else if (item instanceof Map<?, ?> map) {
            out.print(text(map));
            out.println("---");
            out.flush();
            if (once) {
              return ExitCode.OK;
            }
          }
        }
      } finally {
        subscription.close();
      }
      return once ? ExitCode.FAILED : ExitCode.OK;
    }

    private String text(Map<?, ?> message) {
      String wanted = field;
      @SuppressWarnings("unchecked") // a tree's keys are names
      Map<String, Object> all = (Map<String, Object>) message;
      if (wanted == null) {
        return PyText.yaml(all);
      }
      Object at = all;
      for (String part : wanted.split("\\.", -1)) {
        Object next = at instanceof Map<?, ?> map ? map.get(part) : null;
        if (next == null) {
          throw new BadInput("--field: the message has no '" + wanted + "'");
        }
        at = next;
      }
      if (at instanceof Map<?, ?> map) {
        @SuppressWarnings("unchecked")
        Map<String, Object> part = (Map<String, Object>) map;
        return PyText.yaml(part);
      }
      String whole = PyText.yaml(Map.of("x", at));
      return at instanceof List<?> list && !list.isEmpty()
          ? whole.substring(whole.indexOf('\n') + 1)
          : whole.substring("x: ".length());
    }
  }

  /** Arrival times and sizes, in the listener's own memory: no decoding. */
  abstract static class Meter extends GraphVerb {
    @Parameters(paramLabel = "TOPIC", description = "Name of the topic.")
    String topic = "";

    @picocli.CommandLine.Mixin QosOptions qos = new QosOptions();

    @Option(
        names = {"-w", "--window"},
        paramLabel = "N",
        description = "Messages the figures are about. Default: ${DEFAULT-VALUE}.")
    int window = window();

    @Option(names = "--seconds", paramLabel = "N", description = "End after N seconds.")
    double seconds;

    abstract int window();

    abstract void begin(String name, PrintWriter out);

    /** A line a second. */
    abstract void say(long[] arrivedNs, long[] bytes, long nowNs, PrintWriter out);

    @Override
    boolean waits() {
      return true;
    }

    @Override
    int run(GraphSession session, PrintWriter out) throws InterruptedException {
      if (window < 2 || window > 10_000_000) {
        throw new BadInput("--window: expected 2 to 10000000, found " + window);
      }
      String name = session.full(topic);
      TypeFinder.Found found = TypeFinder.ofTopic(session, name, null);
      QosProfile profile = qos.profile(session.node.graph().publishersInfo(name));
      List<long[]> arrivals = new ArrayList<>(); // guarded by itself: time, bytes
      begin(name, out);
      out.flush();
      Subscription subscription =
          session.node.createSubscription(
              name,
              found.type(),
              found.hash(),
              profile,
              (cdr, bytes, info) -> {
                synchronized (arrivals) {
                  arrivals.add(new long[] {session.clock.nanoTime(), bytes});
                  if (arrivals.size() > window) {
                    arrivals.remove(0);
                  }
                }
              });
      try {
        long endNs =
            seconds > 0 ? session.clock.nanoTime() + Math.round(seconds * 1e9) : Long.MAX_VALUE;
        long seenNs = Long.MIN_VALUE;
        while (session.clock.nanoTime() < endNs) {
          Thread.sleep(Math.max(1, Math.min(1000, (endNs - session.clock.nanoTime()) / 1_000_000)));
          long[] times;
          long[] bytes;
          synchronized (arrivals) {
            times = arrivals.stream().mapToLong(a -> a[0]).toArray();
            bytes = arrivals.stream().mapToLong(a -> a[1]).toArray();
          }
          // As ros2: nothing is said while nothing new comes.
          if (times.length > 1 && times[times.length - 1] != seenNs) {
            seenNs = times[times.length - 1];
            say(times, bytes, session.clock.nanoTime(), out);
            out.flush();
          }
        }
      } finally {
        subscription.close();
      }
      return ExitCode.OK;
    }
  }

  @Command(name = "hz", mixinStandardHelpOptions = true, description = "How often messages arrive.")
  static final class Hz extends Meter {
    @Override
    int window() {
      return 10_000;
    }

    @Override
    void begin(String name, PrintWriter out) {}

    @Override
    void say(long[] arrivedNs, long[] bytes, long nowNs, PrintWriter out) {
      int gaps = arrivedNs.length - 1;
      double mean = (arrivedNs[gaps] - arrivedNs[0]) * 1e-9 / gaps;
      double least = Double.MAX_VALUE;
      double most = 0;
      double square = 0;
      for (int i = 0; i < gaps; i++) {
        double gap = (arrivedNs[i + 1] - arrivedNs[i]) * 1e-9;
        least = Math.min(least, gap);
        most = Math.max(most, gap);
        square += (gap - mean) * (gap - mean);
      }
      out.println(String.format(Locale.ROOT, "average rate: %.3f", 1 / mean));
      out.println(
          String.format(
              Locale.ROOT,
              "\tmin: %.3fs max: %.3fs std dev: %.5fs window: %d",
              least,
              most,
              Math.sqrt(square / gaps),
              arrivedNs.length));
    }
  }

  @Command(
      name = "bw",
      mixinStandardHelpOptions = true,
      description = "How many bytes a second messages are.")
  static final class Bw extends Meter {
    @Override
    int window() {
      return 100;
    }

    @Override
    void begin(String name, PrintWriter out) {
      out.println("Subscribed to [" + name + "]");
    }

    @Override
    void say(long[] arrivedNs, long[] bytes, long nowNs, PrintWriter out) {
      double total = 0;
      double least = Double.MAX_VALUE;
      double most = 0;
      for (long each : bytes) {
        total += (double) each;
        least = Math.min(least, (double) each);
        most = Math.max(most, (double) each);
      }
      double perSecond = total / ((nowNs - arrivedNs[0]) * 1e-9);
      double unit = perSecond < 1000 ? 1 : perSecond < 1e6 ? 1e3 : 1e6;
      String name = unit == 1 ? "B" : unit == 1e3 ? "KB" : "MB";
      out.println(
          String.format(
              Locale.ROOT,
              "%.2f %s/s from %d messages\n\tMessage size mean: %.2f %s min: %.2f %s max: %.2f %s",
              perSecond / unit,
              name,
              bytes.length,
              total / bytes.length / unit,
              name,
              least / unit,
              name,
              most / unit,
              name));
    }
  }

  @Command(
      name = "pub",
      mixinStandardHelpOptions = true,
      description =
          "Publishes a message given as YAML; fields that are not named have their defaults.",
      footer = {
        "",
        "Example:",
        "  saccade topic pub --once /cmd_vel geometry_msgs/msg/Twist '{linear: {x: 0.2}}'"
      })
  static final class Pub extends GraphVerb {
    @Parameters(index = "0", paramLabel = "TOPIC", description = "Name of the topic.")
    String topic = "";

    @Parameters(index = "1", paramLabel = "TYPE", description = "For example std_msgs/msg/String.")
    String type = "";

    @Parameters(index = "2", arity = "0..1", paramLabel = "VALUES", description = "YAML.")
    String values = "{}";

    @Option(
        names = {"-r", "--rate"},
        paramLabel = "HZ",
        description = "Default: 1.")
    double rateHz = 1;

    @Option(
        names = {"-1", "--once"},
        description = "One message.")
    boolean once;

    @Option(
        names = {"-t", "--times"},
        paramLabel = "N",
        description = "So many messages.")
    int times;

    @Option(
        names = {"-w", "--wait-matching-subscriptions"},
        paramLabel = "N",
        description = "Wait until so many listen. Default: 1 with --once or --times, else 0.")
    @Nullable Integer matching;

    @picocli.CommandLine.Mixin QosOptions qos = new QosOptions();

    @Override
    boolean waits() {
      return true;
    }

    @Override
    int run(GraphSession session, PrintWriter out) throws InterruptedException {
      if (!(rateHz > 0 && rateHz <= 10_000)) {
        throw new BadInput("--rate: expected above 0 to 10000, found " + rateHz);
      }
      if (times < 0) {
        throw new BadInput("--times: expected 1 or more, found " + times);
      }
      String name = session.full(topic);
      MessageType<?> message = TypeFinder.known(type);
      long count = once ? 1 : times > 0 ? times : Long.MAX_VALUE;
      Integer asked = matching;
      int wanted = asked != null ? asked : count < Long.MAX_VALUE ? 1 : 0;
      Definitions definitions = Definitions.shipped();
      try (CdrWriter writer = new CdrWriter();
          Publisher publisher =
              session.node.createPublisher(
                  name, message.rosName(), message.typeHash(), qos.profile(List.of()))) {
        new MessageText(definitions, message.rosName()).encode(values, writer);
        Map<String, Object> tree =
            new MessageTree(definitions, 128)
                .read(message.rosName(), CdrReader.of(writer.toArray()));
        if (!session.await(() -> publisher.matchedSubscriptions() >= wanted)) {
          throw new BadInput(
              ExitCode.FAILED,
              "%s: %d subscriptions match, wanted %d (-w 0 publishes to nobody)"
                  .formatted(publisher.topic(), publisher.matchedSubscriptions(), wanted));
        }
        out.println("publisher: beginning loop");
        long periodNs = Math.round(1e9 / rateHz);
        long dueNs = session.clock.nanoTime();
        for (long i = 1; i <= count; i++) {
          publisher.publish(writer.buffer(), writer.bytes());
          String[] part = message.rosName().split("/", -1);
          out.println(
              "publishing #" + i + ": " + PyText.repr(tree, part[0] + ".msg." + part[2]) + "\n");
          out.flush();
          dueNs += periodNs;
          if (i < count) {
            TimeUnit.NANOSECONDS.sleep(Math.max(0, dueNs - session.clock.nanoTime()));
          }
        }
        // What was written last must leave before the link does.
        Thread.sleep(100);
      }
      return ExitCode.OK;
    }
  }
}
