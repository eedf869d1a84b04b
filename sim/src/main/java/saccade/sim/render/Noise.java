package saccade.sim.render;

/**
 * Seeded hashes and a fixed tileable texture: all randomness of the renderers. Stateless, allocates
 * nothing.
 */
final class Noise {
  /** Edge of the square texture tile, texels; a power of two. */
  static final int TILE = 256;

  /**
   * Tile of signed grey values of about -100..100, row-major [TILE][TILE], repeats without a seam.
   */
  private static final byte[] GRAIN = grain();

  /** Edge of the tile of blotches, steps, and how many of its steps make a texel of the grain. */
  private static final int BLOTCH_TILE = 512;

  private static final int BLOTCH_STEPS = 8;

  /** {@link #smooth} on a grid of eighths of a texel, so that the pixel loop needs one load. */
  private static final byte[] BLOTCHES = blotches();

  /** Length of {@link #GRAINS}; with any start below it a row of up to that many pixels fits. */
  static final int GRAINS_START = 8192;

  /** Sensor noise: triangular around 0, -15..15, for rows of at most 16384 pixels. */
  static final float[] GRAINS = grains();

  private Noise() {}

  /** SplitMix64 finaliser: a well-mixed 64-bit hash. */
  static long mix(long value) {
    long z = value + 0x9E3779B97F4A7C15L;
    z = (z ^ (z >>> 30)) * 0xBF58476D1CE4E5B9L;
    z = (z ^ (z >>> 27)) * 0x94D049BB133111EBL;
    return z ^ (z >>> 31);
  }

  /** Cheap 32-bit hash for the pixel loops. */
  static int mix(int value) {
    int h = value * 0x9E3779B1;
    h = (h ^ (h >>> 15)) * 0x85EBCA77;
    h = (h ^ (h >>> 13)) * 0xC2B2AE3D;
    return h ^ (h >>> 16);
  }

  /** Uniform in [0, 1) from a hash and the number of the draw. */
  static double unit(long seed, int draw) {
    return (mix(seed + draw * 0x632BE59BD9B4E019L) >>> 11) * 0x1.0p-53;
  }

  /**
   * Nearly normal value with mean 0 and deviation 1 from 64 hashed bits; never beyond +-3.47 (sum
   * of four uniforms).
   */
  static double normal(long hash) {
    long sum = (hash & 0xFFFF) + (hash >>> 16 & 0xFFFF) + (hash >>> 32 & 0xFFFF) + (hash >>> 48);
    return (sum - 2 * 65535.0) / (65535.0 * 0.5773502691896258);
  }

  private static float[] grains() {
    float[] values = new float[GRAINS_START + 16384];
    for (int i = 0; i < values.length; i++) {
      int h = mix(i * 31 + 17);
      values[i] = (h & 15) + (h >>> 4 & 15) - 15;
    }
    return values;
  }

  /** Like {@link #texel(double, double)}; coordinates within +-4e4. */
  static int texel(float x, float y) {
    int i = (int) (x + 65536f) & (TILE - 1);
    int j = (int) (y + 65536f) & (TILE - 1);
    return GRAIN[j * TILE + i];
  }

  /** Like {@link #blotch(double, double)}; coordinates within +-6e3. */
  static int blotch(float x, float y) {
    int i = (int) (x * BLOTCH_STEPS + 65536f) & (BLOTCH_TILE - 1);
    int j = (int) (y * BLOTCH_STEPS + 65536f) & (BLOTCH_TILE - 1);
    return BLOTCHES[j * BLOTCH_TILE + i];
  }

  /** Nearest texel at (x, y) texels, about -100..100. Coordinates within +-4e6. */
  static int texel(double x, double y) {
    int i = (int) (x + 4194304.0) & (TILE - 1);
    int j = (int) (y + 4194304.0) & (TILE - 1);
    return GRAIN[j * TILE + i];
  }

  /** Bilinear texture value at (x, y) texels, about -100..100. Coordinates within +-4e6. */
  static float smooth(double x, double y) {
    double gx = x + 4194304.0;
    double gy = y + 4194304.0;
    int ix = (int) gx;
    int iy = (int) gy;
    float u = (float) (gx - ix);
    float v = (float) (gy - iy);
    int i0 = ix & (TILE - 1);
    int i1 = (ix + 1) & (TILE - 1);
    int j0 = (iy & (TILE - 1)) * TILE;
    int j1 = ((iy + 1) & (TILE - 1)) * TILE;
    float a = GRAIN[j0 + i0] + u * (GRAIN[j0 + i1] - GRAIN[j0 + i0]);
    float b = GRAIN[j1 + i0] + u * (GRAIN[j1 + i1] - GRAIN[j1 + i0]);
    return a + v * (b - a);
  }

  /**
   * Like {@link #smooth} to an eighth of a texel; repeats after 64 texels. Coordinates within
   * +-5e5.
   */
  static int blotch(double x, double y) {
    int i = (int) (x * BLOTCH_STEPS + 4194304.0) & (BLOTCH_TILE - 1);
    int j = (int) (y * BLOTCH_STEPS + 4194304.0) & (BLOTCH_TILE - 1);
    return BLOTCHES[j * BLOTCH_TILE + i];
  }

  private static byte[] blotches() {
    byte[] tile = new byte[BLOTCH_TILE * BLOTCH_TILE];
    int texels = BLOTCH_TILE / BLOTCH_STEPS;
    for (int j = 0; j < BLOTCH_TILE; j++) {
      for (int i = 0; i < BLOTCH_TILE; i++) {
        int i0 = i / BLOTCH_STEPS;
        int j0 = j / BLOTCH_STEPS;
        int i1 = (i0 + 1) % texels;
        int j1 = (j0 + 1) % texels;
        double u = (double) (i % BLOTCH_STEPS) / BLOTCH_STEPS;
        double v = (double) (j % BLOTCH_STEPS) / BLOTCH_STEPS;
        double a = GRAIN[j0 * TILE + i0] * (1 - u) + GRAIN[j0 * TILE + i1] * u;
        double b = GRAIN[j1 * TILE + i0] * (1 - u) + GRAIN[j1 * TILE + i1] * u;
        tile[j * BLOTCH_TILE + i] = (byte) Math.round(a * (1 - v) + b * v);
      }
    }
    return tile;
  }

  /**
   * White noise plus two blurred octaves, so that nearest look-ups look like grains and smooth ones
   * like blotches.
   */
  private static byte[] grain() {
    byte[] tile = new byte[TILE * TILE];
    for (int j = 0; j < TILE; j++) {
      for (int i = 0; i < TILE; i++) {
        double fine = unit(1, j * TILE + i) * 2 - 1;
        double middle = lattice(2, i, j, 4);
        double broad = lattice(3, i, j, 16);
        tile[j * TILE + i] = (byte) Math.round(45 * fine + 30 * middle + 25 * broad);
      }
    }
    return tile;
  }

  private static double lattice(long seed, int i, int j, int cell) {
    int n = TILE / cell;
    int ci = i / cell;
    int cj = j / cell;
    double u = (double) (i % cell) / cell;
    double v = (double) (j % cell) / cell;
    u = u * u * (3 - 2 * u);
    v = v * v * (3 - 2 * v);
    int ni = (ci + 1) % n;
    int nj = (cj + 1) % n;
    double a = unit(seed, cj * n + ci) * (1 - u) + unit(seed, cj * n + ni) * u;
    double b = unit(seed, nj * n + ci) * (1 - u) + unit(seed, nj * n + ni) * u;
    return (a * (1 - v) + b * v) * 2 - 1;
  }
}
