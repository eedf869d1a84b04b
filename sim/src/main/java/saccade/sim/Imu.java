package saccade.sim;

/**
 * One sample of an inertial unit that sits level at the rear axle.
 *
 * @param yawRateRps about z, up; radians a second, left positive
 * @param accelMps2 along x, forward; m/s^2, as measured: with whatever gravity and bias put in
 */
public record Imu(double yawRateRps, double accelMps2) {}
