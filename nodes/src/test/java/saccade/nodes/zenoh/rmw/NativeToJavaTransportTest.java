package saccade.nodes.zenoh.rmw;

import saccade.nodes.zenoh.RealLibrary;
import saccade.nodes.zenoh.ZenohConfig;

/** Over libzenohc who offers, in Java who looks. */
class NativeToJavaTransportTest extends TransportContract {
  @Override
  ZenohTransport first(ZenohConfig config, int domain) {
    return ZenohTransport.open(RealLibrary.path(), config, domain);
  }

  @Override
  ZenohTransport second(ZenohConfig config, int domain) {
    return ZenohTransport.open(config, domain);
  }
}
