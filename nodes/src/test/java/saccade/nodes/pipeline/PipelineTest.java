package saccade.nodes.pipeline;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.sun.management.ThreadMXBean;
import java.lang.management.ManagementFactory;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.function.Predicate;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import saccade.kernels.geometry.CameraModel;
import saccade.kernels.geometry.LidarModel;
import saccade.kernels.geometry.Pose;
import saccade.kernels.geometry.Rig;
import saccade.nodes.sensor.EgoState;
import saccade.nodes.sensor.SensorInlets;
import saccade.planner.ExpiryProfile;
import saccade.planner.OutputCodec;
import saccade.planner.PlannerMessage;
import saccade.planner.PlannerMessage.Kind;
import saccade.realtime.clock.ManualClock;
import saccade.realtime.ledger.DropReason;
import saccade.realtime.ring.FrameRing;
import saccade.realtime.schedule.Slice;

class PipelineTest {
  private static final long MS = 1_000_000L;
  private static final Rig RIG =
      new Rig(
          List.of(
              CameraModel.ofHorizontalFov("left", 8, 8, 1, Pose.IDENTITY),
              CameraModel.ofHorizontalFov("right", 8, 8, 1, Pose.IDENTITY)),
          new LidarModel("top", Pose.IDENTITY, 4, 8, -0.1, 0.1, 50));

  private final ManualClock clock = new ManualClock(1_000 * MS);
  private final List<PlannerMessage> messages = new ArrayList<>();
  private final List<Long> publishedSets = new ArrayList<>();
  private final ArrayDeque<Slice> waiting = new ArrayDeque<>();
  private final List<Double> commands = new ArrayList<>();
  private boolean keepCommands = true;
  private double lastCommand;
  private Pipeline pipeline;

  @AfterEach
  void accountsBalance() {
    pipeline.sourceEnded();
    while (!waiting.isEmpty()) {
      run(waiting.poll());
    }
    pipeline.duty(clock.advance(1));
    pipeline.shutdown();
    assertEquals(List.of(), pipeline.imbalances());
    pipeline.close();
  }

  /** A lane that runs a slice to its end as soon as it is given. */
  private boolean atOnce(Slice slice) {
    run(slice);
    return true;
  }

  private void run(Slice slice) {
    while (slice.run(clock.nanoTime()) == Slice.Outcome.MORE) {
      // next slice
    }
  }

  private Pipeline pipeline(Perceiver perceiver, Predicate<Slice> lane) {
    return pipeline(PipelineOptions.tenHertz(), perceiver, lane);
  }

  private Pipeline pipeline(PipelineOptions options, Perceiver perceiver, Predicate<Slice> lane) {
    return pipeline(RIG, options, perceiver, lane);
  }

  private Pipeline pipeline(
      Rig rig, PipelineOptions options, Perceiver perceiver, Predicate<Slice> lane) {
    pipeline =
        new Pipeline(
            options,
            rig,
            perceiver,
            OutputCodec.saccadeNano(),
            lane,
            clock,
            clock,
            (ns, accel, curvature) -> {
              lastCommand = accel;
              if (keepCommands) {
                commands.add(accel);
              }
            },
            publication -> {
              messages.add(publication.message());
              if (publication.set() != null) {
                publishedSets.add(publication.set().number());
                assertTrue(publication.set().view(0).isHeld());
              }
            });
    return pipeline;
  }

  private void push(int sensor) {
    push(sensor, clock.nanoTime());
  }

