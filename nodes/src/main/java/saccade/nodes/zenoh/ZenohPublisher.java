package saccade.nodes.zenoh;

import java.lang.foreign.MemorySegment;
import org.jspecify.annotations.Nullable;

/** Publishes on one key. Any thread may; one at a time gets through. */
public interface ZenohPublisher extends AutoCloseable {
  String key();

  /** Number of this publisher in its session; with the session's id it is unique. */
  int entityId();

  /**
   * @param payload [0, bytes) is read during the call; off-heap memory goes into the socket without
   *     another copy
   * @param attachment all of it is sent; null: none
   * @return false when some link did not take it, or none was up
   */
  boolean put(MemorySegment payload, long bytes, byte @Nullable [] attachment);

  /**
   * As {@link #put(MemorySegment, long, byte[])} with what an advanced publisher adds.
   *
   * @param sequence number of the sample, 0..2^32-1; -1: none
   * @param ntp time stamp, NTP 64 bit; 0: the session's, if it gives any
   */
  boolean put(
      MemorySegment payload, long bytes, byte @Nullable [] attachment, long sequence, long ntp);

  @Override
  void close();
}
