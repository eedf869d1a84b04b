package saccade.planner;

/**
 * Where the ego motion that a message was decided on comes from; what is worse than it was, says
 * so.
 */
public enum EgoSource {
  /** There is none. */
  NONE,
  /** A number that somebody gave. */
  ASSUMED,
  /** Wheels, or a recording's own; there never was an inertial unit. */
  ODOMETRY,
  /** Wheels and inertial unit together. */
  FUSED,
  /** Degraded: the inertial unit is late or gone, wheels alone. */
  ODOMETRY_WITHOUT_IMU,
  /** Degraded: wheel odometry is late or gone, the inertial unit alone, for a short while. */
  IMU_WITHOUT_ODOMETRY;

  /** The sensor that is missing; empty where none is. */
  public String missing() {
    return switch (this) {
      case ODOMETRY_WITHOUT_IMU -> "imu";
      case IMU_WITHOUT_ODOMETRY -> "odometry";
      case NONE, ASSUMED, ODOMETRY, FUSED -> "";
    };
  }
}