  private void push(int sensor, long captureNs) {
    FrameRing ring = pipeline.inlets().ring(sensor);
    long handle = ring.tryClaim(clock.nanoTime());
    assertTrue(handle >= 0);
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

  private void pushSet() {
    pipeline.inlets().ego().push(new EgoState(clock.nanoTime(), 5, 0, 0, 8));
    push(0);
    push(1);
    push(2);
  }

  /** Lives through that many ms, duty each ms. */
  private void live(int ms) {
    for (int i = 0; i < ms; i++) {
      pipeline.duty(clock.nanoTime());
      clock.advance(MS);
    }
  }

  private List<PlannerMessage> of(Kind kind) {
    return messages.stream().filter(m -> m.kind() == kind).toList();
  }

  @Test
  void saysStartingUntilTheFirstFrame() {
    pipeline(RulePerceiver.of(1), this::atOnce);
    live(500);
    assertEquals(5, messages.size());
    assertEquals(5, of(Kind.STARTING).size());
    assertEquals(0, commands.size(), "nobody drives before the source has started");
  }

  @Test
  void answersEverySetOnceAndInTime() {
    pipeline(RulePerceiver.of(1), this::atOnce).open(clock.nanoTime());
    for (int set = 0; set < 10; set++) {
      pushSet();
      live(100);
    }
    assertEquals(10, of(Kind.FRESH).size());
    assertEquals(0, of(Kind.FALLBACK).size());
    assertEquals(List.of(0L, 1L, 2L, 3L, 4L, 5L, 6L, 7L, 8L, 9L), publishedSets);
    assertEquals(10, pipeline.counts().deadlines());
    assertEquals(0, pipeline.counts().misses());
    assertEquals(50, commands.size());
    assertTrue(commands.getLast() > 0.5, "drives by the tokens: " + commands.getLast());
    for (int i = 1; i < messages.size(); i++) {
      assertEquals(messages.get(i - 1).seq() + 1, messages.get(i).seq());
    }
  }

  @Test
  void fallsBackAtEveryDeadlineWhileTheModelHangs() {
    pipeline(RulePerceiver.of(1), waiting::add).open(clock.nanoTime());
    long firstNs = clock.nanoTime();
    for (int set = 0; set < 10; set++) {
      pushSet();
      live(100);
    }
    List<PlannerMessage> fallbacks = of(Kind.FALLBACK);
    assertEquals(10, fallbacks.size());
    for (int i = 0; i < 10; i++) {
      assertEquals(firstNs + i * 100 * MS, fallbacks.get(i).captureNs());
      assertEquals(90 * MS, fallbacks.get(i).ageNs(), "at the deadline");
      assertNull(fallbacks.get(i).action(), "no action was ever there");
      assertEquals(List.of(), fallbacks.get(i).sensorsMissing(), "only the model was late");
    }
    assertEquals(1, waiting.size(), "one set at a time is with the model");
    assertEquals(10, pipeline.counts().misses());

    // The model comes back: a late answer is published on top, the next newest set goes to it.
    run(waiting.poll());
    live(1);
    assertEquals(1, pipeline.counts().lateAnswers());
    assertEquals(1, waiting.size());
  }

  @Test
  void fallbackKeepsThePreviousActionWhileValidThenStops() {
    pipeline(RulePerceiver.of(1), this::sometimes).open(clock.nanoTime());
    hang = false;
    pushSet();
    live(100);
    hang = true;
    for (int set = 0; set < 18; set++) {
      pushSet();
      live(100);
    }
    List<PlannerMessage> fallbacks = of(Kind.FALLBACK);
    assertNotNull(fallbacks.get(0).action());
    assertNull(fallbacks.get(8).action(), "validity of 500 ms is over");
    assertEquals(ExpiryProfile.Phase.STOPPED, pipeline.phase());
    assertTrue(commands.getLast() < -2, "brakes: " + commands.getLast());
  }

  private boolean hang;

  private boolean sometimes(Slice slice) {
    return hang ? waiting.add(slice) : atOnce(slice);
  }

  @Test
  void fallsBackAtOnceWhenPerceptionThrowsAndGoesOn() {
    int[] calls = {0};
    RulePerceiver perceiver =
        new RulePerceiver(
            1,
            1,
            () -> {
              if (calls[0]++ % 2 == 0) {
                throw new IllegalStateException("broken on purpose");
              }
            });
    pipeline(perceiver, this::atOnce).open(clock.nanoTime());
    for (int set = 0; set < 10; set++) {
      pushSet();
      live(100);
    }
    assertEquals(5, of(Kind.FALLBACK).size());
    assertEquals(5, of(Kind.FRESH).size());
    assertEquals(5, pipeline.counts().perceptionFailures());
    assertEquals(5, perceiver.resets);
    assertTrue(of(Kind.FALLBACK).getFirst().reason().contains("broken on purpose"));
  }

  @Test
  void givesAMessageAtEveryDeadlineThoughNoFrameComes() {
    pipeline(RulePerceiver.of(1), this::atOnce).open(clock.nanoTime());
    pushSet();
    live(1000);
    assertEquals(1, of(Kind.FRESH).size());
    assertEquals(9, of(Kind.FALLBACK).size());
    assertTrue(of(Kind.FALLBACK).getFirst().reason().contains("no frame"));
  }

  @Test
  void oneSilentSensorDoesNotStopTheOthers() {
    pipeline(RulePerceiver.of(1), this::atOnce).open(clock.nanoTime());
    for (int set = 0; set < 10; set++) {
      pipeline.inlets().ego().push(new EgoState(clock.nanoTime(), 5, 0, 0, 8));
      push(0);
      push(2);
      live(100);
    }
    assertEquals(10, of(Kind.FRESH).size());
    assertEquals(10, pipeline.partialSets());
    assertEquals(0, pipeline.counts().misses());
  }

  @Test
  void aSensorWithAWrongClockIsCountedAndLeftOut() {
    pipeline(RulePerceiver.of(1), this::atOnce).open(clock.nanoTime());
    for (int set = 0; set < 5; set++) {
      push(0);
      push(1, 0);
      push(2, clock.nanoTime() + 3_600_000 * MS);
      live(100);
    }
    assertEquals(5, of(Kind.FRESH).size());
    var frameset = pipeline.ledgers().getLast();
    assertEquals(5, frameset.dropped(DropReason.STAMP_ZERO));
    assertEquals(5, frameset.dropped(DropReason.STAMP_FUTURE));
  }

  @Test
  void aListenerThatThrowsCostsNothingButACount() {
    pipeline =
        new Pipeline(
            PipelineOptions.tenHertz(),
            RIG,
            RulePerceiver.of(0),
            OutputCodec.saccadeNano(),
            this::atOnce,
            clock,
            clock,
            Vehicle.NONE,
            publication -> {
              throw new IllegalStateException("listener");
            });
    pushSet();
    live(100);
    assertEquals(1, pipeline.counts().messages(Kind.FRESH));
    assertEquals(1, pipeline.counts().listenerFailures());
  }

  @Test
  void theSetIsCutWhenItsDeadlinePassesBetweenSlices() {
    RulePerceiver perceiver = new RulePerceiver(1, 5, () -> clock.advance(30 * MS));
    SteppedLane lane = new SteppedLane(clock, clock, SteppedLane.MEASURED);
    pipeline(perceiver, lane::submit);
    pipeline.open(clock.nanoTime());
    pushSet();
    live(100);
    assertEquals(0, of(Kind.FRESH).size());
    assertEquals(1, of(Kind.FALLBACK).size(), "no action was decided before the cut");
    assertEquals(0, pipeline.stages().stage("sentence").total().count(), "it did not speak");
    assertEquals(1, pipeline.stages().stage("encode").total().count());
  }

  @Test
  void allocatesNothingBetweenMessages() {
    pipeline(RulePerceiver.of(1), waiting::add).open(clock.nanoTime());
    keepCommands = false;
    pipeline.inlets().ego().push(new EgoState(clock.nanoTime(), 5, 0, 0, 8));
    ThreadMXBean threads = (ThreadMXBean) ManagementFactory.getThreadMXBean();
    // Frames in, assembled, swept by the reflex, commands out; the lane is busy, so that only
    // fallback messages are made, and those are taken out of the sum.
    long[] quiet = new long[4];
    long cycles = 0;
    for (int round = 0; round < 4000; round++) {
      push(0);
      push(1);
      push(2);
      for (int ms = 0; ms < 100; ms += 20) {
        int before = messages.size();
        long from = threads.getCurrentThreadAllocatedBytes();
        pipeline.duty(clock.nanoTime());
        long bytes = threads.getCurrentThreadAllocatedBytes() - from;
        if (messages.size() == before) {
          quiet[round / 1000] += bytes;
          cycles++;
        }
        clock.advance(20 * MS);
      }
      messages.clear();
    }
    assertTrue(cycles > 3000, "cycles without a message: " + cycles);
    // The JIT may link a method late, once; growth would show in every thousand.
    assertEquals(
        0, Math.min(quiet[2], quiet[3]), "bytes a thousand sets: " + Arrays.toString(quiet));
    assertTrue(lastCommand < 0, "work was done: nobody answered, so it brakes");
    assertFalse(pipeline.inlets().hasReady());
  }

  @Test
  void aMessageCostsAFewKilobytesOfGarbageAndNoMore() {
    pipeline(RulePerceiver.of(1), this::atOnce).open(clock.nanoTime());
    keepCommands = false;
    ThreadMXBean threads = (ThreadMXBean) ManagementFactory.getThreadMXBean();
    int sets = 3000;
    long bytes = 0;
    for (int set = 0; set < sets; set++) {
      pushSet();
      long from = threads.getCurrentThreadAllocatedBytes();
      for (int ms = 0; ms < 100; ms += 20) {
        pipeline.duty(clock.nanoTime());
        clock.advance(20 * MS);
      }
      bytes += set < 1000 ? 0 : threads.getCurrentThreadAllocatedBytes() - from;
      messages.clear();
      publishedSets.clear();
    }
    long perSet = bytes / (sets - 1000);
    assertTrue(perSet > 0 && perSet < 4096, "bytes a set, perceiver's answer included: " + perSet);
  }

  @Test
  void aFrameThatItsSourceKnowsToBeLostIsNotWaitedFor() {
    pipeline(RulePerceiver.of(1), this::atOnce).open(clock.nanoTime());
    for (int set = 0; set < 10; set++) {
      push(0);
      push(2);
      live(2);
      assertEquals(set, of(Kind.FRESH).size(), "the right camera may still come");
      FrameRing ring = pipeline.inlets().ring(1);
      long captureNs = clock.nanoTime() - 2 * MS;
      ring.abort(ring.tryClaim(clock.nanoTime()), DropReason.UNREADABLE, captureNs);
      assertTrue(pipeline.hasNews(), "a sleeping control thread wakes for it");
      live(2); // to the lane and back
      assertEquals(set + 1, of(Kind.FRESH).size());
      assertFalse(pipeline.hasNews());
      live(96);
    }
    assertEquals(10, pipeline.partialSets());
    assertEquals(0, pipeline.counts().misses());
  }

  /** Sensors that measure up to 43 ms after each other, as in nuScenes; the last one is gone. */
  @Test
  void budgetAndTimeOutCountFromTheSameInstant() {
    PipelineOptions base = PipelineOptions.tenHertz();
    PipelineOptions options =
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
            base.leastBudgetNs(),
            base.degrade(),
            List.of(-43 * MS, -20 * MS, 0L));
    RulePerceiver thirtyMs = new RulePerceiver(1, 1, () -> clock.advance(30 * MS));
    SteppedLane lane = new SteppedLane(clock, clock, SteppedLane.MEASURED);
    pipeline(options, thirtyMs, lane::submit).open(clock.nanoTime());
    for (int set = 0; set < 4; set++) {
      long firstNs = clock.nanoTime();
      push(0);
      live(23);
      push(1);
      while (messages.size() == set) {
        live(1);
      }
      PlannerMessage message = messages.getLast();
      assertEquals(Kind.FRESH, message.kind(), message.reason());
      assertEquals(firstNs, message.captureNs());
      assertTrue(message.ageNs() <= 87 * MS, "55 ms and the model's 30: " + message.ageNs());
      live((int) ((firstNs + 100 * MS - clock.nanoTime()) / MS));
    }
    assertEquals(4, pipeline.partialSets());
    assertEquals(0, pipeline.counts().misses());
  }

