package saccade.nodes.ros;

import java.lang.foreign.MemorySegment;
import java.util.concurrent.CompletableFuture;

/** Calls one service. Any thread. */
public interface ServiceClient extends AutoCloseable {

  /** The service's full name, after expansion and remapping. */
  String name();

  /**
   * Sends a request. A request sent while no server is there may never be answered: see {@link
   * #ready}, and bound the wait ({@link CompletableFuture#orTimeout}).
   *
   * @param request serialized request with its 4-byte encapsulation header, read during the call
   *     only
   * @param bytes how many bytes of {@code request} are the request
   * @return the serialized response with its header, completed on the transport's receive thread;
   *     fails with {@link RosFault} when the client is closed first; cancelling it forgets the
   *     request
   * @throws RosFault when the client is closed or the middleware refuses
   */
  CompletableFuture<byte[]> call(MemorySegment request, long bytes);

  /** Whether a server of this service is matched now. */
  boolean ready();

  /** Leaves the graph; calls still open fail. A second call does nothing. */
  @Override
  void close();
}
