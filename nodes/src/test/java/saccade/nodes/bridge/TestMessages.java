package saccade.nodes.bridge;

import java.util.Arrays;
import java.util.List;
import saccade.planner.ActionChunk;
import saccade.planner.Maneuver;
import saccade.planner.PlannerMessage;
import saccade.planner.SceneDescription;
import saccade.planner.SceneObject;

/** Planner messages as the pipeline would publish them. */
final class TestMessages {
  private TestMessages() {}

  static PlannerMessage fresh(
      long seq, long captureNs, Maneuver maneuver, double accel, double curvature, double aheadM) {
    double[] a = new double[10];
    double[] k = new double[10];
    Arrays.fill(a, accel);
    Arrays.fill(k, curvature);
    List<SceneObject> objects =
        Double.isNaN(aheadM)
            ? List.of()
            : List.of(
                new SceneObject(
                    SceneObject.Kind.PEDESTRIAN,
                    SceneObject.Zone.PATH,
                    aheadM,
                    0,
                    aheadM,
                    0,
                    SceneObject.Motion.STEADY,
                    SceneObject.BrakeLights.UNKNOWN));
    return PlannerMessage.about(seq, captureNs)
        .kind(PlannerMessage.Kind.FRESH, "all slices ran")
        .publishedNs(captureNs)
        .exit(6, 0.9)
        .action(new ActionChunk(captureNs, 200_000_000L, maneuver, a, k), captureNs + 500_000_000L)
        .scene(
            new SceneDescription(
                SceneDescription.Road.STRAIGHT,
                SceneDescription.Light.NONE,
                SceneDescription.Sign.NONE,
                objects,
                SceneDescription.Hazard.NONE,
                SceneDescription.Daylight.DAY,
                SceneDescription.Weather.CLEAR,
                SceneDescription.Reason.ROAD_CLEAR,
                "road clear"))
        .build();
  }
}
