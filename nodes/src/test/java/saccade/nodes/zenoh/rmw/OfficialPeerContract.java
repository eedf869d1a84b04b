package saccade.nodes.zenoh.rmw;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.lang.foreign.MemorySegment;
import java.nio.charset.StandardCharsets;
import java.util.HexFormat;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import saccade.nodes.ros.NodeOptions;
import saccade.nodes.ros.Publisher;
import saccade.nodes.ros.QosProfile;
import saccade.nodes.ros.RosNode;
import saccade.nodes.zenoh.ZenohConfig;
import saccade.nodes.zenoh.ZenohPeer;

/**
 * The form against the official Zenoh with its official advanced publishers and subscribers, which
 * rmw_zenoh is made of: through a router, keys and tokens written out by hand as rmw_zenoh would.
 */
abstract class OfficialPeerContract {
  private static final String TYPE = "std_msgs/msg/String";
  private static final String DDS = "std_msgs::msg::dds_::String_";
  private static final String HASH =
      "RIHS01_df668c740482bbd48fb39d76a70dfd4bd59db1288021743503259e948f6b1a18";
  private static ZenohPeer router;
  private static ZenohPeer python;
  private static ZenohTransport transport;
  private static int port;

  /** A transport of the kind that is tested, domain 0. */
  abstract ZenohTransport open(ZenohConfig config);

  @BeforeAll
  static void start() throws Exception {
    port = ZenohPeer.freePort();
    router = ZenohPeer.start("router", "listen", "tcp/127.0.0.1:" + port);
    python =
        ZenohPeer.start("client", "connect", "tcp/127.0.0.1:" + port, "timestamping/enabled=true");
  }

  @BeforeEach
  void open() throws Exception {
    if (transport == null) {
      transport =
          open(
              ZenohConfig.builder(saccade.nodes.zenoh.Role.CLIENT)
                  .connect("tcp/127.0.0.1:" + port)
                  .timestamps(true)
                  .build());
      assertTrue(transport.session().awaitLink(java.time.Duration.ofSeconds(60)));
    }
  }

  @AfterAll
  static void stop() throws Exception {
    if (transport != null) {
      transport.close();
      transport = null;
    }
    for (ZenohPeer p : new ZenohPeer[] {python, router}) {
      if (p != null) {
        p.close();
      }
    }
  }

  private static String key(String topic) {
    return "0/" + topic + "/" + DDS + "/" + HASH;
  }

  private static MemorySegment cdr(String text) {
    return MemorySegment.ofArray(text.getBytes(StandardCharsets.US_ASCII));
  }

  private static String last(String line) {
    return line.substring(line.lastIndexOf(' ') + 1);
  }

  private static String attachment(int number, String gid) {
    byte[] a = Attachment.of(HexFormat.of().parseHex(gid));
    Attachment.stamp(a, number, 1_700_000_000_000_000_000L);
    return HexFormat.of().formatHex(a);
  }

  @Test
  void tokensKeysAndAttachmentsAsWritten() throws Exception {
    RosNode node = transport.createNode("n", "/robot", NodeOptions.DEFAULT);
    python.tell("tokens @ros2_lv/0/**");
    String nodeToken = python.expect("TOKEN + ");
    assertTrue(
        nodeToken.matches(
            "TOKEN \\+ @ros2_lv/0/" + transport.session().id() + "/\\d+/\\d+/NN/%/%robot/n"),
        nodeToken);
    Publisher p = node.createPublisher("chatter", TYPE, HASH, QosProfile.SENSOR_DATA);
    String token = python.expect("TOKEN + ").substring("TOKEN + ".length());
    assertTrue(
        token.endsWith("/MP/%/%robot/n/%robot%chatter/" + DDS + "/" + HASH + "/2::,5:,:,:,,"),
        token);
    python.tell("sub " + key("robot/chatter"));
    python.settle(transport.session());
    p.publish(cdr("text"), 4);
    String[] sample = python.expect("SAMPLE " + key("robot/chatter")).split(" ");
    assertEquals("4", sample[2]);
    assertTrue(sample[4].startsWith("0100000000000000"), sample[4]);
    assertTrue(sample[4].endsWith("10" + HexFormat.of().formatHex(Gid.of(token))), sample[4]);

    python.tell(
        "token @ros2_lv/0/1/0/7/MS/%/%/py/%robot%chatter/" + DDS + "/" + HASH + "/::,10:,:,:,,");
    long end = System.nanoTime() + 60_000_000_000L;
    while (p.matchedSubscriptions() != 1) {
      assertTrue(System.nanoTime() < end);
      Thread.sleep(5);
    }
    node.close();
    python.expect("TOKEN - " + token);
  }

