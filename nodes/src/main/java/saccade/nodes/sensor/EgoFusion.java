package saccade.nodes.sensor;

import java.util.List;
import java.util.Locale;
import org.jspecify.annotations.Nullable;
import saccade.planner.EgoSource;
import saccade.realtime.clock.StampCheck;
import saccade.realtime.ledger.DropLedger;
import saccade.realtime.ledger.DropReason;

/**
 * Wheel odometry and inertial unit to one ego motion. One thread; hot path except {@link #push},
 * which makes one record.
 *
 * <p>Along the road: a Kalman filter of two states, speed v and the accelerometer's bias b, the
 * measured acceleration as its input and the wheels' speed as its measurement. Whatever pulls at
 * the accelerometer for long is bias: its own, a tilted mounting, gravity on a slope.
 *
 * <pre>
 *   v += (a - b) dt      P = F P F' + Q,  F = | 1 -dt |      K = P H' / (P_vv + R),  H = | 1 0 |
 *                                             | 0   1 |
 * </pre>
 *
 * <p>Around z: the gyroscope less its bias, which is a Kalman filter of one state on the difference
 * to the wheels' yaw rate; while the wheels stand, the truth is 0 and the bias is learnt at once
 * (zero-velocity update). Sources: G. Welch, G. Bishop, An Introduction to the Kalman Filter, UNC
 * TR 95-041 (the equations); P. D. Groves, Principles of GNSS, Inertial, and Multisensor Integrated
 * Navigation Systems, 2nd ed. 2013 (biases as states that wander, zero-velocity updates).
 *
 * <p>An inertial unit that is silent for three of its periods leaves the wheels alone, {@link
 * EgoSource#ODOMETRY_WITHOUT_IMU}, until it comes back, with its biases as they were. Without
 * wheels the filter goes on for {@value #ALONE_NS} ns, {@link EgoSource#IMU_WITHOUT_ODOMETRY};
 * after that the state grows old, which everybody downstream sees by its age. Before the first
 * sample of an inertial unit the wheels' numbers go through as they are.
 *
 * <p>What is not finite, out of range, or has a stamp that is zero, in the future, doubled,
 * backwards or stale is refused and counted in a ledger; nothing of it enters the filter.
 */
public final class EgoFusion {
  /** How long an inertial unit is believed without wheels, ns. */
  public static final long ALONE_NS = 2_000_000_000L;

  private static final long FUTURE_NS = 2_000_000L;
  private static final long STALE_NS = 1_000_000_000L;
  private static final long SHORTEST_SILENCE_NS = 50_000_000L;
  private static final int SILENT_PERIODS = 3;
  private static final long FIRST_PERIOD_NS = 100_000_000L;

  private static final double MOST_SPEED = 150; // m/s
  private static final double MOST_YAW_RATE = 10; // rad/s
  private static final double MOST_ACCEL = 100; // m/s^2

  private static final double ACCEL_NOISE = 0.1; // m/s^2, a sample
  private static final double ACCEL_WANDER = 0.05; // m/s^2 in a second: slopes change
  private static final double ACCEL_UNKNOWN = 0.5; // m/s^2, before anything is known
  private static final double BLIND_ACCEL = 3; // m/s^2 that a car may do while nobody looks
  private static final double WHEEL_NOISE = 0.02; // m/s
  private static final double WHEEL_SHARE = 0.005; // of the speed
  private static final double STANDING_NOISE = 0.001; // m/s
  private static final double STANDING_MPS = 0.01;
  private static final double GYRO_NOISE = 0.005; // rad/s, a sample
  private static final double GYRO_WANDER = 2e-4; // rad/s in a second
  private static final double GYRO_UNKNOWN = 0.05; // rad/s
  private static final double WHEEL_YAW_NOISE = 0.02; // rad/s
  private static final double ACCEL_SMOOTH_S = 0.05;

  private final EgoInlet into;
  private final Stream imu = new Stream("imu");
  private final Stream wheels = new Stream("wheels");
  private double setSpeedMps;

  private long filterNs; // instant of speed
  private double speed;
  private double accelBias;
  private double pvv;
  private double pvb;
  private double pbb;
  private double gyro; // last sample
  private double gyroBias;
  private double gyroVariance;
  private double gyroSum; // since the last odometry
  private int gyroCount;
  private double accel; // less bias, smoothed
  private boolean standing; // by the last odometry
  private double wheelYawRate;
  private double wheelAccel;

  /** One of the two sensors: its account, its stamps, whether it is there. */
  private static final class Stream {
    final DropLedger ledger;
    final StampCheck stamps = new StampCheck(FUTURE_NS, STALE_NS);
    boolean any;
    long lastNs;
    long periodNs = FIRST_PERIOD_NS;
    boolean out;
    volatile long dropOuts;

    Stream(String name) {
      ledger = new DropLedger(name);
    }

