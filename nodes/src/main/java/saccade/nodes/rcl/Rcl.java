package saccade.nodes.rcl;

import static java.lang.foreign.ValueLayout.ADDRESS;
import static java.lang.foreign.ValueLayout.JAVA_BOOLEAN;
import static java.lang.foreign.ValueLayout.JAVA_BYTE;
import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_LONG;

import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.MemoryLayout;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.SegmentAllocator;
import java.lang.foreign.StructLayout;
import java.lang.invoke.MethodHandle;
import saccade.nodes.ros.MessageInfo;
import saccade.nodes.ros.QosProfile;
import saccade.nodes.ros.RosFault;

/**
 * The C functions of librcl and its neighbours that we call, one constant handle each. One set a
 * process: librcl keeps state of its own and is never unloaded.
 *
 * <p>Pointers are passed as {@code long}: whoever calls owns the memory for longer than the call
 * (guarded by {@link Lifetime}), and the call is spared the checks of a segment. Return codes are
 * rcl's; {@link #check} makes faults of them and must be called on the same thread, because rcl
 * keeps the text of an error in the thread.
 */
final class Rcl {

  static final int OK = 0;
  static final int TIMEOUT = 2;
  static final int UNSUPPORTED = 3;
  static final int SUBSCRIPTION_TAKE_FAILED = 401;
  static final int CLIENT_TAKE_FAILED = 501;
  static final int SERVICE_TAKE_FAILED = 601;

  /**
   * A struct of that many bytes, 8-byte aligned; more than 16, so passed and returned through
   * memory.
   */
  private static StructLayout struct(int bytes) {
    return MemoryLayout.structLayout(MemoryLayout.sequenceLayout(bytes / 8, JAVA_LONG));
  }

  private static final StructLayout ALLOCATOR = struct(RclAbi.ALLOCATOR);
  private static final StructLayout ERROR_STRING = struct(1024);

  /** The loaded libraries; this class is not touched before they are. */
  private static final Libraries LIBRARIES = Libraries.loaded();

  /** Layouts of the loaded distro. */
  static final RclAbi ABI = LIBRARIES.abi;

  // Error text.
  private static final MethodHandle ERROR_GET =
      LIBRARIES.handle("rcutils_get_error_string", FunctionDescriptor.of(ERROR_STRING));
  private static final MethodHandle ERROR_RESET =
      LIBRARIES.handle("rcutils_reset_error", FunctionDescriptor.ofVoid());

  // Context, node.
  private static final MethodHandle DEFAULT_ALLOCATOR =
      LIBRARIES.handle("rcutils_get_default_allocator", FunctionDescriptor.of(ALLOCATOR));
  private static final MethodHandle INIT_OPTIONS_INIT =
      LIBRARIES.handle(
          "rcl_init_options_init", FunctionDescriptor.of(JAVA_INT, JAVA_LONG, ALLOCATOR));
  static final MethodHandle INIT_OPTIONS_SET_DOMAIN_ID =
      LIBRARIES.pointers("rcl_init_options_set_domain_id", 2);
  static final MethodHandle INIT_OPTIONS_FINI = LIBRARIES.pointers("rcl_init_options_fini", 1);
  private static final MethodHandle INIT =
      LIBRARIES.handle(
          "rcl_init", FunctionDescriptor.of(JAVA_INT, JAVA_INT, JAVA_LONG, JAVA_LONG, JAVA_LONG));
  static final MethodHandle SHUTDOWN = LIBRARIES.pointers("rcl_shutdown", 1);
  static final MethodHandle CONTEXT_FINI = LIBRARIES.pointers("rcl_context_fini", 1);
  static final MethodHandle NODE_INIT = LIBRARIES.pointers("rcl_node_init", 5);
  static final MethodHandle NODE_FINI = LIBRARIES.pointers("rcl_node_fini", 1);
  private static final MethodHandle NODE_GRAPH_GUARD =
      LIBRARIES.handle(
          "rcl_node_get_graph_guard_condition", FunctionDescriptor.of(JAVA_LONG, JAVA_LONG));
  private static final MethodHandle RMW_IDENTIFIER =
      LIBRARIES.handle("rmw_get_implementation_identifier", FunctionDescriptor.of(ADDRESS));

