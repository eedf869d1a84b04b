package saccade.perception;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import saccade.perception.engine.LoadedModel;
import saccade.perception.exit.Agreement;
import saccade.perception.exit.Confidence;
import saccade.perception.kv.InfMllm;
import saccade.perception.kv.KvOptions;
import saccade.perception.kv.LookM;
import saccade.perception.kv.StreamingLlm;
import saccade.perception.kv.StreamingVlm;
import saccade.perception.kv.VlaSettings;
import saccade.realtime.clock.NanoClock;

/** Sessions with other caches, exits and drafts than those that ship. */
class DecodeOptionsTest {
  private static final long NEVER = Long.MAX_VALUE / 2;
  private static final DecodeOptions SHIPPED = DecodeOptions.SHIPPED;
  private static LoadedModel loaded;

  @BeforeAll
  static void open() {
    loaded = LoadedModel.open(TestSets.model());
  }

  @AfterAll
  static void close() {
    if (loaded != null) {
      loaded.close();
    }
  }

  private static PerceptionSession session(DecodeOptions decode, boolean drafts) {
    return new PerceptionSession(
        loaded,
        TestSets.RIG,
        NanoClock.system(),
        SessionOptions.DEFAULT.withDrafts(drafts).withDecode(decode));
  }

  // ---- exits ----

  @Test
  void shouldLeaveAtTheFirstExitWhenAnyConfidenceIsEnough() {
    TestSets sets = new TestSets(1);
    try (PerceptionSession session = session(SHIPPED.withExits(Confidence.of(3, 0), true), true)) {
      for (int set = 1; set <= 5; set++) {
        PerceptionOutput output = session.run(sets.next(), NEVER, 0);
        assertEquals(PerceptionOutput.Kind.COMPLETE, output.kind());
        assertEquals(0, output.exitSlice());
        assertEquals(2, output.exitLayer());
        assertEquals(set, session.earlyExits());
        assertEquals(1, session.cache().rows(1), "no rows above the exit but the sink");
      }
    }
  }

  @Test
  void shouldAskOnlyWhereThePackageLetsTheActionBeDecided() {
    TestSets sets = new TestSets(1);
    try (PerceptionSession session = session(SHIPPED.withExits(Confidence.of(3, 0), false), true)) {
      PerceptionOutput output = session.run(sets.next(), NEVER, 0);
      assertTrue(TestSets.model().exits().get(output.exitSlice()).mayDecide("maneuver"));
      assertFalse(TestSets.model().exits().get(0).mayDecide("maneuver"), "the shipped model's");
    }
  }

  @Test
  void shouldLeaveByAgreementOnlyWithSomethingToAgreeWith() {
    TestSets sets = new TestSets(1);
    Agreement always = new Agreement(new float[] {1, 1});
    try (PerceptionSession session = session(SHIPPED.withExits(always, true), true)) {
      assertEquals(1, session.run(sets.next(), NEVER, 0).exitSlice(), "no set before the first");
      assertEquals(0, session.run(sets.next(), NEVER, 0).exitSlice(), "the set before agrees");
    }
    Agreement never = new Agreement(new float[] {-1, -1});
    try (PerceptionSession session = session(SHIPPED.withExits(never, true), true);
        PerceptionSession plain = session(SHIPPED, true)) {
      for (int set = 0; set < 3; set++) {
        SetInput input = sets.next();
        PerceptionOutput asked = session.run(input, NEVER, 0);
        assertEquals(2, asked.exitSlice());
        assertArrayEquals(plain.run(input, NEVER, 0).actionIds(), asked.actionIds());
      }
      assertEquals(0, session.earlyExits());
    }
  }

  @Test
  void shouldPublishNothingThatAnExitSawBroken() {
    TestSets sets = new TestSets(1);
    try (PerceptionSession session =
        session(SHIPPED.withExits(new Agreement(new float[] {1, 1}), true), true)) {
      session.run(sets.next(), NEVER, 0);
      session.begin(sets.next(), NEVER);
      while (session.nextSlice() != session.prefillSlice(0)) {
        session.step(0);
      }
      session.decoder().spoilInput();
      assertEquals(SliceOutcome.CUT_SHORT, session.step(0));
      PerceptionOutput output = session.output();
      assertEquals(CutReason.NON_FINITE, output.cutReason());
      assertEquals(0, output.actionIds().length);
      assertEquals(1, session.nonFiniteSets());
      assertEquals(
          PerceptionOutput.Kind.COMPLETE, session.run(sets.next(), NEVER, 0).kind(), "goes on");
    }
  }

  // ---- drafts from below ----

  @Test
  void shouldSayTheSameWhenTheFirstSliceDrafts() {
    TestSets sets = new TestSets(7);
    try (PerceptionSession plain = session(SHIPPED, false);
        PerceptionSession skipping = session(SHIPPED.withLayerSkip(true), false);
        PerceptionSession both = session(SHIPPED.withLayerSkip(true), true)) {
      for (int set = 0; set < 6; set++) {
        SetInput input = sets.next();
        int[] said = plain.run(input, NEVER, 0).factIds();
        assertArrayEquals(said, skipping.run(input, NEVER, 0).factIds(), "set " + set);
        assertArrayEquals(said, both.run(input, NEVER, 0).factIds(), "set " + set);
        assertEquals(plain.cache().rows(), skipping.cache().rows());
      }
      assertTrue(
          skipping.acceptedTokens() > 0 && skipping.acceptedTokens() <= skipping.draftedTokens(),
          skipping.acceptedTokens() + " of " + skipping.draftedTokens());
    }
  }

