package saccade.nodes.cdr;

import java.lang.foreign.MemorySegment;

/** sensor_msgs/Image read where it lies. */
public final class ImageView extends MessageView {
  private int height;
  private int width;
  private int step;
  private boolean pixelsBigEndian;
  private long encodingAt;
  private int encodingBytes;

  public ImageView() {
    super("sensor_msgs/msg/Image");
  }

  /**
   * Looks at a payload of {@code bytes} bytes, encapsulation header included; the view then shows
   * this message.
   *
   * @return false when it is none, or has a height, width or step of 2^31 or more; see {@link
   *     #fault()}
   */
  public boolean wrap(MemorySegment payload, long bytes) {
    if (!begin(payload, bytes)) {
      return false;
    }
    height = int32();
    width = int32();
    encodingBytes = string();
    encodingAt = textAt;
    pixelsBigEndian = uint8() != 0;
    step = int32();
    if ((height | width | step) < 0) {
      return lacks("height, width and step below 2^31", Math.min(height, Math.min(width, step)));
    }
    data();
    return ok();
  }

  /** Rows. */
  public int height() {
    return height;
  }

  /** Pixels a row. */
  public int width() {
    return width;
  }

  /** Bytes from one row to the next. */
  public int step() {
    return step;
  }

  /** Whether pixels of more than one byte have the high byte first. */
  public boolean pixelsBigEndian() {
    return pixelsBigEndian;
  }

  public String encoding() {
    return text(encodingAt, encodingBytes);
  }

  /** Whether the encoding is this ASCII text; allocates nothing. */
  public boolean encodingIs(String ascii) {
    return textIs(ascii, encodingAt, encodingBytes);
  }

  /**
   * Whether step × height is the length of the data and a row of {@code pixelBytes} a pixel fits
   * into a step.
   */
  public boolean sizesAgree(int pixelBytes) {
    return (long) step * height == dataBytes && (long) width * pixelBytes <= step;
  }

  /**
   * Copies the first {@code rowBytes} of every row.
   *
   * @param rowBytes at most step; only after {@link #sizesAgree}
   * @param target memory with room for height rows from {@code targetOffset} on
   * @param targetStride bytes from one row to the next there, at least rowBytes
   */
  public void copyRows(long rowBytes, MemorySegment target, long targetOffset, long targetStride) {
    copyRows(height, step, rowBytes, target, targetOffset, targetStride);
  }
}
