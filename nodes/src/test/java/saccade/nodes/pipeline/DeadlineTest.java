package saccade.nodes.pipeline;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.file.Path;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.function.Predicate;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import net.jqwik.api.constraints.Size;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import saccade.kernels.geometry.CameraModel;
import saccade.kernels.geometry.LidarModel;
import saccade.kernels.geometry.Pose;
import saccade.kernels.geometry.Rig;
import saccade.nodes.run.RecordedRuns;
import saccade.nodes.sensor.EgoState;
import saccade.nodes.sensor.SensorInlets;
import saccade.planner.OutputCodec;
import saccade.planner.PlannerMessage;
import saccade.planner.PlannerMessage.Kind;
import saccade.realtime.clock.ManualClock;
import saccade.realtime.deadline.DegradeLevel;
import saccade.realtime.overload.RecordedRun;
import saccade.realtime.ring.FrameRing;
import saccade.realtime.schedule.LatencyTable;
import saccade.realtime.schedule.Slice;
import saccade.realtime.trace.TraceFile;
import saccade.realtime.trace.TraceKind;
import saccade.realtime.trace.TraceWriter;

/** The deadline decides: action ahead of the text, levels, hung and crashed stages, the trace. */
class DeadlineTest {
  private static final long MS = 1_000_000L;
  private static final Rig RIG =
      new Rig(
          List.of(
              CameraModel.ofHorizontalFov("left", 8, 8, 1, Pose.IDENTITY),
              CameraModel.ofHorizontalFov("right", 8, 8, 1, Pose.IDENTITY)),
          new LidarModel("top", Pose.IDENTITY, 4, 8, -0.1, 0.1, 50));

  private final ManualClock clock = new ManualClock(1_000 * MS);
  private final ManualClock laneTime = new ManualClock(0); // goes on while a set is stepped
  private final ShapedPerceiver perceiver = new ShapedPerceiver(laneTime);
  private final List<PlannerMessage> messages = new ArrayList<>();
  private final SteppedLane lane = new SteppedLane(clock, laneTime, SteppedLane.MEASURED);
  private Pipeline pipeline = pipeline(lane::submit, PipelineOptions.tenHertz());

  private Pipeline pipeline(Predicate<Slice> to, PipelineOptions options) {
    return pipeline(RIG, to, options);
  }

  private Pipeline pipeline(Rig rig, Predicate<Slice> to, PipelineOptions options) {
    return new Pipeline(
        options,
        rig,
        perceiver,
        OutputCodec.saccadeNano(),
        to,
        clock,
        lane,
        Vehicle.NONE,
        publication -> messages.add(publication.message()));
  }

  private void push(int sensor) {
    push(sensor, clock.nanoTime());
  }

  private void push(int sensor, long captureNs) {
    FrameRing ring = pipeline.inlets().ring(sensor);
    long handle = ring.tryClaim(clock.nanoTime());
    if (handle < 0) {
      return; // every slot is in use: counted
    }
    boolean camera = sensor < 2;
    ring.publish(
        handle,
        captureNs,
        camera ? 192 : 160,
        camera ? 8 : 10,
        camera ? 8 : 1,
        camera ? SensorInlets.RGB8 : SensorInlets.XYZI,
        clock.nanoTime());
  }

  private void pushSet(double speedMps) {
    pipeline.inlets().ego().push(new EgoState(clock.nanoTime(), speedMps, 0, 0, 8));
    for (int i = 0; i < 3; i++) {
      push(i);
    }
  }

  private void live(int ms) {
    for (int i = 0; i < ms; i++) {
      pipeline.duty(clock.nanoTime());
      clock.advance(MS);
    }
  }

  private void sets(int count) {
    for (int i = 0; i < count; i++) {
      pushSet(5);
      live(100);
    }
  }

  private List<PlannerMessage> of(Kind kind) {
    return messages.stream().filter(m -> m.kind() == kind).toList();
  }

  private void end() {
    pipeline.sourceEnded();
    live(300);
    pipeline.shutdown();
    assertEquals(List.of(), pipeline.imbalances());
    pipeline.close();
  }

