package saccade.nodes.cdr;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.sun.management.ThreadMXBean;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.management.ManagementFactory;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import saccade.msg.builtin_interfaces.Time;
import saccade.msg.geometry_msgs.Quaternion;
import saccade.msg.geometry_msgs.Twist;
import saccade.msg.geometry_msgs.Vector3;
import saccade.msg.rcl_interfaces.FloatingPointRange;
import saccade.msg.rcl_interfaces.ParameterDescriptor;
import saccade.msg.sensor_msgs.CameraInfo;
import saccade.msg.std_msgs.Empty;
import saccade.msg.std_msgs.Header;
import saccade.msg.std_srvs.SetBool;
import saccade.msg.test_msgs.Defaults;
import saccade.nodes.idl.Definitions;

class CdrTest {
  private final Definitions definitions = TestDefinitions.all();

  private static String hex(byte[] bytes) {
    return HexFormat.of().formatHex(bytes);
  }

  private static byte[] bytes(String hex) {
    return HexFormat.of().parseHex(hex.replace(" ", ""));
  }

  /** Vectors of libfastcdr. */
  @Test
  void shouldWriteTheBytesOfFastCdr() {
    try (CdrWriter out = new CdrWriter()) {
      out.string("Hello World: 1");
      assertEquals("000100000f00000048656c6c6f20576f726c643a203100", hex(out.toArray()));
      out.begin();
      out.string("");
      assertEquals("000100000100000000", hex(out.toArray()));
      out.begin();
      out.uint8(1);
      out.doubles(new double[0], Integer.MAX_VALUE);
      out.uint8(2);
      assertEquals("00010000010000000000000002", hex(out.toArray()));
      out.begin();
      out.uint8(1);
      out.float64(1);
      assertEquals("000100000100000000000000000000000000f03f", hex(out.toArray()));
      out.begin();
      out.int8(-1);
      out.uint16(1);
      out.float64(1);
      assertEquals("00010000ff00010000000000000000000000f03f", hex(out.toArray()));
      out.begin();
      out.list(List.of("a", "bc"), Integer.MAX_VALUE, (each, to) -> to.string(each));
      assertEquals(
          "00010000020000000200000061000000 03000000626300".replace(" ", ""), hex(out.toArray()));
      out.begin();
      new Header(new Time(1, 2), "map").write(out);
      out.float64(1);
      assertEquals("000100000100000002000000040000006d617000000000000000f03f", hex(out.toArray()));
      out.begin();
      out.bools(new boolean[] {true, false}, Integer.MAX_VALUE);
      assertEquals("00010000020000000100", hex(out.toArray()));
    }
    assertEquals("0001000000", hex(Empty.TYPE.encode(new Empty())));
    assertEquals("0001000001", hex(SetBool.Request.TYPE.encode(new SetBool.Request(true))));
  }

  @Test
  void shouldReadTheSameInBothByteOrders() {
    int types = 0;
    for (String name : RandomMessages.names()) {
      types++;
      shouldReadTheSameInBothByteOrders(RandomMessages.type(name), name);
    }
    assertTrue(types > 300, "only " + types);
  }

  private <T> void shouldReadTheSameInBothByteOrders(MessageType<T> type, String name) {
    RandomMessages random = new RandomMessages(definitions, name.hashCode());
    for (int round = 0; round < 3; round++) {
      T message = random.next(type);
      byte[] little = type.encode(message);
      assertEquals(message, type.decode(little), name);
      assertArrayEquals(little, PayloadWalk.cleared(little, name, definitions), name);
      byte[] big = PayloadWalk.turned(little, name, definitions);
      assertEquals(message, type.decode(big), name);
      if (type.maxSerializedSize() >= 0) {
        assertTrue(little.length <= type.maxSerializedSize(), name);
      }
    }
    T defaults = type.defaults();
    assertEquals(defaults, type.decode(type.encode(defaults)), name);
  }

  @Test
  void shouldRefuseEveryPayloadThatIsCutOff() {
    for (String name :
        List.of(
            "sensor_msgs/msg/PointCloud2",
            "visualization_msgs/msg/Marker",
            "tf2_msgs/msg/TFMessage")) {
      MessageType<?> type = RandomMessages.type(name);
      byte[] whole = encode(type, 5);
      for (int length = 0; length < whole.length; length++) {
        byte[] cut = Arrays.copyOf(whole, length);
        CdrFault fault = assertThrows(CdrFault.class, () -> type.decode(cut), name);
        assertTrue(String.valueOf(fault.getMessage()).startsWith(name + ": "), fault.getMessage());
      }
    }
  }

