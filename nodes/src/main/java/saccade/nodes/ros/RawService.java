package saccade.nodes.ros;

import java.lang.foreign.MemorySegment;

/** Answers the requests of a service. Called on the transport's receive thread, must be short. */
@FunctionalInterface
public interface RawService {

  /**
   * One request. What is thrown is counted and reported through {@link RosEvents#lost}; the caller
   * then gets no answer.
   *
   * @param cdr the serialized request with its encapsulation header; the transport's memory, valid
   *     during the call only
   * @param bytes how many bytes of {@code cdr} are the request
   * @param reply takes the answer; may be kept and used later, from any thread
   */
  void onRequest(MemorySegment cdr, long bytes, Reply reply);

  /** The way back to one caller. */
  interface Reply {

    /**
     * Sends the response. Only the first call counts.
     *
     * @param cdr serialized response with its encapsulation header, read during the call only
     * @param bytes how many bytes of {@code cdr} are the response
     * @throws RosFault when it was answered before, the service is closed, or the middleware
     *     refuses
     */
    void send(MemorySegment cdr, long bytes);
  }
}
