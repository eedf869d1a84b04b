package saccade.kernels.attention;

/**
 * Cosines and sines of rotary position embedding, f32 [maxPositions, headDim / 2].
 *
 * <p>Entry (p, i) holds the angle p * theta^(-2 i / headDim) (Su et al. 2021, RoFormer, eq. 15).
 * Set-up only; immutable afterwards, so threads may share it.
 */
public final class RotaryTable {
  private final int maxPositions;
  private final int headDim;
  private final float[] cos; // (maxPositions, headDim / 2)
  private final float[] sin; // (maxPositions, headDim / 2)

  /**
   * Computes the table in double and stores floats.
   *
   * @param maxPositions rows, positions 0..maxPositions - 1
   * @param headDim floats of a head, even
   * @param theta base of the frequencies, &gt; 0 (10000 in saccade-nano)
   */
  public RotaryTable(int maxPositions, int headDim, double theta) {
    if (maxPositions <= 0 || headDim <= 0 || headDim % 2 != 0 || !(theta > 0)) {
      throw new IllegalArgumentException(
          "rotary table: wanted positions > 0, an even headDim > 0 and theta > 0, found "
              + maxPositions
              + ", "
              + headDim
              + ", "
              + theta);
    }
    this.maxPositions = maxPositions;
    this.headDim = headDim;
    int half = headDim / 2;
    this.cos = new float[Math.multiplyExact(maxPositions, half)];
    this.sin = new float[cos.length];
    for (int i = 0; i < half; i++) {
      double frequency = Math.pow(theta, -2.0 * i / headDim);
      for (int p = 0; p < maxPositions; p++) {
        cos[p * half + i] = (float) Math.cos(p * frequency);
        sin[p * half + i] = (float) Math.sin(p * frequency);
      }
    }
  }

  /** Rows of the table. */
  public int maxPositions() {
    return maxPositions;
  }

  /** Floats of a head; the table is half as wide. */
  public int headDim() {
    return headDim;
  }

  /** Cosine of pair i (0..headDim / 2 - 1) at a position. */
  public float cos(int position, int i) {
    return cos[position * (headDim / 2) + i];
  }

  /** Sine of pair i (0..headDim / 2 - 1) at a position. */
  public float sin(int position, int i) {
    return sin[position * (headDim / 2) + i];
  }

  /** Copies the cosines and sines of the turn by delta positions, which may be negative. */
  void turn(int delta, float[] cosOut, float[] sinOut) {
    if (Math.abs((long) delta) >= maxPositions) {
      throw new IllegalArgumentException(
          "rotary shift: wanted |delta| < " + maxPositions + " positions, found " + delta);
    }
    int half = headDim / 2;
    int from = Math.abs(delta) * half;
    System.arraycopy(cos, from, cosOut, 0, half);
    for (int i = 0; i < half; i++) {
      sinOut[i] = delta < 0 ? -sin[from + i] : sin[from + i];
    }
  }
}
