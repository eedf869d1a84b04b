package saccade.nodes.zenoh;

/** A session of libzenohc listens, one in Java dials. */
class JavaToNativeTest extends SessionContract {
  @Override
  ZenohSession first(ZenohConfig config) {
    return ZenohSession.open(RealLibrary.path(), config);
  }

  @Override
  ZenohSession second(ZenohConfig config) {
    return ZenohSession.open(config);
  }
}
