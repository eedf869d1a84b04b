package saccade.kernels.image;

import java.util.Locale;

/**
 * How the bytes of an 8-bit picture lie in memory. Strides are those of the first plane; the second
 * plane of {@link #NV12} has the same and follows the first.
 */
public enum PixelFormat {
  /** Blue, green, red (OpenCV, most camera drivers). */
  BGR8(3, "bgr8"),
  /** Red, green, blue. */
  RGB8(3, "rgb8"),
  /** Blue, green, red, and a fourth byte that is not looked at. */
  BGRA8(4, "bgra8"),
  /** Red, green, blue, and a fourth byte that is not looked at. */
  RGBA8(4, "rgba8"),
  /** Grey. */
  MONO8(1, "mono8"),
  /** Two pixels in U, Y0, V, Y1; even width. */
  UYVY(2, "yuv422"),
  /** Two pixels in Y0, U, Y1, V; even width. */
  YUYV(2, "yuv422_yuy2"),
  /** A plane of Y, then a plane of U, V for each 2x2 pixels; even width and height. */
  NV12(1, "nv12");

  /** Channels of what the kernels make of a picture: R, G, B. */
  public static final int CHANNELS = 3;

  private final int bytes;
  private final String ros;

  PixelFormat(int bytes, String ros) {
    this.bytes = bytes;
    this.ros = ros;
  }

  /** Bytes of a pixel in a row of the first plane. */
  public int bytesPerPixel() {
    return bytes;
  }

  /** The name that sensor_msgs/Image gives it in its field encoding. */
  public String rosEncoding() {
    return ros;
  }

  /** Whether colour comes as luma and shared chroma. */
  public boolean isYuv() {
    return this == UYVY || this == YUYV || this == NV12;
  }

  /** Bytes of a row of the first plane without padding. */
  public long rowBytes(int widthPx) {
    return (long) bytes * widthPx;
  }

  /**
   * Bytes from the first of the picture to the end of its last row, which needs no padding.
   *
   * @param strideBytes from one row to the next
   */
  public long pictureBytes(int widthPx, int heightPx, long strideBytes) {
    long rows = this == NV12 ? heightPx + heightPx / 2 : heightPx;
    return (rows - 1) * strideBytes + rowBytes(widthPx);
  }

  /** Whether pictures of this size can have this format. */
  public boolean fits(int widthPx, int heightPx) {
    return !isYuv() || widthPx % 2 == 0 && (this != NV12 || heightPx % 2 == 0);
  }

  /**
   * The format of a sensor_msgs/Image.
   *
   * @param encoding its field encoding; {@code uyvy} and {@code yuyv}, as newer messages have them,
   *     and {@code 8UC1}, {@code 8UC3} (taken for bgr8), {@code 8UC4} are known too
   * @throws IllegalArgumentException for one that is not read here
   */
  public static PixelFormat ofRos(String encoding) {
    return switch (encoding.toLowerCase(Locale.ROOT)) {
      case "bgr8", "8uc3" -> BGR8;
      case "rgb8" -> RGB8;
      case "bgra8", "8uc4" -> BGRA8;
      case "rgba8" -> RGBA8;
      case "mono8", "8uc1" -> MONO8;
      case "yuv422", "uyvy" -> UYVY;
      case "yuv422_yuy2", "yuyv" -> YUYV;
      case "nv12" -> NV12;
      default ->
          throw new IllegalArgumentException(
              "image encoding \""
                  + encoding
                  + "\": wanted one of bgr8, rgb8, bgra8, rgba8, mono8, yuv422, yuv422_yuy2, nv12");
    };
  }
}
