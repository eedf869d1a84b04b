package saccade.nodes.sensor;

import java.util.Locale;

/**
 * How a live sensor's own clock stands to the clock of the capture stamps, as estimated by {@link
 * saccade.realtime.clock.ClockMap}.
 *
 * @param sensor its name
 * @param basis what its capture stamps come from
 * @param offsetNs capture clock minus its own, ns; 0 where it has none
 * @param driftPpm how much faster the capture clock runs, parts per million; 0 until it is known
 * @param jumps times its clock was set, reset or looped
 * @param samples frames taken in
 */
public record SensorClock(
    String sensor, Basis basis, long offsetNs, double driftPpm, long jumps, long samples) {

  /** What capture stamps come from. */
  public enum Basis {
    /** The sensor's own stamps, brought into the capture clock. */
    OWN_STAMPS,
    /** The instant a frame arrived: the sensor says nothing, or nothing that can be believed. */
    ARRIVAL
  }

  /** One line for people. */
  public String line() {
    if (basis == Basis.ARRIVAL) {
      return sensor + ": without stamps of its own, stamped on arrival, " + samples + " frames";
    }
    return String.format(
        Locale.ROOT,
        "%s: offset %.6f s, drift %+.1f ppm, %d jumps, %d frames",
        sensor,
        offsetNs * 1e-9,
        driftPpm,
        jumps,
        samples);
  }
}
