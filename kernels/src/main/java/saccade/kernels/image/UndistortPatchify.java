package saccade.kernels.image;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteOrder;
import saccade.kernels.geometry.CameraModel;
import saccade.kernels.geometry.Distortion;

/**
 * Hot path. Undistort, area resize, normalise and patchify of one camera's pictures in one call.
 *
 * <p>The lens is not undone at the source's resolution, where most of the work would be averaged
 * away. The picture is first shrunk by area to twice the model's picture and summed over 2x2 of its
 * pixels, which is what one model pixel covers; then each model pixel is one bilinear sample of
 * that, at a place that a map made in the constructor holds. Where the lens squeezes or stretches,
 * the area that is averaged stays that of the source's scale. Pixels that the lens never saw are
 * black. Calls allocate nothing. Holds scratch memory and the map (12 B a pixel): one instance a
 * thread.
 *
 * <p>From the shrunk picture on everything is whole numbers, several in one long: a pixel of the
 * sums is three shorts side by side; two of its channels are weighed by one multiplication, each in
 * a half of a long. Weights are in units of 1/32768, results in units of 1/128 grey level.
 */
public final class UndistortPatchify {
  private static final ValueLayout.OfFloat F32 = ValueLayout.JAVA_FLOAT_UNALIGNED;
  private static final ValueLayout.OfShort I16 =
      ValueLayout.JAVA_SHORT_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);
  private static final VarHandle LONG =
      MethodHandles.byteArrayViewVarHandle(long[].class, ByteOrder.LITTLE_ENDIAN);
  private static final int CHANNELS = PixelFormat.CHANNELS;

  /** Bytes of a pixel of the sums. */
  private static final int PIXEL = CHANNELS * Short.BYTES;

  /** A pixel is read and written as a long, which reaches beyond the last one. */
  private static final int REACH = Long.BYTES;

  /** The shrunk picture is so much finer than the model's, when the source is. */
  private static final int FINER = 2;

  /** Pixels that are summed. */
  private static final int BLUR = 4;

  /** A grey level of the shrunk picture, where it is not the source's bytes: sums fill 16 bits. */
  private static final int FINE_UNITS = 64;

  private static final int WEIGHT_BITS = 15;

  /** A grey level of the results. */
  private static final int RESULT_UNITS = 128;

  private static final long OUTER = 0x0000_ffff_0000_ffffL; // first and third channel
  private static final long LOW = 0xffff;

  private final int srcWidthPx;
  private final int srcHeightPx;
  private final PixelFormat format;
  private final PatchSpec spec;
  private final CameraModel lens;
  private final Distortion distortion;
  private final CameraModel pinhole;
  private final int midWidth;
  private final int midHeight;
  private final PixelRows rows;
  private final int[] inRow;
  private final boolean bytesAsTheyAre; // the shrunk picture is the source
  private final float[] fine; // (3 * midWidth) a row of the shrunk picture, FINE_UNITS a level
  private final int[] packed; // the same as bytes of the source, four in one
  private final long[] spread; // the same, four in one
  private final short[] row; // (midWidth + 1, 3) the same; the last pixel repeats
  private short[] upper; // (midWidth, 3) sums of a pixel and the one beside it
  private short[] lower; // the same of the next row
  private final short[] both; // (midWidth, 3) sums of 2x2
  private final byte[] sums; // (midHeight, midWidth, 3) i16 sums of 2x2; black 2x2 at its end
  private final MemorySegment packedMemory;
  private final MemorySegment spreadMemory;
  private final MemorySegment rowMemory;
  private final MemorySegment sumsMemory;
  private final int[] rowsFor; // (patchRows) rows of sums that this and all earlier bands read
  private final int[] sampleAt; // (pixels in the order of patches) byte of the upper left pixel
  private final long[] weights; // the same: of upper left, upper right, lower left, lower right
  private final int right; // bytes
  private final int down;
  private final int shift; // from weighted sums to results
  private final boolean blueFirst; // the sums are blue, green, red
  private final byte[] sampled; // (pixels of a band, 3) i16 RESULT_UNITS a level
  private final Normalise normalise;
  private final float[] band; // (patchCols, patchPx, patchPx, 3)
  private final float[] gain = {FINE_UNITS, FINE_UNITS, FINE_UNITS};
  private final float[] half = {0.5f, 0.5f, 0.5f}; // truncation then rounds

  /**
   * Prepares the map of one camera.
   *
   * @param lens the camera as calibrated: size and matrix of the pictures that come; its pose is
   *     not looked at
   * @param distortion of the lens
   * @param pinhole the camera whose pictures the model is to see, of any size; often {@code lens}
   *     itself
   * @param format of the source pixels
   * @param spec size and normalisation of the output
   */
  public UndistortPatchify(
      CameraModel lens,
      Distortion distortion,
      CameraModel pinhole,
      PixelFormat format,
      PatchSpec spec) {
    this.srcWidthPx = lens.widthPx();
    this.srcHeightPx = lens.heightPx();
    this.format = format;
    this.spec = spec;
    this.lens = lens;
    this.distortion = distortion;
    this.pinhole = pinhole.scaledTo(spec.widthPx(), spec.heightPx());
    this.midWidth = shrunk(srcWidthPx, spec.widthPx());
    this.midHeight = shrunk(srcHeightPx, spec.heightPx());
    this.rows = new PixelRows(srcWidthPx, srcHeightPx, format, midWidth, midHeight);
    this.inRow = PixelRows.inRow(midWidth);
    int rowShorts = CHANNELS * midWidth;
    this.bytesAsTheyAre =
        format.bytesPerPixel() == CHANNELS
            && midWidth == srcWidthPx
            && midHeight == srcHeightPx
            && rowShorts % Integer.BYTES == 0
            && ByteOrder.nativeOrder() == ByteOrder.LITTLE_ENDIAN;
    this.blueFirst = bytesAsTheyAre && format == PixelFormat.BGR8;
    this.fine = new float[rowShorts];
    this.packed = new int[rowShorts / Integer.BYTES];
    this.spread = new long[packed.length];
    this.row = new short[rowShorts + CHANNELS];
    this.upper = new short[rowShorts];
    this.lower = new short[rowShorts];
    this.both = new short[rowShorts];
    this.right = midWidth > 1 ? PIXEL : 0;
    this.down = midHeight > 1 ? PIXEL * midWidth : 0;
    this.sums = new byte[PIXEL * midWidth * (midHeight + 1) + 2 * PIXEL + REACH];
    this.packedMemory = MemorySegment.ofArray(packed);
    this.spreadMemory = MemorySegment.ofArray(spread);
    this.rowMemory = MemorySegment.ofArray(row);
    this.sumsMemory = MemorySegment.ofArray(sums);
    int units = BLUR * (bytesAsTheyAre ? 1 : FINE_UNITS);
    this.shift = WEIGHT_BITS + log2(units) - log2(RESULT_UNITS);
    this.rowsFor = new int[spec.patchRows()];
    this.sampleAt = new int[spec.widthPx() * spec.heightPx()];
    this.weights = new long[sampleAt.length];
    this.band = new float[spec.patchCols() * spec.patchFloats()];
    this.sampled = new byte[Short.BYTES * band.length + REACH];
    this.normalise = new Normalise(spec, RESULT_UNITS, band.length);
    map();
  }

  /** Twice the model's picture, or the source where that is coarser. */
  private static int shrunk(int source, int model) {
    return Math.min(source, FINER * model);
  }

  private static int log2(int powerOfTwo) {
    return Integer.numberOfTrailingZeros(powerOfTwo);
  }

  private void map() {
    double[] uv = new double[2];
    int side = spec.patchPx();
    int bandPixels = spec.widthPx() * side;
    int rowsRead = 0;
    for (int n = 0; n < sampleAt.length; n++) {
      int patch = n / (side * side);
      int u = patch % spec.patchCols() * side + n % side;
      int v = patch / spec.patchCols() * side + n / side % side;
      source(u, v, uv);
      if (Double.isNaN(uv[0])) {
        sampleAt[n] = PIXEL * midWidth * midHeight; // black
        weights[n] = 1L << WEIGHT_BITS;
        rowsFor[n / bandPixels] = rowsRead;
        continue;
      }
      // Entry (i, j) of the sums has its middle at (i + 1, j + 1).
      double a = uv[0] * midWidth / srcWidthPx - 1;
      double d = uv[1] * midHeight / srcHeightPx - 1;
      a = Math.clamp(a, 0.0, Math.max(0.0, midWidth - 2.0));
      d = Math.clamp(d, 0.0, Math.max(0.0, midHeight - 2.0));
      int i = (int) a;
      int j = (int) d;
      sampleAt[n] = PIXEL * (j * midWidth + i);
      weights[n] = weights(a - i, d - j);
      rowsRead = Math.max(rowsRead, Math.min(j + 2, midHeight));
      rowsFor[n / bandPixels] = rowsRead;
    }
  }

  /** Four weights of together exactly 1. */
  private static long weights(double x, double y) {
    long one = 1L << WEIGHT_BITS;
    long upperRight = Math.round(x * (1 - y) * one);
    long lowerLeft = Math.round((1 - x) * y * one);
    long lowerRight = Math.min(Math.round(x * y * one), one - upperRight - lowerLeft);
    long upperLeft = one - upperRight - lowerLeft - lowerRight;
    return upperLeft | (upperRight << 16) | (lowerLeft << 32) | (lowerRight << 48);
  }

  /** The output's size and normalisation. */
  public PatchSpec spec() {
    return spec;
  }

  /**
   * Where the model's pixel (u, v) comes from, pixels of the source picture (centres at +0.5); for
   * pictures that show what is kept.
   *
   * @param uv filled with x and y; NaN when the lens does not see it
   */
  public void source(int u, int v, double[] uv) {
    double x = (u + 0.5 - pinhole.cxPx()) / pinhole.fxPx();
    double y = (v + 0.5 - pinhole.cyPx()) / pinhole.fyPx();
    distortion.distort(x, y, uv);
    uv[0] = lens.fxPx() * uv[0] + lens.cxPx();
    uv[1] = lens.fyPx() * uv[1] + lens.cyPx();
    if (!(uv[0] >= 0 && uv[0] <= srcWidthPx && uv[1] >= 0 && uv[1] <= srcHeightPx)) {
      uv[0] = Double.NaN;
      uv[1] = Double.NaN;
    }
  }

  /**
   * Writes the undistorted picture as normalised patches; buffers as for {@link
   * ResizePatchify#patchify}.
   *
   * @throws IllegalArgumentException when src or patches is too small or the stride too short
   */
  public void patchify(MemorySegment src, long strideBytes, MemorySegment patches) {
    ResizePatchify.requireSource(src, strideBytes, srcWidthPx, srcHeightPx, format);
    if (patches.byteSize() < spec.patchesBytes()) {
      throw new IllegalArgumentException(
          "patches: wanted >= " + spec.patchesBytes() + " B, found " + patches.byteSize() + " B");
    }
    rows.begin();
    beside(src, strideBytes, 0, upper);
    int summed = 0;
    long bandBytes = (long) band.length * Float.BYTES;
    int pixels = band.length / CHANNELS;
    for (int patchRow = 0; patchRow < spec.patchRows(); patchRow++) {
      // Sums are made when they are wanted: they are still in the cache when they are read.
      sum(src, strideBytes, summed, rowsFor[patchRow]);
      summed = rowsFor[patchRow];
      if (blueFirst) {
        sampleBgr(patchRow * pixels, pixels);
      } else {
        sampleRgb(patchRow * pixels, pixels);
      }
      normalise.apply(sampled, band);
      MemorySegment.copy(band, 0, patches, F32, patchRow * bandBytes, band.length);
    }
  }

  /** Rows from .. to - 1 of the sums; {@code upper} holds the row from. */
  private void sum(MemorySegment src, long strideBytes, int from, int to) {
    int n = both.length;
    for (int y = from; y < to; y++) {
      if (y + 1 < midHeight) {
        beside(src, strideBytes, y + 1, lower);
        add(upper, lower, both, n);
      } else {
        add(upper, upper, both, n); // below the last row it repeats
      }
      MemorySegment.copy(both, 0, sumsMemory, I16, (long) Short.BYTES * n * y, n);
      short[] next = lower;
      lower = upper;
      upper = next;
    }
  }

  /** One row of the shrunk picture; each pixel with the one beside it. */
  private void beside(MemorySegment src, long strideBytes, int y, short[] into) {
    int n = into.length;
    if (bytesAsTheyAre) {
      MemorySegment.copy(src, y * strideBytes, packedMemory, 0, n);
      spread(packed, spread, packed.length);
      MemorySegment.copy(spreadMemory, 0, rowMemory, 0, (long) Short.BYTES * n);
    } else {
      rows.row(src, strideBytes, y, gain, half, inRow, 0, fine);
      truncate(fine, row, n);
    }
    System.arraycopy(row, n - CHANNELS, row, n, CHANNELS);
    addBeside(row, into, n);
  }

  // Each loop in a method of its own: small, hot, and made vector code of.

  /** Four bytes to four shorts. */
  private static void spread(int[] bytes, long[] shorts, int n) {
    for (int i = 0; i < n; i++) {
      long two = (bytes[i] & 0xffffL) | ((bytes[i] & 0xffff0000L) << 16);
      shorts[i] = (two & 0x000000ff000000ffL) | ((two & 0x0000ff000000ff00L) << 8);
    }
  }

  private static void truncate(float[] values, short[] out, int n) {
    for (int i = 0; i < n; i++) {
      out[i] = (short) values[i];
    }
  }

  private static void addBeside(short[] row, short[] sum, int n) {
    for (int i = 0; i < n; i++) {
      sum[i] = (short) (row[i] + row[i + CHANNELS]);
    }
  }

  private static void add(short[] a, short[] b, short[] sum, int n) {
    for (int i = 0; i < n; i++) {
      sum[i] = (short) (a[i] + b[i]);
    }
  }

  private void sampleBgr(int from, int pixels) {
    byte[] out = sampled;
    int s = shift;
    for (int i = 0; i < pixels; i++) {
      long outer = outer(from + i);
      long green = green(from + i);
      long red = outer >>> (s + 32);
      LONG.set(out, PIXEL * i, red | (((green >>> s) & LOW) << 16) | (((outer >>> s) & LOW) << 32));
    }
  }

  private void sampleRgb(int from, int pixels) {
    byte[] out = sampled;
    int s = shift;
    for (int i = 0; i < pixels; i++) {
      long outer = outer(from + i);
      long green = green(from + i);
      long blue = outer >>> (s + 32);
      LONG.set(
          out, PIXEL * i, ((outer >>> s) & LOW) | (((green >>> s) & LOW) << 16) | (blue << 32));
    }
  }

  /** First and third channel, weighted, each in a half; plus a half of the last bit that stays. */
  private long outer(int n) {
    int at = sampleAt[n];
    long w = weights[n];
    long rounding = 1L << (shift - 1);
    return ((long) LONG.get(sums, at) & OUTER) * (w & LOW)
        + ((long) LONG.get(sums, at + right) & OUTER) * ((w >>> 16) & LOW)
        + ((long) LONG.get(sums, at + down) & OUTER) * ((w >>> 32) & LOW)
        + ((long) LONG.get(sums, at + down + right) & OUTER) * (w >>> 48)
        + (rounding | (rounding << 32));
  }

  private long green(int n) {
    int at = sampleAt[n];
    long w = weights[n];
    return (((long) LONG.get(sums, at) >>> 16) & LOW) * (w & LOW)
        + (((long) LONG.get(sums, at + right) >>> 16) & LOW) * ((w >>> 16) & LOW)
        + (((long) LONG.get(sums, at + down) >>> 16) & LOW) * ((w >>> 32) & LOW)
        + (((long) LONG.get(sums, at + down + right) >>> 16) & LOW) * (w >>> 48)
        + (1L << (shift - 1));
  }
}
