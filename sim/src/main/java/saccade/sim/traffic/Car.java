package saccade.sim.traffic;

/**
 * Another vehicle, in road coordinates. A moving one aims at the target speed of its latest phase;
 * in the ego lane it also keeps its distance to the car before it and stops at red lights unless
 * told not to.
 */
public final class Car {
  /** From startS on aim at targetMps, changing speed by at most rateMps2. */
  public record Phase(double startS, double targetMps, double rateMps2) {}

  public final int id;

  /** Centre along the road, metres. */
  public double s;

  /** Centre across the road, metres. */
  public double d;

  /** Along the car's own heading, m/s, &gt;= 0. */
  public double speedMps;

  public double accelMps2;
  public boolean oncoming;
  public boolean parked;
  public boolean obeysLights = true;

  /** Stands in the lane with its brake lights off. */
  public boolean brokenDown;

  /** Ascending by start. */
  public Phase[] phases = {};

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

  public Car(int id, double s, double d) {
    this.id = id;
    this.s = s;
    this.d = d;
  }

  /** Where the end that the ego comes upon lies along the road, metres. */
  public double rearS() {
    return s - lengthM / 2;
  }

  /** Speed along the road, m/s, negative for oncoming traffic. */
  public double alongMps() {
    return oncoming ? -speedMps : speedMps;
  }

  /** Whether the brake lights are on. */
  public boolean braking() {
    if (parked || brokenDown) {
      return false;
    }
    return accelMps2 < -0.6 || speedMps < 0.2 && accelMps2 < 0.1;
  }

  double wish(double timeS) {
    double target = speedMps;
    double rate = 1;
    for (Phase phase : phases) {
      if (timeS > phase.startS() - 1e-6) {
        target = phase.targetMps();
        rate = phase.rateMps2();
      }
    }
    return Math.clamp((target - speedMps) / 0.4, -rate, rate);
  }
}
