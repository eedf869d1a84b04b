package saccade.nodes.graph;

import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import saccade.perception.engine.EngineOptions;
import saccade.sim.SensorFaults;

/** One named node of a {@link Graph}, with its parameters as numbers in SI units or nanoseconds. */
public sealed interface GraphNode {

  /** Name in the graph file. */
  String name();

  /** What flows in, {@code node/output}; empty for a source. */
  List<Port> inputs();

  /** One output of one node. */
  record Port(String node, String output) {
    @Override
    public String toString() {
      return node + "/" + output;
    }
  }

  /** Where frames and ego motion come from. */
  sealed interface Source extends GraphNode {
    @Override
    default List<Port> inputs() {
      return List.of();
    }
  }

  /**
   * The embedded simulator, in real time.
   *
   * @param rig rig file
   * @param scenario name of a scenario of {@code saccade.sim}
   * @param seed of the scenario; the same seed gives the same bits
   * @param rateHz sets a second
   * @param faults how its sensors misbehave
   */
  record Simulator(
      String name, Path rig, String scenario, long seed, double rateHz, SensorFaults faults)
      implements Source {}

  /**
   * Cameras by URL: video files, picture folders, USB cameras, network streams.
   *
   * @param rig rig file without a LiDAR
   * @param urls by camera name; a path is relative to the graph file
   * @param rateHz sets a second; faster cameras are thinned out
   * @param speed of playing files, 1 = as recorded
   * @param loop whether files begin again
   * @param egoSpeedMps taken for the vehicle's speed, since nothing measures it here
   */
  record Cameras(
      String name,
      Path rig,
      Map<String, String> urls,
      double rateHz,
      double speed,
      boolean loop,
      double egoSpeedMps)
      implements Source {
    public Cameras {
      urls = Map.copyOf(urls);
    }
  }

  /**
   * Topics of a ROS 2 graph; the graph's {@code ros} part says how they are reached.
   *
   * @param rig rig file
   * @param rateHz sets a second
   * @param topics of sensor_msgs/Image, sensor_msgs/PointCloud2 by sensor name; a camera's topic
   *     that ends with {@code /compressed} has sensor_msgs/CompressedImage
   * @param compressed cameras that have it whatever their topics are called
   * @param cameraInfo topics of sensor_msgs/CameraInfo by camera name, held against the rig
   * @param odometry topic of nav_msgs/Odometry, empty for none
   * @param imu topic of sensor_msgs/Imu, empty for none
   * @param fix topic of sensor_msgs/NavSatFix, empty for none
   * @param intensityMax intensity of a point that means 1
   * @param setSpeedMps speed wanted on a free road at the start; a parameter changes it
   * @param reliable whether the sensors' topics are asked for reliably
   * @param depth messages the middleware keeps of each
   */
  record Ros(
      String name,
      Path rig,
      double rateHz,
      Map<String, String> topics,
      List<String> compressed,
      Map<String, String> cameraInfo,
      String odometry,
      String imu,
      String fix,
      double intensityMax,
      double setSpeedMps,
      boolean reliable,
      int depth,
      @Nullable Calibration calibration)
      implements Source {

    /**
     * Sizes, matrices and lenses from camera_info, places from the transforms, at the start.
     *
     * @param base frame that the rig stands in, e.g. {@code base_link}
     * @param waitS how long a run waits for them, seconds
     */
    public record Calibration(String base, double waitS) {}

    public Ros {
      topics = Map.copyOf(topics);
      compressed = List.copyOf(compressed);
      cameraInfo = Map.copyOf(cameraInfo);
    }

    /**
     * Topic of a camera's camera_info: the one named, else the neighbour of its pictures, as
     * image_transport has it.
     */
    public String cameraInfoTopic(String camera) {
      String named = cameraInfo.get(camera);
      if (named != null) {
        return named;
      }
      String pictures = topics.getOrDefault(camera, "");
      String base =
          pictures.endsWith("/compressed")
              ? pictures.substring(0, pictures.length() - "/compressed".length())
              : pictures;
      return base.substring(0, base.lastIndexOf('/') + 1) + "camera_info";
    }

    /** Whether a camera's topic has sensor_msgs/CompressedImage. */
    public boolean isCompressed(String camera) {
      return compressed.contains(camera) || topics.getOrDefault(camera, "").endsWith("/compressed");
    }
  }

