package saccade.planner;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import org.junit.jupiter.api.Test;
import saccade.planner.PlannerMessage.Builder;
import saccade.planner.PlannerMessage.Kind;

class PlannerMessageTest {
  private static Builder good() {
    return PlannerMessage.about(1, 1000)
        .kind(Kind.FRESH, "")
        .publishedNs(1500)
        .tokens(10, 81)
        .exit(6, 0.5)
        .action(Messages.constant(1000, 0, 0), 2000);
  }

  private static String refusal(Builder builder) {
    return assertThrows(IllegalArgumentException.class, builder::build).getMessage();
  }

  @Test
  void computesItsAge() {
    assertEquals(500, good().build().ageNs());
    assertTrue(good().build().decidedByModel());
  }

  @Test
  void namesTheFieldTheValueFoundAndTheValueWanted() {
    assertEquals("message age ns: wanted at least 0, found -1", refusal(good().publishedNs(999)));
    assertEquals(
        "message confidence: wanted 0.0 to 1.0, found NaN", refusal(good().exit(6, Double.NaN)));
    assertEquals(
        "message tokens kept: wanted 0.0 to 81.0, found 82.0", refusal(good().tokens(82, 81)));
    assertTrue(refusal(good().action(Messages.constant(1000, 0, 0), 999)).contains("validity end"));
    assertTrue(refusal(good().action(null, 2000)).contains("wanted an action, found none"));
    assertTrue(refusal(good().action(Messages.constant(999, 0, 0), 2000)).contains("its own"));
    assertTrue(refusal(good().action(Messages.constant(1001, 0, 0), 2000)).contains("or before"));
  }

  @Test
  void anActionOfAnEarlierCaptureIsNotAReaction() {
    PlannerMessage continued =
        good().kind(Kind.CUT_SHORT, "").action(Messages.constant(900, -3, 0), 2000).build();
    assertFalse(continued.decidedByModel());
    assertFalse(Messages.fallback(1, 0).decidedByModel());
  }

  @Test
  void aDescriptionHasNoActionAndIsNoReaction() {
    PlannerMessage description = good().kind(Kind.DESCRIPTION, "").action(null, 2000).build();
    assertFalse(description.decidedByModel());
    assertTrue(refusal(good().kind(Kind.DESCRIPTION, "")).contains("wanted no action"));
  }
}
