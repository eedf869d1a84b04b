package saccade.nodes.message;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import saccade.msg.builtin_interfaces.Time;
import saccade.msg.sensor_msgs.PointCloud2;
import saccade.msg.sensor_msgs.PointField;
import saccade.msg.std_msgs.Header;
import saccade.msg.test_msgs.Defaults;
import saccade.nodes.cdr.CdrReader;
import saccade.nodes.cdr.CdrWriter;
import saccade.nodes.cdr.MessageType;
import saccade.nodes.cdr.RandomMessages;
import saccade.nodes.cdr.TestDefinitions;
import saccade.nodes.idl.Definitions;
import saccade.nodes.idl.IdlFault;

class MessageTextTest {
  private final Definitions definitions = TestDefinitions.all();

  private byte[] encoded(String type, String yaml) {
    try (CdrWriter out = CdrWriter.confined()) {
      new MessageText(definitions, type).encode(yaml, out);
      return out.toArray();
    }
  }

  @Test
  void shouldShowAMessageAsYaml() {
    PointCloud2 cloud =
        new PointCloud2(
            new Header(new Time(1, 2), "a b"),
            1,
            -1,
            List.of(
                new PointField("x", 0, 7, 1),
                new PointField("z", 4, 7, 1),
                new PointField("true", 8, 7, 1)),
            false,
            12,
            12,
            new byte[] {1, -1, 3, 4},
            true);
    assertEquals(
        """
        header:
          stamp:
            sec: 1
            nanosec: 2
          frame_id: "a b"
        height: 1
        width: 4294967295
        fields:
        - name: x
          offset: 0
          datatype: 7
          count: 1
        - name: z
          offset: 4
          datatype: 7
          count: 1
        - '1 more'
        is_bigendian: false
        point_step: 12
        row_step: 12
        data: [1, 255, '2 more']
        is_dense: true
        """,
        new MessageText(definitions, "sensor_msgs/msg/PointCloud2")
            .text(CdrReader.of(PointCloud2.TYPE.encode(cloud)), 2));
  }

  /** Every type: the text of a message is that message, and no text is a message of defaults. */
  @Test
  void shouldReadBackWhatItShows() {
    RandomMessages random = new RandomMessages(definitions, 3);
    int types = 0;
    for (String name : RandomMessages.names()) {
      shouldReadBackWhatItShows(RandomMessages.type(name), name, random);
      types++;
    }
    assertTrue(types > 300, "only " + types);
  }

  private <T> void shouldReadBackWhatItShows(
      MessageType<T> type, String name, RandomMessages random) {
    byte[] bytes = type.encode(random.next(type));
    String text = new MessageText(definitions, name).text(CdrReader.of(bytes), Integer.MAX_VALUE);
    assertArrayEquals(bytes, encoded(name, text), () -> name + "\n" + text);
    assertArrayEquals(type.encode(type.defaults()), encoded(name, ""), name);
  }

  @Test
  void shouldTakeDefaultsForWhatIsNotNamed() {
    assertArrayEquals(
        Defaults.TYPE.encode(Defaults.defaults().withInt8Value(7)),
        encoded("test_msgs/msg/Defaults", "{int8_value: 7}"));
    assertArrayEquals(
        Defaults.TYPE.encode(Defaults.defaults().withFloat64Value(Double.NEGATIVE_INFINITY)),
        encoded("test_msgs/msg/Defaults", "float64_value: -.inf"));
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "std_msgs/msg/String | [1]",
        "std_msgs/msg/String | {dat: a}",
        "std_msgs/msg/String | {data: [a]}",
        "std_msgs/msg/String | {data: a, data: b}",
        "std_msgs/msg/String | {data: a",
        "std_msgs/msg/UInt8 | {data: 256}",
        "std_msgs/msg/UInt8 | {data: -1}",
        "std_msgs/msg/Int64 | {data: 9223372036854775808}",
        "std_msgs/msg/Int64 | {data: 1.5}",
        "std_msgs/msg/Bool | {data: 1}",
        "sensor_msgs/msg/CameraInfo | {k: [1, 2]}",
        "geometry_msgs/msg/Twist | {linear: {x: fast}}",
        "test_msgs/msg/BoundedSequences | {bool_values: [true, true, true, true]}",
      })
  void shouldSayInOneLineWhatIsWrong(String type, String yaml) {
    IdlFault fault = assertThrows(IdlFault.class, () -> encoded(type, yaml));
    String line = String.valueOf(fault.getMessage());
    assertTrue(line.contains("wanted"), line);
    assertFalse(line.contains("\n"), line);
  }
}
