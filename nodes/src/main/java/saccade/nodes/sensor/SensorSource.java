package saccade.nodes.sensor;

import saccade.kernels.geometry.Rig;

/**
 * A set of sensors on one vehicle: the simulator, or the player of a recording. It owns its threads
 * and pushes into a {@link SensorInlets}; it never waits for the pipeline.
 *
 * <p>One bad sensor never stops the others: a frame that cannot be read is claimed and aborted with
 * its reason, and the source goes on.
 */
public interface SensorSource extends AutoCloseable {

  /** For people, e.g. {@code simulator demo seed 1}. */
  String name();

  /** The sensors; sensor i is camera i, the LiDAR comes after the last camera. */
  Rig rig();

  /** Time from one set to the next, nanoseconds. */
  long periodNs();

  /**
   * Begins to push: frames carry capture stamps in the domain of {@link SensorInlets#clock()}.
   * Returns at once; called once.
   */
  void start(SensorInlets inlets);

  /** Whether the last frame has been pushed. */
  boolean ended();

  /** Frames this source tried to push, all sensors, whatever became of them. Any thread. */
  long framesIn();

  /** Stops the threads and waits for them; after it nothing is pushed. */
  @Override
  void close();
}
