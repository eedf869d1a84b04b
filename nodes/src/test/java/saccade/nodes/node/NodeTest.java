package saccade.nodes.node;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.function.BooleanSupplier;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import saccade.kernels.geometry.Pose;
import saccade.msg.diagnostic_msgs.DiagnosticArray;
import saccade.msg.lifecycle_msgs.ChangeState;
import saccade.msg.lifecycle_msgs.GetState;
import saccade.msg.lifecycle_msgs.TransitionEvent;
import saccade.msg.rcl_interfaces.GetParameters;
import saccade.msg.rcl_interfaces.Log;
import saccade.msg.rcl_interfaces.ParameterEvent;
import saccade.msg.rcl_interfaces.SetParameters;
import saccade.msg.rosgraph_msgs.Clock;
import saccade.msg.std_msgs.Header;
import saccade.msg.tf2_msgs.TFMessage;
import saccade.msg.type_description_interfaces.GetTypeDescription;
import saccade.nodes.ros.QosProfile;
import saccade.nodes.ros.RosFault;
import saccade.nodes.zenoh.ZenohConfig;
import saccade.nodes.zenoh.rmw.ZenohTransport;

/** Nodes of two transports, linked directly: what one is asked by the other. */
class NodeTest {
  private static final Duration WAIT = Duration.ofSeconds(60);
  private final List<String> lines = new ArrayList<>();
  private ZenohTransport one;
  private ZenohTransport two;
  private Node other;

  @BeforeEach
  void open() {
    one = ZenohTransport.open(ZenohConfig.peer(), 4);
    two = ZenohTransport.open(ZenohConfig.peer(one.session().listening().get(0).toString()), 4);
    other = Node.create(two, "other", "", options());
  }

  @AfterEach
  void close() {
    two.close();
    one.close();
  }

  private Node.Options options(String... arguments) {
    return Node.Options.DEFAULT
        .withConsole(
            line -> {
              synchronized (lines) {
                lines.add(line);
              }
            })
        .withArguments(List.of(arguments));
  }

  private Node node(String... arguments) {
    return Node.create(one, "n", "/robot", options(arguments));
  }

  private static void await(String what, BooleanSupplier holds) throws InterruptedException {
    long end = System.nanoTime() + WAIT.toNanos();
    while (!holds.getAsBoolean()) {
      assertTrue(System.nanoTime() < end, "in 60 s never: " + what);
      Thread.sleep(5);
    }
  }

  private <T> BlockingQueue<T> listen(
      saccade.nodes.cdr.MessageType<T> type, String topic, QosProfile qos) {
    BlockingQueue<T> queue = new LinkedBlockingQueue<>();
    other.createSubscription(type, topic, qos, (message, info) -> queue.add(message));
    return queue;
  }

  @Test
  void parametersFromOutside() throws Exception {
    BlockingQueue<ParameterEvent> events =
        listen(ParameterEvent.TYPE, "/parameter_events", QosProfile.PARAMETERS);
    Node node =
        Node.create(
            one,
            "n",
            "/robot",
            options("--ros-args", "-p", "rate:=20.0", "-p", "other:rate:=30.0")
                .withAccess(new AccessList(List.of("robot/n/rate"), List.of())));
    assertEquals(20, node.parameters().declareDouble("rate", 10, 0, 50, ""));
    node.parameters().declareString("model", "nano", "");
    Client<SetParameters.Request, SetParameters.Response> set =
        other.createClient(SetParameters.TYPE, "/robot/n/set_parameters");
    Client<GetParameters.Request, GetParameters.Response> get =
        other.createClient(GetParameters.TYPE, "/robot/n/get_parameters");
    assertTrue(set.waitForService(WAIT) && get.waitForService(WAIT));
    // The subscription is found by and by: declare until one is heard of.
    boolean heard = false;
    for (int i = 0; i < 500 && !heard; i++) {
      String name = "probe" + i;
      node.parameters().declareBool(name, true, "");
      Thread.sleep(20);
      heard =
          events.stream()
              .anyMatch(e -> e.newParameters().stream().anyMatch(p -> p.name().equals(name)));
    }
    assertTrue(heard);
    events.clear();
    var results =
        set.call(
                new SetParameters.Request(
                    List.of(
                        new Parameter("rate", ParameterValue.of(25.0)).message(),
                        new Parameter("rate", ParameterValue.of(60.0)).message(),
                        new Parameter("model", ParameterValue.of("x")).message())),
                WAIT)
            .results();
    assertEquals(List.of(true, false, false), results.stream().map(r -> r.successful()).toList());
    assertEquals(
        "parameter 'model' of /robot/n may not be set from outside (access list)",
        results.get(2).reason());
    assertEquals(25, node.parameters().get("rate").asDouble());
    ParameterEvent event = events.poll(60, TimeUnit.SECONDS);
    while (event != null && event.changedParameters().isEmpty()) {
      event = events.poll(60, TimeUnit.SECONDS); // a late probe
    }
    assertNotNull(event);
    assertEquals("/robot/n", event.node());
    assertEquals(25, event.changedParameters().get(0).value().doubleValue());
    assertEquals(
        List.of(3, 0),
        get.call(new GetParameters.Request(List.of("rate", "none")), WAIT).values().stream()
            .map(v -> v.type())
            .toList());
  }