  /** Both cameras look ahead; the LiDAR alone sees no lights, signs or lanes. */
  @Test
  void withoutCameraAheadTheLadderEndsAtMinimalRiskAndComesBack() {
    sets(20);
    long lastNs = of(Kind.FRESH).getLast().captureNs();
    messages.clear();
    for (int i = 0; i < 10; i++) {
      pipeline.inlets().ego().push(new EgoState(clock.nanoTime(), 5, 0, 0, 8));
      push(2);
      live(100);
    }
    assertEquals(0, of(Kind.FRESH).size() + of(Kind.CUT_SHORT).size());
    assertEquals(10, of(Kind.FALLBACK).size());
    for (PlannerMessage message : of(Kind.FALLBACK)) {
      assertTrue(message.reason().contains("no camera ahead"), message.reason());
      assertEquals(MessageHealth.ERROR, MessageHealth.of(message));
      assertEquals(message.captureNs() <= lastNs + 400 * MS, message.action() != null);
    }
    for (PlannerMessage said : of(Kind.DESCRIPTION)) {
      assertEquals("no camera ahead", said.reason(), "nothing is said of what nobody saw");
    }
    assertEquals(DegradeLevel.MINIMAL_RISK, pipeline.ladder().level());
    assertEquals(DegradeLevel.MINIMAL_RISK.ordinal(), of(Kind.FALLBACK).getLast().degradeLevel());
    messages.clear();
    sets(40);
    assertEquals(40, of(Kind.FRESH).size());
    assertEquals(DegradeLevel.FULL, pipeline.ladder().level());
    assertEquals(MessageHealth.OK, MessageHealth.of(of(Kind.FRESH).getLast()));
    end();
  }

  /** The camera ahead is there 8 ms after the camera to the side and the LiDAR. */
  @Test
  void afterASlowSliceTheNextSetStillWaitsForItsCameraAhead() {
    pipeline.shutdown();
    pipeline.close();
    Pose aside = Pose.of(1, 0.9, 1.5, 0, 0, Math.toRadians(55));
    Rig rig =
        new Rig(
            List.of(RIG.cameras().get(0), CameraModel.ofHorizontalFov("right", 8, 8, 1, aside)),
            RIG.lidar());
    pipeline = pipeline(rig, lane::submit, PipelineOptions.tenHertz());
    for (int set = 0; set < 24; set++) {
      perceiver.pace = set == 0 ? 30 : 1; // a model that is still warming up
      long captureNs = clock.nanoTime();
      pipeline.inlets().ego().push(new EgoState(captureNs, 5, 0, 0, 8));
      push(1);
      push(2);
      live(8);
      push(0, captureNs);
      live(92);
    }
    List<Kind> kinds =
        messages.stream().map(PlannerMessage::kind).filter(k -> k != Kind.DESCRIPTION).toList();
    for (PlannerMessage message : messages) {
      assertTrue(!message.reason().contains("no camera ahead"), message.reason() + " in " + kinds);
    }
    assertEquals(0, pipeline.counts().setsBlind());
    assertEquals(Kind.FALLBACK, kinds.getFirst(), "the slow set has no answer in time");
    assertEquals(1, pipeline.counts().misses(), "and no other: " + kinds);
    assertEquals(24, pipeline.counts().deadlines());
    assertEquals(23, of(Kind.FRESH).size() + of(Kind.CUT_SHORT).size(), kinds.toString());
    end();
  }

  @Test
  void theActionGoesAheadAndItsDescriptionFollowsOnceEach() {
    sets(10);
    List<PlannerMessage> actions = of(Kind.FRESH);
    List<PlannerMessage> texts = of(Kind.DESCRIPTION);
    assertEquals(10, actions.size());
    assertEquals(10, texts.size());
    assertEquals(10, pipeline.counts().deadlines(), "one action a deadline");
    assertEquals(10, pipeline.counts().actionsAhead());
    for (int i = 0; i < 10; i++) {
      assertEquals(actions.get(i).captureNs(), texts.get(i).captureNs());
      assertEquals(actions.get(i).seq() + 1, texts.get(i).seq());
      assertTrue(actions.get(i).decidedByModel());
      assertNull(texts.get(i).action());
      assertEquals("Nothing ahead.", texts.get(i).scene().sentence());
      long aheadNs = texts.get(i).ageNs() - actions.get(i).ageNs();
      assertTrue(aheadNs >= 10 * MS, "the text takes " + aheadNs);
      assertEquals("full", actions.get(i).effort().level());
      assertEquals(90 * MS, actions.get(i).effort().budgetNs());
    }
    assertTrue(
        actions.get(9).effort().decision().contains("all fits"),
        actions.get(9).effort().decision());
    end();
  }

  @Test
  void anActionThatIsThereNoSoonerThanItsTextGoesWithIt() {
    pipeline.shutdown();
    pipeline.close();
    SteppedLane fixed = new SteppedLane(clock, laneTime, 40 * MS);
    pipeline =
        new Pipeline(
            SteppedLane.options(PipelineOptions.tenHertz(), 40 * MS),
            RIG,
            perceiver,
            OutputCodec.saccadeNano(),
            fixed::submit,
            clock,
            fixed,
            Vehicle.NONE,
            publication -> messages.add(publication.message()));
    sets(10);
    assertEquals(10, of(Kind.FRESH).size());
    assertEquals(0, of(Kind.DESCRIPTION).size());
    assertEquals("Nothing ahead.", of(Kind.FRESH).getLast().scene().sentence());
    assertEquals(0, pipeline.counts().lateAnswers());
    end();
  }

