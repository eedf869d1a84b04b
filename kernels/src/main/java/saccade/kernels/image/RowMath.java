package saccade.kernels.image;

import saccade.kernels.Lanes;

/**
 * The inner loops of the resize, in twins that give equal bits.
 *
 * <p>Rows are padded with zeros to a multiple of {@link #PAD}, so that no twin needs a tail loop;
 * {@code n} is a padded length.
 */
sealed interface RowMath permits PlainRowMath, VectorRowMath {
  int PAD = 64;

  static RowMath of(Lanes lanes) {
    return switch (lanes) {
      case PLAIN -> new PlainRowMath();
      case VECTOR -> new VectorRowMath();
    };
  }

  static int padded(int n) {
    return (n + PAD - 1) / PAD * PAD;
  }

  /** sum[i] = weight * row[i], row as unsigned bytes. */
  void begin(byte[] row, float weight, float[] sum, int n);

  /** sum[i] += weight * row[i], row as unsigned bytes. */
  void add(byte[] row, float weight, float[] sum, int n);

  /** sum[i] = upper[i] + lower[i], as unsigned bytes. */
  void addPair(byte[] upper, byte[] lower, float[] sum, int n);

  /**
   * One output row of pixels: weighted sums along x, then scale and bias.
   *
   * @param sum weighted source row, three floats a pixel, plus at least one float of padding
   * @param x weights along x
   * @param order order of the bytes in a source pixel; the output is R, G, B
   * @param gain [4] factor of byte 0, 1, 2 of a source pixel; entry 3 is 0
   * @param bias [4] addend of byte 0, 1, 2 of a source pixel; entry 3 is 0
   * @param out three floats a pixel, plus at least one float of padding, which may be overwritten
   */
  void finish(
      float[] sum, AxisWeights x, PixelFormat order, float[] gain, float[] bias, float[] out);

  /** As finish, when every output pixel is the sum of two whole source pixels. */
  void finishHalving(
      float[] sum, int pixels, PixelFormat order, float[] gain, float[] bias, float[] out);
}
