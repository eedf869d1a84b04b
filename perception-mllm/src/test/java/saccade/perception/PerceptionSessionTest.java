package saccade.perception;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static saccade.perception.TestSets.CAMERAS;
import static saccade.perception.TestSets.CAMERA_TOKENS;
import static saccade.perception.TestSets.LIDAR_TOKENS;
import static saccade.perception.TestSets.SENSORS;

import com.sun.management.ThreadMXBean;
import java.lang.foreign.MemorySegment;
import java.lang.management.ManagementFactory;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import saccade.kernels.geometry.CameraModel;
import saccade.kernels.geometry.LidarModel;
import saccade.kernels.geometry.Pose;
import saccade.kernels.geometry.Rig;
import saccade.kernels.geometry.SweepTiming;
import saccade.kernels.image.PixelFormat;
import saccade.kernels.lidar.Deskew;
import saccade.perception.PerceptionOutput.Kind;
import saccade.perception.encode.EncodedSet;
import saccade.perception.engine.LoadedModel;
import saccade.perception.model.ModelPackage;
import saccade.perception.model.ModelPackage.Exit;
import saccade.perception.sparsify.PixelVariance;
import saccade.perception.sparsify.Sparsifier;
import saccade.perception.sparsify.TokenPolicy;
import saccade.perception.tokens.Grammar;
import saccade.realtime.clock.NanoClock;

class PerceptionSessionTest {

  private static final long NEVER = Long.MAX_VALUE;
  private static final long MS = 1_000_000;

  /** Slices until the action is decided, one millisecond each. */
  private static final long ACTION_MS = CAMERAS + 2 + 3 + 6; // LiDAR, assembly, prefills, tokens

  /** One slice a fact, whatever was said before. */
  private static final SessionOptions FACT_BY_FACT = SessionOptions.DEFAULT.withDrafts(false);

  private static ModelPackage model;
  private static LoadedModel loaded;

  @BeforeAll
  static void open() throws Exception {
    model = TestSets.model();
    loaded = LoadedModel.open(model);
  }

  @AfterAll
  static void close() {
    if (loaded != null) {
      loaded.close();
    }
  }

  /** A clock on which every slice takes one millisecond: two readings a slice. */
  private static NanoClock oneMillisecondASlice() {
    long[] now = {0};
    return () -> now[0] += MS;
  }

  @Test
  void shouldGiveActionAndSentenceForFullSets() {
    TestSets sets = new TestSets(1);
    try (PerceptionSession session = session(SessionOptions.DEFAULT)) {
      for (int i = 0; i < 7; i++) {
        PerceptionOutput out = session.run(sets.next(), NEVER, 0);
        assertEquals(Kind.COMPLETE, out.kind());
        assertEquals(CutReason.NONE, out.cutReason());
        assertEquals(i, out.set());
        assertEquals(sets.input.captureNs(), out.captureNs());
        assertTrue(out.actionConfidenceMin() > 0 && out.actionConfidenceMean() <= 1);
        assertTrue(out.sentenceConfidenceMin() > 0 && out.sentenceConfidenceMean() <= 1);
        assertEquals(SENSORS, out.tokensKept());
        assertEquals(SENSORS, out.tokensTotal());
        assertEquals(6, out.exitLayer());
        assertEquals(CAMERAS + 2, out.sensorsUsed().size());
        assertEquals("front_wide", out.sensorsUsed().getFirst());
        assertEquals(List.of("lidar_top", "ego"), out.sensorsUsed().subList(CAMERAS, CAMERAS + 2));
        assertEquals(List.of(), out.sensorsMissing());
        assertEquals(List.of(), out.faults());
        assertTrue(out.times().encodeNs() > 0 && out.times().sentenceNs() > 0);
        assertParses(session.grammar(), out);
        assertEquals(1 + Math.min(4, i + 1) * SENSORS, session.cache().rows(2));
      }
      assertEquals(7, session.completeSets());
      assertEquals(0, session.cutSets());
      assertEquals("CPUExecutionProvider", loaded.provider());
    }
  }

  /** A rig that states its sweep's timing answers as if the corrected sweep had come. */
  @Test
  void shouldTakeTheSweepAsAtTheSetsInstantWhereItsTimingIsKnown() {
    LidarModel plain = TestSets.RIG.lidar();
    SweepTiming timing = new SweepTiming(0.1, true, Math.PI, 0.5);
    LidarModel spinning =
        new LidarModel(
            plain.name(),
            plain.baseFromLidar(),
            plain.beams(),
            plain.columns(),
            plain.minElevationRad(),
            plain.maxElevationRad(),
            plain.maxRangeM(),
            timing);
    TestSets sets = new TestSets(5);
    try (PerceptionSession corrects =
            new PerceptionSession(
                loaded,
                new Rig(TestSets.RIG.cameras(), spinning),
                NanoClock.system(),
                SessionOptions.DEFAULT);
        PerceptionSession given = session(SessionOptions.DEFAULT);
        PerceptionSession skewed = session(SessionOptions.DEFAULT)) {
      SetInput in = sets.next();
      in.ego(20, 0.4, 20, 0);
      in.lidar(sets.points(), sets.pointCount(), 50 * MS);
      final float[] found = corrects.run(in, NEVER, 0).actionConfidence();
      final float[] crooked = skewed.run(in, NEVER, 0).actionConfidence();
      MemorySegment straight = MemorySegment.ofArray(new float[4 * sets.pointCount()]);
      new Deskew(plain.baseFromLidar(), timing)
          .correct(sets.points(), sets.pointCount(), 0.05, 20, 0.4, straight);
      in.lidar(straight, sets.pointCount());
      assertArrayEquals(given.run(in, NEVER, 0).actionConfidence(), found);
      assertFalse(Arrays.equals(crooked, found), "the sweep was not corrected at all");
    }
  }

