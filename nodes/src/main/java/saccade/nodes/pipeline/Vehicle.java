package saccade.nodes.pipeline;

/** What the controller drives: the simulated ego; later a bus or a topic. */
@FunctionalInterface
public interface Vehicle {

  /** Nobody to drive (recordings). */
  Vehicle NONE = (nowNs, accelMps2, curvature1pm) -> {};

  /**
   * Hot path, control thread. Acts from {@code nowNs} on.
   *
   * @param accelMps2 longitudinal acceleration, m/s^2
   * @param curvature1pm path curvature, 1/m, left positive
   */
  void command(long nowNs, double accelMps2, double curvature1pm);
}
