package saccade.nodes.zenoh;

/**
 * Something that ends one link, never the session. One line: what was found, what was wanted, with
 * whom.
 */
@SuppressWarnings("serial")
public final class ZenohFault extends RuntimeException {
  /** Faults have names, and each is counted. */
  public enum Kind {
    /** Bytes that are no message: a length beyond its batch, an unknown id, a bad key. */
    MALFORMED,
    /** A protocol version other than 9. */
    VERSION,
    /** A message longer than the session accepts. */
    TOO_LARGE,
    /** More key expressions, tokens or declarations than the session accepts of one peer. */
    TOO_MANY,
    /** Nothing came for as long as the peer had promised to be heard at most. */
    LEASE_EXPIRED,
    /** The peer said CLOSE. */
    CLOSED_BY_PEER,
    /** The connection ended. */
    CONNECTION_LOST,
    /** Nobody listens there, or the name is unknown. */
    UNREACHABLE,
    /** The peer took nothing for the time a blocking message waits at most. */
    BLOCKED,
    /** We dialled ourselves. */
    TO_SELF,
    /** There is a link to that peer already. */
    DUPLICATE,
    /** More links than the session accepts. */
    TOO_MANY_LINKS,
    /** The opening took too long, or its messages came out of order, or the cookie was not ours. */
    HANDSHAKE,
    /** TLS refused. */
    TLS,
    /** The session was closed by its owner. */
    CLOSED
  }

  private final Kind kind;

  public ZenohFault(Kind kind, String oneLine) {
    super(kind + ": " + oneLine);
    this.kind = kind;
  }

  public Kind kind() {
    return kind;
  }

  static ZenohFault malformed(String oneLine) {
    return new ZenohFault(Kind.MALFORMED, oneLine);
  }
}
