package saccade.kernels.image;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteOrder;

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

  private static final VarHandle LONG =
      MethodHandles.byteArrayViewVarHandle(long[].class, ByteOrder.LITTLE_ENDIAN);
  private static final ValueLayout.OfLong U64 =
      ValueLayout.JAVA_LONG_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);
  private static final long TOPS = 0x8080_8080_8080_8080L;

  private final int rowBytes;
  private final AxisWeights weights;
  private final byte[] evenRow; // (rowBytes) byte - 128 of a source row with an even number
  private final byte[] oddRow;
  private int evenLoaded;
  private int oddLoaded;

  /**
   * @param rowBytes bytes of a row without padding
   * @param weights along y
   */
  PlaneRows(int rowBytes, AxisWeights weights) {
    this.rowBytes = rowBytes;
    this.weights = weights;
    this.evenRow = new byte[rowBytes];
    this.oddRow = new byte[rowBytes];
    begin();
  }

  /** Room for the sums of a row. */
  float[] newSums() {
    return new float[rowBytes];
  }

  /** Forgets the last picture. */
  void begin() {
    evenLoaded = -1;
    oddLoaded = -1;
  }

  /**
   * The weighted sum of the source rows of output row y.
   *
   * @param base where the plane begins in {@code src}
   * @param sum receives rowBytes sums
   */
  void at(MemorySegment src, long base, long strideBytes, int y, float[] sum) {
    float[] w = weights.weights();
    int k = weights.first()[y];
    int end = weights.first()[y + 1];
    int sy = weights.start()[y];
    // Two rows at a time: the sums are loaded and stored half as often.
    if ((end - k) % 2 == 1) {
      begin(row(src, base, strideBytes, sy), w[k], sum, rowBytes);
      k++;
      sy++;
    } else {
      byte[] first = row(src, base, strideBytes, sy);
      begin(first, w[k], row(src, base, strideBytes, sy + 1), w[k + 1], sum, rowBytes);
      k += 2;
      sy += 2;
    }
    for (; k < end; k += 2, sy += 2) {
      byte[] first = row(src, base, strideBytes, sy);
      add(first, w[k], row(src, base, strideBytes, sy + 1), w[k + 1], sum, rowBytes);
    }
  }

  /** Source row y; stays until another of y's parity is asked for. */
  private byte[] row(MemorySegment src, long base, long strideBytes, int y) {
    if (y % 2 == 0) {
      if (y != evenLoaded) {
        load(src, base + y * strideBytes, evenRow);
        evenLoaded = y;
      }
      return evenRow;
    }
    if (y != oddLoaded) {
      load(src, base + y * strideBytes, oddRow);
      oddLoaded = y;
    }
    return oddRow;
  }

  private void load(MemorySegment src, long from, byte[] row) {
    int longs = rowBytes / Long.BYTES;
    centre(src, from, row, longs);
    for (int i = Long.BYTES * longs; i < rowBytes; i++) {
      row[i] = (byte) (src.get(ValueLayout.JAVA_BYTE, from + i) ^ 0x80);
    }
  }

  // Each loop in a method of its own: small, hot, and made vector code of.

  private static void centre(MemorySegment src, long from, byte[] row, int longs) {
    for (int i = 0; i < longs; i++) {
      LONG.set(row, 8 * i, src.get(U64, from + 8L * i) ^ TOPS);
    }
  }

  private static void begin(byte[] row, float weight, float[] sum, int n) {
    for (int i = 0; i < n; i++) {
      sum[i] = weight * row[i];
    }
  }

  private static void begin(byte[] a, float wa, byte[] b, float wb, float[] sum, int n) {
    for (int i = 0; i < n; i++) {
      sum[i] = wa * a[i] + wb * b[i];
    }
  }

  private static void add(byte[] a, float wa, byte[] b, float wb, float[] sum, int n) {
    for (int i = 0; i < n; i++) {
      sum[i] += wa * a[i] + wb * b[i];
    }
  }
}