  @Test
  void logGoesToRosout() throws Exception {
    BlockingQueue<Log> log = listen(Log.TYPE, "/rosout", QosProfile.ROSOUT);
    Node node = node("--ros-args", "--log-level", "warn");
    node.logger().info("not said");
    node.logger().warn("said");
    Log line = log.poll(60, TimeUnit.SECONDS);
    assertNotNull(line);
    assertEquals(
        List.of("said", "robot.n", (int) Log.WARN), List.of(line.msg(), line.name(), line.level()));
    assertTrue(
        lines.stream().anyMatch(l -> l.startsWith("[WARN] [") && l.endsWith("[robot.n]: said")));
  }

  @Test
  void simulatedTimeFromClock() throws Exception {
    MessagePublisher<Clock> clock = other.createPublisher(Clock.TYPE, "/clock", QosProfile.DEFAULT);
    Node node = node("--ros-args", "-p", "use_sim_time:=true");
    BlockingQueue<RosClock.Jump> jumps = new LinkedBlockingQueue<>();
    node.clock().onJump(jumps::add);
    await("matched", () -> clock.matchedSubscriptions() == 1);
    long end = System.nanoTime() + WAIT.toNanos();
    while (node.clock().nowNs() != 5_000_000_000L && System.nanoTime() < end) {
      clock.publish(new Clock(Stamps.time(5_000_000_000L)));
      Thread.sleep(10);
    }
    assertEquals(5_000_000_000L, node.clock().nowNs());
    clock.publish(new Clock(Stamps.time(1_000_000_000L)));
    RosClock.Jump jump = jumps.poll(60, TimeUnit.SECONDS);
    assertNotNull(jump);
    assertEquals(RosClock.Kind.BACKWARD, jump.kind());
    assertTrue(node.parameters().set("use_sim_time", ParameterValue.of(false)).successful());
    assertTrue(node.clock().nowNs() > 1_000_000_000_000_000_000L);
    await("unsubscribed", () -> clock.matchedSubscriptions() == 0);
  }

  @Test
  void lifecycleFromOutside() throws Exception {
    BlockingQueue<TransitionEvent> events =
        listen(TransitionEvent.TYPE, "/robot/m/transition_event", QosProfile.DEFAULT);
    LifecycleNode managed =
        LifecycleNode.create(
            one,
            "m",
            "/robot",
            options()
                .withAccess(
                    new AccessList(
                        List.of("**"), List.of("robot/m/configure", "robot/m/activate"))),
            new Lifecycle.Callbacks() {});
    Client<ChangeState.Request, ChangeState.Response> change =
        other.createClient(ChangeState.TYPE, "/robot/m/change_state");
    Client<GetState.Request, GetState.Response> state =
        other.createClient(GetState.TYPE, "/robot/m/get_state");
    assertTrue(change.waitForService(WAIT) && state.waitForService(WAIT));
    await("event subscription", () -> events.isEmpty());
    assertTrue(change.call(request(1, ""), WAIT).success());
    assertTrue(change.call(request(0, "activate"), WAIT).success());
    assertEquals("active", state.call(new GetState.Request(), WAIT).currentState().label());
    assertFalse(change.call(request(1, ""), WAIT).success(), "not possible in active");
    assertFalse(change.call(request(0, "deactivate"), WAIT).success(), "not on the list");
    assertEquals(Lifecycle.State.ACTIVE, managed.lifecycle().state());
    TransitionEvent event = events.poll(60, TimeUnit.SECONDS);
    assertNotNull(event);
    assertEquals("unconfigured", event.startState().label());
    managed.close();
    assertEquals(Lifecycle.State.FINALIZED, managed.lifecycle().state());
  }

