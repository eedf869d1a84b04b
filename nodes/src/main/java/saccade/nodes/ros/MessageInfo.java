package saccade.nodes.ros;

/**
 * Where a message comes from. Mutable and reused by the transport: copy what is to outlive the
 * call.
 */
public final class MessageInfo {

  /** Bytes of a global entity id. */
  public static final int GID_BYTES = 16;

  /**
   * When the publisher sent it, by the sender's wall clock, nanoseconds since 1970; 0 when unknown.
   */
  public long sourceStampNs;

  /** When it arrived, by this machine's wall clock, nanoseconds since 1970; 0 when unknown. */
  public long receivedStampNs;

  /** The publisher's count of it, from 1; -1 when the middleware does not tell. */
  public long sequence;

  /** The publisher's global id, 16 bytes, as in the graph's {@link EndpointInfo#gid}. */
  public final byte[] gid = new byte[GID_BYTES];

  /** Everything unknown. */
  public MessageInfo() {}
}