  /** {@code rcl_*_get_default_options}: a struct by value. */
  private static MethodHandle options(String what, int bytes) {
    return LIBRARIES.handle(
        "rcl_" + what + "_get_default_options", FunctionDescriptor.of(struct(bytes)));
  }

  private static final MethodHandle NODE_OPTIONS = options("node", RclAbi.NODE_OPTIONS);
  private static final MethodHandle PUBLISHER_OPTIONS = options("publisher", ABI.publisherOptions);
  private static final MethodHandle SUBSCRIPTION_OPTIONS =
      options("subscription", ABI.subscriptionOptions);
  private static final MethodHandle SERVICE_OPTIONS = options("service", RclAbi.SERVICE_OPTIONS);
  private static final MethodHandle CLIENT_OPTIONS = options("client", RclAbi.CLIENT_OPTIONS);

  // Publisher, subscription, their events.
  static final MethodHandle PUBLISHER_INIT = LIBRARIES.pointers("rcl_publisher_init", 5);
  static final MethodHandle PUBLISHER_FINI = LIBRARIES.pointers("rcl_publisher_fini", 2);
  static final MethodHandle PUBLISH_SERIALIZED =
      LIBRARIES.pointers("rcl_publish_serialized_message", 3);
  static final MethodHandle PUBLISHER_MATCHED =
      LIBRARIES.pointers("rcl_publisher_get_subscription_count", 2);
  private static final MethodHandle PUBLISHER_RMW_HANDLE =
      LIBRARIES.handle("rcl_publisher_get_rmw_handle", FunctionDescriptor.of(JAVA_LONG, JAVA_LONG));
  private static final MethodHandle PUBLISHER_GID =
      LIBRARIES.pointers("rmw_get_gid_for_publisher", 2);
  static final MethodHandle SUBSCRIPTION_INIT = LIBRARIES.pointers("rcl_subscription_init", 5);
  static final MethodHandle SUBSCRIPTION_FINI = LIBRARIES.pointers("rcl_subscription_fini", 2);
  static final MethodHandle TAKE = LIBRARIES.pointers("rcl_take", 4);
  static final MethodHandle TAKE_SERIALIZED = LIBRARIES.pointers("rcl_take_serialized_message", 4);
  static final MethodHandle SUBSCRIPTION_MATCHED =
      LIBRARIES.pointers("rcl_subscription_get_publisher_count", 2);
  static final MethodHandle PUBLISHER_EVENT_INIT = LIBRARIES.event("rcl_publisher_event_init");
  static final MethodHandle SUBSCRIPTION_EVENT_INIT =
      LIBRARIES.event("rcl_subscription_event_init");
  static final MethodHandle TAKE_EVENT = LIBRARIES.pointers("rcl_take_event", 2);
  static final MethodHandle EVENT_FINI = LIBRARIES.pointers("rcl_event_fini", 1);
  static final MethodHandle ARRAY_INIT = LIBRARIES.pointers("rcutils_uint8_array_init", 3);
  static final MethodHandle ARRAY_RESIZE = LIBRARIES.pointers("rcutils_uint8_array_resize", 2);
  static final MethodHandle ARRAY_FINI = LIBRARIES.pointers("rcutils_uint8_array_fini", 1);

