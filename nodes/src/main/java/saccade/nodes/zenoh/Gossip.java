package saccade.nodes.zenoh;

import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.List;
import saccade.nodes.cli.BadInput;

/** Link states: who is where, as routers and peers tell each other. */
final class Gossip {
  private static final int HAS_ID = 1;
  private static final int HAS_ROLE = 2;
  private static final int HAS_LOCATORS = 4;
  private static final int HAS_WEIGHTS = 8;
  private static final int MAX_LOCATORS = 64;

  /** One session: who, what, and where it listens. */
  record Node(ZenohId id, Role role, List<Locator> locators) {}

  private Gossip() {}

  /**
   * The whole network message.
   *
   * @param number grows with each state told
   * @param others to whom we are linked
   */
  static WireWriter write(Node self, long number, List<Node> others) {
    WireWriter body = new WireWriter().z(1L + others.size());
    node(body, 0, number, self);
    body.z(others.size());
    for (int i = 0; i < others.size(); i++) {
      body.z(i + 1L);
    }
    for (int i = 0; i < others.size(); i++) {
      node(body, i + 1L, 0, others.get(i));
      body.z(0);
    }
    WireWriter w = new WireWriter().u8(Wire.OAM | Wire.EXT_ZBUF | Wire.Z).z(Wire.OAM_LINK_STATE);
    w.u8(Wire.EXT_Z64 | Wire.EXT_QOS).z(Wire.PRIORITY_CONTROL | Wire.QOS_BLOCK);
    return w.z(body.length).append(body);
  }

  private static void node(WireWriter w, long index, long number, Node node) {
    boolean located = !node.locators().isEmpty();
    w.z(HAS_ID | HAS_ROLE | (located ? HAS_LOCATORS : 0)).z(index).z(number);
    w.z(node.id().bytes()).id(node.id()).u8(node.role().bit());
    if (located) {
      w.z(node.locators().size());
      node.locators().forEach(l -> w.text(l.toString()));
    }
  }

  /** Those that say who they are and where they listen, in a form that we can dial. */
  static List<Node> read(MemorySegment memory, long at, int bytes) {
    WireReader in = new WireReader().over(memory, at, at + bytes);
    List<Node> out = new ArrayList<>();
    int count = in.length();
    for (int i = 0; i < count; i++) {
      long has = in.z64();
      in.z64();
      in.z64();
      ZenohId id = (has & HAS_ID) != 0 ? in.id(in.length()) : null;
      Role role = (has & HAS_ROLE) != 0 ? Role.ofBit(in.u8()) : Role.ROUTER;
      List<Locator> locators = (has & HAS_LOCATORS) != 0 ? locators(in) : List.of();
      int links = in.length();
      for (int k = 0; k < links; k++) {
        in.z64();
      }
      if ((has & HAS_WEIGHTS) != 0) {
        for (int k = 0; k < links; k++) {
          in.z64();
        }
      }
      if (id != null && !locators.isEmpty()) {
        out.add(new Node(id, role, locators));
      }
    }
    return out;
  }

  /** A list of texts; what is no TCP or TLS endpoint is left out. */
  static List<Locator> locators(WireReader in) {
    int count = in.length();
    List<Locator> out = new ArrayList<>();
    for (int i = 0; i < count; i++) {
      int bytes = in.length();
      String text = WireReader.text(in.memory, in.skip(bytes), Math.min(bytes, 256));
      boolean dialable = text.startsWith("tcp/") || text.startsWith("tls/");
      if (dialable && out.size() < MAX_LOCATORS) { // udp/, unixsock-stream/, …: not for us
        try {
          out.add(Locator.parse(text));
        } catch (BadInput e) {
          throw ZenohFault.malformed(String.valueOf(e.getMessage()));
        }
      }
    }
    return out;
  }
}
