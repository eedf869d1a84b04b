package saccade.nodes.cdr;

import java.lang.foreign.MemorySegment;

/**
 * What the wire knows a message by, and its codec. Each generated record holds its own as {@code
 * TYPE}. Stateless; any thread.
 *
 * @param <T> the record
 */
public interface MessageType<T> {
  /**
   * For example {@code sensor_msgs/msg/Image}; a service's request {@code
   * std_srvs/srv/SetBool_Request}.
   */
  String rosName();

  /** For example {@code sensor_msgs::msg::dds_::Image_}. */
  String ddsName();

  /** {@code RIHS01_} and 64 lowercase hex digits. */
  String typeHash();

  /** The record's class. */
  Class<T> javaClass();

  /**
   * A message with every field at its default: as the definition says, else zero, false or empty.
   */
  T defaults();

  /**
   * Appends the message at the writer's position.
   *
   * @throws CdrFault when a value does not fit its field
   */
  void write(T message, CdrWriter out);

  /**
   * Reads one message at the reader's position. Nothing of the result refers to the reader's
   * memory.
   *
   * @throws CdrFault when the bytes are not such a message
   */
  T read(CdrReader in);

  /**
   * The most bytes a payload may take, encapsulation header included; -1 when there is no such
   * bound.
   */
  int maxSerializedSize();

  /**
   * Makes the writer's content this message: encapsulation header and body, {@link
   * CdrWriter#bytes()} long from the start of {@link CdrWriter#buffer()}.
   *
   * @throws CdrFault when a value does not fit its field
   */
  default void encode(T message, CdrWriter out) {
    out.begin();
    try {
      write(message, out);
    } catch (CdrFault fault) {
      throw fault.in(rosName());
    }
  }

  /** The payload with its encapsulation header. */
  default byte[] encode(T message) {
    try (CdrWriter out = CdrWriter.confined()) {
      encode(message, out);
      return out.toArray();
    }
  }

  /**
   * Reads a whole payload, encapsulation header included. What follows the last field is not looked
   * at: DDS pads to four bytes, and rmw_serialize leaves more.
   *
   * @throws CdrFault when the bytes are not such a message
   */
  default T decode(CdrReader in, MemorySegment payload, long bytes) {
    try {
      in.wrap(payload, bytes);
      return read(in);
    } catch (CdrFault fault) {
      throw fault.in(rosName());
    }
  }

  /** As {@link #decode(CdrReader, MemorySegment, long)}, with a reader of its own. */
  default T decode(MemorySegment payload, long bytes) {
    return decode(new CdrReader(), payload, bytes);
  }

  /** As {@link #decode(MemorySegment, long)}. */
  default T decode(byte[] payload) {
    return decode(new CdrReader(), MemorySegment.ofArray(payload), payload.length);
  }
}
