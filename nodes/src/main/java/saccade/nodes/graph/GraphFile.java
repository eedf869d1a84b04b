package saccade.nodes.graph;

import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;
import saccade.kernels.geometry.LidarModel;
import saccade.kernels.geometry.Rig;
import saccade.nodes.cli.BadInput;
import saccade.nodes.graph.GraphNode.Cameras;
import saccade.nodes.graph.GraphNode.Controller;
import saccade.nodes.graph.GraphNode.Dashboard;
import saccade.nodes.graph.GraphNode.Perception;
import saccade.nodes.graph.GraphNode.Planner;
import saccade.nodes.graph.GraphNode.Port;
import saccade.nodes.graph.GraphNode.Recording;
import saccade.nodes.graph.GraphNode.Ros;
import saccade.nodes.graph.GraphNode.Simulator;
import saccade.nodes.graph.GraphNode.Source;
import saccade.perception.engine.EngineOptions;
import saccade.perception.engine.ExecutionProvider;
import saccade.perception.sparsify.TokenPolicy;
import saccade.sim.SensorFaults;

/**
 * Reads a graph file: named nodes, their inputs as {@code node/output}, rates and budgets, and what
 * is asked of the {@code host}; over ROS, the {@code bridges} ({@link BridgeSpec}). Paths are
 * relative to the file. Set-up only.
 *
 * <pre>
 *   type         outputs                                   inputs
 *   simulator    one per sensor of its rig, odometry       -
 *   cameras      one per camera of its rig, odometry       -
 *   ros          one per sensor of its rig, odometry       -
 *   recording    sensors, odometry                         -
 *   perception   set, answer                               the sensors and odometry of the source
 *   planner      message                                   perception/answer, maybe the LiDAR (reflex)
 *   controller   command                                   planner/message; drives the simulator
 *   dashboard    -                                         perception/set, planner/message
 * </pre>
 */
public final class GraphFile {
  /** Version of the form. */
  public static final int FORMAT = 1;

  private static final int MAX_NODES = 32;
  private static final List<String> TYPES =
      List.of(
          "simulator",
          "cameras",
          "ros",
          "recording",
          "perception",
          "planner",
          "controller",
          "dashboard");

  private final Path file;
  private final YamlFields top;
  private final Map<String, GraphNode> nodes = new LinkedHashMap<>();

  private GraphFile(Path file) {
    this.file = file;
    this.top = YamlFields.read(file);
  }

  /**
   * Reads and checks a graph.
   *
   * @throws BadInput in one line: value found, value wanted, file and key
   */
  public static Graph read(Path file) {
    return new GraphFile(file).graph();
  }

  private Graph graph() {
    long format = top.whole("format", 0, Integer.MAX_VALUE);
    if (format != FORMAT) {
      throw top.wrong("format", Integer.toString(FORMAT), format);
    }
    String name = top.text("name");
    YamlFields list = top.fields("nodes");
    HostPolicy host = top.has("host") ? HostPolicy.of(top.fields("host")) : HostPolicy.AS_IS;
    @Nullable RosSection ros = top.has("ros") ? RosSection.of(top.fields("ros")) : null;
    List<BridgeSpec> bridges =
        top.has("bridges") ? BridgeSpec.all(top.fields("bridges")) : List.of();
    top.end();
    if (list.keys().size() > MAX_NODES) {
      throw top.wrong("nodes", "at most " + MAX_NODES + " nodes", list.keys().size());
    }
    for (String key : list.keys()) {
      if (!key.matches("[a-z][a-z0-9_]{0,39}")) {
        throw top.wrong("nodes", "node names of lower-case letters, digits and _", key);
      }
      nodes.put(key, node(key, list.fields(key)));
    }
    Source source = one(Source.class, "source (type simulator, cameras, ros or recording)");
    Perception perception = one(Perception.class, "perception");
    Planner planner = one(Planner.class, "planner");
    Controller controller = atMostOne(Controller.class, "controller");
    Dashboard dashboard = atMostOne(Dashboard.class, "dashboard");
    checkInputs();
    checkTimes(perception, planner);
    checkUse(source, perception, planner, controller);
    if (source instanceof Ros && ros == null) {
      throw new BadInput(
          file
              + ": ros: expected a mapping such as {transport: rcl, node: perception}, which the source "
              + source.name()
              + " of type ros needs; found none");
    }
    if (!bridges.isEmpty() && ros == null) {
      throw new BadInput(
          file
              + ": ros: expected a mapping such as {transport: rcl, node: saccade}, which bridges need;"
              + " found none");
    }
    return new Graph(
        name, file, source, perception, planner, controller, dashboard, host, ros, bridges);
  }

