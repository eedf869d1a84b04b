package saccade.sim;

/**
 * Numbers drawn from a seed that depend on what is asked alone, so that any order of asking gives
 * the same. Allocates nothing.
 */
final class Draws {
  private Draws() {}

  /**
   * Evenly in [0, 1): Stafford's variant 13 of the 64-bit finaliser over the arguments.
   *
   * @param who e.g. a sensor
   * @param n e.g. its frame
   * @param what of it, 0..255
   */
  static double unit(long seed, int who, long n, int what) {
    long z = seed * 0x9E3779B97F4A7C15L + ((long) who << 8 | what) * 0xD1B54A32D192ED03L;
    z = scatter(z) + n * 0x9E3779B97F4A7C15L;
    return (scatter(z) >>> 11) * 0x1p-53;
  }

  /** Normally distributed, mean 0, deviation 1 (Box and Muller 1958); {@code what} and the next. */
  static double normal(long seed, int who, long n, int what) {
    double u = 1 - unit(seed, who, n, what);
    return Math.sqrt(-2 * Math.log(u)) * Math.cos(2 * Math.PI * unit(seed, who, n, what + 1));
  }

  private static long scatter(long bits) {
    long z = bits;
    z = (z ^ z >>> 30) * 0xBF58476D1CE4E5B9L;
    z = (z ^ z >>> 27) * 0x94D049BB133111EBL;
    return z ^ z >>> 31;
  }
}
