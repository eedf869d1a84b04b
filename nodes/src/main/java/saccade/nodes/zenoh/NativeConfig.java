package saccade.nodes.zenoh;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.util.ArrayList;
import java.util.List;
import saccade.nodes.cli.BadInput;

/**
 * A configuration of libzenohc: the tree of zenoh's own configuration file. The library does not
 * tell which port it took for port 0, so one that is free is chosen here.
 */
final class NativeConfig {
  private static final JsonMapper JSON = JsonMapper.builder().build();
  private static final long MAX_MESSAGE_BYTES = 128L << 20;
  private static final long CLIENT_WAIT_MS = 5000;

  private final ObjectNode root;
  private final ArrayNode listen;

  private NativeConfig(ObjectNode root) {
    this.root = root;
    boolean client = root.path("mode").asText("peer").equals("client");
    JsonNode endpoints = root.path("listen").path("endpoints");
    JsonNode list = endpoints.isObject() ? endpoints.path("peer") : endpoints;
    this.listen = list.isArray() && !client ? (ArrayNode) list : JSON.createArrayNode();
    long most = root.at("/transport/link/rx/max_message_size").asLong(0);
    if (most <= 0) {
      root.withObject("/transport/link/rx").put("max_message_size", MAX_MESSAGE_BYTES);
    }
  }

  /** As a configuration file has it, in JSON. */
  static NativeConfig of(String json) {
    try {
      if (JSON.readTree(json) instanceof ObjectNode object) {
        return new NativeConfig(object);
      }
    } catch (JsonProcessingException e) {
      throw new BadInput("Zenoh configuration is no JSON: " + e.getOriginalMessage());
    } catch (UnsupportedOperationException e) {
      throw new BadInput("Zenoh configuration: wanted objects at transport, link and rx");
    }
    throw new BadInput("Zenoh configuration: wanted an object");
  }

  /** The same that {@link ZenohConfig} says of a session in Java; nothing else is on. */
  static NativeConfig of(ZenohConfig config) {
    if (config.tls() != null) {
      throw new BadInput(
          "Zenoh TLS with libzenohc: found keys in memory; wanted files, transport/link/tls in the"
              + " file of ZENOH_SESSION_CONFIG_URI");
    }
    ObjectNode root = quiet(config.role() == Role.CLIENT ? "client" : "peer");
    ZenohId id = config.id();
    if (id != null) {
      root.put("id", id.toString());
    }
    ArrayNode connect = root.withObject("/connect").putArray("endpoints");
    config.connect().forEach(at -> connect.add(at.toString()));
    if (config.role() == Role.CLIENT) {
      root.withObject("/connect").putObject("timeout_ms").put("client", CLIENT_WAIT_MS);
    }
    ArrayNode listen = root.withObject("/listen").putArray("endpoints");
    if (config.role() == Role.PEER) {
      config.listen().forEach(at -> listen.add(at.toString()));
    }
    root.withObject("/scouting/gossip").put("enabled", config.gossip());
    ZenohConfig.Scouting scouting = config.scouting();
    if (scouting != null) {
      root.withObject("/scouting/multicast")
          .put("enabled", true)
          .put("address", scouting.group() + ":" + scouting.port())
          .put("interface", scouting.networkInterface());
    }
    root.withObject("/timestamping").put("enabled", config.timestamps());
    root.withObject("/transport/link/tx").put("lease", config.leaseMs());
    root.withObject("/transport/link/tx/queue/congestion_control/block")
        .put("wait_before_close", config.blockMs() * 1000);
    root.withObject("/transport/link/rx").put("max_message_size", config.maxMessageBytes());
    root.withObject("/transport/unicast").put("max_sessions", config.maxLinks());
    return new NativeConfig(root);
  }

  /** Alone in the world: for the self-test. */
  static NativeConfig alone() {
    ObjectNode root = quiet("peer");
    root.withObject("/connect").putArray("endpoints");
    root.withObject("/listen").putArray("endpoints");
    root.withObject("/scouting/gossip").put("enabled", false);
    return new NativeConfig(root);
  }

  /** What is on by default in the library and off in a session of ours. */
  private static ObjectNode quiet(String mode) {
    ObjectNode root = JsonNodeFactory.instance.objectNode().put("mode", mode);
    root.withObject("/scouting/multicast").put("enabled", false);
    root.withObject("/transport/shared_memory").put("enabled", false);
    // links come up in the background
    root.withObject("/open/return_conditions").put("connect_scouted", false).put("declares", false);
    return root;
  }

  /** Longest payload that is taken or given, bytes. */
  long maxMessageBytes() {
    return root.at("/transport/link/rx/max_message_size").asLong();
  }

  boolean choosesPorts() {
    for (JsonNode at : listen) {
      if (at.asText().matches("(tcp|tls)/.*:0")) {
        return true;
      }
    }
    return false;
  }

  /** Where to listen, with ports that are free now for those that are 0; TCP and TLS only. */
  List<Locator> freePorts() {
    List<Locator> out = new ArrayList<>();
    for (JsonNode at : listen) {
      String text = at.asText();
      if (!text.startsWith("tcp/") && !text.startsWith("tls/")) {
        continue;
      }
      Locator locator = Locator.parse(text);
      out.add(
          locator.port() == 0
              ? new Locator(locator.tls(), locator.host(), freePort(locator))
              : locator);
    }
    return out;
  }

  private static int freePort(Locator at) {
    try (ServerSocket socket = new ServerSocket()) {
      socket.bind(new InetSocketAddress(InetAddress.getByName(at.host()), 0));
      return socket.getLocalPort();
    } catch (IOException e) {
      throw new BadInput("cannot listen at " + at + ": " + e.getMessage());
    }
  }

  /** For the library, listening at {@code at} where the configuration has TCP or TLS. */
  String text(List<Locator> at) {
    ArrayNode chosen = JSON.createArrayNode();
    int next = 0;
    for (JsonNode endpoint : listen) {
      String text = endpoint.asText();
      boolean ours = text.startsWith("tcp/") || text.startsWith("tls/");
      chosen.add(ours ? withPort(text, at.get(next++).port()) : text);
    }
    ObjectNode out = root.deepCopy();
    if (!listen.isEmpty()) {
      out.withObject("/listen").set("endpoints", chosen);
    }
    return out.toString();
  }

  /** What follows {@code ?} or {@code #} stays. */
  private static String withPort(String endpoint, int port) {
    return endpoint.replaceFirst(":0(?=$|[?#])", ":" + port);
  }
}