  // Services.
  static final MethodHandle SERVICE_INIT = LIBRARIES.pointers("rcl_service_init", 5);
  static final MethodHandle SERVICE_FINI = LIBRARIES.pointers("rcl_service_fini", 2);
  static final MethodHandle TAKE_REQUEST = LIBRARIES.pointers("rcl_take_request", 3);
  static final MethodHandle SEND_RESPONSE = LIBRARIES.pointers("rcl_send_response", 3);
  static final MethodHandle CLIENT_INIT = LIBRARIES.pointers("rcl_client_init", 5);
  static final MethodHandle CLIENT_FINI = LIBRARIES.pointers("rcl_client_fini", 2);
  static final MethodHandle SEND_REQUEST = LIBRARIES.pointers("rcl_send_request", 3);
  static final MethodHandle TAKE_RESPONSE = LIBRARIES.pointers("rcl_take_response", 3);
  static final MethodHandle SERVER_IS_AVAILABLE =
      LIBRARIES.pointers("rcl_service_server_is_available", 3);
  static final MethodHandle SERIALIZE = LIBRARIES.pointers("rmw_serialize", 3);
  static final MethodHandle DESERIALIZE = LIBRARIES.pointers("rmw_deserialize", 3);

  // Waiting.
  private static final MethodHandle GUARD_CONDITION_INIT =
      LIBRARIES.handle(
          "rcl_guard_condition_init",
          FunctionDescriptor.of(JAVA_INT, JAVA_LONG, JAVA_LONG, ALLOCATOR));
  static final MethodHandle GUARD_CONDITION_FINI =
      LIBRARIES.pointers("rcl_guard_condition_fini", 1);
  static final MethodHandle TRIGGER = LIBRARIES.pointers("rcl_trigger_guard_condition", 1);
  private static final MethodHandle WAIT_SET_INIT =
      LIBRARIES.handle(
          "rcl_wait_set_init",
          FunctionDescriptor.of(
              JAVA_INT, JAVA_LONG, JAVA_LONG, JAVA_LONG, JAVA_LONG, JAVA_LONG, JAVA_LONG, JAVA_LONG,
              JAVA_LONG, ALLOCATOR));
  private static final MethodHandle WAIT_SET_RESIZE = LIBRARIES.pointers("rcl_wait_set_resize", 7);
  static final MethodHandle WAIT_SET_CLEAR = LIBRARIES.pointers("rcl_wait_set_clear", 1);
  static final MethodHandle WAIT_SET_FINI = LIBRARIES.pointers("rcl_wait_set_fini", 1);
  static final MethodHandle ADD_SUBSCRIPTION =
      LIBRARIES.pointers("rcl_wait_set_add_subscription", 3);
  static final MethodHandle ADD_GUARD_CONDITION =
      LIBRARIES.pointers("rcl_wait_set_add_guard_condition", 3);
  static final MethodHandle ADD_SERVICE = LIBRARIES.pointers("rcl_wait_set_add_service", 3);
  static final MethodHandle ADD_CLIENT = LIBRARIES.pointers("rcl_wait_set_add_client", 3);
  static final MethodHandle WAIT = LIBRARIES.pointers("rcl_wait", 2);

  // Graph.
  private static final MethodHandle TOPICS =
      LIBRARIES.handle(
          "rcl_get_topic_names_and_types",
          FunctionDescriptor.of(JAVA_INT, JAVA_LONG, JAVA_LONG, JAVA_BOOLEAN, JAVA_LONG));
  static final MethodHandle SERVICES = LIBRARIES.pointers("rcl_get_service_names_and_types", 3);
  static final MethodHandle SERVERS_OF_NODE =
      LIBRARIES.pointers("rcl_get_service_names_and_types_by_node", 5);
  static final MethodHandle CLIENTS_OF_NODE =
      LIBRARIES.pointers("rcl_get_client_names_and_types_by_node", 5);
  static final MethodHandle NAMES_AND_TYPES_FINI =
      LIBRARIES.pointers("rcl_names_and_types_fini", 1);
  private static final MethodHandle NODES =
      LIBRARIES.handle(
          "rcl_get_node_names",
          FunctionDescriptor.of(JAVA_INT, JAVA_LONG, ALLOCATOR, JAVA_LONG, JAVA_LONG));
  static final MethodHandle STRING_ARRAY_FINI = LIBRARIES.pointers("rcutils_string_array_fini", 1);
  private static final MethodHandle PUBLISHERS_INFO =
      LIBRARIES.endpoints("rcl_get_publishers_info_by_topic");
  private static final MethodHandle SUBSCRIPTIONS_INFO =
      LIBRARIES.endpoints("rcl_get_subscriptions_info_by_topic");
  static final MethodHandle ENDPOINTS_FINI =
      LIBRARIES.pointers("rmw_topic_endpoint_info_array_fini", 2);