  @Test
  void shouldAnswerTheSameForTheSameInputAndAfterReset() {
    try (PerceptionSession a = session(SessionOptions.DEFAULT);
        PerceptionSession b = session(SessionOptions.DEFAULT)) {
      // b is stepped between the slices of a: streams share sessions, never memory.
      TestSets setsA = new TestSets(2);
      TestSets setsB = new TestSets(2);
      TestSets other = new TestSets(99);
      List<PerceptionOutput> alone = new ArrayList<>();
      for (int i = 0; i < 5; i++) {
        alone.add(a.run(setsA.next(), NEVER, 0));
      }
      a.reset();
      for (int i = 0; i < 5; i++) {
        a.begin(other.next(), NEVER);
        b.begin(setsB.next(), NEVER);
        while (a.nextSlice() != PerceptionSession.DONE || b.nextSlice() != PerceptionSession.DONE) {
          if (a.nextSlice() != PerceptionSession.DONE) {
            a.step(0);
          }
          if (b.nextSlice() != PerceptionSession.DONE) {
            b.step(0);
          }
        }
        assertSameAnswer(alone.get(i), b.output());
      }
      a.reset();
      TestSets again = new TestSets(2);
      for (int i = 0; i < 5; i++) {
        assertSameAnswer(alone.get(i), a.run(again.next(), NEVER, 0));
      }
    }
  }

  @Test
  void shouldGiveAValidOutputWhereverItIsCut() {
    TestSets sets = new TestSets(3);
    try (PerceptionSession session = session(FACT_BY_FACT)) {
      int wholeSteps = 0;
      session.begin(sets.next(), NEVER);
      while (session.step(0) == SliceOutcome.MORE) {
        wholeSteps++;
      }
      assertTrue(wholeSteps >= CAMERAS + 2 + 3 + 6 + 5, "steps " + wholeSteps);
      int withAction = 0;
      for (int cutAfter = 0; cutAfter <= wholeSteps; cutAfter++) {
        session.begin(sets.next(), NEVER);
        for (int i = 0; i < cutAfter && session.nextSlice() != PerceptionSession.DONE; i++) {
          session.step(0);
        }
        boolean ready = session.actionReady();
        boolean ended = session.nextSlice() == PerceptionSession.DONE;
        PerceptionOutput out = session.cut();
        assertSame(out, session.output());
        assertEquals(PerceptionSession.DONE, session.nextSlice());
        if (!ended) {
          assertEquals(CutReason.REQUESTED, out.cutReason());
          assertEquals(
              ready ? Kind.CUT_SHORT_WITH_ACTION : Kind.CUT_SHORT_WITHOUT_ACTION, out.kind());
          assertEquals(ready ? 6 : 0, out.actionIds().length);
          assertEquals(ready ? 6 : 0, out.exitLayer());
          withAction += ready ? 1 : 0;
        }
        for (int slice = 0; slice < 3; slice++) {
          assertTrue(session.cache().rows(slice) <= 1 + 4 * SENSORS, "text rows must be gone");
        }
      }
      assertTrue(withAction >= 5, "cut with action " + withAction);
      // After all those cuts the stream still gives whole answers.
      assertEquals(Kind.COMPLETE, session.run(sets.next(), NEVER, 0).kind());
    }
  }

  @Test
  void shouldEndBeforeASliceThatWouldMissTheDeadline() {
    TestSets sets = new TestSets(4);
    try (PerceptionSession session =
        new PerceptionSession(loaded, TestSets.RIG, oneMillisecondASlice(), FACT_BY_FACT)) {
      PerceptionOutput whole = session.run(sets.next(), NEVER, 0);
      assertEquals(Kind.COMPLETE, whole.kind());
      assertEquals(MS, session.predictedNs(0));

      PerceptionOutput described = session.run(sets.next(), (ACTION_MS + 2) * MS, 0);
      assertEquals(Kind.CUT_SHORT_WITH_ACTION, described.kind());
      assertEquals(CutReason.DEADLINE, described.cutReason());
      assertEquals((ACTION_MS + 2) * MS, described.times().totalNs());
      assertEquals(6, described.actionIds().length);

      PerceptionOutput late = session.run(sets.next(), (ACTION_MS - 3) * MS, 0);
      assertEquals(Kind.CUT_SHORT_WITHOUT_ACTION, late.kind());
      assertEquals((ACTION_MS - 3) * MS, late.times().totalNs());
      assertEquals(0, late.actionIds().length);
      assertEquals("", late.sentence());

      PerceptionOutput hopeless = session.run(sets.next(), 0, 5 * MS);
      assertEquals(Kind.CUT_SHORT_WITHOUT_ACTION, hopeless.kind());
      assertEquals(0, hopeless.times().totalNs());
      assertEquals(SensorStatus.SKIPPED, hopeless.lidar());
      assertEquals(3, session.cutSets());

      PerceptionOutput anyOrigin = session.run(sets.next(), NEVER, -5);
      assertEquals(Kind.COMPLETE, anyOrigin.kind(), "a clock may start below zero");
    }
  }