  @Test
  void aTextThatBreaksTakesNoActionBack() {
    sets(3);
    perceiver.breaksInText = true;
    sets(3);
    perceiver.breaksInText = false;
    sets(3);
    assertEquals(9, of(Kind.FRESH).size());
    assertEquals(0, of(Kind.FALLBACK).size());
    assertEquals(9, of(Kind.DESCRIPTION).size());
    assertTrue(of(Kind.DESCRIPTION).get(4).reason().contains("broken in its text"));
    assertEquals(3, pipeline.counts().perceptionFailures());
    end();
  }

  @Test
  void doesLessWhenTheMachineIsSlowAndAllAgainWhenItIsNot() {
    sets(20);
    Map<String, Integer> levels = new java.util.TreeMap<>();
    perceiver.pace = 3;
    messages.clear();
    sets(40);
    for (PlannerMessage message : messages) {
      levels.merge(message.effort().level(), 1, Integer::sum);
    }
    long missed = pipeline.counts().misses();
    assertTrue(missed <= 4, "missed " + missed + " at " + levels);
    PlannerMessage last = of(Kind.FRESH).getLast();
    assertTrue(last.degradeLevel() >= DegradeLevel.SILENT.ordinal(), levels.toString());
    assertEquals(DegradeLevel.at(last.degradeLevel()).word(), last.effort().level());
    perceiver.pace = 1;
    sets(20);
    assertEquals("full", of(Kind.FRESH).getLast().effort().level());
    assertTrue(missed == pipeline.counts().misses(), "none on the way back");
    end();
  }

  @Test
  void atTheBottomThereIsNoActionToGoOnWith() {
    sets(10);
    perceiver.pace = 100;
    sets(12);
    assertEquals(DegradeLevel.MINIMAL_RISK, pipeline.ladder().level());
    PlannerMessage last = messages.getLast();
    assertEquals(Kind.FALLBACK, last.kind());
    assertNull(last.action());
    assertTrue(last.reason().startsWith("minimal risk"), last.reason());
    assertEquals("minimal risk", last.effort().level());
    perceiver.pace = 1;
    sets(30);
    assertEquals("full", of(Kind.FRESH).getLast().effort().level());
    end();
  }

  @Test
  void theBudgetFollowsSpeedWithinItsLimits() {
    pipeline.shutdown();
    pipeline.close();
    PipelineOptions base = PipelineOptions.tenHertz();
    pipeline =
        pipeline(
            lane::submit,
            new PipelineOptions(
                base.periodNs(),
                base.budgetNs(),
                base.reserveNs(),
                base.setTimeoutNs(),
                base.slots(),
                base.validNs(),
                base.maxAgeNs(),
                base.controlPeriodNs(),
                base.reflex(),
                50 * MS,
                PipelineOptions.Degrade.ON,
                List.of()));
    pushSet(5);
    live(100);
    for (int i = 0; i < 3; i++) {
      pushSet(30); // 2 m take 67 ms
      live(100);
    }
    pushSet(80);
    live(100);
    pushSet(80);
    live(100);
    List<PlannerMessage> fresh = of(Kind.FRESH);
    assertEquals(90 * MS, fresh.get(0).effort().budgetNs());
    assertEquals(2.0 / 30, fresh.get(2).effort().budgetNs() * 1e-9, 1e-6);
    assertEquals(50 * MS, fresh.getLast().effort().budgetNs());
    end();
  }

  @Test
  void aHungSliceIsStoppedAndAStageThatDoesNotComeBackIsMadeAnew() {
    pipeline.shutdown();
    pipeline.close();
    ArrayDeque<Slice> stuck = new ArrayDeque<>();
    pipeline = pipeline(stuck::add, PipelineOptions.tenHertz());
    boolean[] asked = new boolean[1];
    pipeline.repairedBy(
        new Repair() {
          private int polls;

          @Override
          public boolean isAble(boolean hung) {
            return true;
          }

          @Override
          public void begin(boolean hung) {
            asked[0] = hung;
            polls = 0;
          }

          @Override
          public @Nullable Repaired poll() {
            return ++polls < 300 ? null : new Repaired(perceiver, lane::submit, null);
          }
        });
    sets(10);
    assertEquals(1, perceiver.stops, "asked to come back, once");
    assertTrue(!asked[0], "patience is not over yet");
    sets(8);
    assertTrue(asked[0], "it hung");
    assertTrue(
        messages.stream().anyMatch(m -> m.effort().stages().contains("perception restarting")),
        "the planner is told");
    sets(20);
    assertEquals(1, pipeline.counts().restarts());
    assertEquals(1, pipeline.counts().setsAbandoned());
    assertTrue(of(Kind.FRESH).size() >= 10, pipeline.counts().report());
    assertEquals("", messages.getLast().effort().stages());
    assertEquals(38, pipeline.counts().deadlines(), "a message at every deadline all the same");
    Slice old = stuck.poll();
    assertNotNull(old);
    old.expired(clock.nanoTime()); // it comes back after all: its frames are free again
    live(2);
    assertTrue(!pipeline.hasLeftBehind());
    end();
  }

