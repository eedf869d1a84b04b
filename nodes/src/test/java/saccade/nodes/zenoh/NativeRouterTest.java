package saccade.nodes.zenoh;

/** The session of libzenohc. */
class NativeRouterTest extends RouterContract {
  @Override
  ZenohSession open(ZenohConfig config) {
    return ZenohSession.open(RealLibrary.path(), config);
  }
}
