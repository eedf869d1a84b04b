package saccade.kernels.image;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteOrder;

/**
 * Patches of a picture of three bytes a pixel that is exactly twice the model's, a band at a time,
 * in integers up to the normalisation: sums of four bytes are exact.
 *
 * <p>Two bytes of a row are one short. Split into its low and its high byte, a row gives the even
 * and the odd bytes, each as long as a row of the model's picture:
 *
 * <pre>
 *   bytes      B  G  R  B' G' R'   two pixels become one
 *   even       B     R     G'
 *   odd           G     B'    R'
 *   blue = even[0] + odd[1],  green = odd[0] + even[2],  red = even[1] + odd[2]
 * </pre>
 *
 * so nothing has to be picked out of rows twice as long: each channel is a sum of two shorts at a
 * fixed distance, chosen by a mask. Rows of four lines are put into the order of patches as longs
 * (a line of a patch is three) and scaled last. Each step is a loop of its own with constant
 * distances, because those are what the compiler makes vector code of.
 */
final class HalvedPatches {
  private static final ValueLayout.OfShort PAIR =
      ValueLayout.JAVA_SHORT_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);
  private static final int CHANNELS = PixelFormat.CHANNELS;
  private static final int LINES = PixelRows.TOGETHER; // of a band of patches
  private static final int LINE_LONGS = 3; // of one patch: 4 pixels of 3 shorts
  private static final int EDGE = 2; // shorts that a row is looked at beyond its ends
  private static final int SUMMED = 4; // pixels that become one

  private final int line; // shorts of a line of the model's picture = pairs of a source row
  private final int patches; // in a band
  private final boolean blueFirst;
  private final short[] pairs; // (2 * LINES, line) source rows
  private final short[] upper; // (LINES, line) between two edges
  private final short[] lower;
  private final short[] even;
  private final short[] odd;
  private final short[] sums; // (LINES, line) R, G, B of four pixels
  private final long[] lines; // the same
  private final long[] sorted; // (patches, LINES, LINE_LONGS)
  private final short[] ordered; // the same: (patches, LINES, 4, 3)
  private final MemorySegment sumsMemory;
  private final MemorySegment linesMemory;
  private final MemorySegment sortedMemory;
  private final MemorySegment orderedMemory;
  private final short[] isRed; // (LINES, line) all ones where a short is red, else 0
  private final short[] isGreen;
  private final short[] isBlue;
  private final short[] notRed;
  private final short[] notBlue;
  private final Normalise normalise;

  /** Whether these pictures are exactly halved into patches of 4x4. */
  static boolean fits(int srcWidth, int srcHeight, PixelFormat format, PatchSpec spec) {
    return format.bytesPerPixel() == CHANNELS
        && srcWidth == 2 * spec.widthPx()
        && srcHeight == 2 * spec.heightPx()
        && spec.patchPx() == LINES;
  }

  HalvedPatches(PixelFormat format, PatchSpec spec) {
    line = CHANNELS * spec.widthPx();
    patches = spec.patchCols();
    blueFirst = format == PixelFormat.BGR8;
    int shorts = LINES * line;
    pairs = new short[2 * shorts];
    upper = new short[shorts + 2 * EDGE];
    lower = upper.clone();
    even = upper.clone();
    odd = upper.clone();
    sums = new short[shorts];
    ordered = new short[shorts];
    lines = new long[shorts / 4];
    sorted = new long[shorts / 4];
    sumsMemory = MemorySegment.ofArray(sums);
    linesMemory = MemorySegment.ofArray(lines);
    sortedMemory = MemorySegment.ofArray(sorted);
    orderedMemory = MemorySegment.ofArray(ordered);
    isRed = mask(shorts, true, false, false);
    isGreen = mask(shorts, false, true, false);
    isBlue = mask(shorts, false, false, true);
    notRed = mask(shorts, false, true, true);
    notBlue = mask(shorts, true, true, false);
    normalise = new Normalise(spec, SUMMED, shorts);
  }

  private static short[] mask(int n, boolean... channels) {
    short[] mask = new short[n];
    for (int i = 0; i < n; i++) {
      mask[i] = (short) (channels[i % CHANNELS] ? -1 : 0);
    }
    return mask;
  }

  /**
   * Makes one row of patches.
   *
   * @param band f32 (patches, 4, 4, 3), wholly overwritten
   */
  void band(MemorySegment src, long strideBytes, int patchRow, float[] band) {
    load(src, strideBytes, 2 * LINES * patchRow);
    evenBytes(upper, lower, even, even.length);
    oddBytes(upper, lower, odd, odd.length);
    int n = sums.length;
    if (blueFirst) {
      redOfBgr(even, odd, sums, notBlue, isRed, n);
      restOfBgr(even, odd, sums, isBlue, notRed, n);
    } else {
      redOfRgb(even, odd, sums, isRed, n);
      greenOfRgb(even, odd, sums, isGreen, n);
      blueOfRgb(even, odd, sums, isBlue, n);
    }
    MemorySegment.copy(sumsMemory, 0, linesMemory, 0, (long) Short.BYTES * n);
    for (int i = 0; i < LINES; i++) {
      sort(lines, sorted, i, line / 4, patches);
    }
    MemorySegment.copy(sortedMemory, 0, orderedMemory, 0, (long) Short.BYTES * n);
    normalise.apply(ordered, band);
  }

  /** Eight rows of the source, those with even numbers apart from those with odd ones. */
  private void load(MemorySegment src, long strideBytes, int y) {
    if (strideBytes == (long) Short.BYTES * line) {
      MemorySegment.copy(src, PAIR, y * strideBytes, pairs, 0, pairs.length);
    } else {
      for (int i = 0; i < 2 * LINES; i++) {
        MemorySegment.copy(src, PAIR, (y + i) * strideBytes, pairs, i * line, line);
      }
    }
    for (int i = 0; i < LINES; i++) {
      System.arraycopy(pairs, 2 * i * line, upper, EDGE + i * line, line);
      System.arraycopy(pairs, (2 * i + 1) * line, lower, EDGE + i * line, line);
    }
  }

  private static void evenBytes(short[] up, short[] down, short[] sum, int n) {
    for (int i = 0; i < n; i++) {
      sum[i] = (short) ((up[i] & 0xff) + (down[i] & 0xff));
    }
  }

  private static void oddBytes(short[] up, short[] down, short[] sum, int n) {
    for (int i = 0; i < n; i++) {
      sum[i] = (short) (((up[i] >> 8) & 0xff) + ((down[i] >> 8) & 0xff));
    }
  }

  // Place i of a row lies at i + EDGE in even and odd. Red comes at i = 0, green at 1, blue at 2.

  private static void redOfBgr(
      short[] even, short[] odd, short[] sum, short[] notBlue, short[] red, int n) {
    for (int i = 0; i < n; i++) {
      sum[i] = (short) ((even[i + 3] & notBlue[i]) + (odd[i + 4] & red[i]));
    }
  }

  private static void restOfBgr(
      short[] even, short[] odd, short[] sum, short[] blue, short[] notRed, int n) {
    for (int i = 0; i < n; i++) {
      sum[i] = (short) (sum[i] + (even[i] & blue[i]) + (odd[i + 1] & notRed[i]));
    }
  }

  private static void redOfRgb(short[] even, short[] odd, short[] sum, short[] red, int n) {
    for (int i = 0; i < n; i++) {
      sum[i] = (short) ((even[i + 2] + odd[i + 3]) & red[i]);
    }
  }

  private static void greenOfRgb(short[] even, short[] odd, short[] sum, short[] green, int n) {
    for (int i = 0; i < n; i++) {
      sum[i] = (short) (sum[i] + ((even[i + 3] + odd[i + 1]) & green[i]));
    }
  }

  private static void blueOfRgb(short[] even, short[] odd, short[] sum, short[] blue, int n) {
    for (int i = 0; i < n; i++) {
      sum[i] = (short) (sum[i] + ((even[i + 1] + odd[i + 2]) & blue[i]));
    }
  }

  /** Line number py of all patches of a band to its places. */
  private static void sort(long[] lines, long[] sorted, int py, int lineLongs, int patches) {
    for (int p = 0; p < patches; p++) {
      int from = py * lineLongs + LINE_LONGS * p;
      int to = LINES * LINE_LONGS * p + LINE_LONGS * py;
      sorted[to] = lines[from];
      sorted[to + 1] = lines[from + 1];
      sorted[to + 2] = lines[from + 2];
    }
  }
}