  // ---- skipped blocks ----

  @Test
  void shouldPassASkippedSliceWithoutRows() {
    TestSets sets = new TestSets(3);
    try (PerceptionSession session = session(SHIPPED.withSkippedSlice(1), true)) {
      for (int set = 0; set < 3; set++) {
        PerceptionOutput output = session.run(sets.next(), NEVER, 0);
        assertEquals(PerceptionOutput.Kind.COMPLETE, output.kind());
        assertEquals(4, output.exitLayer());
      }
      assertEquals(0, session.cache().rows(1));
      assertTrue(session.cache().rows(2) > 100);
    }
    assertThrows(IllegalArgumentException.class, () -> SHIPPED.withSkippedSlice(0));
    assertThrows(
        IllegalArgumentException.class, () -> session(SHIPPED.withSkippedSlice(3), true).close());
  }

  // ---- caches ----

  @Test
  void shouldRunUnderAnyPolicy() {
    TestSets sets = new TestSets(5);
    KvOptions text = KvOptions.of(new StreamingVlm(2, 3));
    KvOptions bytes = KvOptions.of(new StreamingLlm(4, 300, 8)).withStorage(KvOptions.Storage.INT8);
    try (PerceptionSession withText = session(SHIPPED.withKv(text), true);
        PerceptionSession packed = session(SHIPPED.withKv(bytes), true)) {
      for (int set = 0; set < 8; set++) {
        SetInput input = sets.next();
        assertEquals(PerceptionOutput.Kind.COMPLETE, withText.run(input, NEVER, 0).kind());
        assertEquals(PerceptionOutput.Kind.COMPLETE, packed.run(input, NEVER, 0).kind());
      }
      assertTrue(withText.cache().textRows() > 3 * 7, "text rows " + withText.cache().textRows());
      assertEquals(0, packed.cache().textRows());
      assertEquals(0, packed.cache().degraded());
      assertTrue(packed.cache().rows(0) <= 4 + 300);
    }
  }

  @Test
  void shouldMeasureWhereThePromptLooks() {
    TestSets sets = new TestSets(5);
    KvOptions attended = KvOptions.of(new InfMllm(120, 80, 8, 3, 0.001f));
    KvOptions merged = KvOptions.of(new LookM(0.2, 0.2, 8, 0));
    try (PerceptionSession inf = session(SHIPPED.withKv(attended), true);
        PerceptionSession look = session(SHIPPED.withKv(merged), true)) {
      for (int set = 0; set < 6; set++) {
        SetInput input = sets.next();
        assertEquals(PerceptionOutput.Kind.COMPLETE, inf.run(input, NEVER, 0).kind());
        assertEquals(PerceptionOutput.Kind.COMPLETE, look.run(input, NEVER, 0).kind());
        float[] bySlot = new float[TestSets.SENSORS];
        double evenness = inf.cache().attentionBySlot(2, bySlot);
        assertTrue(evenness > 0 && evenness < 1, "evenness " + evenness);
      }
      assertTrue(look.cache().mergedRows() > 100, "merged " + look.cache().mergedRows());
      assertEquals(0, inf.cache().degraded() + look.cache().degraded());
    }
  }

  @Test
  void shouldTakeRowsOfAStandingPictureOver() {
    TestSets sets = new TestSets(5);
    VlaSettings all = new VlaSettings(0.996, TestSets.CAMERA_TOKENS, 0);
    try (PerceptionSession still = session(SHIPPED.withVla(all), true);
        PerceptionSession plain = session(SHIPPED, true)) {
      SetInput input = sets.next();
      for (int set = 0; set < 6; set++) {
        PerceptionOutput output = still.run(input, NEVER, 0);
        assertEquals(PerceptionOutput.Kind.COMPLETE, output.kind());
        assertEquals(plain.run(input, NEVER, 0).tokensKept(), output.tokensKept());
        assertEquals(plain.cache().rows(), still.cache().rows());
      }
      assertTrue(still.cache().reusedRows() > 0, "nothing was taken over");
      long before = still.cache().reusedRows();
      still.run(sets.next(), NEVER, 0); // another picture
      assertTrue(still.cache().reusedRows() - before < 3L * TestSets.CAMERA_TOKENS);
    }
  }

  @Test
  void shouldKeepStreamsApart() {
    TestSets one = new TestSets(11);
    TestSets two = new TestSets(12);
    try (PerceptionSession alone = session(SHIPPED, true);
        PerceptionSession beside = session(SHIPPED, true);
        PerceptionSession other = session(SHIPPED, true)) {
      for (int set = 0; set < 5; set++) {
        SetInput input = one.next();
        PerceptionOutput expected = alone.run(input, NEVER, 0);
        other.run(two.next(), NEVER, 0);
        PerceptionOutput output = beside.run(input, NEVER, 0);
        assertArrayEquals(expected.actionIds(), output.actionIds());
        assertArrayEquals(expected.factIds(), output.factIds());
        assertArrayEquals(expected.factConfidence(), output.factConfidence());
      }
    }
  }
}
