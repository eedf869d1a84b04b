package saccade.sim;

/**
 * Wheel odometry and an inertial unit as cars have them: the true motion with biases and noise
 * drawn from a seed. Sample n is the same whenever and however often it is asked for.
 *
 * <p>Wheels that do not turn say exactly 0; turning ones are wrong by a share of their speed.
 *
 * @param seed of all draws
 * @param gyroBiasRps the constant bias lies within this, rad/s
 * @param gyroNoiseRps standard deviation of a sample, rad/s
 * @param accelBiasMps2 the constant bias lies within this, m/s^2: mounting, temperature, slope
 * @param accelNoiseMps2 standard deviation of a sample, m/s^2
 * @param wheelShare standard deviation of the wheels' speed, relative
 * @param wheelYawShare standard deviation of the wheels' yaw rate, rad/s a m/s of speed
 */
public record MotionSensors(
    long seed,
    double gyroBiasRps,
    double gyroNoiseRps,
    double accelBiasMps2,
    double accelNoiseMps2,
    double wheelShare,
    double wheelYawShare) {

  public MotionSensors {
    if (!(gyroBiasRps >= 0
        && gyroNoiseRps >= 0
        && accelBiasMps2 >= 0
        && accelNoiseMps2 >= 0
        && wheelShare >= 0
        && wheelYawShare >= 0)) {
      throw new IllegalArgumentException(
          "motion sensors: wanted biases and noise >= 0, found "
              + gyroBiasRps
              + ", "
              + gyroNoiseRps
              + ", "
              + accelBiasMps2
              + ", "
              + accelNoiseMps2
              + ", "
              + wheelShare
              + ", "
              + wheelYawShare);
    }
  }

  /** A stability-control unit and wheel encoders of a passenger car. */
  public static MotionSensors passengerCar(long seed) {
    return new MotionSensors(seed, 0.01, 0.002, 0.2, 0.05, 0.003, 0.0005);
  }

  /** The gyroscope's bias, rad/s; for tests of who estimates it. */
  public double drawnGyroBiasRps() {
    return gyroBiasRps * (2 * Draws.unit(seed, 0, -1, 1) - 1);
  }

  /** The accelerometer's bias, m/s^2; for tests of who estimates it. */
  public double drawnAccelBiasMps2() {
    return accelBiasMps2 * (2 * Draws.unit(seed, 0, -1, 2) - 1);
  }

  /** Sample n of the inertial unit, from the true motion at its instant. */
  public Imu imu(Odometry truth, long n) {
    return new Imu(
        truth.yawRateRps() + drawnGyroBiasRps() + gyroNoiseRps * Draws.normal(seed, 1, n, 1),
        truth.accelMps2() + drawnAccelBiasMps2() + accelNoiseMps2 * Draws.normal(seed, 1, n, 3));
  }

  /** Sample n of the wheels; acceleration is theirs as it is, which is smooth. */
  public Odometry wheels(Odometry truth, long n) {
    double speed = truth.speedMps();
    return new Odometry(
        speed * (1 + wheelShare * Draws.normal(seed, 2, n, 1)),
        truth.yawRateRps() + wheelYawShare * speed * Draws.normal(seed, 2, n, 3),
        truth.accelMps2());
  }
}
