package saccade.sim.traffic;

/**
 * The ego vehicle: kinematic bicycle model at the rear axle. The commanded acceleration acts
 * through a first-order lag of {@link #ACCEL_LAG_S}; the commanded curvature is followed at {@link
 * #CURVATURE_RATE} at most; speed stays &gt;= 0. Source of the model: Rajamani, Vehicle Dynamics
 * and Control, ch. 2.2 (curvature = tan(steer) / wheelbase).
 */
public final class Ego {
  public static final double WHEELBASE_M = 2.7;

  /** Front bumper in base_link, metres. */
  public static final double FRONT_M = 3.8;

  /** Rear bumper in base_link, metres. */
  public static final double REAR_M = -0.9;

  public static final double WIDTH_M = 1.9;
  public static final double ACCEL_LAG_S = 0.15;

  /** 1/m per second. */
  public static final double CURVATURE_RATE = 0.25;

  /** m/s^2. */
  public static final double MIN_ACCEL = -8;

  /** m/s^2. */
  public static final double MAX_ACCEL = 3;

  /** 1/m. */
  public static final double MAX_CURVATURE = 0.15;

  /** Rear axle in the world, metres. */
  public double x;

  /** Rear axle in the world, metres. */
  public double y;

  /** Heading in the world, counter-clockwise from x. */
  public double yawRad;

  public double speedMps;
  public double accelMps2;
  public double curvature1pm;
  private double accelCommand;
  private double curvatureCommand;

  public Ego() {}

  /** What the drive holds from now on; clamped to what it can do. */
  public void command(double accel, double curvature) {
    if (!Double.isFinite(accel) || !Double.isFinite(curvature)) {
      throw new IllegalArgumentException(
          "command of " + accel + " m/s^2 and " + curvature + " 1/m: wanted finite numbers");
    }
    accelCommand = Math.clamp(accel, MIN_ACCEL, MAX_ACCEL);
    curvatureCommand = Math.clamp(curvature, -MAX_CURVATURE, MAX_CURVATURE);
  }

  /** Left positive. */
  public double yawRateRps() {
    return speedMps * curvature1pm;
  }

  /** Takes over another's state and command. */
  public void set(Ego other) {
    x = other.x;
    y = other.y;
    yawRad = other.yawRad;
    speedMps = other.speedMps;
    accelMps2 = other.accelMps2;
    curvature1pm = other.curvature1pm;
    accelCommand = other.accelCommand;
    curvatureCommand = other.curvatureCommand;
  }

  /**
   * Moves on by h seconds (h about 0.01..0.1), along an exact circle arc of the present curvature.
   */
  public void step(double h) {
    accelMps2 += (accelCommand - accelMps2) * (1 - Math.exp(-h / ACCEL_LAG_S));
    double change = curvatureCommand - curvature1pm;
    double most = CURVATURE_RATE * h;
    curvature1pm += Math.clamp(change, -most, most);
    double before = speedMps;
    double after = before + accelMps2 * h;
    double way = 0.5 * (before + after) * h;
    if (after <= 0) {
      way = accelMps2 < 0 ? before * before / (-2 * accelMps2) : 0;
      after = 0;
      if (accelMps2 < 0) {
        accelMps2 = 0;
      }
    }
    double turn = way * curvature1pm;
    double half = 0.5 * turn;
    double chord = way * (Math.abs(half) < 1e-6 ? 1 - half * half / 6 : Math.sin(half) / half);
    x += chord * Math.cos(yawRad + half);
    y += chord * Math.sin(yawRad + half);
    yawRad += turn;
    speedMps = after;
  }
}
