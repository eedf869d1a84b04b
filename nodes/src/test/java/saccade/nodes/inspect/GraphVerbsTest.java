package saccade.nodes.inspect;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.PrintWriter;
import java.io.StringWriter;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentSkipListMap;
import java.util.function.Function;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import picocli.CommandLine;
import saccade.msg.geometry_msgs.Vector3;
import saccade.msg.rcl_interfaces.GetParameters;
import saccade.msg.rcl_interfaces.ListParameters;
import saccade.msg.rcl_interfaces.ListParametersResult;
import saccade.msg.rcl_interfaces.ParameterValue;
import saccade.msg.rcl_interfaces.SetParameters;
import saccade.msg.rcl_interfaces.SetParametersResult;
import saccade.msg.std_msgs.Bool;
import saccade.msg.std_srvs.SetBool;
import saccade.nodes.cdr.CdrWriter;
import saccade.nodes.cdr.MessageType;
import saccade.nodes.cdr.ServiceType;
import saccade.nodes.cli.BadInput;
import saccade.nodes.cli.ExitCode;
import saccade.nodes.cli.Main;
import saccade.nodes.ros.NodeName;
import saccade.nodes.ros.NodeOptions;
import saccade.nodes.ros.Publisher;
import saccade.nodes.ros.QosProfile;
import saccade.nodes.ros.RosNode;
import saccade.nodes.zenoh.ZenohConfig;
import saccade.nodes.zenoh.rmw.ZenohTransport;

/** The verbs as a user types them, over Zenoh, against a robot of our own on another session. */
class GraphVerbsTest {
  private final StringWriter out = new StringWriter();
  private final StringWriter err = new StringWriter();
  private ZenohTransport robot;
  private RosNode node;
  private String locator = "";

  @BeforeEach
  void open() {
    robot = ZenohTransport.open(ZenohConfig.peer(), 9);
    locator = robot.session().listening().get(0).toString();
    node = robot.createNode("talker", "/robot1", NodeOptions.DEFAULT);
  }

  @AfterEach
  void close() {
    robot.close();
  }

  private int run(String... words) {
    out.getBuffer().setLength(0);
    err.getBuffer().setLength(0);
    List<String> all = new ArrayList<>(Arrays.asList(words));
    all.addAll(2, List.of("--connect", locator, "--domain", "9"));
    CommandLine command = Main.commandLine();
    command.setOut(new PrintWriter(out, true));
    command.setErr(new PrintWriter(err, true));
    return command.execute(all.toArray(String[]::new));
  }

  private String says(String... words) {
    assertEquals(ExitCode.OK, run(words), () -> out + "" + err);
    return out.toString();
  }

  private void complains(int code, String part, String... words) {
    assertEquals(code, run(words), () -> out + "" + err);
    assertEquals(1, err.toString().strip().lines().count(), err::toString);
    assertTrue(err.toString().contains(part), err::toString);
  }

  /** Publishes again and again until closed. */
  private <T> AutoCloseable talk(String topic, MessageType<T> type, T message, QosProfile qos) {
    Publisher publisher = node.createPublisher(topic, type.rosName(), type.typeHash(), qos);
    CdrWriter writer = new CdrWriter();
    type.encode(message, writer);
    Thread thread =
        Thread.ofVirtual()
            .start(
                () -> {
                  try {
                    while (true) {
                      publisher.publish(writer.buffer(), writer.bytes());
                      Thread.sleep(20);
                    }
                  } catch (InterruptedException e) {
                    Thread.currentThread().interrupt();
                  }
                });
    return () -> {
      thread.interrupt();
      thread.join();
      publisher.close();
      writer.close();
    };
  }

