package saccade.nodes.zenoh.rmw;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.charset.StandardCharsets;
import java.util.HexFormat;
import java.util.List;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.function.BooleanSupplier;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import saccade.nodes.ros.EndpointInfo;
import saccade.nodes.ros.NodeName;
import saccade.nodes.ros.NodeOptions;
import saccade.nodes.ros.Publisher;
import saccade.nodes.ros.QosProfile;
import saccade.nodes.ros.RosEvents;
import saccade.nodes.ros.RosFault;
import saccade.nodes.ros.RosNode;
import saccade.nodes.zenoh.ZenohConfig;
import saccade.nodes.zenoh.ZenohPublisher;
import saccade.nodes.zenoh.ZenohSession.PublisherOptions;

/** Two transports as two processes would be: two sessions, linked directly, no router. */
abstract class TransportContract {
  private static final String TYPE = "std_msgs/msg/String";
  private static final String HASH =
      "RIHS01_df668c740482bbd48fb39d76a70dfd4bd59db1288021743503259e948f6b1a18";
  private final Arena arena = Arena.ofShared();
  private ZenohTransport one;
  private ZenohTransport two;

  /** The side that offers. */
  abstract ZenohTransport first(ZenohConfig config, int domain);

  /** The side that looks. */
  abstract ZenohTransport second(ZenohConfig config, int domain);

  @BeforeEach
  void open() {
    one = first(ZenohConfig.peer(), 3);
    two = second(ZenohConfig.peer(one.session().listening().get(0).toString()), 3);
  }

  @AfterEach
  void close() {
    if (two != null) {
      two.close();
    }
    if (one != null) {
      one.close();
    }
    arena.close();
  }

  private MemorySegment message(String text) {
    byte[] bytes = ("\0\1\0\0" + text).getBytes(StandardCharsets.US_ASCII);
    MemorySegment m = arena.allocate(bytes.length);
    MemorySegment.copy(bytes, 0, m, ValueLayout.JAVA_BYTE, 0, bytes.length);
    return m;
  }

  private static String text(MemorySegment cdr, long bytes) {
    byte[] all = cdr.asSlice(0, bytes).toArray(ValueLayout.JAVA_BYTE);
    return new String(all, 4, all.length - 4, StandardCharsets.US_ASCII);
  }

  private static void await(String what, BooleanSupplier holds) throws InterruptedException {
    long end = System.nanoTime() + 60_000_000_000L;
    while (!holds.getAsBoolean()) {
      assertTrue(System.nanoTime() < end, "in 60 s never: " + what);
      Thread.sleep(5);
    }
  }

  @Test
  void aTopicWithNumbersStampsAndIds() throws Exception {
    RosNode talker = one.createNode("talker", "/ns", NodeOptions.DEFAULT);
    RosNode listener = two.createNode("listener", "", NodeOptions.DEFAULT);
    var got = new LinkedBlockingQueue<String>();
    listener.createSubscription(
        "/ns/chatter",
        TYPE,
        HASH,
        QosProfile.DEFAULT,
        (cdr, n, info) ->
            got.add(
                text(cdr, n)
                    + " "
                    + info.sequence
                    + " "
                    + (info.receivedStampNs >= info.sourceStampNs && info.sourceStampNs > 0)
                    + " "
                    + HexFormat.of().formatHex(info.gid)));
    Publisher p = talker.createPublisher("chatter", TYPE, HASH, QosProfile.DEFAULT);
    assertEquals("/ns/chatter", p.topic());
    await("the subscription is matched", () -> p.matchedSubscriptions() == 1);
    p.publish(message("a"), 5);
    p.publish(message("b"), 5);
    // Each side hears of the other by itself.
    await(
        "the listener knows the publisher",
        () -> listener.graph().publishersInfo("/ns/chatter").size() == 1);
    List<EndpointInfo> infos = listener.graph().publishersInfo("/ns/chatter");
    assertEquals(new NodeName("talker", "/ns"), infos.get(0).node());
    assertEquals(TYPE, infos.get(0).type());
    assertEquals(HASH, infos.get(0).typeHash());
    assertEquals(10, infos.get(0).qos().depth());
    String gid = infos.get(0).gid();
    assertEquals("a 1 true " + gid, got.poll(60, TimeUnit.SECONDS));
    assertEquals("b 2 true " + gid, got.poll(60, TimeUnit.SECONDS));
    assertEquals(
        "[TopicInfo[name=/ns/chatter, types=[std_msgs/msg/String]]]",
        talker.graph().topics().toString());
    await("both nodes", () -> talker.graph().nodes().size() == 2);
    talker.close();
    await("the node is gone", () -> listener.graph().nodes().size() == 1);
    assertThrows(RosFault.class, () -> p.publish(message("c"), 5));
  }

