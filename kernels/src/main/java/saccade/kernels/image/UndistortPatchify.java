package saccade.kernels.image;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.Arrays;
import saccade.kernels.geometry.CameraModel;
import saccade.kernels.geometry.Distortion;

/**
 * Hot path. Undistort, area resize, normalise and patchify of one camera's pictures in one call.
 *
 * <p>The lens is not undone at the source's resolution, where most of the work would be averaged
 * away. The picture is first shrunk by area to twice the model's picture and blurred over 2x2 of
 * its pixels, which is what one model pixel covers; then each model pixel is one bilinear sample of
 * that, at a place that a map made in the constructor holds. Where the lens squeezes or stretches,
 * the area that is averaged stays that of the source's scale. Pixels that the lens never saw are
 * black. Calls allocate nothing. Holds scratch memory and the map (12 B a pixel): one instance a
 * thread.
 */
public final class UndistortPatchify {
  private static final ValueLayout.OfFloat F32 = ValueLayout.JAVA_FLOAT_UNALIGNED;
  private static final int CHANNELS = PixelFormat.CHANNELS;

  /** The shrunk picture is so much finer than the model's, when the source is. */
  private static final int FINER = 2;

  /** Pixels that are summed. */
  private static final int BLUR = 4;

  private static final float BLACK = -PlaneRows.ZERO * BLUR;

