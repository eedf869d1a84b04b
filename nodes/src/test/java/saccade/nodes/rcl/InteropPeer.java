package saccade.nodes.rcl;

import java.lang.foreign.MemorySegment;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicInteger;
import saccade.nodes.cdr.CdrReader;
import saccade.nodes.cdr.CdrWriter;
import saccade.nodes.ros.EndpointInfo;
import saccade.nodes.ros.MessageInfo;
import saccade.nodes.ros.NodeOptions;
import saccade.nodes.ros.Publisher;
import saccade.nodes.ros.QosProfile;
import saccade.nodes.ros.RosEvents;
import saccade.nodes.ros.RosNode;
import saccade.nodes.ros.ServiceClient;

/**
 * Our side of {@link RclInteropTest}, in a JVM of its own whose environment is that of the peer.
 * Ends with its input.
 */
public final class InteropPeer {

  static final String STRING = "std_msgs/msg/String";
  static final String STRING_HASH =
      "RIHS01_df668c740482bbd48fb39d76a70dfd4bd59db1288021743503259e948f6b1a18";
  static final String SET_BOOL = "std_srvs/srv/SetBool";
  static final String SET_BOOL_HASH =
      "RIHS01_abe9e4bb6b41b40e6789712c00ec8871923e089af3f667a79992a428cff2da0a";

  private static final long AGAIN_NS = 3_000_000_000L;
  private static final Set<String> said = ConcurrentHashMap.newKeySet();

  private InteropPeer() {}

  private static void say(String line) {
    System.out.println(line);
    System.out.flush();
  }

  private static void once(String line) {
    if (said.add(line)) {
      say(line);
    }
  }

  static void publish(Publisher publisher, String text) {
    try (CdrWriter writer = new CdrWriter()) {
      writer.begin();
      writer.string(text);
      publisher.publish(writer.buffer(), writer.bytes());
    }
  }

  private static CdrReader reader(MemorySegment cdr, long bytes) {
    CdrReader reader = new CdrReader();
    reader.wrap(cdr, bytes);
    return reader;
  }

  static String text(MemorySegment cdr, long bytes) {
    return reader(cdr, bytes).string();
  }

  /** What goes wrong between endpoints, as lines. */
  private static final class Told implements RosEvents {
    @Override
    public void incompatibleQos(String topic, EndpointInfo.Kind kind, String policy, long total) {
      say("qos " + topic + " " + kind + " " + policy + " " + total);
    }

    @Override
    public void incompatibleType(
        String topic, EndpointInfo.Kind kind, String found, String wanted, long total) {
      say("type " + topic + " " + kind + " found " + found + " wanted " + wanted + " " + total);
    }

    @Override
    public void lost(String name, String reason, long count, long total) {
      say("lost " + name + " " + reason + " " + count + " " + total);
    }

    @Override
    public void matched(String topic, EndpointInfo.Kind kind, int matched) {
      say("matched " + topic + " " + kind + " " + matched);
    }
  }

