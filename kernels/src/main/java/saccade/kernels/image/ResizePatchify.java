package saccade.kernels.image;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import saccade.kernels.Lanes;

/**
 * Hot path. Area resize, normalise and patchify of one camera's pictures in one pass.
 *
 * <p>Shrinking averages by covered area, also with fractional factors; an axis that grows is
 * interpolated linearly instead. The plain and the vector twin ({@link Lanes}) give equal bits. All
 * weights and scratch rows are made in the constructor; PLAIN calls allocate nothing. Holds scratch
 * memory: one instance a thread.
 *
 * <p>A crop needs no copy: pass a slice that begins at the crop's first pixel, with the stride of
 * the whole picture and the crop's size given to the constructor.
 *
 * <pre>
 * patches, f32 [patchRows * patchCols, patchPx * patchPx * 3], patches row-major:
 *   patch 0: (py 0, px 0) R G B  (py 0, px 1) R G B ... (py 1, px 0) R G B ...
 *   patch 1: ...
 * </pre>
 */
public final class ResizePatchify {
  private static final ValueLayout.OfFloat F32 = ValueLayout.JAVA_FLOAT_UNALIGNED;
  private static final int WARM_UP_PICTURES = 50;
  private static final int CHANNELS = PixelFormat.BYTES_PER_PIXEL;

  private final int srcWidthPx;
  private final int srcHeightPx;
  private final PixelFormat format;
  private final PatchSpec spec;
  private final Lanes lanes;
  private final RowMath math;
  private final AxisWeights xWeights;
  private final AxisWeights yWeights;
  private final boolean halvesX;
  private final boolean halvesY;
  private final int rowBytes;
  private final int sumFloats; // padded
  private final byte[] row; // (sumFloats) one source row, zeros behind rowBytes
  private final byte[] nextRow; // (sumFloats)
  private final float[] sum; // (sumFloats) source rows summed along y
  private final float[] outRow; // (3 * widthPx + 1) one output row, R G B
  private final float[] band; // (patchCols, patchPx, patchPx, 3) one row of patches
  private final byte[] outBytes; // (3 * widthPx)
  // Gain and bias of byte 0, 1, 2 of a source pixel; the fourth entry only fills a vector.
  private final float[] patchGain = new float[4];
  private final float[] patchBias = new float[4];
  private final float[] byteGain = new float[4];
  private final float[] byteBias = new float[4];

  /** As the full constructor with {@link Lanes#PLAIN}. */
  public ResizePatchify(int srcWidthPx, int srcHeightPx, PixelFormat format, PatchSpec spec) {
    this(srcWidthPx, srcHeightPx, format, spec, Lanes.PLAIN);
  }

  /**
   * Prepares weights and scratch rows for pictures of one size.
   *
   * @param srcWidthPx width of the source pictures, &gt; 0
   * @param srcHeightPx height of the source pictures, &gt; 0
   * @param format byte order of the source pixels; outputs are always R, G, B
   * @param spec size and normalisation of the output
   * @param lanes which twin computes
   * @throws IllegalArgumentException when the source size is not positive
   * @throws IllegalStateException when this JVM cannot run the asked lanes
   */
  public ResizePatchify(
      int srcWidthPx, int srcHeightPx, PixelFormat format, PatchSpec spec, Lanes lanes) {
    if (srcWidthPx <= 0 || srcHeightPx <= 0) {
      throw new IllegalArgumentException(
          "source picture: wanted width and height > 0, found " + srcWidthPx + "x" + srcHeightPx);
    }
    this.srcWidthPx = srcWidthPx;
    this.srcHeightPx = srcHeightPx;
    this.format = format;
    this.spec = spec;
    this.lanes = lanes.require();
    this.math = RowMath.of(lanes);
    this.xWeights = AxisWeights.of(srcWidthPx, spec.widthPx());
    this.yWeights = AxisWeights.of(srcHeightPx, spec.heightPx());
    this.halvesX = xWeights.isHalving();
    this.halvesY = yWeights.isHalving();
    this.rowBytes = CHANNELS * srcWidthPx;
    this.sumFloats = RowMath.padded(rowBytes + 1);
    this.row = new byte[sumFloats];
    this.nextRow = new byte[sumFloats];
    this.sum = new float[sumFloats];
    this.outRow = new float[CHANNELS * spec.widthPx() + 1];
    this.band = new float[spec.patchCols() * spec.patchFloats()];
    this.outBytes = new byte[CHANNELS * spec.widthPx()];
    double mean = 1.0 / (xWeights.total() * yWeights.total());
    for (int c = 0; c < CHANNELS; c++) {
      int at = format == PixelFormat.RGB8 ? c : CHANNELS - 1 - c; // byte of a source pixel
      patchGain[at] = (float) (mean / 255.0 / spec.std(c));
      patchBias[at] = (float) (-(double) spec.mean(c) / spec.std(c));
      byteGain[at] = (float) mean;
      byteBias[at] = 0.5f;
    }
  }

  /** The output's size and normalisation. */
  public PatchSpec spec() {
    return spec;
  }

  /** Which twin computes. */
  public Lanes lanes() {
    return lanes;
  }

