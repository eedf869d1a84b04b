package saccade.sim.traffic;

/**
 * A traffic cone that stands where it is put.
 *
 * @param id object id
 * @param s along the road, metres
 * @param d across the road, metres, left positive
 */
public record Cone(int id, double s, double d) {
  public static final double WIDTH_M = 0.35;
  public static final double HEIGHT_M = 0.75;
}