  private <Q, R> void serve(String name, ServiceType<Q, R> type, Function<Q, R> answer) {
    node.createService(
        name,
        type.rosName(),
        type.typeHash(),
        QosProfile.SERVICES_DEFAULT,
        (cdr, bytes, reply) -> {
          byte[] encoded = type.response().encode(answer.apply(type.request().decode(cdr, bytes)));
          try (Arena arena = Arena.ofConfined()) {
            MemorySegment memory = arena.allocate(encoded.length);
            memory.copyFrom(MemorySegment.ofArray(encoded));
            reply.send(memory, encoded.length);
          }
        });
  }

  @Test
  void topicsAreListedDescribedEchoedAndMeasured() throws Exception {
    try (AutoCloseable point =
            talk("point", Vector3.TYPE, new Vector3(1, -0.5, 1e-7), QosProfile.SENSOR_DATA);
        AutoCloseable hidden =
            talk("_hidden", Vector3.TYPE, new Vector3(0, 0, 0), QosProfile.DEFAULT)) {
      assertEquals("/robot1/point\n", says("topic", "list"));
      assertEquals(
          "/robot1/_hidden [geometry_msgs/msg/Vector3]\n/robot1/point [geometry_msgs/msg/Vector3]\n",
          says("topic", "list", "-t", "--include-hidden-topics"));
      assertEquals("1\n", says("topic", "list", "-c"));
      assertEquals(
          "Type: geometry_msgs/msg/Vector3\nPublisher count: 1\nSubscription count: 0\n",
          says("topic", "info", "/robot1/point"));
      String verbose = says("topic", "info", "-v", "robot1/point");
      assertTrue(verbose.contains("Node name: talker\nNode namespace: /robot1\n"), verbose);
      assertTrue(verbose.contains("  Reliability: BEST_EFFORT\n"), verbose);
      assertTrue(verbose.contains("  History (Depth): KEEP_LAST (5)\n"), verbose);
      assertTrue(verbose.contains(Vector3.TYPE.typeHash()), verbose);
      assertEquals(
          "x: 1.0\ny: -0.5\nz: 1.0e-07\n---\n", says("topic", "echo", "--once", "/robot1/point"));
      assertEquals("-0.5\n---\n", says("topic", "echo", "--once", "--field", "y", "/robot1/point"));
      String rate = says("topic", "hz", "--seconds", "1.2", "/robot1/point");
      assertTrue(
          rate.matches(
              "(?s)average rate: \\d+\\.\\d{3}\n\tmin: .*s max: .*s std dev: .*s window: \\d+\n.*"),
          rate);
      String size = says("topic", "bw", "--seconds", "1.2", "/robot1/point");
      assertTrue(size.startsWith("Subscribed to [/robot1/point]\n"), size);
      assertTrue(
          size.contains("Message size mean: 0.03 KB min: 0.03 KB max: 0.03 KB")
              || size.contains("mean: 28.00 B min: 28.00 B max: 28.00 B"),
          size);
    }
  }

  @Test
  void pubReachesASubscription() throws Exception {
    List<Vector3> heard = java.util.Collections.synchronizedList(new ArrayList<>());
    node.createSubscription(
        "/in",
        Vector3.TYPE.rosName(),
        Vector3.TYPE.typeHash(),
        QosProfile.DEFAULT,
        (cdr, bytes, info) -> heard.add(Vector3.TYPE.decode(cdr, bytes)));
    String said =
        says(
            "topic", "pub", "-t", "3", "-r", "100", "/in", "geometry_msgs/Vector3", "{x: 2, z: 1}");
    assertTrue(
        said.startsWith(
            "publisher: beginning loop\npublishing #1:"
                + " geometry_msgs.msg.Vector3(x=2.0, y=0.0, z=1.0)\n"),
        said);
    long end = System.nanoTime() + 60_000_000_000L;
    while (heard.size() < 3 && System.nanoTime() < end) {
      Thread.sleep(10);
    }
    assertEquals(List.of(new Vector3(2, 0, 1), new Vector3(2, 0, 1), new Vector3(2, 0, 1)), heard);
    complains(ExitCode.BAD_INPUT, "not one of ours", "topic", "pub", "/in", "x/msg/Y", "{}");
    complains(
        ExitCode.BAD_INPUT,
        "'q', wanted one of the fields [x, y, z]",
        "topic",
        "pub",
        "/in",
        "geometry_msgs/msg/Vector3",
        "{q: 1}");
  }

