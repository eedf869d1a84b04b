package saccade.hil.transport;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import org.jspecify.annotations.Nullable;
import saccade.msg.sensor_msgs.Image;
import saccade.nodes.cdr.CdrWriter;
import saccade.nodes.cdr.ImageView;
import saccade.nodes.rcl.RclTransport;
import saccade.nodes.ros.NodeOptions;
import saccade.nodes.ros.Publisher;
import saccade.nodes.ros.QosProfile;
import saccade.nodes.ros.RosNode;
import saccade.nodes.ros.Subscription;
import saccade.nodes.zenoh.ZenohConfig;
import saccade.nodes.zenoh.ZenohPublisher;
import saccade.nodes.zenoh.ZenohSession;
import saccade.nodes.zenoh.ZenohSession.PublisherOptions;

/**
 * Our side of {@code bench transport}, a process: {@code PingSide rcl ping|pong} or {@code PingSide
 * zenoh ping|pong|source|sink ENDPOINT}. Lines in and out as {@code ping_zenoh.py} says. Ends with
 * its input.
 */
public final class PingSide {
  private static final PublisherOptions EXPRESS = new PublisherOptions(true, true, 5, true);
  private static final int MAX_BYTES = 6_000_000;
  private static final int MAX_TRIPS = 100_000; // of a burst
  private static final long LOST_NS = 5_000_000_000L;

  private final BufferedReader in =
      new BufferedReader(new InputStreamReader(System.in, StandardCharsets.UTF_8));
  private final long[] trips = new long[MAX_TRIPS];
  private int count;

  private PingSide() {}

  /** Called by the parent process. */
  public static void main(String[] args) throws Exception {
    PingSide side = new PingSide();
    if (args[0].equals("rcl")) {
      try (RclTransport transport = RclTransport.open()) {
        RosNode node = transport.createNode(args[1] + "_java", "", NodeOptions.DEFAULT);
        try (Images images = new Images(node, args[1].equals("ping"))) {
          side.rcl(images);
        }
      }
    } else {
      try (ZenohSession session = ZenohSession.open(ZenohConfig.client(args[2]))) {
        if (!session.awaitLink(Duration.ofSeconds(10))) {
          throw new IOException("no link: " + session.counts());
        }
        side.zenoh(session, args[1]);
      }
    }
  }

  private static void say(String line) {
    System.out.println(line);
    System.out.flush();
  }

  /** Words of the next line; null at the end. */
  private String @Nullable [] next() throws IOException {
    String line = in.readLine();
    return line == null ? null : line.split(" ", -1);
  }

  private void trips(long lost) {
    StringBuilder line = new StringBuilder("TRIPS ").append(lost);
    for (int i = 0; i < count; i++) {
      line.append(' ').append(trips[i]);
    }
    say(line.toString());
  }

  private void trip(long ns) {
    if (count < MAX_TRIPS) {
      trips[count++] = ns;
    }
  }

  /**
   * Images as a sensor takes them: through the view, once into a slot; and as a camera sends them.
   */
  private static final class Images implements AutoCloseable {
    private final Arena arena = Arena.ofShared();
    private final MemorySegment slot = arena.allocate(MAX_BYTES, 64);
    private final CdrWriter writer = new CdrWriter(MAX_BYTES + 1024);
    private final ImageView view = new ImageView();
    private final boolean ping;
    private final Publisher publisher;
    private final Subscription subscription;
    private volatile Runnable onImage = () -> {};

    Images(RosNode node, boolean ping) {
      this.ping = ping;
      publisher =
          node.createPublisher(
              ping ? "ping" : "pong",
              Image.TYPE.rosName(),
              Image.TYPE.typeHash(),
              QosProfile.DEFAULT);
      subscription =
          node.createSubscription(
              ping ? "pong" : "ping",
              Image.TYPE.rosName(),
              Image.TYPE.typeHash(),
              QosProfile.DEFAULT,
              (cdr, length, info) -> {
                if (!view.wrap(cdr, length)) {
                  throw new IllegalArgumentException(view.fault());
                }
                if (ping) {
                  view.copyData(slot, 0);
                  onImage.run();
                } else {
                  // As rclpy's: the message that came is what is written anew, nobody keeps it.
                  send(view.payload(), view.dataOffset(), view.dataBytes());
                }
              });
    }

    void send(int size) {
      send(slot, 0, size);
    }

    private void send(MemorySegment data, long offset, int size) {
      writer.begin();
      writer.int32(0);
      writer.uint32(0);
      writer.string("");
      writer.uint32(1);
      writer.uint32(size);
      writer.string("mono8");
      writer.uint8(0);
      writer.uint32(size);
      writer.octets(data, offset, size);
      publisher.publish(writer.buffer(), writer.bytes());
    }

