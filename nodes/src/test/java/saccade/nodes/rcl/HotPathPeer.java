package saccade.nodes.rcl;

import com.sun.management.ThreadMXBean;
import java.lang.management.ManagementFactory;
import java.util.concurrent.atomic.AtomicLong;
import saccade.nodes.cdr.CdrWriter;
import saccade.nodes.ros.NodeOptions;
import saccade.nodes.ros.Publisher;
import saccade.nodes.ros.QosProfile;
import saccade.nodes.ros.RosNode;

/** How much is allocated for each message that is published and received, once warm. */
public final class HotPathPeer {

  private HotPathPeer() {}

  public static void main(String[] args) throws Exception {
    ThreadMXBean threads = (ThreadMXBean) ManagementFactory.getThreadMXBean();
    try (RclTransport transport = RclTransport.open();
        CdrWriter writer = new CdrWriter()) {
      RosNode node = transport.createNode("hot", "", NodeOptions.DEFAULT);
      AtomicLong got = new AtomicLong();
      long[] receiver = new long[1];
      node.createSubscription(
          "hot",
          InteropPeer.STRING,
          InteropPeer.STRING_HASH,
          QosProfile.DEFAULT.keepLast(100),
          (cdr, bytes, info) -> {
            receiver[0] = Thread.currentThread().threadId();
            got.incrementAndGet();
          });
      Publisher publisher =
          node.createPublisher(
              "hot", InteropPeer.STRING, InteropPeer.STRING_HASH, QosProfile.DEFAULT.keepLast(100));
      writer.begin();
      writer.string("x".repeat(100));
      while (publisher.matchedSubscriptions() == 0) {
        Thread.sleep(10);
      }
      int warm = Integer.parseInt(args[0]);
      int measured = Integer.parseInt(args[1]);
      pass(publisher, writer, got, warm);
      long self = Thread.currentThread().threadId();
      long publishBefore = threads.getThreadAllocatedBytes(self);
      long receiveBefore = threads.getThreadAllocatedBytes(receiver[0]);
      long gotBefore = got.get();
      pass(publisher, writer, got, measured);
      long published = threads.getThreadAllocatedBytes(self) - publishBefore;
      long received = threads.getThreadAllocatedBytes(receiver[0]) - receiveBefore;
      System.out.println("received " + (got.get() - gotBefore));
      System.out.println("publishing allocated " + published);
      System.out.println("receiving allocated " + received);
    }
  }

  /** One message at a time, so that none is dropped. */
  private static void pass(Publisher publisher, CdrWriter writer, AtomicLong got, int count) {
    for (int i = 0; i < count; i++) {
      long before = got.get();
      publisher.publish(writer.buffer(), writer.bytes());
      long endNs = System.nanoTime() + 1_000_000_000L;
      while (got.get() == before && System.nanoTime() < endNs) {
        Thread.onSpinWait();
      }
    }
  }
}
