package saccade.nodes.idl;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Stream;

/** Writes the Java sources of a tree of definitions. */
public final class JavaTree {
  private JavaTree() {}

  /** The sources of the module's definitions and of those that only its tests use. */
  public static void writeBoth(Path main, Path own, Path target, Path test, Path testTarget)
      throws IOException {
    Definitions shipped = new Definitions().addTree(main).addTree(own);
    Definitions testOnly = new Definitions().addTree(test);
    Files.createDirectories(target);
    Files.createDirectories(testTarget);
    write(shipped, shipped, "KnownTypes", target);
    write(
        testOnly,
        new Definitions().addTree(main).addTree(own).addTree(test),
        "KnownTestTypes",
        testTarget);
  }

  /**
   * Makes {@code target} hold the sources of {@code own} and nothing else; files that are right
   * already stay untouched.
   *
   * @param own definitions to write
   * @param all these and those they may refer to
   * @param index name of the class of package saccade.msg that lists them
   */
  static void write(Definitions own, Definitions all, String index, Path target)
      throws IOException {
    JavaNames names = new JavaNames(all);
    Map<Path, String> sources = new HashMap<>();
    Set<String> packages = new HashSet<>();
    for (Definition definition : own.all()) {
      String javaClass = names.javaClass(definition.name());
      sources.put(
          target.resolve(javaClass.replace('.', '/') + ".java"), JavaSource.of(definition, all));
      packages.add(definition.name().substring(0, definition.name().indexOf('/')));
    }
    for (String each : packages) {
      String text =
          "/** Messages of the ROS package {@code "
              + each
              + "}. */\n"
              + "@org.jspecify.annotations.NullMarked\n"
              + "package saccade.msg."
              + each
              + ";\n";
      sources.put(target.resolve("saccade/msg/" + each + "/package-info.java"), text);
    }
    sources.put(target.resolve("saccade/msg/" + index + ".java"), index(own, names, index));
    if (index.equals("KnownTypes")) {
      String text =
          "/** ROS messages as records, generated from the definitions in {@code src/main/ros}. */\n"
              + "@org.jspecify.annotations.NullMarked\n"
              + "package saccade.msg;\n";
      sources.put(target.resolve("saccade/msg/package-info.java"), text);
    }
    for (Map.Entry<Path, String> source : sources.entrySet()) {
      Path file = source.getKey();
      if (!Files.exists(file) || !Files.readString(file).equals(source.getValue())) {
        Files.createDirectories(file.getParent());
        Files.writeString(file, source.getValue());
      }
    }
    try (Stream<Path> present = Files.walk(target)) {
      for (Path file : present.filter(each -> each.toString().endsWith(".java")).toList()) {
        if (!sources.containsKey(file)) {
          Files.delete(file);
        }
      }
    }
  }

  private static String index(Definitions own, JavaNames names, String index) {
    StringBuilder messages = new StringBuilder();
    StringBuilder services = new StringBuilder();
    StringBuilder messageNames = new StringBuilder();
    StringBuilder serviceNames = new StringBuilder();
    for (Definition definition : own.all()) {
      List<Definition.Service> ofFile =
          switch (definition) {
            case Definition.Message message -> List.of();
            case Definition.Service service -> List.of(service);
            case Definition.Action action -> List.of(action.sendGoal(), action.getResult());
          };
      Set<String> selves = new HashSet<>();
      for (Definition.Service service : ofFile) {
        selves.add(service.name());
        entry(service.name(), names, services, serviceNames);
      }
      if (definition instanceof Definition.Action) {
        selves.add(definition.name());
      }
      for (Structure structure : definition.structures()) {
        if (!selves.contains(structure.name())) {
          entry(structure.name(), names, messages, messageNames);
        }
      }
    }
    return """
        package saccade.msg;

        /** The types that are here, by their ROS names. */
        public final class %s {
          private %s() {}

          /** The message of a name such as {@code std_msgs/msg/String}, or null. */
          public static saccade.nodes.cdr.@org.jspecify.annotations.Nullable MessageType<?> message(java.lang.String rosName) {
            return switch (rosName) {
        %s      default -> null;
            };
          }

          /** The service of a name such as {@code std_srvs/srv/SetBool}, or null. */
          public static saccade.nodes.cdr.@org.jspecify.annotations.Nullable ServiceType<?, ?> service(java.lang.String rosName) {
            return switch (rosName) {
        %s      default -> null;
            };
          }

          /** Every name that {@link #message} knows, sorted by file. */
          public static java.util.List<java.lang.String> messageNames() {
            return java.util.List.of(
        %s    );
          }

          /** Every name that {@link #service} knows, sorted by file. */
          public static java.util.List<java.lang.String> serviceNames() {
            return java.util.List.of(
        %s    );
          }
        }
        """
        .formatted(
            index,
            index,
            messages,
            services,
            messageNames.toString().replaceAll(",\n$", "\n"),
            serviceNames.toString().replaceAll(",\n$", "\n"));
  }

  private static void entry(String name, JavaNames names, StringBuilder cases, StringBuilder list) {
    cases
        .append("      case \"")
        .append(name)
        .append("\" -> ")
        .append(names.javaClass(name))
        .append(".TYPE;\n");
    list.append("        \"").append(name).append("\",\n");
  }
}
