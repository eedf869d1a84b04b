package saccade.nodes.rcl;

import static java.lang.foreign.ValueLayout.ADDRESS;
import static java.lang.foreign.ValueLayout.JAVA_BYTE;
import static java.lang.foreign.ValueLayout.JAVA_LONG;

import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.MemorySegment;
import java.lang.invoke.MethodHandle;
import java.util.HexFormat;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.regex.Pattern;
import saccade.nodes.ros.RosFault;

/**
 * What the robot's own libraries know of a type: the pointer that rcl wants. Set-up only; lives as
 * long as the process.
 *
 * @param typeName {@code sensor_msgs/msg/Image}
 * @param address rosidl_message_type_support_t or rosidl_service_type_support_t
 * @param hash {@code RIHS01_...}; empty on Humble, which has none
 */
record TypeSupport(String typeName, long address, String hash) {

  private static final Pattern TYPE_NAME =
      Pattern.compile("([a-z][a-z0-9_]*)/(msg|srv|action)/([A-Za-z][A-Za-z0-9_]*)");
  private static final Map<String, TypeSupport> MESSAGES = new ConcurrentHashMap<>();
  private static final Map<String, TypeSupport> MADE = new ConcurrentHashMap<>();
  private static final Map<String, TypeSupport> SERVICES = new ConcurrentHashMap<>();
  private static final Map<String, Struct> STRUCTS = new ConcurrentHashMap<>();
  private static final int MESSAGE_HASH_FUNCTION = 24;
  private static final int SERVICE_HASH_FUNCTION = 64;
  private static final int TYPE_HASH_BYTES = 33;

  /**
   * Looks a message type up; where its package is not installed and the middleware allows, one is
   * made.
   *
   * @param hash what the caller knows of it; empty if nothing
   * @throws RosFault when its package is not installed
   */
  static TypeSupport message(String typeName, String hash) {
    String[] parts = parts(typeName);
    if (!Libraries.loaded().hasTypes(parts[0]) && MadeTypeSupport.possible(hash)) {
      return MADE.computeIfAbsent(
          typeName + " " + hash,
          key ->
              new TypeSupport(
                  typeName,
                  MadeTypeSupport.make(parts, hash),
                  Rcl.ABI.hasTypeHashes() ? hash : ""));
    }
    return message(typeName);
  }

  private static TypeSupport message(String typeName) {
    return MESSAGES.computeIfAbsent(typeName, name -> find(name, "message", MESSAGE_HASH_FUNCTION));
  }

  /**
   * Looks a service type up.
   *
   * @throws RosFault when its package is not installed
   */
  static TypeSupport service(String typeName) {
    return SERVICES.computeIfAbsent(typeName, name -> find(name, "service", SERVICE_HASH_FUNCTION));
  }

  private static TypeSupport find(String typeName, String what, int hashFunction) {
    String[] parts = parts(typeName);
    String symbol =
        "rosidl_typesupport_c__get_%s_type_support_handle__%s"
            .formatted(what, String.join("__", parts));
    MemorySegment getter =
        Libraries.loaded().typeSymbol(typeName, parts[0], "rosidl_typesupport_c", symbol);
    long address = pointer(getter);
    if (address == 0) {
      throw new RosFault(
          "type " + typeName + ": its library has no type support for " + Rcl.middleware());
    }
    return new TypeSupport(
        typeName, address, Rcl.ABI.hasTypeHashes() ? hash(address, hashFunction) : "");
  }

  private static String hash(long address, int functionOffset) {
    MemorySegment support = MemorySegment.ofAddress(address).reinterpret(functionOffset + 8);
    MemorySegment function = support.get(ADDRESS, functionOffset);
    if (function.address() == 0) {
      return "";
    }
    try {
      MethodHandle call =
          Linker.nativeLinker()
              .downcallHandle(function, FunctionDescriptor.of(JAVA_LONG, JAVA_LONG));
      long hash = (long) call.invokeExact(address);
      return hash == 0 ? "" : readHash(MemorySegment.ofAddress(hash).reinterpret(TYPE_HASH_BYTES));
    } catch (Throwable t) {
      throw new IllegalStateException(t);
    }
  }

  /** A rosidl_type_hash_t as text; empty when not set. */
  static String readHash(MemorySegment at) {
    int version = at.get(JAVA_BYTE, 0);
    return version == 0
        ? ""
        : "RIHS%02d_".formatted(version)
            + HexFormat.of().formatHex(at.asSlice(1, 32).toArray(JAVA_BYTE));
  }

  private static String[] parts(String typeName) {
    var match = TYPE_NAME.matcher(typeName);
    if (!match.matches()) {
      throw new RosFault("type '" + typeName + "': wanted a name such as sensor_msgs/msg/Image");
    }
    return new String[] {match.group(1), match.group(2), match.group(3)};
  }

  private static long pointer(MemorySegment function) {
    try {
      MethodHandle call =
          Linker.nativeLinker().downcallHandle(function, FunctionDescriptor.of(JAVA_LONG));
      return (long) call.invokeExact();
    } catch (Throwable t) {
      throw new IllegalStateException(t);
    }
  }

  /**
   * Makes and destroys C structs of one message type; rmw's own (de)serialisation fills them, so no
   * layout is needed.
   *
   * @param support of the message
   */
  record Struct(TypeSupport support, MethodHandle create, MethodHandle destroy) {

    /**
     * Looks up the request or response of a service.
     *
     * @param part {@code "Request"} or {@code "Response"}
     */
    static Struct of(String serviceTypeName, String part) {
      return STRUCTS.computeIfAbsent(serviceTypeName + "_" + part, Struct::find);
    }

    private static Struct find(String messageTypeName) {
      TypeSupport support = message(messageTypeName);
      String[] parts = parts(support.typeName());
      String stem = String.join("__", parts);
      Libraries libraries = Libraries.loaded();
      Linker linker = Linker.nativeLinker();
      return new Struct(
          support,
          linker.downcallHandle(
              libraries.typeSymbol(
                  support.typeName(), parts[0], "rosidl_generator_c", stem + "__create"),
              FunctionDescriptor.of(JAVA_LONG)),
          linker.downcallHandle(
              libraries.typeSymbol(
                  support.typeName(), parts[0], "rosidl_generator_c", stem + "__destroy"),
              FunctionDescriptor.ofVoid(JAVA_LONG)));
    }

    /** A new struct with default values; {@link #free} it. */
    long allocate() {
      try {
        long struct = (long) create.invokeExact();
        if (struct == 0) {
          throw new RosFault("type " + support.typeName() + ": out of memory");
        }
        return struct;
      } catch (RuntimeException | Error e) {
        throw e;
      } catch (Throwable t) {
        throw new IllegalStateException(t);
      }
    }

    /** Frees a struct of {@link #allocate}. */
    void free(long struct) {
      try {
        destroy.invokeExact(struct);
      } catch (RuntimeException | Error e) {
        throw e;
      } catch (Throwable t) {
        throw new IllegalStateException(t);
      }
    }
  }
}
