package saccade.nodes.rcl;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import saccade.nodes.ros.NodeOptions;
import saccade.nodes.ros.Publisher;
import saccade.nodes.ros.QosProfile;
import saccade.nodes.ros.RosFault;
import saccade.nodes.ros.RosNode;

/** Does one wrong thing after another and prints the faults; a crash would end it early. */
public final class FaultsPeer {

  private FaultsPeer() {}

  private static void fault(String key, Runnable wrong) {
    try {
      wrong.run();
      System.out.println(key + " worked");
    } catch (RosFault fault) {
      System.out.println(key + ": " + fault.getMessage());
    }
    System.out.flush();
  }

  public static void main(String[] args) {
    fault("domain", () -> RclTransport.open(300).close());
    RclTransport transport;
    try {
      transport = RclTransport.open();
    } catch (RosFault fault) {
      System.out.println("open: " + fault.getMessage());
      fault("again", () -> RclTransport.open().close());
      return;
    }
    try (transport;
        Arena arena = Arena.ofConfined()) {
      RosNode node = transport.createNode("faults", "", NodeOptions.DEFAULT);
      fault("missing package", () -> publisher(node, "x", "saccade_msgs/msg/Scene"));
      fault("missing type", () -> publisher(node, "x", "std_msgs/msg/Strong"));
      fault("malformed type", () -> publisher(node, "x", "std_msgs/String"));
      fault(
          "missing service",
          () -> node.createClient("x", "std_srvs/srv/Set", "", QosProfile.SERVICES_DEFAULT));
      fault("topic", () -> publisher(node, "a b", InteropPeer.STRING));
      fault("node name", () -> transport.createNode("1x", "", NodeOptions.DEFAULT));
      Publisher publisher = publisher(node, "x", InteropPeer.STRING);
      fault("heap", () -> publisher.publish(MemorySegment.ofArray(new byte[9]), 9));
      fault("short", () -> publisher.publish(arena.allocate(9), 3));
      fault("long", () -> publisher.publish(arena.allocate(9), 10));
      fault(
          "request",
          () ->
              node.createClient(
                      "x",
                      InteropPeer.SET_BOOL,
                      InteropPeer.SET_BOOL_HASH,
                      QosProfile.SERVICES_DEFAULT)
                  .call(arena.allocate(4), 4));
      fault("layout", () -> Rcl.measured("rcl_node_get_default_options", 160, arena));
    }
    System.out.println("closed");
  }

  private static Publisher publisher(RosNode node, String topic, String type) {
    return node.createPublisher(topic, type, "", QosProfile.DEFAULT);
  }
}
