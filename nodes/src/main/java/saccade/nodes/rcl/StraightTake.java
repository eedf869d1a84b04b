package saccade.nodes.rcl;

import static java.lang.foreign.ValueLayout.JAVA_BOOLEAN;
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
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import org.jspecify.annotations.Nullable;

/**
 * Takes large messages out of Fast DDS with one copy. rmw_fastrtps_cpp takes serialized messages
 * with two, the first into a buffer that it allocates for each message; typed messages it hands to
 * the deserializer of their type support where they lie. So a subscription of a large type gets the
 * installed type support with another deserializer: ours copies the bytes as they are.
 *
 * <p>Bytes are asked for through Fast CDR's own methods ({@code get_buffer_pointer}, {@code jump},
 * {@code get_serialized_data_length}), so no layout of its classes is needed. Where one of them is
 * missing, or the middleware is another, messages are taken as before. {@code
 * -Dsaccade.rcl.straight=false} does so everywhere.
 *
 * <pre>
 *   rcl_take ─► rmw ─► DataReader::take ─► cdr_deserialize(Cdr over the payload, -) ─► SerializedMessage
 * </pre>
 */
final class StraightTake {
  private static final String MIDDLEWARE = "rmw_fastrtps_cpp";
  private static final String FAST = "rosidl_typesupport_fastrtps_c";
  private static final String INTROSPECTION = "rosidl_typesupport_introspection_c";
  // Where two copies more weigh more than a call from C into Java.
  private static final java.util.Set<String> LARGE =
      java.util.Set.of(
          "sensor_msgs/msg/Image",
          "sensor_msgs/msg/CompressedImage",
          "sensor_msgs/msg/PointCloud2");
  private static final int SUPPORT_BYTES = 48;
  private static final int SUPPORT_DATA = 8;
  private static final int SUPPORT_FUNCTION = 16;
  // Seven fields since Jazzy; see MadeTypeSupport.
  private static final int CALLBACKS_BYTES = 56;
  private static final int CALLBACKS_DESERIALIZE = 24;
  private static final long LONGEST_STEP = 1L << 31;

  /** Where the message under way on this thread goes. */
  private static final ThreadLocal<SerializedMessage> TARGET = new ThreadLocal<>();

  private static final Map<String, Optional<TypeSupport>> MADE = new ConcurrentHashMap<>();
  private static final @Nullable MethodHandle BUFFER =
      method("_ZN8eprosima7fastcdr3Cdr18get_buffer_pointerEv", JAVA_LONG, JAVA_LONG);
  private static final @Nullable MethodHandle JUMP =
      method("_ZN8eprosima7fastcdr3Cdr4jumpEm", JAVA_BOOLEAN, JAVA_LONG, JAVA_LONG);
  private static final @Nullable MethodHandle LENGTH =
      method("_ZNK8eprosima7fastcdr3Cdr26get_serialized_data_lengthEv", JAVA_LONG, JAVA_LONG);

  private StraightTake() {}

  private static @Nullable MethodHandle method(
      String symbol, MemoryLayout result, MemoryLayout... arguments) {
    return Libraries.loaded()
        .find(symbol)
        .map(
            at ->
                Linker.nativeLinker().downcallHandle(at, FunctionDescriptor.of(result, arguments)))
        .orElse(null);
  }

  /**
   * The type support with which messages of this type are taken straight; null where that cannot
   * be. Set-up only.
   */
  static @Nullable TypeSupport of(TypeSupport installed) {
    if (!LARGE.contains(installed.typeName())
        || !Rcl.middleware().equals(MIDDLEWARE)
        || !Rcl.ABI.hasTypeHashes()
        || BUFFER == null
        || JUMP == null
        || LENGTH == null
        || !Boolean.parseBoolean(System.getProperty("saccade.rcl.straight", "true"))) {
      return null;
    }
    return MADE.computeIfAbsent(
            installed.typeName() + " " + installed.address(),
            key -> Optional.ofNullable(make(installed)))
        .orElse(null);
  }

