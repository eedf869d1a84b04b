package saccade.kernels.image;

/** Byte order of an interleaved 8-bit colour image, three bytes a pixel. */
public enum PixelFormat {
  /** Blue, green, red (OpenCV, most camera drivers). */
  BGR8,
  /** Red, green, blue. */
  RGB8;

  /** Bytes of one pixel, in both formats. */
  public static final int BYTES_PER_PIXEL = 3;
}
