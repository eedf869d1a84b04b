package saccade.sim.world;

/**
 * One oriented cuboid of the scene, in the world frame (x east, y north, z up, metres, ground at z
 * = 0).
 *
 * @param cx centre, metres
 * @param cy centre, metres
 * @param cz centre, metres
 * @param yawRad heading of the length axis, counter-clockwise from x
 * @param lengthM full extent along the heading
 * @param widthM full extent across the heading
 * @param heightM full extent along z
 * @param r red, 0..255
 * @param g green, 0..255
 * @param b blue, 0..255
 * @param emissive shines: drawn with its full colour whatever the daylight, and marks a lamp as lit
 * @param reflectivity LiDAR reflectivity, 0..1
 * @param kind what the box is part of; an unlit lamp keeps its kind and is not emissive
 * @param objectId boxes of one object share it; unique within a scene, -1 for scenery without
 *     identity
 */
public record Box(
    double cx,
    double cy,
    double cz,
    double yawRad,
    double lengthM,
    double widthM,
    double heightM,
    int r,
    int g,
    int b,
    boolean emissive,
    double reflectivity,
    Kind kind,
    int objectId) {

  /** What a box is part of. */
  public enum Kind {
    CAR,
    PEDESTRIAN,
    LIGHT_RED,
    LIGHT_GREEN,
    BRAKE_LAMP,
    STRUCTURE
  }
}
