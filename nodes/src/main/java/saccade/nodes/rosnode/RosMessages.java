package saccade.nodes.rosnode;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import org.jspecify.annotations.Nullable;
import saccade.msg.builtin_interfaces.Duration;
import saccade.msg.geometry_msgs.Point;
import saccade.msg.geometry_msgs.Pose;
import saccade.msg.geometry_msgs.PoseWithCovariance;
import saccade.msg.geometry_msgs.Quaternion;
import saccade.msg.geometry_msgs.Vector3;
import saccade.msg.saccade_msgs.Scene;
import saccade.msg.std_msgs.ColorRGBA;
import saccade.msg.std_msgs.Header;
import saccade.msg.vision_msgs.BoundingBox3D;
import saccade.msg.vision_msgs.Detection3D;
import saccade.msg.vision_msgs.Detection3DArray;
import saccade.msg.vision_msgs.ObjectHypothesis;
import saccade.msg.vision_msgs.ObjectHypothesisWithPose;
import saccade.msg.visualization_msgs.Marker;
import saccade.msg.visualization_msgs.MarkerArray;
import saccade.nodes.node.Stamps;
import saccade.planner.ActionChunk;
import saccade.planner.PlannerMessage;
import saccade.planner.SceneDescription;
import saccade.planner.SceneObject;

/**
 * Planner messages as ROS messages. Stateless. Instants go through {@code Stamper}: from the
 * pipeline's domain into ROS time.
 */
public final class RosMessages {
  /** Usual sizes, metres: the model says none. */
  private enum Size {
    CAR(4.5, 1.9, 1.6),
    PEDESTRIAN(0.6, 0.6, 1.75),
    TRUCK(8, 2.5, 3),
    CYCLIST(1.8, 0.6, 1.7),
    CONES(0.4, 0.4, 0.7);

    private final double x;
    private final double y;
    private final double z;

    Size(double x, double y, double z) {
      this.x = x;
      this.y = y;
      this.z = z;
    }
  }

  private static final Quaternion LEVEL = new Quaternion(0, 0, 0, 1);
  private static final ColorRGBA WHITE = new ColorRGBA(1, 1, 1, 0.9f);
  private static final double BUMPER_M = 3.8;

  private RosMessages() {}

  /** From the pipeline's domain into ROS time, ns. */
  @FunctionalInterface
  public interface Stamper {
    long toRos(long localNs);
  }

  private static Header header(PlannerMessage message, Stamper stamper) {
    return new Header(Stamps.time(stamper.toRos(message.captureNs())), message.frameId());
  }

  /** The whole message. */
  public static saccade.msg.saccade_msgs.PlannerMessage message(
      PlannerMessage message, Stamper stamper) {
    ActionChunk action = message.action();
    return new saccade.msg.saccade_msgs.PlannerMessage(
        header(message, stamper),
        message.seq(),
        Stamps.time(stamper.toRos(message.publishedNs())),
        Stamps.duration(message.ageNs()),
        switch (message.kind()) {
          case STARTING -> saccade.msg.saccade_msgs.PlannerMessage.KIND_STARTING;
          case FRESH -> saccade.msg.saccade_msgs.PlannerMessage.KIND_FRESH;
          case CUT_SHORT -> saccade.msg.saccade_msgs.PlannerMessage.KIND_CUT_SHORT;
          case FALLBACK -> saccade.msg.saccade_msgs.PlannerMessage.KIND_FALLBACK;
          case DESCRIPTION -> saccade.msg.saccade_msgs.PlannerMessage.KIND_DESCRIPTION;
        },
        Math.min(255, message.degradeLevel()),
        message.sensorsUsed(),
        message.sensorsMissing(),
        switch (message.egoSource()) {
          case NONE -> saccade.msg.saccade_msgs.PlannerMessage.EGO_NONE;
          case ASSUMED -> saccade.msg.saccade_msgs.PlannerMessage.EGO_ASSUMED;
          case ODOMETRY -> saccade.msg.saccade_msgs.PlannerMessage.EGO_ODOMETRY;
          case FUSED -> saccade.msg.saccade_msgs.PlannerMessage.EGO_FUSED;
          case ODOMETRY_WITHOUT_IMU ->
              saccade.msg.saccade_msgs.PlannerMessage.EGO_ODOMETRY_WITHOUT_IMU;
          case IMU_WITHOUT_ODOMETRY ->
              saccade.msg.saccade_msgs.PlannerMessage.EGO_IMU_WITHOUT_ODOMETRY;
        },
        Stamps.duration(Math.max(0, message.egoAgeNs())),
        message.tokensKept(),
        message.tokensTotal(),
        Math.min(65535, message.exitLayer()),
        message.confidence(),
        action != null,
        action == null
            ? saccade.msg.saccade_msgs.ActionChunk.defaults()
            : action(action, message.validUntilNs(), stamper),
        scene(message, stamper),
        message.reason());
  }

