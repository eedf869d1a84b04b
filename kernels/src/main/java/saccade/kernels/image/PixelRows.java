package saccade.kernels.image;

import java.lang.foreign.MemorySegment;
import org.jspecify.annotations.Nullable;

/**
 * Any picture resized, a row of R, G, B at a time, scaled and shifted by channel.
 *
 * <p>YUV formats are averaged as they are and turned to R, G, B (ITU-R BT.601, limited range) once
 * a pixel, at the end. Chroma is averaged on its own grid: a sample covers the pixels that share
 * it. Values outside 0..255 after the conversion are clamped before they are scaled.
 */
final class PixelRows {
  /** Rows that {@link #rows4} makes at once. */
  static final int TOGETHER = 4;

  private static final int CHANNELS = PixelFormat.CHANNELS;
  private static final int TAPS = 4; // of a loop that has no loop for them

  private final int outWidth;
  private final int srcHeight;
  private final PixelFormat format;
  private final AxisWeights x;
  private final boolean halvesX;
  private final @Nullable AxisWeights fourTaps; // the same, where an output takes three or four
  private final PlaneRows rows;
  private final AxisWeights chromaX; // of YUV, else as x
  private final PlaneRows chromaRows; // of NV12, else as rows
  private final float mean; // of a sum of the first plane
  private final float chromaMean;
  private final float[] chroma; // (2, outWidth) U, V of a row
  private final float[][] sums = new float[TOGETHER][]; // (TOGETHER, row bytes) of the first plane
  private final float[] chromaSum; // (row bytes) of the second plane

  /** Sizes as the caller has checked them. */
  PixelRows(int srcWidth, int srcHeight, PixelFormat format, int outWidth, int outHeight) {
    if (!format.fits(srcWidth, srcHeight)) {
      throw new IllegalArgumentException(
          "source picture of "
              + srcWidth
              + "x"
              + srcHeight
              + ": wanted an even width"
              + (format == PixelFormat.NV12 ? " and height" : "")
              + " for "
              + format.rosEncoding());
    }
    this.outWidth = outWidth;
    this.srcHeight = srcHeight;
    this.format = format;
    this.x = AxisWeights.of(srcWidth, outWidth);
    this.halvesX = x.isHalving();
    boolean few = x.most() == TAPS - 1 || x.most() == TAPS;
    this.fourTaps = few && srcWidth >= TAPS ? x.evenly(TAPS, srcWidth) : null;
    AxisWeights y = AxisWeights.of(srcHeight, outHeight);
    this.rows = new PlaneRows((int) format.rowBytes(srcWidth), y);
    for (int i = 0; i < TOGETHER; i++) {
      sums[i] = rows.newSums();
    }
    this.mean = (float) (1 / (x.total() * y.total()));
    if (format.isYuv()) {
      chromaX = AxisWeights.of(srcWidth / 2, outWidth);
      AxisWeights chromaY =
          format == PixelFormat.NV12 ? AxisWeights.of(srcHeight / 2, outHeight) : y;
      chromaRows = format == PixelFormat.NV12 ? new PlaneRows(srcWidth, chromaY) : rows;
      chromaMean = (float) (1 / (chromaX.total() * chromaY.total()));
      chroma = new float[2 * outWidth];
      chromaSum = format == PixelFormat.NV12 ? chromaRows.newSums() : sums[0];
    } else {
      chromaSum = sums[0];
      chromaX = x;
      chromaRows = rows;
      chromaMean = mean;
      chroma = new float[0];
    }
  }

  /** Before the first row of a picture. */
  void begin() {
    rows.begin();
    chromaRows.begin();
  }

