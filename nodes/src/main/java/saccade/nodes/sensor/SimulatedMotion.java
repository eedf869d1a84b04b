package saccade.nodes.sensor;

import java.util.function.BooleanSupplier;
import saccade.sim.Imu;
import saccade.sim.MotionSensors;
import saccade.sim.Odometry;
import saccade.sim.Simulator;

/**
 * Wheels and inertial unit of a simulated vehicle: the unit at 100 Hz while the world is moved on,
 * the wheels whenever a set is sensed. One thread.
 */
public final class SimulatedMotion {
  /** From one sample of the inertial unit to the next, ns. */
  public static final long IMU_PERIOD_NS = 10_000_000L;

  private final MotionSensors sensors;
  private final EgoFusion into;
  private final BooleanSupplier imuLost;
  private long imuSamples;
  private long wheelSamples;

  /**
   * @param imuLost whether the inertial unit is silent now
   */
  public SimulatedMotion(MotionSensors sensors, EgoFusion into, BooleanSupplier imuLost) {
    this.sensors = sensors;
    this.into = into;
    this.imuLost = imuLost;
  }

  /** The world stands at the instant of a sample. */
  public void inertial(Simulator world, long stampNs) {
    long n = imuSamples++;
    if (!imuLost.getAsBoolean()) {
      Imu sample = sensors.imu(world.odometry(), n);
      into.imu(stampNs, sample.yawRateRps(), sample.accelMps2(), stampNs);
    }
  }

  /** The world stands at a set's instant: the wheels are read, and the state goes on. */
  public void wheels(Simulator world, long stampNs) {
    Odometry read = sensors.wheels(world.odometry(), wheelSamples++);
    into.setSpeed(world.setSpeedMps());
    into.wheels(stampNs, read.speedMps(), read.yawRateRps(), read.accelMps2(), stampNs);
    into.push();
  }
}
