package saccade.nodes.cdr;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;

import com.code_intelligence.jazzer.api.FuzzedDataProvider;
import com.code_intelligence.jazzer.junit.FuzzTest;
import java.lang.foreign.MemorySegment;
import java.util.Objects;

/**
 * Whatever bytes come: a message that can be written and read again, or one line. JAZZER_FUZZ=1
 * looks for more.
 */
class CdrFuzzTest {
  private static final String[] TYPES = {
    "sensor_msgs/msg/Image",
    "sensor_msgs/msg/PointCloud2",
    "sensor_msgs/msg/CameraInfo",
    "diagnostic_msgs/msg/DiagnosticArray",
    "rcl_interfaces/msg/ParameterEvent",
    "visualization_msgs/msg/MarkerArray",
    "vision_msgs/msg/Detection3DArray",
    "tf2_msgs/msg/TFMessage",
    "type_description_interfaces/srv/GetTypeDescription_Response",
    "test_msgs/msg/BoundedSequences",
    "test_msgs/msg/WStrings",
    "test_msgs/msg/MultiNested",
  };

  private static void decode(MessageType<?> type, byte[] payload) {
    try {
      again(type, payload);
    } catch (CdrFault fault) {
      assertFalse(String.valueOf(fault.getMessage()).contains("\n"));
    }
  }

  private static <T> void again(MessageType<T> type, byte[] payload) {
    T message = type.decode(payload);
    byte[] bytes;
    try {
      bytes = type.encode(message);
    } catch (CdrFault fault) {
      // A bounded string of bytes that are no UTF-8 may grow by its replacement characters.
      return;
    }
    assertEquals(message, type.decode(bytes));
  }

  @FuzzTest
  void records(FuzzedDataProvider data) {
    String name = data.pickValue(TYPES);
    decode(Objects.requireNonNull(RandomMessages.type(name)), data.consumeRemainingAsBytes());
  }

  @FuzzTest
  void views(byte[] payload) {
    MemorySegment segment = MemorySegment.ofArray(payload);
    ImageView image = new ImageView();
    if (image.wrap(segment, payload.length)) {
      image.encoding();
      image.copyData(MemorySegment.ofArray(new byte[image.dataBytes()]), 0);
    } else {
      assertFalse(image.fault().isEmpty());
    }
    CompressedImageView compressed = new CompressedImageView();
    if (compressed.wrap(segment, payload.length)) {
      compressed.format();
      compressed.copyData(MemorySegment.ofArray(new byte[compressed.dataBytes()]), 0);
    }
    PointCloud2View cloud = new PointCloud2View();
    if (cloud.wrap(segment, payload.length)) {
      for (int i = 0; i < cloud.fields(); i++) {
        cloud.fieldName(i);
        cloud.fieldFits(i);
      }
      if (cloud.sizesAgree()) {
        cloud.copyPoints(MemorySegment.ofArray(new byte[cloud.dataBytes()]), 0);
      }
    }
  }
}
