package saccade.hil.faults;

import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.locks.LockSupport;
import org.jspecify.annotations.Nullable;
import saccade.kernels.geometry.CameraModel;
import saccade.kernels.geometry.Rig;
import saccade.msg.nav_msgs.Odometry;
import saccade.msg.rosgraph_msgs.Clock;
import saccade.msg.sensor_msgs.Image;
import saccade.msg.sensor_msgs.PointCloud2;
import saccade.msg.sensor_msgs.PointField;
import saccade.msg.std_msgs.Header;
import saccade.nodes.graph.GraphFile;
import saccade.nodes.node.MessagePublisher;
import saccade.nodes.node.Stamps;
import saccade.nodes.ros.QosProfile;
import saccade.nodes.rosnode.RosRuntime;
import saccade.nodes.run.ProjectHome;
import saccade.nodes.sensor.EgoState;
import saccade.nodes.sensor.SensorInlets;
import saccade.nodes.sensor.SensorSource;
import saccade.realtime.clock.NanoClock;

/**
 * The product's own ROS source on simulated time, with a simulator that publishes {@code /clock} at
 * 100 Hz and the sets of a {@link SetLoop} at 10 Hz; its clock may be paused, reset or loop. Topics
 * go through the transport in Zenoh's form, within this process.
 */
final class TopicSource implements SensorSource, Switchable {
  /** What the simulator does to its clock while the fault is on. */
  enum Does {
    /** Time stands still: no tick, no frame. */
    PAUSES,
    /** The simulation begins again at one second, once. */
    RESETS,
    /** Like a recording played in a loop: back by a second, again and again. */
    LOOPS
  }

  private static final long TICK_NS = 10_000_000L;
  private static final int TICKS_A_SET = 10;
  private static final int LOOP_TICKS = 130;
  private static final long BACK_NS = 1_000_000_000L;
  private static final long BEGIN_NS = 1_000_000_000L; // of a simulation
  private static final long FIRST_NS = 100_000_000_000L; // of this one: it has run for a while
  private static final String FLOAT_FIELDS = "x y z intensity";
  private static final int FLOAT32 = 7;

  private final SetLoop loop;
  private final Does does;
  private final RosRuntime runtime;
  private final SensorSource topics;
  private final List<MessagePublisher<Image>> cameras = new ArrayList<>();
  private final @Nullable MessagePublisher<PointCloud2> lidar;
  private final MessagePublisher<Odometry> odometry;
  private final MessagePublisher<Clock> ticks;
  private final List<PointField> fields = new ArrayList<>();
  private volatile boolean on;
  private volatile boolean stopping;
  private @Nullable Thread thread;

  /**
   * Opens the node; nothing is published before {@link #start}.
   *
   * @param folder takes the graph's file
   * @param model package, which has the places of the cameras
   */
  TopicSource(Path folder, Path model, Rig rig, SetLoop loop, Does does) throws IOException {
    this.loop = loop;
    this.does = does;
    Path file = folder.resolve("clock-" + does + ".yaml");
    Files.writeString(file, graph(rig, model.toAbsolutePath()));
    runtime =
        RosRuntime.open(
            GraphFile.read(file),
            List.of("--ros-args", "-p", "use_sim_time:=true"),
            line -> {}); // it complains of what is done to it
    topics = runtime.source();
    for (CameraModel camera : rig.cameras()) {
      cameras.add(
          runtime.node().createPublisher(Image.TYPE, topic(camera.name()), QosProfile.DEFAULT));
    }
    lidar =
        rig.lidar() == null
            ? null
            : runtime
                .node()
                .createPublisher(PointCloud2.TYPE, topic(rig.lidar().name()), QosProfile.DEFAULT);
    odometry = runtime.node().createPublisher(Odometry.TYPE, "/odom", QosProfile.DEFAULT);
    ticks = runtime.node().createPublisher(Clock.TYPE, "/clock", QosProfile.DEFAULT);
    for (String name : FLOAT_FIELDS.split(" ", -1)) {
      fields.add(new PointField(name, 4 * fields.size(), FLOAT32, 1));
    }
  }

  private static String topic(String sensor) {
    return "/" + sensor;
  }

