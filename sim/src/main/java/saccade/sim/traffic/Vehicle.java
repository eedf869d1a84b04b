package saccade.sim.traffic;

/**
 * Another vehicle, in road coordinates. It aims at the target speed of its latest phase, keeps its
 * distance to whatever is in its way, changes lanes when told to, and stops at red lights and stop
 * signs unless told not to.
 */
public final class Vehicle {
  /** What it is. A van is a car. */
  public enum Kind {
    CAR,
    TRUCK,
    CYCLIST
  }

  /** Where it drives to: the ego's way, against it, or along a side road, coming from a side. */
  public enum Course {
    ALONG,
    ONCOMING,
    FROM_LEFT,
    FROM_RIGHT
  }

  /** Which lamps blink; left and right are those of the vehicle itself. */
  public enum Indicator {
    OFF,
    LEFT,
    RIGHT,
    HAZARD
  }

  /** What sets off a change of lane. */
  public enum When {
    /** The time in seconds has come. */
    AT_TIME,
    /** Its rear is more than so many metres ahead of the ego's front bumper. */
    AHEAD_OF_EGO,
    /** The ego's front bumper is within so many metres of it along the road. */
    EGO_WITHIN,
    /** It has reached this s, metres. */
    AT_S
  }

  /** From startS on (counted from when it may go) aim at targetMps, by at most rateMps2. */
  public record Phase(double startS, double targetMps, double rateMps2) {}

  /** Moves over to offset toD within durationS (longer when it drives slower than 1.5 m/s). */
  public record Shift(When when, double value, double toD, double durationS) {}

  /** Blinks a second. */
  public static final double BLINK_HZ = 1.5;

  public final int id;
  public final Kind kind;
  public Course course = Course.ALONG;

  /** Centre along the road, metres. */
  public double s;

  /** Centre across the road, metres. */
  public double d;

  /** Along its course, m/s, &gt;= 0. */
  public double speedMps;

  public double accelMps2;

  /** Across its course because it changes lanes: speed of d, m/s. */
  public double shiftMps;

  /** Stands beside the lanes and takes no part. */
  public boolean parked;

  public boolean obeysLights = true;

  /** Stands in the lane with its brake lights off. */
  public boolean brokenDown;

  /** Set by hand; a change of lane shows by itself when {@link #signals}. */
  public Indicator indicator = Indicator.OFF;

  /** Whether it announces its changes of lane. */
  public boolean signals = true;

  /** Ascending by start. */
  public Phase[] phases = {};

  /** One after the other. */
  public Shift[] shifts = {};

  /** When positive: its phases begin once the ego's front is within so many metres of it. */
  public double goesWithinM;

  /** Not in the world before this time, seconds. */
  public double appearS;

  /** When positive: on appearing, is put this many seconds ahead of the ego's front bumper. */
  public double appearTtcS;

  public boolean present;

  public double lengthM = 4.4;
  public double widthM = 1.85;
  public double heightM = 1.45;
  public double cabinShare = 0.5;
  public double lampHeightM = 0.75;
  public double lampWidthM = 0.32;
  public boolean boxy;
  public int colour = 0x8090a0;
  public int glass = 0x202830;

  /** Of a rider. */
  public int skin = 0xd0a080;

  private double wentAtS;
  private int shift;
  private boolean shifting;
  private double shiftFromD;
  private double shiftDone;

  // What it knows about the next stop sign.
  private double stoodAtSignS;

  public Vehicle(int id, Kind kind, double s, double d) {
    this.id = id;
    this.kind = kind;
    this.s = s;
    this.d = d;
  }

  /** Half its extent along the road, metres. */
  public double halfS() {
    return crossing() ? widthM / 2 : lengthM / 2;
  }

  /** Half its extent across the road, metres. */
  public double halfD() {
    return crossing() ? lengthM / 2 : widthM / 2;
  }

  /** Where the end that the ego comes upon lies along the road, metres. */
  public double rearS() {
    return s - halfS();
  }

  public boolean oncoming() {
    return course == Course.ONCOMING;
  }

  /** Whether it drives on a side road. */
  public boolean crossing() {
    return course == Course.FROM_LEFT || course == Course.FROM_RIGHT;
  }

  /** Speed along the road, m/s, negative for oncoming traffic, 0 on a side road. */
  public double alongMps() {
    return switch (course) {
      case ALONG -> speedMps;
      case ONCOMING -> -speedMps;
      case FROM_LEFT, FROM_RIGHT -> 0;
    };
  }

  /** Speed across the road, m/s, left positive. */
  public double acrossMps() {
    return switch (course) {
      case ALONG, ONCOMING -> shiftMps;
      case FROM_LEFT -> -speedMps;
      case FROM_RIGHT -> speedMps;
    };
  }

