package saccade.sim;

import java.lang.foreign.MemorySegment;
import saccade.kernels.geometry.Rig;

/**
 * A simulator as the product sees it: a vehicle with the sensors of a rig, moved on in lock-step.
 * Between two calls of {@link #advance} nothing moves; sensors and odometry are those of {@link
 * #frame()}. Owned by one thread.
 *
 * <p>{@link Simulation} is the embedded one. A bridge to another simulator that offers a
 * synchronous mode in the form of CARLA's fits behind the same calls and has this to do at its
 * edge:
 *
 * <ul>
 *   <li>Set the server to synchronous mode with a fixed step, {@link #stepS}. {@link #advance}
 *       ticks the world so many times as whole steps fit in; each tick gives a frame number.
 *   <li>Sensor data arrive on other threads, in any order, each with the frame number it belongs
 *       to. {@link #renderCamera} and {@link #renderLidar} wait for the data of {@link #frame()},
 *       throw older ones away, and give up after a time-out of the bridge's own.
 *   <li>There, frames are left-handed (x forward, y right, z up; yaw clockwise, degrees). y of
 *       points and places, and the signs of yaw and yaw rate, turn round; a curvature to the left
 *       becomes a steering to the left. Pictures come as BGRA and go on as RGB.
 *   <li>A command holds from the next tick on.
 * </ul>
 *
 * <p>A lost server is an {@link IllegalStateException} that says what was waited for and how long;
 * the drive is over then.
 */
public interface Simulator extends AutoCloseable {

  /** What can be driven: a scenario, or a map of another simulator with its traffic. */
  interface Course {
    /** For people and reports, e.g. {@code demo}. */
    String name();

    /**
     * Begins a drive at time 0.
     *
     * @param seed chooses what the course leaves open
     */
    Simulator drive(Rig rig, long seed);
  }

  /** The sensors; camera i is the rig's i-th. */
  Rig rig();

  /** The fixed step of the world, seconds; 0 when it takes any. */
  double stepS();

  /**
   * Moves the world on, by as many whole steps as fit in; what is left over is not kept, so a
   * caller who goes by {@link #timeS} never drifts.
   *
   * @param dtS seconds, 0 &lt; dtS &lt;= 10
   * @return the number of the frame that the world shows now; as before when no step fitted in
   * @throws IllegalArgumentException when dtS is out of range
   * @throws IllegalStateException when the simulator is lost
   */
  long advance(double dtS);

  /** Number of the world's present frame: rises by one a step, from any start. */
  long frame();

  /** Simulated seconds since the start of the drive. */
  double timeS();

  /**
   * What the drive does from the next step on.
   *
   * @param accelMps2 longitudinal acceleration, m/s^2; clamped to [-8, 3]
   * @param curvature1pm path curvature, 1/m, left positive; clamped to [-0.15, 0.15]
   * @throws IllegalArgumentException when one is not finite
   */
  void command(double accelMps2, double curvature1pm);

  /**
   * The picture of camera i at the present frame.
   *
   * @param i index into the rig's cameras
   * @param rgb8 [height][width][3] bytes, RGB, filled from its start; owned by the caller
   * @throws IllegalArgumentException when rgb8 is too small
   * @throws IndexOutOfBoundsException when the rig has no camera i
   * @throws IllegalStateException when the simulator is lost
   */
  void renderCamera(int i, MemorySegment rgb8);

  /**
   * The sweep of the LiDAR at the present frame.
   *
   * @param points16B x, y, z (metres, LiDAR frame) and intensity (0..1) as little-endian float32,
   *     16 bytes a point; the sweep ends early when it is full; beams x columns points always fit;
   *     owned by the caller
   * @return number of points; 0 when the rig has no LiDAR
   * @throws IllegalStateException when the simulator is lost
   */
  int renderLidar(MemorySegment points16B);

  /** Ego motion at the present frame. */
  Odometry odometry();

  /** The speed the driver wants on a free road, m/s. */
  double setSpeedMps();

  /** Whether the drive is over. */
  boolean done();

  /** The score so far, for reports: from the simulator's own referee, not from the sensors. */
  Scoreboard scoreboard();

  /** Ends the drive; a server goes back to how it was before. */
  @Override
  default void close() {}
}
