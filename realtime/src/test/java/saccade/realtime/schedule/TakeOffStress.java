package saccade.realtime.schedule;

import static org.openjdk.jcstress.annotations.Expect.ACCEPTABLE;
import static org.openjdk.jcstress.annotations.Expect.FORBIDDEN;

import org.openjdk.jcstress.annotations.Actor;
import org.openjdk.jcstress.annotations.Arbiter;
import org.openjdk.jcstress.annotations.JCStressTest;
import org.openjdk.jcstress.annotations.Outcome;
import org.openjdk.jcstress.annotations.State;
import org.openjdk.jcstress.infra.results.IIII_Result;

/** A slice comes back while somebody takes it off. Run by {@link TakeOffStressTest}. */
public final class TakeOffStress {
  private TakeOffStress() {}

  /**
   * Either it has come back and is queued again, or it was taken off and told so: by the thread
   * that ran it, by the one that took it off, how often it was told, slices queued.
   */
  @JCStressTest
  @Outcome(id = "1, 0, 0, 1", expect = ACCEPTABLE, desc = "it came back, and goes on")
  @Outcome(id = "2, 1, 1, 0", expect = ACCEPTABLE, desc = "taken off: its thread is left with it")
  @Outcome(expect = FORBIDDEN, desc = "both have the queue, or nobody")
  @State
  public static class OneOfTheTwoHasTheQueue {
    final EdfScheduler scheduler = new EdfScheduler(() -> 0, 2);
    int told; // by the thread that ran it
    final TestSlice slice =
        new TestSlice(new SliceKind("hangs"), Criticality.ACTION) {
          @Override
          public Outcome run(long nowNs) {
            return Outcome.MORE;
          }

          @Override
          public void expired(long nowNs) {
            told++;
          }
        };

    public OneOfTheTwoHasTheQueue() {
      scheduler.offer(slice);
    }

    @Actor
    public void lane(IIII_Result r) {
      r.r1 = scheduler.next(0).ordinal();
    }

    @Actor
    public void watch(IIII_Result r) {
      r.r2 = scheduler.takeOff(slice) ? 1 : 0;
    }

    @Arbiter
    public void then(IIII_Result r) {
      r.r3 = told;
      r.r4 = scheduler.queued();
    }
  }
}
