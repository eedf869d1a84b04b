package saccade.nodes.zenoh;

/** Between two sessions of libzenohc. */
class NativeToNativeTest extends SessionContract {
  @Override
  ZenohSession first(ZenohConfig config) {
    return ZenohSession.open(RealLibrary.path(), config);
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