  @Test
  void officialAdvancedSubscriberGetsOurHistory() throws Exception {
    for (boolean reliable : new boolean[] {true, false}) {
      String topic = "ours" + reliable;
      QosProfile qos = QosProfile.DEFAULT.keepLast(2).transientLocal();
      RosNode node = transport.createNode("n", "", NodeOptions.DEFAULT);
      Publisher p = node.createPublisher(topic, TYPE, HASH, reliable ? qos : qos.bestEffort());
      for (String s : new String[] {"aaaa", "bbbb", "cccc"}) {
        p.publish(cdr(s), 4);
      }
      Thread.sleep(300);
      python.tell("advsub " + key(topic) + " 2 " + (reliable ? "reliable" : "besteffort"));
      assertEquals("bbbb", last(python.expect("SAMPLE " + key(topic))), "reliable " + reliable);
      assertEquals("cccc", last(python.expect("SAMPLE " + key(topic))), "reliable " + reliable);
      p.publish(cdr("dddd"), 4);
      assertEquals("dddd", last(python.expect("SAMPLE " + key(topic))), "reliable " + reliable);
      // a publisher that comes later than the subscriber
      Publisher second = node.createPublisher(topic, TYPE, HASH, reliable ? qos : qos.bestEffort());
      second.publish(cdr("eeee"), 4);
      assertEquals("eeee", last(python.expect("SAMPLE " + key(topic))), "reliable " + reliable);
      node.close();
    }
  }

  @Test
  void ourSubscriptionGetsTheHistoryOfOfficialAdvancedPublishers() throws Exception {
    for (String kind : new String[] {"reliable", "besteffort"}) {
      String topic = "theirs" + kind;
      QosProfile qos = QosProfile.DEFAULT.keepLast(2).transientLocal();
      qos = kind.equals("reliable") ? qos : qos.bestEffort();
      python.tell("advpub " + key(topic) + " 2 " + kind);
      String gid = "00112233445566778899aabbccddeeff";
      for (int i = 1; i <= 3; i++) {
        python.tell("advput " + key(topic) + " text" + i + " " + attachment(i, gid));
      }
      Thread.sleep(300);
      var got = new LinkedBlockingQueue<String>();
      RosNode node = transport.createNode("n", "", NodeOptions.DEFAULT);
      node.createSubscription(
          topic,
          TYPE,
          HASH,
          qos,
          (m, n, info) ->
              got.add(
                  new String(m.asSlice(0, n).toArray(java.lang.foreign.ValueLayout.JAVA_BYTE))
                      + info.sequence
                      + HexFormat.of().formatHex(info.gid)));
      assertEquals("text22" + gid, got.poll(60, TimeUnit.SECONDS), kind);
      assertEquals("text33" + gid, got.poll(60, TimeUnit.SECONDS), kind);
      python.tell("advput " + key(topic) + " text4 " + attachment(4, gid));
      assertEquals("text44" + gid, got.poll(60, TimeUnit.SECONDS), kind);
      assertEquals(null, got.poll(700, TimeUnit.MILLISECONDS), "nothing comes twice");
      node.close();
    }
  }

  @Test
  void services() throws Exception {
    RosNode node = transport.createNode("n", "", NodeOptions.DEFAULT);
    String type = "std_srvs/srv/SetBool";
    String key = "0/theirs/std_srvs::srv::dds_::SetBool_/" + HASH;
    python.tell("queryable " + key + " re");
    python.tell(
        "token @ros2_lv/0/1/0/8/SS/%/%/py/%theirs/std_srvs::srv::dds_::SetBool_/"
            + HASH
            + "/::,10:,:,:,,");
    var client = node.createClient("theirs", type, HASH, QosProfile.SERVICES_DEFAULT);
    long end = System.nanoTime() + 60_000_000_000L;
    while (!client.ready()) {
      assertTrue(System.nanoTime() < end);
      Thread.sleep(5);
    }
    python.settle(transport.session());
    byte[] answer = client.call(cdr("quest"), 5).get(60, TimeUnit.SECONDS);
    assertEquals("request", new String(answer, StandardCharsets.US_ASCII));

    node.createService(
        "ours",
        type,
        HASH,
        QosProfile.SERVICES_DEFAULT,
        (m, n, reply) -> reply.send(cdr("answer"), 6));
    python.settle(transport.session());
    python.tell("get 0/ours/std_srvs::srv::dds_::SetBool_/" + HASH + " question");
    python.expect("DONE"); // its attachment is no attachment of ROS: refused
    assertEquals("[]", transport.graph().publishersInfo("/ours").toString());
    node.close();
  }
}