  @Test
  void nodesServicesAndParameters(@TempDir Path folder) throws Exception {
    Map<String, ParameterValue> parameters = new ConcurrentSkipListMap<>();
    parameters.put("use_sim_time", ParamVerbs.value("", false));
    parameters.put("gain.p", ParamVerbs.value("", 1.5));
    parameters.put("names", ParamVerbs.value("", List.of("a", "it's")));
    serve("pause", SetBool.TYPE, q -> new SetBool.Response(q.data(), "done"));
    serve(
        "~/list_parameters",
        ListParameters.TYPE,
        q ->
            new ListParameters.Response(
                new ListParametersResult(List.copyOf(parameters.keySet()), List.of())));
    serve(
        "~/get_parameters",
        GetParameters.TYPE,
        q ->
            new GetParameters.Response(
                q.names().stream()
                    .map(n -> parameters.getOrDefault(n, ParameterValue.defaults()))
                    .toList()));
    serve(
        "~/set_parameters",
        SetParameters.TYPE,
        q ->
            new SetParameters.Response(
                q.parameters().stream()
                    .map(
                        p -> {
                          if (!parameters.containsKey(p.name())) {
                            return new SetParametersResult(false, p.name() + " is not declared");
                          }
                          parameters.put(p.name(), p.value());
                          return new SetParametersResult(true, "");
                        })
                    .toList()));
    assertEquals("/robot1/talker\n", says("node", "list"));
    String info = says("node", "info", "/robot1/talker");
    assertTrue(
        info.startsWith(
            "/robot1/talker\n  Subscribers:\n  Publishers:\n  Service Servers:\n    /robot1/pause: std_srvs/srv/SetBool\n"),
        info);
    assertTrue(
        info.endsWith("  Service Clients:\n\n  Action Servers:\n\n  Action Clients:\n\n"), info);
    complains(
        ExitCode.FAILED,
        "Unable to find node '/nobody'",
        "node",
        "info",
        "--spin-time",
        "0.2",
        "nobody");

    assertTrue(says("service", "list", "-t").contains("/robot1/pause [std_srvs/srv/SetBool]\n"));
    assertEquals(
        "requester: making request: std_srvs.srv.SetBool_Request(data=True)\n\nresponse:\n"
            + "std_srvs.srv.SetBool_Response(success=True, message='done')\n\n",
        says("service", "call", "/robot1/pause", "std_srvs/srv/SetBool", "{data: true}"));
    complains(
        ExitCode.BAD_INPUT,
        "is of type std_srvs/srv/SetBool, wanted std_srvs/srv/Trigger",
        "service",
        "call",
        "/robot1/pause",
        "std_srvs/srv/Trigger");

    assertEquals("  gain.p\n  names\n  use_sim_time\n", says("param", "list", "/robot1/talker"));
    assertEquals("/robot1/talker:\n  gain.p\n  names\n  use_sim_time\n", says("param", "list"));
    assertEquals("Double value is: 1.5\n", says("param", "get", "/robot1/talker", "gain.p"));
    assertEquals(
        "Boolean value is: False\n", says("param", "get", "robot1/talker", "use_sim_time"));
    assertEquals(
        "['a', \"it's\"]\n".replace("\"it's\"", "'it\\'s'"),
        says("param", "get", "--hide-type", "/robot1/talker", "names"));
    complains(ExitCode.FAILED, "parameter x is not set", "param", "get", "/robot1/talker", "x");
    assertEquals(
        "Set parameter successful\n", says("param", "set", "/robot1/talker", "gain.p", "2.25"));
    assertEquals(2.25, parameters.get("gain.p").doubleValue());
    complains(
        ExitCode.FAILED,
        "Setting parameter failed: x is not declared",
        "param",
        "set",
        "/robot1/talker",
        "x",
        "1");
    String dumped = says("param", "dump", "/robot1/talker");
    assertEquals(
        """
        /robot1/talker:
          ros__parameters:
            gain:
              p: 2.25
            names:
            - a
            - it's
            use_sim_time: false
        """,
        dumped);
    Path file = Files.writeString(folder.resolve("p.yaml"), dumped.replace("2.25", "3.5"));
    String loaded = says("param", "load", "/robot1/talker", file.toString());
    assertTrue(loaded.contains("Set parameter gain.p successful\n"), loaded);
    assertEquals(3.5, parameters.get("gain.p").doubleValue());
    Files.writeString(file, "other: {ros__parameters: {a: 1}}");
    complains(
        ExitCode.BAD_INPUT,
        "expected parameters for /robot1/talker",
        "param",
        "load",
        "/robot1/talker",
        file.toString());
  }

