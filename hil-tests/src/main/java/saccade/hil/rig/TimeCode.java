package saccade.hil.rig;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import saccade.kernels.image.PixelFormat;

/**
 * A time code as black and white squares in a corner of a picture, for a screen, a row of lamps or
 * a buffer. Gray code: of two instants that a shutter sees at once only one square differs, so what
 * is read is one of the two.
 *
 * <pre>
 *   squares of {@value #SQUARE_PX} px, row by row, {@value #COLUMNS} a row, from the upper left corner
 *   white, black        references: the middle between the two is the threshold
 *   24 squares          Gray code of the time in units of {@value #UNIT_NS} ns, most significant first; wraps after 28 minutes
 *   4 squares           parity of each six of them, so that a picture without a code is not read as one
 *   black, white        closing references
 * </pre>
 *
 * Source of the code: F. Gray, Pulse code communication, US patent 2 632 058, 1953.
 */
final class TimeCode {
  static final int SQUARE_PX = 8;
  static final int COLUMNS = 16;
  static final int BITS = 24;
  static final long UNIT_NS = 100_000L;

  /** No code was found. */
  static final long NONE = -1;

  private static final int PARITIES = 4;
  private static final int SQUARES = 2 + BITS + PARITIES + 2;
  private static final long PERIOD = 1L << BITS;
  private static final int LEAST_CONTRAST = 40; // grey levels

  private TimeCode() {}

  /** The code of an instant, units modulo the period. */
  static long unitsOf(long ns) {
    return Math.floorMod(ns / UNIT_NS, PERIOD);
  }

  static long gray(long units) {
    return units ^ units >>> 1;
  }

  static long ungray(long gray) {
    long units = gray;
    for (int shift = 1; shift < BITS; shift <<= 1) {
      units ^= units >>> shift;
    }
    return units & PERIOD - 1;
  }

  private static boolean[] squares(long ns) {
    long gray = gray(unitsOf(ns));
    boolean[] white = new boolean[SQUARES];
    white[0] = true;
    int at = 2;
    for (int bit = BITS - 1; bit >= 0; bit--) {
      white[at++] = (gray >>> bit & 1) == 1;
    }
    for (int part = 0; part < PARITIES; part++) {
      white[at++] = parity(gray, part);
    }
    white[at + 1] = true;
    return white;
  }

  private static boolean parity(long gray, int part) {
    int length = BITS / PARITIES;
    long six = gray >>> BITS - length * (part + 1) & (1L << length) - 1;
    return Long.bitCount(six) % 2 == 0; // even parity is white: all black is no code
  }

  /** Whether a picture has room for it. */
  static boolean fits(int widthPx, int heightPx) {
    return widthPx >= COLUMNS * SQUARE_PX && heightPx >= (SQUARES / COLUMNS) * SQUARE_PX;
  }

  /**
   * Draws.
   *
   * @param picture 3 bytes a pixel, without padding
   */
  static void draw(MemorySegment picture, int widthPx, long ns) {
    boolean[] white = squares(ns);
    for (int i = 0; i < SQUARES; i++) {
      int x = i % COLUMNS * SQUARE_PX;
      int y = i / COLUMNS * SQUARE_PX;
      for (int row = y; row < y + SQUARE_PX; row++) {
        long at = 3L * ((long) row * widthPx + x);
        picture.asSlice(at, 3L * SQUARE_PX).fill((byte) (white[i] ? 255 : 0));
      }
    }
  }

  /**
   * Reads, from whatever the picture went through.
   *
   * @return units modulo the period, {@link #NONE} without a code
   */
  static long read(MemorySegment picture, int widthPx, PixelFormat format, long strideBytes) {
    int[] grey = new int[SQUARES];
    long pixelBytes = format.rowBytes(widthPx) / widthPx;
    for (int i = 0; i < SQUARES; i++) {
      long sum = 0;
      int count = 0;
      int x = i % COLUMNS * SQUARE_PX;
      int y = i / COLUMNS * SQUARE_PX;
      for (int row = y + 2; row < y + SQUARE_PX - 2; row++) { // the middle: edges blur
        for (int column = x + 2; column < x + SQUARE_PX - 2; column++) {
          long at = row * strideBytes + column * pixelBytes;
          sum += picture.get(ValueLayout.JAVA_BYTE, at + Math.min(1, pixelBytes - 1)) & 0xff;
          count++;
        }
      }
      grey[i] = (int) (sum / count);
    }
    int bright = Math.min(grey[0], grey[SQUARES - 1]);
    int dark = Math.max(grey[1], grey[SQUARES - 2]);
    if (bright - dark < LEAST_CONTRAST) {
      return NONE;
    }
    int middle = (bright + dark) / 2;
    long gray = 0;
    for (int i = 0; i < BITS; i++) {
      gray = gray << 1 | (grey[2 + i] > middle ? 1 : 0);
    }
    for (int part = 0; part < PARITIES; part++) {
      if (grey[2 + BITS + part] > middle != parity(gray, part)) {
        return NONE;
      }
    }
    return ungray(gray);
  }

  /** How long ago a code was drawn, ns, to the unit; by less than half the period. */
  static long sinceNs(long units, long nowNs) {
    return Math.floorMod(unitsOf(nowNs) - units, PERIOD) * UNIT_NS;
  }
}