  private static @Nullable TypeSupport make(TypeSupport installed) {
    MemorySegment outer = MemorySegment.ofAddress(installed.address()).reinterpret(SUPPORT_BYTES);
    long fast = ask(outer, FAST);
    if (fast == 0) {
      return null;
    }
    MemorySegment inner = MemorySegment.ofAddress(fast).reinterpret(SUPPORT_BYTES);
    Arena arena = Arena.global(); // the middleware keeps pointers into it
    MemorySegment callbacks =
        copy(arena, MemorySegment.ofAddress(inner.get(JAVA_LONG, SUPPORT_DATA)), CALLBACKS_BYTES);
    callbacks.set(
        JAVA_LONG,
        CALLBACKS_DESERIALIZE,
        stub(own("deserialize", boolean.class, 2), JAVA_BOOLEAN, 2));
    MemorySegment ours = copy(arena, inner, SUPPORT_BYTES);
    ours.set(JAVA_LONG, SUPPORT_DATA, callbacks.address());
    MemorySegment handle = copy(arena, outer, SUPPORT_BYTES);
    // Asked for before: what C asks later comes from our memory, in whatever thread.
    MethodHandle answer =
        MethodHandles.insertArguments(
            own("handle", long.class, 4), 0, ours.address(), ask(outer, INTROSPECTION));
    handle.set(JAVA_LONG, SUPPORT_FUNCTION, stub(answer, JAVA_LONG, 2));
    return new TypeSupport(installed.typeName(), handle.address(), installed.hash());
  }

  private static MemorySegment copy(Arena arena, MemorySegment from, int bytes) {
    return arena.allocate(bytes, 8).copyFrom(from.reinterpret(bytes));
  }

  /** The type support of that identifier that an installed one knows; 0 for none. */
  private static long ask(MemorySegment support, String identifier) {
    MethodHandle function =
        Linker.nativeLinker()
            .downcallHandle(
                MemorySegment.ofAddress(support.get(JAVA_LONG, SUPPORT_FUNCTION)),
                FunctionDescriptor.of(JAVA_LONG, JAVA_LONG, JAVA_LONG));
    try (Arena own = Arena.ofConfined()) {
      long found =
          (long) function.invokeExact(support.address(), own.allocateFrom(identifier).address());
      if (found == 0) {
        Rcl.forgetError();
      }
      return found;
    } catch (RuntimeException | Error e) {
      throw e;
    } catch (Throwable t) {
      throw new IllegalStateException(t);
    }
  }

  /**
   * Takes the next message of a subscription into {@code into}; the code that rcl gives. Hot path.
   */
  static int take(long subscription, SerializedMessage into, long info) {
    TARGET.set(into);
    // The struct that would be filled is none: our deserializer does not look at it.
    return Rcl.call(Rcl.TAKE, subscription, subscription, info, 0);
  }

  /** {@code cdr_deserialize}. Called from C. */
  @SuppressWarnings("unused") // through own
  private static boolean deserialize(long cdr, long message) {
    try {
      SerializedMessage into = TARGET.get();
      if (into == null || BUFFER == null || JUMP == null || LENGTH == null) {
        return false; // somebody else's rcl_take
      }
      long start = (long) BUFFER.invokeExact(cdr);
      // To the end, by halves: how much is left nobody says.
      for (long step = LONGEST_STEP; step > 0; step >>= 1) {
        boolean unused = (boolean) JUMP.invokeExact(cdr, step);
      }
      into.fill(start, (long) LENGTH.invokeExact(cdr));
      return true;
    } catch (Throwable t) {
      return false; // nothing may be thrown into C; rcl says that nothing was taken
    }
  }

  /** {@code rosidl_message_typesupport_handle_function}. Called from C. */
  @SuppressWarnings("unused") // through own
  private static long handle(long ours, long introspection, long self, long identifier) {
    return switch (Rcl.string(identifier)) {
      case FAST -> ours;
      case INTROSPECTION -> introspection;
      default -> 0;
    };
  }

  private static MethodHandle own(String name, Class<?> result, int longs) {
    try {
      return MethodHandles.lookup()
          .findStatic(
              StraightTake.class,
              name,
              MethodType.methodType(result, Collections.nCopies(longs, (Class<?>) long.class)));
    } catch (ReflectiveOperationException e) {
      throw new IllegalStateException(e);
    }
  }

  private static long stub(MethodHandle handle, MemoryLayout result, int longs) {
    MemoryLayout[] arguments = new MemoryLayout[longs];
    java.util.Arrays.fill(arguments, JAVA_LONG);
    return Linker.nativeLinker()
        .upcallStub(handle, FunctionDescriptor.of(result, arguments), Arena.global())
        .address();
  }
}