  private final int srcWidthPx;
  private final int srcHeightPx;
  private final PixelFormat format;
  private final PatchSpec spec;
  private final int midWidth;
  private final int midHeight;
  private final PixelRows rows;
  private final int[] inRow;
  private final boolean plainCopy;
  private float[] upper; // (3 * midWidth) a row of the shrunk picture, then its sum with the next
  private float[] lower; // the next one
  private final float[] beside; // the sum of both, one pixel on
  private final float[] blurred; // (midHeight, midWidth, 3) sums of 2x2; one black 2x2 at its end
  private final int[] sampleAt; // (heightPx, widthPx) index of the upper left pixel
  private final float[] sampleX; // the same: part of the right pixels
  private final float[] sampleY; // the same: part of the lower pixels
  private final int[] inPatches;
  private final float[] band; // (patchCols, patchPx, patchPx, 3)
  private final float[] gain = new float[CHANNELS];
  private final float[] bias = new float[CHANNELS];
  private final int red; // where red lies in a blurred pixel
  private final float[] one = {1, 1, 1};
  private final float[] zero = new float[CHANNELS];

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
    this.midWidth = shrunk(srcWidthPx, spec.widthPx());
    this.midHeight = shrunk(srcHeightPx, spec.heightPx());
    this.rows = new PixelRows(srcWidthPx, srcHeightPx, format, midWidth, midHeight);
    this.inRow = PixelRows.inRow(midWidth);
    this.plainCopy = rows.isPlainCopy();
    int rowFloats = CHANNELS * midWidth;
    this.upper = new float[rowFloats];
    this.lower = new float[rowFloats];
    this.beside = new float[rowFloats];
    this.blurred = new float[rowFloats * midHeight + rowFloats + 2 * CHANNELS];
    int pixels = spec.widthPx() * spec.heightPx();
    this.sampleAt = new int[pixels];
    this.sampleX = new float[pixels];
    this.sampleY = new float[pixels];
    this.inPatches = PixelRows.inPatches(spec);
    this.band = new float[spec.patchCols() * spec.patchFloats()];
    spec.gains(gain, bias);
    boolean swap = plainCopy && format == PixelFormat.BGR8;
    this.red = swap ? 2 : 0;
    Arrays.fill(blurred, rowFloats * midHeight, blurred.length, BLACK);
    // A sum of four values less 128, in the source's order, to what the model takes.
    for (int c = 0; c < CHANNELS; c++) {
      bias[c] += PlaneRows.ZERO * gain[c];
      gain[c] /= BLUR;
      zero[c] = -PlaneRows.ZERO;
    }
    map(
        lens.scaledTo(midWidth, midHeight),
        distortion,
        pinhole.scaledTo(spec.widthPx(), spec.heightPx()));
  }

  /** Twice the model's picture, or the source where that is coarser. */
  private static int shrunk(int source, int model) {
    return Math.min(source, FINER * model);
  }

  private void map(CameraModel lens, Distortion distortion, CameraModel pinhole) {
    double[] xy = new double[2];
    int black = midWidth * midHeight * CHANNELS;
    int n = 0;
    for (int v = 0; v < spec.heightPx(); v++) {
      for (int u = 0; u < spec.widthPx(); u++, n++) {
        double x = (u + 0.5 - pinhole.cxPx()) / pinhole.fxPx();
        double y = (v + 0.5 - pinhole.cyPx()) / pinhole.fyPx();
        distortion.distort(x, y, xy);
        double at = lens.fxPx() * xy[0] + lens.cxPx();
        double down = lens.fyPx() * xy[1] + lens.cyPx();
        if (!(at >= 0 && at <= midWidth && down >= 0 && down <= midHeight)) {
          sampleAt[n] = black;
          continue;
        }
        // Entry (i, j) of the blurred picture has its middle at (i + 1, j + 1).
        double a = Math.clamp(at - 1, 0.0, Math.max(0.0, midWidth - 2.0));
        double d = Math.clamp(down - 1, 0.0, Math.max(0.0, midHeight - 2.0));
        int i = (int) a;
        int j = (int) d;
        sampleAt[n] = (j * midWidth + i) * CHANNELS;
        sampleX[n] = (float) (a - i);
        sampleY[n] = (float) (d - j);
      }
    }
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
    int n = v * spec.widthPx() + u;
    int pixel = sampleAt[n] / CHANNELS;
    int line = pixel / midWidth;
    if (line >= midHeight) {
      uv[0] = Double.NaN;
      uv[1] = Double.NaN;
      return;
    }
    uv[0] = (pixel - line * midWidth + sampleX[n] + 1) * srcWidthPx / midWidth;
    uv[1] = (line + sampleY[n] + 1) * srcHeightPx / midHeight;
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
    blur(src, strideBytes);
    int patchPx = spec.patchPx();
    int lineFloats = CHANNELS * patchPx;
    long bandBytes = (long) band.length * Float.BYTES;
    for (int patchRow = 0; patchRow < spec.patchRows(); patchRow++) {
      for (int py = 0; py < patchPx; py++) {
        sampleRow(patchRow * patchPx + py, py * lineFloats);
      }
      MemorySegment.copy(band, 0, patches, F32, patchRow * bandBytes, band.length);
    }
  }

  private void blur(MemorySegment src, long strideBytes) {
    int n = upper.length;
    rows.begin();
    row(src, strideBytes, 0, upper);
    for (int y = 0; y < midHeight; y++) {
      if (y + 1 < midHeight) {
        row(src, strideBytes, y + 1, lower);
        addTo(lower, upper, n);
      } else {
        addTo(upper, upper, n); // below the last row it repeats
      }
      System.arraycopy(upper, CHANNELS, beside, 0, n - CHANNELS);
      System.arraycopy(upper, n - CHANNELS, beside, n - CHANNELS, CHANNELS);
      addTo(upper, beside, n);
      System.arraycopy(beside, 0, blurred, y * n, n);
      float[] next = lower;
      lower = upper;
      upper = next;
    }
  }

  private void row(MemorySegment src, long strideBytes, int y, float[] into) {
    if (plainCopy) {
      System.arraycopy(rows.raw(src, strideBytes, y), 0, into, 0, into.length);
    } else {
      rows.row(src, strideBytes, y, one, zero, inRow, 0, into);
    }
  }

  private static void addTo(float[] what, float[] sum, int n) {
    for (int i = 0; i < n; i++) {
      sum[i] += what[i];
    }
  }

  private void sampleRow(int y, int base) {
    int down = midHeight > 1 ? midWidth * CHANNELS : 0;
    int right = midWidth > 1 ? CHANNELS : 0;
    int n = y * spec.widthPx();
    int first = red;
    int last = 2 - red;
    float[] from = blurred;
    for (int o = 0; o < inPatches.length; o++, n++) {
      int at = sampleAt[n];
      float x = sampleX[n];
      float z = sampleY[n];
      float upperRight = x * (1 - z);
      float upperLeft = 1 - z - upperRight;
      float lowerRight = x * z;
      float lowerLeft = z - lowerRight;
      int ar = at + right;
      int al = at + down;
      int alr = al + right;
      float c0 =
          upperLeft * from[at]
              + upperRight * from[ar]
              + lowerLeft * from[al]
              + lowerRight * from[alr];
      float c1 =
          upperLeft * from[at + 1]
              + upperRight * from[ar + 1]
              + lowerLeft * from[al + 1]
              + lowerRight * from[alr + 1];
      float c2 =
          upperLeft * from[at + 2]
              + upperRight * from[ar + 2]
              + lowerLeft * from[al + 2]
              + lowerRight * from[alr + 2];
      int to = base + inPatches[o];
      band[to + first] = c0 * gain[first] + bias[first];
      band[to + 1] = c1 * gain[1] + bias[1];
      band[to + last] = c2 * gain[last] + bias[last];
    }
  }
}
