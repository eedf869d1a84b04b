package saccade.nodes.zenoh.c;

import static java.lang.foreign.ValueLayout.JAVA_BOOLEAN;
import static java.lang.foreign.ValueLayout.JAVA_BYTE;
import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_LONG;

import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.MemoryLayout;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.SegmentAllocator;
import java.lang.foreign.StructLayout;
import java.lang.invoke.MethodHandle;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;

/**
 * The functions of zenoh-c that we call, one constant handle each. Not touched before {@link
 * Libzenohc#load} has opened the library.
 *
 * <p>Pointers are {@code long}: whoever calls owns the memory for longer than the call. A moved
 * pointer is the address of the owned struct; what was moved out of leaves a struct behind that may
 * be dropped again. Results are 0 or negative.
 */
public final class Zenohc {
  public static final int OK = 0;

  /** {@code Z_ESESSION_CLOSED}. */
  public static final int SESSION_CLOSED = -8;

  /** {@code z_id_t}: 16 bytes, lowest first. */
  public static final int ID_BYTES = 16;

  /** {@code z_entity_global_id_t}: the session's id, then the entity's number. */
  public static final int ENTITY_BYTES = 20;

  public static final int ENTITY_NUMBER_AT = 16;

  // Structs that come back by value. The last three have more than 16 bytes, so they come through
  // memory on every machine.
  private static final StructLayout ID =
      MemoryLayout.structLayout(MemoryLayout.sequenceLayout(ID_BYTES, JAVA_BYTE));
  private static final StructLayout ENTITY =
      MemoryLayout.structLayout(MemoryLayout.sequenceLayout(ENTITY_BYTES / 4, JAVA_INT));
  private static final StructLayout SOURCE =
      MemoryLayout.structLayout(MemoryLayout.sequenceLayout(6, JAVA_INT));
  private static final StructLayout ITERATOR =
      MemoryLayout.structLayout(MemoryLayout.sequenceLayout(3, JAVA_LONG));

  private static final Libzenohc LIBRARY = Libzenohc.loaded();

  // Configuration, session.
  private static final MethodHandle LOG = nothing("zc_try_init_log_from_env", 0);
  private static final MethodHandle LAST_ERROR = nothing("zc_get_last_error", 1);
  public static final MethodHandle CONFIG_FROM_STR = result("zc_config_from_str", 2);
  public static final MethodHandle OPEN = result("z_open", 3);
  public static final MethodHandle SESSION_LOAN = pure("z_session_loan", JAVA_LONG);
  public static final MethodHandle SESSION_LOAN_MUT = pure("z_session_loan_mut", JAVA_LONG);
  public static final MethodHandle CLOSE = result("z_close", 2);
  public static final MethodHandle SESSION_DROP = nothing("z_session_drop", 1);
  private static final MethodHandle ZID = struct("z_info_zid", ID, JAVA_LONG);
  private static final MethodHandle CLOSURE_ZID = nothing("z_closure_zid", 4);
  public static final MethodHandle PEERS_ZID = result("z_info_peers_zid", 2);
  public static final MethodHandle ROUTERS_ZID = result("z_info_routers_zid", 2);

  // Key expressions, text.
  public static final MethodHandle VIEW_KEYEXPR = result("z_view_keyexpr_from_substr", 3);
  public static final MethodHandle VIEW_KEYEXPR_LOAN = pure("z_view_keyexpr_loan", JAVA_LONG);
  public static final MethodHandle KEYEXPR_AS_STRING = nothing("z_keyexpr_as_view_string", 2);
  private static final MethodHandle VIEW_STRING_LOAN = pure("z_view_string_loan", JAVA_LONG);
  private static final MethodHandle STRING_DATA = pure("z_string_data", JAVA_LONG);
  private static final MethodHandle STRING_LEN = pure("z_string_len", JAVA_LONG);

  // Bytes.
  public static final MethodHandle BYTES_COPY = result("z_bytes_copy_from_buf", 3);
  public static final MethodHandle BYTES_DROP = nothing("z_bytes_drop", 1);
  public static final MethodHandle BYTES_LEN = pure("z_bytes_len", JAVA_LONG);
  private static final MethodHandle BYTES_SLICES =
      struct("z_bytes_get_slice_iterator", ITERATOR, JAVA_LONG);
  private static final MethodHandle NEXT_SLICE =
      function(
          "z_bytes_slice_iterator_next", FunctionDescriptor.of(JAVA_BOOLEAN, JAVA_LONG, JAVA_LONG));
  private static final MethodHandle VIEW_SLICE_LOAN = pure("z_view_slice_loan", JAVA_LONG);
  private static final MethodHandle SLICE_DATA = pure("z_slice_data", JAVA_LONG);
  private static final MethodHandle SLICE_LEN = pure("z_slice_len", JAVA_LONG);

