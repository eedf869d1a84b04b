package saccade.nodes.zenoh.rmw;

import saccade.nodes.zenoh.RealLibrary;
import saccade.nodes.zenoh.ZenohConfig;

/** In Java who offers, over libzenohc who looks. */
class JavaToNativeTransportTest extends TransportContract {
  @Override
  ZenohTransport first(ZenohConfig config, int domain) {
    return ZenohTransport.open(config, domain);
  }

  @Override
  ZenohTransport second(ZenohConfig config, int domain) {
    return ZenohTransport.open(RealLibrary.path(), config, domain);
  }
}
