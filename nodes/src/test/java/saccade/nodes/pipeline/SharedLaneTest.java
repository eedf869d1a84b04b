package saccade.nodes.pipeline;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.locks.LockSupport;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import net.jqwik.api.constraints.Size;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import saccade.kernels.geometry.CameraModel;
import saccade.kernels.geometry.LidarModel;
import saccade.kernels.geometry.Pose;
import saccade.kernels.geometry.Rig;
import saccade.nodes.graph.HostPolicy;
import saccade.nodes.run.RecordedRuns;
import saccade.nodes.sensor.EgoState;
import saccade.nodes.sensor.SensorInlets;
import saccade.nodes.sensor.SensorTap;
import saccade.nodes.sensor.SimulatorSource;
import saccade.planner.OutputCodec;
import saccade.planner.PlannerMessage;
import saccade.planner.PlannerMessage.Kind;
import saccade.realtime.clock.ManualClock;
import saccade.realtime.clock.NanoClock;
import saccade.realtime.deadline.Worth;
import saccade.realtime.os.ThreadPolicy;
import saccade.realtime.overload.RecordedRun;
import saccade.realtime.ring.FrameRing;
import saccade.realtime.schedule.Criticality;
import saccade.realtime.schedule.EdfScheduler;
import saccade.realtime.schedule.LaneMates;
import saccade.realtime.schedule.Lanes;
import saccade.realtime.schedule.Slice;
import saccade.realtime.trace.TraceWriter;

/** Two pipelines whose models take turns on one lane. */
class SharedLaneTest {
  private static final long MS = 1_000_000L;
  private static final Rig RIG =
      new Rig(
          List.of(
              CameraModel.ofHorizontalFov("left", 8, 8, 1, Pose.IDENTITY),
              CameraModel.ofHorizontalFov("right", 8, 8, 1, Pose.IDENTITY)),
          new LidarModel("top", Pose.IDENTITY, 4, 8, -0.1, 0.1, 50));

  private final ManualClock clock = new ManualClock(1_000 * MS);
  private final EdfScheduler lane = new EdfScheduler(clock, 16, 50 * MS);
  private final List<Stream> streams = new ArrayList<>();
  private @Nullable Worth worth;

  /** A pipeline on the lane of this test; time goes on while one of its slices runs. */
  private final class Stream implements LaneMates {
    final ShapedPerceiver perceiver = new ShapedPerceiver(clock);
    final List<PlannerMessage> messages = new ArrayList<>();
    final Pipeline pipeline;
    @Nullable Slice own;
    boolean out;

    Stream() {
      perceiver.worth = worth;
      pipeline =
          new Pipeline(
              PipelineOptions.tenHertz(),
              RIG,
              perceiver,
              OutputCodec.saccadeNano(),
              slice -> {
                own = slice;
                return lane.offer(slice);
              },
              clock,
              clock,
              Vehicle.NONE,
              publication -> messages.add(publication.message()));
      pipeline.sharing(this);
      streams.add(this);
    }

    @Override
    public boolean isShared() {
      return streams.size() > 1;
    }

    @Override
    public long aheadNs(long deadlineNs) {
      long sum = 0;
      for (Stream other : streams) {
        Slice slice = other == this ? null : other.own;
        if (slice != null
            && slice.criticality() == Criticality.ACTION
            && slice.deadlineNs() <= deadlineNs) {
          sum += slice.remainingNs();
        }
      }
      return sum;
    }

    @Override
    public long everyNs(long periodNs) {
      return periodNs / streams.size();
    }

    @Override
    public boolean isBehindOthers() {
      return false; // while this test's only thread asks, no slice runs
    }

    @Override
    public void out(boolean now) {
      out = now;
    }

    void push(double speedMps) {
      pipeline.inlets().ego().push(new EgoState(clock.nanoTime(), speedMps, 0, 0, 8));
      for (int sensor = 0; sensor < 3; sensor++) {
        FrameRing ring = pipeline.inlets().ring(sensor);
        long handle = ring.tryClaim(clock.nanoTime());
        if (handle < 0) {
          continue; // counted
        }
        boolean camera = sensor < 2;
        ring.publish(
            handle,
            clock.nanoTime(),
            camera ? 192 : 160,
            camera ? 8 : 10,
            camera ? 8 : 1,
            camera ? SensorInlets.RGB8 : SensorInlets.XYZI,
            clock.nanoTime());
      }
    }

