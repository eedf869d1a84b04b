package saccade.nodes.node;

import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import saccade.nodes.ros.EndpointInfo;
import saccade.nodes.ros.QosProfile;
import saccade.nodes.ros.RosFault;

/**
 * Profiles changed by parameters, named as rclcpp names them: {@code
 * qos_overrides./scan.subscription.reliability: best_effort}. What is overridden is declared,
 * read-only, so that {@code ros2 param} shows it.
 */
final class QosOverrides {
  private static final List<String> POLICIES =
      List.of(
          "avoid_ros_namespace_conventions",
          "deadline",
          "depth",
          "durability",
          "history",
          "lifespan",
          "liveliness",
          "liveliness_lease_duration",
          "reliability");

  private QosOverrides() {}

  /**
   * The profile with what the parameters say.
   *
   * @param topic full name
   * @throws RosFault when a policy or its value is not known
   */
  static QosProfile apply(
      Parameters parameters, String topic, EndpointInfo.Kind kind, QosProfile qos) {
    String prefix = "qos_overrides." + topic + "." + kind.name().toLowerCase(Locale.ROOT) + ".";
    QosProfile result = qos;
    for (Map.Entry<String, ParameterValue> override : parameters.overrides().entrySet()) {
      String name = override.getKey();
      if (name.startsWith(prefix)) {
        result = with(result, name, name.substring(prefix.length()), override.getValue());
        if (!parameters.has(name)) {
          parameters.declare(
              name,
              override.getValue(),
              Parameters.described("quality of service of " + topic).withReadOnly(true));
        }
      }
    }
    return result;
  }

  private static QosProfile with(QosProfile qos, String name, String policy, ParameterValue value) {
    return switch (policy) {
      case "reliability" -> qos.withReliability(word(QosProfile.Reliability.values(), name, value));
      case "durability" -> qos.withDurability(word(QosProfile.Durability.values(), name, value));
      case "history" ->
          word(QosProfile.History.values(), name, value) == QosProfile.History.KEEP_ALL
              ? qos.keepAll()
              : qos.keepLast(qos.depth());
      case "depth" -> {
        long depth = whole(name, value);
        if (depth < 0 || depth > Integer.MAX_VALUE) {
          throw new RosFault(
              "parameter " + name + ": expected a depth of 0 or more, found " + depth);
        }
        yield qos.keepLast((int) depth);
      }
      case "deadline" -> qos.withDeadline(whole(name, value));
      case "lifespan" -> qos.withLifespan(whole(name, value));
      case "liveliness" ->
          qos.withLiveliness(
              word(QosProfile.Liveliness.values(), name, value), qos.livelinessLeaseNs());
      case "liveliness_lease_duration" -> qos.withLiveliness(qos.liveliness(), whole(name, value));
      case "avoid_ros_namespace_conventions" -> qos;
      default ->
          throw new RosFault(
              "parameter " + name + ": expected one of " + POLICIES + ", found " + policy);
    };
  }

  private static <E extends Enum<E>> E word(E[] values, String name, ParameterValue value) {
    for (E each : values) {
      if (value.value() instanceof String text
          && each.name().equals(text.toUpperCase(Locale.ROOT))
          && !each.name().equals("UNKNOWN")) {
        return each;
      }
    }
    throw new RosFault(
        "parameter %s: expected one of %s, found %s"
            .formatted(
                name,
                Arrays.stream(values)
                    .map(each -> each.name().toLowerCase(Locale.ROOT))
                    .filter(each -> !each.equals("unknown"))
                    .toList(),
                value));
  }

  private static long whole(String name, ParameterValue value) {
    if (value.type() == ParameterValue.Type.INTEGER && value.asInteger() >= 0) {
      return value.asInteger();
    }
    throw new RosFault(
        "parameter " + name + ": expected a whole number of 0 or more, found " + value);
  }
}
