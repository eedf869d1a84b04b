package saccade.nodes.zenoh;

import saccade.nodes.zenoh.c.Zenohc;

/** A liveliness token of libzenohc. */
final class NativeToken extends NativeHandle {
  final String key;

  NativeToken(NativeSession session, String key) {
    super(session);
    this.key = key;
  }

  @Override
  void silence() {
    // who watches in this session is told by it, after the library
  }

  @Override
  void undeclare() {
    Zenohc.call(Zenohc.UNDECLARE_TOKEN, owned.address());
    session.tokenGoes(key);
  }
}