  @Test
  void nodesOfOneSessionHearEachOther() throws Exception {
    var got = new LinkedBlockingQueue<String>();
    RosNode a = one.createNode("a", "", NodeOptions.DEFAULT);
    RosNode b = one.createNode("b", "", NodeOptions.DEFAULT);
    b.createSubscription("t", TYPE, HASH, QosProfile.DEFAULT, (c, n, i) -> got.add(text(c, n)));
    a.createPublisher("t", TYPE, HASH, QosProfile.DEFAULT).publish(message("x"), 5);
    assertEquals("x", got.poll(60, TimeUnit.SECONDS));
  }

  @Test
  void domainsAreApart() throws Exception {
    try (ZenohTransport other =
        second(ZenohConfig.peer(one.session().listening().get(0).toString()), 4)) {
      var got = new LinkedBlockingQueue<String>();
      RosNode a = one.createNode("a", "", NodeOptions.DEFAULT);
      RosNode b = other.createNode("b", "", NodeOptions.DEFAULT);
      RosNode c = two.createNode("c", "", NodeOptions.DEFAULT);
      b.createSubscription("t", TYPE, HASH, QosProfile.DEFAULT, (m, n, i) -> got.add("b"));
      c.createSubscription("t", TYPE, HASH, QosProfile.DEFAULT, (m, n, i) -> got.add("c"));
      Publisher p = a.createPublisher("t", TYPE, HASH, QosProfile.DEFAULT);
      await("c is matched", () -> p.matchedSubscriptions() == 1);
      p.publish(message("x"), 5);
      assertEquals("c", got.poll(60, TimeUnit.SECONDS));
      assertEquals(1, b.graph().nodes().size());
      assertTrue(got.isEmpty());
    }
  }

  @Test
  void servicesAnswerLaterAndFromAnyThread() throws Exception {
    RosNode server = one.createNode("server", "", NodeOptions.DEFAULT);
    RosNode client = two.createNode("client", "", NodeOptions.DEFAULT);
    String type = "std_srvs/srv/SetBool";
    var calls = client.createClient("s", type, HASH, QosProfile.SERVICES_DEFAULT);
    assertFalse(calls.ready());
    var nobody =
        assertThrows(
            ExecutionException.class, () -> calls.call(message("q"), 5).get(60, TimeUnit.SECONDS));
    assertTrue(String.valueOf(nobody.getCause()).contains("/s"), nobody.toString());
    server.createService(
        "s",
        type,
        HASH,
        QosProfile.SERVICES_DEFAULT,
        (cdr, n, reply) -> {
          String question = text(cdr, n);
          Thread.ofVirtual()
              .start(
                  () -> {
                    reply.send(message("re:" + question), 4 + 3 + question.length());
                    assertThrows(RosFault.class, () -> reply.send(message("again"), 9));
                  });
        });
    await("the server is there", calls::ready);
    for (String q : new String[] {"1", "22", "333"}) {
      byte[] answer = calls.call(message(q), 4 + q.length()).get(60, TimeUnit.SECONDS);
      assertEquals("re:" + q, text(MemorySegment.ofArray(answer), answer.length));
    }
    assertEquals(
        "[ServiceInfo[name=/s, types=[std_srvs/srv/SetBool]]]",
        client.graph().services().toString());
    calls.close();
    assertThrows(RosFault.class, () -> calls.call(message("q"), 5));
  }

  @Test
  void whoComesLateGetsWhatIsKept() throws Exception {
    RosNode waiting = two.createNode("waiting", "", NodeOptions.DEFAULT);
    await("the link, both ways", () -> one.graph().nodes().size() == 1);
    waiting.close();
    for (boolean reliable : new boolean[] {true, false}) {
      QosProfile qos = QosProfile.DEFAULT.keepLast(2).transientLocal();
      qos = reliable ? qos : qos.bestEffort();
      String topic = "latched" + reliable;
      RosNode talker = one.createNode("talker", "", NodeOptions.DEFAULT);
      Publisher p = talker.createPublisher(topic, TYPE, HASH, qos);
      p.publish(message("1"), 5);
      p.publish(message("2"), 5);
      p.publish(message("3"), 5);
      var late = new LinkedBlockingQueue<String>();
      RosNode listener = two.createNode("listener", "", NodeOptions.DEFAULT);
      listener.createSubscription(
          topic, TYPE, HASH, qos, (cdr, n, i) -> late.add(text(cdr, n) + i.sequence));
      assertEquals("22", late.poll(60, TimeUnit.SECONDS), "reliable " + reliable);
      assertEquals("33", late.poll(60, TimeUnit.SECONDS));
      await("matched", () -> p.matchedSubscriptions() == 1);
      p.publish(message("4"), 5);
      assertEquals("44", late.poll(60, TimeUnit.SECONDS));
      // a publisher that comes after the subscription and spoke before it was seen
      Publisher second = talker.createPublisher(topic, TYPE, HASH, qos);
      second.publish(message("x"), 5);
      assertEquals("x1", late.poll(60, TimeUnit.SECONDS));
      assertEquals(null, late.poll(300, TimeUnit.MILLISECONDS), "nothing comes twice");
      talker.close();
      listener.close();
    }
  }

