package saccade.sim;

/**
 * Measured ego motion at one instant.
 *
 * @param speedMps along base_link x, metres per second, &gt;= 0
 * @param yawRateRps radians per second, left positive
 * @param accelMps2 longitudinal acceleration, metres per second squared
 */
public record Odometry(double speedMps, double yawRateRps, double accelMps2) {}
