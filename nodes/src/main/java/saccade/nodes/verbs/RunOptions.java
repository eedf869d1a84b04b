package saccade.nodes.verbs;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;
import saccade.nodes.cli.BadInput;
import saccade.nodes.cli.Main;
import saccade.nodes.graph.Graph;
import saccade.nodes.graph.GraphNode.Planner;
import saccade.nodes.graph.GraphNode.Simulator;
import saccade.nodes.sensor.SimulatorSource;
import saccade.perception.sparsify.TokenPolicy;

/** What {@code demo} and {@code run} share: keys of the graph file that a command may change. */
final class RunOptions {
  @Option(names = "--headless", description = "No page; lines on standard output only.")
  boolean headless;

  @Option(
      names = "--seconds",
      paramLabel = "N",
      description = "End after N seconds. Default: until Ctrl-C, or the recording's end.")
  double seconds;

  @Option(
      names = "--reflex",
      paramLabel = "on|off",
      description =
          "Whether the geometric reflex may brake harder than the model. The graph's value is the default; the demo's"
              + " is off, so that the ego is driven by action tokens alone.")
  @Nullable String reflex;

  @Option(
      names = "--port",
      paramLabel = "PORT",
      description = "Port of the page on 127.0.0.1; 0 = any free one. Default: the graph's.")
  @Nullable Integer port;

  @Option(names = "--seed", paramLabel = "N", description = "Seed of the scenario.")
  @Nullable Long seed;

  @Option(
      names = "--scenario",
      paramLabel = "NAME",
      description = "What happens in the simulator; an unknown name lists the known ones.")
  @Nullable String scenario;

  @Option(
      names = "--model",
      paramLabel = "DIR",
      description = "Model package. Default: the graph's.")
  @Nullable Path model;

  @Option(
      names = "--json",
      paramLabel = "FILE",
      arity = "0..1",
      fallbackValue = "-",
      description =
          "Write every planner message as a JSON line to FILE, or to standard output when there is no FILE (lines for"
              + " people then go to standard error).")
  @Nullable String json;

  @Option(
      names = "--ros-args",
      paramLabel = "ARGS...",
      description =
          "ROS arguments up to -- or the end (-r, -p, --params-file, --log-level, __node, __ns), for a graph with a"
              + " part ros.")
  @Nullable String rosArgs;

  /** What stands behind --ros-args, that word first; empty without it. */
  List<String> rosArguments() {
    String joined = rosArgs;
    if (joined == null) {
      return List.of();
    }
    List<String> arguments = new ArrayList<>();
    arguments.add("--ros-args");
    if (!joined.isEmpty()) {
      arguments.addAll(List.of(joined.split(Main.ROS_SEPARATOR, -1)));
    }
    return arguments;
  }

  @Option(
      names = "--trace",
      paramLabel = "FILE",
      description = "Record every decision and slice in FILE, binary; see `saccade whatif`.")
  @Nullable Path trace;

  @Option(
      names = "--tokens",
      paramLabel = "POLICY",
      description =
          "Which visual tokens go to the decoder, e.g. pixel-variance@0.25/ahead or visionzip@0.5+fastv@0.5; an unknown"
              + " name lists the known ones. Default: the graph's.")
  @Nullable String tokens;

  /** Reads a token policy; a complaint is bad input. */
  static String checkedTokens(String policy) {
    try {
      return TokenPolicy.parse(policy).text();
    } catch (IllegalArgumentException e) {
      throw new BadInput("--tokens: " + e.getMessage());
    }
  }

  /**
   * Graphs that run side by side with what the command line changes; one alone as {@link
   * #change(Graph)}. Each has a trace of its own, as {@link #json(Graph, boolean)} says.
   */
  List<Graph> change(List<Graph> graphs) {
    if (graphs.size() == 1) {
      return List.of(change(graphs.getFirst()));
    }
    if (port != null) {
      throw new BadInput(
          "--port: expected one graph, found "
              + graphs.size()
              + "; say each one's port in its file, nodes.dashboard.port");
    }
    Path record = trace;
    return graphs.stream()
        .map(
            graph -> {
              Graph changed = change(graph);
              return record == null
                  ? changed
                  : changed.withTrace(Path.of(of(record.toAbsolutePath().toString(), graph)));
            })
        .toList();
  }

  /**
   * Where the messages of a graph go as JSON lines: {@code log.jsonl} is {@code log-front.jsonl}
   * for the graph front of several; null = nowhere.
   *
   * @param alone whether it is the only graph
   */
  @Nullable String json(Graph graph, boolean alone) {
    String target = json;
    if (target == null || alone) {
      return target;
    }
    if (target.equals("-")) {
      throw new BadInput(
          "--json: expected a FILE with several graphs, found none: their lines would be mixed");
    }
    return of(target, graph);
  }

  private static String of(String file, Graph graph) {
    int dot = file.lastIndexOf('.');
    int end = dot > file.lastIndexOf('/') + 1 ? dot : file.length();
    return file.substring(0, end) + "-" + graph.name() + file.substring(end);
  }

  /** The graph with what the command line changes. */
  Graph change(Graph graph) {
    Graph changed = graph;
    String name = scenario;
    Long wanted = seed;
    if (name != null || wanted != null) {
      if (!(graph.source() instanceof Simulator simulator)) {
        throw new BadInput(
            graph.file() + ": --scenario and --seed want a simulator, found a recording");
      }
      changed =
          changed.withScenario(
              name == null ? simulator.scenario() : name,
              wanted == null ? simulator.seed() : wanted);
    }
    if (changed.source() instanceof Simulator simulator) {
      SimulatorSource.scenario(simulator.scenario());
    }
    Path other = model;
    if (other != null) {
      changed = changed.withModel(other);
    }
    String policy = tokens;
    if (policy != null) {
      changed = changed.withTokens(checkedTokens(policy));
    }
    Path record = trace;
    if (record != null) {
      changed = changed.withTrace(record.toAbsolutePath());
    }
    String mode = reflex;
    if (mode != null) {
      changed =
          changed.withReflex(
              switch (mode.toLowerCase(Locale.ROOT)) {
                case "on" -> Planner.Reflex.ON;
                case "off" -> Planner.Reflex.OFF;
                default ->
                    throw new BadInput("--reflex: expected on or off, found \"" + mode + "\"");
              });
    }
    Integer page = port;
    if (page != null) {
      if (page < 0 || page > 65535) {
        throw new BadInput("--port: expected 0..65535, found " + page);
      }
      changed = changed.withPort(page);
    }
    if (!(seconds >= 0 && seconds <= 1e6)) {
      throw new BadInput("--seconds: expected 0 to 1000000, found " + seconds);
    }
    return headless ? changed.headless() : changed;
  }
}