  private GraphNode node(String name, YamlFields fields) {
    String type = fields.text("type");
    GraphNode node =
        switch (type) {
          case "simulator" ->
              new Simulator(
                  name,
                  path(fields, "rig"),
                  fields.text("scenario"),
                  fields.whole("seed", 0, Long.MAX_VALUE, 1),
                  fields.number("rateHz", 1, 50, 10),
                  faults(fields));
          case "cameras" ->
              new Cameras(
                  name,
                  path(fields, "rig"),
                  urls(fields.fields("urls")),
                  fields.number("rateHz", 1, 60, 10),
                  fields.number("speed", 0.01, 100, 1),
                  fields.word("loop", List.of("on", "off"), "off").equals("on"),
                  fields.number("egoSpeedMps", 0, 100, 0));
          case "ros" ->
              new Ros(
                  name,
                  path(fields, "rig"),
                  fields.number("rateHz", 0.1, 60, 10),
                  texts(fields.fields("topics")),
                  fields.has("compressed") ? fields.texts("compressed") : List.of(),
                  fields.has("cameraInfo") ? texts(fields.fields("cameraInfo")) : Map.of(),
                  fields.text("odometry", ""),
                  fields.text("imu", ""),
                  fields.text("fix", ""),
                  fields.number("intensityMax", 1e-6, 1e9, 255),
                  fields.number("setSpeedMps", 0, 100, 13.9),
                  fields
                      .word("reliability", List.of("best_effort", "reliable"), "best_effort")
                      .equals("reliable"),
                  (int) fields.whole("depth", 1, 1000, 5),
                  calibration(fields));
          case "recording" ->
              new Recording(name, path(fields, "path"), fields.number("speed", 0.01, 100, 1));
          case "perception" ->
              new Perception(
                  name,
                  inputs(fields),
                  path(fields, "model"),
                  millis(fields, "budgetMs", 5, 10_000, 90),
                  millis(fields, "setTimeoutMs", 1, 10_000, 55),
                  (int) fields.whole("slots", 4, 64, 6),
                  tokens(fields),
                  cameraTokens(fields),
                  fields.has("frontier") ? path(fields, "frontier") : null,
                  fields.text("kv", ""),
                  fields.text("exits", ""),
                  engine(fields),
                  millis(
                      fields, "leastBudgetMs", 5, 10_000, fields.number("budgetMs", 5, 10_000, 90)),
                  fields.word("degrade", List.of("on", "off"), "on").equals("on"),
                  fields.has("latencyTable") ? path(fields, "latencyTable") : null,
                  fields.has("trace") ? path(fields, "trace") : null);
          case "planner" ->
              new Planner(
                  name,
                  inputs(fields),
                  fields.word("reflex", List.of("on", "off"), "off").equals("on")
                      ? Planner.Reflex.ON
                      : Planner.Reflex.OFF,
                  millis(fields, "maxAgeMs", 1, 10_000, 300),
                  millis(fields, "validMs", 1, 2_000, 500));
          case "controller" ->
              new Controller(name, inputs(fields), fields.number("rateHz", 10, 200, 50));
          case "dashboard" ->
              new Dashboard(name, inputs(fields), (int) fields.whole("port", 0, 65535, 8077));
          default -> throw fields.wrong("type", "one of " + String.join(", ", TYPES), type);
        };
    fields.end();
    return node;
  }

  private static String tokens(YamlFields fields) {
    String policy = fields.text("tokens", "");
    if (!policy.isEmpty()) {
      try {
        TokenPolicy.parse(policy);
      } catch (IllegalArgumentException e) {
        throw fields.wrong("tokens", "a token policy; " + e.getMessage(), policy);
      }
    }
    return policy;
  }

  private static List<Integer> cameraTokens(YamlFields fields) {
    if (!fields.has("cameraTokens")) {
      return List.of();
    }
    List<Integer> budgets = new ArrayList<>();
    for (long budget : fields.wholes("cameraTokens", 1, 16, 1, 4096)) {
      budgets.add((int) budget);
    }
    return budgets;
  }