  private <T> byte[] encode(MessageType<T> type, long seed) {
    return type.encode(new RandomMessages(definitions, seed).next(type));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        "0001",
        "00020000 00000000",
        "00030000",
        "00070000",
        "01000000",
        "00010000 ffffffff",
        "00010000 ffffff7f 00",
      })
  void shouldRefuseWhatIsNoString(String hex) {
    byte[] payload = bytes(hex);
    CdrFault fault =
        assertThrows(CdrFault.class, () -> saccade.msg.std_msgs.String.TYPE.decode(payload));
    assertTrue(String.valueOf(fault.getMessage()).contains("wanted"));
    assertFalse(String.valueOf(fault.getMessage()).contains("\n"));
  }

  /** Counts of four thousand million in a few bytes: refused before anything is made for them. */
  @Test
  void shouldHoldCountsAgainstTheBytesLeftBeforeItAllocates() {
    CdrReader in = CdrReader.of(bytes("00010000 ffffff7f 0102030405060708"));
    ThreadMXBean threads = (ThreadMXBean) ManagementFactory.getThreadMXBean();
    long before = threads.getCurrentThreadAllocatedBytes();
    assertThrows(CdrFault.class, in::octets);
    in.wrap(MemorySegment.ofArray(bytes("00010000 ffffff7f 0102030405060708")), 16);
    assertThrows(CdrFault.class, in::doubles);
    in.wrap(MemorySegment.ofArray(bytes("00010000 ffffff7f 0102030405060708")), 16);
    assertThrows(CdrFault.class, () -> in.list(1, Integer.MAX_VALUE, Empty::read));
    assertTrue(threads.getCurrentThreadAllocatedBytes() - before < 1 << 20);
  }

  @Test
  void shouldAcceptWhatPeersDoDifferently() {
    // No NUL at the end, length 0, padding and leftovers that are not zero, an empty structure of
    // no bytes.
    assertEquals(
        "ab", saccade.msg.std_msgs.String.TYPE.decode(bytes("00010000 02000000 6162")).data());
    assertEquals("", saccade.msg.std_msgs.String.TYPE.decode(bytes("00010000 00000000")).data());
    assertEquals(
        "a",
        saccade.msg.std_msgs.String.TYPE
            .decode(bytes("00010003 02000000 6100 ffffffffffff"))
            .data());
    assertEquals(new Empty(), Empty.TYPE.decode(bytes("00010000")));
  }

  @Test
  void shouldHoldValuesAgainstTheirFields() {
    try (CdrWriter out = new CdrWriter()) {
      assertThrows(CdrFault.class, () -> out.uint8(256));
      assertThrows(CdrFault.class, () -> out.int8(128));
      assertThrows(CdrFault.class, () -> out.uint16(-1));
      assertThrows(CdrFault.class, () -> out.int16(40000));
      assertThrows(CdrFault.class, () -> out.string("äää", 5));
    }
    assertThrows(CdrFault.class, () -> CameraInfo.defaults().withK(new double[8]));
    FloatingPointRange range = FloatingPointRange.defaults();
    ParameterDescriptor two =
        ParameterDescriptor.defaults().withFloatingPointRange(List.of(range, range));
    CdrFault fault = assertThrows(CdrFault.class, () -> ParameterDescriptor.TYPE.encode(two));
    assertEquals(
        "rcl_interfaces/msg/ParameterDescriptor: sequence of 2: wanted at most 1",
        fault.getMessage());
    // The same on the way in: count 2 where at most 1 may be.
    byte[] one =
        ParameterDescriptor.TYPE.encode(
            ParameterDescriptor.defaults().withFloatingPointRange(List.of(range)));
    int at = one.length - 4 - 24 - 4 - 4;
    while (one[at] != 1 || one[at + 1] != 0) {
      at++;
    }
    one[at] = 2;
    assertThrows(CdrFault.class, () -> ParameterDescriptor.TYPE.decode(one));
  }

  @Test
  void shouldStartFromTheDefaultsOfTheDefinition() {
    assertEquals(new Quaternion(0, 0, 0, 1), Quaternion.defaults());
    Defaults defaults = Defaults.defaults();
    assertEquals(200, defaults.uint8Value());
    assertEquals(-40000000L, defaults.int64Value());
    assertEquals(1.125f, defaults.float32Value());
    assertTrue(defaults.boolValue());
  }

  @Test
  void shouldGrowAndKeepWhatWasWritten() {
    try (CdrWriter out = new CdrWriter(1)) {
      for (int i = 0; i < 10_000; i++) {
        out.int32(i);
      }
      CdrReader in = CdrReader.of(out.toArray());
      for (int i = 0; i < 10_000; i++) {
        assertEquals(i, in.int32());
      }
      assertEquals(0, in.remaining());
    }
  }

  @Test
  void shouldAllocateNothingOnceWarm() {
    ThreadMXBean threads = (ThreadMXBean) ManagementFactory.getThreadMXBean();
    Twist twist = new Twist(new Vector3(1, 2, 3), new Vector3(4, 5, 6));
    saccade.msg.std_msgs.String text = new saccade.msg.std_msgs.String("räder");
    MessageType<Twist> type = Twist.TYPE;
    try (CdrWriter out = new CdrWriter();
        Arena arena = Arena.ofConfined()) {
      MemorySegment image = arena.allocate(1 << 16);
      long sum = 0;
      long grown = Long.MAX_VALUE;
      // The first rounds compile.
      for (int round = 0; round < 6; round++) {
        long before = threads.getCurrentThreadAllocatedBytes();
        for (int i = 0; i < 20_000; i++) {
          type.encode(twist, out);
          sum += out.bytes();
          saccade.msg.std_msgs.String.TYPE.encode(text, out);
          sum += out.bytes();
          out.begin();
          out.octets(image, 0, 1 << 10);
          sum += out.bytes();
        }
        grown = Math.min(grown, threads.getCurrentThreadAllocatedBytes() - before);
      }
      assertEquals(6L * 20_000 * (52 + 15 + 1032), sum);
      assertTrue(grown < 1000, grown + " bytes in 20 000 rounds");
    }
  }
}
