package saccade.nodes.inspect;

import java.util.List;
import org.jspecify.annotations.Nullable;
import saccade.msg.KnownTypes;
import saccade.msg.type_description_interfaces.GetTypeDescription;
import saccade.nodes.cdr.MessageType;
import saccade.nodes.cli.BadInput;
import saccade.nodes.cli.ExitCode;
import saccade.nodes.idl.Definitions;
import saccade.nodes.message.TypeDescriptions;
import saccade.nodes.ros.EndpointInfo;

/**
 * Finds out what the messages of a topic look like: our own definitions where name and hash agree
 * with the publisher's, else the description that the publisher's node offers (Iron and later).
 */
final class TypeFinder {
  private TypeFinder() {}

  /**
   * A type as it is on the wire.
   *
   * @param hash {@code RIHS01_...}
   */
  record Found(String type, String hash, Definitions definitions) {}

  /**
   * The type of a topic.
   *
   * @param wanted type name the user gave, or null
   * @throws BadInput when it cannot be known
   */
  static Found ofTopic(GraphSession session, String topic, @Nullable String wanted)
      throws InterruptedException {
    session.await(
        () ->
            !session.node.graph().publishersInfo(topic).isEmpty()
                || !session.node.graph().subscriptionsInfo(topic).isEmpty());
    List<EndpointInfo> publishers = session.node.graph().publishersInfo(topic);
    List<EndpointInfo> all =
        publishers.isEmpty() ? session.node.graph().subscriptionsInfo(topic) : publishers;
    List<String> types = all.stream().map(EndpointInfo::type).distinct().toList();
    if (types.isEmpty() && wanted == null) {
      throw new BadInput(
          ExitCode.FAILED,
          "topic ["
              + topic
              + "] does not appear to be published yet; could not determine its type");
    }
    if (types.size() > 1 && wanted == null) {
      throw new BadInput(
          "topic "
              + topic
              + " has more than one type ("
              + String.join(", ", types)
              + "): name one");
    }
    String type = wanted == null ? types.get(0) : normal(wanted);
    EndpointInfo endpoint =
        all.stream().filter(each -> each.type().equals(type)).findFirst().orElse(null);
    if (endpoint == null && !types.isEmpty()) {
      throw new BadInput(
          "topic " + topic + " carries " + String.join(", ", types) + ", wanted " + type);
    }
    MessageType<?> known = KnownTypes.message(type);
    String hash = endpoint == null ? "" : endpoint.typeHash();
    if (known != null && (hash.isEmpty() || hash.equals(known.typeHash()))) {
      return new Found(type, known.typeHash(), Definitions.shipped());
    }
    if (endpoint == null) {
      throw new BadInput("type " + type + " is not one of ours, and nobody publishes " + topic);
    }
    return described(session, topic, endpoint);
  }

  private static Found described(GraphSession session, String topic, EndpointInfo endpoint)
      throws InterruptedException {
    String service = endpoint.node().fullyQualified() + "/get_type_description";
    GetTypeDescription.Response answer;
    try {
      answer =
          session.ask(
              service,
              GetTypeDescription.TYPE,
              new GetTypeDescription.Request(endpoint.type(), endpoint.typeHash(), false));
    } catch (BadInput silent) {
      MessageType<?> known = KnownTypes.message(endpoint.type());
      throw new BadInput(
          ExitCode.FAILED,
          "topic %s carries %s with hash %s; %s, and node %s offers no description of it"
              .formatted(
                  topic,
                  endpoint.type(),
                  endpoint.typeHash().isEmpty() ? "unknown" : endpoint.typeHash(),
                  known == null ? "we do not know the type" : "ours has " + known.typeHash(),
                  endpoint.node().fullyQualified()));
    }
    if (!answer.successful()) {
      throw new BadInput(ExitCode.FAILED, service + ": " + answer.failureReason());
    }
    return new Found(
        endpoint.type(),
        endpoint.typeHash(),
        TypeDescriptions.definitions(answer.typeDescription()));
  }

  /** {@code std_msgs/String} is taken for {@code std_msgs/msg/String}. */
  static String normal(String type) {
    String[] parts = type.split("/", -1);
    return parts.length == 2 ? parts[0] + "/msg/" + parts[1] : type;
  }

  /**
   * A message type of ours by name.
   *
   * @throws BadInput when there is none
   */
  static MessageType<?> known(String type) {
    MessageType<?> known = KnownTypes.message(normal(type));
    if (known == null) {
      throw new BadInput(
          "message type '" + type + "' is not one of ours; wanted for example std_msgs/msg/String");
    }
    return known;
  }
}
