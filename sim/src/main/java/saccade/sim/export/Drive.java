package saccade.sim.export;

import saccade.sim.traffic.Ego;
import saccade.sim.traffic.World;
import saccade.sim.truth.Plan;

/**
 * What one exported sequence shows: a world, the ego in it, and who steers it from frame to frame.
 *
 * @param kind number of the scenario kind, as exported
 */
record Drive(World world, Ego ego, double setSpeedMps, int kind, Steering steering) {
  /** Commands the ego for the next 0.1 s. */
  @FunctionalInterface
  interface Steering {
    /**
     * @param frame of the sequence, from 0
     * @param plan what the expert would do from here
     * @param ego to be commanded
     */
    void steer(int frame, Plan plan, Ego ego);
  }

  /** Leaves the ego to what it was last commanded. */
  static final Steering NOBODY = (frame, plan, ego) -> {};

  /** The same drive with somebody else at the wheel. */
  Drive steered(Steering by) {
    return new Drive(world, ego, setSpeedMps, kind, by);
  }
}
