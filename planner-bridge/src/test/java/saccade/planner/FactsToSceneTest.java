package saccade.planner;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.DoubleRange;
import net.jqwik.api.constraints.IntRange;
import org.junit.jupiter.api.Test;

class FactsToSceneTest {
  private final FactsToScene facts = FactsToScene.saccadeNano();

  @Test
  void putsACarAheadAtItsBinCentreBeyondTheBumper() {
    int[] values = {0, 1, 1, 3, 0, 0, 2, 2, 4, 1, 3};
    SceneDescription scene = facts.scene(values, 0, "red light");
    assertEquals(SceneDescription.Light.RED, scene.light());
    assertEquals(SceneDescription.Reason.RED_LIGHT, scene.reason());
    SceneObject car = scene.objects().getFirst();
    assertEquals(SceneObject.Kind.CAR, car.kind());
    assertEquals(3.8 + 10.5, car.xM(), 1e-9);
    assertEquals(0, car.yM(), 1e-9);
    assertEquals(SceneObject.Motion.CLOSING, car.motion());
    assertEquals(SceneObject.BrakeLights.ON, car.brakeLights());
    SceneObject walker = scene.objects().get(1);
    assertEquals(SceneObject.Kind.PEDESTRIAN, walker.kind());
    assertTrue(walker.yM() < 0, "the right is negative y");
    assertEquals(13.5, Math.hypot(walker.xM() - 3.8, walker.yM()), 1e-9);
    assertEquals(-3.5, walker.yM(), 1e-9);
  }

  @Test
  void followsThePathIntoACurve() {
    int[] values = {1, 0, 1, 8, 2, 1, 0, -1, -1, 0, 1};
    SceneObject left = facts.scene(values, 0.02, "").objects().getFirst();
    double arc = 3.8 + 28;
    assertEquals(50 * Math.sin(arc / 50), left.xM(), 1e-9);
    assertEquals(50 * (1 - Math.cos(arc / 50)), left.yM(), 1e-9);
    assertTrue(left.bearingRad() > 0);
  }

  @Test
  void leavesUnknownWhatWasNotSaid() {
    int[] nothing = {-1, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1};
    assertEquals(SceneDescription.NOTHING_SAID, facts.scene(nothing, 0, ""));
  }

  @Test
  void refusesAValueOutsideItsFact() {
    int[] values = {0, 3, 0, -1, -1, -1, 0, -1, -1, 0, 0};
    IllegalArgumentException e =
        assertThrows(IllegalArgumentException.class, () -> facts.scene(values, 0, ""));
    assertEquals("fact 2: wanted -1 to 2, found 3", e.getMessage());
  }

  @Property
  void everyObjectLiesAheadOfTheRearAxleAtItsDistance(
      @ForAll @IntRange(min = 1, max = 2) int kind,
      @ForAll @IntRange(min = 0, max = 11) int bin,
      @ForAll @IntRange(min = 0, max = 2) int side,
      @ForAll @DoubleRange(min = -0.03, max = 0.03) double curvature) {
    int[] values = {0, 0, kind, bin, 2, kind == 1 ? 1 : -1, kind, side, bin, 0, 0};
    for (SceneObject object : facts.scene(values, curvature, "").objects()) {
      assertTrue(object.xM() > 3.8);
      assertEquals(facts.distanceM(bin), object.distanceM());
    }
  }
}
