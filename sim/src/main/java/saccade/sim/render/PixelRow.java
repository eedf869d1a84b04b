package saccade.sim.render;

/**
 * One row of pixels on its way to the picture, an array a quantity. Loops over it do a few
 * operations each: the compiler turns short ones into vector code and leaves long ones alone. Owned
 * by a {@link CameraRenderer}, filled by its painters; [width] each.
 */
final class PixelRow {
  final int width;

  /** x of the ray with z = 1; the same for every row. */
  final float[] rayX;

  /** Metres along the optical axis, at most {@link Atmosphere#FARTHEST_M}. */
  final float[] depth;

  /** Light of head lamps that falls here. */
  final float[] lamp;

  /** Scratch of the lamps. */
  final float[] forward;

  final float[] aside;
  final float[] above;

  /** Share of the light that the air lets through. */
  final float[] left;

  /** World position of the ground, metres; only where ground shows. */
  final float[] groundX;

  final float[] groundY;

  /** 0..255 and beyond, exposed, before the air. */
  final float[] red;

  final float[] green;
  final float[] blue;

  /** y of the rays with z = 1. */
  float rayY;

  PixelRow(int width) {
    this.width = width;
    rayX = new float[width];
    depth = new float[width];
    lamp = new float[width];
    forward = new float[width];
    aside = new float[width];
    above = new float[width];
    left = new float[width];
    groundX = new float[width];
    groundY = new float[width];
    red = new float[width];
    green = new float[width];
    blue = new float[width];
  }
}
