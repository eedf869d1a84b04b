package saccade.nodes.rcl;

import java.util.Locale;
import org.jspecify.annotations.Nullable;
import saccade.nodes.ros.RosFault;

/**
 * Sizes and offsets, in bytes, of the structs that differ between distros; the same on x86-64 and
 * aarch64 (headers of the release branches, compiled for both). {@link Rcl} measures what it can of
 * them in the loaded libraries at start.
 */
enum RclAbi {
  /** Humble. */
  HUMBLE(144, 152, 72, 24, 144, -1, 24, 28, 56),
  /** Jazzy and Kilted. */
  JAZZY(152, 160, 64, 16, 168, 24, 60, 64, 80),
  /** Lyrical and Rolling of its year. */
  LYRICAL(152, 168, 64, 16, 168, 24, 60, 64, 80);

  static final int ALLOCATOR = 40;
  static final int CONTEXT = 24;
  static final int NODE = 16;
  static final int NODE_OPTIONS = 152;
  static final int NODE_OPTIONS_ENABLE_ROSOUT = 56;
  static final int QOS = 88;
  static final int CLIENT_OPTIONS = 128;
  static final int SERVICE_OPTIONS = 128;
  static final int OPTIONS_ALLOCATOR = 88;
  static final int GUARD_CONDITION = 16;
  static final int WAIT_SET = 104;
  static final int SERIALIZED_MESSAGE = 64;
  static final int REQUEST_ID = 24;
  static final int NAMES_AND_TYPES = 64;
  static final int STRING_ARRAY = 56;

  /** rcl_publisher_options_t. */
  final int publisherOptions;

  /** rcl_subscription_options_t. */
  final int subscriptionOptions;

  /** rmw_message_info_t. */
  final int messageInfo;

  /** Bytes of a gid in rmw_gid_t and in endpoint infos. */
  final int gidBytes;

  /** rmw_topic_endpoint_info_t. */
  final int endpointInfo;

  /** Offset of the type hash in it, -1 where there is none. */
  final int endpointHash;

  /** Offset of the endpoint's kind in it. */
  final int endpointKind;

  /** Offset of the gid in it. */
  final int endpointGid;

  /** Offset of the quality of service in it. */
  final int endpointQos;

  RclAbi(
      int publisherOptions,
      int subscriptionOptions,
      int messageInfo,
      int gidBytes,
      int endpointInfo,
      int endpointHash,
      int endpointKind,
      int endpointGid,
      int endpointQos) {
    this.publisherOptions = publisherOptions;
    this.subscriptionOptions = subscriptionOptions;
    this.messageInfo = messageInfo;
    this.gidBytes = gidBytes;
    this.endpointInfo = endpointInfo;
    this.endpointHash = endpointHash;
    this.endpointKind = endpointKind;
    this.endpointGid = endpointGid;
    this.endpointQos = endpointQos;
  }

  /**
   * Whether type supports and endpoint infos carry type hashes, and endpoints tell of matches and
   * other types.
   */
  boolean hasTypeHashes() {
    return endpointHash >= 0;
  }

  /**
   * The layout of a distro.
   *
   * @param distro {@code ROS_DISTRO}; null or empty when not set
   * @param probed what the symbols of librcl say
   * @throws RosFault when the distro is not known, or its libraries are those of another
   */
  static RclAbi of(@Nullable String distro, RclAbi probed) {
    if (distro == null || distro.isEmpty()) {
      return probed;
    }
    RclAbi named =
        switch (distro.toLowerCase(Locale.ROOT)) {
          case "humble" -> HUMBLE;
          case "jazzy", "kilted" -> JAZZY;
          case "lyrical", "rolling" -> LYRICAL;
          default ->
              throw new RosFault(
                  "ROS_DISTRO is '"
                      + distro
                      + "'; wanted humble, jazzy, kilted, lyrical or rolling: source one of these, or use the Zenoh"
                      + " transport");
        };
    if (named != probed) {
      throw new RosFault(
          "ROS_DISTRO is '"
              + distro
              + "' but the librcl found is of the "
              + probed.name().toLowerCase(Locale.ROOT)
              + " family: two distros are sourced at once; source one only");
    }
    return named;
  }
}