  // Publisher.
  public static final MethodHandle PUBLISHER_OPTIONS = nothing("z_publisher_options_default", 1);
  public static final MethodHandle DECLARE_PUBLISHER = result("z_declare_publisher", 4);
  public static final MethodHandle UNDECLARE_PUBLISHER = result("z_undeclare_publisher", 1);
  public static final MethodHandle PUBLISHER_LOAN = pure("z_publisher_loan", JAVA_LONG);
  public static final MethodHandle PUT_OPTIONS = nothing("z_publisher_put_options_default", 1);
  public static final MethodHandle PUBLISHER_PUT = result("z_publisher_put", 3);
  private static final MethodHandle PUBLISHER_ID = struct("z_publisher_id", ENTITY, JAVA_LONG);
  public static final MethodHandle ENTITY_NUMBER = pure("z_entity_global_id_eid", JAVA_INT);
  private static final MethodHandle SOURCE_NEW =
      struct("z_source_info_new", SOURCE, JAVA_LONG, JAVA_INT);
  public static final MethodHandle TIMESTAMP_NEW = result("z_timestamp_new", 2);
  public static final MethodHandle TIMESTAMP_NTP = pure("z_timestamp_ntp64_time", JAVA_LONG);

  // Subscriber, sample.
  private static final MethodHandle CLOSURE_SAMPLE = nothing("z_closure_sample", 4);
  public static final MethodHandle DECLARE_SUBSCRIBER = result("z_declare_subscriber", 5);
  public static final MethodHandle UNDECLARE_SUBSCRIBER = result("z_undeclare_subscriber", 1);
  public static final MethodHandle SAMPLE_KEYEXPR = pure("z_sample_keyexpr", JAVA_LONG);
  public static final MethodHandle SAMPLE_PAYLOAD = pure("z_sample_payload", JAVA_LONG);
  public static final MethodHandle SAMPLE_ATTACHMENT = pure("z_sample_attachment", JAVA_LONG);
  public static final MethodHandle SAMPLE_KIND = pure("z_sample_kind", JAVA_INT);
  public static final MethodHandle SAMPLE_PRIORITY = pure("z_sample_priority", JAVA_INT);
  public static final MethodHandle SAMPLE_TIMESTAMP = pure("z_sample_timestamp", JAVA_LONG);
  public static final MethodHandle SAMPLE_SOURCE = pure("z_sample_source_info", JAVA_LONG);
  private static final MethodHandle SOURCE_ID = struct("z_source_info_id", ENTITY, JAVA_LONG);
  public static final MethodHandle SOURCE_NUMBER = pure("z_source_info_sn", JAVA_INT);

  // Liveliness.
  public static final MethodHandle DECLARE_TOKEN = result("z_liveliness_declare_token", 4);
  public static final MethodHandle UNDECLARE_TOKEN = result("z_liveliness_undeclare_token", 1);
  public static final MethodHandle WATCH_OPTIONS =
      nothing("z_liveliness_subscriber_options_default", 1);
  public static final MethodHandle DECLARE_WATCH = result("z_liveliness_declare_subscriber", 5);

