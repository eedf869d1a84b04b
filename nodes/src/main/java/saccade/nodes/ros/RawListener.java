package saccade.nodes.ros;

import java.lang.foreign.MemorySegment;

/**
 * Takes the messages of a subscription. Hot path: called on the transport's receive thread, must be
 * short.
 */
@FunctionalInterface
public interface RawListener {

  /**
   * One message. What is thrown is counted and reported through {@link RosEvents#lost}; the
   * subscription goes on.
   *
   * @param cdr the serialized message with its encapsulation header; the transport's memory, valid
   *     during the call only
   * @param bytes how many bytes of {@code cdr} are the message; over DDS up to 3 bytes of padding
   *     are among them
   * @param info where it comes from; reused for the next message, so copy what is to be kept
   */
  void onMessage(MemorySegment cdr, long bytes, MessageInfo info);
}
