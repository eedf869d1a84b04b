package saccade.nodes.rosnode;

import static java.lang.foreign.ValueLayout.JAVA_BYTE;

import java.lang.foreign.MemorySegment;
import org.jspecify.annotations.Nullable;
import saccade.kernels.image.PixelFormat;
import saccade.nodes.cdr.ImageView;

/**
 * Copies the picture of a sensor_msgs/Image into a slot of three bytes a pixel: rgb8 and bgr8 as
 * they are, row by row without padding; other encodings become bgr8 on the way (YUV by ITU-R
 * BT.601, limited range, as the kernels do). Hot path: allocates only when pictures become wider.
 * One thread.
 */
final class PictureCopy {
  private static final PixelFormat[] FORMATS = PixelFormat.values();
  private static final String[] ALIAS = {"8UC3", "8UC4", "8UC1", "uyvy", "yuyv"};
  private static final PixelFormat[] ALIAS_OF = {
    PixelFormat.BGR8, PixelFormat.BGRA8, PixelFormat.MONO8, PixelFormat.UYVY, PixelFormat.YUYV
  };

  private byte[] in = new byte[0];
  private byte[] chroma = new byte[0];
  private byte[] out = new byte[0];

  /** The encoding of a message; null for one that is not read here. Allocates nothing. */
  static @Nullable PixelFormat formatOf(ImageView view) {
    for (PixelFormat format : FORMATS) {
      if (view.encodingIs(format.rosEncoding())) {
        return format;
      }
    }
    for (int i = 0; i < ALIAS.length; i++) {
      if (view.encodingIs(ALIAS[i])) {
        return ALIAS_OF[i];
      }
    }
    return null;
  }

  /** Rows of {@code step} bytes that the data of a picture has. */
  static long rows(PixelFormat format, int height) {
    return format == PixelFormat.NV12 ? height + height / 2 : height;
  }

  /** Whether step, height and width agree with the length of the data. */
  static boolean sizesAgree(ImageView view, PixelFormat format) {
    return (long) view.step() * rows(format, view.height()) == view.dataBytes()
        && format.rowBytes(view.width()) <= view.step();
  }

  /**
   * Copies a picture whose sizes agree.
   *
   * @param slot room for 3 * width * height bytes
   * @return what is in the slot then, RGB8 or BGR8
   */
  PixelFormat copy(ImageView view, PixelFormat format, MemorySegment slot) {
    int width = view.width();
    if (format == PixelFormat.RGB8 || format == PixelFormat.BGR8) {
      view.copyRows(3L * width, slot, 0, 3L * width);
      return format;
    }
    if (out.length < 3 * width) {
      in = new byte[4 * width];
      chroma = new byte[width];
      out = new byte[3 * width];
    }
    MemorySegment from = view.payload();
    long at = view.dataOffset();
    int step = view.step();
    int rowBytes = (int) format.rowBytes(width);
    for (int y = 0; y < view.height(); y++) {
      MemorySegment.copy(from, JAVA_BYTE, at + (long) y * step, in, 0, rowBytes);
      switch (format) {
        case BGRA8 -> colour(width, 0, 2);
        case RGBA8 -> colour(width, 2, 0);
        case MONO8 -> grey(width);
        case UYVY -> packed(width, 1, 0);
        case YUYV -> packed(width, 0, 1);
        case NV12 -> {
          long uv = at + (long) step * (view.height() + y / 2);
          MemorySegment.copy(from, JAVA_BYTE, uv, chroma, 0, width);
          planar(width);
        }
        case RGB8, BGR8 -> throw new IllegalStateException("copied above");
      }
      MemorySegment.copy(out, 0, slot, JAVA_BYTE, 3L * width * y, 3 * width);
    }
    return PixelFormat.BGR8;
  }

  private void colour(int width, int blue, int red) {
    for (int x = 0, i = 0, o = 0; x < width; x++, i += 4, o += 3) {
      out[o] = in[i + blue];
      out[o + 1] = in[i + 1];
      out[o + 2] = in[i + red];
    }
  }

  private void grey(int width) {
    for (int x = 0, o = 0; x < width; x++, o += 3) {
      out[o] = in[x];
      out[o + 1] = in[x];
      out[o + 2] = in[x];
    }
  }

  private void packed(int width, int luma, int u) {
    for (int x = 0, i = 0, o = 0; x < width; x += 2, i += 4, o += 6) {
      int cb = (in[i + u] & 0xff) - 128;
      int cr = (in[i + u + 2] & 0xff) - 128;
      pixel(in[i + luma] & 0xff, cb, cr, o);
      pixel(in[i + luma + 2] & 0xff, cb, cr, o + 3);
    }
  }

  private void planar(int width) {
    for (int x = 0, o = 0; x < width; x++, o += 3) {
      pixel(in[x] & 0xff, (chroma[x & ~1] & 0xff) - 128, (chroma[x | 1] & 0xff) - 128, o);
    }
  }

  /** BT.601, limited range, in 1/65536ths. */
  private void pixel(int luma, int cb, int cr, int o) {
    int y = 76309 * (luma - 16) + 32768;
    out[o] = clamped(y + 132201 * cb);
    out[o + 1] = clamped(y - 25675 * cb - 53279 * cr);
    out[o + 2] = clamped(y + 104597 * cr);
  }

  private static byte clamped(int value) {
    return (byte) Math.max(0, Math.min(255, value >> 16));
  }
}
