package saccade.nodes.node;

import java.time.Duration;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import saccade.msg.rcl_interfaces.FloatingPointRange;
import saccade.msg.rcl_interfaces.GetParameters;
import saccade.msg.std_msgs.String;
import saccade.msg.type_description_interfaces.GetTypeDescription;
import saccade.nodes.rcl.RclTransport;
import saccade.nodes.ros.QosProfile;
import saccade.nodes.ros.RosFault;

/** The Java side of {@link NodeInteropTest}: a managed node over rcl until its input ends. */
public final class NodePeer {
  private NodePeer() {}

  private static synchronized void say(java.lang.String line) {
    System.out.println(line);
    System.out.flush();
  }

  /** Two nodes of this process: each message once, though rcl brings it as well. */
  private static void handOver(RclTransport transport) throws Exception {
    IntraProcess hub = new IntraProcess();
    Node.Options options = Node.Options.DEFAULT.withConsole(NodePeer::say).withIntraProcess(hub);
    try (Node from = Node.create(transport, "from", "", options);
        Node to = Node.create(transport, "to", "", options)) {
      AtomicInteger heard = new AtomicInteger();
      to.createSubscription(
          String.TYPE, "near", QosProfile.DEFAULT, (message, info) -> heard.incrementAndGet());
      // A latched publisher always sends through rcl too: whoever comes later wants it.
      MessagePublisher<String> publisher =
          from.createPublisher(String.TYPE, "near", QosProfile.DEFAULT.transientLocal());
      for (int i = 0; i < 6000 && publisher.matchedSubscriptions() == 0; i++) {
        Thread.sleep(10);
      }
      for (int i = 0; i < 20; i++) {
        publisher.publish(new String("x" + i));
        Thread.sleep(5);
      }
      for (int i = 0; i < 3000 && heard.get() < 20; i++) {
        Thread.sleep(10);
      }
      Thread.sleep(300); // a second copy would come now
      say("handed over " + heard.get() + " of 20");
    }
  }

  /**
   * Asked again where the answer went past: rclpy may have it ready before it knows of this client.
   */
  private static double gain(Client<GetParameters.Request, GetParameters.Response> client) {
    for (int left = 5; ; left--) {
      try {
        return client
            .call(new GetParameters.Request(List.of("gain")), Duration.ofSeconds(5))
            .values()
            .get(0)
            .doubleValue();
      } catch (RosFault e) {
        if (left == 0) {
          throw e;
        }
      }
    }
  }

  public static void main(java.lang.String[] args) throws Exception {
    Node.Options options =
        Node.Options.DEFAULT
            .withConsole(NodePeer::say)
            .withAccess(
                new AccessList(
                    List.of("robot1/java/rate", "robot1/java/model", "robot1/java/nobody"),
                    List.of("robot1/java/configure", "robot1/java/activate")))
            .withArguments(
                List.of(
                    "--ros-args",
                    "-r",
                    "__node:=java",
                    "-r",
                    "__ns:=/robot1",
                    "-p",
                    "rate:=20.0",
                    "-p",
                    "use_sim_time:=true",
                    "-p",
                    "diagnostic_updater.period:=0.2",
                    "-p",
                    "qos_overrides./robot1/tuned.publisher.durability:=transient_local"));
    try (RclTransport transport = RclTransport.open();
        LifecycleNode managed =
            LifecycleNode.create(
                transport, "unmapped", "", options, new Lifecycle.Callbacks() {})) {
      Node node = managed.node();
      Parameters parameters = node.parameters();
      parameters.declare(
          "rate",
          ParameterValue.of(10.0),
          Parameters.described("sets a second")
              .withFloatingPointRange(List.of(new FloatingPointRange(0, 100, 0))));
      parameters.declareString("camera.name", "front", "");
      parameters.declare(
          "weights", ParameterValue.of(new double[] {1, 2}), Parameters.described(""));
      parameters.declare(
          "model", ParameterValue.of("nano"), Parameters.described("").withReadOnly(true));
      parameters.declareDouble("secret", 1, 0, 2, "");
      parameters.onChange(
          change -> change.changed().forEach(p -> say("changed " + p.name() + " " + p.value())));
      node.createPublisher(String.TYPE, "tuned", QosProfile.DEFAULT);
      Diagnostics diagnostics = new Diagnostics(node, "robot1");
      diagnostics.add(
          "camera", status -> status.summary(Diagnostics.Level.WARN, "late").add("rate", "9.5 Hz"));
      node.logger().warn("a word from Java");
      node.clock().onJump(jump -> say("jump " + jump.kind() + " to " + jump.toNs()));
      node.createTimer(Duration.ofMillis(500), () -> say("timer at " + node.clock().nowNs()));
      say("node " + node.fullyQualifiedName());
      handOver(transport);
      Client<GetParameters.Request, GetParameters.Response> client =
          node.createClient(GetParameters.TYPE, "python/get_parameters");
      if (client.waitForService(Duration.ofSeconds(60))) {
        say("python's gain " + gain(client));
      }
      Client<GetTypeDescription.Request, GetTypeDescription.Response> types =
          node.createClient(GetTypeDescription.TYPE, "python/get_type_description");
      say("python describes types: " + types.waitForService(Duration.ofSeconds(60)));
      while (System.in.available() == 0) {
        Thread.sleep(20);
      }
    }
    say("closed");
  }
}