  private static ChangeState.Request request(int id, String label) {
    return new ChangeState.Request(new saccade.msg.lifecycle_msgs.Transition(id, label));
  }

  @Test
  void diagnosticsWithLevelsAndValues() throws Exception {
    BlockingQueue<DiagnosticArray> arrays =
        listen(DiagnosticArray.TYPE, "/diagnostics", QosProfile.DEFAULT);
    Node node = node("--ros-args", "-p", "diagnostic_updater.period:=0.05");
    Diagnostics diagnostics = new Diagnostics(node, "robot1");
    diagnostics.add(
        "camera",
        status ->
            status.summary(Diagnostics.Level.WARN, "late").add("rate", "%.1f Hz", 9.5).add("n", 3));
    diagnostics.add(
        "broken",
        status -> {
          throw new IllegalStateException("oh");
        });
    DiagnosticArray array = arrays.poll(60, TimeUnit.SECONDS);
    while (array != null && array.status().size() < 2) {
      array = arrays.poll(60, TimeUnit.SECONDS);
    }
    assertNotNull(array);
    assertEquals("n: camera", array.status().get(0).name());
    assertEquals(1, array.status().get(0).level());
    assertEquals("9.5 Hz", array.status().get(0).values().get(0).value());
    assertEquals(2, array.status().get(1).level());
  }

  @Test
  void handOverWithinTheProcessIsTheSameRecordAndComesOnce() throws Exception {
    IntraProcess hub = new IntraProcess();
    Node from = Node.create(one, "from", "", options().withIntraProcess(hub));
    Node to = Node.create(one, "to", "", options().withIntraProcess(hub));
    BlockingQueue<Header> near = new LinkedBlockingQueue<>();
    BlockingQueue<Header> far = listen(Header.TYPE, "/h", QosProfile.DEFAULT);
    to.createSubscription(
        Header.TYPE, "h", QosProfile.DEFAULT, (message, info) -> near.add(message));
    MessagePublisher<Header> publisher = from.createPublisher(Header.TYPE, "h", QosProfile.DEFAULT);
    await("both matched", () -> publisher.matchedSubscriptions() == 2);
    Header message = new Header(Stamps.time(1), "base_link");
    long end = System.nanoTime() + WAIT.toNanos();
    int sent = 0;
    while (far.isEmpty() && System.nanoTime() < end) {
      publisher.publish(message);
      sent++;
      Thread.sleep(20);
    }
    assertEquals(message, far.poll());
    Thread.sleep(100);
    assertEquals(sent, near.size(), "each once, not again through the transport");
    assertSame(message, near.poll());
    to.close();
    publisher.publish(message);
    assertEquals(sent - 1, near.size());
  }

  @Test
  void transformsFromTopics() throws Exception {
    Node node = node("--ros-args", "-p", "use_sim_time:=true");
    TransformBuffer buffer = new TransformBuffer();
    MessagePublisher<TFMessage> fixed =
        other.createPublisher(
            TFMessage.TYPE, "/tf_static", QosProfile.DEFAULT.keepLast(1).transientLocal());
    Pose camera = Pose.of(1.5, 0, 1.2, 0, 0, 0);
    fixed.publish(
        new TFMessage(List.of(TransformBufferTest.transform("base_link", "camera", 0, camera))));
    TransformListener listener = new TransformListener(node, buffer);
    MessagePublisher<TFMessage> moving =
        other.createPublisher(TFMessage.TYPE, "/tf", QosProfile.DEFAULT.keepLast(100));
    await("matched", () -> moving.matchedSubscriptions() == 1);
    for (int i = 1; i <= 2; i++) {
      moving.publish(
          new TFMessage(
              List.of(
                  TransformBufferTest.transform(
                      "odom", "base_link", i * 1_000_000_000L, Pose.of(10 * i, 0, 0, 0, 0, 0)))));
    }
    await("both", () -> buffer.canTransform("odom", "camera", 1_500_000_000L));
    assertEquals(16.5, buffer.lookup("odom", "camera", 1_500_000_000L).x(), 1e-9);
    node.clock().tick(9_000_000_000L);
    node.clock().tick(1_000_000_000L); // the simulation began anew
    assertFalse(buffer.canTransform("odom", "camera", 1_500_000_000L));
    assertTrue(buffer.canTransform("base_link", "camera", 1_500_000_000L));
    listener.close();
    await("gone", () -> moving.matchedSubscriptions() == 0);
  }