  public static void main(String[] args) throws Exception {
    try (RclTransport transport = RclTransport.open()) {
      say("open " + transport.name());
      RosNode node =
          transport.createNode(
              "java_unmapped",
              "",
              NodeOptions.DEFAULT
                  .withEvents(new Told())
                  .withArguments(
                      List.of(
                          "--ros-args",
                          "-r",
                          "__node:=java",
                          "-r",
                          "__ns:=/robot1",
                          "-r",
                          "chatter:=from_java")));
      say("node " + node.fullyQualifiedName());
      Publisher talker = node.createPublisher("chatter", STRING, STRING_HASH, QosProfile.DEFAULT);
      QosProfile latched = QosProfile.DEFAULT.keepLast(1).transientLocal();
      publish(node.createPublisher("latched_java", STRING, STRING_HASH, latched), "kept by java");
      node.createPublisher("mismatch_java", STRING, STRING_HASH, QosProfile.DEFAULT.bestEffort());
      node.createSubscription(
          "mismatch_python",
          STRING,
          STRING_HASH,
          QosProfile.DEFAULT,
          (cdr, bytes, info) -> say("wrongly got " + text(cdr, bytes)));
      node.createSubscription(
          "typed",
          STRING,
          STRING_HASH,
          QosProfile.DEFAULT,
          (cdr, bytes, info) -> say("wrongly got " + text(cdr, bytes)));
      node.createSubscription(
          "latched_python",
          STRING,
          STRING_HASH,
          latched,
          (cdr, bytes, info) -> say("latched: " + text(cdr, bytes)));
      node.createPublisher("wrong_hash", STRING, "RIHS01_" + "0".repeat(64), latched);
      AtomicInteger heard = new AtomicInteger();
      node.createSubscription(
          "from_python",
          STRING,
          STRING_HASH,
          QosProfile.DEFAULT,
          (cdr, bytes, info) -> {
            int count = heard.incrementAndGet();
            if (count == 5) {
              throw new IllegalArgumentException("a listener's own fault");
            }
            if (count == 20) {
              say("heard 20, last: " + text(cdr, bytes) + ", stamped " + stamped(info));
            }
          });
      node.createService(
          "java_set",
          SET_BOOL,
          SET_BOOL_HASH,
          QosProfile.SERVICES_DEFAULT,
          (cdr, bytes, reply) -> {
            boolean data = reader(cdr, bytes).bool();
            // From another thread, after the call: replies may be kept.
            Thread.startVirtualThread(
                () -> {
                  try (CdrWriter writer = new CdrWriter()) {
                    writer.begin();
                    writer.bool(data);
                    writer.string("from java é");
                    reply.send(writer.buffer(), writer.bytes());
                  }
                });
          });
      ServiceClient client =
          node.createClient("python_set", SET_BOOL, SET_BOOL_HASH, QosProfile.SERVICES_DEFAULT);
      CompletableFuture<byte[]> answer = null;
      long askedNs = 0;
      for (int count = 1; System.in.available() == 0; count++) {
        if (talker.matchedSubscriptions() > 0) {
          publish(talker, "java " + count + " é");
        }
        // Asked again: an answer is dropped by a server that does not know of this client yet.
        boolean late = answer != null && !answer.isDone() && System.nanoTime() - askedNs > AGAIN_NS;
        if ((answer == null || late) && client.ready()) {
          answer = call(client);
          askedNs = System.nanoTime();
        }
        if (answer != null && answer.isDone()) {
          CdrReader reader = CdrReader.of(answer.get());
          once("python answered " + reader.bool() + " " + reader.string());
        }
        look(node);
        Thread.sleep(20);
      }
    }
    say("closed");
  }

  private static boolean stamped(MessageInfo info) {
    long nowNs = System.currentTimeMillis() * 1_000_000L;
    boolean gid = false;
    for (byte b : info.gid) {
      gid |= b != 0;
    }
    return gid
        && Math.abs(nowNs - info.sourceStampNs) < 60_000_000_000L
        && Math.abs(nowNs - info.receivedStampNs) < 60_000_000_000L;
  }

  private static CompletableFuture<byte[]> call(ServiceClient client) {
    try (CdrWriter writer = new CdrWriter()) {
      writer.begin();
      writer.bool(true);
      return client.call(writer.buffer(), writer.bytes());
    }
  }

  private static void look(RosNode node) {
    node.graph().nodes().stream()
        .filter(name -> name.fullyQualified().equals("/robot1/python"))
        .forEach(name -> once("sees node " + name.fullyQualified()));
    node.graph().topics().stream()
        .filter(topic -> topic.name().equals("/robot1/from_python"))
        .forEach(topic -> once("sees topic " + topic));
    node.graph().services().stream()
        .filter(service -> service.name().equals("/robot1/python_set"))
        .forEach(service -> once("sees service " + service));
    for (EndpointInfo info : node.graph().publishersInfo("/robot1/from_python")) {
      once(
          "from_python by %s %s %s %s %s %s"
              .formatted(
                  info.node().fullyQualified(),
                  info.type(),
                  info.typeHash(),
                  info.kind(),
                  info.qos().reliability(),
                  info.qos().durability()));
    }
    node.graph()
        .subscriptionsInfo("/robot1/from_java")
        .forEach(info -> once("from_java to " + info.node().fullyQualified()));
  }
}