  /**
   * Set-up only. Works on a blank picture until the compiler has done its part; without it the
   * first picture of a stream takes 0.05 s plain and some tenths with VECTOR.
   */
  public void warmUp() {
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment blank = arena.allocate((long) srcHeightPx * rowBytes);
      MemorySegment patches = arena.allocate(spec.patchesBytes());
      MemorySegment rgb8 = arena.allocate(spec.rgb8Bytes());
      for (int i = 0; i < WARM_UP_PICTURES; i++) {
        patchify(blank, rowBytes, patches);
        resizeRgb8(blank, rowBytes, rgb8);
      }
    }
  }

  /**
   * Writes the picture as normalised patches.
   *
   * @param src interleaved u8 pixels, first pixel at offset 0; only read, during the call
   * @param strideBytes from one source row to the next, &gt;= 3 * width
   * @param patches f32 [patchRows * patchCols, patchFloats] in native order; at least {@link
   *     PatchSpec#patchesBytes()}, of which exactly that many are written
   * @throws IllegalArgumentException when src or patches is too small or the stride too short
   */
  public void patchify(MemorySegment src, long strideBytes, MemorySegment patches) {
    requireSource(src, strideBytes);
    requireOutput("patches", patches, spec.patchesBytes());
    int patchPx = spec.patchPx();
    int patchCols = spec.patchCols();
    int patchFloats = spec.patchFloats();
    int lineFloats = CHANNELS * patchPx; // one line of one patch
    long bandBytes = (long) band.length * Float.BYTES;
    for (int patchRow = 0; patchRow < spec.patchRows(); patchRow++) {
      for (int py = 0; py < patchPx; py++) {
        resizeRow(src, strideBytes, patchRow * patchPx + py, patchGain, patchBias);
        for (int p = 0; p < patchCols; p++) {
          System.arraycopy(
              outRow, p * lineFloats, band, p * patchFloats + py * lineFloats, lineFloats);
        }
      }
      MemorySegment.copy(band, 0, patches, F32, patchRow * bandBytes, band.length);
    }
  }

  /**
   * Writes the picture resized as u8 RGB without padding, each value rounded to the nearest.
   *
   * @param src interleaved u8 pixels, first pixel at offset 0; only read, during the call
   * @param strideBytes from one source row to the next, &gt;= 3 * width
   * @param rgb8 u8 [heightPx, widthPx, 3]; at least {@link PatchSpec#rgb8Bytes()}
   * @throws IllegalArgumentException when src or rgb8 is too small or the stride too short
   */
  public void resizeRgb8(MemorySegment src, long strideBytes, MemorySegment rgb8) {
    requireSource(src, strideBytes);
    requireOutput("rgb8", rgb8, spec.rgb8Bytes());
    for (int y = 0; y < spec.heightPx(); y++) {
      resizeRow(src, strideBytes, y, byteGain, byteBias);
      for (int i = 0; i < outBytes.length; i++) {
        outBytes[i] = (byte) Math.min((int) outRow[i], 255);
      }
      MemorySegment.copy(
          outBytes, 0, rgb8, ValueLayout.JAVA_BYTE, (long) y * outBytes.length, outBytes.length);
    }
  }

  private void resizeRow(MemorySegment src, long strideBytes, int y, float[] gain, float[] bias) {
    int sy = yWeights.start()[y];
    if (halvesY) {
      load(src, strideBytes, sy, row);
      load(src, strideBytes, sy + 1, nextRow);
      math.addPair(row, nextRow, sum, sumFloats);
    } else {
      int k = yWeights.first()[y];
      int end = yWeights.first()[y + 1];
      load(src, strideBytes, sy, row);
      math.begin(row, yWeights.weights()[k], sum, sumFloats);
      for (k++, sy++; k < end; k++, sy++) {
        load(src, strideBytes, sy, row);
        math.add(row, yWeights.weights()[k], sum, sumFloats);
      }
    }
    if (halvesX) {
      math.finishHalving(sum, spec.widthPx(), format, gain, bias, outRow);
    } else {
      math.finish(sum, xWeights, format, gain, bias, outRow);
    }
  }

  private void load(MemorySegment src, long strideBytes, int y, byte[] into) {
    MemorySegment.copy(src, ValueLayout.JAVA_BYTE, y * strideBytes, into, 0, rowBytes);
  }

  private void requireSource(MemorySegment src, long strideBytes) {
    if (strideBytes < rowBytes) {
      throw new IllegalArgumentException(
          "source picture: wanted a stride of >= "
              + rowBytes
              + " B (3 * width "
              + srcWidthPx
              + "), found "
              + strideBytes);
    }
    long wanted = (srcHeightPx - 1) * strideBytes + rowBytes;
    if (src.byteSize() < wanted) {
      throw new IllegalArgumentException(
          "source picture: wanted >= "
              + wanted
              + " B for "
              + srcWidthPx
              + "x"
              + srcHeightPx
              + " "
              + format
              + " with stride "
              + strideBytes
              + ", found "
              + src.byteSize()
              + " B (truncated picture, or another size than the camera file states)");
    }
  }

  private void requireOutput(String name, MemorySegment out, long wanted) {
    if (out.byteSize() < wanted) {
      throw new IllegalArgumentException(
          name
              + ": wanted >= "
              + wanted
              + " B for a picture of "
              + spec.widthPx()
              + "x"
              + spec.heightPx()
              + ", found "
              + out.byteSize()
              + " B");
    }
  }
}
