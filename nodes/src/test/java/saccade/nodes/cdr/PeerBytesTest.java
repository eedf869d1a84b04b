package saccade.nodes.cdr;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assertions.fail;

import java.io.BufferedOutputStream;
import java.io.DataInputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.lang.ProcessBuilder.Redirect;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.HexFormat;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import saccade.msg.KnownTypes;
import saccade.nodes.idl.Definitions;
import saccade.nodes.ros.Peers;

/** Our bytes against those of a real rclpy, both ways, for every type that it has. */
class PeerBytesTest {
  private static final int ROUNDS = 4;

  /** Packages of ours that the wheels of the peers do not have. */
  private static final Set<String> NOT_THERE =
      Set.of(
          "ackermann_msgs",
          "autoware_adapi_v1_msgs",
          "autoware_common_msgs",
          "autoware_control_msgs",
          "autoware_perception_msgs",
          "autoware_planning_msgs",
          "autoware_system_msgs",
          "autoware_vehicle_msgs",
          "carla_msgs",
          "example_interfaces",
          "foxglove_msgs",
          "nav2_msgs",
          "saccade_msgs",
          "tf2_msgs",
          "tier4_system_msgs",
          "vision_msgs");

  private final Definitions definitions = TestDefinitions.all();

  @ParameterizedTest
  @ValueSource(strings = {"jazzy", "kilted"})
  void shouldEqualThePeersInEveryByteButPadding(String distro) throws Exception {
    ProcessBuilder builder =
        Peers.ros(distro).pythonProcess(Path.of("../hil-tests/peers/cdr_peer.py").toString());
    Process peer = builder.redirectErrorStream(false).redirectError(Redirect.DISCARD).start();
    int compared = 0;
    Set<String> absent = new TreeSet<>();
    try (OutputStream to = new BufferedOutputStream(peer.getOutputStream());
        DataInputStream from = new DataInputStream(peer.getInputStream())) {
      for (String name : RandomMessages.names()) {
        if (NOT_THERE.contains(name.substring(0, name.indexOf('/')))) {
          continue;
        }
        for (int round = 0; round < ROUNDS; round++) {
          compared += compare(name, round, to, from, absent) ? 1 : 0;
        }
      }
    } finally {
      peer.destroy();
    }
    assertEquals(Set.of(), absent, "types that the peer lacks");
    assertTrue(compared >= ROUNDS * 200, "compared only " + compared);
  }

  private boolean compare(
      String name, int round, OutputStream to, DataInputStream from, Set<String> absent)
      throws IOException {
    MessageType<?> type = RandomMessages.type(name);
    byte[] ours = encode(type, new RandomMessages(definitions, 31L * round + name.hashCode()));
    byte[] echoed = ask('E', name, ours, to, from);
    if (echoed == null) {
      absent.add(name);
      return false;
    }
    assertSame(name, ours, echoed);
    byte[] seed = ByteBuffer.allocate(8).order(ByteOrder.LITTLE_ENDIAN).putLong(round).array();
    byte[] theirs = ask('R', name, seed, to, from);
    assertSame(name, recoded(type, theirs), theirs);
    return true;
  }

  private static <T> byte[] encode(MessageType<T> type, RandomMessages random) {
    T message = random.next(type);
    byte[] bytes = type.encode(message);
    assertEquals(message, type.decode(bytes), type.rosName());
    return bytes;
  }

  private static <T> byte[] recoded(MessageType<T> type, byte[] payload) {
    return type.encode(type.decode(payload));
  }

  private void assertSame(String name, byte[] ours, byte[] theirs) {
    byte[] cleared = PayloadWalk.cleared(theirs, name, definitions);
    assertArrayEquals(
        cleared,
        ours,
        () ->
            name
                + "\nours   "
                + HexFormat.of().formatHex(ours)
                + "\ntheirs "
                + HexFormat.of().formatHex(theirs));
  }

  private static byte[] ask(
      char operation, String name, byte[] data, OutputStream to, DataInputStream from)
      throws IOException {
    byte[] text = name.getBytes(StandardCharsets.US_ASCII);
    ByteBuffer request =
        ByteBuffer.allocate(9 + text.length + data.length).order(ByteOrder.LITTLE_ENDIAN);
    request.put((byte) operation).putInt(text.length).put(text).putInt(data.length).put(data);
    to.write(request.array());
    to.flush();
    int status = from.readUnsignedByte();
    byte[] answer = from.readNBytes(Integer.reverseBytes(from.readInt()));
    if (status == 2) {
      fail(
          name
              + " "
              + operation
              + ": the peer says "
              + new String(answer, StandardCharsets.UTF_8)
              + " to "
              + HexFormat.of().formatHex(data));
    }
    return status == 0 ? answer : null;
  }

  /** The packages above are the only ones left out. */
  @org.junit.jupiter.api.Test
  void shouldNameOnlyPackagesThatShip() {
    List<String> packages =
        KnownTypes.messageNames().stream()
            .map(name -> name.substring(0, name.indexOf('/')))
            .distinct()
            .toList();
    for (String each : NOT_THERE) {
      assertTrue(packages.contains(each) || each.equals("example_interfaces"), each);
    }
  }
}
