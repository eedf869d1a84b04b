package saccade.hil.interop;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import saccade.hil.peers.PeerProcess;
import saccade.nodes.node.Lifecycle;
import saccade.nodes.node.LifecycleNode;
import saccade.nodes.node.Node;
import saccade.nodes.node.ParameterValue;
import saccade.nodes.ros.RosFault;
import saccade.nodes.ros.RosTransport;

/** What a peer's tools ask of a node of ours: parameters and the states of a managed node. */
final class NodeChecks implements AutoCloseable {
  private static final String NODE = "/interop/managed";
  private static final int PATIENCE_S = 60;
  private static final ObjectMapper JSON = new ObjectMapper();

  private final PeerProcess peer;
  private final List<String> faults;
  private final LifecycleNode managed;

  NodeChecks(RosTransport transport, PeerProcess peer, List<String> faults)
      throws IOException, InterruptedException {
    this.peer = peer;
    this.faults = faults;
    peer.tell("watch rcl_interfaces/msg/ParameterEvent /parameter_events reliable");
    peer.await("OK watch", PATIENCE_S);
    peer.tell("watch lifecycle_msgs/msg/TransitionEvent " + NODE + "/transition_event reliable");
    peer.await("OK watch", PATIENCE_S);
    managed =
        LifecycleNode.create(
            transport,
            "managed",
            "/interop",
            Node.Options.DEFAULT.withConsole(line -> {}),
            new Lifecycle.Callbacks() {});
  }

  @Override
  public void close() {
    managed.close();
  }

  /** Asks a service of ours through the peer; the response as JSON. */
  private JsonNode ask(String type, String service, String request) throws Exception {
    String name = NODE + "/" + service;
    peer.tell("ask " + type + " " + name + " " + request.replace(" ", ""));
    String line =
        peer.await(
            each ->
                each.startsWith("ANSWER " + name + " ")
                    || each.startsWith("FAILED ask")
                    || each.startsWith("NOBODY"),
            name,
            PATIENCE_S);
    if (!line.startsWith("ANSWER")) {
      throw new IOException(name + " " + request + ": " + line);
    }
    return JSON.readTree(line.substring(line.indexOf('{')));
  }

  private void same(String what, String wanted, String found) {
    if (!wanted.equals(found)) {
      faults.add(what + ": wanted " + wanted + ", found " + found);
    }
  }

  /** Waits for a message that the peer saw on a topic, with all of these in it. */
  private void saw(String topic, String... parts) throws InterruptedException {
    try {
      peer.await(
          line -> {
            if (!line.startsWith("SAW " + topic + " ")) {
              return false;
            }
            for (String part : parts) {
              if (!line.contains(part)) {
                return false;
              }
            }
            return true;
          },
          topic + " with " + String.join(", ", parts),
          PATIENCE_S);
    } catch (IOException e) {
      faults.add(String.valueOf(e.getMessage()));
    }
  }

  String parameters() throws Exception {
    managed.node().parameters().declareInteger("rate", 10, 1, 100, "frames a second");
    managed
        .node()
        .parameters()
        .declare(
            "names",
            ParameterValue.of(List.of("a", "b")),
            saccade.nodes.node.Parameters.described(""));
    JsonNode list = ask("rcl_interfaces/srv/ListParameters", "list_parameters", "{}");
    String names = list.at("/result/names").toString();
    for (String name : new String[] {"\"rate\"", "\"names\"", "\"use_sim_time\""}) {
      if (!names.contains(name)) {
        faults.add("list_parameters: no " + name + " in " + names);
      }
    }
    JsonNode got =
        ask(
            "rcl_interfaces/srv/GetParameters",
            "get_parameters",
            "{\"names\":[\"rate\",\"names\",\"none\"]}");
    same("rate", "10", got.at("/values/0/integer_value").toString());
    same("names", "[\"a\",\"b\"]", got.at("/values/1/string_array_value").toString());
    JsonNode described =
        ask(
            "rcl_interfaces/srv/DescribeParameters",
            "describe_parameters",
            "{\"names\":[\"rate\"]}");
    same("description", "frames a second", described.at("/descriptors/0/description").asText());
    same("range", "100", described.at("/descriptors/0/integer_range/0/to_value").toString());
    JsonNode types =
        ask(
            "rcl_interfaces/srv/GetParameterTypes",
            "get_parameter_types",
            "{\"names\":[\"rate\"]}");
    same("type", "[2]", types.at("/types").toString());
    same("set to 20", "true", set("rate", "{\"type\":2,\"integer_value\":20}"));
    same("rate after it", "20", managed.node().parameters().get("rate").asInteger() + "");
    same("set to 1000", "false", set("rate", "{\"type\":2,\"integer_value\":1000}"));
    same("set to a text", "false", set("rate", "{\"type\":4,\"string_value\":\"x\"}"));
    same("rate after those", "20", managed.node().parameters().get("rate").asInteger() + "");
    saw("/parameter_events", NODE, "\"rate\"", "20");
    JsonNode atomic =
        ask(
            "rcl_interfaces/srv/SetParametersAtomically",
            "set_parameters_atomically",
            "{\"parameters\":[{\"name\":\"rate\",\"value\":{\"type\":2,\"integer_value\":30}},"
                + "{\"name\":\"names\",\"value\":{\"type\":9,\"string_array_value\":[\"c\"]}}]}");
    same("set both", "true", atomic.at("/result/successful").toString());
    same("names after it", "[c]", managed.node().parameters().get("names").asList().toString());
    return "listed, read, described, set, refused, told of, by the peer";
  }

  private String set(String name, String value) throws Exception {
    return ask(
            "rcl_interfaces/srv/SetParameters",
            "set_parameters",
            "{\"parameters\":[{\"name\":\"" + name + "\",\"value\":" + value + "}]}")
        .at("/results/0/successful")
        .toString();
  }

  String lifecycle() throws Exception {
    List<String> states = new ArrayList<>();
    // Refused whenever it is asked, so it may be asked again: after it the server knows the client.
    same("transition 99", "false", change(99));
    states.add(state());
    for (int transition : new int[] {1, 3, 4, 2}) { // configure, activate, deactivate, clean up
      same("transition " + transition, "true", change(transition));
      states.add(state());
    }
    same("states", "[unconfigured, inactive, active, inactive, unconfigured]", states.toString());
    same("activated while unconfigured", "false", change(3));
    same("shut down", "true", change(5));
    same("state after it", "finalized", state());
    saw(NODE + "/transition_event", "\"label\":\"activat", "\"label\":\"inactive\"");
    JsonNode available =
        ask("lifecycle_msgs/srv/GetAvailableTransitions", "get_available_transitions", "{}");
    same(
        "transitions of a finalized node", "[]", available.at("/available_transitions").toString());
    try {
      managed.node().parameters().get("none");
      faults.add("a parameter that nobody declared has a value");
    } catch (RosFault wanted) {
      // One line, as wanted.
    }
    return "configured, activated, deactivated, cleaned up, refused, shut down, by the peer";
  }

  private String state() throws Exception {
    return ask("lifecycle_msgs/srv/GetState", "get_state", "{}")
        .at("/current_state/label")
        .asText();
  }

  private String change(int transition) throws Exception {
    return ask(
            "lifecycle_msgs/srv/ChangeState",
            "change_state",
            "{\"transition\":{\"id\":" + transition + "}}")
        .at("/success")
        .toString();
  }
}
