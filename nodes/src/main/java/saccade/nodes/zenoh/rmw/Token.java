package saccade.nodes.zenoh.rmw;

import java.util.HexFormat;
import org.jspecify.annotations.Nullable;
import saccade.nodes.ros.NodeName;
import saccade.nodes.ros.QosProfile;

/**
 * A liveliness token: one entity of the graph.
 *
 * @param key the whole key
 * @param zid session of the entity
 * @param kind {@code NN} node, {@code MP} publisher, {@code MS} subscription, {@code SS} service
 *     server, {@code SC} service client
 * @param node node it is, or belongs to
 * @param name full name of topic or service; empty for nodes
 * @param type DDS type name; empty for nodes
 * @param hash type hash; empty for nodes
 * @param qos null for nodes
 */
record Token(
    String key,
    String zid,
    String kind,
    NodeName node,
    String name,
    String type,
    String hash,
    @Nullable QosProfile qos) {

  static final String NODE = "NN";
  static final String PUBLISHER = "MP";
  static final String SUBSCRIPTION = "MS";
  static final String SERVER = "SS";
  static final String CLIENT = "SC";

  private static final String ROOT = "@ros2_lv";
  private static final int NODE_CHUNKS = 9;
  private static final int ENDPOINT_CHUNKS = 13;

  /** All tokens of a domain. */
  static String all(int domain) {
    return ROOT + "/" + domain + "/**";
  }

  /** Slashes would be chunk borders. */
  static String mangle(String name) {
    return name.replace('/', '%');
  }

  private static String demangle(String name) {
    return name.replace('%', '/');
  }

  static String node(
      int domain, String zid, long id, String enclave, String namespace, String name) {
    return String.join(
        "/",
        ROOT,
        Integer.toString(domain),
        zid,
        Long.toString(id),
        Long.toString(id),
        NODE,
        mangle(enclave),
        mangle(namespace),
        mangle(name));
  }

  /** Token of an endpoint of the node that {@code nodeToken} stands for. */
  static String endpoint(
      String nodeToken, long id, String kind, String name, String type, String hash, String qos) {
    String[] chunks = nodeToken.split("/");
    chunks[4] = Long.toString(id);
    chunks[5] = kind;
    return String.join("/", chunks) + "/" + mangle(name) + "/" + type + "/" + hash + "/" + qos;
  }

  /** Reads one; null when it is none that we know. */
  static @Nullable Token parse(String key) {
    String[] c = key.split("/", -1);
    if (c.length < NODE_CHUNKS || !c[0].equals(ROOT)) {
      return null;
    }
    for (String chunk : c) {
      if (chunk.isEmpty()) {
        return null;
      }
    }
    NodeName node = new NodeName(demangle(c[8]), demangle(c[7]));
    if (c[5].equals(NODE)) {
      return new Token(key, c[2], NODE, node, "", "", "", null);
    }
    boolean known =
        c[5].equals(PUBLISHER)
            || c[5].equals(SUBSCRIPTION)
            || c[5].equals(SERVER)
            || c[5].equals(CLIENT);
    if (!known || c.length < ENDPOINT_CHUNKS || c.length > ENDPOINT_CHUNKS + 1) {
      return null;
    }
    QosProfile qos = RmwQos.parse(c[12]);
    return qos == null ? null : new Token(key, c[2], c[5], node, demangle(c[9]), c[10], c[11], qos);
  }

  /** As {@code ros2 topic info -v} prints it. */
  String gid() {
    return HexFormat.of().formatHex(Gid.of(key));
  }

  /** {@code sensor_msgs::msg::dds_::Image_} of {@code sensor_msgs/msg/Image}. */
  static String ddsType(String rosType) {
    int cut = rosType.lastIndexOf('/');
    return rosType.substring(0, cut).replace("/", "::")
        + "::dds_::"
        + rosType.substring(cut + 1)
        + "_";
  }

  /** The other way; a name of another form stays as it is. */
  static String rosType(String ddsType) {
    int cut = ddsType.indexOf("dds_::");
    if (cut < 0 || !ddsType.endsWith("_")) {
      return ddsType;
    }
    return ddsType.substring(0, cut).replace("::", "/")
        + ddsType.substring(cut + "dds_::".length(), ddsType.length() - 1);
  }

  /** Key of data: {@code <domain>/<name without its first and last slash>/<type>/<hash>}. */
  static String dataKey(int domain, String name, String type, String hash) {
    String bare = name.startsWith("/") ? name.substring(1) : name;
    if (bare.endsWith("/")) {
      bare = bare.substring(0, bare.length() - 1);
    }
    return domain + "/" + bare + "/" + type + "/" + hash;
  }
}
