package saccade.hil.interop;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.util.Arrays;
import org.junit.jupiter.api.Test;
import saccade.msg.KnownTypes;
import saccade.nodes.cdr.MessageType;
import saccade.nodes.idl.Definitions;

class WireBytesTest {
  private final WireBytes wire = new WireBytes(Definitions.shipped());

  private static <T> byte[] recoded(MessageType<T> type, byte[] payload) {
    return type.encode(type.decode(payload));
  }

  @Test
  void payloadsByDefinitionAreWhatTheCodecWrites() {
    for (String name : KnownTypes.messageNames()) {
      MessageType<?> type = KnownTypes.message(name);
      assertNotNull(type, name);
      byte[] payload = wire.random(name, 6);
      assertArrayEquals(payload, recoded(type, payload), name);
      assertArrayEquals(payload, wire.meant(name, payload), name);
    }
  }

  @Test
  void paddingIsClearedAndOtherBytesAreNot() {
    // uint8, three bytes of padding, uint32
    byte[] field = {0, 1, 0, 0, 2, 0, 0, 0, 'x', 0, 7, 7, 9, 0, 0, 0, 5, 7, 7, 7, 1, 0, 0, 0, 7};
    byte[] meant = {0, 1, 0, 0, 2, 0, 0, 0, 'x', 0, 0, 0, 9, 0, 0, 0, 5, 0, 0, 0, 1, 0, 0, 0};
    assertArrayEquals(meant, wire.meant("sensor_msgs/msg/PointField", field));
    byte[] other = field.clone();
    other[12]++;
    assertFalse(Arrays.equals(meant, wire.meant("sensor_msgs/msg/PointField", other)));
    byte[] cut = Arrays.copyOf(field, 22);
    assertThrows(
        IndexOutOfBoundsException.class, () -> wire.meant("sensor_msgs/msg/PointField", cut));
  }
}