  /** What runs the graphs; without the key the CPU. */
  private EngineOptions engine(YamlFields perception) {
    if (!perception.has("engine")) {
      return EngineOptions.DEFAULT;
    }
    YamlFields fields = perception.fields("engine");
    List<String> words =
        Arrays.stream(ExecutionProvider.values()).map(ExecutionProvider::word).toList();
    String provider = fields.word("provider", words, ExecutionProvider.CPU.word());
    EngineOptions engine =
        new EngineOptions(
            ExecutionProvider.values()[words.indexOf(provider)],
            (int) fields.whole("threads", 1, 256, 1),
            (int) fields.whole("device", 0, 63, 0),
            fields.has("engineCache") ? path(fields, "engineCache") : null,
            fields.word("fp16", List.of("on", "off"), "off").equals("on"),
            fields.word("call", List.of("direct", "jni"), "direct").equals("direct")
                ? EngineOptions.Call.DIRECT
                : EngineOptions.Call.JNI);
    fields.end();
    return engine;
  }

  private static Ros.@Nullable Calibration calibration(YamlFields ros) {
    if (!ros.has("calibration")) {
      return null;
    }
    YamlFields fields = ros.fields("calibration");
    Ros.Calibration calibration =
        new Ros.Calibration(fields.text("base", "base_link"), fields.number("waitS", 0, 600, 20));
    fields.end();
    return calibration;
  }

  private static SensorFaults faults(YamlFields simulator) {
    if (!simulator.has("faults")) {
      return SensorFaults.NONE;
    }
    YamlFields fields = simulator.fields("faults");
    long seed = fields.whole("seed", 0, Long.MAX_VALUE, 1);
    double late = fields.number("late", 0, 0.5, 0);
    double lost = fields.number("lost", 0, 0.5, 0);
    fields.end();
    return SensorFaults.vehicle(seed, late, lost);
  }

  private Map<String, String> urls(YamlFields fields) {
    Map<String, String> urls = new LinkedHashMap<>();
    for (String camera : fields.keys()) {
      String url = fields.text(camera);
      urls.put(
          camera,
          url.contains("://") || url.startsWith("/") ? url : path(fields, camera).toString());
    }
    fields.end();
    return urls;
  }

  private static Map<String, String> texts(YamlFields fields) {
    Map<String, String> texts = new LinkedHashMap<>();
    for (String key : fields.keys()) {
      texts.put(key, fields.text(key));
    }
    fields.end();
    return texts;
  }

  private static long millis(YamlFields fields, String key, double lo, double hi, double absent) {
    return Math.round(fields.number(key, lo, hi, absent) * 1e6);
  }

  private Path path(YamlFields fields, String key) {
    String text = fields.text(key);
    Path folder = file.toAbsolutePath().getParent();
    try {
      return folder == null ? Path.of(text) : folder.resolve(text).normalize();
    } catch (InvalidPathException e) {
      throw fields.wrong(key, "a path", text);
    }
  }

  private static List<Port> inputs(YamlFields fields) {
    List<Port> ports = new ArrayList<>();
    for (String text : fields.texts("inputs")) {
      String[] parts = text.split("/", -1);
      if (parts.length != 2 || parts[0].isEmpty() || parts[1].isEmpty()) {
        throw fields.wrong("inputs", "node/output", text);
      }
      Port port = new Port(parts[0], parts[1]);
      if (ports.contains(port)) {
        throw fields.wrong("inputs", "each input once", text);
      }
      ports.add(port);
    }
    return ports;
  }

  private <T extends GraphNode> T one(Class<T> type, String what) {
    T found = atMostOne(type, what);
    if (found == null) {
      throw new BadInput(file + ": nodes: expected one " + what + ", found none");
    }
    return found;
  }

  private <T extends GraphNode> @Nullable T atMostOne(Class<T> type, String what) {
    T found = null;
    for (GraphNode node : nodes.values()) {
      if (type.isInstance(node)) {
        if (found != null) {
          throw new BadInput(
              file
                  + ": nodes: expected one "
                  + what
                  + ", found two: "
                  + found.name()
                  + " and "
                  + node.name());
        }
        found = type.cast(node);
      }
    }
    return found;
  }

  private void checkTimes(Perception perception, Planner planner) {
    if (perception.setTimeoutNs() >= perception.budgetNs()) {
      throw wrongTime(perception, "setTimeoutMs", "less than budgetMs", perception.setTimeoutNs());
    }
    if (perception.leastBudgetNs() > perception.budgetNs()) {
      throw wrongTime(perception, "leastBudgetMs", "at most budgetMs", perception.leastBudgetNs());
    }
    if (planner.maxAgeNs() < perception.budgetNs()) {
      throw wrongTime(planner, "maxAgeMs", "at least perception's budgetMs", planner.maxAgeNs());
    }
    if (planner.validNs() < perception.budgetNs()) {
      throw wrongTime(planner, "validMs", "at least perception's budgetMs", planner.validNs());
    }
  }

