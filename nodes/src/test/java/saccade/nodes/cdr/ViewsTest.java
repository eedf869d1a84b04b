package saccade.nodes.cdr;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.sun.management.ThreadMXBean;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.lang.management.ManagementFactory;
import java.util.Arrays;
import java.util.List;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import org.junit.jupiter.api.Test;
import saccade.msg.builtin_interfaces.Time;
import saccade.msg.sensor_msgs.CompressedImage;
import saccade.msg.sensor_msgs.Image;
import saccade.msg.sensor_msgs.PointCloud2;
import saccade.msg.sensor_msgs.PointField;
import saccade.msg.std_msgs.Header;
import saccade.nodes.idl.Definitions;

/** The views against the records' decoder. */
class ViewsTest {
  private static final Definitions DEFINITIONS = TestDefinitions.all();

  private final ImageView image = new ImageView();
  private final CompressedImageView compressed = new CompressedImageView();
  private final PointCloud2View cloud = new PointCloud2View();

  private static long stampNs(Header header) {
    return header.stamp().sec() * 1_000_000_000L + Integer.toUnsignedLong(header.stamp().nanosec());
  }

  private static byte[] data(MessageView view) {
    byte[] data = new byte[view.dataBytes() + 2];
    view.copyData(MemorySegment.ofArray(data), 1);
    assertEquals(0, data[0] | data[data.length - 1]);
    return Arrays.copyOfRange(data, 1, data.length - 1);
  }

  @Property(tries = 300)
  void shouldShowWhatTheRecordsHold(
      @ForAll long seed, @ForAll boolean turn, @ForAll @IntRange(max = 400) int cut) {
    RandomMessages random = new RandomMessages(DEFINITIONS, seed);
    Image expectedImage = random.next(Image.TYPE);
    byte[] bytes = turned(Image.TYPE, expectedImage, turn);
    boolean sizes =
        expectedImage.height() >= 0 && expectedImage.width() >= 0 && expectedImage.step() >= 0;
    assertEquals(sizes, image.wrap(MemorySegment.ofArray(bytes), bytes.length), image.fault());
    if (sizes) {
      assertEquals(stampNs(expectedImage.header()), image.stampNs());
      assertEquals(expectedImage.header().frameId(), image.frameId());
      assertEquals(expectedImage.height(), image.height());
      assertEquals(expectedImage.width(), image.width());
      assertEquals(expectedImage.step(), image.step());
      assertEquals(expectedImage.encoding(), image.encoding());
      assertEquals(expectedImage.isBigendian() != 0, image.pixelsBigEndian());
      assertArrayEquals(expectedImage.data(), data(image));
    }
    CompressedImage expectedCompressed = random.next(CompressedImage.TYPE);
    bytes = turned(CompressedImage.TYPE, expectedCompressed, turn);
    assertTrue(compressed.wrap(MemorySegment.ofArray(bytes), bytes.length), compressed.fault());
    assertEquals(expectedCompressed.format(), compressed.format());
    assertArrayEquals(expectedCompressed.data(), data(compressed));

    PointCloud2 expected = random.next(PointCloud2.TYPE);
    expected = expected.withHeight(expected.height() & 0xffff).withWidth(expected.width() & 0xffff);
    expected =
        expected
            .withPointStep(expected.pointStep() & 0xffff)
            .withRowStep(expected.rowStep() & 0xffffff);
    bytes = turned(PointCloud2.TYPE, expected, turn);
    assertTrue(cloud.wrap(MemorySegment.ofArray(bytes), bytes.length), cloud.fault());
    assertEquals(stampNs(expected.header()), cloud.stampNs());
    assertEquals(expected.height(), cloud.height());
    assertEquals(expected.width(), cloud.width());
    assertEquals(expected.pointStep(), cloud.pointStep());
    assertEquals(expected.rowStep(), cloud.rowStep());
    assertEquals(expected.isBigendian(), cloud.bigEndianPoints());
    assertEquals(expected.isDense(), cloud.dense());
    assertArrayEquals(expected.data(), data(cloud));
    assertEquals(expected.fields().size(), cloud.fields());
    for (int i = 0; i < cloud.fields(); i++) {
      PointField field = expected.fields().get(i);
      assertEquals(field.name(), cloud.fieldName(i));
      assertEquals(field.offset(), cloud.fieldOffset(i));
      assertEquals(field.datatype(), cloud.fieldType(i));
      assertEquals(field.count(), cloud.fieldCount(i));
    }

    int length = Math.min(cut, bytes.length - 1);
    assertFalse(cloud.wrap(MemorySegment.ofArray(bytes), length));
    assertTrue(cloud.fault().contains("wanted"), cloud.fault());
    assertEquals(0, cloud.fields());
  }