  // Queries.
  public static final MethodHandle GET_OPTIONS = nothing("z_get_options_default", 1);
  public static final MethodHandle GET = result("z_get", 5);
  private static final MethodHandle CLOSURE_REPLY = nothing("z_closure_reply", 4);
  public static final MethodHandle REPLY_IS_OK = pure("z_reply_is_ok", JAVA_BOOLEAN);
  public static final MethodHandle REPLY_OK = pure("z_reply_ok", JAVA_LONG);
  public static final MethodHandle REPLY_ERR = pure("z_reply_err", JAVA_LONG);
  public static final MethodHandle ERR_PAYLOAD = pure("z_reply_err_payload", JAVA_LONG);
  public static final MethodHandle QUERYABLE_OPTIONS = nothing("z_queryable_options_default", 1);
  private static final MethodHandle CLOSURE_QUERY = nothing("z_closure_query", 4);
  public static final MethodHandle DECLARE_QUERYABLE = result("z_declare_queryable", 5);
  public static final MethodHandle UNDECLARE_QUERYABLE = result("z_undeclare_queryable", 1);
  public static final MethodHandle QUERY_KEYEXPR = pure("z_query_keyexpr", JAVA_LONG);
  public static final MethodHandle QUERY_PARAMETERS = nothing("z_query_parameters", 2);
  public static final MethodHandle QUERY_PAYLOAD = pure("z_query_payload", JAVA_LONG);
  public static final MethodHandle QUERY_ATTACHMENT = pure("z_query_attachment", JAVA_LONG);
  public static final MethodHandle QUERY_CLONE = nothing("z_query_clone", 2);
  public static final MethodHandle QUERY_LOAN = pure("z_query_loan", JAVA_LONG);
  public static final MethodHandle REPLY_OPTIONS = nothing("z_query_reply_options_default", 1);
  public static final MethodHandle QUERY_REPLY = result("z_query_reply", 4);
  public static final MethodHandle QUERY_REPLY_ERR = result("z_query_reply_err", 3);
  public static final MethodHandle QUERY_DROP = nothing("z_query_drop", 1);

  static {
    run(LOG); // says what RUST_LOG asks for, nothing without it
  }

  private Zenohc() {}

  // ---- handles

  private static MethodHandle function(
      String name, FunctionDescriptor shape, Linker.Option... options) {
    return Linker.nativeLinker().downcallHandle(LIBRARY.symbol(name), shape, options);
  }

  private static MemoryLayout[] pointers(int count) {
    MemoryLayout[] out = new MemoryLayout[count];
    Arrays.fill(out, JAVA_LONG);
    return out;
  }

  /** {@code z_result_t} of pointers and sizes. */
  private static MethodHandle result(String name, int count) {
    return function(name, FunctionDescriptor.of(JAVA_BYTE, pointers(count)));
  }

  private static MethodHandle nothing(String name, int count) {
    return function(name, FunctionDescriptor.ofVoid(pointers(count)));
  }

  /** Reads one thing of a struct: short, without locks and calls back. */
  private static MethodHandle pure(String name, MemoryLayout of) {
    return function(name, FunctionDescriptor.of(of, JAVA_LONG), Linker.Option.critical(false));
  }

  private static MethodHandle struct(String name, StructLayout of, MemoryLayout... arguments) {
    return function(name, FunctionDescriptor.of(of, arguments));
  }

  // ---- calls, by shape. The handles are constants, so these inline to the call itself.

  public static void run(MethodHandle function) {
    try {
      function.invokeExact();
    } catch (Throwable t) {
      throw unexpected(t);
    }
  }

  public static void run(MethodHandle function, long a) {
    try {
      function.invokeExact(a);
    } catch (Throwable t) {
      throw unexpected(t);
    }
  }

  public static void run(MethodHandle function, long a, long b) {
    try {
      function.invokeExact(a, b);
    } catch (Throwable t) {
      throw unexpected(t);
    }
  }

  public static int call(MethodHandle function, long a) {
    try {
      return (byte) function.invokeExact(a);
    } catch (Throwable t) {
      throw unexpected(t);
    }
  }

  public static int call(MethodHandle function, long a, long b) {
    try {
      return (byte) function.invokeExact(a, b);
    } catch (Throwable t) {
      throw unexpected(t);
    }
  }

  public static int call(MethodHandle function, long a, long b, long c) {
    try {
      return (byte) function.invokeExact(a, b, c);
    } catch (Throwable t) {
      throw unexpected(t);
    }
  }

  public static int call(MethodHandle function, long a, long b, long c, long d) {
    try {
      return (byte) function.invokeExact(a, b, c, d);
    } catch (Throwable t) {
      throw unexpected(t);
    }
  }

  public static int call(MethodHandle function, long a, long b, long c, long d, long e) {
    try {
      return (byte) function.invokeExact(a, b, c, d, e);
    } catch (Throwable t) {
      throw unexpected(t);
    }
  }

  /** A pointer, or a number of 64 bits. */
  public static long get(MethodHandle function, long a) {
    try {
      return (long) function.invokeExact(a);
    } catch (Throwable t) {
      throw unexpected(t);
    }
  }

  /** An enum, or a number of 32 bits. */
  public static int getInt(MethodHandle function, long a) {
    try {
      return (int) function.invokeExact(a);
    } catch (Throwable t) {
      throw unexpected(t);
    }
  }

