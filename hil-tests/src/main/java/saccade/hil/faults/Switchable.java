package saccade.hil.faults;

import java.util.Map;

/** A source whose fault somebody switches on and off. */
interface Switchable {
  /** Any thread. */
  void fault(boolean now);

  /** Any thread. What the product's parts within it have counted, by the names of {@link Tally}. */
  Map<String, Long> counts();
}