  /** The two cameras of this rig look the same way from the same place. */
  @Test
  void aMissingCameraThatIsSeenInAnotherOnesPictureIsMissingAndSaid() {
    pipeline(RulePerceiver.of(1), this::atOnce).open(clock.nanoTime());
    push(0);
    push(1);
    push(2);
    live(100);
    assertFalse(of(Kind.FRESH).getFirst().reason().contains("seen in"));
    push(1);
    push(2);
    live(100);
    PlannerMessage message = of(Kind.FRESH).getLast();
    assertEquals("in time; left seen in right", message.reason());
    assertEquals(List.of("left"), message.sensorsMissing());
    assertEquals(List.of("top"), message.sensorsUsed(), "though the model was shown a picture");
    push(2);
    live(100);
    assertEquals(2, of(Kind.FRESH).size(), "nothing to see it in");
  }

  /** Two cameras that look where they are told, rad from straight on, and the LiDAR. */
  private static Rig looking(double yaw, double otherYaw) {
    return new Rig(
        List.of(
            CameraModel.ofHorizontalFov("one", 8, 8, 1, Pose.of(1.6, 0, 1.5, 0, 0, yaw)),
            CameraModel.ofHorizontalFov("two", 8, 8, 1, Pose.of(1, 0.9, 1.5, 0, 0, otherYaw))),
        RIG.lidar());
  }

