package saccade.nodes.rcl;

import static java.lang.foreign.ValueLayout.ADDRESS;
import static java.lang.foreign.ValueLayout.JAVA_BOOLEAN;
import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_LONG;

import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.MemoryLayout;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.SymbolLookup;
import java.lang.invoke.MethodHandle;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import org.jspecify.annotations.Nullable;
import saccade.nodes.ros.RosFault;

/**
 * The shared libraries of the sourced distro that were opened, for the life of the process: librcl
 * and its neighbours keep state of their own and must not be unloaded. Set-up only.
 */
final class Libraries {

  private static volatile @Nullable Libraries loaded;

  private final RclEnvironment environment;
  private final List<SymbolLookup> opened = new ArrayList<>();
  private final Map<String, SymbolLookup> typeLibraries = new ConcurrentHashMap<>();

  /** Layouts of this distro. */
  final RclAbi abi;

  private Libraries(RclEnvironment environment) {
    this.environment = environment;
    // Before librcl: it ends the process when it is loaded and the middleware asked for is not
    // there.
    String rmw = environment.rmw().isEmpty() ? "rmw_fastrtps_cpp" : environment.rmw();
    if (!environment.rmw().isEmpty()) {
      environment.library("lib" + rmw + ".so");
    }
    opened.add(open("librcutils.so"));
    opened.add(open("librcl.so"));
    opened.add(open("librmw.so"));
    // Robots have the dispatching library; an install with one middleware may link it directly.
    boolean dispatching = environment.find("librmw_implementation.so") != null;
    opened.add(open(dispatching ? "librmw_implementation.so" : "lib" + rmw + ".so"));
    RclAbi probed =
        find("rcl_wait_for_clients").isPresent()
            ? RclAbi.LYRICAL
            : find("rcl_count_clients").isPresent() ? RclAbi.JAZZY : RclAbi.HUMBLE;
    abi = RclAbi.of(environment.distro(), probed);
  }

  /**
   * Opens the libraries, or answers with those opened before: a process has one distro.
   *
   * @throws RosFault when one is missing, cannot be opened, or belongs to a distro we do not know
   */
  static synchronized Libraries load(RclEnvironment environment) {
    Libraries before = loaded;
    if (before != null) {
      return before;
    }
    Libraries now = new Libraries(environment);
    loaded = now;
    return now;
  }

  /** The libraries opened by {@link #load}. */
  static Libraries loaded() {
    Libraries now = loaded;
    if (now == null) {
      throw new RosFault("librcl is not loaded: RclTransport.open comes first");
    }
    return now;
  }

  /** {@code ROS_DISTRO}, or the family's name where it is not set. */
  String distro() {
    return environment.distro().isEmpty()
        ? "(family " + abi.name().toLowerCase(java.util.Locale.ROOT) + ")"
        : environment.distro();
  }

  private SymbolLookup open(String fileName) {
    Path path = environment.library(fileName);
    try {
      return SymbolLookup.libraryLookup(path, Arena.global());
    } catch (IllegalArgumentException e) {
      throw new RosFault(
          path
              + " cannot be opened ("
              + loaderError(path)
              + "): is LD_LIBRARY_PATH that of the sourced distro, set before the JVM started?",
          e);
    }
  }

  /** What the dynamic loader says, which the JDK's exception leaves out. */
  private static String loaderError(Path path) {
    Linker linker = Linker.nativeLinker();
    Optional<MemorySegment> dlopen = linker.defaultLookup().find("dlopen");
    Optional<MemorySegment> dlerror = linker.defaultLookup().find("dlerror");
    if (dlopen.isEmpty() || dlerror.isEmpty()) {
      return "no reason known";
    }
    try (Arena arena = Arena.ofConfined()) {
      int lazy = 1;
      MethodHandle open =
          linker.downcallHandle(dlopen.get(), FunctionDescriptor.of(ADDRESS, ADDRESS, JAVA_INT));
      MethodHandle error = linker.downcallHandle(dlerror.get(), FunctionDescriptor.of(ADDRESS));
      MemorySegment handle =
          (MemorySegment) open.invokeExact(arena.allocateFrom(path.toString()), lazy);
      if (handle.address() != 0) {
        return "the loader opened it the second time";
      }
      MemorySegment text = (MemorySegment) error.invokeExact();
      return text.address() == 0 ? "no reason given" : text.reinterpret(4096).getString(0);
    } catch (Throwable t) {
      return "no reason known: " + t;
    }
  }

  /** A symbol of the opened libraries. */
  Optional<MemorySegment> find(String symbol) {
    for (SymbolLookup library : opened) {
      Optional<MemorySegment> found = library.find(symbol);
      if (found.isPresent()) {
        return found;
      }
    }
    return Optional.empty();
  }

  /**
   * A function.
   *
   * @throws RosFault when no library has it
   */
  MethodHandle handle(String symbol, FunctionDescriptor descriptor) {
    MemorySegment address =
        find(symbol)
            .orElseThrow(
                () ->
                    new RosFault(
                        "function "
                            + symbol
                            + " is missing in librcl and its neighbours of "
                            + environment.library("librcl.so").getParent()));
    return Linker.nativeLinker().downcallHandle(address, descriptor);
  }

  /** A function of {@code count} pointers or 64-bit integers that returns a return code. */
  MethodHandle pointers(String symbol, int count) {
    MemoryLayout[] arguments = new MemoryLayout[count];
    Arrays.fill(arguments, JAVA_LONG);
    return handle(symbol, FunctionDescriptor.of(JAVA_INT, arguments));
  }

  /** {@code rcl_*_event_init}: event, endpoint, kind. */
  MethodHandle event(String symbol) {
    return handle(symbol, FunctionDescriptor.of(JAVA_INT, JAVA_LONG, JAVA_LONG, JAVA_INT));
  }

  /** {@code rcl_get_*_info_by_topic}: node, allocator, topic, no mangling, out. */
  MethodHandle endpoints(String symbol) {
    return handle(
        symbol,
        FunctionDescriptor.of(JAVA_INT, JAVA_LONG, JAVA_LONG, JAVA_LONG, JAVA_BOOLEAN, JAVA_LONG));
  }

  /** Whether the message package is installed. */
  boolean hasTypes(String packageName) {
    return has("lib" + packageName + "__rosidl_typesupport_c.so");
  }

  /** Whether a library is installed. */
  boolean has(String fileName) {
    return environment.find(fileName) != null;
  }

  /**
   * A symbol of a message package's own library.
   *
   * @param kind {@code "rosidl_typesupport_c"} or {@code "rosidl_generator_c"}
   * @throws RosFault when the package is not installed, or lacks the type
   */
  MemorySegment typeSymbol(String typeName, String packageName, String kind, String symbol) {
    String fileName = "lib" + packageName + "__" + kind + ".so";
    SymbolLookup library = typeLibraries.get(fileName);
    if (library == null) {
      if (environment.find(fileName) == null) {
        throw new RosFault(
            "type "
                + typeName
                + ": package "
                + packageName
                + " is not installed in the sourced "
                + distro()
                + " ("
                + fileName
                + " is in no library folder); build or install it and source it, or use the Zenoh transport, which"
                + " needs none");
      }
      library = open(fileName);
      typeLibraries.put(fileName, library);
    }
    return library
        .find(symbol)
        .orElseThrow(
            () ->
                new RosFault(
                    "type "
                        + typeName
                        + ": the installed package "
                        + packageName
                        + " has no such type ("
                        + symbol
                        + " is not in "
                        + fileName
                        + ")"));
  }
}
