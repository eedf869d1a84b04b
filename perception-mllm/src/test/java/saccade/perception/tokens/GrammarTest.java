package saccade.perception.tokens;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.Arrays;
import org.junit.jupiter.api.Test;
import saccade.perception.model.TestDescription;

class GrammarTest {

  private final Grammar grammar = new Grammar(TestDescription.valid());

  @Test
  void shouldSkipFactsWhoseConditionDoesNotHold() {
    int[] chosen = new int[grammar.facts()];
    Arrays.fill(chosen, Grammar.NOT_SPOKEN);
    int[] valueOfFact = {0, 1, 1, 3, 0, 0, 0, 0, 0, 0, 3};
    StringBuilder spoken = new StringBuilder();
    for (int f = grammar.nextFact(0, chosen); f < grammar.facts(); ) {
      chosen[f] = grammar.allowedFact(f)[valueOfFact[f]];
      spoken.append(grammar.factName(f)).append(' ');
      f = grammar.nextFact(f + 1, chosen);
    }
    assertEquals(
        "road light first.kind first.distance first.motion first.brakelight second.kind daylight"
            + " reason ",
        spoken.toString());
    assertEquals(
        "straight road, red light, car ahead at 11 m, closing, brake lights on, no other object,"
            + " day, because of the red light",
        grammar.sentence(chosen));
  }

  @Test
  void shouldSpeakOfWhatIsBesideAndBehindToo() {
    Grammar six = new Grammar(TestDescription.sixCameras());
    int[] chosen = new int[six.facts()];
    Arrays.fill(chosen, Grammar.NOT_SPOKEN);
    int[] valueOfFact = {1, 3, 1, 5, 2, -1, -1, 4, 0, 5, 3, 3, 0, 1, 5, 2, 1, 7};
    for (int f = six.nextFact(0, chosen); f < six.facts(); f = six.nextFact(f + 1, chosen)) {
      chosen[f] = six.allowedFact(f)[valueOfFact[f]];
    }
    assertEquals(
        "curve left, amber light, stop sign, cones ahead at 8 m, another cyclist on the left 17 m"
            + " away, moving across, truck on the left, nothing on the right, car behind, lane"
            + " closed, night, rain, because of the cones",
        six.sentence(chosen));
    assertEquals(Grammar.NOT_SPOKEN, chosen[5], "cones do not move");
    assertEquals(Grammar.NOT_SPOKEN, chosen[6], "nor do they brake");
  }

  @Test
  void shouldSkipBrakeLightsOfPedestriansAndEverythingOfNothing() {
    int[] chosen = new int[grammar.facts()];
    Arrays.fill(chosen, Grammar.NOT_SPOKEN);
    chosen[2] = grammar.allowedFact(2)[2];
    assertEquals("first.distance", grammar.factName(grammar.nextFact(3, chosen)));
    assertEquals("second.kind", grammar.factName(grammar.nextFact(5, chosen)));
    chosen[2] = grammar.allowedFact(2)[0];
    assertEquals("second.kind", grammar.factName(grammar.nextFact(3, chosen)));
  }

  @Test
  void shouldOrderActionTokensManeuverFirst() {
    assertEquals(6, grammar.actionTokens());
    assertEquals(3, grammar.allowedAction(0).length);
    assertEquals(16, grammar.allowedAction(1)[0]);
    assertEquals(79, grammar.allowedAction(3)[63]);
    assertEquals(80, grammar.allowedAction(4)[0]);
  }

  @Test
  void shouldChooseOnlyAmongAllowedTokens() {
    MemorySegment logits = Arena.ofAuto().allocate(512 * 4L, 8);
    for (int i = 0; i < 512; i++) {
      logits.setAtIndex(ValueLayout.JAVA_FLOAT, i, i);
    }
    TokenChoice choice = new TokenChoice();
    assertTrue(choice.pick(logits, new int[] {3, 7, 5}));
    assertEquals(7, choice.id());
    assertEquals(1, choice.index());
    double expected = 1 / (1 + Math.exp(-2) + Math.exp(-4));
    assertEquals(expected, choice.probability(), 1e-6);
    logits.setAtIndex(ValueLayout.JAVA_FLOAT, 400, Float.NaN);
    assertTrue(choice.pick(logits, new int[] {3, 7, 5}), "NaN of a token that is not allowed");
    logits.setAtIndex(ValueLayout.JAVA_FLOAT, 3, Float.NaN);
    assertFalse(choice.pick(logits, new int[] {3, 7, 5}));
    logits.setAtIndex(ValueLayout.JAVA_FLOAT, 3, Float.POSITIVE_INFINITY);
    assertFalse(choice.pick(logits, new int[] {3, 7, 5}));
  }
}