    /** Null when the stamp is in order; else counted. */
    @Nullable DropReason refused(long stampNs, long nowNs, boolean readable) {
      ledger.offer();
      DropReason reason = readable ? stampFault(stampNs, nowNs) : DropReason.UNREADABLE;
      if (reason != null) {
        ledger.drop(reason);
        return reason;
      }
      ledger.deliver();
      if (any) {
        long gapNs = stampNs - lastNs;
        periodNs += Math.min(gapNs - periodNs, 4 * periodNs) / 8;
      }
      any = true;
      lastNs = stampNs;
      return null;
    }

    void unreadable() {
      ledger.offer();
      ledger.drop(DropReason.UNREADABLE);
    }

    private @Nullable DropReason stampFault(long stampNs, long nowNs) {
      return switch (stamps.check(stampNs, nowNs)) {
        case NONE -> null;
        case ZERO -> DropReason.STAMP_ZERO;
        case FUTURE -> DropReason.STAMP_FUTURE;
        case DUPLICATE -> DropReason.STAMP_DUPLICATE;
        case BACKWARDS -> DropReason.STAMP_BACKWARDS;
        case STALE -> DropReason.STAMP_STALE;
      };
    }

    boolean isThere(long atNs) {
      return any && atNs - lastNs <= silenceNs();
    }

    long silenceNs() {
      return Math.max(SHORTEST_SILENCE_NS, SILENT_PERIODS * periodNs);
    }

    /** Counts the moment it goes. */
    void noticed(boolean there) {
      if (!there && !out && any) {
        dropOuts++;
      }
      out = !there;
    }
  }

  /**
   * @param into where {@link #push} puts the state
   */
  public EgoFusion(EgoInlet into) {
    this.into = into;
  }

  /** The speed wanted on a free road, m/s; goes along with every state. */
  public void setSpeed(double newSetSpeedMps) {
    setSpeedMps = newSetSpeedMps;
  }

  /**
   * A sample of the inertial unit.
   *
   * @param stampNs when it was measured, in the domain of the frames' capture stamps
   * @param yawRateRps about base_link z, rad/s, left positive
   * @param accelMps2 along base_link x, m/s^2, gravity and bias in it
   * @param nowNs same domain
   * @return null when it was used, else why not (counted)
   */
  public @Nullable DropReason imu(long stampNs, double yawRateRps, double accelMps2, long nowNs) {
    boolean readable =
        Math.abs(yawRateRps) <= MOST_YAW_RATE && Math.abs(accelMps2) <= MOST_ACCEL; // false for NaN
    boolean wasThere = imu.isThere(stampNs);
    long silenceNs = imu.silenceNs();
    DropReason reason = imu.refused(stampNs, nowNs, readable);
    if (reason != null) {
      return reason;
    }
    gyro = yawRateRps;
    gyroSum += yawRateRps;
    gyroCount++;
    if (!wheels.any) {
      filterNs = stampNs;
      return null;
    }
    double dt = (stampNs - filterNs) * 1e-9;
    if (dt > 0 && stampNs - wheels.lastNs <= ALONE_NS) {
      if (wasThere && dt <= silenceNs * 1e-9) {
        predict(accelMps2, dt);
      } else {
        blind(dt);
        accel = accelMps2 - accelBias;
      }
      filterNs = stampNs;
    }
    return null;
  }

  /** A message of the inertial unit that cannot be used at all; counted, nothing else. */
  public void imuUnreadable() {
    imu.unreadable();
  }

  /** A message of the wheels that cannot be used at all; counted, nothing else. */
  public void wheelsUnreadable() {
    wheels.unreadable();
  }

  private void predict(double accelMps2, double dt) {
    double a = accelMps2 - accelBias;
    speed += a * dt;
    accel += (a - accel) * dt / (ACCEL_SMOOTH_S + dt);
    double q = ACCEL_NOISE * dt;
    pvv += -2 * dt * pvb + dt * dt * pbb + q * q;
    pvb -= dt * pbb;
    pbb += ACCEL_WANDER * ACCEL_WANDER * dt;
    gyroVariance += GYRO_WANDER * GYRO_WANDER * dt;
  }

  /** Time has passed that no inertial unit has seen. */
  private void blind(double dt) {
    double q = BLIND_ACCEL * dt;
    pvv += q * q;
    pbb += ACCEL_WANDER * ACCEL_WANDER * dt;
    gyroVariance += GYRO_WANDER * GYRO_WANDER * dt;
    gyroSum = gyro;
    gyroCount = 1;
  }