  /**
   * Makes one row.
   *
   * @param place where the three values of each pixel go in {@code out}, after {@code base}
   * @param gain of R, G, B, for values 0..255
   * @param bias of R, G, B
   */
  void row(
      MemorySegment src,
      long strideBytes,
      int y,
      float[] gain,
      float[] bias,
      int[] place,
      int base,
      float[] out) {
    float[] sum = sums[0];
    rows.at(src, 0, strideBytes, y, sum);
    switch (format) {
      case BGR8, RGB8, BGRA8, RGBA8 -> colour(sum, gain, bias, place, base, out);
      case MONO8 -> grey(sum, gain, bias, place, base, out);
      case UYVY -> {
        channel(sum, chromaX, 4, 0, chroma, 0);
        channel(sum, chromaX, 4, 2, chroma, outWidth);
        yuv(sum, 2, 1, gain, bias, place, base, out);
      }
      case YUYV -> {
        channel(sum, chromaX, 4, 1, chroma, 0);
        channel(sum, chromaX, 4, 3, chroma, outWidth);
        yuv(sum, 2, 0, gain, bias, place, base, out);
      }
      case NV12 -> {
        chromaRows.at(src, srcHeight * strideBytes, strideBytes, y, chromaSum);
        channel(chromaSum, chromaX, 2, 0, chroma, 0);
        channel(chromaSum, chromaX, 2, 1, chroma, outWidth);
        yuv(sum, 1, 0, gain, bias, place, base, out);
      }
    }
  }

  /** Whether {@link #rows4} can make these pictures. */
  boolean comesInFours() {
    return format.bytesPerPixel() == 3 && !format.isYuv() && !halvesX && fourTaps == null;
  }

  /**
   * Makes four rows at once: a weight that is loaded serves all of them.
   *
   * @param line from one row to the next in {@code out}
   */
  void rows4(
      MemorySegment src,
      long strideBytes,
      int y,
      float[] gain,
      float[] bias,
      int[] place,
      int line,
      float[] out) {
    for (int i = 0; i < TOGETHER; i++) {
      rows.at(src, 0, strideBytes, y + i, sums[i]);
    }
    int red = format == PixelFormat.RGB8 ? 0 : 2;
    shrink3by4(
        red,
        gain[red] * mean,
        gain[1] * mean,
        gain[2 - red] * mean,
        bias[red] + PlaneRows.ZERO * gain[red],
        bias[1] + PlaneRows.ZERO * gain[1],
        bias[2 - red] + PlaneRows.ZERO * gain[2 - red],
        place,
        line,
        out);
  }

  private void shrink3by4(
      int red,
      float g0,
      float g1,
      float g2,
      float b0,
      float b1,
      float b2,
      int[] place,
      int line,
      float[] out) {
    float[] p = sums[0];
    float[] q = sums[1];
    float[] r = sums[2];
    float[] t = sums[3];
    int[] start = x.start();
    int[] first = x.first();
    float[] weights = x.weights();
    for (int o = 0; o < outWidth; o++) {
      int k = first[o];
      int end = first[o + 1] - 1;
      int s = 3 * start[o];
      int last = s + 3 * (end - k);
      float w = weights[k];
      float e = end > k ? weights[end] : 0;
      float p0 = w * p[s] + e * p[last];
      float p1 = w * p[s + 1] + e * p[last + 1];
      float p2 = w * p[s + 2] + e * p[last + 2];
      float q0 = w * q[s] + e * q[last];
      float q1 = w * q[s + 1] + e * q[last + 1];
      float q2 = w * q[s + 2] + e * q[last + 2];
      float r0 = w * r[s] + e * r[last];
      float r1 = w * r[s + 1] + e * r[last + 1];
      float r2 = w * r[s + 2] + e * r[last + 2];
      float t0 = w * t[s] + e * t[last];
      float t1 = w * t[s + 1] + e * t[last + 1];
      float t2 = w * t[s + 2] + e * t[last + 2];
      for (s += 3; s < last; s += 3) {
        p0 += p[s];
        p1 += p[s + 1];
        p2 += p[s + 2];
        q0 += q[s];
        q1 += q[s + 1];
        q2 += q[s + 2];
        r0 += r[s];
        r1 += r[s + 1];
        r2 += r[s + 2];
        t0 += t[s];
        t1 += t[s + 1];
        t2 += t[s + 2];
      }
      int to = place[o];
      out[to + red] = p0 * g0 + b0;
      out[to + 1] = p1 * g1 + b1;
      out[to + 2 - red] = p2 * g2 + b2;
      to += line;
      out[to + red] = q0 * g0 + b0;
      out[to + 1] = q1 * g1 + b1;
      out[to + 2 - red] = q2 * g2 + b2;
      to += line;
      out[to + red] = r0 * g0 + b0;
      out[to + 1] = r1 * g1 + b1;
      out[to + 2 - red] = r2 * g2 + b2;
      to += line;
      out[to + red] = t0 * g0 + b0;
      out[to + 1] = t1 * g1 + b1;
      out[to + 2 - red] = t2 * g2 + b2;
    }
  }

