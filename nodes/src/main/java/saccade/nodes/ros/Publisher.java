package saccade.nodes.ros;

import java.lang.foreign.MemorySegment;

/**
 * Sends serialized messages on one topic. Hot path. Any thread; calls from several threads go one
 * after another.
 */
public interface Publisher extends AutoCloseable {

  /** The topic's full name, after expansion and remapping. */
  String topic();

  /**
   * Sends one message.
   *
   * @param cdr serialized message with its 4-byte encapsulation header; native memory, read during
   *     the call only, the caller's before and after
   * @param bytes how many bytes of {@code cdr} are the message, at least 4
   * @throws RosFault when the publisher is closed or the middleware refuses
   */
  void publish(MemorySegment cdr, long bytes);

  /**
   * Its global id, 16 bytes, as subscriptions see it in {@link MessageInfo#gid}; newly allocated.
   */
  byte[] gid();

  /** How many subscriptions match it now, as the middleware counts them. */
  int matchedSubscriptions();

  /**
   * Leaves the graph; returns when no call of {@link #publish} is under way. A second call does
   * nothing.
   */
  @Override
  void close();
}
