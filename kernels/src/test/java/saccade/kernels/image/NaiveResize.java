package saccade.kernels.image;

/** Oracle: one output value at a time, in double, straight from the definition. */
final class NaiveResize {
  private NaiveResize() {}

  /** Mean 0..255 of output pixel (ox, oy), channel 0 R, 1 G, 2 B. */
  static double value(
      byte[] src,
      int stride,
      int w,
      int h,
      PixelFormat format,
      int outW,
      int outH,
      int ox,
      int oy,
      int channel) {
    int c = format == PixelFormat.RGB8 ? channel : 2 - channel;
    double sum = 0;
    for (int y = 0; y < h; y++) {
      double wy = weight(y, h, oy, outH);
      if (wy == 0) {
        continue;
      }
      for (int x = 0; x < w; x++) {
        double wx = weight(x, w, ox, outW);
        sum += wx * wy * (src[y * stride + 3 * x + c] & 0xff);
      }
    }
    return sum;
  }

  private static double weight(int s, int in, int o, int out) {
    if (out <= in) {
      double from = Math.max(s, (double) o * in / out);
      double to = Math.min(s + 1, (o + 1.0) * in / out);
      return Math.max(0, to - from) * out / in;
    }
    double at = Math.min(Math.max((o + 0.5) * in / out - 0.5, 0), in - 1);
    return Math.max(0, 1 - Math.abs(at - s));
  }
}