  private void sets(int count, int... sensors) {
    for (int set = 0; set < count; set++) {
      pipeline.inlets().ego().push(new EgoState(clock.nanoTime(), 5, 0, 0, 8));
      for (int sensor : sensors) {
        push(sensor);
      }
      live(100);
    }
  }

  /** A LiDAR, and a camera to the side, see no lights and no signs ahead. */
  private void withoutCameraAhead(int... left) {
    RulePerceiver perceiver = RulePerceiver.of(1);
    pipeline(looking(0, Math.toRadians(85)), PipelineOptions.tenHertz(), perceiver, this::atOnce)
        .open(clock.nanoTime());
    sets(3, 0, 1, 2);
    assertEquals(3, of(Kind.FRESH).size());
    long lastNs = of(Kind.FRESH).getLast().captureNs();
    messages.clear();
    sets(20, left);
    assertEquals(20, messages.size());
    assertEquals(3, perceiver.begun, "the model is not run for nothing");
    assertEquals(20, pipeline.counts().setsBlind());
    for (PlannerMessage message : messages) {
      assertEquals(Kind.FALLBACK, message.kind(), message.reason());
      assertTrue(message.reason().contains("no camera ahead"), message.reason());
      assertEquals(MessageHealth.ERROR, MessageHealth.of(message));
      boolean valid = message.publishedNs() <= lastNs + 500 * MS;
      if (message.action() == null) {
        assertFalse(valid, "the last action goes on while it is valid: " + message.reason());
      } else {
        assertTrue(valid, "and no longer");
        assertEquals(lastNs, message.action().captureNs());
      }
    }
    assertEquals(ExpiryProfile.Phase.STOPPED, pipeline.phase());
    assertTrue(commands.getLast() < -2, "brakes: " + commands.getLast());
    messages.clear();
    sets(20, 0, 1, 2);
    assertEquals(20, of(Kind.FRESH).size());
    assertEquals(0, of(Kind.FALLBACK).size());
    assertEquals(MessageHealth.OK, MessageHealth.of(of(Kind.FRESH).getLast()));
    assertEquals(ExpiryProfile.Phase.FOLLOWING, pipeline.phase());
    assertEquals(0, pipeline.counts().misses(), "the messages were in time");
  }