  @Test
  void typeDescriptionsAreTold() {
    node();
    Client<GetTypeDescription.Request, GetTypeDescription.Response> client =
        other.createClient(GetTypeDescription.TYPE, "/robot/n/get_type_description");
    assertTrue(client.waitForService(WAIT));
    var answer =
        client.call(
            new GetTypeDescription.Request(Header.TYPE.rosName(), Header.TYPE.typeHash(), true),
            WAIT);
    assertTrue(answer.successful(), answer.failureReason());
    assertEquals(Header.TYPE.rosName(), answer.typeDescription().typeDescription().typeName());
    assertEquals(2, answer.typeSources().size());
    var wrong =
        client.call(new GetTypeDescription.Request(Header.TYPE.rosName(), "RIHS01_0", true), WAIT);
    assertFalse(wrong.successful());
  }

  @Test
  void qosOverridesAreParameters() {
    Node node =
        node(
            "--ros-args",
            "-p",
            "qos_overrides./robot/h.publisher.durability:=transient_local",
            "-p",
            "qos_overrides./robot/h.publisher.depth:=3",
            "-r",
            "g:=h");
    node.createPublisher(Header.TYPE, "g", QosProfile.DEFAULT);
    QosProfile used = node.graph().publishersInfo("/robot/h").get(0).qos();
    assertEquals(QosProfile.Durability.TRANSIENT_LOCAL, used.durability());
    assertEquals(3, used.depth());
    assertTrue(node.parameters().describe("qos_overrides./robot/h.publisher.depth").readOnly());
    Node bad = node("--ros-args", "-p", "qos_overrides./robot/h.publisher.durability:=forever");
    RosFault fault =
        assertThrows(
            RosFault.class, () -> bad.createPublisher(Header.TYPE, "h", QosProfile.DEFAULT));
    assertTrue(fault.getMessage().contains("found forever"), fault.getMessage());
  }

  @Test
  void filesAndNamesFromTheCommandLine(@TempDir Path folder) throws Exception {
    Path file = folder.resolve("p.yaml");
    Files.writeString(
        file, "/**: {ros__parameters: {rate: 5.0}}\n/r2/m: {ros__parameters: {rate: 6.0}}");
    Node node =
        node("--ros-args", "--params-file", file.toString(), "-r", "__node:=m", "-r", "__ns:=/r2");
    assertEquals("/r2/m", node.fullyQualifiedName());
    assertEquals(6, node.parameters().declareDouble("rate", 1, 0, 10, ""));
    assertThrows(RosFault.class, () -> node("--ros-args", "--params-file", "/none.yaml"));
    assertThrows(RosFault.class, () -> node("--ros-args", "-p", "use_sim_time:=maybe"));
    assertThrows(RosFault.class, () -> node("--ros-args", "--log-level", "loud"));
  }

  @Test
  void timersAndShutdown() throws Exception {
    BlockingQueue<Integer> fired = new LinkedBlockingQueue<>();
    Composition process = new Composition(one, options());
    Node node =
        process.add(composed -> Node.create(composed.transport(), "t", "", composed.options()));
    node.createTimer(Duration.ofMillis(5), () -> fired.add(1));
    node.createWallTimer(
        Duration.ofMillis(5),
        () -> {
          fired.add(2);
          throw new IllegalStateException("a timer's own fault");
        });
    for (int i = 0; i < 10; i++) {
      assertNotNull(fired.poll(60, TimeUnit.SECONDS));
    }
    new Thread(process::shutdown).start();
    process.spin();
    process.close();
    process.close();
    assertTrue(node.isClosed());
    await("gone", () -> other.graph().nodes().stream().noneMatch(n -> n.name().equals("t")));
    fired.clear();
    Thread.sleep(30);
    assertTrue(fired.isEmpty());
  }
}