  private BadInput wrongTime(GraphNode node, String key, String wanted, long foundNs) {
    return new BadInput(
        file
            + ": nodes."
            + node.name()
            + "."
            + key
            + ": expected "
            + wanted
            + ", found "
            + foundNs / 1e6);
  }

  private void checkInputs() {
    for (GraphNode node : nodes.values()) {
      for (Port port : node.inputs()) {
        GraphNode from = nodes.get(port.node());
        if (from == null) {
          throw wrongInput(
              node, port, "a node of this file (" + String.join(", ", nodes.keySet()) + ")");
        }
        List<String> outputs = outputs(from);
        if (!outputs.isEmpty() && !outputs.contains(port.output())) {
          throw wrongInput(
              node, port, "an output of " + from.name() + " (" + String.join(", ", outputs) + ")");
        }
      }
    }
  }

  private BadInput wrongInput(GraphNode node, Port port, String wanted) {
    return new BadInput(
        file
            + ": nodes."
            + node.name()
            + ".inputs: expected "
            + wanted
            + ", found \""
            + port
            + "\"");
  }

  /** What a node gives; empty where only the recording itself knows. */
  private static List<String> outputs(GraphNode node) {
    return switch (node) {
      case Simulator simulator -> {
        Rig rig = RigFile.read(simulator.rig());
        List<String> names = new ArrayList<>(sensors(rig));
        names.add("odometry");
        yield names;
      }
      case Cameras cameras -> {
        List<String> names = new ArrayList<>(sensors(RigFile.read(cameras.rig())));
        names.add("odometry");
        yield names;
      }
      case Ros ros -> {
        List<String> names = new ArrayList<>(sensors(RigFile.read(ros.rig())));
        names.add("odometry");
        yield names;
      }
      case Recording recording -> List.of();
      case Perception perception -> List.of("set", "answer");
      case Planner planner -> List.of("message");
      case Controller controller -> List.of("command");
      case Dashboard dashboard -> List.of("page");
    };
  }

  /** Sensor names of a rig, cameras first. */
  static List<String> sensors(Rig rig) {
    List<String> names = new ArrayList<>();
    rig.cameras().forEach(camera -> names.add(camera.name()));
    LidarModel lidar = rig.lidar();
    if (lidar != null) {
      names.add(lidar.name());
    }
    return names;
  }

  private void checkUse(
      Source source, Perception perception, Planner planner, @Nullable Controller controller) {
    for (String output : new TreeSet<>(outputs(source))) {
      if (!perception.inputs().contains(new Port(source.name(), output))) {
        throw new BadInput(
            file
                + ": nodes."
                + perception.name()
                + ".inputs: expected "
                + source.name()
                + "/"
                + output
                + " (every sensor of the rig is used), found none");
      }
    }
    if (source instanceof Ros ros) {
      checkTopics(ros);
    }
    wants(planner, new Port(perception.name(), "answer"));
    if (controller != null) {
      wants(controller, new Port(planner.name(), "message"));
      if (!(source instanceof Simulator)) {
        throw new BadInput(
            file
                + ": nodes."
                + controller.name()
                + ": expected a simulator to drive, found "
                + source.name());
      }
    }
  }

  private void checkTopics(Ros ros) {
    List<String> sensors = sensors(RigFile.read(ros.rig()));
    String where = file + ": nodes." + ros.name() + ".";
    for (String sensor : sensors) {
      if (!ros.topics().containsKey(sensor)) {
        throw new BadInput(
            where
                + "topics: expected a topic for each sensor of the rig, found none for "
                + sensor);
      }
    }
    for (Map.Entry<String, List<String>> named :
        Map.of(
                "topics", List.copyOf(ros.topics().keySet()),
                "compressed", ros.compressed(),
                "cameraInfo", List.copyOf(ros.cameraInfo().keySet()))
            .entrySet()) {
      for (String sensor : named.getValue()) {
        if (!sensors.contains(sensor)) {
          throw new BadInput(
              where
                  + named.getKey()
                  + ": expected sensors of the rig ("
                  + String.join(", ", sensors)
                  + "), found "
                  + sensor);
        }
      }
    }
  }

  private void wants(GraphNode node, Port port) {
    if (!node.inputs().contains(port)) {
      throw new BadInput(
          file + ": nodes." + node.name() + ".inputs: expected " + port + ", found none");
    }
  }
}
