package saccade.sim;

/**
 * The referee's view of a drive so far. For reports and tests; nothing on the way from sensors to
 * commands reads it.
 *
 * @param collisions number of different objects hit
 * @param redLightsRun stop lines crossed with the front bumper while the light was red
 * @param stoppedBehindLeadGapM gap when the ego first stood behind a car, metres; NaN when it never
 *     did
 * @param stoppedBehindLeadAtS simulated time of that, seconds; NaN when it never did
 * @param stoppedAtRedM metres from front bumper to the line when the ego first stood at a red
 *     light; NaN when never
 * @param stoppedAtRedAtS simulated time of that, seconds; NaN when never
 * @param droveOnAtGreenS seconds from green to the ego moving again, after standing at red; NaN
 *     when never
 * @param distanceM driven distance, metres
 * @param minTimeToCollisionS least gap / closing speed to anything in the path, seconds; infinite
 *     when nothing closed
 * @param maxLateralM largest distance from the lane centre, metres
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
    double maxLateralM) {}
