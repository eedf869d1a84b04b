package saccade.nodes.zenoh.rmw;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.json.JsonReadFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import saccade.nodes.cli.BadInput;
import saccade.nodes.zenoh.Role;
import saccade.nodes.zenoh.ZenohConfig;
import saccade.nodes.zenoh.ZenohSession;
import saccade.nodes.zenoh.c.Libzenohc;

/**
 * A session as rmw_zenoh's users set it up: {@code ROS_DOMAIN_ID}, {@code ZENOH_SESSION_CONFIG_URI}
 * (path of a JSON5 file), {@code ZENOH_CONFIG_OVERRIDE} ({@code key=json5;key=json5}); and with
 * which Zenoh it is opened, {@code SACCADE_ZENOHC}. The session in Java passes over keys that mean
 * nothing to it; libzenohc gets all of them.
 */
public final class RmwConfig {
  private static final long MAX_FILE_BYTES = 1 << 20;
  private static final JsonMapper JSON5 =
      JsonMapper.builder()
          .enable(
              JsonReadFeature.ALLOW_JAVA_COMMENTS,
              JsonReadFeature.ALLOW_UNQUOTED_FIELD_NAMES,
              JsonReadFeature.ALLOW_SINGLE_QUOTES,
              JsonReadFeature.ALLOW_TRAILING_COMMA,
              JsonReadFeature.ALLOW_LEADING_DECIMAL_POINT_FOR_NUMBERS,
              JsonReadFeature.ALLOW_LEADING_PLUS_SIGN_FOR_NUMBERS)
          .build();

  /** What rmw_zenoh's own file says and the library would do otherwise by itself. */
  private static final String USUAL =
      """
      {
        "mode": "peer",
        "connect": {"endpoints": ["tcp/localhost:7447"]},
        "listen": {"endpoints": ["tcp/localhost:0"]},
        "scouting": {
          "multicast": {"enabled": false},
          "gossip": {
            "enabled": true,
            "target": {"router": ["router", "peer"], "peer": ["router"]},
            "autoconnect": {"router": [], "peer": ["router", "peer"]},
            "autoconnect_strategy": {"peer": {"to_router": "always", "to_peer": "greater-zid"}}
          }
        },
        "timestamping": {"enabled": true},
        "queries_default_timeout": 600000,
        "transport": {"shared_memory": {"enabled": false}}
      }
      """;

  private final JsonNode root;
  private final @Nullable ZenohConfig session; // in Java
  private final int domain;
  private final @Nullable Path library;

  private RmwConfig(JsonNode root, int domain, @Nullable Path library) {
    this.root = root;
    this.domain = domain;
    this.library = library;
    role(root);
    // libzenohc knows kinds of endpoints that we do not
    this.session = library == null ? session(root) : null;
  }

  /**
   * Of the session in Java: a peer that dials tcp/localhost:7447 and listens on the loopback,
   * unless told otherwise.
   */
  public ZenohConfig session() {
    ZenohConfig known = session;
    return known == null ? session(root) : known;
  }

  /** Where a router or peer is dialled, such as {@code tcp/localhost:7447}. */
  public List<String> dialled() {
    String mode = role(root) == Role.PEER ? "peer" : "client";
    return endpoints(root.at("/connect/endpoints"), mode, "tcp/localhost:7447");
  }

  /** One line for whoever has no link: what was tried and what can be changed. */
  public String noLink() {
    return "no Zenoh router or peer answers at "
        + (dialled().isEmpty() ? "(no endpoint is named)" : String.join(", ", dialled()))
        + "; start a router (ros2 run rmw_zenoh_cpp rmw_zenohd, or zenohd), or say where one is with"
        + " ZENOH_CONFIG_OVERRIDE='connect/endpoints=[\"tcp/HOST:7447\"]'; two processes without a"
        + " router: ZENOH_CONFIG_OVERRIDE='listen/endpoints=[\"tcp/127.0.0.1:7447\"]' for one of"
        + " them, or 'scouting/multicast/enabled=true' for both";
  }

  /** 0 without {@code ROS_DOMAIN_ID}. */
  public int domain() {
    return domain;
  }

  /** The libzenohc that was chosen; null for the session in Java. */
  public @Nullable Path library() {
    return library;
  }

  /**
   * Opens the session.
   *
   * @throws BadInput in one line when libzenohc was chosen and cannot be used
   */
  public ZenohSession open() {
    Path with = library;
    return with == null ? ZenohSession.open(session()) : ZenohSession.open(with, forLibrary());
  }

  /** All that the user set over what is usual, JSON. */
  String forLibrary() {
    try {
      return merged((ObjectNode) JSON5.readTree(USUAL), root).toString();
    } catch (JsonProcessingException e) {
      throw new IllegalStateException(e);
    }
  }

  private static ObjectNode merged(ObjectNode into, JsonNode from) {
    from.properties()
        .forEach(
            e -> {
              if (e.getValue() instanceof ObjectNode o
                  && into.get(e.getKey()) instanceof ObjectNode i) {
                merged(i, o);
              } else {
                into.set(e.getKey(), e.getValue());
              }
            });
    return into;
  }

  /** From the environment's variables. */
  public static RmwConfig of(Map<String, String> environment) {
    JsonNode root = JSON5.createObjectNode();
    String uri = environment.get("ZENOH_SESSION_CONFIG_URI");
    if (uri != null && !uri.isEmpty()) {
      root = file(Path.of(uri.startsWith("file://") ? uri.substring(7) : uri));
    }
    String override = environment.get("ZENOH_CONFIG_OVERRIDE");
    if (override != null) {
      root = overridden(root, override);
    }
    String chosen = environment.getOrDefault(Libzenohc.VARIABLE, "");
    return new RmwConfig(
        root,
        domainOf(environment.get("ROS_DOMAIN_ID")),
        chosen.isEmpty() ? null : Libzenohc.find(chosen, environment));
  }

