package saccade.nodes.sensor;

import java.util.List;
import org.jspecify.annotations.Nullable;
import saccade.kernels.geometry.Rig;
import saccade.nodes.pipeline.WatchedPart;

/**
 * A set of sensors on one vehicle: the simulator, or the player of a recording. It owns its threads
 * and pushes into a {@link SensorInlets}; it never waits for the pipeline.
 *
 * <p>One bad sensor never stops the others: a frame that cannot be read is claimed and aborted with
 * its reason, and the source goes on.
 */
public interface SensorSource extends WatchedPart, AutoCloseable {

  /** For people, e.g. {@code simulator demo seed 1}. */
  String name();

  /** The sensors; sensor i is camera i, the LiDAR comes after the last camera. */
  Rig rig();

  /** Time from one set to the next, nanoseconds. */
  long periodNs();

  /**
   * How long after the common instant each sensor measures, ns, in the order of the inlets; empty
   * where they measure together.
   */
  default long[] phasesNs() {
    return new long[0];
  }

  /**
   * Set-up only; may take seconds. Does its work a few times without anybody looking, so that the
   * first real frames are not slower than the rest.
   *
   * @param sets how many
   */
  default void prepare(int sets) {}

  /**
   * Begins to push: frames carry capture stamps in the domain of {@link SensorInlets#clock()}.
   * Returns at once; called once.
   */
  void start(SensorInlets inlets);

  /** Whether the last frame has been pushed. */
  boolean ended();

  /** Frames this source tried to push, all sensors, whatever became of them. Any thread. */
  long framesIn();

  /** Id of the thread that pushes, for CPU time; -1 before the start or when there are several. */
  default long threadId() {
    return -1;
  }

  /**
   * How the clocks of live sensors stand to the capture clock, any thread; empty where there is
   * only one clock (the simulator) or none that runs (a recording).
   */
  default List<SensorClock> clocks() {
    return List.of();
  }

  /** Where faults are switched on and off; null where the sensors are not simulated. */
  default @Nullable FaultSwitch faultSwitch() {
    return null;
  }

  /** Stops the threads and waits for them; after it nothing is pushed. */
  @Override
  void close();
}
