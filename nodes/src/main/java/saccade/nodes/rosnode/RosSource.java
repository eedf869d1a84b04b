package saccade.nodes.rosnode;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import saccade.kernels.geometry.CameraModel;
import saccade.kernels.geometry.Lens;
import saccade.kernels.geometry.LidarModel;
import saccade.kernels.geometry.Rig;
import saccade.nodes.graph.GraphNode;
import saccade.nodes.node.Node;
import saccade.nodes.node.ParameterValue;
import saccade.nodes.node.Registration;
import saccade.nodes.node.RosClock;
import saccade.nodes.ros.QosProfile;
import saccade.nodes.sensor.SensorClock;
import saccade.nodes.sensor.SensorInlets;
import saccade.nodes.sensor.SensorSource;

/**
 * Topics of a ROS 2 graph as a source of frames: images, compressed images, clouds, ego motion, for
 * any rig. Frames carry the capture instant that their header stamp says. It ends when somebody
 * closes it. The parameter {@value #SET_SPEED} says how fast the vehicle wants to go.
 */
public final class RosSource implements SensorSource {
  /** Speed wanted on a free road, m/s. */
  public static final String SET_SPEED = "set_speed";

  private final Node node;
  private final GraphNode.Ros topics;
  private final Rig rig;
  private final StampMap stamps;
  private final List<SensorInput> inputs = new ArrayList<>();
  private final EgoInput ego;
  private final List<CameraInfoCheck> checks = new ArrayList<>();
  private volatile double setSpeedMps;
  private @Nullable Registration jumps;
  private volatile boolean closed;

  /**
   * Subscribes to ego motion and camera_info at once; sensors follow with {@link #start}.
   *
   * @param node stays the caller's
   * @param places cameras that the model takes; those of the rig after them are received, shown and
   *     not seen by the model
   */
  RosSource(Node node, GraphNode.Ros topics, Rig all, int places, StampMap stamps) {
    this.node = node;
    this.topics = topics;
    this.rig = first(all, places);
    this.stamps = stamps;
    setSpeedMps =
        node.parameters()
            .declareDouble(
                SET_SPEED, topics.setSpeedMps(), 0, 100, "speed wanted on a free road, m/s");
    node.parameters()
        .onChange(
            change ->
                change.changed().stream()
                    .filter(parameter -> parameter.name().equals(SET_SPEED))
                    .forEach(parameter -> setSpeedMps = parameter.value().asDouble()));
    QosProfile qos =
        (topics.reliable() ? QosProfile.DEFAULT : QosProfile.SENSOR_DATA).keepLast(topics.depth());
    for (int i = 0; i < all.cameras().size(); i++) {
      CameraModel camera = all.cameras().get(i);
      String topic = topic(camera.name());
      int index = i < places ? i : SensorInput.SPARE;
      inputs.add(
          topics.isCompressed(camera.name())
              ? new CompressedInput(node, topic, camera, index, stamps, qos)
              : new ImageInput(node, topic, camera, index, stamps, qos));
      String info = topics.cameraInfo().get(camera.name());
      if (info != null) {
        checks.add(new CameraInfoCheck(node, info, camera, all.lenses().get(camera.name())));
      }
    }
    LidarModel lidar = rig.lidar();
    if (lidar != null) {
      inputs.add(
          new CloudInput(
              node,
              topic(lidar.name()),
              lidar.name(),
              rig.cameras().size(),
              stamps,
              qos,
              topics.intensityMax()));
    }
    ego =
        new EgoInput(
            node, stamps, topics.odometry(), topics.imu(), topics.fix(), qos, () -> setSpeedMps);
    for (Map.Entry<String, String> each : topics.topics().entrySet()) {
      // Read-only: for people who ask with `ros2 param list`.
      node.parameters()
          .declare(
              "topics." + each.getKey(),
              ParameterValue.of(each.getValue()),
              saccade.nodes.node.Parameters.described("topic of " + each.getKey())
                  .withReadOnly(true));
    }
  }

  /** The cameras that the model has places for. */
  private static Rig first(Rig all, int places) {
    if (all.cameras().size() <= places) {
      return all;
    }
    List<CameraModel> kept = all.cameras().subList(0, places);
    Map<String, Lens> lenses = new HashMap<>(all.lenses());
    lenses.keySet().retainAll(kept.stream().map(CameraModel::name).toList());
    return new Rig(kept, all.lidar(), lenses);
  }

  /** Cameras that the model has no place for. */
  public List<String> spare() {
    return inputs.stream()
        .filter(input -> input.index() == SensorInput.SPARE)
        .map(SensorInput::sensor)
        .toList();
  }

  private String topic(String sensor) {
    String topic = topics.topics().get(sensor);
    if (topic == null) {
      throw new IllegalStateException("expected a topic for " + sensor + ", found none");
    }
    return topic;
  }

  @Override
  public String name() {
    return "topics of " + node.fullyQualifiedName();
  }

  @Override
  public Rig rig() {
    return rig;
  }

  @Override
  public long periodNs() {
    return Math.round(1e9 / topics.rateHz());
  }

  @Override
  public void start(SensorInlets inlets) {
    // A log that begins again, a simulator that was reset: may hold the clock, so takes no lock.
    jumps =
        node.clock()
            .onJump(
                jump -> {
                  if (jump.kind() == RosClock.Kind.BACKWARD
                      || jump.kind() == RosClock.Kind.FORWARD) {
                    inlets.seam(stamps.local().nanoTime());
                  }
                });
    ego.start(inlets.fusion());
    inputs.forEach(input -> input.start(inlets));
  }

  /** The ways in, for diagnostics. */
  List<SensorInput> inputs() {
    return inputs;
  }

  /** Ego motion, for diagnostics. */
  EgoInput ego() {
    return ego;
  }

  /** Complaints about camera_info, a line a camera that does not agree with the rig. */
  List<String> calibrationFaults() {
    return checks.stream().map(CameraInfoCheck::fault).filter(line -> !line.isEmpty()).toList();
  }

  /** Of each topic that has come, ego motion last. */
  @Override
  public List<SensorClock> clocks() {
    return Stream.concat(
            inputs.stream().map(SensorInput::clock).filter(Objects::nonNull), ego.clocks().stream())
        .toList();
  }

  StampMap stamps() {
    return stamps;
  }

  @Override
  public boolean ended() {
    return closed || node.isClosed();
  }

  @Override
  public long framesIn() {
    long sum = 0;
    for (SensorInput input : inputs) {
      sum += input.index() == SensorInput.SPARE ? 0 : input.receivedCount();
    }
    return sum;
  }

  @Override
  public void close() {
    closed = true;
    Registration told = jumps;
    if (told != null) {
      told.close();
    }
    inputs.forEach(SensorInput::close);
    checks.forEach(CameraInfoCheck::close);
    ego.close();
  }
}
