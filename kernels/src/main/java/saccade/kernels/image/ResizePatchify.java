package saccade.kernels.image;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import org.jspecify.annotations.Nullable;

/**
 * Hot path. Area resize, normalise and patchify of one camera's pictures in one pass.
 *
 * <p>Shrinking averages by covered area, also with fractional factors; an axis that grows is
 * interpolated linearly instead. All weights and scratch rows are made in the constructor; calls
 * allocate nothing. Holds scratch memory: one instance a thread.
 *
 * <p>A crop needs no copy: pass a slice that begins at the crop's first pixel, with the stride of
 * the whole picture and the crop's size given to the constructor (not for NV12, whose chroma lies
 * elsewhere).
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
  private static final int CHANNELS = PixelFormat.CHANNELS;

  private final int srcWidthPx;
  private final int srcHeightPx;
  private final PixelFormat format;
  private final PatchSpec spec;
  private final PixelRows rows;
  private final @Nullable HalvedPatches halved;
  private final int[] inRow;
  private final int[] inPatches;
  private final float[] outRow; // (3 * widthPx) one output row, R G B
  private final float[] band; // (patchCols, patchPx, patchPx, 3) one row of patches
  private final byte[] outBytes; // (3 * widthPx)
  private final float[] patchGain = new float[CHANNELS];
  private final float[] patchBias = new float[CHANNELS];
  private final float[] byteGain = {1, 1, 1};
  private final float[] byteBias = {0.5f, 0.5f, 0.5f};

  /**
   * Prepares weights and scratch rows for pictures of one size.
   *
   * @param srcWidthPx width of the source pictures, &gt; 0
   * @param srcHeightPx height of the source pictures, &gt; 0
   * @param format of the source pixels; outputs are always R, G, B
   * @param spec size and normalisation of the output
   * @throws IllegalArgumentException when the source size is not positive, or odd where the format
   *     shares chroma
   */
  public ResizePatchify(int srcWidthPx, int srcHeightPx, PixelFormat format, PatchSpec spec) {
    if (srcWidthPx <= 0 || srcHeightPx <= 0) {
      throw new IllegalArgumentException(
          "source picture: wanted width and height > 0, found " + srcWidthPx + "x" + srcHeightPx);
    }
    this.srcWidthPx = srcWidthPx;
    this.srcHeightPx = srcHeightPx;
    this.format = format;
    this.spec = spec;
    this.rows = new PixelRows(srcWidthPx, srcHeightPx, format, spec.widthPx(), spec.heightPx());
    this.halved =
        HalvedPatches.fits(srcWidthPx, srcHeightPx, format, spec)
            ? new HalvedPatches(format, spec)
            : null;
    this.inRow = PixelRows.inRow(spec.widthPx());
    this.inPatches = PixelRows.inPatches(spec);
    this.outRow = new float[CHANNELS * spec.widthPx()];
    this.band = new float[spec.patchCols() * spec.patchFloats()];
    this.outBytes = new byte[CHANNELS * spec.widthPx()];
    spec.gains(patchGain, patchBias);
  }

  /** The output's size and normalisation. */
  public PatchSpec spec() {
    return spec;
  }

  /**
   * Set-up only. Works on a blank picture until the compiler has done its part; without it the
   * first picture of a stream takes 0.05 s.
   */
  public void warmUp() {
    long stride = format.rowBytes(srcWidthPx);
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment blank = arena.allocate(format.pictureBytes(srcWidthPx, srcHeightPx, stride));
      MemorySegment patches = arena.allocate(spec.patchesBytes());
      MemorySegment rgb8 = arena.allocate(spec.rgb8Bytes());
      for (int i = 0; i < WARM_UP_PICTURES; i++) {
        patchify(blank, stride, patches);
        resizeRgb8(blank, stride, rgb8);
      }
    }
  }

  /**
   * Writes the picture as normalised patches.
   *
   * @param src u8 pixels, first pixel at offset 0; only read, during the call
   * @param strideBytes from one source row to the next, &gt;= {@link PixelFormat#rowBytes}
   * @param patches f32 [patchRows * patchCols, patchFloats] in native order; at least {@link
   *     PatchSpec#patchesBytes()}, of which exactly that many are written
   * @throws IllegalArgumentException when src or patches is too small or the stride too short
   */
  public void patchify(MemorySegment src, long strideBytes, MemorySegment patches) {
    requireSource(src, strideBytes);
    requireOutput("patches", patches, spec.patchesBytes());
    int patchPx = spec.patchPx();
    int lineFloats = CHANNELS * patchPx; // one line of one patch
    long bandBytes = (long) band.length * Float.BYTES;
    rows.begin();
    for (int patchRow = 0; patchRow < spec.patchRows(); patchRow++) {
      int y = patchRow * patchPx;
      if (halved != null) {
        halved.band(src, strideBytes, patchRow, band);
      } else if (patchPx == PixelRows.TOGETHER && rows.comesInFours()) {
        rows.rows4(src, strideBytes, y, patchGain, patchBias, inPatches, lineFloats, band);
      } else {
        for (int py = 0; py < patchPx; py++) {
          rows.row(
              src, strideBytes, y + py, patchGain, patchBias, inPatches, py * lineFloats, band);
        }
      }
      MemorySegment.copy(band, 0, patches, F32, patchRow * bandBytes, band.length);
    }
  }

  /**
   * Writes the picture resized as u8 RGB without padding, each value rounded to the nearest.
   *
   * @param src u8 pixels, first pixel at offset 0; only read, during the call
   * @param strideBytes from one source row to the next, &gt;= {@link PixelFormat#rowBytes}
   * @param rgb8 u8 [heightPx, widthPx, 3]; at least {@link PatchSpec#rgb8Bytes()}
   * @throws IllegalArgumentException when src or rgb8 is too small or the stride too short
   */
  public void resizeRgb8(MemorySegment src, long strideBytes, MemorySegment rgb8) {
    requireSource(src, strideBytes);
    requireOutput("rgb8", rgb8, spec.rgb8Bytes());
    rows.begin();
    for (int y = 0; y < spec.heightPx(); y++) {
      rows.row(src, strideBytes, y, byteGain, byteBias, inRow, 0, outRow);
      for (int i = 0; i < outBytes.length; i++) {
        outBytes[i] = (byte) Math.min((int) outRow[i], 255);
      }
      MemorySegment.copy(
          outBytes, 0, rgb8, ValueLayout.JAVA_BYTE, (long) y * outBytes.length, outBytes.length);
    }
  }

  private void requireSource(MemorySegment src, long strideBytes) {
    requireSource(src, strideBytes, srcWidthPx, srcHeightPx, format);
  }

  static void requireSource(
      MemorySegment src, long strideBytes, int widthPx, int heightPx, PixelFormat format) {
    long rowBytes = format.rowBytes(widthPx);
    if (strideBytes < rowBytes) {
      throw new IllegalArgumentException(
          "source picture: wanted a stride of >= "
              + rowBytes
              + " B ("
              + format.bytesPerPixel()
              + " * width "
              + widthPx
              + "), found "
              + strideBytes);
    }
    long wanted = format.pictureBytes(widthPx, heightPx, strideBytes);
    if (src.byteSize() < wanted) {
      throw new IllegalArgumentException(
          "source picture: wanted >= "
              + wanted
              + " B for "
              + widthPx
              + "x"
              + heightPx
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
