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
    Grid full = new Grid(src, 0, stride, w, h);
    int bytes = format.bytesPerPixel();
    switch (format) {
      case RGB8, RGBA8 -> {
        return full.mean(bytes, channel, outW, outH, ox, oy);
      }
      case BGR8, BGRA8 -> {
        return full.mean(bytes, 2 - channel, outW, outH, ox, oy);
      }
      case MONO8 -> {
        return full.mean(1, 0, outW, outH, ox, oy);
      }
      default -> {
        int first = format == PixelFormat.UYVY ? 0 : 1; // where U lies
        Grid half =
            format == PixelFormat.NV12
                ? new Grid(src, stride * h, stride, w / 2, h / 2)
                : new Grid(src, 0, stride, w / 2, h);
        int group = format == PixelFormat.NV12 ? 2 : 4;
        int u = format == PixelFormat.NV12 ? 0 : first;
        int v = format == PixelFormat.NV12 ? 1 : first + 2;
        double y = full.mean(bytes, format == PixelFormat.UYVY ? 1 : 0, outW, outH, ox, oy) - 16;
        double cb = half.mean(group, u, outW, outH, ox, oy) - 128;
        double cr = half.mean(group, v, outW, outH, ox, oy) - 128;
        double scale = 255.0 / 219;
        double rgb =
            switch (channel) {
              case 0 -> scale * y + 255.0 / 112 * 0.701 * cr;
              case 1 ->
                  scale * y
                      - 255.0 / 112 * 0.886 * 0.114 / 0.587 * cb
                      - 255.0 / 112 * 0.701 * 0.299 / 0.587 * cr;
              default -> scale * y + 255.0 / 112 * 0.886 * cb;
            };
        return Math.clamp(rgb, 0.0, 255.0);
      }
    }
  }

  /** Samples at one byte of every group of bytes. */
  private record Grid(byte[] src, int base, int stride, int w, int h) {
    double mean(int group, int offset, int outW, int outH, int ox, int oy) {
      double sum = 0;
      for (int y = 0; y < h; y++) {
        double wy = weight(y, h, oy, outH);
        if (wy == 0) {
          continue;
        }
        for (int x = 0; x < w; x++) {
          double wx = weight(x, w, ox, outW);
          sum += wx * wy * (src[base + y * stride + group * x + offset] & 0xff);
        }
      }
      return sum;
    }
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
