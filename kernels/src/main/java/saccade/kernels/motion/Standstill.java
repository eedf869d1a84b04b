package saccade.kernels.motion;

/**
 * Hot path. What a vehicle's own odometry remembers of its last standstill: how long it stood, and
 * how far it has driven since. A driver who may go on after a second at a stop sign, or who has
 * just left one that is still in sight, knows it by these two numbers and by nothing that a camera
 * shows.
 *
 * <pre>
 *                         stoodS                      drivenM
 *   standing              so far, 0..3 s              0
 *   driving               of the last one, 0..3 s     since it ended, 0..20 m
 *   no standstill known   0                           20 m
 * </pre>
 *
 * <p>One that is {@value #MOST_M} m behind is forgotten: from there on it makes no difference
 * whether there was one, or when the odometry began.
 *
 * <p>Standing is a speed below {@value #STANDING_MPS} m/s, either way. Between two samples the
 * speed is taken to change evenly, so the instant at which it passes that limit, and with it both
 * numbers, hardly depend on how often the odometry speaks. A standstill that begins less than
 * {@value #SAME_M} m after the last one goes on with it: neither a wheel that jitters nor a creep
 * to the line begins the count anew. A stream that begins while the vehicle stands counts from its
 * first sample.
 *
 * <p>Goes by the stamps of the samples alone, so a replay remembers the same. A gap of more than
 * {@value #GAP_NS} ns: the time in it is not counted, and unless the vehicle stands at both its
 * ends everything is forgotten, because a sign passed meanwhile must not look obeyed. A stamp that
 * lies more than that before the last one is another clock or another drive: forgotten too. One
 * that lies less before it is out of order and ignored, as is a speed that is not finite.
 *
 * <p>One thread; allocates nothing.
 */
public final class Standstill {
  /** Slower than this is standing, m/s. */
  public static final double STANDING_MPS = 0.15;

  /** Longest standstill told, s. */
  public static final double MOST_S = 3;

  /** A standstill so far behind is forgotten, and this is told, m. */
  public static final double MOST_M = 20;

  /** Two standstills nearer to each other than this are one, m. */
  public static final double SAME_M = 1;

  /** Two samples farther from each other than this say nothing of what was between, ns. */
  public static final long GAP_NS = 1_000_000_000L;

  private boolean known; // there was a sample
  private long stampNs;
  private double speedMps;
  private boolean stood; // there was a standstill
  private double stoodS;
  private double drivenM;

  /** Knows of no standstill. */
  public Standstill() {}

  /** What comes next is another drive, or the same one after nobody knows what. */
  public void forget() {
    known = false;
    stood = false;
    stoodS = 0;
    drivenM = 0;
  }

  /**
   * Begins with a past that no sample told.
   *
   * @param newStoodS how long the last standstill lasted so far, s, &gt;= 0
   * @param newDrivenM how far it is behind, m, 0 while it lasts; {@value #MOST_M} and more: there
   *     was none
   */
  public void begin(double newStoodS, double newDrivenM) {
    forget();
    stood = newDrivenM < MOST_M;
    stoodS = stood ? newStoodS : 0;
    drivenM = stood ? newDrivenM : 0;
  }

  /**
   * A sample.
   *
   * @param atNs when it was measured
   * @param mps speed along the vehicle, m/s
   */
  public void sample(long atNs, double mps) {
    double now = Math.abs(mps);
    if (!(now <= Double.MAX_VALUE)) {
      return;
    }
    long passedNs = known ? atNs - stampNs : 0;
    if (passedNs < 0 && passedNs >= -GAP_NS) {
      return;
    }
    boolean standsNow = now < STANDING_MPS;
    if (passedNs > GAP_NS || passedNs < 0) {
      if (passedNs < 0 || !standsNow || speedMps >= STANDING_MPS) {
        forget();
      }
      passedNs = 0;
    }
    double before = known ? speedMps : now;
    advance(before, now, passedNs * 1e-9);
    if (drivenM >= MOST_M) {
      stood = false;
    }
    if (standsNow && !stood) { // the first sample there is
      stood = true;
    }
    known = true;
    stampNs = atNs;
    speedMps = now;
  }

  /** The speed goes evenly from one to the other within dt. */
  private void advance(double before, double now, double dt) {
    boolean stoodBefore = before < STANDING_MPS;
    boolean standsNow = now < STANDING_MPS;
    if (stoodBefore && standsNow) {
      stoodS += dt;
    } else if (stoodBefore) {
      double stands = Math.min(dt, dt * (STANDING_MPS - before) / (now - before));
      stoodS += stands;
      drivenM = 0.5 * (STANDING_MPS + now) * (dt - stands);
    } else if (standsNow) {
      double drives = Math.min(dt, dt * (before - STANDING_MPS) / (before - now));
      drivenM += 0.5 * (before + STANDING_MPS) * drives;
      if (!stood || drivenM >= SAME_M) {
        stoodS = 0;
      }
      stood = true;
      stoodS += dt - drives;
      drivenM = 0;
    } else {
      drivenM += 0.5 * (before + now) * dt;
    }
  }

  /** How long the last standstill lasted so far, 0..{@value #MOST_S} s; 0 when none is known. */
  public double stoodS() {
    return stood ? Math.min(stoodS, MOST_S) : 0;
  }

  /**
   * How far the vehicle has driven since it ended, 0..{@value #MOST_M} m; 0 while it stands,
   * {@value #MOST_M} when no standstill is known.
   */
  public double drivenM() {
    return stood ? drivenM : MOST_M;
  }
}
