package saccade.realtime.overload;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.ArrayList;
import java.util.List;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.DoubleRange;
import net.jqwik.api.constraints.IntRange;
import org.junit.jupiter.api.Test;
import saccade.realtime.deadline.BudgetController;
import saccade.realtime.deadline.Decision;
import saccade.realtime.deadline.DegradeLadder;
import saccade.realtime.deadline.MeasuredWorth;
import saccade.realtime.deadline.Sight;
import saccade.realtime.deadline.WorkShape;
import saccade.realtime.overload.StreamRun.Figures;
import saccade.realtime.schedule.LatencyModel;
import saccade.realtime.schedule.LatencyTable;

/**
 * The seven policies in simulated time, with the slice times of the shipped model on six cameras
 * (processor time of the machine it was measured on, ms): 35 ms for a set in full.
 */
class StreamRunTest {
  private static final long MS = 1_000_000L;
  private static final double CAPACITY = 1000 / 35.0;
  private static final List<String> KINDS =
      List.of(
          "c0",
          "c1",
          "c2",
          "c3",
          "c4",
          "c5",
          "lidar",
          "assemble",
          "p0",
          "p1",
          "p2",
          "action",
          "sentence",
          "drafted",
          "action, whole",
          "text, whole");
  static final WorkShape SHAPE =
      new WorkShape(
          new int[] {0, 1, 2, 3, 4, 5, 6},
          new int[] {28, 28, 10, 10, 10, 10, 36},
          new int[] {14, 14, 4, 4, 4, 4, 36},
          new boolean[] {true, true, false, false, false, false, true},
          7,
          7,
          new int[] {8, 9, 10},
          new int[] {2, 2, 2},
          new boolean[] {false, true, true},
          14,
          15,
          18,
          6);
  private static final Terms TERMS = new Terms(30 * MS, 300 * MS, MeasuredWorth.SIX_CAMERAS);

  static LatencyModel measured() {
    LatencyModel model = new LatencyModel(KINDS);
    List<LatencyTable.Row> rows = new ArrayList<>();
    for (int camera = 0; camera < 6; camera++) {
      rows.add(row(camera, 0, 1.85, 2.2));
    }
    rows.add(row(6, 0, 0.6, 0.75));
    rows.add(row(7, 0, 0.6, 0.8));
    for (int block = 8; block <= 10; block++) {
      for (int size = 48; size <= 144; size += 16) {
        rows.add(row(block, size, 0.033 * size, 0.05 * size));
      }
    }
    rows.add(row(14, 32, 1.75, 3.7));
    rows.add(row(14, 48, 3.5, 7));
    rows.add(row(15, SHAPE.textSize(6, 2), 2, 5));
    rows.add(row(15, SHAPE.textSize(18, 2), 6.5, 14));
    model.seed(new LatencyTable("test", "test", rows));
    return model;
  }

  private static LatencyTable.Row row(int kind, int size, double p50Ms, double p99Ms) {
    return new LatencyTable.Row(
        KINDS.get(kind), size, Math.round(p50Ms * MS), Math.round(p99Ms * MS), 100);
  }

  private static SaccadePolicy saccade() {
    return new SaccadePolicy(
        new BudgetController(
            measured(),
            SHAPE,
            new DegradeLadder(DegradeLadder.Options.DEFAULT),
            MeasuredWorth.SIX_CAMERAS),
        3 * MS,
        0);
  }

  private static Policy named(String name) {
    return Baselines.all(SHAPE, Baselines.stageNs(SHAPE, measured())).stream()
        .filter(policy -> policy.name().equals(name))
        .findFirst()
        .orElseThrow();
  }

  private static StreamRun.Outcome run(Policy policy, double load, double spread, long seed) {
    RunClock.Simulated clock = RunClock.simulated(1_000 * MS);
    Arrivals arrivals =
        Arrivals.openLoop(
            1_000 * MS,
            0b1111111,
            90 * MS,
            new Arrivals.Stretch(0.5 * CAPACITY, 1_000 * MS),
            new Arrivals.Stretch(load * CAPACITY, 2_000 * MS),
            new Arrivals.Stretch(0.5 * CAPACITY, 2_000 * MS));
    Engine engine =
        new SimulatedEngine(
            SHAPE, KINDS, new TableTimes(SHAPE, measured(), seed, spread), clock, 1);
    return new StreamRun(arrivals, engine, policy, clock).run();
  }

  private static Figures underLoad(StreamRun.Outcome outcome) {
    Arrivals arrivals = outcome.arrivals();
    return outcome.figures(arrivals.from(2_000 * MS), arrivals.from(4_000 * MS), TERMS);
  }

