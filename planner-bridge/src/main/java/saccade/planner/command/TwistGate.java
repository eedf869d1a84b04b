package saccade.planner.command;

import saccade.planner.ExpiryProfile.Phase;
import saccade.planner.Maneuver;
import saccade.planner.PlannerMessage;
import saccade.planner.SceneObject;

/**
 * Hot path. Stands between a navigation stack and its robot: lets the stack's twist through, scaled
 * down when the model brakes, an object is near in the path, or messages stop. It never makes a
 * twist faster, never turns it round, and keeps its curvature.
 *
 * <pre>
 *  cap     following, plan brakes   falls from the present speed with the plan's deceleration
 *          following, else          rises by releaseMps2 up to maxSpeedMps
 *          holding                  stays at the present speed
 *          ramping, stopped         falls with the profile's deceleration to 0, and stays there
 *          starting                 0: nothing is known yet
 *  forward sqrt(2 stopDecel (distance - stopDistance)) to the nearest object in the path
 * </pre>
 *
 * The forward cap holds for driving forwards only, so that a recovery may back away. One thread;
 * allocates nothing.
 */
public final class TwistGate {
  /**
   * How a robot is limited.
   *
   * @param maxSpeedMps largest speed let through, m/s
   * @param radiusM of the footprint: a turn on the spot counts as the speed of its rim, metres
   * @param stopDistanceM an object in the path this near (from the front) is a stop, metres
   * @param stopDecelMps2 deceleration that the robot can do, m/s^2, positive
   * @param releaseMps2 how fast the cap rises again, m/s^2
   * @param brakeBelowMps2 a plan below this brakes, m/s^2, 0 or less
   * @param objectHoldNs how long an object counts when later messages say nothing of it, ns
   */
  public record Options(
      double maxSpeedMps,
      double radiusM,
      double stopDistanceM,
      double stopDecelMps2,
      double releaseMps2,
      double brakeBelowMps2,
      long objectHoldNs) {
    public Options {
      Limits.within("largest speed m/s", maxSpeedMps, 0.01, 100);
      Limits.within("footprint radius m", radiusM, 0.01, 20);
      Limits.within("stop distance m", stopDistanceM, 0, 100);
      Limits.within("stop deceleration m/s^2", stopDecelMps2, 0.05, 20);
      Limits.within("release m/s^2", releaseMps2, 0.01, 20);
      Limits.within("brake threshold m/s^2", brakeBelowMps2, -10, 0);
      Limits.within("object hold ns", (double) objectHoldNs, 0, 60e9);
    }

    /** A small indoor robot: 0.5 m/s, 0.2 m radius, stops 0.5 m before, 1 m/s^2. */
    public static Options smallRobot() {
      return new Options(0.5, 0.2, 0.5, 1.0, 0.5, -0.3, 500_000_000L);
    }
  }

  /** What limits, strongest first. */
  public enum Limit {
    /** The twist that came was no twist: not finite. */
    BAD_INPUT,
    /** No twist came for too long. */
    NO_INPUT,
    /** Messages stopped, or none came yet. */
    NO_MESSAGE,
    /** An object in the path is nearer than the stop distance. */
    COLLISION_STOP,
    /** An object in the path. */
    OBJECT,
    /** The plan brakes. */
    PLAN,
    /** The largest speed. */
    MAX_SPEED,
    /** Nothing: the twist goes through as it came. */
    NONE
  }

  private final Options options;
  private double capMps;
  private double nearestM = Double.POSITIVE_INFINITY;
  private long nearestAtNs;
  private double outSpeedMps;
  private long lastNs;
  private boolean stepped;
  private Limit capReason = Limit.NO_MESSAGE;
  private Limit limit = Limit.NO_MESSAGE;
  private double vx;
  private double vy;
  private double wz;

  public TwistGate(Options options) {
    this.options = options;
  }

  /** Takes a message that the stream accepted: what it says is in the path. */
  public void see(PlannerMessage message, long nowNs) {
    if (!message.decidedByModel()) {
      return;
    }
    double nearest = Double.POSITIVE_INFINITY;
    for (int i = 0; i < message.scene().objects().size(); i++) {
      SceneObject object = message.scene().objects().get(i);
      if (object.zone() == SceneObject.Zone.PATH) {
        nearest = Math.min(nearest, object.distanceM());
      }
    }
    boolean said = !message.scene().equals(saccade.planner.SceneDescription.NOTHING_SAID);
    if (nearest < Double.POSITIVE_INFINITY) {
      // What we drove since the capture is gone from the distance.
      nearestM = nearest - outSpeedMps * Math.max(0, nowNs - message.captureNs()) * 1e-9;
      nearestAtNs = nowNs;
    } else if (said || nowNs - nearestAtNs > options.objectHoldNs) {
      nearestM = Double.POSITIVE_INFINITY;
    }
  }

