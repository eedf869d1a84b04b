package saccade.nodes.zenoh;

/** What a session is in the network. */
public enum Role {
  /** Forwards for others. We speak to routers and are none. */
  ROUTER(0),
  /** Talks to other peers directly; listens. */
  PEER(1),
  /** Has one link, to a router or a peer, which does the rest. */
  CLIENT(2);

  /** In INIT, HELLO. */
  final int wire;

  Role(int wire) {
    this.wire = wire;
  }

  static Role of(int wire) {
    return switch (wire) {
      case 0 -> ROUTER;
      case 1 -> PEER;
      case 2 -> CLIENT;
      default -> throw ZenohFault.malformed("role " + wire + "; wanted 0..2");
    };
  }

  /** In gossip and SCOUT the same three are bits: 1, 2, 4. */
  int bit() {
    return 1 << wire;
  }

  static Role ofBit(int bit) {
    return switch (bit) {
      case 1 -> ROUTER;
      case 2 -> PEER;
      case 4 -> CLIENT;
      default -> throw ZenohFault.malformed("role bit " + bit + "; wanted 1, 2 or 4");
    };
  }
}
