package saccade.hil.interop;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.ArrayList;
import java.util.List;
import saccade.msg.builtin_interfaces.Time;
import saccade.msg.sensor_msgs.Image;
import saccade.msg.sensor_msgs.PointCloud2;
import saccade.msg.sensor_msgs.PointField;
import saccade.msg.std_msgs.Header;
import saccade.nodes.cdr.CdrWriter;
import saccade.nodes.cdr.ImageView;
import saccade.nodes.cdr.MessageView;
import saccade.nodes.cdr.PointCloud2View;

/**
 * Large images and clouds that carry their number in the header and in every byte of their data.
 */
final class BulkMessages {
  private static final int ROWS = 1000;
  private static final int POINT_BYTES = 16;

  private BulkMessages() {}

  /**
   * Writes one.
   *
   * @param data all its bytes, each {@code number % 251}; a multiple of 3000 (image) or 16 (cloud)
   */
  static void write(CdrWriter writer, boolean cloud, int number, byte[] data) {
    Header header = new Header(Time.defaults(), Integer.toString(number));
    if (!cloud) {
      int step = data.length / ROWS;
      Image.TYPE.encode(new Image(header, ROWS, step / 3, "rgb8", 0, step, data), writer);
      return;
    }
    List<PointField> fields = new ArrayList<>();
    for (String name : List.of("x", "y", "z", "intensity")) {
      fields.add(new PointField(name, 4 * fields.size(), PointField.FLOAT32, 1));
    }
    PointCloud2.TYPE.encode(
        new PointCloud2(
            header,
            1,
            data.length / POINT_BYTES,
            fields,
            false,
            POINT_BYTES,
            data.length,
            data,
            true),
        writer);
  }

  /**
   * Takes one as a sensor input does: sizes from the view, the payload once into a slot.
   *
   * @param number it must have
   * @return whether it is that message, whole
   */
  static boolean take(
      MessageView view, MemorySegment cdr, long bytes, MemorySegment slot, int size, int number) {
    boolean shaped =
        switch (view) {
          case ImageView image -> image.wrap(cdr, bytes) && image.sizesAgree(3);
          case PointCloud2View points -> points.wrap(cdr, bytes) && points.sizesAgree();
          default -> false;
        };
    if (!shaped || view.dataBytes() != size || !view.frameId().equals(Integer.toString(number))) {
      return false;
    }
    view.copyData(slot, 0);
    byte fill = (byte) (number % 251);
    return slot.get(ValueLayout.JAVA_BYTE, 0) == fill
        && slot.get(ValueLayout.JAVA_BYTE, size / 2) == fill
        && slot.get(ValueLayout.JAVA_BYTE, size - 1L) == fill;
  }
}