    List<PlannerMessage> of(Kind kind) {
      return messages.stream().filter(m -> m.kind() == kind).toList();
    }

    void end() {
      pipeline.shutdown();
      assertEquals(List.of(), pipeline.imbalances());
      pipeline.close();
    }
  }

  /** Lets both live until then; what comes while a slice runs is seen at its end. */
  private void liveUntil(long endNs) {
    while (clock.nanoTime() < endNs) {
      streams.forEach(stream -> stream.pipeline.duty(clock.nanoTime()));
      if (lane.runNext(clock.nanoTime()) == null) {
        clock.advance(MS / 2);
      }
    }
  }

  /** Sets of both, ten a second. */
  private void sets(int count, long apartNs) {
    for (int i = 0; i < count; i++) {
      long beganNs = clock.nanoTime();
      streams.get(0).push(5);
      liveUntil(beganNs + apartNs);
      streams.get(1).push(5);
      liveUntil(beganNs + 100 * MS);
    }
  }

  private void end() {
    streams.forEach(stream -> stream.pipeline.sourceEnded());
    liveUntil(clock.nanoTime() + 300 * MS);
    while (lane.runNext(clock.nanoTime()) != null) {
      streams.forEach(stream -> stream.pipeline.duty(clock.nanoTime()));
    }
    streams.forEach(Stream::end);
  }

  @Test
  void belowCapacityBothAreServedWhole() {
    Stream front = new Stream();
    Stream rear = new Stream();
    front.perceiver.pace = 0.5;
    rear.perceiver.pace = 0.5;
    sets(20, 0);
    end();
    for (Stream stream : streams) {
      assertEquals(20, stream.of(Kind.FRESH).size(), stream.pipeline.counts().report());
      assertEquals(0, stream.pipeline.counts().misses());
      assertEquals(0, stream.pipeline.counts().textsRefused());
      assertEquals("Nothing ahead.", stream.of(Kind.DESCRIPTION).getLast().scene().sentence());
    }
  }

  @Test
  void atHalfAsMuchAgainAsThereIsTheActionsOfBothHoldAndARefusedTextIsTold() {
    overload(1.75); // 42 ms of action and 31 of text, twice, in 100 ms
  }

  @Test
  void atTwiceWhatThereIsTheActionsOfBothHoldStill() {
    overload(2.4);
  }

  private void overload(double pace) {
    Stream front = new Stream();
    Stream rear = new Stream();
    sets(10, 0); // learn what slices take
    front.perceiver.pace = pace;
    rear.perceiver.pace = pace;
    sets(10, 0); // and that they take longer now
    streams.forEach(stream -> stream.messages.clear());
    long refusedBefore = lane.refusedBySlack();
    long missesBefore = misses();
    sets(60, 0);
    assertTrue(misses() - missesBefore <= 2, "missed " + (misses() - missesBefore) + " of 120");
    long told = 0;
    for (Stream stream : streams) {
      assertTrue(stream.of(Kind.FRESH).size() >= 58, stream.pipeline.counts().report());
      for (PlannerMessage message : stream.messages) {
        if (message.reason().contains("on the lane")) {
          assertTrue(
              message.kind() == Kind.DESCRIPTION || message.decidedByModel(),
              "an action is never refused: " + message.kind());
          assertEquals("", message.scene().sentence());
          told++;
        }
      }
    }
    long refused = lane.refusedBySlack() - refusedBefore;
    assertTrue(refused > 0, "there is no room for every text");
    assertTrue(Math.abs(refused - told) <= 2, "refused " + refused + ", told " + told);
    end();
    assertEquals(
        lane.refusedBySlack(),
        front.pipeline.counts().textsRefused() + rear.pipeline.counts().textsRefused());
  }

