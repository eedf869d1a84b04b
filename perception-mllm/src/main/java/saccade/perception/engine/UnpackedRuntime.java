package saccade.perception.engine;

import ai.onnxruntime.OrtEnvironment;
import java.io.IOException;
import java.io.InputStream;
import java.net.JarURLConnection;
import java.net.URL;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.ArrayList;
import java.util.List;
import java.util.jar.JarEntry;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * ONNX Runtime's native libraries, unpacked once. Its Java API takes them out of its jar at every
 * start, 28 MB in a fifth of a second. Where the launcher names a folder for such things ({@value
 * #FOLDER}) they are kept there, under the checksums that they have in the jar: another jar finds
 * nothing of this one. Whatever stands against it, the Java API does as it always does.
 */
final class UnpackedRuntime {
  /** System property: a folder of the installation, for what is made once. */
  static final String FOLDER = "saccade.prepared";

  /** System property of the Java API: where its libraries lie. Whoever sets it knows better. */
  private static final String PATH = "onnxruntime.native.path";

  private static final String IN_JAR = "/ai/onnxruntime/native/";
  private static final List<String> LIBRARIES = List.of("onnxruntime", "onnxruntime4j_jni");

  /** Of the builds for GPUs, which unpack more as they need it. */
  private static final String PROVIDERS = "onnxruntime_providers_shared";

  private UnpackedRuntime() {}

  /** Set-up, before anything of the Java API is used. */
  static void use() {
    String folder = System.getProperty(FOLDER);
    if (folder == null || System.getProperty(PATH) != null) {
      return;
    }
    Path libraries = in(Path.of(folder));
    if (libraries != null) {
      System.setProperty(PATH, libraries.toString());
    }
  }

  /**
   * The libraries of this platform in a folder; unpacked into it where they are not there yet.
   *
   * @return their folder; null where the Java API had better unpack them itself: the folder is not
   *     there or cannot be written, what lies in it is not whole, or this build has more libraries
   */
  static @Nullable Path in(Path folder) {
    try {
      List<JarEntry> entries = new ArrayList<>();
      StringBuilder name = new StringBuilder("onnxruntime");
      for (String library : LIBRARIES) {
        URL url = resource(library);
        if (url == null || !(url.openConnection() instanceof JarURLConnection jar)) {
          return null;
        }
        JarEntry entry = jar.getJarEntry();
        entries.add(entry);
        name.append(String.format("-%08x", entry.getCrc()));
      }
      if (resource(PROVIDERS) != null || !Files.isDirectory(folder)) {
        return null;
      }
      Path whole = folder.resolve(name.toString());
      if (!Files.exists(whole)) {
        unpack(folder, whole);
      }
      for (int i = 0; i < LIBRARIES.size(); i++) {
        if (Files.size(whole.resolve(file(LIBRARIES.get(i)))) != entries.get(i).getSize()) {
          return null;
        }
      }
      return whole;
    } catch (IOException e) {
      return null;
    }
  }

  private static void unpack(Path folder, Path whole) throws IOException {
    // Open to all, where a service of another user runs what root has installed.
    Path part = Files.createDirectory(folder.resolve("unpacking-" + ProcessHandle.current().pid()));
    try {
      for (String library : LIBRARIES) {
        URL url = resource(library);
        if (url != null) {
          try (InputStream in = url.openStream()) {
            Files.copy(in, part.resolve(file(library)));
          }
        }
      }
      Files.move(part, whole, StandardCopyOption.ATOMIC_MOVE);
    } catch (FileSystemException e) {
      if (!Files.exists(whole)) { // another start was quicker
        throw e;
      }
    } finally {
      remove(part);
    }
  }

  private static void remove(Path part) throws IOException {
    if (Files.exists(part)) {
      try (Stream<Path> files = Files.list(part)) {
        for (Path file : files.toList()) {
          Files.delete(file);
        }
      }
      Files.delete(part);
    }
  }

  private static String file(String library) {
    return System.mapLibraryName(library);
  }

  /** Where a library of this platform lies in the jar; null where it has none. */
  private static @Nullable URL resource(String library) {
    String cpu = System.getProperty("os.arch", "").equals("aarch64") ? "aarch64" : "x64";
    return System.getProperty("os.name", "").equals("Linux")
        ? OrtEnvironment.class.getResource(IN_JAR + "linux-" + cpu + "/" + file(library))
        : null;
  }
}