  /** A recording begins again: what was decided at its end is of another place. */
  @Test
  void noActionGoesOnOverASeam() {
    RulePerceiver perceiver = RulePerceiver.of(1);
    pipeline(perceiver, this::sometimes).open(clock.nanoTime());
    sets(3, 0, 1, 2);
    hang = true;
    sets(2, 0, 1, 2);
    assertNotNull(of(Kind.FALLBACK).getLast().action(), "it goes on while it is valid");
    pipeline.inlets().seam(clock.nanoTime());
    sets(2, 0, 1, 2);
    assertNull(of(Kind.FALLBACK).getLast().action(), "valid, and of before the seam");
    assertEquals(1, pipeline.counts().seams());
    assertEquals(0, perceiver.resets, "the set with the model is of before the seam");
    hang = false;
    run(waiting.poll());
    sets(2, 0, 1, 2);
    assertEquals(1, perceiver.resets);
    hang = true;
    sets(2, 0, 1, 2);
    assertNotNull(of(Kind.FALLBACK).getLast().action(), "what was decided behind it goes on");
    assertEquals(1, pipeline.counts().seams(), "once");
  }

  @Test
  void withoutAnyCameraNothingNewIsDriven() {
    withoutCameraAhead(2);
  }

  @Test
  void aCameraToTheSideIsNoneAhead() {
    withoutCameraAhead(1, 2);
  }

  @Test
  void aRigWithoutCameraAheadDrivesOnWhatItHas() {
    pipeline(
            looking(Math.toRadians(40), Math.toRadians(85)),
            PipelineOptions.tenHertz(),
            RulePerceiver.of(1),
            this::atOnce)
        .open(clock.nanoTime());
    sets(5, 2);
    assertEquals(5, of(Kind.FRESH).size());
  }

  @Test
  void aRigOfOneLidarDrivesOnIt() {
    pipeline(
            new Rig(List.of(), RIG.lidar()),
            PipelineOptions.tenHertz(),
            RulePerceiver.of(1),
            this::atOnce)
        .open(clock.nanoTime());
    for (int set = 0; set < 5; set++) {
      FrameRing ring = pipeline.inlets().ring(0);
      long handle = ring.tryClaim(clock.nanoTime());
      long nowNs = clock.nanoTime();
      ring.publish(handle, nowNs, 160, 10, 1, SensorInlets.XYZI, nowNs);
      live(100);
    }
    assertEquals(5, of(Kind.FRESH).size());
  }
}
