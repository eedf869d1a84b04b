package saccade.hil.eval;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import org.junit.jupiter.api.Test;
import saccade.kernels.geometry.CameraModel;
import saccade.kernels.geometry.Pose;
import saccade.kernels.geometry.Rig;
import saccade.sim.truth.TruthFacts;

class AnswerScoreTest {
  private static final Rig SMALL =
      new Rig(
          java.util.List.of(
              CameraModel.ofHorizontalFov(
                  "small", 64, 32, Math.toRadians(90), Pose.of(1.6, 0, 1.5, 0, 0, 0))),
          null);

  @Test
  void countsOnlyWhereTheQuestionAppliesAndSilenceIsWrong() {
    AnswerScore score = new AnswerScore();
    score.add(0, 0);
    score.add(0, 1);
    score.add(0, -1);
    score.add(1, 1);
    score.add(-1, 1);
    assertEquals(4, score.asked());
    assertEquals(0.5, score.accuracy());
    assertEquals(0.75, score.majority());
    assertEquals(-0.25, score.aboveMajority());
    assertEquals(-1, score.gain());
  }

  @Test
  void alwaysGivingTheCommonestAnswerGainsNothing() {
    AnswerScore score = new AnswerScore();
    for (int i = 0; i < 10; i++) {
      score.add(i < 7 ? 2 : 0, 2);
    }
    assertEquals(0, score.aboveMajority(), 1e-12);
    assertEquals(0, score.gain(), 1e-12);
    assertEquals(Double.NaN, new AnswerScore().accuracy());
  }

  @Test
  void heldOutSequencesRepeatAndDiffer() {
    try (HeldOut one = new HeldOut(SMALL, 3);
        HeldOut two = new HeldOut(SMALL, 3)) {
      boolean differs = false;
      int[] first = new int[0];
      for (int sequence = 0; sequence < 4; sequence++) {
        one.start(sequence);
        two.start(sequence);
        for (int frame = 0; frame < 3; frame++) {
          if (frame > 0) {
            one.next();
            two.next();
          }
          assertEquals(TruthFacts.FACTS, one.facts().length);
          assertArrayEquals(one.facts(), two.facts());
          assertArrayEquals(one.plan().accelMps2(), two.plan().accelMps2());
        }
        differs |= sequence > 0 && !java.util.Arrays.equals(first, one.facts());
        first = one.facts();
      }
      assertTrue(differs, "four sequences, one and the same scene");
    }
  }
}
