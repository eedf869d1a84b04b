package saccade.nodes.play;

/**
 * What stands in for ego motion that a recording does not have.
 *
 * @param speedMps used where the speed was not recorded, m/s
 * @param setSpeedMps used where the wanted speed was not recorded, m/s
 */
public record EgoAssumptions(double speedMps, double setSpeedMps) {

  /** Stands, and wants to drive at 50 km/h. */
  public static final EgoAssumptions STANDING_IN_TOWN = new EgoAssumptions(0, 13.9);

  public EgoAssumptions {
    if (!(speedMps >= 0 && speedMps <= 100) || !(setSpeedMps >= 0 && setSpeedMps <= 100)) {
      throw new IllegalArgumentException(
          "assumed speed: expected 0..100 m/s, found " + speedMps + " and " + setSpeedMps);
    }
  }
}