  /** Byte 0, 1, 2 of each pixel; byte 0 is red or blue. */
  private void colour(float[] sum, float[] gain, float[] bias, int[] place, int base, float[] out) {
    int red = format == PixelFormat.RGB8 || format == PixelFormat.RGBA8 ? 0 : 2;
    float g0 = gain[red] * mean;
    float g1 = gain[1] * mean;
    float g2 = gain[2 - red] * mean;
    float b0 = bias[red] + PlaneRows.ZERO * gain[red];
    float b1 = bias[1] + PlaneRows.ZERO * gain[1];
    float b2 = bias[2 - red] + PlaneRows.ZERO * gain[2 - red];
    if (format.bytesPerPixel() == 3) {
      if (halvesX) {
        halve3(sum, red, g0, g1, g2, b0, b1, b2, place, base, out);
      } else if (fourTaps != null) {
        shrink3(fourTaps, sum, red, g0, g1, g2, b0, b1, b2, place, base, out);
      } else {
        shrink3(sum, red, g0, g1, g2, b0, b1, b2, place, base, out);
      }
    } else {
      shrink4(sum, red, g0, g1, g2, b0, b1, b2, place, base, out);
    }
  }

  // The step between pixels stands in the code: a loop with a step it knows is what the compiler
  // unrolls and takes the bounds checks out of.

  private void halve3(
      float[] sum,
      int red,
      float g0,
      float g1,
      float g2,
      float b0,
      float b1,
      float b2,
      int[] place,
      int base,
      float[] out) {
    int n = outWidth;
    for (int o = 0; o < n; o++) {
      int s = 6 * o;
      int to = base + place[o];
      out[to + red] = (sum[s] + sum[s + 3]) * g0 + b0;
      out[to + 1] = (sum[s + 1] + sum[s + 4]) * g1 + b1;
      out[to + 2 - red] = (sum[s + 2] + sum[s + 5]) * g2 + b2;
    }
  }

  /** Four weights a pixel, zeros among them: cheaper than a loop that runs once or twice. */
  private void shrink3(
      AxisWeights taps,
      float[] sum,
      int red,
      float g0,
      float g1,
      float g2,
      float b0,
      float b1,
      float b2,
      int[] place,
      int base,
      float[] out) {
    int[] start = taps.start();
    float[] weights = taps.weights();
    for (int o = 0; o < outWidth; o++) {
      int s = 3 * start[o];
      float w0 = weights[4 * o];
      float w1 = weights[4 * o + 1];
      float w2 = weights[4 * o + 2];
      float w3 = weights[4 * o + 3];
      float c0 = w0 * sum[s] + w1 * sum[s + 3] + w2 * sum[s + 6] + w3 * sum[s + 9];
      float c1 = w0 * sum[s + 1] + w1 * sum[s + 4] + w2 * sum[s + 7] + w3 * sum[s + 10];
      float c2 = w0 * sum[s + 2] + w1 * sum[s + 5] + w2 * sum[s + 8] + w3 * sum[s + 11];
      int to = base + place[o];
      out[to + red] = c0 * g0 + b0;
      out[to + 1] = c1 * g1 + b1;
      out[to + 2 - red] = c2 * g2 + b2;
    }
  }

  private void shrink3(
      float[] sum,
      int red,
      float g0,
      float g1,
      float g2,
      float b0,
      float b1,
      float b2,
      int[] place,
      int base,
      float[] out) {
    int[] start = x.start();
    int[] first = x.first();
    float[] weights = x.weights();
    for (int o = 0; o < outWidth; o++) {
      int k = first[o];
      int end = first[o + 1] - 1;
      int s = 3 * start[o];
      float w = weights[k];
      float c0 = w * sum[s];
      float c1 = w * sum[s + 1];
      float c2 = w * sum[s + 2];
      if (end > k) {
        // All but the first and the last are whole pixels.
        int last = s + 3 * (end - k);
        for (s += 3; s < last; s += 3) {
          c0 += sum[s];
          c1 += sum[s + 1];
          c2 += sum[s + 2];
        }
        w = weights[end];
        c0 += w * sum[s];
        c1 += w * sum[s + 1];
        c2 += w * sum[s + 2];
      }
      int to = base + place[o];
      out[to + red] = c0 * g0 + b0;
      out[to + 1] = c1 * g1 + b1;
      out[to + 2 - red] = c2 * g2 + b2;
    }
  }

