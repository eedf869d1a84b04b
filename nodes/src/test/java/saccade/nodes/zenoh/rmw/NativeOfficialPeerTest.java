package saccade.nodes.zenoh.rmw;

import saccade.nodes.zenoh.RealLibrary;
import saccade.nodes.zenoh.ZenohConfig;

/** The session of libzenohc. */
class NativeOfficialPeerTest extends OfficialPeerContract {
  @Override
  ZenohTransport open(ZenohConfig config) {
    return ZenohTransport.open(RealLibrary.path(), config, 0);
  }
}