  /**
   * A sample of wheel odometry.
   *
   * @param stampNs when it was measured, in the domain of the frames' capture stamps
   * @param speedMps along base_link x, m/s
   * @param yawRateRps from wheels or steering, rad/s, left positive
   * @param accelMps2 longitudinal, m/s^2; 0 where the wheels have none
   * @param nowNs same domain
   * @return null when it was used, else why not (counted)
   */
  public @Nullable DropReason wheels(
      long stampNs, double speedMps, double yawRateRps, double accelMps2, long nowNs) {
    boolean readable =
        Math.abs(speedMps) <= MOST_SPEED
            && Math.abs(yawRateRps) <= MOST_YAW_RATE
            && Math.abs(accelMps2) <= MOST_ACCEL; // false for NaN
    boolean first = !wheels.any;
    DropReason reason = wheels.refused(stampNs, nowNs, readable);
    if (reason != null) {
      return reason;
    }
    wheelYawRate = yawRateRps;
    wheelAccel = accelMps2;
    standing = Math.abs(speedMps) < STANDING_MPS;
    double noise = standing ? STANDING_NOISE : WHEEL_NOISE + WHEEL_SHARE * Math.abs(speedMps);
    if (first) {
      speed = speedMps;
      pvv = noise * noise;
      pbb = ACCEL_UNKNOWN * ACCEL_UNKNOWN;
      gyroVariance = GYRO_UNKNOWN * GYRO_UNKNOWN;
      filterNs = stampNs;
    } else if (imu.isThere(stampNs)) {
      // Brought to the filter's instant, which only the inertial unit moves on.
      correct(speedMps + accel * (filterNs - stampNs) * 1e-9, noise * noise);
    } else {
      blind(Math.max(0, (stampNs - filterNs) * 1e-9));
      speed = speedMps;
      pvv = noise * noise;
      pvb = 0;
      filterNs = Math.max(filterNs, stampNs);
      accel = accelMps2;
      return null;
    }
    if (imu.any && gyroCount > 0) {
      double r = standing ? GYRO_NOISE : WHEEL_YAW_NOISE;
      double gain = gyroVariance / (gyroVariance + r * r);
      gyroBias += gain * (gyroSum / gyroCount - yawRateRps - gyroBias);
      gyroVariance *= 1 - gain;
      gyroSum = 0;
      gyroCount = 0;
    }
    return null;
  }

  private void correct(double measured, double r) {
    double s = pvv + r;
    double kv = pvv / s;
    double kb = pvb / s;
    double innovation = measured - speed;
    speed += kv * innovation;
    accelBias += kb * innovation;
    pbb -= kb * pvb;
    pvb *= 1 - kv;
    pvv *= 1 - kv;
  }

  /** The state by what has come so far; {@link EgoState#STANDING} before the first odometry. */
  public EgoState state() {
    if (!wheels.any) {
      return EgoState.STANDING;
    }
    long newestNs = imu.any ? Math.max(imu.lastNs, wheels.lastNs) : wheels.lastNs;
    boolean rolling = wheels.isThere(newestNs);
    boolean inertial = imu.isThere(newestNs);
    wheels.noticed(rolling);
    imu.noticed(inertial);
    if (!inertial) {
      return new EgoState(
          wheels.lastNs,
          speed,
          wheelYawRate,
          wheelAccel,
          setSpeedMps,
          imu.any ? EgoSource.ODOMETRY_WITHOUT_IMU : EgoSource.ODOMETRY);
    }
    return new EgoState(
        filterNs,
        rolling && standing ? 0 : speed,
        gyro - gyroBias,
        accel,
        setSpeedMps,
        rolling ? EgoSource.FUSED : EgoSource.IMU_WITHOUT_ODOMETRY);
  }

  /** Hands the present state on; nothing before the first odometry. */
  public void push() {
    if (wheels.any) {
      into.push(state());
    }
  }

  /** What comes next is another drive: biases stay as they are, a standstill does not. */
  public void anotherDrive() {
    into.anotherDrive();
  }

  /** What the gyroscope shows when nothing turns, as far as is known, rad/s. */
  public double gyroBiasRps() {
    return gyroBias;
  }

  /** What the accelerometer shows too much, slope included, as far as is known, m/s^2. */
  public double accelBiasMps2() {
    return accelBias;
  }

  /** Times the inertial unit went silent. Any thread. */
  public long imuDropOuts() {
    return imu.dropOuts;
  }

  /** Times wheel odometry went silent. Any thread. */
  public long wheelDropOuts() {
    return wheels.dropOuts;
  }

  /** The accounts of both sensors. */
  public List<DropLedger> ledgers() {
    return List.of(imu.ledger, wheels.ledger);
  }

  /** One line for people; empty when neither sensor ever said anything. */
  public String line() {
    if (!wheels.any && !imu.any) {
      return "";
    }
    return String.format(
        Locale.ROOT,
        "%d samples of wheels, %d of an inertial unit; biases %+.4f rad/s, %+.3f m/s2; silent %d and"
            + " %d times",
        wheels.ledger.delivered(),
        imu.ledger.delivered(),
        gyroBias,
        accelBias,
        wheels.dropOuts,
        imu.dropOuts);
  }
}