  private void shrink4(
      float[] sum,
      int red,
      float g0,
      float g1,
      float g2,
      float b0,
      float b1,
      float b2,
      int[] place,
      int base,
      float[] out) {
    int[] start = x.start();
    int[] first = x.first();
    float[] weights = x.weights();
    for (int o = 0; o < outWidth; o++) {
      int k = first[o];
      int end = first[o + 1] - 1;
      int s = 4 * start[o];
      float w = weights[k];
      float c0 = w * sum[s];
      float c1 = w * sum[s + 1];
      float c2 = w * sum[s + 2];
      if (end > k) {
        // All but the first and the last are whole pixels.
        int last = s + 4 * (end - k);
        for (s += 4; s < last; s += 4) {
          c0 += sum[s];
          c1 += sum[s + 1];
          c2 += sum[s + 2];
        }
        w = weights[end];
        c0 += w * sum[s];
        c1 += w * sum[s + 1];
        c2 += w * sum[s + 2];
      }
      int to = base + place[o];
      out[to + red] = c0 * g0 + b0;
      out[to + 1] = c1 * g1 + b1;
      out[to + 2 - red] = c2 * g2 + b2;
    }
  }

  private void grey(float[] sum, float[] gain, float[] bias, int[] place, int base, float[] out) {
    for (int o = 0; o < outWidth; o++) {
      float v = weigh(sum, x, 1, 0, o) * mean + PlaneRows.ZERO;
      int to = base + place[o];
      out[to] = v * gain[0] + bias[0];
      out[to + 1] = v * gain[1] + bias[1];
      out[to + 2] = v * gain[2] + bias[2];
    }
  }

  /** One channel of a row: sums along x, still less {@link PlaneRows#ZERO} a unit of weight. */
  private void channel(
      float[] sum, AxisWeights weights, int step, int offset, float[] out, int base) {
    for (int o = 0; o < outWidth; o++) {
      out[base + o] = weigh(sum, weights, step, offset, o) * chromaMean;
    }
  }

  private static float weigh(float[] sum, AxisWeights weights, int step, int offset, int o) {
    int s = step * weights.start()[o] + offset;
    int end = weights.first()[o + 1];
    float v = 0;
    for (int k = weights.first()[o]; k < end; k++, s += step) {
      v += weights.weights()[k] * sum[s];
    }
    return v;
  }

  private void yuv(
      float[] sum,
      int step,
      int luma,
      float[] gain,
      float[] bias,
      int[] place,
      int base,
      float[] out) {
    for (int o = 0; o < outWidth; o++) {
      float y = 1.164384f * (weigh(sum, x, step, luma, o) * mean + (PlaneRows.ZERO - 16));
      float u = chroma[o]; // less 128 already
      float v = chroma[outWidth + o];
      int to = base + place[o];
      out[to] = byteRange(y + 1.596027f * v) * gain[0] + bias[0];
      out[to + 1] = byteRange(y - 0.391762f * u - 0.812968f * v) * gain[1] + bias[1];
      out[to + 2] = byteRange(y + 2.017232f * u) * gain[2] + bias[2];
    }
  }

  private static float byteRange(float v) {
    return Math.min(255f, Math.max(0f, v));
  }

  /** Place of each pixel in a row of R, G, B. */
  static int[] inRow(int width) {
    int[] place = new int[width];
    for (int o = 0; o < width; o++) {
      place[o] = CHANNELS * o;
    }
    return place;
  }

  /** Place of each pixel of the first line of a band of patches. */
  static int[] inPatches(PatchSpec spec) {
    int[] place = new int[spec.widthPx()];
    for (int o = 0; o < place.length; o++) {
      place[o] = o / spec.patchPx() * spec.patchFloats() + o % spec.patchPx() * CHANNELS;
    }
    return place;
  }
}
