package saccade.hil.faults;

import java.util.List;
import java.util.function.Predicate;
import saccade.planner.PlannerMessage;

/**
 * A run round a fault: what it had counted, and what the planner heard.
 *
 * @param before while all was well, a while ahead of the fault
 * @param on when the fault began
 * @param off when it ended
 * @param end after the run
 * @param heard messages from the fault's begin until all was well again, in order
 */
record Observation(Tally before, Tally on, Tally off, Tally end, List<PlannerMessage> heard) {
  Observation {
    heard = List.copyOf(heard);
  }

  /** How often something was counted from the fault's begin on. */
  long since(String name) {
    return end.of(name) - on.of(name);
  }

  /**
   * Likewise, less what would have been counted anyway, had it gone on as before: a busy machine
   * counts by itself.
   */
  long beyondUsual(String name) {
    double seconds = Math.max(1, on.atNs() - before.atNs());
    double usual = (on.of(name) - before.of(name)) * (end.atNs() - on.atNs()) / seconds;
    return Math.max(0, since(name) - (long) Math.ceil(usual));
  }

  /** Frames of a sensor that did not come during the fault, in percent of those expected. */
  long silence(String sensor) {
    String sent = Tally.sent(sensor);
    double seconds = Math.max(1, on.atNs() - before.atNs());
    double expected = (on.of(sent) - before.of(sent)) * (off.atNs() - on.atNs()) / seconds;
    double came = off.of(sent) - on.of(sent);
    return expected <= 0 ? 0 : Math.max(0, Math.round(100 * (1 - came / expected)));
  }

  /** Messages that say something. */
  long said(Predicate<PlannerMessage> what) {
    return heard.stream().filter(what).count();
  }

  /**
   * Messages that miss a sensor, less those that miss the sensor which is missed most beside it.
   */
  long missedMore(String sensor) {
    long most =
        heard.stream()
            .flatMap(message -> message.sensorsMissing().stream())
            .distinct()
            .filter(name -> !name.equals(sensor) && !name.startsWith("camera ")) // never there
            .mapToLong(this::missed)
            .max()
            .orElse(0);
    return Math.max(0, missed(sensor) - most);
  }

  private long missed(String sensor) {
    return said(message -> message.sensorsMissing().contains(sensor));
  }
}