  public static boolean is(MethodHandle function, long a) {
    try {
      return (boolean) function.invokeExact(a);
    } catch (Throwable t) {
      throw unexpected(t);
    }
  }

  // ---- structs by value; each is written where the allocator says

  /** {@code z_id_t} of a session. */
  public static MemorySegment zid(SegmentAllocator to, long session) {
    try {
      return (MemorySegment) ZID.invokeExact(to, session);
    } catch (Throwable t) {
      throw unexpected(t);
    }
  }

  /** {@code z_entity_global_id_t} of a publisher. */
  public static MemorySegment publisherId(SegmentAllocator to, long publisher) {
    try {
      return (MemorySegment) PUBLISHER_ID.invokeExact(to, publisher);
    } catch (Throwable t) {
      throw unexpected(t);
    }
  }

  /** {@code z_source_info_t}: {@code number} of what entity {@code of} sends. */
  public static MemorySegment source(SegmentAllocator to, long of, int number) {
    try {
      return (MemorySegment) SOURCE_NEW.invokeExact(to, of, number);
    } catch (Throwable t) {
      throw unexpected(t);
    }
  }

  /** {@code z_entity_global_id_t} in a {@code z_source_info_t}. */
  public static MemorySegment sourceId(SegmentAllocator to, long source) {
    try {
      return (MemorySegment) SOURCE_ID.invokeExact(to, source);
    } catch (Throwable t) {
      throw unexpected(t);
    }
  }

  // ---- closures: the owned closure at {@code owned} calls {@code handler}

  public static void sampleClosure(long owned, Upcalls.Handler handler) {
    closure(CLOSURE_SAMPLE, owned, handler);
  }

  public static void replyClosure(long owned, Upcalls.Handler handler) {
    closure(CLOSURE_REPLY, owned, handler);
  }

  public static void queryClosure(long owned, Upcalls.Handler handler) {
    closure(CLOSURE_QUERY, owned, handler);
  }

  public static void zidClosure(long owned, Upcalls.Handler handler) {
    closure(CLOSURE_ZID, owned, handler);
  }

  private static void closure(MethodHandle make, long owned, Upcalls.Handler handler) {
    try {
      make.invokeExact(owned, Upcalls.CALL, Upcalls.DROP, Upcalls.register(handler));
    } catch (Throwable t) {
      throw unexpected(t);
    }
  }

  // ---- bytes and text

  /** Begins to go through the pieces of {@code z_loaned_bytes_t}; the iterator's address. */
  public static long slices(SegmentAllocator to, long bytes) {
    try {
      return ((MemorySegment) BYTES_SLICES.invokeExact(to, bytes)).address();
    } catch (Throwable t) {
      throw unexpected(t);
    }
  }

  /**
   * The next piece, the library's memory; null after the last.
   *
   * @param view where a {@code z_view_slice_t} may be built
   */
  public static @org.jspecify.annotations.Nullable MemorySegment next(long iterator, long view) {
    boolean more;
    try {
      more = (boolean) NEXT_SLICE.invokeExact(iterator, view);
    } catch (Throwable t) {
      throw unexpected(t);
    }
    if (!more) {
      return null;
    }
    long slice = get(VIEW_SLICE_LOAN, view);
    return memory(get(SLICE_DATA, slice), get(SLICE_LEN, slice));
  }

  /** What the {@code z_view_string_t} at {@code view} shows: UTF-8, the library's memory. */
  public static MemorySegment text(long view) {
    long string = get(VIEW_STRING_LOAN, view);
    return memory(get(STRING_DATA, string), get(STRING_LEN, string));
  }

  private static MemorySegment memory(long address, long bytes) {
    return bytes == 0 ? MemorySegment.NULL : MemorySegment.ofAddress(address).reinterpret(bytes);
  }

  /** What the library says of the last call of this thread that failed, in one line. */
  public static String lastError() {
    MemorySegment view = Blocks.take();
    try {
      run(LAST_ERROR, view.address());
      String text =
          new String(text(view.address()).toArray(JAVA_BYTE), StandardCharsets.UTF_8)
              .replaceAll(" at \\S+\\.rs:\\d+\\.?", "") // where in the library's sources
              .replaceAll("\\s+", " ")
              .strip();
      return text.isEmpty() ? "no reason given" : text;
    } finally {
      Blocks.give(view);
    }
  }

  private static RuntimeException unexpected(Throwable t) {
    if (t instanceof Error e) {
      throw e;
    }
    return t instanceof RuntimeException r ? r : new IllegalStateException(t);
  }
}