  /**
   * A recording.
   *
   * @param path folder of the recording; its layout is found out from the files that are there
   * @param speed 1 = as it was recorded
   */
  record Recording(String name, Path path, double speed) implements Source {}

  /**
   * Sets in, action and fact tokens out.
   *
   * @param model directory of the model package
   * @param budgetNs from capture to message
   * @param setTimeoutNs how long after the first frame of an instant a set waits for the others
   * @param slots payload slots of each sensor
   * @param tokens which visual tokens go to the decoder, see {@link
   *     saccade.perception.sparsify.TokenPolicy}; empty: as the model is shipped
   * @param cameraTokens tokens kept of each camera place; empty: as {@code tokens} says
   * @param frontier table of {@code saccade model tune}: its most accurate way that fits the budget
   *     says tokens, exit and window, unless {@code tokens} or {@code cameraTokens} do; null = none
   * @param kv which rows later sets see, see {@link saccade.perception.kv.KvOptions#parse}; empty:
   *     as the model was trained
   * @param exits when tokens are decided before the last layer, see {@link
   *     saccade.perception.exit.ExitRule#parse}; empty: when time is short
   * @param engine what runs the model's graphs
   * @param leastBudgetNs shortest budget that speed and closing time may ask for
   * @param degrade whether less is done when time is short
   * @param latencyTable slice times of an earlier run; null = none
   * @param trace where decisions and slices are recorded; null = nowhere
   */
  record Perception(
      String name,
      List<Port> inputs,
      Path model,
      long budgetNs,
      long setTimeoutNs,
      int slots,
      String tokens,
      List<Integer> cameraTokens,
      @Nullable Path frontier,
      String kv,
      String exits,
      EngineOptions engine,
      long leastBudgetNs,
      boolean degrade,
      @Nullable Path latencyTable,
      @Nullable Path trace)
      implements GraphNode {
    public Perception {
      inputs = List.copyOf(inputs);
      cameraTokens = List.copyOf(cameraTokens);
    }

    /** The same with another model package. */
    public Perception withModel(Path other) {
      return new Perception(
          name,
          inputs,
          other,
          budgetNs,
          setTimeoutNs,
          slots,
          tokens,
          cameraTokens,
          frontier,
          kv,
          exits,
          engine,
          leastBudgetNs,
          degrade,
          latencyTable,
          trace);
    }

    /** The same with other tokens. */
    public Perception withTokens(String policy) {
      return new Perception(
          name,
          inputs,
          model,
          budgetNs,
          setTimeoutNs,
          slots,
          policy,
          cameraTokens,
          frontier,
          kv,
          exits,
          engine,
          leastBudgetNs,
          degrade,
          latencyTable,
          trace);
    }

    /** The same with a trace. */
    public Perception withTrace(Path file) {
      return new Perception(
          name,
          inputs,
          model,
          budgetNs,
          setTimeoutNs,
          slots,
          tokens,
          cameraTokens,
          frontier,
          kv,
          exits,
          engine,
          leastBudgetNs,
          degrade,
          latencyTable,
          file);
    }
  }

  /**
   * Decodes, validates and gates; publishes planner messages.
   *
   * @param reflex whether the geometric reflex may brake
   * @param maxAgeNs older messages are not acted on
   * @param validNs how long after its capture an action may be followed when nothing newer comes
   */
  record Planner(String name, List<Port> inputs, Reflex reflex, long maxAgeNs, long validNs)
      implements GraphNode {
    /** Whether the geometric reflex acts. */
    public enum Reflex {
      ON,
      OFF
    }

    public Planner {
      inputs = List.copyOf(inputs);
    }
  }

  /**
   * Replays action chunks into the vehicle.
   *
   * @param rateHz commands a second
   */
  record Controller(String name, List<Port> inputs, double rateHz) implements GraphNode {
    public Controller {
      inputs = List.copyOf(inputs);
    }
  }

  /**
   * The live page, on 127.0.0.1.
   *
   * @param port TCP port, 0 = any free one
   */
  record Dashboard(String name, List<Port> inputs, int port) implements GraphNode {
    public Dashboard {
      inputs = List.copyOf(inputs);
    }
  }
}