  @Test
  void shouldRecoverFromAStartThatWasSlowerThanTheBudget() {
    long[] now = {0};
    long[] slice = {300 * MS};
    NanoClock coldThenWarm = () -> now[0] += slice[0];
    try (PerceptionSession session =
        new PerceptionSession(loaded, TestSets.RIG, coldThenWarm, SessionOptions.DEFAULT)) {
      TestSets sets = new TestSets(13);
      session.run(sets.next(), NEVER, 0);
      slice[0] = MS;
      int until = 0;
      while (session.run(sets.input, 90 * MS, 0).kind() != Kind.COMPLETE) {
        until++;
        assertTrue(until < 40, "still cut after " + until + " sets");
      }
      assertTrue(until > 0, "the first ones were cut");
    }
  }

  @Test
  void shouldTakeAnAllowedExitWhenTheDeadlineIsNearAndNoneThatIsNotAllowed() throws Exception {
    List<Exit> exits = new ArrayList<>(model.exits());
    exits.set(1, new Exit(1, List.of(Exit.ACTION, "road", "light")));
    try (LoadedModel calibrated = LoadedModel.open(withExits(exits));
        PerceptionSession session =
            new PerceptionSession(calibrated, TestSets.RIG, oneMillisecondASlice(), FACT_BY_FACT)) {
      TestSets sets = new TestSets(5);
      assertEquals(6, session.run(sets.next(), NEVER, 0).exitLayer());
      PerceptionOutput early = session.run(sets.next(), (ACTION_MS - 1) * MS, 0);
      assertEquals(Kind.CUT_SHORT_WITH_ACTION, early.kind());
      assertEquals(4, early.exitLayer());
      assertEquals(1, early.exitSlice());
      assertEquals(1 + 2 * SENSORS, session.cache().rows(1));
      assertEquals(1 + SENSORS, session.cache().rows(2), "no rows above the exit");

      PerceptionOutput full = session.run(sets.next(), ACTION_MS * MS, 0);
      assertEquals(6, full.exitLayer());

      // The exit never saw facts other than those it may decide.
      PerceptionOutput spoken = session.run(sets.next(), (ACTION_MS - 1) * MS, 0);
      assertEquals(4, spoken.exitLayer());
      for (int fact = 2; fact < spoken.factIds().length; fact++) {
        assertEquals(Grammar.NOT_SPOKEN, spoken.factIds()[fact]);
      }
    }
    exits.set(1, new Exit(1, List.of("road")));
    try (LoadedModel strict = LoadedModel.open(withExits(exits));
        PerceptionSession session =
            new PerceptionSession(strict, TestSets.RIG, oneMillisecondASlice(), FACT_BY_FACT)) {
      TestSets sets = new TestSets(5);
      session.run(sets.next(), NEVER, 0);
      assertEquals(
          Kind.CUT_SHORT_WITHOUT_ACTION, session.run(sets.next(), (ACTION_MS - 1) * MS, 0).kind());
    }
  }

  @Test
  void shouldDecodeAtAForcedExit() {
    for (int exit = 0; exit < 3; exit++) {
      try (PerceptionSession session = session(SessionOptions.DEFAULT.withForcedExit(exit))) {
        TestSets sets = new TestSets(6);
        PerceptionOutput out = session.run(sets.next(), NEVER, 0);
        assertEquals(Kind.COMPLETE, out.kind());
        assertEquals(2 * (exit + 1), out.exitLayer());
        assertParses(session.grammar(), out);
        for (int slice = 0; slice < 3; slice++) {
          assertEquals(slice <= exit ? 1 + SENSORS : 1, session.cache().rows(slice));
        }
      }
    }
    assertThrows(
        IllegalArgumentException.class,
        () -> session(SessionOptions.DEFAULT.withForcedExit(3)).close());
  }

  @Test
  void shouldGoOnWithoutAnyOneSensor() {
    try (PerceptionSession session = session(SessionOptions.DEFAULT)) {
      TestSets sets = new TestSets(7);
      SetInput in = sets.next();
      in.noCamera(0);
      PerceptionOutput out = session.run(in, NEVER, 0);
      assertEquals(Kind.COMPLETE, out.kind());
      assertEquals(SENSORS - CAMERA_TOKENS, out.tokensKept());
      assertEquals(List.of("front_wide"), out.sensorsMissing());
      assertEquals(0, out.cameras().get(0).keptCount());

      in = sets.next();
      in.noLidar();
      out = session.run(in, NEVER, 0);
      assertEquals(SENSORS - LIDAR_TOKENS, out.tokensKept());
      assertEquals(List.of("lidar_top"), out.sensorsMissing());

      in = sets.next();
      in.noEgo();
      out = session.run(in, NEVER, 0);
      assertEquals(SENSORS - 1, out.tokensKept());
      assertEquals(List.of("ego"), out.sensorsMissing());

      in = sets.next();
      for (int camera = 0; camera < CAMERAS; camera++) {
        in.noCamera(camera);
      }
      in.noLidar();
      out = session.run(in, NEVER, 0);
      assertEquals(Kind.CUT_SHORT_WITHOUT_ACTION, out.kind());
      assertEquals(CutReason.NO_SENSORS, out.cutReason());
      assertEquals(Kind.COMPLETE, session.run(sets.next(), NEVER, 0).kind());
    }
  }

