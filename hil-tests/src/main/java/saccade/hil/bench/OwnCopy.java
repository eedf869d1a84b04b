package saccade.hil.bench;

import java.io.File;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.StringJoiner;
import java.util.stream.Stream;
import saccade.hil.report.Machine;
import saccade.nodes.run.ProjectHome;
import saccade.realtime.os.FileCache;

/**
 * The whole program once more, in a folder of its own: runtime image, class path, what the launcher
 * has prepared for starts, model and launch files. The kernel does not drop pages that any process
 * has mapped, and the JDK and the libraries of this bench are mapped by this bench; nobody but the
 * program that is started has these.
 */
final class OwnCopy implements AutoCloseable {
  /** Not needed to run: sources and the stubs of older releases. */
  private static final List<String> NOT_RUN = List.of("src.zip", "ct.sym");

  /** Flags of the launcher that name what it has prepared: a folder, and an archive in it. */
  private static final String PREPARED = "-Dsaccade.prepared=";

  private static final String CLASSES = "-XX:SharedArchiveFile=";

  private final Path folder;
  private final Map<String, List<Path>> files = new LinkedHashMap<>(); // by part
  private final List<String> classPath = new ArrayList<>();
  private final List<String> flags = new ArrayList<>();

  private OwnCopy(Path folder) {
    this.folder = folder;
  }

  /**
   * Copies.
   *
   * @param beside a folder on a disk; the copy gets one below it
   */
  static OwnCopy make(Path beside) throws IOException {
    OwnCopy copy = new OwnCopy(Files.createTempDirectory(beside, "start-"));
    try {
      Path java = Path.of(System.getProperty("java.home"));
      for (String part : List.of("bin/java", "lib", "conf", "release")) {
        copy.add("runtime image", java.resolve(part), copy.folder.resolve("java").resolve(part));
      }
      for (String part : System.getProperty("java.class.path").split(File.pathSeparator, -1)) {
        Path from = Path.of(part);
        String name = String.valueOf(from.getFileName());
        boolean rival = name.startsWith("opencv-") || name.startsWith("openblas-");
        if (!part.isEmpty() && Files.exists(from) && !rival) {
          // Beside one another as they are: the archive of classes goes by that, too.
          Path whole = from.toAbsolutePath().normalize();
          Path to = copy.folder.resolve("libraries").resolve(whole.getRoot().relativize(whole));
          copy.add("libraries", from, to);
          copy.classPath.add(to.toString());
        }
      }
      copy.flags();
      Path home = Machine.home();
      copy.add(
          "model",
          home.resolve("perception-mllm/models"),
          copy.folder.resolve("perception-mllm/models"));
      copy.add("launch files", home.resolve("launch"), copy.folder.resolve("launch"));
      return copy;
    } catch (IOException | RuntimeException e) {
      copy.close();
      throw e;
    }
  }

  /** Those of this process, with the copy's root and the copy of what is prepared. */
  private void flags() throws IOException {
    for (String word : ManagementFactory.getRuntimeMXBean().getInputArguments()) {
      if (word.startsWith(PREPARED)) {
        Path to = folder.resolve("prepared");
        add("prepared", Path.of(word.substring(PREPARED.length())), to);
        flags.add(PREPARED + to);
      } else if (word.startsWith(CLASSES)) {
        Path archive = Path.of(word.substring(CLASSES.length()));
        flags.add(CLASSES + folder.resolve("prepared").resolve(archive.getFileName()));
      } else if (!word.startsWith("-D" + ProjectHome.PROPERTY + "=")) {
        flags.add(word);
      }
    }
    flags.add("-D" + ProjectHome.PROPERTY + "=" + folder);
  }

  private void add(String part, Path from, Path to) throws IOException {
    if (!Files.exists(from)) {
      return;
    }
    List<Path> copied = files.computeIfAbsent(part, key -> new ArrayList<>());
    try (Stream<Path> all = Files.walk(from)) {
      for (Path source : all.toList()) {
        Path target = to.resolve(from.relativize(source).toString());
        if (Files.isDirectory(source)) {
          Files.createDirectories(target);
        } else if (Files.isReadable(source)
            && !NOT_RUN.contains(String.valueOf(source.getFileName()))) {
          Files.createDirectories(target.getParent());
          // With its time: the archive of shared classes holds the image's against its own.
          Files.copy(source, target, StandardCopyOption.COPY_ATTRIBUTES);
          copied.add(target);
        }
      }
    }
  }

  /** Launcher of its virtual machine. */
  Path java() {
    return folder.resolve("java/bin/java");
  }

  /** Flags of its virtual machine: this one's, with the copy as root. */
  List<String> virtualMachineFlags() {
    return List.copyOf(flags);
  }

  String classPath() {
    return String.join(File.pathSeparator, classPath);
  }

  private List<Path> all() {
    return files.values().stream().flatMap(List::stream).toList();
  }

  /** Bytes of all its files. */
  long bytes() throws IOException {
    return bytes(all());
  }

  private static long bytes(List<Path> some) throws IOException {
    long sum = 0;
    for (Path file : some) {
      sum += Files.size(file);
    }
    return sum;
  }

  /** Bytes of it in the file cache; -1 where nobody can say. */
  long cachedBytes() throws IOException {
    long sum = 0;
    for (Path file : all()) {
      long cached = FileCache.cachedBytes(file);
      if (cached < 0) {
        return -1;
      }
      sum += cached;
    }
    return sum;
  }

  /** Puts all of it out of the file cache; files that the kernel agreed to drop. */
  int evict() {
    return FileCache.evict(all());
  }

  /** Parts with their sizes, for people. */
  String parts() throws IOException {
    StringJoiner words = new StringJoiner(", ");
    for (Map.Entry<String, List<Path>> part : files.entrySet()) {
      words.add(
          String.format(
              Locale.ROOT,
              "%s %.1f MB in %d files",
              part.getKey(),
              bytes(part.getValue()) * 1e-6,
              part.getValue().size()));
    }
    return words.toString();
  }

  /** Files that a process has mapped and that are not of this copy. */
  List<Path> foreign(Iterable<String> maps) {
    List<Path> found = new ArrayList<>();
    for (String line : maps) {
      int at = line.indexOf('/');
      Path file = at < 0 ? null : Path.of(line.substring(at));
      if (file != null
          && !file.startsWith(folder)
          && !found.contains(file)
          && Files.isRegularFile(file, LinkOption.NOFOLLOW_LINKS)) {
        found.add(file);
      }
    }
    found.sort(null);
    return found;
  }

  /** Libraries that a process took out of a jar, mapped and deleted: written, not read. */
  static List<String> unpacked(Iterable<String> maps) {
    List<String> found = new ArrayList<>();
    for (String line : maps) {
      int at = line.indexOf('/');
      if (at >= 0 && line.endsWith(".so (deleted)")) {
        String name = line.substring(line.lastIndexOf('/') + 1, line.lastIndexOf(' '));
        if (!found.contains(name)) {
          found.add(name);
        }
      }
    }
    return found;
  }

  @Override
  public void close() throws IOException {
    try (Stream<Path> all = Files.walk(folder)) {
      for (Path file : all.sorted(Comparator.reverseOrder()).toList()) {
        Files.delete(file);
      }
    }
  }
}