  private static <T> byte[] turned(MessageType<T> type, T message, boolean turn) {
    byte[] little = type.encode(message);
    return turn ? PayloadWalk.turned(little, type.rosName(), DEFINITIONS) : little;
  }

  @Test
  void shouldCopyRowsAndPointsWithoutTheirPadding() {
    byte[] data = {1, 2, 3, 0, 4, 5, 6, 0};
    Image rows =
        Image.defaults()
            .withHeight(2)
            .withWidth(3)
            .withStep(4)
            .withEncoding("mono8")
            .withData(data);
    byte[] bytes = Image.TYPE.encode(rows);
    assertTrue(image.wrap(MemorySegment.ofArray(bytes), bytes.length));
    assertTrue(image.sizesAgree(1));
    assertFalse(image.sizesAgree(2));
    assertTrue(image.encodingIs("mono8"));
    assertFalse(image.encodingIs("mono16"));
    byte[] copied = new byte[8];
    image.copyRows(3, MemorySegment.ofArray(copied), 1, 3);
    assertArrayEquals(new byte[] {0, 1, 2, 3, 4, 5, 6, 0}, copied);
    bytes = Image.TYPE.encode(rows.withStep(5));
    assertTrue(image.wrap(MemorySegment.ofArray(bytes), bytes.length));
    assertFalse(image.sizesAgree(1));

    PointCloud2 points =
        PointCloud2.defaults()
            .withHeight(2)
            .withWidth(1)
            .withPointStep(3)
            .withRowStep(4)
            .withData(data)
            .withFields(
                List.of(
                    new PointField("x", 1, PointField.UINT16, 1),
                    new PointField("y", 0, PointField.FLOAT32, 0),
                    new PointField("z", 0, 9, 1)));
    bytes = PointCloud2.TYPE.encode(points);
    assertTrue(cloud.wrap(MemorySegment.ofArray(bytes), bytes.length));
    assertTrue(cloud.sizesAgree());
    assertEquals(1, cloud.field("y"));
    assertEquals(-1, cloud.field("yy"));
    assertTrue(cloud.fieldFits(0));
    assertFalse(cloud.fieldFits(1));
    assertFalse(cloud.fieldFits(2));
    cloud.copyPoints(MemorySegment.ofArray(copied), 0);
    assertArrayEquals(new byte[] {1, 2, 3, 4, 5, 6, 6, 0}, copied);
  }

  @Test
  void shouldRefuseTooManyFieldsInOneLine() {
    PointField field = new PointField("x", 0, PointField.UINT8, 1);
    byte[] bytes =
        PointCloud2.TYPE.encode(
            PointCloud2.defaults().withFields(java.util.Collections.nCopies(65, field)));
    assertFalse(cloud.wrap(MemorySegment.ofArray(bytes), bytes.length));
    assertEquals(
        "sensor_msgs/msg/PointCloud2 at byte 32 of 1349: found 65, wanted at most 64 fields",
        cloud.fault());
  }

  @Test
  void shouldAllocateNothingOnceWarm() {
    ThreadMXBean threads = (ThreadMXBean) ManagementFactory.getThreadMXBean();
    byte[] bytes =
        Image.TYPE.encode(
            new Image(new Header(new Time(1, 2), "cam"), 8, 8, "rgb8", 0, 24, new byte[192]));
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment payload = arena.allocate(bytes.length);
      MemorySegment.copy(bytes, 0, payload, ValueLayout.JAVA_BYTE, 0, bytes.length);
      MemorySegment slot = arena.allocate(192);
      long grown = Long.MAX_VALUE;
      int shown = 0;
      for (int round = 0; round < 6; round++) {
        long before = threads.getCurrentThreadAllocatedBytes();
        for (int i = 0; i < 20_000; i++) {
          if (image.wrap(payload, bytes.length)
              && image.encodingIs("rgb8")
              && image.frameIdIs("cam")
              && image.sizesAgree(3)) {
            image.copyData(slot, 0);
            shown++;
          }
        }
        grown = Math.min(grown, threads.getCurrentThreadAllocatedBytes() - before);
      }
      assertEquals(120_000, shown);
      assertTrue(grown < 1000, grown + " bytes in 20 000 rounds");
    }
  }
}
