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
 * @param surface how its faces are painted; the colour above is its main colour
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
    int objectId,
    Surface surface) {

  /** What a box is part of. */
  public enum Kind {
    CAR,
    TRUCK,
    CYCLIST,
    PEDESTRIAN,
    CONE,
    STOP_SIGN,
    LIGHT_RED,
    LIGHT_AMBER,
    LIGHT_GREEN,
    BRAKE_LAMP,
    INDICATOR,
    HEAD_LAMP,
    STRUCTURE
  }

  /** How the faces are painted. */
  public enum Surface {
    /** One colour. */
    PLAIN,
    /** A facade: rows of windows in a wall; some are lit at night. */
    WINDOWS,
    /** Masonry. */
    BRICK,
    /** Leaves. */
    FOLIAGE,
    /**
     * A stop sign's plate across the length axis: red with a white rim towards whoever drives along
     * the heading, grey behind.
     */
    STOP_PLATE,
    /** Bands of orange and white, one above the other. */
    CONE_BANDS,
    /** Side of a vehicle: a darker band of glass. */
    PANEL,
    /** Bars with gaps between them: a fence, a mast. */
    LATTICE
  }

  /** A box in one colour. */
  public Box(
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
    this(
        cx,
        cy,
        cz,
        yawRad,
        lengthM,
        widthM,
        heightM,
        r,
        g,
        b,
        emissive,
        reflectivity,
        kind,
        objectId,
        Surface.PLAIN);
  }
}