  @Test
  void mismatchesAreReportedAndStopNothing() throws Exception {
    var events = new LinkedBlockingQueue<String>();
    RosEvents sink =
        new RosEvents() {
          @Override
          public void incompatibleQos(
              String topic, EndpointInfo.Kind kind, String policy, long total) {
            events.add("qos " + topic + " " + kind + " " + policy + " " + total);
          }

          @Override
          public void incompatibleType(
              String topic, EndpointInfo.Kind kind, String found, String wanted, long total) {
            events.add("type " + topic + " " + kind + " " + found.substring(0, 15));
          }

          @Override
          public void lost(String name, String reason, long count, long total) {
            events.add("lost " + name + " " + total);
          }
        };
    RosNode a = one.createNode("a", "", NodeOptions.DEFAULT);
    RosNode b = two.createNode("b", "", NodeOptions.DEFAULT.withEvents(sink));
    var got = new LinkedBlockingQueue<String>();
    b.createSubscription(
        "t",
        TYPE,
        HASH,
        QosProfile.DEFAULT,
        (cdr, n, i) -> {
          got.add(text(cdr, n));
          throw new IllegalStateException("listener of the test");
        });
    Publisher p = a.createPublisher("t", TYPE, HASH, QosProfile.SENSOR_DATA);
    assertEquals("qos /t SUBSCRIPTION RELIABILITY 1", events.poll(60, TimeUnit.SECONDS));
    await("matched", () -> p.matchedSubscriptions() == 1);
    p.publish(message("x"), 5);
    assertEquals("x", got.poll(60, TimeUnit.SECONDS));
    assertEquals("lost /t 1", events.poll(60, TimeUnit.SECONDS));
    a.createPublisher("t", "std_msgs/msg/Bool", HASH, QosProfile.DEFAULT);
    assertEquals("type /t SUBSCRIPTION std_msgs/msg/Bo", events.poll(60, TimeUnit.SECONDS));
  }

  @Test
  void numbersThatAreMissingAreToldAsLost() throws Exception {
    var events = new LinkedBlockingQueue<String>();
    RosEvents sink =
        new RosEvents() {
          @Override
          public void lost(String name, String reason, long count, long total) {
            events.add(name + " " + count + " " + total);
          }
        };
    RosNode a = one.createNode("a", "", NodeOptions.DEFAULT);
    RosNode b = two.createNode("b", "", NodeOptions.DEFAULT.withEvents(sink));
    var got = new LinkedBlockingQueue<Long>();
    b.createSubscription("t", TYPE, HASH, QosProfile.DEFAULT, (m, n, i) -> got.add(i.sequence));
    Publisher p = a.createPublisher("t", TYPE, HASH, QosProfile.DEFAULT);
    await("matched", () -> p.matchedSubscriptions() == 1);
    String key = Token.dataKey(3, "/t", "std_msgs::msg::dds_::String_", HASH);
    try (ZenohPublisher raw = one.session().declarePublisher(key, PublisherOptions.BLOCKING)) {
      byte[] first = Attachment.of(Gid.of("one"));
      byte[] restarted = Attachment.of(Gid.of("two"));
      // begins where it is; 9 and 10 are missing, then 9 comes late and 11 twice
      for (long number : new long[] {7, 8, 11, 9, 11, 12}) {
        send(raw, first, number);
        assertEquals(number, got.poll(60, TimeUnit.SECONDS));
      }
      for (long number : new long[] {1, 2, 4}) {
        send(raw, restarted, number);
        assertEquals(number, got.poll(60, TimeUnit.SECONDS));
      }
    }
    assertEquals(List.of("/t 2 2", "/t 1 3"), List.copyOf(events));
  }

  private void send(ZenohPublisher to, byte[] attachment, long number) {
    Attachment.stamp(attachment, number, Attachment.wallNs());
    to.put(message("x"), 5, attachment);
  }

  @Test
  void badNamesAndTypesAreOneLine() {
    RosNode a = one.createNode("a", "", NodeOptions.DEFAULT);
    for (Runnable wrong :
        List.<Runnable>of(
            () -> a.createPublisher("t", "Image", HASH, QosProfile.DEFAULT),
            () -> a.createPublisher("t", TYPE, "RIHS01_1", QosProfile.DEFAULT),
            () -> a.createPublisher("t/", TYPE, HASH, QosProfile.DEFAULT),
            () -> one.createNode("a b", "", NodeOptions.DEFAULT),
            () -> ZenohTransport.over(one.session(), 300))) {
      RosFault e = assertThrows(RosFault.class, wrong::run);
      assertNotNull(e.getMessage());
      assertFalse(e.getMessage().contains("\n"));
    }
  }
}
