package saccade.planner;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static saccade.planner.Messages.MS;

import java.util.List;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import org.junit.jupiter.api.Test;
import saccade.planner.ActionCodecSpec.Range;

class StaleGateTest {
  private final StaleGate gate = new StaleGate(300 * MS, new Range(-8, 3), new Range(-0.15, 0.15));

  @Test
  void namesEachFault() {
    assertEquals(
        Validation.FROM_THE_FUTURE, gate.offer(Messages.fresh(1, 100 * MS, 0, 0), 99 * MS));
    assertEquals(Validation.ACCEPTED, gate.offer(Messages.fresh(1, 100 * MS, 0, 0), 140 * MS));
    assertEquals(Validation.OUT_OF_ORDER, gate.offer(Messages.fresh(1, 100 * MS, 0, 0), 141 * MS));
    assertEquals(Validation.OUT_OF_ORDER, gate.offer(Messages.fresh(2, 99 * MS, 0, 0), 141 * MS));
    assertEquals(Validation.STALE, gate.offer(Messages.fresh(3, 200 * MS, 0, 0), 501 * MS));
    assertEquals(Validation.ACCEPTED, gate.offer(Messages.fresh(3, 200 * MS, 0, 0), 500 * MS));
    assertEquals(
        Validation.OUT_OF_RANGE, gate.offer(Messages.fresh(4, 600 * MS, 3.1, 0), 640 * MS));
    assertEquals(
        Validation.OUT_OF_RANGE, gate.offer(Messages.fresh(4, 600 * MS, 0, -.2), 640 * MS));
    PlannerMessage brief =
        PlannerMessage.about(5, 700 * MS)
            .kind(PlannerMessage.Kind.FRESH, "")
            .publishedNs(710 * MS)
            .action(Messages.constant(700 * MS, 0, 0), 720 * MS)
            .build();
    assertEquals(Validation.EXPIRED, gate.offer(brief, 721 * MS));
    assertEquals(9, gate.offered());
    assertEquals(2, gate.count(Validation.ACCEPTED));
    assertEquals(2, gate.count(Validation.OUT_OF_ORDER));
  }

  @Test
  void startsAgainAfterALoopOfTheClock() {
    gate.offer(Messages.fresh(9, 900 * MS, 0, 0), 940 * MS);
    gate.restart();
    assertEquals(Validation.ACCEPTED, gate.offer(Messages.fresh(0, 0, 0, 0), 40 * MS));
  }

  @Property
  void offeredIsAcceptedPlusFaultsAndNothingOldPasses(
      @ForAll List<@IntRange(min = 0, max = 900) Integer> ages) {
    long nowNs = 0;
    long seq = 0;
    for (int age : ages) {
      nowNs += 100 * MS;
      long captureNs = Math.max(0, nowNs - age * MS);
      Validation decision = gate.offer(Messages.fresh(seq++, captureNs, 0, 0), nowNs);
      if (decision.accepted()) {
        assertEquals(true, nowNs - captureNs <= 300 * MS);
      }
    }
    long sum = 0;
    for (Validation decision : Validation.values()) {
      sum += gate.count(decision);
    }
    assertEquals(gate.offered(), sum);
  }
}
