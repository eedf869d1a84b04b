package saccade.nodes.zenoh;

/** A session in Java listens, one of libzenohc dials. */
class NativeToJavaTest extends SessionContract {
  @Override
  ZenohSession first(ZenohConfig config) {
    return ZenohSession.open(config);
  }

  @Override
  ZenohSession second(ZenohConfig config) {
    return ZenohSession.open(RealLibrary.path(), config);
  }

  @Override
  int rounds() {
    return 2; // it dials again after a second, then two, then four
  }
}
