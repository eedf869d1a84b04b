package saccade.nodes.zenoh;

import static org.junit.jupiter.api.Assertions.assertTrue;

import com.code_intelligence.jazzer.api.FuzzedDataProvider;
import com.code_intelligence.jazzer.junit.FuzzTest;
import java.lang.foreign.MemorySegment;
import saccade.nodes.zenoh.rmw.TokenFuzz;

/**
 * Whatever bytes a peer sends: a message whose slices lie within them, or a named fault; nothing is
 * allocated by what a length claims. Seeds are frames of the official router. JAZZER_FUZZ=1 looks
 * for more.
 */
class MessageFuzzTest {
  @FuzzTest
  void networkMessages(FuzzedDataProvider data) {
    byte[] bytes = data.consumeRemainingAsBytes();
    MemorySegment memory = MemorySegment.ofArray(bytes);
    WireReader in = new WireReader().over(memory, 0, bytes.length);
    Message m = new Message();
    try {
      while (in.hasMore()) {
        m.read(in);
        within(m.suffixAt, m.suffixBytes, bytes.length);
        within(m.payloadAt, m.payloadBytes, bytes.length);
        within(m.attachmentAt, m.attachmentBytes, bytes.length);
        within(m.parametersAt, m.parametersBytes, bytes.length);
        within(m.oamAt, m.oamBytes, bytes.length);
        if (m.kind == Wire.OAM && m.oamAt >= 0) {
          Gossip.read(memory, m.oamAt, m.oamBytes);
        }
        if (m.hasKey && m.suffixBytes > 0) {
          KeyExpr.intersects(m.suffix(), "0/**/x$*/*");
          TokenFuzz.parse(m.suffix());
        }
      }
    } catch (ZenohFault e) {
      assertTrue(e.kind() == ZenohFault.Kind.MALFORMED, e.toString());
    }
  }

  private static void within(long at, int bytes, int all) {
    assertTrue(at == -1 || (at >= 0 && bytes >= 0 && at + bytes <= all));
  }

  /** The whole link: transport messages, frames, fragments, from a stream that ends. */
  @FuzzTest
  void transportMessages(FuzzedDataProvider data) throws Exception {
    byte[] bytes = data.consumeRemainingAsBytes();
    LinkOfBytes.read(bytes);
  }

  /** INIT and OPEN of the other side, whichever side we are. */
  @FuzzTest
  void handshake(FuzzedDataProvider data) throws Exception {
    boolean dialling = data.consumeBoolean();
    Channel channel = LinkOfBytes.channel(data.consumeRemainingAsBytes());
    Handshake handshake = new Handshake(channel, Role.CLIENT, new ZenohId(1, 2), 1000, 1000);
    try {
      Handshake.Terms terms = dialling ? handshake.dial() : handshake.accept();
      assertTrue(terms.batchBytes() > 0 && terms.batchBytes() <= 65535, terms.toString());
      assertTrue(terms.peerLeaseMs() > 0, terms.toString());
    } catch (ZenohFault | java.io.IOException e) {
      assertTrue(e.getMessage() != null && !e.getMessage().contains("\n"), e.toString());
    }
  }

  @FuzzTest
  void scouting(FuzzedDataProvider data) {
    byte[] bytes = data.consumeRemainingAsBytes();
    try {
      Scouter.hello(bytes, bytes.length, (id, role, at) -> assertTrue(at.size() <= 64));
      Scouter.asksFor(Role.PEER, new ZenohId(1, 2), bytes, bytes.length);
    } catch (ZenohFault e) {
      assertTrue(e.kind() == ZenohFault.Kind.MALFORMED, e.toString());
    }
  }
}
