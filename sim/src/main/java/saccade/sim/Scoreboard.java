package saccade.sim;

/**
 * The referee's view of a drive so far. For reports and tests; nothing on the way from sensors to
 * commands reads it.
 *
 * @param collisions number of different objects hit
 * @param redLightsRun stop lines crossed with the front bumper while the light was red
 * @param stoppedBehindLeadGapM gap when the ego first stood behind a vehicle, metres; NaN when it
 *     never did
 * @param stoppedBehindLeadAtS simulated time of that, seconds; NaN when it never did
 * @param stoppedAtRedM metres from front bumper to the line when the ego first stood at a red
 *     light; NaN when never
 * @param stoppedAtRedAtS simulated time of that, seconds; NaN when never
 * @param droveOnAtGreenS seconds from green to the ego moving again, after standing at red; NaN
 *     when never
 * @param distanceM driven distance, metres
 * @param minTimeToCollisionS least gap / closing speed to anything in the path, seconds; infinite
 *     when nothing closed
 * @param maxLateralM largest distance of the rear axle from the lane centre, metres
 * @param stopSignsRun lines of stop signs crossed without having stood before them for 0.5 s
 * @param laneDepartures times that the ego left the asphalt, or crossed into the oncoming lane with
 *     nothing there to go round
 * @param falseStops times that it stood for 3 s with nothing to stand for
 * @param progress share of the way to the scenario's goal, 0..1; 1 where there is no goal
 * @param comfort how smooth it was
 */
public record Scoreboard(
    int collisions,
    int redLightsRun,
    double stoppedBehindLeadGapM,
    double stoppedBehindLeadAtS,
    double stoppedAtRedM,
    double stoppedAtRedAtS,
    double droveOnAtGreenS,
    double distanceM,
    double minTimeToCollisionS,
    double maxLateralM,
    int stopSignsRun,
    int laneDepartures,
    int falseStops,
    double progress,
    Comfort comfort) {

  /**
   * Accelerations of the drive, and jerk from their differences over 0.1 s.
   *
   * @param maxAccelMps2 largest size of the longitudinal acceleration, m/s^2
   * @param rmsAccelMps2 its root mean square over time
   * @param maxJerkMps3 largest size of the longitudinal jerk, m/s^3
   * @param rmsJerkMps3 its root mean square over time
   * @param maxLateralMps2 largest size of speed times yaw rate, m/s^2
   * @param rmsLateralMps2 its root mean square over time
   */
  public record Comfort(
      double maxAccelMps2,
      double rmsAccelMps2,
      double maxJerkMps3,
      double rmsJerkMps3,
      double maxLateralMps2,
      double rmsLateralMps2) {}

  /**
   * Nothing hit, no light or sign run, the lane kept, the goal reached, no stop without a reason.
   */
  public boolean clean() {
    return collisions == 0
        && redLightsRun == 0
        && stopSignsRun == 0
        && laneDepartures == 0
        && falseStops == 0
        && progress >= 1;
  }
}
