package saccade.kernels.image;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;

/**
 * The vertical half of a resize: rows of one plane, weighted and added up.
 *
 * <p>Sums are of (byte - 128), because the compiler makes vector code of signed bytes turned to
 * float and not of unsigned ones; who scales adds 128 times the weights back. A row that two output
 * rows share is loaded once. Whole pixels are added exactly.
 */
final class PlaneRows {
  /** What the sums lack for each unit of weight. */
  static final float ZERO = 128f;

  private final int rowBytes;
  private final AxisWeights weights;
  private final byte[] row; // (rowBytes) byte - 128
  private int loaded = -1;

  /**
   * @param rowBytes bytes of a row without padding
   * @param weights along y
   */
  PlaneRows(int rowBytes, AxisWeights weights) {
    this.rowBytes = rowBytes;
    this.weights = weights;
    this.row = new byte[rowBytes];
  }

  /** Room for the sums of a row. */
  float[] newSums() {
    return new float[rowBytes];
  }

  /** Forgets the last picture. */
  void begin() {
    loaded = -1;
  }

  /**
   * The weighted sum of the source rows of output row y.
   *
   * @param base where the plane begins in {@code src}
   * @param sum receives rowBytes sums
   */
  void at(MemorySegment src, long base, long strideBytes, int y, float[] sum) {
    int from = weights.first()[y];
    int end = weights.first()[y + 1];
    int sy = weights.start()[y];
    load(src, base, strideBytes, sy);
    begin(row, weights.weights()[from], sum, rowBytes);
    for (int k = from + 1; k < end; k++) {
      load(src, base, strideBytes, ++sy);
      add(row, weights.weights()[k], sum, rowBytes);
    }
  }

  private void load(MemorySegment src, long base, long strideBytes, int y) {
    if (y == loaded) {
      return;
    }
    MemorySegment.copy(src, ValueLayout.JAVA_BYTE, base + y * strideBytes, row, 0, rowBytes);
    centre(row, rowBytes);
    loaded = y;
  }

  // Each loop in a method of its own: small, hot, and made vector code of.

  private static void centre(byte[] row, int n) {
    for (int i = 0; i < n; i++) {
      row[i] = (byte) (row[i] ^ 0x80);
    }
  }

  private static void begin(byte[] row, float weight, float[] sum, int n) {
    for (int i = 0; i < n; i++) {
      sum[i] = weight * row[i];
    }
  }

  private static void add(byte[] row, float weight, float[] sum, int n) {
    for (int i = 0; i < n; i++) {
      sum[i] += weight * row[i];
    }
  }
}
