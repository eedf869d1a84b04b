package saccade.nodes.zenoh.rmw;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteOrder;

/**
 * Hot path, no allocation. The newest number of each publisher of one topic, by its global id: what
 * is missing between two of them was lost on the way. Remembers the last {@value #PUBLISHERS}
 * publishers that came; the rule is that of rmw_zenoh's event MESSAGE_LOST. One thread at a time.
 */
final class SequenceGaps {
  static final int PUBLISHERS = 64;

  /** A number this far behind is no straggler: the publisher counts anew. */
  static final long STRAGGLERS = 64;

  /** A step no publisher makes: its numbers mean something else, or begin anew. */
  private static final long MOST = 1L << 31;

  private static final VarHandle LONG =
      MethodHandles.byteArrayViewVarHandle(long[].class, ByteOrder.LITTLE_ENDIAN);

  private final long[] low = new long[PUBLISHERS];
  private final long[] high = new long[PUBLISHERS];
  private final long[] newest = new long[PUBLISHERS];
  private int known;
  private int next; // overwritten when all places are taken

  /**
   * How many messages of this publisher are missing before this one: 0 for its first one, for one
   * that comes late or again, and for one without number or id.
   *
   * @param gid 16 bytes, all 0 for unknown
   * @param number as the publisher counts, negative for unknown
   */
  long before(byte[] gid, long number) {
    long a = (long) LONG.get(gid, 0);
    long b = (long) LONG.get(gid, 8);
    if (number < 0 || (a | b) == 0) {
      return 0;
    }
    for (int i = 0; i < known; i++) {
      if (low[i] == a && high[i] == b) {
        long step = number - newest[i];
        if (step > 0 || step < -STRAGGLERS) {
          newest[i] = number;
        }
        return step > 1 && step <= MOST ? step - 1 : 0;
      }
    }
    int at = known < PUBLISHERS ? known++ : next++ % PUBLISHERS;
    next %= PUBLISHERS;
    low[at] = a;
    high[at] = b;
    newest[at] = number;
    return 0;
  }
}
