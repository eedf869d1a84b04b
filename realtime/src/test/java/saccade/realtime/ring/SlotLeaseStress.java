package saccade.realtime.ring;

import static org.openjdk.jcstress.annotations.Expect.ACCEPTABLE;
import static org.openjdk.jcstress.annotations.Expect.FORBIDDEN;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import org.openjdk.jcstress.annotations.Actor;
import org.openjdk.jcstress.annotations.Arbiter;
import org.openjdk.jcstress.annotations.JCStressTest;
import org.openjdk.jcstress.annotations.Outcome;
import org.openjdk.jcstress.annotations.State;
import org.openjdk.jcstress.infra.results.IIII_Result;
import org.openjdk.jcstress.infra.results.III_Result;
import org.openjdk.jcstress.infra.results.II_Result;

/** What writer and reader of a slot may see of each other. Run by {@link JcstressTest}. */
public final class SlotLeaseStress {

  private SlotLeaseStress() {}

  private static void fill(MemorySegment slot, int value) {
    slot.set(ValueLayout.JAVA_INT, 0, value);
    slot.set(ValueLayout.JAVA_INT, 60, value);
  }

  /** One slot, ready with content 1. */
  abstract static class OneReadySlot {
    final SlotPool pool = new SlotPool(MemorySegment.ofArray(new long[8]), 1, 64);
    final long first = pool.claim();

    OneReadySlot() {
      fill(pool.segment(first), 1);
      pool.publish(first);
    }
  }

  /** The writer retakes and rewrites the slot that a reader tries to lease. */
  @JCStressTest
  @Outcome(
      id = "1, 1, 0",
      expect = ACCEPTABLE,
      desc = "the reader has the lease: old content, no rewriting")
  @Outcome(
      id = "0, 0, 1",
      expect = ACCEPTABLE,
      desc = "the writer has retaken the slot: nothing to read")
  @Outcome(expect = FORBIDDEN, desc = "rewritten under a lease, or both won, or nobody")
  @State
  public static class LeaseExcludesRewriting extends OneReadySlot {
    @Actor
    public void writer(III_Result r) {
      long again = pool.retake(first);
      if (again >= 0) {
        fill(pool.segment(again), 2);
        pool.publish(again);
        r.r3 = 1;
      }
    }

    @Actor
    public void reader(III_Result r) {
      if (pool.lease(first)) {
        MemorySegment slot = pool.segment(first);
        r.r1 = slot.get(ValueLayout.JAVA_INT, 60);
        r.r2 = slot.get(ValueLayout.JAVA_INT, 0);
      }
    }
  }

  /** The reader ends its lease while the writer looks for a free slot to rewrite. */
  @JCStressTest
  @Outcome(id = "1, 1, 0", expect = ACCEPTABLE, desc = "the writer came before the release")
  @Outcome(id = "1, 1, 1", expect = ACCEPTABLE, desc = "the writer came after the release")
  @Outcome(expect = FORBIDDEN, desc = "the reader saw what was written after its lease")
  @State
  public static class ReleaseComesBeforeRewriting extends OneReadySlot {
    public ReleaseComesBeforeRewriting() {
      pool.lease(first);
    }

    @Actor
    public void reader(III_Result r) {
      MemorySegment slot = pool.segment(first);
      r.r1 = slot.get(ValueLayout.JAVA_INT, 60);
      r.r2 = slot.get(ValueLayout.JAVA_INT, 0);
      pool.release(first);
    }

    @Actor
    public void writer(III_Result r) {
      long again = pool.claim();
      if (again >= 0) {
        fill(pool.segment(again), 2);
        r.r3 = 1;
      }
    }
  }

  /** Two holders give their leases back at once: the slot is free afterwards, and only once. */
  @JCStressTest
  @Outcome(id = "1, 0", expect = ACCEPTABLE, desc = "free, no lease left")
  @Outcome(expect = FORBIDDEN, desc = "a lease was lost or invented")
  @State
  public static class LeasesAreNotLost extends OneReadySlot {
    public LeasesAreNotLost() {
      pool.lease(first);
      pool.retain(first);
    }

    @Actor
    public void one() {
      pool.release(first);
    }

    @Actor
    public void other() {
      pool.retain(first);
      pool.release(first);
      pool.release(first);
    }

    @Arbiter
    public void count(II_Result r) {
      r.r1 = pool.freeCount();
      r.r2 = pool.leasedCount();
    }
  }

  /**
   * A ring of two slots with both ready: the producer overruns while the consumer takes and reads.
   */
  @JCStressTest
  @Outcome(id = "1, 1, 1, 0", expect = ACCEPTABLE, desc = "took the first before it was retaken")
  @Outcome(id = "2, 2, 2, 0", expect = ACCEPTABLE, desc = "the first was retaken, took the second")
  @Outcome(
      expect = FORBIDDEN,
      desc = "stamp and content do not belong together, or the ledger is wrong")
  @State
  public static class RingNeverMixesFrames {
    final FrameRing ring =
        new FrameRing(
            0,
            "stress",
            new SlotPool(MemorySegment.ofArray(new long[16]), 2, 64),
            OverrunPolicy.LATEST_WINS,
            new Doorbell());
    final FrameView view = new FrameView();

    public RingNeverMixesFrames() {
      send(1);
      send(2);
    }

    private void send(int value) {
      long handle = ring.tryClaim(value);
      if (handle >= 0) {
        fill(ring.slot(handle), value);
        ring.publish(handle, value, 64, 0, 0, 0, value);
      }
    }

    @Actor
    public void producer() {
      send(3);
    }

    @Actor
    public void consumer(IIII_Result r) {
      if (ring.takeNext(view, 0)) {
        r.r1 = (int) view.captureNs();
        r.r2 = view.payload().get(ValueLayout.JAVA_INT, 60);
        r.r3 = view.payload().get(ValueLayout.JAVA_INT, 0);
      }
    }

    @Arbiter
    public void account(IIII_Result r) {
      r.r4 = (int) ring.ledger().balance();
    }
  }
}
