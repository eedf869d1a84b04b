package saccade.nodes.rosnode;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.sun.management.ThreadMXBean;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.management.ManagementFactory;
import java.util.List;
import org.junit.jupiter.api.Test;
import saccade.kernels.image.PixelFormat;
import saccade.msg.builtin_interfaces.Time;
import saccade.msg.sensor_msgs.Image;
import saccade.msg.sensor_msgs.PointCloud2;
import saccade.msg.sensor_msgs.PointField;
import saccade.msg.std_msgs.Header;
import saccade.nodes.cdr.CdrWriter;
import saccade.nodes.cdr.ImageView;
import saccade.nodes.cdr.MessageType;
import saccade.nodes.cdr.PointCloud2View;

/** The way from a message to a slot makes no garbage. */
class CopyAllocationTest {
  private static final int ROUNDS = 2_000;
  private final ThreadMXBean threads = (ThreadMXBean) ManagementFactory.getThreadMXBean();

  private static <T> MemorySegment payload(Arena arena, MessageType<T> type, T message) {
    try (CdrWriter writer = new CdrWriter()) {
      type.encode(message, writer);
      MemorySegment copy = arena.allocate(writer.bytes(), 16);
      MemorySegment.copy(writer.buffer(), 0, copy, 0, writer.bytes());
      return copy;
    }
  }

  private void measure(String what, Runnable work) {
    for (int i = 0; i < ROUNDS; i++) {
      work.run();
    }
    long before = threads.getCurrentThreadAllocatedBytes();
    for (int i = 0; i < ROUNDS; i++) {
      work.run();
    }
    long grown = threads.getCurrentThreadAllocatedBytes() - before;
    assertTrue(grown < ROUNDS, what + ": " + grown + " bytes in " + ROUNDS + " rounds");
  }

  @Test
  void picturesOfEveryEncoding() {
    try (Arena arena = Arena.ofConfined()) {
      ImageView view = new ImageView();
      PictureCopy copy = new PictureCopy();
      MemorySegment slot = arena.allocate(3 * 32 * 16);
      for (PixelFormat format : PixelFormat.values()) {
        int step = (int) format.rowBytes(32);
        byte[] data = new byte[(int) (step * PictureCopy.rows(format, 16))];
        MemorySegment cdr =
            payload(
                arena,
                Image.TYPE,
                new Image(
                    new Header(new Time(1, 2), "camera"),
                    16,
                    32,
                    format.rosEncoding(),
                    0,
                    step,
                    data));
        measure(
            format.toString(),
            () -> {
              assertTrue(view.wrap(cdr, cdr.byteSize()));
              assertEquals(format, PictureCopy.formatOf(view));
              copy.copy(view, format, slot);
            });
      }
    }
  }

  @Test
  void clouds() {
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment slot = arena.allocate(16 * 100);
      PointCloud2View view = new PointCloud2View();
      CloudCopy copy = new CloudCopy(255);
      byte[] data = new byte[100 * 20];
      java.util.Arrays.fill(data, (byte) 0x3f);
      List<PointField> fields =
          List.of(
              new PointField("x", 0, 7, 1),
              new PointField("y", 4, 7, 1),
              new PointField("z", 8, 7, 1),
              new PointField("intensity", 12, 7, 1));
      MemorySegment cdr =
          payload(
              arena,
              PointCloud2.TYPE,
              new PointCloud2(
                  new Header(new Time(1, 2), "lidar"),
                  1,
                  100,
                  fields,
                  false,
                  20,
                  2000,
                  data,
                  true));
      measure(
          "cloud",
          () -> {
            assertTrue(view.wrap(cdr, cdr.byteSize()));
            assertEquals(null, CloudCopy.fault(view));
            assertEquals(100, copy.copy(view, slot));
          });
    }
  }
}
