package saccade.nodes.rcl;

import static java.lang.foreign.ValueLayout.JAVA_BOOLEAN;
import static java.lang.foreign.ValueLayout.JAVA_BYTE;
import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_LONG;

import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.MemoryLayout;
import java.lang.foreign.MemorySegment;
import java.lang.invoke.MethodHandle;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.MethodType;
import java.util.Collections;
import java.util.HexFormat;

/**
 * A type support for a message type whose package is not installed on the robot, made in memory for
 * rmw_fastrtps_cpp. That middleware wants a name, a size hint and functions that turn C structs
 * into bytes; since we publish and take bytes, those functions are never called and say no if they
 * are. Layouts: rosidl_runtime_c {@code message_type_support_struct.h},
 * rosidl_typesupport_fastrtps_cpp {@code message_type_support.h}, the same from Humble to Kilted.
 * Lives as long as the process, because the middleware keeps pointers into it.
 *
 * <pre>
 *   rosidl_message_type_support_t                          message_type_support_callbacks_t
 *    0 identifier "rosidl_typesupport_fastrtps_c"           0 namespace "pkg::msg"     8 name
 *    8 data ───────────────────────────────────────────►   16 serialize  24 deserialize  32 size
 *   16 func (asked for an identifier)                      40 max size   48 key callbacks (none)
 *   24 hash  32 description  40 sources
 * </pre>
 */
final class MadeTypeSupport {

  private static final String IDENTIFIER = "rosidl_typesupport_fastrtps_c";
  private static final String INTROSPECTION = "rosidl_typesupport_introspection_c";
  private static final String MIDDLEWARE = "rmw_fastrtps_cpp";
  private static final int SUPPORT_BYTES = 48;
  // Seven fields; more room, all null, for what a later version may append.
  private static final int CALLBACKS_BYTES = 128;
  private static final int HASH_BYTES = 33;
  // A type description: name (24 bytes), fields (24), referenced types (24); sources: one sequence
  // (24).
  private static final int DESCRIPTION_BYTES = 128;

  private MadeTypeSupport() {}

  /**
   * Whether one can be made.
   *
   * @param hash {@code RIHS01_...} as the caller knows it; peers are told this
   */
  static boolean possible(String hash) {
    return Rcl.middleware().equals(MIDDLEWARE)
        && (!Rcl.ABI.hasTypeHashes() || hash.matches("RIHS01_[0-9a-f]{64}"));
  }

  /**
   * Makes one.
   *
   * @param parts package, {@code "msg"}, name
   * @return address of a rosidl_message_type_support_t
   */
  static long make(String[] parts, String hash) {
    Arena arena = Arena.global();
    MemorySegment callbacks = arena.allocate(CALLBACKS_BYTES, 8);
    callbacks.set(JAVA_LONG, 0, arena.allocateFrom(parts[0] + "::" + parts[1]).address());
    callbacks.set(JAVA_LONG, 8, arena.allocateFrom(parts[2]).address());
    MethodHandle no = MethodHandles.constant(boolean.class, false);
    long refuses = stub(dropLongs(no, 2), JAVA_BOOLEAN, JAVA_LONG, JAVA_LONG);
    callbacks.set(JAVA_LONG, 16, refuses);
    callbacks.set(JAVA_LONG, 24, refuses);
    callbacks.set(
        JAVA_LONG,
        32,
        stub(dropLongs(MethodHandles.constant(int.class, 0), 1), JAVA_INT, JAVA_LONG));
    callbacks.set(JAVA_LONG, 40, stub(own("maxSerializedSize", 1), JAVA_LONG, JAVA_LONG));

    MemorySegment support = arena.allocate(SUPPORT_BYTES, 8);
    support.set(JAVA_LONG, 0, arena.allocateFrom(IDENTIFIER).address());
    support.set(JAVA_LONG, 8, callbacks.address());
    MethodHandle handle = own("handle", 3);
    long introspection = needsIntrospection() ? introspection(parts).address() : 0;
    handle = MethodHandles.insertArguments(handle, 0, introspection);
    support.set(JAVA_LONG, 16, stub(handle, JAVA_LONG, JAVA_LONG, JAVA_LONG));
    if (Rcl.ABI.hasTypeHashes()) {
      MemorySegment typeHash = arena.allocate(HASH_BYTES, 8);
      typeHash.set(JAVA_BYTE, 0, (byte) 1);
      byte[] digest = HexFormat.of().parseHex(hash.substring("RIHS01_".length()));
      MemorySegment.copy(digest, 0, typeHash, JAVA_BYTE, 1, digest.length);
      MemorySegment description = arena.allocate(DESCRIPTION_BYTES, 8);
      String typeName = String.join("/", parts);
      description.set(JAVA_LONG, 0, arena.allocateFrom(typeName).address());
      description.set(JAVA_LONG, 8, typeName.length());
      description.set(JAVA_LONG, 16, typeName.length() + 1L);
      support.set(JAVA_LONG, 24, answering(typeHash));
      support.set(JAVA_LONG, 32, answering(description));
      support.set(JAVA_LONG, 40, answering(arena.allocate(DESCRIPTION_BYTES, 8)));
    }
    return support.address();
  }