  @Test
  void shouldNameBrokenInputAndUseTheRest() {
    try (PerceptionSession session = session(SessionOptions.DEFAULT)) {
      TestSets sets = new TestSets(8);
      SetInput in = sets.next();
      in.camera(0, sets.image(0).asSlice(0, 1000), 448, 256, 1344, PixelFormat.RGB8);
      assertFault(session.run(in, NEVER, 0), "front_wide", "found 448x256 px, stride 1344, 1000 b");

      in = sets.next();
      in.camera(1, sets.image(1), 224, 256, 1344, PixelFormat.BGR8);
      assertFault(session.run(in, NEVER, 0), "front_tele", "found 224x256 px");

      in = sets.next();
      in.camera(1, sets.image(1), 448, 256, 100, PixelFormat.BGR8);
      assertFault(session.run(in, NEVER, 0), "front_tele", "stride 100");

      in = sets.next();
      in.lidar(MemorySegment.NULL, 0);
      assertFault(session.run(in, NEVER, 0), "lidar_top", "found 0 points in 0 bytes");

      in = sets.next();
      in.lidar(sets.points(), sets.pointCount() + 1);
      assertFault(session.run(in, NEVER, 0), "lidar_top", "found 2001 points in 32000 bytes");

      in = sets.next();
      for (int p = 0; p < sets.pointCount(); p++) {
        sets.point(p, Float.NaN, 1, 1);
      }
      assertFault(session.run(in, NEVER, 0), "lidar_top", "2000 points, all NaN or infinite");

      in = sets.next();
      sets.point(7, Float.NaN, Float.POSITIVE_INFINITY, 0);
      assertEquals(List.of(), session.run(in, NEVER, 0).faults(), "one bad point is left out");

      in = sets.next();
      in.ego(Double.NaN, 0, 10, 0);
      assertFault(session.run(in, NEVER, 0), "ego", "found speed NaN m/s");
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"fastv@0.5", "sparsevlm@0.5"})
  void shouldCountScoresInsideTheDecoderThatAreNoNumbersAndSayNothing(String policy) {
    SessionOptions options = SessionOptions.of(model, TestSets.RIG, TokenPolicy.parse(policy));
    try (PerceptionSession session = session(options)) {
      TestSets sets = new TestSets(9);
      session.run(sets.next(), NEVER, 0);
      session.begin(sets.next(), NEVER);
      while (!session.sliceName(session.nextSlice()).equals("prefill 0")) {
        session.step(0);
      }
      session.decoder().spoilInput();
      while (session.nextSlice() != PerceptionSession.DONE) {
        session.step(0);
      }
      assertEquals(CutReason.NON_FINITE, session.output().cutReason());
      assertEquals(0, session.output().actionIds().length);
      long counted = session.degradedSelections();
      assertTrue(counted >= 1, policy);
      assertEquals(Kind.COMPLETE, session.run(sets.next(), NEVER, 0).kind());
      assertEquals(counted, session.degradedSelections(), "the next set is whole again");
    }
  }

  @Test
  void shouldTurnNumbersThatAreNotFiniteIntoNoActionAndForgetTheSet() {
    try (PerceptionSession session = session(SessionOptions.DEFAULT)) {
      TestSets sets = new TestSets(9);
      session.run(sets.next(), NEVER, 0);
      session.begin(sets.next(), NEVER);
      while (!session.sliceName(session.nextSlice()).equals("prefill 0")) {
        session.step(0);
      }
      session.decoder().spoilInput();
      while (session.nextSlice() != PerceptionSession.DONE) {
        session.step(0);
      }
      PerceptionOutput out = session.output();
      assertEquals(Kind.CUT_SHORT_WITHOUT_ACTION, out.kind());
      assertEquals(CutReason.NON_FINITE, out.cutReason());
      assertEquals(0, out.actionIds().length);
      assertEquals(1, session.nonFiniteSets());
      assertEquals(1 + SENSORS, session.cache().rows(0), "only the set before is kept");
      assertEquals(Kind.COMPLETE, session.run(sets.next(), NEVER, 0).kind());
    }
  }

  @Test
  void shouldTurnAFailureOfTheRuntimeIntoNoActionAndOneLine() {
    LoadedModel gone = LoadedModel.open(model);
    try (PerceptionSession session =
        new PerceptionSession(gone, TestSets.RIG, NanoClock.system(), SessionOptions.DEFAULT)) {
      TestSets sets = new TestSets(14);
      assertEquals(Kind.COMPLETE, session.run(sets.next(), NEVER, 0).kind());
      gone.close();
      PerceptionOutput out = session.run(sets.next(), NEVER, 0);
      assertEquals(Kind.CUT_SHORT_WITHOUT_ACTION, out.kind());
      assertEquals(CutReason.ENGINE, out.cutReason());
      assertTrue(out.faults().getFirst().startsWith("encoder_camera.onnx: "), out.faults().get(0));
      assertEquals(1, session.engineFailures());
      assertEquals(1 + SENSORS, session.cache().rows(0));
    }
  }

