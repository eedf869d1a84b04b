package saccade.kernels.image;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteOrder;

/**
 * Patches of a picture of three bytes a pixel that is exactly twice the model's, a row of patches
 * at a time, in integers up to the normalisation: sums of four bytes are exact.
 *
 * <p>Eight bytes of the source are taken as one long, and of each pair of bytes the even one apart
 * from the odd one, which leaves room for sums: four shorts. Two source rows are added so, and give
 * as many even and as many odd sums as a line of the model's picture has values:
 *
 * <pre>
 *   bytes      B  G  R  B' G' R'   two pixels become one
 *   even       B     R     G'
 *   odd           G     B'    R'
 *   blue = even[0] + odd[1],  green = odd[0] + even[2],  red = even[1] + odd[2]
 * </pre>
 *
 * so nothing has to be picked out of rows twice as long: a channel is one even and one odd sum at
 * fixed distances from its own place, and a mask says which places are whose. Each line then goes
 * to its places in the patches, three longs a patch, and a row of patches becomes floats.
 *
 * <p>Each step is a loop of its own with constant distances, because those are what the compiler
 * makes vector code of; over longs, not shorts, because it does the odd ends of a loop one by one.
 * Lines are done one after the other, because what four of them need is more than the nearest cache
 * holds.
 */
final class HalvedPatches {
  private static final VarHandle LONG =
      MethodHandles.byteArrayViewVarHandle(long[].class, ByteOrder.LITTLE_ENDIAN);
  private static final ValueLayout.OfLong U64 =
      ValueLayout.JAVA_LONG_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);
  private static final int CHANNELS = PixelFormat.CHANNELS;
  private static final int LINES = PixelRows.TOGETHER; // of a patch, and pixels of a line
  private static final int SUMMED = 4; // pixels that become one
  private static final int SHORTS = Long.BYTES / Short.BYTES; // in a long
  private static final int LINE = CHANNELS * LINES * Short.BYTES; // bytes of one patch's line
  private static final int PATCH = LINES * LINE;
  private static final int EDGE = Long.BYTES; // read, but masked, before and behind the sums
  private static final long EVEN = 0x00ff_00ff_00ff_00ffL;

  private final int lineLongs; // of a line of sums, and of a source row
  private final int patches; // in a row of them
  private final byte[] even; // i16 (line) sums of two bytes, between two edges
  private final byte[] odd;
  private final long[] sums; // i16 (line) R, G, B of four pixels
  private final byte[] sorted; // i16 (patches, LINES, 4, 3) the same of all lines
  private final long[] isRed; // i16 (line) all ones where the sum is red, else 0
  private final long[] isGreen;
  private final long[] isBlue;
  private final boolean blueFirst;
  private final Normalise normalise;

  /** Whether these pictures are exactly halved into patches of 4x4. */
  static boolean fits(int srcWidth, int srcHeight, PixelFormat format, PatchSpec spec) {
    return format.bytesPerPixel() == CHANNELS
        && srcWidth == 2 * spec.widthPx()
        && srcHeight == 2 * spec.heightPx()
        && spec.patchPx() == LINES;
  }

  HalvedPatches(PixelFormat format, PatchSpec spec) {
    int line = CHANNELS * spec.widthPx(); // values, a multiple of 12
    patches = spec.patchCols();
    lineLongs = line / SHORTS;
    even = new byte[EDGE + Short.BYTES * line + EDGE];
    odd = even.clone();
    sums = new long[lineLongs];
    sorted = new byte[PATCH * patches];
    isRed = places(0);
    isGreen = places(1);
    isBlue = places(2);
    blueFirst = format == PixelFormat.BGR8;
    normalise = new Normalise(spec, SUMMED, LINES * line);
  }

  private long[] places(int channel) {
    long[] places = new long[lineLongs];
    for (int i = channel; i < SHORTS * lineLongs; i += CHANNELS) {
      places[i / SHORTS] |= 0xffffL << (Short.SIZE * (i % SHORTS));
    }
    return places;
  }

  /**
   * Makes one row of patches.
   *
   * @param band f32 (patches, 4, 4, 3), wholly overwritten
   */
  void band(MemorySegment src, long strideBytes, int patchRow, float[] band) {
    for (int line = 0; line < LINES; line++) {
      long upper = 2L * (LINES * patchRow + line) * strideBytes;
      split(src, upper, upper + strideBytes, even, odd, lineLongs);
      if (blueFirst) {
        fromBgr(even, odd, isRed, isGreen, isBlue, sums, lineLongs);
      } else {
        fromRgb(even, odd, isRed, isGreen, isBlue, sums, lineLongs);
      }
      sort(sums, sorted, LINE * line, patches);
    }
    normalise.apply(sorted, band);
  }

  /** Two source rows, even and odd bytes apart, added. */
  private static void split(
      MemorySegment src, long upper, long lower, byte[] even, byte[] odd, int longs) {
    for (int i = 0; i < longs; i++) {
      long up = src.get(U64, upper + 8L * i);
      long down = src.get(U64, lower + 8L * i);
      LONG.set(even, EDGE + 8 * i, (up & EVEN) + (down & EVEN));
      LONG.set(odd, EDGE + 8 * i, ((up >>> 8) & EVEN) + ((down >>> 8) & EVEN));
    }
  }

  // Place i of a line is at 2i + EDGE in even and odd, and holds red at i = 0, green at 1, blue at
  // 2.
  // Distances stand in the code: with variables no vector code is made.

  private static void fromBgr(
      byte[] even, byte[] odd, long[] isRed, long[] isGreen, long[] isBlue, long[] sums, int n) {
    for (int i = 0; i < n; i++) {
      long red = (long) LONG.get(even, 8 * i + EDGE + 2) + (long) LONG.get(odd, 8 * i + EDGE + 4);
      long green = (long) LONG.get(even, 8 * i + EDGE + 2) + (long) LONG.get(odd, 8 * i + EDGE - 2);
      long blue = (long) LONG.get(even, 8 * i + EDGE - 4) + (long) LONG.get(odd, 8 * i + EDGE - 2);
      sums[i] = (red & isRed[i]) | (green & isGreen[i]) | (blue & isBlue[i]);
    }
  }

  private static void fromRgb(
      byte[] even, byte[] odd, long[] isRed, long[] isGreen, long[] isBlue, long[] sums, int n) {
    for (int i = 0; i < n; i++) {
      long red = (long) LONG.get(even, 8 * i + EDGE) + (long) LONG.get(odd, 8 * i + EDGE + 2);
      long green = (long) LONG.get(even, 8 * i + EDGE + 2) + (long) LONG.get(odd, 8 * i + EDGE - 2);
      long blue = (long) LONG.get(even, 8 * i + EDGE - 2) + (long) LONG.get(odd, 8 * i + EDGE);
      sums[i] = (red & isRed[i]) | (green & isGreen[i]) | (blue & isBlue[i]);
    }
  }

  /** The line of each patch, three longs, to its place; {@code at} is that of the first. */
  private static void sort(long[] sums, byte[] sorted, int at, int patches) {
    for (int p = 0; p < patches; p++) {
      LONG.set(sorted, at + PATCH * p, sums[3 * p]);
      LONG.set(sorted, at + PATCH * p + 8, sums[3 * p + 1]);
      LONG.set(sorted, at + PATCH * p + 16, sums[3 * p + 2]);
    }
  }
}