  /**
   * Timed actions.
   *
   * @param validUntilNs last instant at which they may be followed
   */
  public static saccade.msg.saccade_msgs.ActionChunk action(
      ActionChunk action, long validUntilNs, Stamper stamper) {
    return new saccade.msg.saccade_msgs.ActionChunk(
        new Header(Stamps.time(stamper.toRos(action.captureNs())), PlannerMessage.BASE_LINK),
        Stamps.duration(action.stepNs()),
        Stamps.time(stamper.toRos(validUntilNs)),
        action.maneuver().ordinal() + 1,
        action.accelMps2(),
        action.curvature1pm());
  }

  /** What is seen. */
  public static Scene scene(PlannerMessage message, Stamper stamper) {
    SceneDescription scene = message.scene();
    return new Scene(
        header(message, stamper),
        code(scene.road()),
        code(scene.light()),
        code(scene.sign()),
        scene.objects().stream().map(RosMessages::object).toList(),
        code(scene.hazard()),
        code(scene.daylight()),
        code(scene.weather()),
        code(scene.reason()),
        scene.sentence());
  }

  /** The messages number as our enumerations do, from 1, with 0 for UNKNOWN. */
  private static int code(Enum<?> value) {
    return value.name().equals("UNKNOWN") ? 0 : value.ordinal() + 1;
  }

  private static saccade.msg.saccade_msgs.SceneObject object(SceneObject object) {
    return new saccade.msg.saccade_msgs.SceneObject(
        code(object.kind()),
        code(object.zone()),
        object.xM(),
        object.yM(),
        object.distanceM(),
        object.bearingRad(),
        code(object.motion()),
        code(object.brakeLights()));
  }

  /** The objects as boxes of usual sizes; the model gives no score, so it is 1, and no identity. */
  public static Detection3DArray detections(PlannerMessage message, Stamper stamper) {
    Header header = header(message, stamper);
    List<Detection3D> all = new ArrayList<>();
    for (SceneObject object : message.scene().objects()) {
      Size size = Size.values()[object.kind().ordinal()];
      Pose pose = pose(object, size);
      all.add(
          new Detection3D(
              header,
              List.of(
                  new ObjectHypothesisWithPose(
                      new ObjectHypothesis(word(object.kind()), 1),
                      new PoseWithCovariance(pose, new double[36]))),
              new BoundingBox3D(pose, new Vector3(size.x, size.y, size.z)),
              ""));
    }
    return new Detection3DArray(header, all);
  }

  /** Centre of the box whose nearest point the object's coordinates are. */
  private static Pose pose(SceneObject object, Size size) {
    double x =
        switch (object.zone()) {
          case PATH, AHEAD -> object.xM() + size.x / 2;
          case BEHIND -> object.xM() - size.x / 2;
          case LEFT, RIGHT -> object.xM();
        };
    return new Pose(new Point(x, object.yM(), size.z / 2), LEVEL);
  }

