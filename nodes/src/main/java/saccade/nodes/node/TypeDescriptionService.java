package saccade.nodes.node;

import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import saccade.msg.KnownTypes;
import saccade.msg.type_description_interfaces.GetTypeDescription;
import saccade.msg.type_description_interfaces.KeyValue;
import saccade.msg.type_description_interfaces.TypeDescription;
import saccade.msg.type_description_interfaces.TypeSource;
import saccade.nodes.idl.Definitions;
import saccade.nodes.idl.IdlFault;
import saccade.nodes.message.TypeDescriptions;
import saccade.nodes.ros.QosProfile;
import saccade.nodes.ros.RosFault;

/** {@code ~/get_type_description}, as nodes of Jazzy and later have it. */
final class TypeDescriptionService {
  private static final String SWITCH = "start_type_description_service";

  private TypeDescriptionService() {}

  static void start(Node node) {
    boolean wanted =
        node.parameters()
            .declare(
                SWITCH,
                ParameterValue.of(true),
                Parameters.described("whether ~/get_type_description is served").withReadOnly(true))
            .asBool();
    if (!wanted || !node.options().parameterServices()) {
      return;
    }
    try {
      node.createService(
          GetTypeDescription.TYPE,
          "~/get_type_description",
          QosProfile.SERVICES_DEFAULT,
          TypeDescriptionService::answer);
    } catch (RosFault absent) {
      // Humble has no such service: its package is not installed there, and nobody asks for it.
      node.logger().debug("no get_type_description: " + absent.getMessage());
    }
  }

  static GetTypeDescription.Response answer(GetTypeDescription.Request request) {
    String name = request.typeName();
    String hash = hash(name);
    if (hash.isEmpty()) {
      return failed("type '" + name + "' is not known to this node");
    }
    if (!hash.equals(request.typeHash())) {
      return failed(
          "type %s: expected hash %s, found '%s'".formatted(name, hash, request.typeHash()));
    }
    try {
      TypeDescription description = TypeDescriptions.of(Definitions.shipped(), name);
      return new GetTypeDescription.Response(
          true,
          "",
          description,
          request.includeTypeSources() ? sources(description) : List.of(),
          List.<KeyValue>of());
    } catch (IdlFault e) {
      return failed(String.valueOf(e.getMessage()));
    }
  }

  private static String hash(String name) {
    var message = KnownTypes.message(name);
    if (message != null) {
      return message.typeHash();
    }
    var service = KnownTypes.service(name);
    return service == null ? "" : service.typeHash();
  }

  private static List<TypeSource> sources(TypeDescription description) {
    Set<String> names = new TreeSet<>();
    names.add(description.typeDescription().typeName());
    description.referencedTypeDescriptions().forEach(each -> names.add(each.typeName()));
    return names.stream()
        .filter(name -> name.contains("/msg/"))
        .map(name -> new TypeSource(name, "msg", Definitions.shippedText(name)))
        .toList();
  }

  private static GetTypeDescription.Response failed(String reason) {
    return GetTypeDescription.Response.TYPE
        .defaults()
        .withSuccessful(false)
        .withFailureReason(reason);
  }
}