  /**
   * Moves the caps to {@code nowNs}, after {@link MotionStream#step} of the same instant.
   *
   * @return the speed cap for any direction, m/s
   */
  public double step(MotionStream motion, long nowNs) {
    double dtS = stepped ? Math.max(0, nowNs - lastNs) * 1e-9 : 0;
    stepped = true;
    lastNs = Math.max(nowNs, lastNs);
    if (nearestM < Double.POSITIVE_INFINITY) {
      nearestM -= Math.max(0, vx) * dtS;
      if (nowNs - nearestAtNs > options.objectHoldNs && motion.phase() == Phase.FOLLOWING) {
        nearestM = Double.POSITIVE_INFINITY;
      }
    }
    double present = Math.min(capMps, outSpeedMps);
    switch (motion.phase()) {
      case STARTING -> cap(0, Limit.NO_MESSAGE);
      case HOLDING -> cap(present, Limit.NO_MESSAGE);
      case RAMPING, STOPPED ->
          cap(present + Math.min(motion.accelMps2(), 0) * dtS, Limit.NO_MESSAGE);
      case FOLLOWING -> {
        double accel = motion.accelMps2();
        if (accel < options.brakeBelowMps2) {
          cap(present + accel * dtS, Limit.PLAN);
        } else if (motion.maneuver() == Maneuver.BRAKE) {
          cap(present, Limit.PLAN); // it means to stand, or to go on slowing down a little
        } else {
          cap(
              capMps + options.releaseMps2 * dtS,
              capMps < options.maxSpeedMps ? Limit.PLAN : Limit.MAX_SPEED);
        }
      }
    }
    return capMps;
  }

  private void cap(double mps, Limit why) {
    capMps = Double.isNaN(mps) ? 0 : Math.clamp(mps, 0, options.maxSpeedMps);
    capReason = why;
  }

  /** The cap for driving forwards: that of {@link #step}, or what the nearest object allows. */
  public double forwardCapMps() {
    double room = nearestM - options.stopDistanceM;
    return room <= 0 ? 0 : Math.min(capMps, Math.sqrt(2 * options.stopDecelMps2 * room));
  }

  /** The cap for every direction as of the last step, m/s. */
  public double capMps() {
    return capMps;
  }

  /** Distance to the nearest object in the path, metres from the front; infinite when none. */
  public double nearestM() {
    return nearestM;
  }

  /**
   * Limits one twist (base_link: x forward, y left, rotation about z); the result is in the
   * accessors.
   *
   * @param fresh whether the twist is new enough to be driven; 0 goes out otherwise
   */
  public void limit(double inVx, double inVy, double inWz, boolean fresh) {
    boolean finite = Double.isFinite(inVx) && Double.isFinite(inVy) && Double.isFinite(inWz);
    if (!finite || !fresh) {
      limit = finite ? Limit.NO_INPUT : Limit.BAD_INPUT;
      put(0, 0, 0, 0);
      return;
    }
    double linear = Math.hypot(inVx, inVy);
    double speed = Math.max(linear, Math.abs(inWz) * options.radiusM);
    double forward = forwardCapMps();
    boolean ahead = inVx > 0 && forward < capMps;
    double cap = ahead ? forward : capMps;
    if (speed <= cap) {
      limit = Limit.NONE;
      put(inVx, inVy, inWz, linear);
      return;
    }
    double factor = cap <= 0 ? 0 : cap / speed;
    limit = !ahead ? capReason : forward == 0 ? Limit.COLLISION_STOP : Limit.OBJECT;
    put(inVx * factor, inVy * factor, inWz * factor, linear * factor);
  }

  private void put(double x, double y, double z, double linear) {
    vx = x;
    vy = y;
    wz = z;
    outSpeedMps = linear;
  }

  /** m/s, forward. */
  public double vxMps() {
    return vx;
  }

  /** m/s, left. */
  public double vyMps() {
    return vy;
  }

  /** rad/s, left. */
  public double wzRadps() {
    return wz;
  }

  /** What made the last twist slower. */
  public Limit limit() {
    return limit;
  }
}