  private static String word(Enum<?> value) {
    return value.name().toLowerCase(Locale.ROOT);
  }

  /**
   * For rviz: a box an object, the planned path, and what is said above the vehicle. Markers of
   * earlier messages are deleted.
   *
   * @param speedMps of the vehicle, for the path
   */
  public static MarkerArray markers(PlannerMessage message, double speedMps, Stamper stamper) {
    Header header = header(message, stamper);
    List<Marker> all = new ArrayList<>();
    all.add(Marker.defaults().withHeader(header).withAction(Marker.DELETEALL));
    int id = 0;
    for (SceneObject object : message.scene().objects()) {
      Size size = Size.values()[object.kind().ordinal()];
      Pose pose = pose(object, size);
      all.add(
          marker(header, "objects", id, Marker.CUBE, pose)
              .withScale(new Vector3(size.x, size.y, size.z))
              .withColor(colour(object)));
      all.add(
          marker(
                  header,
                  "labels",
                  id,
                  Marker.TEXT_VIEW_FACING,
                  new Pose(
                      new Point(pose.position().x(), pose.position().y(), size.z + 0.6), LEVEL))
              .withScale(new Vector3(0, 0, 0.7))
              .withColor(WHITE)
              .withText(
                  "%s %.0f m %s"
                      .formatted(word(object.kind()), object.distanceM(), word(object.motion()))));
      id++;
    }
    ActionChunk action = message.action();
    if (action != null) {
      all.add(
          marker(header, "path", 0, Marker.LINE_STRIP, new Pose(new Point(0, 0, 0), LEVEL))
              .withScale(new Vector3(0.3, 0, 0))
              .withColor(new ColorRGBA(0.2f, 0.8f, 0.3f, 0.9f))
              .withPoints(path(action, speedMps)));
    }
    all.add(
        marker(header, "message", 0, Marker.TEXT_VIEW_FACING, new Pose(new Point(0, 0, 2.5), LEVEL))
            .withScale(new Vector3(0, 0, 0.6))
            .withColor(WHITE)
            .withText(text(message, action)));
    return new MarkerArray(all);
  }

  private static String text(PlannerMessage message, @Nullable ActionChunk action) {
    return "%s, %s, age %.0f ms%n%s"
        .formatted(
            word(message.kind()),
            action == null ? "no action" : word(action.maneuver()),
            message.ageNs() * 1e-6,
            message.scene().sentence())
        .strip();
  }

  private static Marker marker(Header header, String space, int id, int type, Pose pose) {
    return Marker.defaults()
        .withHeader(header)
        .withNs(space)
        .withId(id)
        .withType(type)
        .withAction(Marker.ADD)
        .withPose(pose)
        .withLifetime(new Duration(1, 0));
  }

  private static ColorRGBA colour(SceneObject object) {
    return switch (object.zone()) {
      case PATH -> new ColorRGBA(0.9f, 0.2f, 0.2f, 0.8f);
      case AHEAD -> new ColorRGBA(0.9f, 0.7f, 0.2f, 0.7f);
      case LEFT, RIGHT, BEHIND -> new ColorRGBA(0.4f, 0.6f, 0.9f, 0.4f);
    };
  }

  /** Where the front of the vehicle would go. */
  private static List<Point> path(ActionChunk action, double speedMps) {
    List<Point> points = new ArrayList<>();
    double dt = action.stepNs() * 1e-9;
    double x = BUMPER_M;
    double y = 0;
    double yaw = 0;
    double v = Math.max(0, speedMps);
    points.add(new Point(x, y, 0.1));
    for (int i = 0; i < action.steps(); i++) {
      double next = Math.max(0, v + action.accel(i) * dt);
      double way = (v + next) / 2 * dt;
      yaw += action.curvature(i) * way;
      x += way * Math.cos(yaw);
      y += way * Math.sin(yaw);
      v = next;
      points.add(new Point(x, y, 0.1));
    }
    return points;
  }
}
