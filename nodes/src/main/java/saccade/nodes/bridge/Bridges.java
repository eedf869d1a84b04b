package saccade.nodes.bridge;

import java.util.ArrayList;
import java.util.List;
import java.util.function.BooleanSupplier;
import java.util.function.LongSupplier;
import saccade.nodes.cli.BadInput;
import saccade.nodes.cli.ExitCode;
import saccade.nodes.graph.BridgeSpec;
import saccade.nodes.pipeline.PipelineListener;
import saccade.nodes.pipeline.Publication;
import saccade.nodes.pipeline.Vehicle;
import saccade.nodes.ros.RosFault;
import saccade.nodes.ros.RosNode;
import saccade.realtime.clock.NanoClock;

/**
 * The bridges of a graph. As a listener they hear every message; as a {@link Vehicle} they hear
 * every command of the pipeline's own controller, so that the reflex brakes them, too.
 */
public final class Bridges implements PipelineListener, Vehicle, AutoCloseable {
  /** A command of the controller counts this long; it comes every 20 ms. */
  private static final long COMMAND_HOLDS_NS = 100_000_000L;

  private final List<Bridge> bridges = new ArrayList<>();

  private Bridges() {}

  /**
   * Starts all bridges on a node, which stays the caller's and is closed after them.
   *
   * @param clock of the messages' stamps
   * @param rosNowNs ROS time for headers, ns since 1970
   * @param active whether the node may speak; asked at each tick, any thread
   * @throws BadInput naming the bridge that cannot be made, and why
   */
  public static Bridges start(
      List<BridgeSpec> specs,
      RosNode node,
      NanoClock clock,
      LongSupplier rosNowNs,
      BooleanSupplier active) {
    Bridges all = new Bridges();
    try {
      for (BridgeSpec spec : specs) {
        try {
          all.bridges.add(Bridge.start(spec, node, clock, rosNowNs, active));
        } catch (RosFault fault) {
          throw new BadInput(
              ExitCode.UNAVAILABLE, "bridges." + spec.common().name() + ": " + fault.getMessage());
        }
      }
    } catch (BadInput e) {
      all.close();
      throw e;
    }
    return all;
  }

  /** Control thread. */
  @Override
  public void onMessage(Publication publication) {
    for (Bridge bridge : bridges) {
      bridge.ego(publication.ego());
      bridge.offer(publication.message());
    }
  }

  /** Control thread: what the pipeline's controller commands, reflex included. */
  @Override
  public void command(long nowNs, double accelMps2, double curvature1pm) {
    for (int i = 0; i < bridges.size(); i++) {
      bridges.get(i).ceiling(accelMps2, nowNs + COMMAND_HOLDS_NS);
    }
  }

  /** Each of them, in the order of the file. */
  public List<Bridge> all() {
    return List.copyOf(bridges);
  }

  /** Each publishes a stop and goes. */
  @Override
  public void close() {
    bridges.forEach(Bridge::close);
  }
}
