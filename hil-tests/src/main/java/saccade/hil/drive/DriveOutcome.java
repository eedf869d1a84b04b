package saccade.hil.drive;

import saccade.sim.Scoreboard;
import saccade.sim.truth.RecordedDrive;

/**
 * What one drive came to.
 *
 * @param trace every command
 * @param score the referee's view
 * @param fresh messages of kind FRESH
 * @param cutShort messages of kind CUT_SHORT
 * @param fallback messages of kind FALLBACK
 * @param misses deadlines without an answer in time
 * @param disturbed frames that were lost, late or came twice on purpose
 * @param way where it was at each set's capture
 */
public record DriveOutcome(
    ControlTrace trace,
    Scoreboard score,
    long fresh,
    long cutShort,
    long fallback,
    long misses,
    long disturbed,
    RecordedDrive way) {}
