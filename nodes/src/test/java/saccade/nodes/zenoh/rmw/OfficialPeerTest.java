package saccade.nodes.zenoh.rmw;

import saccade.nodes.zenoh.ZenohConfig;

/** The session in Java. */
class OfficialPeerTest extends OfficialPeerContract {
  @Override
  ZenohTransport open(ZenohConfig config) {
    return ZenohTransport.open(config, 0);
  }
}
