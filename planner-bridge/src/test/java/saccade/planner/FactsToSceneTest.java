package saccade.planner;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.Arrays;
import java.util.List;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.DoubleRange;
import net.jqwik.api.constraints.IntRange;
import org.junit.jupiter.api.Test;
import saccade.planner.FactsToScene.Fact;
import saccade.planner.SceneDescription.Hazard;
import saccade.planner.SceneDescription.Sign;
import saccade.planner.SceneDescription.Weather;
import saccade.planner.SceneObject.Kind;
import saccade.planner.SceneObject.Motion;
import saccade.planner.SceneObject.Zone;

class FactsToSceneTest {
  private final FactsToScene facts = FactsToScene.saccadeNano();

  /** Values by fact name, all others not said. */
  private int[] said(Object... namesAndValues) {
    int[] values = new int[facts.facts().size()];
    Arrays.fill(values, FactsToScene.SKIPPED);
    for (int i = 0; i < namesAndValues.length; i += 2) {
      values[index((String) namesAndValues[i])] = (int) namesAndValues[i + 1];
    }
    return values;
  }

  private int index(String name) {
    for (int i = 0; i < facts.facts().size(); i++) {
      if (facts.facts().get(i).name().equals(name)) {
        return i;
      }
    }
    throw new AssertionError("no fact " + name);
  }

  @Test
  void putsACarAheadAtItsBinCentreBeyondTheBumper() {
    int[] values =
        said(
            "light",
            1,
            "first.kind",
            1,
            "first.distance",
            3,
            "first.motion",
            0,
            "first.brakelight",
            0,
            "second.kind",
            2,
            "second.side",
            2,
            "second.distance",
            4,
            "second.motion",
            3,
            "reason",
            3);
    SceneDescription scene = facts.scene(values, 0, "red light");
    assertEquals(SceneDescription.Light.RED, scene.light());
    assertEquals(SceneDescription.Reason.RED_LIGHT, scene.reason());
    assertEquals(2, scene.objects().size());
    SceneObject car = scene.objects().getFirst();
    assertEquals(Kind.CAR, car.kind());
    assertEquals(Zone.PATH, car.zone());
    assertEquals(3.8 + 10.5, car.xM(), 1e-9);
    assertEquals(0, car.yM(), 1e-9);
    assertEquals(Motion.CLOSING, car.motion());
    assertEquals(SceneObject.BrakeLights.ON, car.brakeLights());
    SceneObject walker = scene.objects().get(1);
    assertEquals(Kind.PEDESTRIAN, walker.kind());
    assertEquals(Zone.AHEAD, walker.zone());
    assertEquals(Motion.CROSSING, walker.motion());
    assertTrue(walker.yM() < 0, "the right is negative y");
    assertEquals(13.5, Math.hypot(walker.xM() - 3.8, walker.yM()), 1e-9);
    assertEquals(-3.5, walker.yM(), 1e-9);
  }

  @Test
  void putsWhatIsBesideAndBehindIntoItsZone() {
    int[] values =
        said(
            "left.kind",
            3,
            "right.kind",
            4,
            "behind.kind",
            2,
            "hazard",
            1,
            "sign",
            1,
            "weather",
            2);
    SceneDescription scene = facts.scene(values, 0, "");
    assertEquals(Hazard.CUT_IN, scene.hazard());
    assertEquals(Sign.STOP, scene.sign());
    assertEquals(Weather.FOG, scene.weather());
    assertEquals(
        List.of(Kind.TRUCK, Kind.CYCLIST, Kind.TRUCK),
        scene.objects().stream().map(SceneObject::kind).toList());
    SceneObject left = scene.objects().get(0);
    assertEquals(Zone.LEFT, left.zone());
    assertTrue(left.xM() > -8 && left.xM() < 6 && left.yM() > 1.2 && left.yM() < 7);
    assertTrue(left.bearingRad() > Math.PI / 2, "left of and behind the front bumper");
    SceneObject right = scene.objects().get(1);
    assertEquals(Zone.RIGHT, right.zone());
    assertEquals(-left.yM(), right.yM());
    SceneObject behind = scene.objects().get(2);
    assertEquals(Zone.BEHIND, behind.zone());
    assertTrue(behind.xM() < -1.2 && behind.xM() > -28 && behind.yM() == 0);
    assertEquals(3.8 - behind.xM(), behind.distanceM(), 1e-9);
  }

