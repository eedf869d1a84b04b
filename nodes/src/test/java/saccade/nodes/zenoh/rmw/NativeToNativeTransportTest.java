package saccade.nodes.zenoh.rmw;

import saccade.nodes.zenoh.RealLibrary;
import saccade.nodes.zenoh.ZenohConfig;

/** Both over libzenohc. */
class NativeToNativeTransportTest extends TransportContract {
  @Override
  ZenohTransport first(ZenohConfig config, int domain) {
    return ZenohTransport.open(RealLibrary.path(), config, domain);
  }

  @Override
  ZenohTransport second(ZenohConfig config, int domain) {
    return ZenohTransport.open(RealLibrary.path(), config, domain);
  }
}