  /**
   * The domain that {@code ROS_DOMAIN_ID} says.
   *
   * @param text its value; null or empty is 0
   * @throws BadInput when it is no number of 0 to {@link ZenohTransport#MAX_DOMAIN}
   */
  public static int domainOf(@Nullable String text) {
    if (text == null || text.isEmpty()) {
      return 0;
    }
    try {
      int domain = Integer.parseInt(text);
      if (domain >= 0 && domain <= ZenohTransport.MAX_DOMAIN) {
        return domain;
      }
    } catch (NumberFormatException e) {
      // said below
    }
    throw new BadInput("ROS_DOMAIN_ID '" + text + "'; wanted 0 to " + ZenohTransport.MAX_DOMAIN);
  }

  private static JsonNode file(Path path) {
    try {
      if (Files.size(path) > MAX_FILE_BYTES) {
        throw new BadInput("ZENOH_SESSION_CONFIG_URI " + path + " is larger than 1 MiB");
      }
      return tree(path.toString(), Files.readString(path));
    } catch (IOException e) {
      throw new BadInput("ZENOH_SESSION_CONFIG_URI " + path + " cannot be read: " + e.getMessage());
    }
  }

  private static JsonNode tree(String path, String text) {
    try {
      return JSON5.readTree(text);
    } catch (JsonProcessingException e) {
      throw new BadInput(
          "ZENOH_SESSION_CONFIG_URI " + path + " is no JSON5: " + e.getOriginalMessage());
    }
  }

  /** The text of a configuration file, domain 0; {@code path} is its name in complaints. */
  static RmwConfig parse(String path, String text) {
    return new RmwConfig(tree(path, text), 0, null);
  }

  private static JsonNode overridden(JsonNode root, String override) {
    ObjectNode out = root.isObject() ? (ObjectNode) root.deepCopy() : JSON5.createObjectNode();
    for (String pair : override.split(";")) {
      int equals = pair.indexOf('=');
      if (pair.isBlank()) {
        continue;
      }
      if (equals < 1) {
        throw new BadInput("ZENOH_CONFIG_OVERRIDE '" + pair + "'; wanted key=value;key=value");
      }
      String[] path = pair.substring(0, equals).strip().split("/", -1);
      ObjectNode at = out;
      for (int i = 0; i < path.length - 1; i++) {
        JsonNode next = at.get(path[i]);
        at = next instanceof ObjectNode o ? o : at.putObject(path[i]);
      }
      try {
        at.set(path[path.length - 1], JSON5.readTree(pair.substring(equals + 1)));
      } catch (JsonProcessingException e) {
        throw new BadInput("ZENOH_CONFIG_OVERRIDE '" + pair + "': the value is no JSON5");
      }
    }
    return out;
  }

  private static Role role(JsonNode root) {
    String mode = root.at("/mode").asText("peer");
    return switch (mode) {
      case "peer" -> Role.PEER;
      case "client" -> Role.CLIENT;
      default -> throw new BadInput("Zenoh mode '" + mode + "'; wanted \"peer\" or \"client\"");
    };
  }

  private static ZenohConfig session(JsonNode root) {
    Role role = role(root);
    String mode = role == Role.PEER ? "peer" : "client";
    List<String> connect = endpoints(root.at("/connect/endpoints"), mode, "tcp/localhost:7447");
    ZenohConfig.Builder b =
        ZenohConfig.builder(role).connect(connect.toArray(String[]::new)).timestamps(true);
    if (role == Role.PEER) {
      List<String> listen = endpoints(root.at("/listen/endpoints"), mode, "tcp/localhost:0");
      b.listen(listen.toArray(String[]::new));
    }
    b.gossip(root.at("/scouting/gossip/enabled").asBoolean(true));
    if (root.at("/scouting/multicast/enabled").asBoolean(false)) {
      String on = root.at("/scouting/multicast/interface").asText("lo");
      b.scouting(ZenohConfig.Scouting.on(on.equals("auto") ? "lo" : on));
    }
    JsonNode tls = root.at("/transport/link/tls");
    if (tls.isObject()) {
      b.tls(
          saccade.nodes.zenoh.TlsFiles.context(
              path(tls, "root_ca_certificate"),
              first(path(tls, "connect_certificate"), path(tls, "listen_certificate")),
              first(path(tls, "connect_private_key"), path(tls, "listen_private_key"))),
          tls.path("enable_mtls").asBoolean(true),
          tls.path("verify_name_on_connect").asBoolean(true));
    }
    return b.build();
  }

  private static @Nullable Path path(JsonNode tls, String key) {
    JsonNode value = tls.path(key);
    try {
      return value.isTextual() ? Path.of(value.asText()) : null;
    } catch (InvalidPathException e) {
      throw new BadInput("transport/link/tls/" + key + ": no path: " + e.getReason());
    }
  }

  private static @Nullable Path first(@Nullable Path a, @Nullable Path b) {
    return a == null ? b : a;
  }

  /** A list, or one for each mode. */
  private static List<String> endpoints(JsonNode node, String mode, String usual) {
    JsonNode list = node.isObject() ? node.path(mode) : node;
    if (list.isMissingNode() || list.isNull()) {
      return List.of(usual);
    }
    List<String> out = new ArrayList<>();
    list.forEach(e -> out.add(e.isTextual() ? e.asText() : e.path("endpoint").asText()));
    return out;
  }
}
