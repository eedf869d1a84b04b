package saccade.nodes.zenoh.rmw;

import saccade.nodes.zenoh.ZenohConfig;

/** Both in Java. */
class ZenohTransportTest extends TransportContract {
  @Override
  ZenohTransport first(ZenohConfig config, int domain) {
    return ZenohTransport.open(config, domain);
  }

  @Override
  ZenohTransport second(ZenohConfig config, int domain) {
    return ZenohTransport.open(config, domain);
  }
}