    void awaitPeer() throws InterruptedException {
      while (ping
          && (publisher.matchedSubscriptions() == 0 || subscription.matchedPublishers() == 0)) {
        Thread.sleep(20);
      }
    }

    @Override
    public void close() {
      subscription.close();
      publisher.close();
      writer.close();
      arena.close();
    }
  }

  private void rcl(Images images) throws IOException, InterruptedException {
    images.awaitPeer();
    say("READY");
    for (String[] words = next(); words != null; words = next()) {
      int bytes = Integer.parseInt(words[1]);
      long endNs = System.nanoTime() + Long.parseLong(words[2]) * 1_000_000;
      Semaphore done = new Semaphore(0);
      long[] sentNs = new long[1];
      AtomicInteger round = new AtomicInteger();
      count = 0;
      // The next ping leaves from the callback that took the pong, as with rclpy.
      images.onImage =
          () -> {
            long nowNs = System.nanoTime();
            trip(nowNs - sentNs[0]);
            round.incrementAndGet();
            if (nowNs - endNs < 0) {
              sentNs[0] = System.nanoTime();
              images.send(bytes);
            } else {
              done.release();
            }
          };
      long lost = 0;
      sentNs[0] = System.nanoTime();
      images.send(bytes);
      for (int before = 0; !done.tryAcquire(LOST_NS, TimeUnit.NANOSECONDS); before = round.get()) {
        if (round.get() == before) {
          lost++;
          if (System.nanoTime() - endNs >= 0) {
            break;
          }
          sentNs[0] = System.nanoTime();
          images.send(bytes);
        }
      }
      images.onImage = () -> {};
      trips(lost);
    }
  }

  private void zenoh(ZenohSession session, String role) throws IOException, InterruptedException {
    switch (role) {
      case "ping" -> ping(session);
      case "pong" -> {
        ZenohPublisher echo = session.declarePublisher("java/pong", EXPRESS);
        session.declareSubscriber(
            "java/ping", sample -> echo.put(sample.payload(), sample.payload().byteSize(), null));
        say("READY");
        next();
      }
      case "source" -> source(session);
      case "sink" -> sink(session);
      default -> throw new IllegalArgumentException(role);
    }
  }

  private void ping(ZenohSession session) throws IOException, InterruptedException {
    ZenohPublisher ping = session.declarePublisher("java/ping", EXPRESS);
    Semaphore back = new Semaphore(0);
    session.declareSubscriber("java/pong", sample -> back.release());
    say("READY");
    try (Arena arena = Arena.ofShared()) {
      MemorySegment data = arena.allocate(MAX_BYTES, 64);
      for (String[] words = next(); words != null; words = next()) {
        int bytes = Integer.parseInt(words[1]);
        long endNs = System.nanoTime() + Long.parseLong(words[2]) * 1_000_000;
        long lost = 0;
        count = 0;
        while (count + lost == 0 || System.nanoTime() - endNs < 0) {
          long startNs = System.nanoTime();
          ping.put(data, bytes, null);
          if (back.tryAcquire(LOST_NS, TimeUnit.NANOSECONDS)) {
            trip(System.nanoTime() - startNs);
          } else {
            lost++;
          }
        }
        trips(lost);
      }
    }
  }

  private void source(ZenohSession session) throws IOException {
    ZenohPublisher flow = session.declarePublisher("java/flow", PublisherOptions.BLOCKING);
    say("READY");
    try (Arena arena = Arena.ofShared()) {
      MemorySegment data = arena.allocate(MAX_BYTES, 64);
      for (String[] words = next(); words != null; words = next()) {
        int bytes = Integer.parseInt(words[1]);
        for (int i = Integer.parseInt(words[2]); i > 0; i--) {
          flow.put(data, bytes, null);
        }
        say("SOURCED");
      }
    }
  }

  private void sink(ZenohSession session) throws IOException, InterruptedException {
    AtomicLong got = new AtomicLong();
    AtomicLong firstNs = new AtomicLong();
    AtomicLong lastNs = new AtomicLong();
    session.declareSubscriber(
        "java/flow",
        sample -> {
          long nowNs = System.nanoTime();
          lastNs.set(nowNs);
          if (got.incrementAndGet() == 1) {
            firstNs.set(nowNs);
          }
        });
    say("READY");
    for (String[] words = next(); words != null; words = next()) {
      long wanted = Long.parseLong(words[1]);
      got.set(0);
      lastNs.set(System.nanoTime());
      say("OK");
      while (got.get() < wanted && System.nanoTime() - lastNs.get() < LOST_NS) {
        Thread.sleep(2);
      }
      say("SUNK " + got.get() + " " + (lastNs.get() - firstNs.get()));
    }
  }
}
