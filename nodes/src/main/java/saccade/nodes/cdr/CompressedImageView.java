package saccade.nodes.cdr;

import java.lang.foreign.MemorySegment;

/** sensor_msgs/CompressedImage read where it lies. */
public final class CompressedImageView extends MessageView {
  private long formatAt;
  private int formatBytes;

  public CompressedImageView() {
    super("sensor_msgs/msg/CompressedImage");
  }

  /**
   * Looks at a payload of {@code bytes} bytes, encapsulation header included; the view then shows
   * this message.
   *
   * @return false when it is none; see {@link #fault()}
   */
  public boolean wrap(MemorySegment payload, long bytes) {
    if (!begin(payload, bytes)) {
      return false;
    }
    formatBytes = string();
    formatAt = textAt;
    data();
    return ok();
  }

  public String format() {
    return text(formatAt, formatBytes);
  }

  /** Whether the format is this ASCII text; allocates nothing. */
  public boolean formatIs(String ascii) {
    return textIs(ascii, formatAt, formatBytes);
  }
}
