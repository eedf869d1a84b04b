package saccade.nodes.dashboard;

import saccade.planner.PlannerMessage;
import saccade.planner.PlannerMessage.Kind;

/** Hot path, control thread. Age and kind of the last messages, all of them. Allocates nothing. */
final class AgeHistory {
  static final int LENGTH = 240;

  private final long[] agesNs = new long[LENGTH]; // ring
  private final byte[] kinds = new byte[LENGTH]; // ring: ordinal of Kind
  private long count;

  void add(PlannerMessage message) {
    if (message.kind() != Kind.STARTING && message.kind() != Kind.DESCRIPTION) {
      int at = (int) (count % LENGTH);
      agesNs[at] = message.ageNs();
      kinds[at] = (byte) message.kind().ordinal();
      count++;
    }
  }

  void copyTo(AgeHistory other) {
    System.arraycopy(agesNs, 0, other.agesNs, 0, LENGTH);
    System.arraycopy(kinds, 0, other.kinds, 0, LENGTH);
    other.count = count;
  }

  /** How many there are, at most {@link #LENGTH}. */
  int size() {
    return (int) Math.min(count, LENGTH);
  }

  /** Of the i-th, 0 = oldest. */
  long ageNs(int i) {
    return agesNs[(int) ((count - size() + i) % LENGTH)];
  }

  /** Of the i-th, 0 = oldest; ordinal of {@link Kind}. */
  int kind(int i) {
    return kinds[(int) ((count - size() + i) % LENGTH)];
  }
}
