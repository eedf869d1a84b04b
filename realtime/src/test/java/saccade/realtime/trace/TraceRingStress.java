package saccade.realtime.trace;

import static org.openjdk.jcstress.annotations.Expect.ACCEPTABLE;
import static org.openjdk.jcstress.annotations.Expect.FORBIDDEN;

import java.lang.foreign.MemorySegment;
import org.openjdk.jcstress.annotations.Actor;
import org.openjdk.jcstress.annotations.JCStressTest;
import org.openjdk.jcstress.annotations.Outcome;
import org.openjdk.jcstress.annotations.State;
import org.openjdk.jcstress.infra.results.III_Result;

/** What the reader of a trace ring may see of its writer. Run by {@link TraceStressTest}. */
public final class TraceRingStress {
  private TraceRingStress() {}

  /** A record is seen whole or not at all, also where it takes the place of one that was read. */
  @JCStressTest
  @Outcome(id = "0, 0, 0", expect = ACCEPTABLE, desc = "not there yet")
  @Outcome(id = "1, 7, 7", expect = ACCEPTABLE, desc = "the first, whole")
  @Outcome(id = "2, 9, 9", expect = ACCEPTABLE, desc = "the first was taken: the second, whole")
  @Outcome(expect = FORBIDDEN, desc = "half a record, or an overwritten one")
  @State
  public static class RecordsAreWhole {
    final TraceRing ring = new TraceRing(MemorySegment.ofArray(new long[16])); // two places

    @Actor
    public void writer() {
      ring.put(TraceKind.SET, 0, 0, 1, 7, 0, 0, 0, 0, 0, 7);
      ring.put(TraceKind.SET, 0, 0, 2, 9, 0, 0, 0, 0, 0, 9);
    }

    @Actor
    public void reader(III_Result r) {
      for (int look = 0; look < 2; look++) {
        MemorySegment one = ring.peek(1);
        if (one.byteSize() > 0) {
          long b = one.get(TraceRing.WORD, 0) >>> 32;
          boolean gap = (one.get(TraceRing.WORD, 0) & 0xff) == TraceKind.GAP.code();
          if (!gap) {
            r.r1 = (int) b;
            r.r2 = (int) one.get(TraceRing.WORD, 8);
            r.r3 = (int) one.get(TraceRing.WORD, 56);
          }
          ring.taken(1);
        }
      }
    }
  }
}
