package saccade.nodes.zenoh;

import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.net.DatagramPacket;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.MulticastSocket;
import java.net.NetworkInterface;
import java.util.List;
import saccade.nodes.cli.BadInput;

/**
 * Multicast scouting: asks the group who is there (SCOUT), and answers such questions (HELLO) when
 * this session listens somewhere.
 */
final class Scouter implements AutoCloseable {
  private static final int SCOUT = 1;
  private static final int HELLO = 2;
  private static final int HAS_LOCATORS = 0x20;
  private static final int SCOUT_HAS_ID = 0x08;
  private static final int MAX_DATAGRAM = 8192;
  private static final long FIRST_PAUSE_MS = 500;
  private static final long MAX_PAUSE_MS = 8000;

  /** Hears who is where. */
  interface Found {
    void found(ZenohId id, Role role, List<Locator> at);
  }

  private final MulticastSocket group;
  private final MulticastSocket asking;
  private final InetSocketAddress address;
  private final ZenohConfig config;
  private final ZenohId self;
  private final List<Locator> locators;
  private final Found found;
  private final java.util.concurrent.atomic.AtomicLong strangers =
      new java.util.concurrent.atomic.AtomicLong();

  private Scouter(
      MulticastSocket group,
      MulticastSocket asking,
      InetSocketAddress address,
      ZenohConfig config,
      ZenohId self,
      List<Locator> locators,
      Found found) {
    this.group = group;
    this.asking = asking;
    this.address = address;
    this.config = config;
    this.self = self;
    this.locators = locators;
    this.found = found;
  }

  static Scouter start(
      ZenohConfig.Scouting where,
      ZenohConfig config,
      ZenohId self,
      List<Locator> locators,
      Found found) {
    try {
      NetworkInterface on = NetworkInterface.getByName(where.networkInterface());
      if (on == null) {
        throw new BadInput(
            "Zenoh scouting on network interface '"
                + where.networkInterface()
                + "'; wanted one that is there");
      }
      InetSocketAddress address =
          new InetSocketAddress(InetAddress.getByName(where.group()), where.port());
      MulticastSocket group = new MulticastSocket(where.port());
      MulticastSocket asking = new MulticastSocket(0);
      asking.setNetworkInterface(on);
      group.setNetworkInterface(on);
      group.joinGroup(address, on);
      Scouter s = new Scouter(group, asking, address, config, self, locators, found);
      Thread.ofVirtual().name("zenoh scout answers").start(s::hearAnswers);
      Thread.ofVirtual().name("zenoh scout").start(s::ask);
      if (!locators.isEmpty()) {
        Thread.ofVirtual().name("zenoh hello").start(s::answer);
      }
      return s;
    } catch (IOException e) {
      throw new BadInput("Zenoh scouting with " + where + ": " + e.getMessage());
    }
  }

  @Override
  public void close() {
    group.close();
    asking.close();
  }

  static byte[] scout(ZenohId self, int roles) {
    WireWriter w = new WireWriter().u8(SCOUT).u8(Wire.VERSION);
    return w.u8(self.bytes() - 1 << 4 | SCOUT_HAS_ID | roles).id(self).toBytes();
  }

  static byte[] hello(ZenohId self, Role role, List<Locator> locators) {
    WireWriter w = new WireWriter().u8(HELLO | HAS_LOCATORS).u8(Wire.VERSION);
    w.u8(self.bytes() - 1 << 4 | role.wire).id(self).z(locators.size());
    locators.forEach(l -> w.text(l.toString()));
    return w.toBytes();
  }

  private void ask() {
    byte[] question = scout(self, Role.ROUTER.bit() | Role.PEER.bit());
    long pauseMs = FIRST_PAUSE_MS;
    try {
      while (!asking.isClosed()) {
        asking.send(new DatagramPacket(question, question.length, address));
        Thread.sleep(pauseMs);
        pauseMs = Math.min(2 * pauseMs, MAX_PAUSE_MS);
      }
    } catch (IOException | InterruptedException e) {
      // closed
    }
  }

  private void hearAnswers() {
    DatagramPacket packet = new DatagramPacket(new byte[MAX_DATAGRAM], MAX_DATAGRAM);
    while (!asking.isClosed()) {
      try {
        packet.setLength(MAX_DATAGRAM);
        asking.receive(packet);
        hello(packet.getData(), packet.getLength(), found);
      } catch (ZenohFault e) {
        strangers.getAndIncrement(); // whatever was said to the port: it is no HELLO
      } catch (IOException e) {
        return; // closed
      }
    }
  }

  /** Reads a HELLO; anybody may have sent it. */
  static void hello(byte[] bytes, int length, Found found) {
    WireReader in = new WireReader().over(MemorySegment.ofArray(bytes), 0, length);
    int header = in.u8();
    if ((header & Wire.ID) != HELLO || in.u8() != Wire.VERSION) {
      return;
    }
    int who = in.u8();
    Role role = Role.of(who & 3);
    ZenohId id = in.id((who >> 4) + 1);
    if ((header & HAS_LOCATORS) != 0) {
      found.found(id, role, Gossip.locators(in));
    }
  }

  private void answer() {
    byte[] hello = hello(self, config.role(), locators);
    DatagramPacket packet = new DatagramPacket(new byte[MAX_DATAGRAM], MAX_DATAGRAM);
    while (!group.isClosed()) {
      try {
        packet.setLength(MAX_DATAGRAM);
        group.receive(packet);
        if (asksFor(config.role(), self, packet.getData(), packet.getLength())) {
          group.send(new DatagramPacket(hello, hello.length, packet.getSocketAddress()));
        }
      } catch (ZenohFault e) {
        strangers.getAndIncrement(); // no SCOUT
      } catch (IOException e) {
        return; // closed
      }
    }
  }

  static boolean asksFor(Role role, ZenohId self, byte[] bytes, int length) {
    WireReader in = new WireReader().over(MemorySegment.ofArray(bytes), 0, length);
    if ((in.u8() & Wire.ID) != SCOUT || in.u8() != Wire.VERSION) {
      return false;
    }
    int flags = in.u8();
    boolean ours = (flags & SCOUT_HAS_ID) != 0 && in.id((flags >> 4) + 1).equals(self);
    return (flags & role.bit()) != 0 && !ours;
  }
}