  /** rcutils' default allocator, 40 bytes, for the life of the process. */
  static final MemorySegment DEFAULT = returned(DEFAULT_ALLOCATOR, Arena.global());

  private Rcl() {}

  // Calls with pointers and 64-bit integers, by arity. The handles are constants, so these inline
  // to the call itself.

  static int call(MethodHandle function, long a) {
    try {
      return (int) function.invokeExact(a);
    } catch (Throwable t) {
      throw unexpected(t);
    }
  }

  static int call(MethodHandle function, long a, long b) {
    try {
      return (int) function.invokeExact(a, b);
    } catch (Throwable t) {
      throw unexpected(t);
    }
  }

  static int call(MethodHandle function, long a, long b, long c) {
    try {
      return (int) function.invokeExact(a, b, c);
    } catch (Throwable t) {
      throw unexpected(t);
    }
  }

  static int call(MethodHandle function, long a, long b, long c, long d) {
    try {
      return (int) function.invokeExact(a, b, c, d);
    } catch (Throwable t) {
      throw unexpected(t);
    }
  }

  static int call(MethodHandle function, long a, long b, long c, long d, long e) {
    try {
      return (int) function.invokeExact(a, b, c, d, e);
    } catch (Throwable t) {
      throw unexpected(t);
    }
  }

  /** Default rcl_node_options_t, in the arena. */
  static MemorySegment nodeOptions(Arena arena) {
    return returned(NODE_OPTIONS, arena);
  }

  /** Default rcl_publisher_options_t with a profile, in the arena. */
  static MemorySegment publisherOptions(Arena arena, QosProfile qos) {
    return withQos(returned(PUBLISHER_OPTIONS, arena), qos);
  }

  /** Default rcl_subscription_options_t with a profile, in the arena. */
  static MemorySegment subscriptionOptions(Arena arena, QosProfile qos) {
    return withQos(returned(SUBSCRIPTION_OPTIONS, arena), qos);
  }

  /** Default rcl_service_options_t with a profile, in the arena. */
  static MemorySegment serviceOptions(Arena arena, QosProfile qos) {
    return withQos(returned(SERVICE_OPTIONS, arena), qos);
  }

  /** Default rcl_client_options_t with a profile, in the arena. */
  static MemorySegment clientOptions(Arena arena, QosProfile qos) {
    return withQos(returned(CLIENT_OPTIONS, arena), qos);
  }

  private static MemorySegment withQos(MemorySegment options, QosProfile qos) {
    writeQos(options, qos);
    return options;
  }

  static int initOptions(MemorySegment options) {
    try {
      return (int) INIT_OPTIONS_INIT.invokeExact(options.address(), DEFAULT);
    } catch (Throwable t) {
      throw unexpected(t);
    }
  }

  /** {@code rcl_init} without arguments: names are remapped by us. */
  static int init(MemorySegment options, MemorySegment context) {
    try {
      return (int) INIT.invokeExact(0, 0L, options.address(), context.address());
    } catch (Throwable t) {
      throw unexpected(t);
    }
  }