  @Test
  void shouldDropVisualTokensButNeverProtectedOnes() {
    Sparsifier half = PixelVariance.share(model.camera(), 0.5);
    try (PerceptionSession session = session(SessionOptions.DEFAULT.withSparsifier(half))) {
      TestSets sets = new TestSets(10);
      SetInput in = sets.next();
      boolean[] guard = new boolean[28];
      guard[0] = true;
      guard[27] = true;
      in.protect(0, guard);
      PerceptionOutput out = session.run(in, NEVER, 0);
      assertEquals(Kind.COMPLETE, out.kind());
      assertEquals(14 * CAMERAS + LIDAR_TOKENS + 1, out.tokensKept());
      assertEquals(14, out.cameras().get(0).keptCount());
      assertTrue(out.cameras().get(0).kept()[0] && out.cameras().get(0).kept()[27]);
      for (int i = 0; i < 6; i++) {
        out = session.run(sets.next(), NEVER, 0);
      }
      assertEquals(1 + 4 * (14 * CAMERAS + LIDAR_TOKENS + 1), session.cache().rows(0));
    }
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "visionzip@0.25/ahead",
        "prumerge@0.25",
        "ficoco@0.25/path",
        "folder@0.12",
        "pixel-variance>nearest>mean@0.25",
        "evs@0.5"
      })
  void shouldRunWithAnySparsifierInItsBudget(String policy) {
    SessionOptions options = SessionOptions.of(model, TestSets.RIG, TokenPolicy.parse(policy));
    try (PerceptionSession session = session(options)) {
      TestSets sets = new TestSets(12);
      int most = 0;
      for (int camera = 0; camera < CAMERAS; camera++) {
        most += session.mostTokens(camera);
      }
      for (int i = 0; i < 3; i++) {
        PerceptionOutput out = session.run(sets.next(), NEVER, 0);
        assertEquals(Kind.COMPLETE, out.kind(), policy);
        assertEquals(most + LIDAR_TOKENS + 1, out.tokensKept(), policy);
      }
      assertEquals(0, session.degradedSelections());
    }
  }

  @Test
  void shouldLeaveOutCamerasThatSeeWhatTheySawBefore() {
    SessionOptions options = SessionOptions.of(model, TestSets.RIG, TokenPolicy.parse("vts"));
    try (PerceptionSession session = session(options)) {
      SetInput in = new TestSets(15).next();
      int sight = CAMERAS * 28;
      int other = LIDAR_TOKENS + 1;
      assertEquals(sight + other, session.run(in, NEVER, 0).tokensKept());
      PerceptionOutput out = session.run(in, NEVER, 0);
      assertEquals(Kind.COMPLETE, out.kind());
      assertEquals(other, out.tokensKept());
      assertEquals(SensorStatus.USED, out.cameras().getFirst().status());
      assertEquals(0, out.cameras().getFirst().keptCount());
      boolean[] guard = new boolean[28];
      guard[1] = true;
      in.protect(1, guard);
      assertEquals(28 + other, session.run(in, NEVER, 0).tokensKept(), "never skipped");
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"fastv@0.25", "sparsevlm@0.25", "vtw", "divprune@0.5+vtw:2"})
  void shouldDropRowsInsideTheDecoderButNeverProtectedOnes(String policy) {
    SessionOptions options = SessionOptions.of(model, TestSets.RIG, TokenPolicy.parse(policy));
    try (PerceptionSession session = session(options);
        PerceptionSession whole = session(SessionOptions.DEFAULT)) {
      TestSets sets = new TestSets(13);
      boolean[] guard = new boolean[28];
      guard[5] = true;
      int slices = model.decoder().slices();
      int visual = CAMERAS * 28;
      int before = policy.startsWith("div") ? visual / 2 : visual;
      int left = policy.contains("vtw") ? 1 : Math.round(0.25f * before);
      for (int i = 0; i < 6; i++) { // longer than the window, with drafts from the second on
        SetInput in = sets.next();
        in.protect(1, guard);
        PerceptionOutput out = session.run(in, NEVER, 0);
        assertEquals(Kind.COMPLETE, out.kind(), policy);
        assertEquals(model.grammar().size(), out.factIds().length);
        int shown = Math.min(4, i + 1);
        assertEquals(
            1 + shown * (before + LIDAR_TOKENS + 1), session.cache().rows(0), policy + " below");
        assertEquals(
            1 + shown * (left + LIDAR_TOKENS + 1),
            session.cache().rows(slices - 1),
            policy + " above");
      }
      assertEquals(0, session.degradedSelections());
      // Nothing is dropped: the same answer as without a pruner, through the graphs with more
      // outputs.
      SessionOptions all = SessionOptions.of(model, TestSets.RIG, TokenPolicy.parse("fastv@1"));
      try (PerceptionSession same = session(all)) {
        SetInput in = sets.next();
        assertArrayEquals(
            whole.run(in, NEVER, 0).factIds(), same.run(in, NEVER, 0).factIds(), policy);
      }
    }
  }

  @Test
  void shouldNotEncodeAPictureAgainThatIsTheSame() {
    try (PerceptionSession session = session(SessionOptions.DEFAULT);
        PerceptionSession encodes = session(SessionOptions.DEFAULT);
        EncodedSet empty = new EncodedSet(model)) {
      TestSets sets = new TestSets(14);
      SetInput in = sets.next();
      session.run(in, NEVER, 0);
      encodes.run(in, NEVER, 0);
      assertEquals(0, session.reusedPictures());
      PerceptionOutput again = session.run(in, NEVER, 0);
      assertEquals(CAMERAS, session.reusedPictures());
      encodes.share(empty); // has nothing and makes it forget the pictures
      PerceptionOutput wanted = encodes.run(in, NEVER, 0);
      assertEquals(0, encodes.reusedPictures());
      assertArrayEquals(wanted.factIds(), again.factIds());
      assertArrayEquals(wanted.factConfidence(), again.factConfidence());
      session.run(sets.next(), NEVER, 0);
      assertEquals(CAMERAS, session.reusedPictures());
    }
  }

  @Test
  void shouldEncodeThePictureBeforeAResetAgain() {
    try (PerceptionSession session = session(SessionOptions.DEFAULT);
        PerceptionSession fresh = session(SessionOptions.DEFAULT)) {
      SetInput in = new TestSets(15).next();
      session.run(in, NEVER, 0);
      session.reset();
      PerceptionOutput again = session.run(in, NEVER, 0);
      assertEquals(0, session.reusedPictures());
      assertEquals(2 * CAMERAS, session.encodedPictures());
      assertSameAnswer(fresh.run(in, NEVER, 0), again);
      session.run(in, NEVER, 0);
      assertEquals(CAMERAS, session.reusedPictures(), "one reset costs one picture of each camera");
    }
  }

  @Test
  void shouldSpendNoMoreThanItsLimits() {
    try (PerceptionSession session = session(SessionOptions.DEFAULT)) {
      TestSets sets = new TestSets(11);
      PerceptionOutput whole = session.run(sets.next(), NEVER, 0);
      SetLimits limits = session.limits();
      limits.tokens(0, 10);
      limits.tokens(1, 0);
      limits.facts(2);
      int early = 0;
      while (!model.exits().get(early).mayDecide(Exit.ACTION)) {
        early++;
      }
      limits.exit(0);
      SetInput in = sets.next();
      boolean[] guard = new boolean[28];
      guard[27] = true;
      in.protect(0, guard);
      PerceptionOutput out = session.run(in, NEVER, 0);
      assertEquals(Kind.COMPLETE, out.kind(), "all that was asked");
      assertEquals(10, out.cameras().get(0).keptCount());
      assertTrue(out.cameras().get(0).kept()[27], "protected");
      assertEquals(SensorStatus.SKIPPED, out.cameras().get(1).status());
      assertTrue(out.sensorsMissing().contains(out.cameras().get(1).name()));
      assertEquals(SENSORS - 28 - 18, out.tokensKept());
      assertEquals(early, out.exitSlice(), "the first exit that may decide the action");
      assertEquals(whole.actionIds().length, out.actionIds().length);
      int spoken = 0;
      for (int id : out.factIds()) {
        spoken += id == Grammar.NOT_SPOKEN ? 0 : 1;
      }
      assertTrue(spoken <= 2, "facts " + spoken);
      limits.facts(0);
      out = session.run(sets.next(), NEVER, 0);
      assertEquals(Kind.COMPLETE, out.kind());
      assertEquals("", out.sentence());
      assertEquals(0, out.times().sentenceNs());
      limits.clear();
      out = session.run(sets.next(), NEVER, 0);
      assertEquals(SENSORS, out.tokensKept());
      assertEquals(model.decoder().slices() - 1, out.exitSlice());
    }
  }

  @Test
  void shouldHandTheActionOutBeforeTheSentenceAndSayTheSameInTheEnd() {
    try (PerceptionSession session = session(SessionOptions.DEFAULT)) {
      TestSets sets = new TestSets(12);
      session.begin(sets.next(), NEVER);
      assertThrows(IllegalStateException.class, session::actionOutput);
      while (!session.actionReady()) {
        session.step(0);
      }
      PerceptionOutput action = session.actionOutput();
      assertTrue(action.hasAction());
      assertEquals(Kind.CUT_SHORT_WITH_ACTION, action.kind(), "its sentence is missing");
      assertEquals("", action.sentence());
      while (session.nextSlice() != PerceptionSession.DONE) {
        session.step(0);
      }
      PerceptionOutput whole = session.output();
      assertEquals(Kind.COMPLETE, whole.kind());
      assertArrayEquals(action.actionIds(), whole.actionIds());
      assertEquals(action.tokensKept(), whole.tokensKept());
      assertTrue(session.lastSize() > 0, "the last slice was of the sentence");
      assertThrows(IllegalStateException.class, session::actionOutput);
    }
  }

  @Test
  void shouldRefuseARigWithMoreCamerasThanTheModelAndAcceptOneWithFewer() {
    Rig rig = TestSets.RIG;
    List<CameraModel> more = new ArrayList<>(rig.cameras());
    CameraModel first = more.getFirst();
    more.add(
        CameraModel.ofHorizontalFov(
            "one_more", first.widthPx(), first.heightPx(), 1, Pose.of(0, 0, 1, 0, 0, 0)));
    IllegalArgumentException refused =
        assertThrows(
            IllegalArgumentException.class,
            () ->
                new PerceptionSession(
                        loaded, new Rig(more, null), NanoClock.system(), SessionOptions.DEFAULT)
                    .close());
    assertEquals(
        "rig: found %d cameras, model %s wants at most %d"
            .formatted(CAMERAS + 1, model.name(), CAMERAS),
        refused.getMessage());
    Rig one = new Rig(rig.cameras().subList(0, 1), null);
    try (PerceptionSession session =
        new PerceptionSession(loaded, one, NanoClock.system(), SessionOptions.DEFAULT)) {
      TestSets sets = new TestSets(11);
      sets.next();
      SetInput in = new SetInput(1);
      in.camera(0, sets.image(0), 448, 256, 1344, PixelFormat.RGB8);
      PerceptionOutput out = session.run(in, NEVER, 0);
      assertEquals(Kind.COMPLETE, out.kind());
      assertEquals(CAMERAS - 1 + 2, out.sensorsMissing().size());
      assertEquals("camera 1", out.sensorsMissing().getFirst());
      assertEquals(List.of("lidar", "ego"), out.sensorsMissing().subList(CAMERAS - 1, CAMERAS + 1));
      assertThrows(IllegalArgumentException.class, () -> session.begin(sets.input, NEVER));
    }
  }

  @Test
  void shouldMakeNoGarbageBeyondOneOutput() {
    ThreadMXBean threads = (ThreadMXBean) ManagementFactory.getThreadMXBean();
    try (PerceptionSession session = session(SessionOptions.DEFAULT)) {
      TestSets sets = new TestSets(12);
      SetInput in = sets.next();
      long handles = session.handles();
      long bytes = session.bytes();
      for (int i = 0; i < 30; i++) {
        session.run(in, NEVER, 0);
      }
      int sliceRuns = 0;
      long before = threads.getCurrentThreadAllocatedBytes();
      for (int i = 0; i < 10; i++) {
        session.begin(in, NEVER);
        while (session.nextSlice() != PerceptionSession.DONE) {
          session.step(0);
          sliceRuns++;
        }
      }
      long perSet = (threads.getCurrentThreadAllocatedBytes() - before) / 10;
      // Three slices of layers and a head for each of the text tokens, encoders and prefill.
      System.out.println("heap per set: " + perSet + " B in " + sliceRuns / 10 + " slices");
      assertTrue(sliceRuns / 10 > ACTION_MS, "slices a set " + sliceRuns / 10);
      assertEquals("direct calls", loaded.call());
      assertTrue(perSet < 8192, "bytes a set " + perSet);
      assertEquals(handles, session.handles());
      assertEquals(bytes, session.bytes());
    }
  }

  @Test
  void shouldSayTheSameWithADraftInFewerRuns() {
    try (PerceptionSession drafting = session(SessionOptions.DEFAULT);
        PerceptionSession plain = session(FACT_BY_FACT)) {
      TestSets sets = new TestSets(15);
      int draftedSteps = 0;
      int plainSteps = 0;
      for (int i = 0; i < 12; i++) {
        SetInput in = i % 3 == 0 ? sets.next() : sets.input; // the same scene again, or another one
        draftedSteps += steps(drafting, in);
        plainSteps += steps(plain, in);
        PerceptionOutput a = drafting.output();
        PerceptionOutput b = plain.output();
        assertEquals(Kind.COMPLETE, a.kind());
        assertArrayEquals(b.actionIds(), a.actionIds(), "set " + i);
        assertArrayEquals(b.factIds(), a.factIds(), "set " + i);
        assertArrayEquals(b.actionConfidence(), a.actionConfidence(), 1e-4f);
        assertArrayEquals(b.factConfidence(), a.factConfidence(), 1e-4f);
        for (int slice = 0; slice < model.decoder().slices(); slice++) {
          assertEquals(plain.cache().rows(slice), drafting.cache().rows(slice));
        }
      }
      assertEquals(0, plain.draftedTokens());
      long drafted = drafting.draftedTokens();
      long accepted = drafting.acceptedTokens();
      assertTrue(accepted > drafted / 2, accepted + " of " + drafted + " stood");
      assertTrue(accepted < drafted, "another scene differs somewhere: " + accepted);
      assertTrue(draftedSteps < plainSteps, draftedSteps + " steps, without " + plainSteps);
    }
  }

  private static int steps(PerceptionSession session, SetInput in) {
    session.begin(in, NEVER);
    int steps = 0;
    while (session.nextSlice() != PerceptionSession.DONE) {
      session.step(0);
      steps++;
    }
    return steps;
  }

  @Test
  void shouldEndTheSetWhenStoppedFromOutsideAndGoOnWithTheNext() throws Exception {
    try (PerceptionSession session = session(SessionOptions.DEFAULT)) {
      TestSets sets = new TestSets(16);
      session.run(sets.next(), NEVER, 0);
      session.begin(sets.next(), NEVER);
      while (!session.sliceName(session.nextSlice()).equals("prefill 1")) {
        session.step(0);
      }
      Thread other = new Thread(session::stop);
      other.start();
      other.join();
      assertEquals(SliceOutcome.CUT_SHORT, session.step(0));
      assertEquals(CutReason.REQUESTED, session.output().cutReason());
      assertEquals(Kind.CUT_SHORT_WITHOUT_ACTION, session.output().kind());
      assertEquals(List.of(), session.output().faults());
      assertEquals(0, session.engineFailures());
      assertEquals(Kind.COMPLETE, session.run(sets.next(), NEVER, 0).kind());
      session.stop();
      session.reset();
      assertEquals(Kind.COMPLETE, session.run(sets.next(), NEVER, 0).kind());
    }
  }

  /** A clock that says what each slice takes. */
  private static final class Script implements NanoClock {
    long nowNs;
    long sliceNs;
    boolean end;

    @Override
    public long nanoTime() {
      nowNs += end ? sliceNs : 0;
      end = !end;
      return nowNs;
    }
  }

  @Test
  void shouldComeBackFromAnEarlyExitOnceDeeperLayersFitAgain() {
    List<Exit> exits = new ArrayList<>(model.exits());
    exits.set(1, new Exit(1, List.of(Exit.ACTION)));
    Script clock = new Script();
    try (LoadedModel calibrated = LoadedModel.open(withExits(exits));
        PerceptionSession session =
            new PerceptionSession(calibrated, TestSets.RIG, clock, FACT_BY_FACT)) {
      TestSets sets = new TestSets(17);
      sets.next();
      for (int i = 0; i < 40; i++) { // the machine is busy: what is deep takes long
        runScripted(session, sets.input, clock, 9 * MS, NEVER);
      }
      assertEquals(6, session.output().exitLayer());
      long budget = (ACTION_MS + 4) * MS;
      int early = 0;
      while (runScripted(session, sets.input, clock, MS, budget).exitLayer() != 6) {
        assertEquals(4, session.output().exitLayer(), "an action in every set");
        early++;
        assertTrue(early < 20, "still early after " + early + " sets");
      }
      assertTrue(early > 0, "the first ones left early");
      for (int i = 0; i < 5; i++) {
        assertEquals(
            6, runScripted(session, sets.input, clock, MS, budget).exitLayer(), "and it stays so");
      }
    }
  }

  /** Every slice takes 1 ms but the last layers' prefill, which takes {@code deepNs}. */
  private static PerceptionOutput runScripted(
      PerceptionSession session, SetInput in, Script clock, long deepNs, long deadlineNs) {
    session.begin(in, deadlineNs);
    long now = 0;
    while (session.nextSlice() != PerceptionSession.DONE) {
      clock.sliceNs = session.sliceName(session.nextSlice()).equals("prefill 2") ? deepNs : MS;
      session.step(now);
      now += session.lastSliceNs();
    }
    return session.output();
  }

  private static void assertFault(PerceptionOutput out, String sensor, String detail) {
    assertEquals(Kind.COMPLETE, out.kind(), "one bad sensor never stops the others");
    assertEquals(List.of(sensor), out.sensorsMissing());
    assertEquals(1, out.faults().size());
    assertTrue(out.faults().getFirst().startsWith(sensor + ": "), out.faults().getFirst());
    assertTrue(out.faults().getFirst().contains(detail), out.faults().getFirst());
    assertTrue(out.faults().getFirst().contains("wanted"), out.faults().getFirst());
    assertFalse(out.sensorsUsed().contains(sensor));
  }

  private static void assertSameAnswer(PerceptionOutput a, PerceptionOutput b) {
    assertArrayEquals(a.actionIds(), b.actionIds());
    assertArrayEquals(a.factIds(), b.factIds());
    assertArrayEquals(a.actionConfidence(), b.actionConfidence());
    assertArrayEquals(a.factConfidence(), b.factConfidence());
    assertEquals(a.sentence(), b.sentence());
  }

  private static void assertParses(Grammar grammar, PerceptionOutput out) {
    for (int i = 0; i < grammar.actionTokens(); i++) {
      int id = out.actionIds()[i];
      assertTrue(Arrays.stream(grammar.allowedAction(i)).anyMatch(allowed -> allowed == id));
    }
    int fact = grammar.nextFact(0, out.factIds());
    int spoken = 0;
    for (int i = 0; i < grammar.facts(); i++) {
      if (i == fact) {
        assertEquals(grammar.allowedFact(i)[out.factValues()[i]], out.factIds()[i]);
        fact = grammar.nextFact(i + 1, out.factIds());
        spoken++;
      } else {
        assertEquals(Grammar.NOT_SPOKEN, out.factIds()[i]);
      }
    }
    assertTrue(spoken >= 6, "spoken " + spoken);
    assertFalse(out.sentence().isEmpty());
  }

  private static ModelPackage withExits(List<Exit> exits) {
    ModelPackage m = model;
    return new ModelPackage(
        m.dir(),
        m.name(),
        m.version(),
        m.kind(),
        m.license(),
        m.sha256(),
        m.decoder(),
        m.positions(),
        m.window(),
        m.camera(),
        m.lidar(),
        m.ego(),
        m.slots(),
        m.vocabulary(),
        m.grammar(),
        m.action(),
        exits,
        m.files(),
        m.trained());
  }

  private static PerceptionSession session(SessionOptions options) {
    return new PerceptionSession(loaded, TestSets.RIG, NanoClock.system(), options);
  }
}