  @Test
  void everyDecisionAndSliceIsInTheTrace(@TempDir Path folder) throws Exception {
    Path file = folder.resolve("run.trace");
    try (TraceWriter writer = TraceWriter.open(file, clock.nanoTime(), 0)) {
      pipeline.trace(writer.ring(1 << 12));
      sets(10);
      perceiver.pace = 3;
      sets(10);
      end();
    }
    Map<TraceKind, List<TraceFile.Entry>> by = new EnumMap<>(TraceKind.class);
    TraceFile trace =
        TraceFile.read(
            file, entry -> by.computeIfAbsent(entry.kind(), k -> new ArrayList<>()).add(entry));
    assertEquals(0, trace.lost());
    assertEquals(60, by.get(TraceKind.FRAME).size());
    assertEquals(pipeline.counts().sets(), by.get(TraceKind.SET).size());
    assertEquals(pipeline.counts().sets(), by.get(TraceKind.DECISION).size());
    assertEquals(pipeline.counts().messages(), by.get(TraceKind.MESSAGE).size());
    assertTrue(by.get(TraceKind.LEVEL).size() >= 1);
    TraceFile.Entry slice = by.get(TraceKind.SLICE).getFirst();
    assertEquals("encode left", trace.name(TraceKind.NAME_SLICE, slice.a()));
    assertEquals(3 * MS, slice.v()[0]);
    assertEquals("periodNs=100000000", trace.name(TraceKind.NAME_FACT, 0));
    long missed =
        by.get(TraceKind.MESSAGE).stream()
            .filter(m -> m.flag() != Kind.DESCRIPTION.ordinal() && m.v()[3] == 1)
            .count();
    assertEquals(pipeline.counts().misses(), missed, "misses by the trace and by the account");
  }

  /** Late, blind, broken and slow by turns: every decision comes out again from the trace alone. */
  @Test
  void theTraceHasAllThatDecisionsCameFrom(@TempDir Path folder) throws Exception {
    Path file = folder.resolve("run.trace");
    try (TraceWriter writer = TraceWriter.open(file, clock.nanoTime(), 0)) {
      pipeline.trace(writer.ring(1 << 13));
      pipeline.seed(
          new LatencyTable(
              "model",
              "machine",
              List.of(new LatencyTable.Row("encode left", 0, 2 * MS, 4 * MS, 50))));
      for (double pace : List.of(1.0, 3.0, 1.5, 30.0, 1.0)) {
        perceiver.pace = pace;
        sets(15);
        push(2); // no camera
        live(100);
        perceiver.breaksInText = !perceiver.breaksInText;
      }
      end();
      assertEquals(0, writer.lost());
    }
    RecordedRun.Redecided again = RecordedRuns.read(file).redecide(null);
    assertTrue(again.decisions() >= 40, "decisions " + again.decisions());
    assertTrue(pipeline.ladder().moves() >= 4, "moves " + pipeline.ladder().moves());
    assertEquals("", again.first());
    assertEquals(again.decisions(), again.same());
  }

  /**
   * Whatever is slow, breaks or is missing in whatever order: one message a deadline, all
   * accounted.
   */
  @Property(tries = 40)
  void theLedgerBalancesUnderAnyInterleaving(
      @ForAll @Size(max = 30) List<@IntRange(min = 0, max = 255) Integer> events) {
    DeadlineTest one = new DeadlineTest();
    long lastSeq = -1;
    for (int what : events) {
      one.perceiver.pace = List.of(0.5, 1.0, 4.0, 30.0).get(what & 3);
      one.perceiver.breaksInText = (what & 12) == 12;
      if ((what & 16) == 0) {
        one.pushSet(what & 31);
      } else {
        one.push(what >> 5 & 1);
      }
      one.live(20 + (what >> 2));
    }
    one.end();
    for (PlannerMessage message : one.messages) {
      assertTrue(message.seq() == lastSeq + 1 && message.ageNs() >= 0, "seq and age");
      lastSeq = message.seq();
    }
  }

  @Test
  void theSpreadOfASetIsFromItsFirstCaptureToItsLast() {
    assertEquals(43 * MS, PipelineOptions.spreadNs(new long[] {-43 * MS, -20 * MS, 0}));
    assertEquals(0, PipelineOptions.spreadNs(new long[0]));
  }
}