  /**
   * The middleware over Fast DDS 2 (Humble, Jazzy) makes no endpoint without a description of its
   * type, and does not compare it; over Fast DDS 3 it does without, but matches no peer whose
   * description differs.
   */
  private static boolean needsIntrospection() {
    return Libraries.loaded().has("libfastrtps.so");
  }

  /**
   * What the middleware of Humble and Jazzy asks for besides, to describe the type to tools: here a
   * type without members.
   *
   * <pre>
   *   0 namespace   8 name   16 member count   24 size of the C struct   then null
   * </pre>
   */
  private static MemorySegment introspection(String[] parts) {
    Arena arena = Arena.global();
    MemorySegment members = arena.allocate(CALLBACKS_BYTES, 8);
    members.set(JAVA_LONG, 0, arena.allocateFrom(parts[0] + "__" + parts[1]).address());
    members.set(JAVA_LONG, 8, arena.allocateFrom(parts[2]).address());
    MemorySegment support = arena.allocate(SUPPORT_BYTES, 8);
    support.set(JAVA_LONG, 0, arena.allocateFrom(INTROSPECTION).address());
    support.set(JAVA_LONG, 8, members.address());
    return support;
  }

  /**
   * {@code rosidl_message_typesupport_handle_function}: the type support of that identifier. Called
   * from C.
   */
  @SuppressWarnings("unused") // through own
  private static long handle(long introspection, long self, long identifier) {
    return switch (Rcl.string(identifier)) {
      case IDENTIFIER -> self;
      case INTROSPECTION -> introspection;
      default -> 0;
    };
  }

  /**
   * A size hint of nothing, and that it is one: {@code bounds_info} 0 is an unbounded type. Called
   * from C.
   */
  @SuppressWarnings("unused") // through own
  private static long maxSerializedSize(long boundsInfo) {
    MemorySegment.ofAddress(boundsInfo).reinterpret(1).set(JAVA_BYTE, 0, (byte) 0);
    return 0;
  }

  /** A C function of the type support itself that answers with an address. */
  private static long answering(MemorySegment answer) {
    return stub(
        dropLongs(MethodHandles.constant(long.class, answer.address()), 1), JAVA_LONG, JAVA_LONG);
  }

  private static MethodHandle dropLongs(MethodHandle handle, int count) {
    for (int i = 0; i < count; i++) {
      handle = MethodHandles.dropArguments(handle, 0, long.class);
    }
    return handle;
  }

  private static MethodHandle own(String name, int longs) {
    try {
      return MethodHandles.lookup()
          .findStatic(
              MadeTypeSupport.class,
              name,
              MethodType.methodType(long.class, Collections.nCopies(longs, (Class<?>) long.class)));
    } catch (ReflectiveOperationException e) {
      throw new IllegalStateException(e);
    }
  }

  private static long stub(MethodHandle handle, MemoryLayout result, MemoryLayout... arguments) {
    return Linker.nativeLinker()
        .upcallStub(handle, FunctionDescriptor.of(result, arguments), Arena.global())
        .address();
  }
}
