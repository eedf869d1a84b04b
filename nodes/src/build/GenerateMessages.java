import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URL;
import java.net.URLClassLoader;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.stream.Stream;
import javax.tools.ToolProvider;

/**
 * Build step before javac, run as {@code java GenerateMessages.java MODULE_FOLDER}: when a definition or the generator has
 * changed, compiles the generator (package saccade.nodes.idl, which needs only the JDK) aside and runs it. Stands outside
 * src/main/java because the source launcher would read the module descriptor there.
 */
final class GenerateMessages {
  public static void main(String[] args) throws Exception {
    Path module = Path.of(args[0]);
    Path idl = module.resolve("src/main/java/saccade/nodes/idl");
    Path main = module.resolve("src/main/ros");
    Path own = module.resolve("../launch/ros/saccade_msgs");
    Path test = module.resolve("src/test/ros");
    Path target = module.resolve("target/generated-sources/ros");
    Path testTarget = module.resolve("target/generated-test-sources/ros");
    Path stamp = target.resolve("made-of");
    String inputs = digest(List.of(idl, main, own, test));
    if (Files.exists(stamp) && Files.readString(stamp).equals(inputs) && Files.isDirectory(testTarget)) {
      return;
    }
    Path classes = Files.createDirectories(module.resolve("target/generator-classes"));
    List<String> javac = new ArrayList<>(List.of("-proc:none", "-nowarn", "-implicit:none", "-d", classes.toString()));
    for (Path file : files(idl)) {
      // package-info names an annotation of a library; nothing else there may need one.
      if (file.toString().endsWith(".java") && !file.endsWith("package-info.java")) {
        javac.add(file.toString());
      }
    }
    if (ToolProvider.getSystemJavaCompiler().run(null, System.err, System.err, javac.toArray(String[]::new)) != 0) {
      throw new IllegalStateException("the generator of messages does not compile, see above");
    }
    try (URLClassLoader loader = new URLClassLoader(new URL[] {classes.toUri().toURL()})) {
      loader
          .loadClass("saccade.nodes.idl.JavaTree")
          .getMethod("writeBoth", Path.class, Path.class, Path.class, Path.class, Path.class)
          .invoke(null, main, own, target, test, testTarget);
    }
    Files.writeString(stamp, inputs);
  }

  private static String digest(List<Path> roots) throws Exception {
    MessageDigest digest = MessageDigest.getInstance("SHA-256");
    for (Path root : roots) {
      for (Path file : files(root)) {
        digest.update(root.relativize(file).toString().getBytes("UTF-8"));
        digest.update(Files.readAllBytes(file));
      }
    }
    return HexFormat.of().formatHex(digest.digest());
  }

  private static List<Path> files(Path root) {
    try (Stream<Path> all = Files.walk(root)) {
      return all.filter(Files::isRegularFile).sorted().toList();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
