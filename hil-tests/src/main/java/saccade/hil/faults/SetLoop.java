package saccade.hil.faults;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import saccade.kernels.geometry.CameraModel;
import saccade.kernels.geometry.LidarModel;
import saccade.kernels.geometry.Rig;
import saccade.nodes.sensor.EgoState;
import saccade.nodes.sensor.SensorInlets;
import saccade.planner.EgoSource;
import saccade.sim.Odometry;
import saccade.sim.Scenario;
import saccade.sim.Simulation;

/**
 * Sets of a drive, rendered once, shown again and again: what the sensors cost is then a copy. The
 * vehicle drives on at the speed it has; read by any thread.
 */
public final class SetLoop implements AutoCloseable {
  private final Arena arena = Arena.ofShared();
  private final Rig rig;
  private final MemorySegment[][] frames; // (sets, sensors) pictures RGB8, the sweep last
  private final int[] points; // (sets)
  private final Odometry[] motion; // (sets)
  private final double setSpeedMps;

  /**
   * Renders.
   *
   * @param sets how many, at 10 Hz
   */
  public SetLoop(Rig rig, String scenario, long seed, int sets) {
    this.rig = rig;
    int cameras = rig.cameras().size();
    LidarModel lidar = rig.lidar();
    this.frames = new MemorySegment[sets][cameras + (lidar == null ? 0 : 1)];
    this.points = new int[sets];
    this.motion = new Odometry[sets];
    try (Simulation drive = new Simulation(rig, Scenario.named(scenario), seed)) {
      setSpeedMps = drive.setSpeedMps();
      for (int set = 0; set < sets; set++) {
        for (int i = 0; i < cameras; i++) {
          CameraModel camera = rig.cameras().get(i);
          frames[set][i] = arena.allocate(3L * camera.widthPx() * camera.heightPx(), 64);
          drive.renderCamera(i, frames[set][i]);
        }
        if (lidar != null) {
          MemorySegment sweep =
              arena.allocate((long) SensorInlets.POINT_BYTES * lidar.beams() * lidar.columns(), 64);
          points[set] = drive.renderLidar(sweep);
          frames[set][cameras] = sweep;
        }
        motion[set] = drive.odometry();
        drive.command(0, 0);
        drive.advance(0.1);
      }
    }
  }

  /** How many sets there are; any number names one. */
  public int sets() {
    return frames.length;
  }

  /** Sensors, the LiDAR last. */
  public int sensors() {
    return frames[0].length;
  }

  /** Bytes of a frame. */
  public int bytes(long set, int sensor) {
    int at = at(set);
    return sensor < rig.cameras().size()
        ? (int) frames[at][sensor].byteSize()
        : points[at] * SensorInlets.POINT_BYTES;
  }

  /** Picture, or sweep with room behind its points. */
  public MemorySegment frame(long set, int sensor) {
    return frames[at(set)][sensor];
  }

  /** Own motion at a set. */
  public EgoState ego(long set, long stampNs) {
    Odometry now = motion[at(set)];
    return new EgoState(
        stampNs,
        now.speedMps(),
        now.yawRateRps(),
        now.accelMps2(),
        setSpeedMps,
        EgoSource.ODOMETRY);
  }

  private int at(long set) {
    return (int) Math.floorMod(set, (long) frames.length);
  }

  @Override
  public void close() {
    arena.close();
  }
}
