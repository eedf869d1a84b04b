package saccade.nodes.rosnode;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.lang.reflect.Field;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import saccade.msg.saccade_msgs.Scene;
import saccade.msg.visualization_msgs.Marker;
import saccade.nodes.node.Stamps;
import saccade.planner.ActionChunk;
import saccade.planner.Maneuver;
import saccade.planner.PlannerMessage;
import saccade.planner.SceneDescription;
import saccade.planner.SceneObject;

class RosMessagesTest {
  private static final long OFFSET_NS = 1_700_000_000_000_000_000L;
  private static final RosMessages.Stamper STAMPER = ns -> ns + OFFSET_NS;

  private static PlannerMessage message() {
    SceneObject car =
        new SceneObject(
            SceneObject.Kind.CAR,
            SceneObject.Zone.PATH,
            23.8,
            0.5,
            20,
            0.02,
            SceneObject.Motion.CLOSING,
            SceneObject.BrakeLights.ON);
    SceneDescription scene =
        new SceneDescription(
            SceneDescription.Road.CURVE_LEFT,
            SceneDescription.Light.AMBER,
            SceneDescription.Sign.NONE,
            List.of(car),
            SceneDescription.Hazard.CUT_IN,
            SceneDescription.Daylight.DUSK,
            SceneDescription.Weather.RAIN,
            SceneDescription.Reason.CAR,
            "curve left, car ahead");
    ActionChunk action =
        new ActionChunk(
            1_000_000_007L,
            100_000_000L,
            Maneuver.BRAKE,
            new double[] {-1, -2},
            new double[] {0.01, 0.02});
    return PlannerMessage.about(3, 1_000_000_007L)
        .kind(PlannerMessage.Kind.FRESH, "in time")
        .publishedNs(1_090_000_007L)
        .sensors(List.of("front"), List.of("rear"))
        .tokens(10, 100)
        .exit(2, 0.75)
        .action(action, 1_500_000_007L)
        .scene(scene)
        .build();
  }

  @Test
  void everythingIsCarriedOver() {
    var out = RosMessages.message(message(), STAMPER);
    assertEquals(OFFSET_NS + 1_000_000_007L, Stamps.ns(out.header().stamp()));
    assertEquals("base_link", out.header().frameId());
    assertEquals(90_000_000L, Stamps.ns(out.age()));
    assertEquals(saccade.msg.saccade_msgs.PlannerMessage.KIND_FRESH, out.kind());
    assertEquals(List.of("rear"), out.sensorsMissing());
    assertTrue(out.hasAction());
    assertEquals(saccade.msg.saccade_msgs.ActionChunk.MANEUVER_BRAKE, out.action().maneuver());
    assertEquals("[-1.0, -2.0]", Arrays.toString(out.action().acceleration()));
    assertEquals(OFFSET_NS + 1_500_000_007L, Stamps.ns(out.action().validUntil()));
    Scene scene = out.scene();
    assertEquals(Scene.ROAD_CURVE_LEFT, scene.road());
    assertEquals(Scene.LIGHT_AMBER, scene.light());
    assertEquals("curve left, car ahead", scene.sentence());
    assertEquals(20, scene.objects().get(0).distance());
    byte[] bytes = saccade.msg.saccade_msgs.PlannerMessage.TYPE.encode(out);
    assertEquals(scene, saccade.msg.saccade_msgs.PlannerMessage.TYPE.decode(bytes).scene());
  }

  /** The numbers of the messages follow the order of our enumerations: held here by name. */
  @Test
  void numbersOfTheMessagesAreThoseOfTheEnumerations() throws Exception {
    Map<String, Class<? extends Enum<?>>> kinds =
        Map.of(
            "ROAD_", SceneDescription.Road.class,
            "LIGHT_", SceneDescription.Light.class,
            "SIGN_", SceneDescription.Sign.class,
            "HAZARD_", SceneDescription.Hazard.class,
            "DAYLIGHT_", SceneDescription.Daylight.class,
            "WEATHER_", SceneDescription.Weather.class,
            "REASON_", SceneDescription.Reason.class);
    for (var kind : kinds.entrySet()) {
      check(Scene.class, kind.getKey(), kind.getValue());
    }
    check(saccade.msg.saccade_msgs.SceneObject.class, "KIND_", SceneObject.Kind.class);
    check(saccade.msg.saccade_msgs.SceneObject.class, "ZONE_", SceneObject.Zone.class);
    check(saccade.msg.saccade_msgs.SceneObject.class, "MOTION_", SceneObject.Motion.class);
    check(
        saccade.msg.saccade_msgs.SceneObject.class, "BRAKE_LIGHTS_", SceneObject.BrakeLights.class);
    check(saccade.msg.saccade_msgs.ActionChunk.class, "MANEUVER_", Maneuver.class);
  }

  private static void check(Class<?> message, String prefix, Class<? extends Enum<?>> kind)
      throws Exception {
    for (Enum<?> value : kind.getEnumConstants()) {
      Field constant = message.getField(prefix + value.name());
      int expected = value.name().equals("UNKNOWN") ? 0 : value.ordinal() + 1;
      assertEquals(expected, constant.getInt(null), prefix + value);
    }
  }

  @Test
  void objectsAsBoxesWhoseNearestPointTheyAre() {
    var detections = RosMessages.detections(message(), STAMPER);
    var box = detections.detections().get(0).bbox();
    assertEquals(23.8, box.center().position().x() - box.size().x() / 2, 1e-9);
    assertEquals(0.5, box.center().position().y(), 1e-9);
    assertEquals("car", detections.detections().get(0).results().get(0).hypothesis().classId());
  }

  @Test
  void markersForRviz() {
    List<Marker> markers = RosMessages.markers(message(), 10, STAMPER).markers();
    assertEquals(Marker.DELETEALL, markers.get(0).action());
    Marker path =
        markers.stream().filter(m -> m.type() == Marker.LINE_STRIP).findFirst().orElseThrow();
    assertEquals(3, path.points().size());
    assertTrue(path.points().get(2).y() > 0, "left");
    assertTrue(markers.stream().anyMatch(m -> m.text().contains("curve left, car ahead")));
    assertFalse(
        RosMessages.markers(PlannerMessage.about(0, 0).build(), 0, STAMPER).markers().isEmpty());
  }
}
