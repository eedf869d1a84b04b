package saccade.hil.faults;

/** A source whose fault somebody switches on and off. */
interface Switchable {
  /** Any thread. */
  void fault(boolean now);
}
