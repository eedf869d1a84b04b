package saccade.nodes.rcl;

import java.util.Arrays;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import saccade.nodes.cdr.CdrWriter;
import saccade.nodes.ros.NodeOptions;
import saccade.nodes.ros.Publisher;
import saccade.nodes.ros.QosProfile;
import saccade.nodes.ros.RosNode;

/**
 * Round trips of reliable Images: {@code PingPeer ping SECONDS BYTES...} against {@code PingPeer
 * pong}, or against the script ping_peer.py. The next ping leaves from the callback that took the
 * pong. Prints p50, p99 and lost a size.
 */
public final class PingPeer {

  private static final String IMAGE = "sensor_msgs/msg/Image";
  private static final String IMAGE_HASH =
      "RIHS01_d31d41a9a4c4bc8eae9be757b0beed306564f7526c88ea6a4588fb9582527d47";
  private static final int MAX_ROUNDS = 200_000;

  private PingPeer() {}

  public static void main(String[] args) throws Exception {
    try (RclTransport transport = RclTransport.open()) {
      RosNode node = transport.createNode(args[0] + "_java", "", NodeOptions.DEFAULT);
      if (args[0].equals("pong")) {
        Publisher pong = node.createPublisher("pong", IMAGE, IMAGE_HASH, QosProfile.DEFAULT);
        node.createSubscription(
            "ping",
            IMAGE,
            IMAGE_HASH,
            QosProfile.DEFAULT,
            (cdr, bytes, info) -> pong.publish(cdr, bytes));
        System.out.println("ready");
        System.out.flush();
        while (System.in.read() >= 0) {}
      } else {
        for (int i = 2; i < args.length; i++) {
          ping(node, Integer.parseInt(args[i]), Double.parseDouble(args[1]));
        }
      }
    }
  }

  private static void ping(RosNode node, int bytes, double seconds) throws Exception {
    long[] roundTripNs = new long[MAX_ROUNDS];
    AtomicInteger rounds = new AtomicInteger();
    long[] sentNs = new long[1];
    boolean[] stop = new boolean[1];
    CountDownLatch stopped = new CountDownLatch(1);
    int lost = 0;
    try (CdrWriter writer = new CdrWriter(bytes + 1024);
        Publisher ping = node.createPublisher("ping", IMAGE, IMAGE_HASH, QosProfile.DEFAULT)) {
      image(writer, bytes);
      Runnable send =
          () -> {
            sentNs[0] = System.nanoTime();
            ping.publish(writer.buffer(), writer.bytes());
          };
      try (var pong =
          node.createSubscription(
              "pong",
              IMAGE,
              IMAGE_HASH,
              QosProfile.DEFAULT,
              (cdr, length, info) -> {
                int round = rounds.get();
                if (round < MAX_ROUNDS) {
                  roundTripNs[round] = System.nanoTime() - sentNs[0];
                }
                rounds.set(round + 1);
                if (stop[0] || round + 1 >= MAX_ROUNDS) {
                  stopped.countDown();
                } else {
                  send.run();
                }
              })) {
        while (ping.matchedSubscriptions() == 0 || pong.matchedPublishers() == 0) {
          Thread.sleep(20);
        }
        Thread.sleep(300);
        send.run();
        long endNs = System.nanoTime() + (long) (seconds * 1e9);
        int before = 0;
        while (System.nanoTime() < endNs) {
          Thread.sleep(1000);
          if (rounds.get() == before) {
            lost++;
            send.run();
          }
          before = rounds.get();
        }
        stop[0] = true;
        stopped.await(2, TimeUnit.SECONDS);
      }
    }
    // The first fifth warms up.
    int count = Math.min(rounds.get(), MAX_ROUNDS);
    long[] sorted = Arrays.copyOfRange(roundTripNs, count / 5, count);
    Arrays.sort(sorted);
    System.out.printf(
        "java %d B: %d rounds, p50 %.0f us, p99 %.0f us, lost %d%n",
        bytes,
        count,
        sorted.length == 0 ? Double.NaN : sorted[sorted.length / 2] / 1e3,
        sorted.length == 0 ? Double.NaN : sorted[sorted.length * 99 / 100] / 1e3,
        lost);
    System.out.flush();
  }

  private static void image(CdrWriter writer, int bytes) {
    writer.begin();
    writer.int32(0);
    writer.uint32(0);
    writer.string("cam");
    writer.uint32(1);
    writer.uint32(bytes);
    writer.string("mono8");
    writer.uint8(0);
    writer.uint32(bytes);
    writer.uint32(bytes);
    writer.octetArray(new byte[bytes]);
  }
}