  @Test
  void belowCapacityAllIsDoneInFullAndNothingIsMissed() {
    StreamRun.Outcome outcome = run(saccade(), 0.5, 1, 1);
    Figures figures = underLoad(outcome);
    assertEquals(0, figures.actionMisses());
    assertEquals(0, figures.reflexMisses());
    assertEquals(0, figures.unanswered());
    assertTrue(figures.useful() > 0.99, figures.toString());
    for (int set = 0; set < outcome.arrivals().count(); set++) {
      Decision decided = outcome.decision(set);
      assertNotNull(decided);
      assertEquals(Sight.WHOLE, decided.sight(), decided.line());
    }
  }

  @Test
  void overCapacityActionsAndReflexesAreOnTimeWhereAQueueIsNot() {
    for (double load : new double[] {1.5, 2, 3, 5}) {
      Figures ours = underLoad(run(saccade(), load, 1, 2));
      Figures queue = underLoad(run(named("fifo-10"), load, 1, 2));
      assertTrue(ours.reflexMisses() <= 0.005, load + ": " + ours);
      assertTrue(ours.actionMisses() <= 0.005, load + ": " + ours);
      assertTrue(queue.actionMisses() > 0.5, load + ": " + queue);
      assertTrue(ours.ageP99Ms() < 90, load + ": " + ours);
    }
  }

  @Test
  void makesMoreOfTheMachineThanAnyOtherAndIsSoonBackAtFullLevel() {
    for (double load : new double[] {1.5, 3, 5}) {
      StreamRun.Outcome outcome = run(saccade(), load, 1, 3);
      double ours = underLoad(outcome).useful();
      for (Policy other : Baselines.all(SHAPE, Baselines.stageNs(SHAPE, measured()))) {
        Figures theirs = underLoad(run(other, load, 1, 3));
        assertTrue(ours > 1.1 * theirs.useful(), load + ", " + other.name() + ": " + theirs);
      }
      assertTrue(outcome.recoveryS(4_000 * MS, 5) < 2, load + "x");
    }
  }

  @Property(tries = 25)
  void noReflexEverWaitsLongerThanOneSlice(
      @ForAll @DoubleRange(min = 0.2, max = 6) double load,
      @ForAll @DoubleRange(min = 0, max = 3) double spread,
      @ForAll @IntRange(min = 0, max = 1_000_000) int seed) {
    StreamRun.Outcome outcome = run(saccade(), load, spread, seed);
    // What arrived during one slice is done behind it, one reflex after the other.
    double inOneSlice = 1 + Math.ceil(outcome.longestSliceNs() * 1e-9 * load * CAPACITY);
    long reflexNs = 300_000L;
    assertTrue(
        outcome.longestReflexWaitNs() <= outcome.longestSliceNs() + inOneSlice * reflexNs,
        outcome.longestReflexWaitNs() + " > " + outcome.longestSliceNs());
    for (int set = 0; set < outcome.arrivals().count(); set++) {
      assertTrue(
          outcome.reflexNs(set) != StreamRun.Outcome.NONE, "reflex " + set + " was left out");
    }
  }

  @Property(tries = 25)
  void everyArrivalHasOneFateUnderEveryPolicy(
      @ForAll @DoubleRange(min = 0.2, max = 6) double load,
      @ForAll @IntRange(min = 0, max = 6) int which,
      @ForAll @IntRange(min = 0, max = 1_000_000) int seed) {
    Policy policy =
        which == 6
            ? saccade()
            : Baselines.all(SHAPE, Baselines.stageNs(SHAPE, measured())).get(which);
    StreamRun.Outcome outcome = run(policy, load, 2, seed);
    Arrivals arrivals = outcome.arrivals();
    long before = Long.MIN_VALUE;
    for (int set = 0; set < arrivals.count(); set++) {
      long ready = arrivals.readyNs()[set];
      long start = outcome.startNs(set);
      boolean began = start != StreamRun.Outcome.NONE;
      assertEquals(began, outcome.decision(set) != null);
      if (!began) {
        assertEquals(StreamRun.Outcome.NONE, outcome.actionNs(set));
        continue;
      }
      assertTrue(start >= ready, "taken before it was there");
      assertTrue(start >= before, "two sets at one time");
      if (outcome.actionNs(set) != StreamRun.Outcome.NONE) {
        assertTrue(outcome.actionNs(set) > start);
        before = outcome.actionNs(set);
        boolean inTime = outcome.actionNs(set) - arrivals.captureNs()[set] < 90 * MS;
        assertTrue(!inTime || !outcome.missed(set), "in time and missed: " + set);
      }
      if (outcome.textNs(set) != StreamRun.Outcome.NONE) {
        assertTrue(outcome.textNs(set) > outcome.actionNs(set), "text before action");
      }
    }
  }

  @Test
  void theSameSeedGivesTheSameRun() {
    StreamRun.Outcome one = run(saccade(), 3, 2, 5);
    StreamRun.Outcome two = run(saccade(), 3, 2, 5);
    for (int set = 0; set < one.arrivals().count(); set++) {
      assertEquals(one.actionNs(set), two.actionNs(set));
      assertEquals(one.textNs(set), two.textNs(set));
      assertEquals(one.reflexNs(set), two.reflexNs(set));
    }
  }
}
