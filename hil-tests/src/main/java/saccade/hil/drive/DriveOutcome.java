package saccade.hil.drive;

import java.util.List;
import saccade.sim.Scoreboard;
import saccade.sim.export.RecordedDrive;

/**
 * What one drive came to.
 *
 * @param trace every command
 * @param speedsMps (sets) speed at each set's capture, m/s
 * @param score the referee's view
 * @param fresh messages of kind FRESH
 * @param cutShort messages of kind CUT_SHORT
 * @param fallback messages of kind FALLBACK
 * @param misses deadlines without an answer in time
 * @param disturbed frames that were lost, late or came twice on purpose
 * @param way where it went
 */
public record DriveOutcome(
    ControlTrace trace,
    List<Double> speedsMps,
    Scoreboard score,
    long fresh,
    long cutShort,
    long fallback,
    long misses,
    long disturbed,
    RecordedDrive way) {
  public DriveOutcome {
    speedsMps = List.copyOf(speedsMps);
  }
}