  static int guardConditionInit(MemorySegment condition, MemorySegment context) {
    try {
      return (int)
          GUARD_CONDITION_INIT.invokeExact(condition.address(), context.address(), DEFAULT);
    } catch (Throwable t) {
      throw unexpected(t);
    }
  }

  static int waitSetInit(
      MemorySegment waitSet,
      long subscriptions,
      long guardConditions,
      long timers,
      long clients,
      long services,
      long events,
      MemorySegment context) {
    try {
      return (int)
          WAIT_SET_INIT.invokeExact(
              waitSet.address(),
              subscriptions,
              guardConditions,
              timers,
              clients,
              services,
              events,
              context.address(),
              DEFAULT);
    } catch (Throwable t) {
      throw unexpected(t);
    }
  }

  static int waitSetResize(
      MemorySegment waitSet,
      long subscriptions,
      long guardConditions,
      long clients,
      long services) {
    try {
      return (int)
          WAIT_SET_RESIZE.invokeExact(
              waitSet.address(), subscriptions, guardConditions, 0L, clients, services, 0L);
    } catch (Throwable t) {
      throw unexpected(t);
    }
  }

  static int eventInit(MethodHandle function, long event, long endpoint, int kind) {
    try {
      return (int) function.invokeExact(event, endpoint, kind);
    } catch (Throwable t) {
      throw unexpected(t);
    }
  }

  /** The guard condition that the graph of a node's context triggers; owned by rcl. */
  static long graphGuardCondition(MemorySegment node) {
    try {
      return (long) NODE_GRAPH_GUARD.invokeExact(node.address());
    } catch (Throwable t) {
      throw unexpected(t);
    }
  }

  static int topics(long node, MemorySegment out) {
    try {
      return (int) TOPICS.invokeExact(node, DEFAULT.address(), false, out.address());
    } catch (Throwable t) {
      throw unexpected(t);
    }
  }

  static int nodes(long node, MemorySegment names, MemorySegment namespaces) {
    try {
      return (int) NODES.invokeExact(node, DEFAULT, names.address(), namespaces.address());
    } catch (Throwable t) {
      throw unexpected(t);
    }
  }

  static int endpoints(boolean publishers, long node, MemorySegment topic, MemorySegment out) {
    try {
      return publishers
          ? (int)
              PUBLISHERS_INFO.invokeExact(
                  node, DEFAULT.address(), topic.address(), false, out.address())
          : (int)
              SUBSCRIPTIONS_INFO.invokeExact(
                  node, DEFAULT.address(), topic.address(), false, out.address());
    } catch (Throwable t) {
      throw unexpected(t);
    }
  }

  /** Which middleware runs below: {@code rmw_fastrtps_cpp}. */
  static String middleware() {
    try {
      return ((MemorySegment) RMW_IDENTIFIER.invokeExact()).reinterpret(256).getString(0);
    } catch (Throwable t) {
      throw unexpected(t);
    }
  }

  /** The global id of a publisher, as subscriptions see it: 16 bytes. */
  static byte[] gid(long publisher, String topic) {
    try (Arena own = Arena.ofConfined()) {
      // rmw_gid_t: implementation identifier, then 16 bytes (Humble 24)
      MemorySegment gid = own.allocate(32, 8);
      long rmw = (long) PUBLISHER_RMW_HANDLE.invokeExact(publisher);
      check(call(PUBLISHER_GID, rmw, gid.address()), "gid of publisher " + topic);
      return gid.asSlice(8, MessageInfo.GID_BYTES).toArray(JAVA_BYTE);
    } catch (RosFault fault) {
      throw fault;
    } catch (Throwable t) {
      throw unexpected(t);
    }
  }

  /** A C string that rcl owns; empty for null. */
  static String string(long address) {
    return address == 0
        ? ""
        : MemorySegment.ofAddress(address).reinterpret(Integer.MAX_VALUE).getString(0);
  }

