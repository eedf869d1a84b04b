package saccade.hil.faults;

import java.util.Arrays;
import java.util.List;
import java.util.function.Predicate;
import java.util.function.ToLongFunction;
import saccade.planner.PlannerMessage;
import saccade.realtime.ledger.DropReason;

/**
 * What a run must have counted for its fault to be shown. A run that merely went well may be one in
 * which nothing was wrong.
 *
 * @param what in words
 * @param least of it
 * @param counted how much of it a run has
 */
record Evidence(String what, long least, ToLongFunction<Observation> counted) {
  private static final long HALF = 50; // percent

  /** Something that the run counts, more often than before the fault. */
  static Evidence counted(long least, String... names) {
    return new Evidence(
        String.join(" or ", names),
        least,
        seen -> Arrays.stream(names).mapToLong(seen::beyondUsual).sum());
  }

  /** Frames that were refused for this. */
  static Evidence refused(long least, DropReason... reasons) {
    return counted(least, Arrays.stream(reasons).map(Tally::refused).toArray(String[]::new));
  }

  /** Sensors of which less than half came. */
  static Evidence silent(List<String> sensors) {
    return new Evidence(
        "% of the frames of " + String.join(", ", sensors) + " did not come",
        HALF,
        seen -> sensors.stream().mapToLong(seen::silence).min().orElse(0));
  }

  /** Messages whose reason says so. */
  static Evidence said(long least, String words) {
    return told(least, "messages that say \"" + words + "\"", m -> m.reason().contains(words));
  }

  /** Messages that are like that. */
  static Evidence told(long least, String what, Predicate<PlannerMessage> like) {
    return new Evidence(what, least, seen -> seen.said(like));
  }

  /** Both of them. */
  Evidence with(Evidence other) {
    return new Evidence(
        what + ", and " + other.what,
        1,
        seen -> lacking(seen).isEmpty() && other.lacking(seen).isEmpty() ? 1 : 0);
  }

  /** What of it a run has, one line. */
  String found(Observation seen) {
    return "counted: " + counted.applyAsLong(seen) + " " + what;
  }

  /** Why a run does not show the fault, one line; empty when it does. */
  String lacking(Observation seen) {
    long found = counted.applyAsLong(seen);
    return found >= least ? "" : "not shown: wanted " + least + " " + what + ", found " + found;
  }
}
