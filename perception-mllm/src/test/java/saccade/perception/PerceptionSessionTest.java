package saccade.perception;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.List;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import saccade.perception.PerceptionOutput.Kind;
import saccade.perception.engine.LoadedModel;
import saccade.perception.model.ModelPackage;
import saccade.perception.tokens.Grammar;
import saccade.realtime.clock.NanoClock;

class PerceptionSessionTest {

  private static final long NEVER = Long.MAX_VALUE;
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

  @Test
  void shouldGiveActionAndSentenceForFullSets() {
    TestSets sets = new TestSets(1);
    try (PerceptionSession session = session(SessionOptions.DEFAULT)) {
      Grammar grammar = session.grammar();
      for (int i = 0; i < 7; i++) {
        PerceptionOutput out = session.run(sets.next(), NEVER, 0);
        assertEquals(Kind.COMPLETE, out.kind());
        assertEquals(i, out.set());
        assertEquals(sets.input.captureNs(), out.captureNs());
        assertEquals(6, out.actionIds().length);
        assertTrue(out.actionConfidenceMin() > 0 && out.actionConfidenceMean() <= 1);
        assertEquals(81, out.tokensKept());
        assertEquals(6, out.exitLayer());
        assertEquals(List.of("front_wide", "front_tele", "lidar_top", "ego"), out.sensorsUsed());
        assertEquals(List.of(), out.sensorsMissing());
        assertParses(grammar, out);
        assertEquals(1 + Math.min(4, i + 1) * 81, session.cache().rows(2));
      }
      assertEquals(7, session.completeSets());
    }
  }

  private static void assertParses(Grammar grammar, PerceptionOutput out) {
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

  private static PerceptionSession session(SessionOptions options) {
    return new PerceptionSession(loaded, TestSets.RIG, NanoClock.system(), options);
  }
}