  /** By rate, behind what the other one has ahead: all that a decision goes by is in its trace. */
  @Test
  void everyDecisionOnASharedLaneComesOutAgainFromItsTrace(@TempDir Path folder) throws Exception {
    double[] action = {1, 0.95, 0.9, 0.85, 0.8, 0.75, 0.7, 0.65, 0.6};
    double[] text = {1, 0.9, 0.8, 0.7, 0.6, 0.5, 0.4, 0.3, 0.2};
    worth = new Worth(action, text, text.clone());
    List<Path> files = List.of(folder.resolve("front.trace"), folder.resolve("rear.trace"));
    try (TraceWriter one = TraceWriter.open(files.get(0), clock.nanoTime(), 0);
        TraceWriter two = TraceWriter.open(files.get(1), clock.nanoTime(), 0)) {
      Stream front = new Stream();
      Stream rear = new Stream();
      front.pipeline.trace(one.ring(1 << 14));
      rear.pipeline.trace(two.ring(1 << 14));
      sets(10, 0);
      front.perceiver.pace = 1.3;
      rear.perceiver.pace = 1.3;
      sets(50, 20 * MS);
      end();
    }
    for (Path file : files) {
      RecordedRun.Redecided again = RecordedRuns.read(file).redecide(worth);
      assertTrue(again.decisions() >= 50, "decided " + again.decisions());
      assertEquals(again.decisions(), again.same(), again.first());
    }
  }

  private long misses() {
    return streams.stream().mapToLong(stream -> stream.pipeline.counts().misses()).sum();
  }

  @Test
  void aStreamAloneIsNeverAsked() {
    Stream alone = new Stream();
    alone.perceiver.pace = 2.2;
    for (int i = 0; i < 20; i++) {
      long beganNs = clock.nanoTime();
      alone.push(5);
      liveUntil(beganNs + 100 * MS);
    }
    assertEquals(0, lane.refusedBySlack());
    end();
  }

  @Test
  void theOthersAreToldWhileAModelIsOut() {
    Stream stream = new Stream();
    stream.push(5);
    long giveUpNs = clock.nanoTime() + 20_000 * MS;
    while (!stream.out && clock.nanoTime() < giveUpNs) {
      stream.pipeline.duty(clock.nanoTime()); // nobody runs the lane
      clock.advance(10 * MS);
    }
    assertTrue(stream.out, "it hangs");
    liveUntil(clock.nanoTime() + 20 * MS);
    assertFalse(stream.out, "it came back");
    end();
  }

  /**
   * Whatever is slow or breaks in either: a message a deadline, every set and text accounted for.
   */
  @Property(tries = 40)
  void bothLedgersBalanceUnderAnyInterleaving(
      @ForAll @Size(max = 25) List<@IntRange(min = 0, max = 1023) Integer> events) {
    SharedLaneTest one = new SharedLaneTest();
    Stream front = one.new Stream();
    Stream rear = one.new Stream();
    for (int what : events) {
      front.perceiver.pace = List.of(0.5, 1.0, 3.0, 20.0).get(what & 3);
      rear.perceiver.pace = List.of(0.5, 1.0, 3.0, 20.0).get(what >> 2 & 3);
      front.perceiver.breaksInText = (what & 48) == 48;
      if ((what & 64) == 0) {
        front.push(what & 31);
      }
      if ((what & 128) == 0) {
        rear.push(5);
      }
      one.liveUntil(one.clock.nanoTime() + (20 + (what >> 4)) * MS);
    }
    one.end();
    assertEquals(
        one.lane.refusedBySlack(),
        front.pipeline.counts().textsRefused() + rear.pipeline.counts().textsRefused());
    assertEquals(0, one.lane.queued());
  }

  // ---- with threads and the real clock ----

  private static final Rig SMALL =
      new Rig(
          List.of(CameraModel.ofHorizontalFov("small", 32, 16, 1.5, Pose.of(1.6, 0, 1.5, 0, 0, 0))),
          new LidarModel("top", Pose.of(1.2, 0, 1.9, 0, 0, 0), 8, 64, -0.4, 0.1, 80));

  private static final class Running {
    final SimulatorSource source = new SimulatorSource(SMALL, "empty-road", 1, 10, SensorTap.OPEN);
    final ConcurrentLinkedQueue<PlannerMessage> messages = new ConcurrentLinkedQueue<>();
    final RealTimeRun run;

    Running(String name, Lanes lanes, Perceiver perceiver) {
      run =
          new RealTimeRun(
              PipelineOptions.tenHertz(),
              source,
              perceiver,
              OutputCodec.saccadeNano(),
              source,
              publication -> messages.add(publication.message()),
              HostPolicy.AS_IS,
              lanes.join(name, perceiver.device(), 100 * MS));
    }

    void start() {
      run.begin();
      run.startSource();
    }