  /** Heading relative to the road's, radians. */
  public double headingRad() {
    double lean = shiftMps == 0 ? 0 : Math.atan(shiftMps / Math.max(speedMps, 2));
    return switch (course) {
      case ALONG -> lean;
      case ONCOMING -> Math.PI - lean;
      case FROM_LEFT -> -Math.PI / 2;
      case FROM_RIGHT -> Math.PI / 2;
    };
  }

  /** Whether the brake lights are on. */
  public boolean braking() {
    if (parked || brokenDown || kind == Kind.CYCLIST) {
      return false;
    }
    return accelMps2 < -0.6 || speedMps < 0.2 && accelMps2 < 0.1;
  }

  /** Whether it is moving over to another offset now. */
  public boolean shifting() {
    return shifting;
  }

  /** The offset d it stays at, or moves to once it has begun to, metres. */
  public double targetD() {
    return shifting ? shifts[shift].toD() : d;
  }

  /** Which of its own sides it says it will turn to. */
  public Indicator showing() {
    if (indicator != Indicator.OFF || !signals || shift >= shifts.length || kind == Kind.CYCLIST) {
      return indicator;
    }
    double way = shifts[shift].toD() - (shifting ? shiftFromD : d);
    return way > 0 == (course == Course.ALONG) ? Indicator.LEFT : Indicator.RIGHT;
  }

  /** Whether the lamps that blink are in the lit half of their period. */
  public boolean blinkOn(double timeS) {
    double beat = timeS * BLINK_HZ + 0.37 * id;
    return beat - Math.floor(beat) < 0.5;
  }

  /**
   * Puts it into the midst of its first change of lane.
   *
   * @param done share of the time it takes, 0..1
   */
  public void beginShift(double done) {
    shifting = true;
    shiftFromD = d;
    shiftDone = done;
    place();
  }

  /** Acceleration it wants for its phases' sake, m/s^2. */
  double wish(double timeS, double egoFrontS) {
    if (goesWithinM > 0) {
      if (Math.abs(s - egoFrontS) > goesWithinM) {
        return speedMps < 0.01 ? 0 : phases.length == 0 ? 0 : towards(phases[0]);
      }
      goesWithinM = 0;
      wentAtS = timeS;
    }
    double wish = 0;
    for (Phase phase : phases) {
      if (timeS - wentAtS > phase.startS() - 1e-6) {
        wish = towards(phase);
      }
    }
    return wish;
  }

  private double towards(Phase phase) {
    return Math.clamp((phase.targetMps() - speedMps) / 0.4, -phase.rateMps2(), phase.rateMps2());
  }

  /** Moves on along its course and to the side. */
  void move(double h, double accel, double timeS, double egoFrontS) {
    double before = speedMps;
    double after = Math.max(0, before + accel * h);
    accelMps2 = after == 0 && before < 1e-3 ? 0 : accel;
    speedMps = after;
    double way = 0.5 * (before + after) * h;
    switch (course) {
      case ALONG -> s += way;
      case ONCOMING -> s -= way;
      case FROM_LEFT -> d -= way;
      case FROM_RIGHT -> d += way;
    }
    if (!shifting && shift < shifts.length && due(shifts[shift], timeS, egoFrontS)) {
      shifting = true;
      shiftFromD = d;
      shiftDone = 0;
    }
    if (shifting) {
      shiftDone += h / shifts[shift].durationS() * Math.min(1, speedMps / 1.5);
      place();
    }
  }

  private boolean due(Shift next, double timeS, double egoFrontS) {
    return switch (next.when()) {
      case AT_TIME -> timeS > next.value() - 1e-6;
      case AHEAD_OF_EGO -> rearS() - egoFrontS > next.value();
      case EGO_WITHIN -> Math.abs(rearS() - egoFrontS) < next.value();
      case AT_S -> course == Course.ONCOMING ? s < next.value() : s > next.value();
    };
  }

  /** Offset and lateral speed on the way of a change of lane: smooth at both ends. */
  private void place() {
    Shift now = shifts[shift];
    double u = Math.min(1, shiftDone);
    double way = now.toD() - shiftFromD;
    d = shiftFromD + way * u * u * (3 - 2 * u);
    shiftMps = way * 6 * u * (1 - u) / now.durationS() * Math.min(1, speedMps / 1.5);
    if (u >= 1) {
      shifting = false;
      shiftMps = 0;
      shift++;
    }
  }

  /** Whether it still has to stop at a stop sign whose line is gapM ahead; counts its second. */
  boolean mustStopAtSign(double gapM, double h) {
    if (gapM < 0 || gapM > 40) {
      return false;
    }
    if (gapM < 4 && speedMps < 0.3) {
      stoodAtSignS += h;
    }
    return stoodAtSignS < 1;
  }
}