  @Test
  void followsThePathIntoACurve() {
    int[] values = said("first.kind", 5, "first.distance", 8);
    SceneObject left = facts.scene(values, 0.02, "").objects().getFirst();
    double arc = 3.8 + 28;
    assertEquals(Kind.CONES, left.kind());
    assertEquals(50 * Math.sin(arc / 50), left.xM(), 1e-9);
    assertEquals(50 * (1 - Math.cos(arc / 50)), left.yM(), 1e-9);
    assertTrue(left.bearingRad() > 0);
  }

  @Test
  void leavesUnknownWhatWasNotSaid() {
    assertEquals(SceneDescription.NOTHING_SAID, facts.scene(said(), 0, ""));
  }

  @Test
  void readsTheFewerFactsOfAnotherModelByTheirWords() {
    FactsToScene few =
        FactsToScene.of(
            List.of(
                new Fact("light", List.of("green light", "red light")),
                new Fact("first.kind", List.of("nothing ahead", "pedestrian ahead"))));
    SceneDescription scene = few.scene(new int[] {1, 1}, 0, "red light, pedestrian ahead");
    assertEquals(SceneDescription.Light.RED, scene.light());
    assertEquals(SceneDescription.Road.UNKNOWN, scene.road());
    assertEquals(List.of(), scene.objects(), "no distance was said");
    assertEquals(
        SceneDescription.NOTHING_SAID, FactsToScene.of(List.of()).scene(new int[0], 0, ""));
  }

  @Test
  void refusesFactsAndWordsItDoesNotKnow() {
    assertEquals(
        "fact light: found the word 'blue light', wanted one of "
            + "[amber light, green light, no traffic light, red light]",
        refusal(new Fact("light", List.of("red light", "blue light"))));
    assertEquals(
        "fact first.kind: found the words 'horse ahead', wanted nothing or one of "
            + "[car, cones, cyclist, pedestrian, truck]",
        refusal(new Fact("first.kind", List.of("nothing ahead", "horse ahead"))));
    assertEquals(
        "fact second.distance: wanted 12 distances, found 1",
        refusal(new Fact("second.distance", List.of("2 m away"))));
    assertTrue(refusal(new Fact("mood", List.of("fine"))).startsWith("fact mood: wanted one of ["));
  }

  private static String refusal(Fact fact) {
    return assertThrows(IllegalArgumentException.class, () -> FactsToScene.of(List.of(fact)))
        .getMessage();
  }

  @Test
  void refusesAValueOutsideItsFact() {
    int[] values = said("light", 4);
    IllegalArgumentException e =
        assertThrows(IllegalArgumentException.class, () -> facts.scene(values, 0, ""));
    assertEquals("fact light: wanted -1 (not said) to 3, found 4", e.getMessage());
    assertThrows(IllegalArgumentException.class, () -> facts.scene(new int[11], 0, ""));
  }

  @Property
  void everyObjectLiesAtItsDistanceFromTheBumper(
      @ForAll @IntRange(min = 1, max = 4) int kind,
      @ForAll @IntRange(min = 0, max = 11) int bin,
      @ForAll @IntRange(min = 0, max = 2) int side,
      @ForAll @DoubleRange(min = -0.03, max = 0.03) double curvature) {
    int[] values =
        said(
            "first.kind",
            kind,
            "first.distance",
            bin,
            "second.kind",
            kind,
            "second.side",
            side,
            "second.distance",
            bin,
            "left.kind",
            kind);
    List<SceneObject> objects = facts.scene(values, curvature, "").objects();
    assertEquals(3, objects.size());
    for (SceneObject object : objects.subList(0, 2)) {
      assertTrue(object.xM() > 3.8);
      assertEquals(facts.distanceM(bin), object.distanceM());
    }
    for (SceneObject object : objects.subList(1, 3)) {
      assertEquals(
          object.distanceM(),
          Math.hypot(object.xM() - 3.8, object.yM()),
          1e-9,
          "straight distance");
    }
  }
}