  private static String graph(Rig rig, Path model) {
    StringBuilder sensors = new StringBuilder();
    StringBuilder inputs = new StringBuilder();
    List<String> names = new ArrayList<>(rig.cameras().stream().map(CameraModel::name).toList());
    if (rig.lidar() != null) {
      names.add(rig.lidar().name());
    }
    for (String name : names) {
      sensors.append("      ").append(name).append(": ").append(topic(name)).append('\n');
      inputs.append("robot/").append(name).append(", ");
    }
    String rigFile = rig.cameras().size() == 2 ? "two-camera.yaml" : "six-camera.yaml";
    return """
    format: 1
    name: simulated-time
    ros:
      transport: zenoh
      node: perception
      publish: []
      lifecycle: off
    nodes:
      robot:
        type: ros
        rig: %s
        rateHz: 10
        topics:
    %s    odometry: /odom
        intensityMax: 1
        reliability: reliable
      perception:
        type: perception
        inputs: [%srobot/odometry]
        model: %s
      planner:
        type: planner
        inputs: [perception/answer]
        reflex: off
    """
        .formatted(
            ProjectHome.root().resolve("launch/rigs").resolve(rigFile).toAbsolutePath(),
            sensors.toString().indent(2).replaceFirst("\\s+$", "\n"),
            inputs,
            model);
  }

  /** Any thread: the fault is on. */
  @Override
  public void fault(boolean now) {
    on = now;
  }

  /** Jumps of the graph's clock. */
  @Override
  public Map<String, Long> counts() {
    return Map.of(Tally.CLOCK_JUMPS, runtime.node().clock().jumps());
  }

  @Override
  public String name() {
    return topics.name();
  }

  @Override
  public Rig rig() {
    return topics.rig();
  }

  @Override
  public long periodNs() {
    return topics.periodNs();
  }

  @Override
  public void start(SensorInlets inlets) {
    topics.start(inlets);
    thread = Thread.ofPlatform().name("simulated time").daemon(true).start(this::simulate);
  }

  private void simulate() {
    NanoClock clock = NanoClock.system();
    long dueNs = clock.nanoTime();
    long simNs = FIRST_NS;
    boolean reset = false;
    int sinceLoop = 0;
    for (long tick = 0; !stopping; ) {
      dueNs += TICK_NS;
      for (long leftNs = dueNs - clock.nanoTime(); leftNs > 0 && !stopping; ) {
        LockSupport.parkNanos(this, leftNs);
        leftNs = dueNs - clock.nanoTime();
      }
      boolean now = on;
      if (now && does == Does.PAUSES) {
        continue;
      }
      simNs += TICK_NS;
      if (now && does == Does.RESETS && !reset) {
        reset = true;
        simNs = BEGIN_NS;
      } else if (now && does == Does.LOOPS && ++sinceLoop % LOOP_TICKS == 1) {
        simNs -= BACK_NS;
      }
      ticks.publish(new Clock(Stamps.time(simNs)));
      if (tick++ % TICKS_A_SET == 0) {
        publish(tick / TICKS_A_SET, simNs);
      }
    }
  }

  private void publish(long set, long simNs) {
    Header header = new Header(Stamps.time(simNs), "base_link");
    EgoState ego = loop.ego(set, simNs);
    Odometry moving = Odometry.defaults().withHeader(header);
    var twist = moving.twist().twist();
    odometry.publish(
        moving.withTwist(
            moving
                .twist()
                .withTwist(
                    twist
                        .withLinear(twist.linear().withX(ego.speedMps()))
                        .withAngular(twist.angular().withZ(ego.yawRateRps())))));
    for (int i = 0; i < cameras.size(); i++) {
      CameraModel camera = topics.rig().cameras().get(i);
      cameras
          .get(i)
          .publish(
              new Image(
                  header,
                  camera.heightPx(),
                  camera.widthPx(),
                  "rgb8",
                  0,
                  3 * camera.widthPx(),
                  bytes(set, i)));
    }
    MessagePublisher<PointCloud2> clouds = lidar;
    if (clouds != null) {
      byte[] data = bytes(set, cameras.size());
      clouds.publish(
          new PointCloud2(
              header,
              1,
              data.length / SensorInlets.POINT_BYTES,
              fields,
              false,
              SensorInlets.POINT_BYTES,
              data.length,
              data,
              true));
    }
  }

  private byte[] bytes(long set, int sensor) {
    MemorySegment frame = loop.frame(set, sensor);
    return frame.asSlice(0, loop.bytes(set, sensor)).toArray(ValueLayout.JAVA_BYTE);
  }

  @Override
  public boolean ended() {
    return stopping;
  }

  @Override
  public long framesIn() {
    return topics.framesIn();
  }

  @Override
  public void close() {
    stopping = true;
    Thread worker = thread;
    if (worker != null) {
      try {
        worker.join();
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
      }
      thread = null;
      runtime.close(); // and what is subscribed
    }
  }
}