  /**
   * Makes a fault of a return code other than 0.
   *
   * @param what what was tried, with its names: {@code "publish on /chatter"}
   */
  static void check(int code, String what) {
    if (code != OK) {
      throw fault(code, what);
    }
  }

  /**
   * The fault of a return code, with rcl's own words; to be called on the thread that got the code.
   */
  static RosFault fault(int code, String what) {
    return new RosFault(what + ": " + meaning(code) + " (rcl " + code + ")" + errorText());
  }

  /** Forgets the error text of this thread, after a code that is no fault. */
  static void forgetError() {
    try {
      ERROR_RESET.invokeExact();
    } catch (Throwable t) {
      throw unexpected(t);
    }
  }

  private static String errorText() {
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment text = returned(ERROR_GET, arena);
      String line = text.getString(0).lines().findFirst().orElse("").strip();
      forgetError();
      return line.isEmpty() || line.equals("error not set") ? "" : ", " + line;
    }
  }

  private static String meaning(int code) {
    return switch (code) {
      case TIMEOUT -> "timed out";
      case UNSUPPORTED -> "the middleware does not support it";
      case 10 -> "out of memory";
      case 11 -> "invalid argument";
      case 101 -> "rcl is not initialised";
      case 103 -> "invalid topic name";
      case 104 -> "invalid service name";
      case 106 -> "rcl is already shut down";
      case 200 -> "invalid node";
      case 201, 202 -> "invalid node name or namespace";
      default -> "failed";
    };
  }

  private static MemorySegment returned(MethodHandle function, SegmentAllocator allocator) {
    try {
      return (MemorySegment) function.invokeExact(allocator);
    } catch (Throwable t) {
      throw unexpected(t);
    }
  }

  private static IllegalStateException unexpected(Throwable t) {
    if (t instanceof Error error) {
      throw error;
    }
    if (t instanceof RuntimeException e) {
      throw e;
    }
    return new IllegalStateException(t);
  }

  /** Writes a profile where C expects an rmw_qos_profile_t of 88 bytes. */
  private static void writeQos(MemorySegment at, QosProfile qos) {
    at.asSlice(0, RclAbi.QOS).fill((byte) 0);
    at.set(JAVA_INT, 0, qos.history().code());
    at.set(JAVA_LONG, 8, qos.depth());
    at.set(JAVA_INT, 16, qos.reliability().code());
    at.set(JAVA_INT, 20, qos.durability().code());
    writeTime(at, 24, qos.deadlineNs());
    writeTime(at, 40, qos.lifespanNs());
    at.set(JAVA_INT, 56, qos.liveliness().code());
    writeTime(at, 64, qos.livelinessLeaseNs());
  }

  private static void writeTime(MemorySegment at, long offset, long ns) {
    at.set(JAVA_LONG, offset, ns / 1_000_000_000L);
    at.set(JAVA_LONG, offset + 8, ns % 1_000_000_000L);
  }

  /** Reads an rmw_qos_profile_t. */
  static QosProfile readQos(MemorySegment at) {
    long depth = at.get(JAVA_LONG, 8);
    return new QosProfile(
        QosProfile.History.of(at.get(JAVA_INT, 0)),
        Math.clamp(depth, 0, Integer.MAX_VALUE),
        QosProfile.Reliability.of(at.get(JAVA_INT, 16)),
        QosProfile.Durability.of(at.get(JAVA_INT, 20)),
        readTime(at, 24),
        readTime(at, 40),
        QosProfile.Liveliness.of(at.get(JAVA_INT, 56)),
        readTime(at, 64));
  }

  private static long readTime(MemorySegment at, long offset) {
    long sec = at.get(JAVA_LONG, offset);
    long nsec = at.get(JAVA_LONG, offset + 8);
    // DDS's own infinity is 2^31 - 1 s; a remote endpoint may be reported with either.
    if (sec < 0 || sec >= Integer.MAX_VALUE || nsec < 0) {
      return QosProfile.INFINITE_NS;
    }
    return sec * 1_000_000_000L + nsec;
  }

  /**
   * Measures the structs that the loaded libraries return, and compares with the layouts chosen for
   * them: a distro we take for another must end here, not in a crash.
   *
   * @throws RosFault naming the struct, its size found and wanted
   */
  static void checkLayouts() {
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment options =
          measured("rcl_publisher_get_default_options", ABI.publisherOptions, arena);
      checkDefaults("rcl_publisher_options_t", options);
      options = measured("rcl_subscription_get_default_options", ABI.subscriptionOptions, arena);
      checkDefaults("rcl_subscription_options_t", options);
      checkDefaults(
          "rcl_client_options_t",
          measured("rcl_client_get_default_options", RclAbi.CLIENT_OPTIONS, arena));
      checkDefaults(
          "rcl_service_options_t",
          measured("rcl_service_get_default_options", RclAbi.SERVICE_OPTIONS, arena));
      MemorySegment node = measured("rcl_node_get_default_options", RclAbi.NODE_OPTIONS, arena);
      expect("rcl_node_options_t.allocator", node.get(JAVA_LONG, 0), DEFAULT.get(JAVA_LONG, 0));
      expect(
          "rcl_node_options_t.enable_rosout",
          node.get(JAVA_BYTE, RclAbi.NODE_OPTIONS_ENABLE_ROSOUT),
          1);
      measured("rcl_get_zero_initialized_context", RclAbi.CONTEXT, arena);
      measured("rcl_get_zero_initialized_wait_set", RclAbi.WAIT_SET, arena);
      measured("rmw_get_zero_initialized_message_info", ABI.messageInfo, arena);
      measured("rmw_get_zero_initialized_topic_endpoint_info", ABI.endpointInfo, arena);
    }
  }

  /**
   * The struct that a function returns, into memory full of a pattern: what the pattern lost is the
   * struct's size. Tail padding may keep it, hence up to 7 bytes of tolerance.
   */
  static MemorySegment measured(String function, int wanted, Arena arena) {
    byte pattern = (byte) 0xA5;
    int room = 1024;
    MemorySegment memory = arena.allocate(room, 8).fill(pattern);
    MethodHandle handle = LIBRARIES.handle(function, FunctionDescriptor.of(struct(room)));
    SegmentAllocator intoMemory = (bytes, alignment) -> memory;
    returned(handle, intoMemory);
    int size = room;
    while (size > 0 && memory.get(JAVA_BYTE, size - 1) == pattern) {
      size--;
    }
    if (size > wanted || size <= wanted - 8) {
      throw new RosFault(
          function
              + " of this librcl gives "
              + size
              + " bytes, the layout of "
              + LIBRARIES.distro()
              + " has "
              + wanted
              + ": this version is not known; use the Zenoh transport");
    }
    return memory.asSlice(0, wanted);
  }

  private static void checkDefaults(String struct, MemorySegment options) {
    expect(struct + ".qos.history", options.get(JAVA_INT, 0), 1);
    expect(struct + ".qos.depth", options.get(JAVA_LONG, 8), 10);
    expect(struct + ".qos.reliability", options.get(JAVA_INT, 16), 1);
    expect(struct + ".qos.durability", options.get(JAVA_INT, 20), 2);
    for (long i = 0; i < RclAbi.ALLOCATOR; i += 8) {
      expect(
          struct + ".allocator",
          options.get(JAVA_LONG, RclAbi.OPTIONS_ALLOCATOR + i),
          DEFAULT.get(JAVA_LONG, i));
    }
  }

  private static void expect(String field, long found, long wanted) {
    if (found != wanted) {
      throw new RosFault(
          field
              + " of this librcl is "
              + found
              + ", the layout of "
              + LIBRARIES.distro()
              + " wants "
              + wanted
              + ": this version is not known; use the Zenoh transport");
    }
  }
}
