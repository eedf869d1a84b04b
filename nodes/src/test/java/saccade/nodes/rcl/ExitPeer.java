package saccade.nodes.rcl;

import java.time.Duration;
import saccade.nodes.ros.ExitOrder;
import saccade.nodes.ros.NodeOptions;
import saccade.nodes.ros.Publisher;
import saccade.nodes.ros.QosProfile;
import saccade.nodes.ros.RosFault;
import saccade.nodes.ros.RosNode;

/** Ends by SIGTERM with something left to publish, as a planner bridge has its stop. */
public final class ExitPeer {
  private ExitPeer() {}

  public static void main(String[] args) throws Exception {
    RclTransport transport = RclTransport.open();
    RosNode node = transport.createNode("leaving", "", NodeOptions.DEFAULT);
    Publisher publisher =
        node.createPublisher(
            "stop", InteropPeer.STRING, InteropPeer.STRING_HASH, QosProfile.DEFAULT);
    ExitOrder.beforeTransports(
        "stop first",
        () -> {
          try {
            Thread.sleep(500); // hooks of transports began at the same time
            InteropPeer.publish(publisher, "stop");
            System.out.println("published a stop");
          } catch (InterruptedException | RosFault e) {
            System.out.println("wrong: " + e.getMessage());
          }
        });
    System.out.println("up");
    Thread.sleep(Duration.ofMinutes(5));
  }
}
