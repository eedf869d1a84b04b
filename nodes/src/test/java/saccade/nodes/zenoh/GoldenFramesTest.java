package saccade.nodes.zenoh;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.lang.foreign.MemorySegment;
import java.util.HexFormat;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Network messages as zenoh-pico 1.9 and the Rust router 1.10.2 sent them. */
class GoldenFramesTest {
  private static Message read(String hex) {
    byte[] bytes = HexFormat.of().parseHex(hex.replace(" ", ""));
    WireReader in = new WireReader().over(MemorySegment.ofArray(bytes), 0, bytes.length);
    Message m = new Message();
    m.read(in);
    assertFalse(in.hasMore(), "bytes left");
    return m;
  }

  @Test
  void keyDeclaration() {
    Message m = read("3e 00 20 01 00 01 30");
    assertEquals(Wire.DECLARE, m.kind);
    assertTrue(m.answersInterest);
    assertEquals(0, m.interestId);
    assertEquals(Wire.D_KEY, m.declaration);
    assertEquals(1, m.entityId);
    assertEquals("0", m.suffix());
  }

  @Test
  void subscriberDeclarationBySenderTable() {
    Message m = read("3e 00 62 01 01 03 2f 2a 2a");
    assertEquals(Wire.D_SUBSCRIBER, m.declaration);
    assertTrue(m.senderMapping);
    assertEquals(1, m.scope);
    assertEquals("/**", m.suffix());
  }

  @Test
  void finalOfTheFirstDeclarations() {
    assertEquals(Wire.D_FINAL, read("3e 00 1a").declaration);
  }

  @Test
  void tokenDeclarationWithQos() {
    Message m = read("be 01 21 08 66 01 00 03 612f62");
    assertEquals(1, m.interestId);
    assertEquals(8, m.qos);
    assertEquals(Wire.D_TOKEN, m.declaration);
    assertEquals("a/b", m.suffix());
  }

  @Test
  void tokenGoesWithoutItsKey() {
    Message m = read("9e 21 08 87 03 5f 02 00 00");
    assertEquals(Wire.U_TOKEN, m.declaration);
    assertEquals(3, m.entityId);
    assertFalse(m.hasKey);
  }

  @Test
  void tokenGoesWithItsKey() {
    Message m = read("1e 87 01 5f 05 03 00 612f62");
    assertTrue(m.hasKey);
    assertTrue(m.senderMapping);
    assertEquals("a/b", m.suffix());
  }

  @Test
  void sampleFromARouter() {
    String att =
        "0100000000000000" + "00002a36fe9c9717" + "10" + "000102030405060708090a0b0c0d0e0f";
    Message m =
        read(
            "fd 00 03 612f62 21 0d a1 80808080808080808001 10 0102030405060708090a0b0c0d0e0f10"
                    .replace("80808080808080808001", "808080808080808001")
                + "43 21"
                + att
                + "03 aabbcc");
    assertEquals(Wire.PUSH, m.kind);
    assertEquals(13, m.qos);
    assertTrue(m.hasTimestamp);
    assertEquals(33, m.attachmentBytes);
    assertEquals(att, HexFormat.of().formatHex(m.copy(m.attachmentAt, m.attachmentBytes)));
    assertEquals("aabbcc", HexFormat.of().formatHex(m.copy(m.payloadAt, m.payloadBytes)));
  }

  @Test
  void queryWithBodyAndAttachment() {
    Message m = read("3c 07 00 01 61 83 c3 03 00 aabb 45 02 ccdd");
    assertEquals(Wire.REQUEST, m.kind);
    assertEquals(7, m.requestId);
    assertEquals("aabb", HexFormat.of().formatHex(m.copy(m.payloadAt, m.payloadBytes)));
    assertEquals("ccdd", HexFormat.of().formatHex(m.copy(m.attachmentAt, m.attachmentBytes)));
  }

  @Test
  void replyWithResponder() {
    Message m = read("fb 07 00 01 61 43 04 10 0102 05 04 c1 00 43 01 ee 01 ff");
    assertEquals(Wire.RESPONSE, m.kind);
    assertEquals(Wire.PUT, m.body);
    assertEquals(1, m.attachmentBytes);
    assertEquals(1, m.payloadBytes);
    assertEquals(Wire.RESPONSE_FINAL, read("1a 07").kind);
  }

  @Test
  void queryable() {
    Message m = read("3e 01 44 01 01");
    assertEquals(Wire.D_QUERYABLE, m.declaration);
    assertEquals(1, m.scope);
    assertEquals(0, m.suffixBytes);
  }

  @ParameterizedTest
  @CsvSource({
    "3d 00 ff7f 61, beyond",
    "3d 00 00 81, empty key",
    "3d 00 01 61 01 ff ff ff ff 0f, payload beyond",
    "3d 00 01 61 07, no such body",
    "18, no network message",
    "bd 00 01 61 1e, unknown and mandatory",
    "3d 80 80 04 01 61 01 00, key id",
  })
  void refuses(String hex, String why) {
    ZenohFault e = assertThrows(ZenohFault.class, () -> read(hex), why);
    assertEquals(ZenohFault.Kind.MALFORMED, e.kind());
  }

  @Test
  void numbersComeBack() {
    long[] all = {0, 1, 127, 128, 16383, 16384, 1L << 32, Long.MAX_VALUE, -1, Long.MIN_VALUE};
    for (long value : all) {
      WireWriter w = new WireWriter().z(value);
      assertEquals(w.length, WireWriter.zBytes(value), "" + value);
      WireReader in = new WireReader().over(MemorySegment.ofArray(w.bytes), 0, w.length);
      assertEquals(value, in.z64());
    }
  }

  @Test
  void idsPrintAsEveryZenohPrintsThem() {
    byte[] wire = HexFormat.of().parseHex("0102030405060708090a0b0c0d0e0f10");
    ZenohId id = new WireReader().over(MemorySegment.ofArray(wire), 0, 16).id(16);
    assertEquals("100f0e0d0c0b0a090807060504030201", id.toString());
    assertEquals(id, ZenohId.parse(id.toString()));
    assertEquals("f01", new ZenohId(0, 0xF01).toString());
    assertEquals(2, new ZenohId(0, 0xF01).bytes());
  }
}