    void waitForFresh(int count) throws InterruptedException {
      while (messages.stream().filter(m -> m.kind() == Kind.FRESH).count() < count) {
        Thread.sleep(5);
      }
    }
  }

  /**
   * The model of one hangs for good. The other's set waits behind it: its messages go on as
   * fallbacks, its model is not held to hang, and as soon as the lane has another thread it is
   * served again.
   */
  @Test
  @Timeout(60)
  void aModelThatHangsCostsTheOtherStreamFallbacksAndNothingElse() throws InterruptedException {
    CountDownLatch release = new CountDownLatch(1);
    boolean[] hang = new boolean[1];
    RulePerceiver breaks =
        new RulePerceiver(
            0,
            2,
            () -> {
              boolean wait;
              synchronized (hang) {
                wait = hang[0];
              }
              while (wait && release.getCount() > 0) {
                try {
                  release.await();
                } catch (InterruptedException e) {
                  continue; // deaf
                }
              }
            });
    try (Lanes lanes = new Lanes(NanoClock.system(), ThreadPolicy.AS_IS)) {
      Running front = new Running("front", lanes, breaks);
      Running rear = new Running("rear", lanes, RulePerceiver.of(-1));
      front.run.withSpare(() -> RulePerceiver.of(-1));
      front.start();
      rear.start();
      front.waitForFresh(3);
      rear.waitForFresh(3);
      synchronized (hang) {
        hang[0] = true;
      }
      while (rear.messages.stream()
          .noneMatch(m -> m.kind() == Kind.FALLBACK && m.reason().contains("another stream"))) {
        Thread.sleep(5);
      }
      front.messages.clear();
      rear.messages.clear();
      rear.waitForFresh(5);
      front.waitForFresh(5);
      rear.run.stop();
      front.run.stop();
      PipelineCounts other = rear.run.pipeline().counts();
      assertEquals(0, other.restarts(), "its model was never made anew");
      assertEquals(0, other.setsAbandoned());
      assertEquals(0, other.stops(), "nor asked to come back");
      assertEquals(1, front.run.pipeline().counts().restarts());
      assertEquals(1, front.run.pipeline().counts().setsAbandoned());
      for (Running one : List.of(front, rear)) {
        assertNull(one.run.failure());
        assertEquals(List.of(), one.run.pipeline().imbalances());
      }
      assertFalse(rear.run.laneHung());
      assertTrue(front.run.laneHung(), "the old thread is left with the old model");
      release.countDown();
      front.run.close();
      rear.run.close();
      lanes.close();
      assertTrue(lanes.lines().getFirst().contains("taken off 1"), lanes.lines().toString());
    }
  }

  /**
   * A set is over while it runs, and cutting it short throws what nobody expects: its model is made
   * anew, and the other stream's goes on, on the same thread.
   */
  @Test
  @Timeout(60)
  void aModelThatBreaksWhenItIsCutCostsItsOwnStreamOneSet() throws InterruptedException {
    AtomicBoolean slow = new AtomicBoolean();
    RulePerceiver breaks =
        new RulePerceiver(
            0,
            3,
            () -> {
              if (slow.getAndSet(false)) {
                LockSupport.parkNanos(200 * MS); // past its deadline
              }
            });
    try (Lanes lanes = new Lanes(NanoClock.system(), ThreadPolicy.AS_IS)) {
      Running front = new Running("front", lanes, breaks);
      Running rear = new Running("rear", lanes, RulePerceiver.of(-1));
      front.start();
      rear.start();
      front.waitForFresh(3);
      rear.waitForFresh(3);
      breaks.inCut = new AssertionError("on purpose");
      slow.set(true);
      while (front.run.pipeline().counts().restarts() == 0) {
        Thread.sleep(5);
      }
      breaks.inCut = null;
      front.messages.clear();
      rear.messages.clear();
      front.waitForFresh(5);
      rear.waitForFresh(5);
      for (Running one : List.of(front, rear)) {
        one.run.stop();
        assertNull(one.run.failure());
        assertEquals(List.of(), one.run.pipeline().imbalances());
      }
      assertEquals(0, rear.run.pipeline().counts().restarts());
      assertEquals(1, front.run.pipeline().counts().setsAbandoned());
      front.run.close();
      rear.run.close();
      lanes.close();
      assertTrue(lanes.lines().getFirst().endsWith("taken off 0"), lanes.lines().toString());
    }
  }
}
