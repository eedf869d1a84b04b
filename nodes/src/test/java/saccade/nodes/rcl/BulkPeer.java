package saccade.nodes.rcl;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import saccade.nodes.cdr.CdrReader;
import saccade.nodes.cdr.CdrWriter;
import saccade.nodes.ros.NodeOptions;
import saccade.nodes.ros.Publisher;
import saccade.nodes.ros.QosProfile;
import saccade.nodes.ros.RosEvents;
import saccade.nodes.ros.RosNode;

/**
 * Images of 6 MB and point clouds of 3 MB, reliable, counted and checked: {@code BulkPeer
 * send|receive IMAGES CLOUDS PERIOD_S}. The other side is bulk_peer.py or another BulkPeer.
 */
public final class BulkPeer {

  private static final int IMAGE_BYTES = 6_000_000;
  private static final int CLOUD_BYTES = 3_000_000;
  private static final String IMAGE = "sensor_msgs/msg/Image";
  private static final String IMAGE_HASH =
      "RIHS01_d31d41a9a4c4bc8eae9be757b0beed306564f7526c88ea6a4588fb9582527d47";
  private static final String CLOUD = "sensor_msgs/msg/PointCloud2";
  private static final String CLOUD_HASH =
      "RIHS01_9198cabf7da3796ae6fe19c4cb3bdd3525492988c70522628af5daa124bae2b5";

  // Reliable sends again what was lost on the way, but keeps no more than its depth: whoever falls
  // behind by more loses
  // the oldest. 100 is five seconds of a 20 Hz camera, for machines that have other things to do.
  private static final QosProfile QOS = QosProfile.DEFAULT.keepLast(100);

  private BulkPeer() {}

  private static final class Told implements RosEvents {
    @Override
    public void lost(String name, String reason, long count, long total) {
      System.out.println("lost " + name + " " + reason + " " + count + " " + total);
    }
  }

  public static void main(String[] args) throws Exception {
    int images = Integer.parseInt(args[1]);
    int clouds = Integer.parseInt(args[2]);
    long periodNs = (long) (Double.parseDouble(args[3]) * 1e9);
    try (RclTransport transport = RclTransport.open()) {
      RosNode node =
          transport.createNode("bulk_java", "", NodeOptions.DEFAULT.withEvents(new Told()));
      if (args[0].equals("send")) {
        send(node, "images", IMAGE, IMAGE_HASH, images, periodNs);
        send(node, "clouds", CLOUD, CLOUD_HASH, clouds, periodNs);
      } else {
        receive(node, images, clouds);
      }
    }
    System.out.println("closed");
  }

  private static void send(
      RosNode node, String topic, String type, String hash, int count, long periodNs)
      throws InterruptedException {
    if (count == 0) {
      return;
    }
    Publisher publisher = node.createPublisher(topic, type, hash, QOS);
    while (publisher.matchedSubscriptions() == 0) {
      Thread.sleep(50);
    }
    Thread.sleep(500);
    long startNs = System.nanoTime();
    long publishNs = 0;
    try (CdrWriter writer = new CdrWriter(IMAGE_BYTES + 1024)) {
      for (int number = 0; number < count; number++) {
        if (topic.equals("images")) {
          image(writer, number);
        } else {
          cloud(writer, number);
        }
        long beforeNs = System.nanoTime();
        publisher.publish(writer.buffer(), writer.bytes());
        publishNs += System.nanoTime() - beforeNs;
        long waitNs = startNs + (number + 1) * periodNs - System.nanoTime();
        if (waitNs > 0) {
          Thread.sleep(waitNs / 1_000_000, (int) (waitNs % 1_000_000));
        }
      }
    }
    System.out.printf(
        "sent %d %s in %.1f s, publish %.2f ms each%n",
        count, topic, (System.nanoTime() - startNs) / 1e9, publishNs / 1e6 / count);
    System.out.flush();
    // The peer ends when it has all; a reliable publisher must live that long.
    for (int i = 0;
        i < 400 && publisher.matchedSubscriptions() > 0 && topic.equals("clouds");
        i++) {
      Thread.sleep(50);
    }
  }

