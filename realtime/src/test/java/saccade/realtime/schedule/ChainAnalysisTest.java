package saccade.realtime.schedule;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.List;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import org.junit.jupiter.api.Test;
import saccade.realtime.schedule.ChainAnalysis.Chain;
import saccade.realtime.schedule.ChainAnalysis.Result;
import saccade.realtime.schedule.ChainAnalysis.Task;
import saccade.realtime.schedule.ChainAnalysis.Trigger;

class ChainAnalysisTest {
  private static Task task(String name, String lane, long cost, long slice, long period) {
    return new Task(name, lane, cost, slice, period, Trigger.DATA);
  }

  @Test
  void theTextbookExample() {
    // C = 1, 2, 3, T = 4, 6, 13 (slices are points): responses 1, 3, 10 under rate-monotonic order.
    ChainAnalysis analysis =
        new ChainAnalysis(
            List.of(
                task("a", "cpu", 1, 0, 4), task("b", "cpu", 2, 0, 6), task("c", "cpu", 3, 0, 13)),
            List.of(
                new Chain("A", List.of("a"), 0, 4),
                new Chain("B", List.of("b"), 0, 6),
                new Chain("C", List.of("c"), 0, 13)));
    Result result = analysis.optimise();
    assertTrue(result.schedulable(), result.reasons().toString());
    assertEquals(1, result.responseNs().get("a"));
    assertEquals(3, result.responseNs().get("b"));
    assertEquals(10, result.responseNs().get("c"));
    assertEquals(List.of("a", "b", "c"), result.order());
  }

  @Test
  void urgentWorkWaitsForOneSliceOfWhatIsLessUrgent() {
    ChainAnalysis analysis =
        new ChainAnalysis(
            List.of(task("action", "lane", 30, 5, 100), task("text", "lane", 40, 8, 100)),
            List.of(
                new Chain("to action", List.of("action"), 10, 60),
                new Chain("text", List.of("text"), 10, 100)));
    Result result = analysis.optimise();
    assertTrue(result.schedulable(), result.reasons().toString());
    assertEquals(38, result.responseNs().get("action"));
    assertEquals(48, result.chains().getFirst().latencyNs());
  }

  @Test
  void searchesBeyondTightestFirst() {
    // "long" is the tighter chain and gets the lane; then "quick" is late at its end on another
    // lane, while "long" could well wait for it.
    ChainAnalysis analysis =
        new ChainAnalysis(
            List.of(
                task("long", "lane", 20, 5, 200),
                task("quick", "lane", 10, 10, 200),
                task("tail", "other", 25, 25, 200)),
            List.of(
                new Chain("long", List.of("long"), 0, 40),
                new Chain("quick", List.of("quick", "tail"), 0, 50)));
    assertFalse(analysis.under(List.of("long", "quick", "tail")).schedulable());
    Result result = analysis.optimise();
    assertTrue(result.schedulable(), result.reasons().toString());
    assertEquals(List.of("quick", "long", "tail"), result.order());
    assertEquals(40, result.chains().get(1).latencyNs(), "5 blocked, 10, 25");
  }

  @Test
  void saysWhyNot() {
    ChainAnalysis overloaded =
        new ChainAnalysis(
            List.of(task("a", "cpu", 60, 10, 100), task("b", "cpu", 70, 10, 100)),
            List.of(new Chain("A", List.of("a"), 0, 90), new Chain("B", List.of("b"), 0, 90)));
    Result result = overloaded.optimise();
    assertFalse(result.schedulable());
    assertTrue(
        result.reasons().getFirst().contains("lane cpu: its tasks want 130 %"),
        result.reasons().toString());
    assertTrue(result.reasons().stream().anyMatch(r -> r.startsWith("chain B")));
  }

  @Test
  void aTimerCostsItsPeriod() {
    ChainAnalysis analysis =
        new ChainAnalysis(
            List.of(
                task("model", "lane", 30, 5, 100),
                new Task("control", "control", 1, 1, 20, Trigger.TIMER)),
            List.of(new Chain("to command", List.of("model", "control"), 0, 60)));
    assertEquals(30 + 1 + 20, analysis.optimise().chains().getFirst().latencyNs());
    assertThrows(
        IllegalArgumentException.class,
        () -> new ChainAnalysis(List.of(), List.of(new Chain("x", List.of("y"), 0, 1))));
  }

  /** The bound is a bound: a schedule of releases at one instant never takes longer. */
  @Property(tries = 200)
  void simulationNeverExceedsTheResponse(
      @ForAll @IntRange(min = 1, max = 20) int a,
      @ForAll @IntRange(min = 1, max = 20) int b,
      @ForAll @IntRange(min = 1, max = 20) int c,
      @ForAll @IntRange(min = 25, max = 60) int ta,
      @ForAll @IntRange(min = 25, max = 90) int tb) {
    ChainAnalysis analysis =
        new ChainAnalysis(
            List.of(task("a", "x", a, a, ta), task("b", "x", b, b, tb), task("c", "x", c, c, 200)),
            List.of(
                new Chain("A", List.of("a"), 0, 500),
                new Chain("B", List.of("b"), 0, 500),
                new Chain("C", List.of("c"), 0, 500)));
    Result bound = analysis.under(List.of("a", "b", "c"));
    long[] cost = {a, b, c};
    long[] period = {ta, tb, 200};
    for (int offset = 0; offset < 20; offset++) {
      long[] release = {offset, offset / 2, 0};
      long now = 0;
      while (now < 2_000) {
        int next = -1;
        for (int i = 0; i < 3 && next < 0; i++) {
          next = release[i] <= now ? i : -1;
        }
        if (next < 0) {
          now++;
          continue;
        }
        now += cost[next];
        long limit = bound.responseNs().get(List.of("a", "b", "c").get(next));
        if (limit < period[next]) { // else runs of the task itself overlap
          assertTrue(
              now - release[next] <= limit, "task " + next + " took " + (now - release[next]));
        }
        release[next] += period[next];
      }
    }
  }
}
