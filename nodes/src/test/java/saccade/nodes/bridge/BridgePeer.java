package saccade.nodes.bridge;

import saccade.nodes.graph.BridgeSpec;
import saccade.nodes.graph.YamlFields;
import saccade.nodes.rcl.RclTransport;
import saccade.nodes.ros.NodeOptions;
import saccade.nodes.ros.RosNode;
import saccade.planner.Maneuver;
import saccade.realtime.clock.NanoClock;

/**
 * Our side of {@link BridgeInteropTest}, in a JVM whose environment is that of the peer: bridges
 * over rcl, fed with planner messages from a line {@code feed OBJECT_M} to the next line.
 */
public final class BridgePeer {
  private BridgePeer() {}

  private static long seq;

  public static void main(String[] args) throws Exception {
    try (RclTransport transport = RclTransport.open();
        RosNode node = transport.createNode("saccade", "", NodeOptions.DEFAULT);
        Bridges bridges =
            Bridges.start(
                BridgeSpec.all(
                    YamlFields.parse(
                        "peer",
                        "nav2: {type: nav2, rateHz: 50, releaseMps2: 5, vehicle: {maxSpeedMps: 1},"
                            + " idleMs: 0}\n"
                            + "car: {type: ackermann, rateHz: 50}\n")),
                node,
                NanoClock.system(),
                () -> System.currentTimeMillis() * 1_000_000L,
                () -> true)) {
      System.out.println("up " + transport.name());
      var in = new java.io.BufferedReader(new java.io.InputStreamReader(System.in));
      for (String line = in.readLine(); line != null && !line.equals("end"); line = in.readLine()) {
        String[] words = line.split(" ");
        while (words[0].equals("feed") && !in.ready()) {
          for (Bridge bridge : bridges.all()) {
            bridge.offer(
                TestMessages.fresh(
                    seq,
                    System.nanoTime(),
                    Maneuver.KEEP,
                    0.2,
                    0.02,
                    Double.parseDouble(words[1])));
          }
          seq++;
          Thread.sleep(100);
        }
      }
    }
    System.out.println("closed");
  }
}