  private static void image(CdrWriter writer, int number) {
    writer.begin();
    writer.int32(0);
    writer.uint32(0);
    writer.string("cam " + number);
    writer.uint32(1000);
    writer.uint32(2000);
    writer.string("rgb8");
    writer.uint8(0);
    writer.uint32(6000);
    bytes(writer, number, IMAGE_BYTES);
  }

  private static void cloud(CdrWriter writer, int number) {
    writer.begin();
    writer.int32(0);
    writer.uint32(0);
    writer.string("lidar " + number);
    writer.uint32(1);
    writer.uint32(CLOUD_BYTES / 16);
    List<String> fields = List.of("x", "y", "z", "intensity");
    writer.uint32(fields.size());
    for (int i = 0; i < fields.size(); i++) {
      writer.string(fields.get(i));
      writer.uint32(4 * i);
      writer.uint8(7);
      writer.uint32(1);
    }
    writer.bool(false);
    writer.uint32(16);
    writer.uint32(CLOUD_BYTES);
    bytes(writer, number, CLOUD_BYTES);
    writer.bool(true);
  }

  private static void bytes(CdrWriter writer, int number, int count) {
    byte[] data = new byte[count];
    java.util.Arrays.fill(data, (byte) (number % 251));
    writer.uint32(count);
    writer.octetArray(data);
  }

  private static void receive(RosNode node, int images, int clouds) throws InterruptedException {
    AtomicLong lastNs = new AtomicLong(System.nanoTime());
    Counter image = new Counter("images", IMAGE_BYTES, lastNs);
    Counter cloud = new Counter("clouds", CLOUD_BYTES, lastNs);
    node.createSubscription("images", IMAGE, IMAGE_HASH, QOS, image::take);
    node.createSubscription("clouds", CLOUD, CLOUD_HASH, QOS, cloud::take);
    System.out.println("ready");
    System.out.flush();
    while (image.got.get() < images || cloud.got.get() < clouds) {
      Thread.sleep(50);
      if (System.nanoTime() - lastNs.get() > 15_000_000_000L) {
        break;
      }
    }
    for (Counter counter : List.of(image, cloud)) {
      int wanted = counter == image ? images : clouds;
      System.out.println(
          "got "
              + counter.got
              + " of "
              + wanted
              + " "
              + counter.topic
              + " in order "
              + counter.inOrder);
    }
    System.out.flush();
    // Lets the last acknowledgement out.
    Thread.sleep(500);
  }

  /** Counts and checks the messages of one topic. */
  private static final class Counter {
    final String topic;
    final int dataBytes;
    final AtomicLong lastNs;
    final AtomicInteger got = new AtomicInteger();
    volatile boolean inOrder = true;
    int last = -1;

    Counter(String topic, int dataBytes, AtomicLong lastNs) {
      this.topic = topic;
      this.dataBytes = dataBytes;
      this.lastNs = lastNs;
    }

    void take(MemorySegment cdr, long bytes, saccade.nodes.ros.MessageInfo info) {
      lastNs.set(System.nanoTime());
      CdrReader reader = new CdrReader();
      reader.wrap(cdr, bytes);
      reader.int32();
      reader.uint32();
      int number = Integer.parseInt(reader.string().split(" ")[1]);
      // Data is all but the last byte or two of the message: look at both of its ends.
      byte first = cdr.get(ValueLayout.JAVA_BYTE, 300);
      byte end = cdr.get(ValueLayout.JAVA_BYTE, dataBytes);
      if (bytes < dataBytes || first != (byte) (number % 251) || end != (byte) (number % 251)) {
        System.out.println("wrong content " + topic + " " + number + " " + bytes);
      }
      inOrder &= number > last;
      last = number;
      got.incrementAndGet();
    }
  }
}
