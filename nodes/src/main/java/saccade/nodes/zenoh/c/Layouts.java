package saccade.nodes.zenoh.c;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.MethodHandle;
import java.util.List;

/**
 * Offsets in the public structs of zenoh-c, bytes, as {@code zenoh_commons.h} of 1.7 to 1.9 gives
 * them with the unstable API; the same on x86-64 and AArch64. They hold for the loaded library when
 * its defaults stand where they say and nothing is written behind the end.
 */
public final class Layouts {
  /** Room for any of the structs. */
  public static final int MOST = 512;

  // z_publisher_options_t
  public static final int PUBLISHER_CONGESTION = 8;
  public static final int PUBLISHER_PRIORITY = 12;
  public static final int PUBLISHER_EXPRESS = 16;
  public static final int PUBLISHER_RELIABILITY = 20;

  // z_publisher_put_options_t
  public static final int PUT_TIMESTAMP = 8;
  public static final int PUT_SOURCE = 16;
  public static final int PUT_ATTACHMENT = 24;

  // z_liveliness_subscriber_options_t
  public static final int WATCH_HISTORY = 0;

  // z_queryable_options_t
  public static final int QUERYABLE_COMPLETE = 0;

  // z_get_options_t
  public static final int GET_TARGET = 0;
  public static final int GET_CONSOLIDATION = 4;
  public static final int GET_PAYLOAD = 8;
  public static final int GET_ACCEPT = 36;
  public static final int GET_ATTACHMENT = 56;
  public static final int GET_TIMEOUT_MS = 64;

  // z_query_reply_options_t
  public static final int REPLY_TIMESTAMP = 24;
  public static final int REPLY_SOURCE = 32;
  public static final int REPLY_ATTACHMENT = 40;

  // Values of enums.
  public static final int CONGESTION_BLOCK = 0;
  public static final int CONGESTION_DROP = 1;
  public static final int BEST_EFFORT = 0;
  public static final int RELIABLE = 1;
  public static final int SAMPLE_PUT = 0;
  public static final int CONSOLIDATION_NONE = 0;
  public static final int ACCEPT_ANY = 0;

  private static final byte PATTERN = (byte) 0xA5;

  private record Field(String name, int at, int bytes, long usual) {}

  private record Struct(String name, MethodHandle defaults, int bytes, List<Field> fields) {}

  private Layouts() {}

  private static Field pointer(String name, int at) {
    return new Field(name, at, 8, 0);
  }

  private static Field number(String name, int at, long usual) {
    return new Field(name, at, 4, usual);
  }

  private static Field flag(String name, int at) {
    return new Field(name, at, 1, 0);
  }

  private static List<Struct> structs() {
    return List.of(
        new Struct(
            "z_publisher_options_t",
            Zenohc.PUBLISHER_OPTIONS,
            32,
            List.of(
                pointer("encoding", 0),
                number("congestion_control", PUBLISHER_CONGESTION, CONGESTION_DROP),
                number("priority", PUBLISHER_PRIORITY, 5),
                flag("is_express", PUBLISHER_EXPRESS),
                number("reliability", PUBLISHER_RELIABILITY, RELIABLE),
                number("allowed_destination", 24, 0))),
        new Struct(
            "z_publisher_put_options_t",
            Zenohc.PUT_OPTIONS,
            32,
            List.of(
                pointer("encoding", 0),
                pointer("timestamp", PUT_TIMESTAMP),
                pointer("source_info", PUT_SOURCE),
                pointer("attachment", PUT_ATTACHMENT))),
        new Struct(
            "z_liveliness_subscriber_options_t",
            Zenohc.WATCH_OPTIONS,
            1,
            List.of(flag("history", WATCH_HISTORY))),
        new Struct(
            "z_queryable_options_t",
            Zenohc.QUERYABLE_OPTIONS,
            8,
            List.of(flag("complete", QUERYABLE_COMPLETE), number("allowed_origin", 4, 0))),
        new Struct(
            "z_get_options_t",
            Zenohc.GET_OPTIONS,
            80,
            List.of(
                number("target", GET_TARGET, 0),
                number("consolidation", GET_CONSOLIDATION, -1),
                pointer("payload", GET_PAYLOAD),
                pointer("encoding", 16),
                number("congestion_control", 24, CONGESTION_BLOCK),
                flag("is_express", 28),
                number("allowed_destination", 32, 0),
                number("accept_replies", GET_ACCEPT, 1),
                number("priority", 40, 5),
                pointer("source_info", 48),
                pointer("attachment", GET_ATTACHMENT),
                pointer("timeout_ms", GET_TIMEOUT_MS),
                pointer("cancellation_token", 72))),
        new Struct(
            "z_query_reply_options_t",
            Zenohc.REPLY_OPTIONS,
            48,
            List.of(
                pointer("encoding", 0),
                number("congestion_control", 8, CONGESTION_BLOCK),
                number("priority", 12, 5),
                flag("is_express", 16),
                pointer("timestamp", REPLY_TIMESTAMP),
                pointer("source_info", REPLY_SOURCE),
                pointer("attachment", REPLY_ATTACHMENT))));
  }

  /** A fault in one line when a struct of the loaded library is laid out otherwise. */
  static void check() {
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment memory = arena.allocate(MOST, 16);
      for (Struct struct : structs()) {
        memory.fill(PATTERN);
        Zenohc.run(struct.defaults, memory.address());
        String fault = fault(struct, memory);
        if (!fault.isEmpty()) {
          throw Libzenohc.other("its " + fault);
        }
      }
    }
  }

  /** What is wrong in {@code memory}, where the struct's defaults were written over the pattern. */
  private static String fault(Struct struct, MemorySegment memory) {
    for (Field f : struct.fields) {
      long found =
          switch (f.bytes) {
            case 1 -> memory.get(ValueLayout.JAVA_BYTE, f.at);
            case 4 -> memory.get(ValueLayout.JAVA_INT, f.at);
            default -> memory.get(ValueLayout.JAVA_LONG, f.at);
          };
      if (found != f.usual) {
        return struct.name
            + " is laid out otherwise: "
            + f.name
            + " at byte "
            + f.at
            + " would be "
            + found
            + " by default, not "
            + f.usual;
      }
    }
    for (int i = struct.bytes; i < MOST; i++) {
      if (memory.get(ValueLayout.JAVA_BYTE, i) != PATTERN) {
        return struct.name + " has more than " + struct.bytes + " bytes";
      }
    }
    return "";
  }
}