  @Test
  void badInputIsOneLine() {
    complains(
        ExitCode.FAILED,
        "does not appear to be published yet",
        "topic",
        "echo",
        "--spin-time",
        "0.2",
        "/nothing");
    complains(
        ExitCode.FAILED,
        "Unknown topic '/nothing'",
        "topic",
        "info",
        "--spin-time",
        "0.2",
        "/nothing");
    complains(ExitCode.BAD_INPUT, "topic name '/a//b' is not valid", "topic", "hz", "/a//b");
    complains(
        ExitCode.BAD_INPUT,
        "/bad topic",
        "topic",
        "pub",
        "/bad topic",
        "geometry_msgs/msg/Vector3",
        "{}");
    complains(
        ExitCode.BAD_INPUT,
        "--transport: expected auto, rcl or zenoh",
        "topic",
        "list",
        "--transport",
        "dds");
    assertThrows(BadInput.class, () -> ParamVerbs.value("VALUE", List.of(1, "a")));
    assertThrows(BadInput.class, () -> ParamVerbs.value("VALUE", Map.of("a", 1)));
  }

  @Test
  void withoutALinkALookIsRefusedAndSaysWhatWasTried() {
    robot.close(); // nobody listens there any more
    complains(
        ExitCode.UNAVAILABLE,
        "no Zenoh router or peer answers at " + locator,
        "topic",
        "list",
        "--spin-time",
        "0.3");
  }

  @Test
  void peersThatDoNotFitAreOneLineEach() throws Exception {
    try (AutoCloseable point =
            talk("point", Vector3.TYPE, new Vector3(1, 0, 0), QosProfile.SENSOR_DATA);
        AutoCloseable other = talk("point", Bool.TYPE, new Bool(true), QosProfile.SENSOR_DATA)) {
      run(
          "topic",
          "echo",
          "--seconds",
          "1",
          "--qos-reliability",
          "reliable",
          "/robot1/point",
          "geometry_msgs/msg/Vector3");
      String said = err.toString();
      assertTrue(
          said.contains("/robot1/point: RELIABILITY of a publisher does not fit ours"), said);
      assertTrue(said.contains("/robot1/point: a peer has type std_msgs/msg/Bool"), said);
      assertEquals(2, said.strip().lines().count(), said);
    }
  }

  @Test
  void aFileIsReadForTheNodeItNames(@TempDir Path folder) throws Exception {
    Path file =
        Files.writeString(
            folder.resolve("p.yaml"),
            "/**: {ros__parameters: {a: 1, b: {c: [1, 2]}}}\nother: {ros__parameters: {a: 9}}\n"
                + "/r/n: {ros__parameters: {a: 2}}\n");
    assertEquals(
        "{a=2, b.c=[1, 2]}", ParamVerbs.LoadFile.read(file, new NodeName("n", "/r")).toString());
  }
}
