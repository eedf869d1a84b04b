package saccade.nodes.zenoh;

/** The session in Java. */
class RouterTest extends RouterContract {
  @Override
  ZenohSession open(ZenohConfig config) {
    return ZenohSession.open(config);
  }
}
