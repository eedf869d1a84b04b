package saccade.nodes.verbs;

import java.io.PrintWriter;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import saccade.nodes.bridge.Bridge;
import saccade.nodes.bridge.Bridges;
import saccade.nodes.cli.BadInput;
import saccade.nodes.cli.ExitCode;
import saccade.nodes.graph.Graph;
import saccade.nodes.graph.GraphNode;
import saccade.nodes.graph.GraphNode.Cameras;
import saccade.nodes.graph.GraphNode.Recording;
import saccade.nodes.graph.GraphNode.Simulator;
import saccade.nodes.graph.RigFile;
import saccade.nodes.pipeline.Vehicle;
import saccade.nodes.play.EgoAssumptions;
import saccade.nodes.play.PlayerSource;
import saccade.nodes.play.Recordings;
import saccade.nodes.ros.ExitOrder;
import saccade.nodes.rosnode.RosRuntime;
import saccade.nodes.run.GraphRun;
import saccade.nodes.run.MessageLog;
import saccade.nodes.run.RunReport;
import saccade.nodes.sensor.EgoState;
import saccade.nodes.video.CameraSource;
import saccade.realtime.clock.NanoClock;

/** Runs a graph for a verb: log, page, Ctrl-C, final block, exit code. */
final class GraphCommand {
  private static final long HOOK_PATIENCE_MS = 8_000;

  private GraphCommand() {}

  static int run(Graph wanted, RunOptions options, PrintWriter standardOut) {
    Graph graph = options.change(wanted);
    String json = options.json;
    boolean linesToError = "-".equals(json);
    PrintWriter out =
        linesToError ? new PrintWriter(System.err, true, StandardCharsets.UTF_8) : standardOut;
    @Nullable MessageLog log = json == null ? null : MessageLog.open(json);
    CountDownLatch printed = new CountDownLatch(1);
    Thread hook = null;
    try (Ros ros = Ros.open(graph, options.rosArguments(), out)) {
      GraphRun run = open(graph, ros, out);
      hook = onInterrupt(run, printed);
      if (log != null) {
        run.with(log);
      }
      RunReport report = run.run(options.seconds);
      List<String> problems = new ArrayList<>();
      if (log != null) {
        log.close();
        String complaint = log.complaint();
        if (complaint != null) {
          problems.add(complaint);
        }
      }
      out.println();
      report.lines().forEach(out::println);
      if (log != null) {
        out.println("json lines   " + log.ledger().report());
      }
      out.flush();
      if (!problems.isEmpty()) {
        throw new BadInput(ExitCode.CANNOT_WRITE, problems.getFirst());
      }
      return report.exitCode();
    } finally {
      if (log != null) {
        log.close();
      }
      printed.countDown();
      if (hook != null) {
        ExitOrder.forget(hook);
      }
    }
  }

  /** The ROS side of a graph, where it has one, and its planner bridges. */
  private record Ros(@Nullable RosRuntime runtime, @Nullable Bridges bridges)
      implements AutoCloseable {
    static Ros open(Graph graph, List<String> arguments, PrintWriter out) {
      if (graph.ros() == null) {
        if (!arguments.isEmpty()) {
          throw new BadInput(
              graph.file() + ": --ros-args wants a graph with a part ros, found none");
        }
        return new Ros(null, null);
      }
      RosRuntime runtime = RosRuntime.open(graph, arguments, System.err::println);
      out.println(
          "ros      " + runtime.node().fullyQualifiedName() + " through " + runtime.transport());
      if (graph.bridges().isEmpty()) {
        return new Ros(runtime, null);
      }
      try {
        Bridges bridges =
            Bridges.start(
                graph.bridges(),
                runtime.node().rosNode(),
                NanoClock.system(),
                runtime.node().clock()::nowNs,
                runtime.output()::isActive);
        out.println(
            "bridges  "
                + String.join(", ", bridges.all().stream().map(Bridge::name).toList())
                + ": each goes on to a stop when messages end");
        return new Ros(runtime, bridges);
      } catch (BadInput e) {
        runtime.close();
        throw e;
      }
    }

    @Override
    public void close() {
      // A stop goes out before the node does.
      if (bridges != null) {
        bridges.close();
      }
      if (runtime != null) {
        runtime.close();
      }
    }
  }

  private static GraphRun open(Graph graph, Ros ros, PrintWriter out) {
    GraphRun run = source(graph, ros, out);
    RosRuntime runtime = ros.runtime();
    Bridges bridges = ros.bridges();
    if (runtime != null) {
      run.with(runtime.output());
    }
    return bridges == null ? run : run.with(bridges);
  }

  private static GraphRun source(Graph graph, Ros ros, PrintWriter out) {
    return switch (graph.source()) {
      case Simulator node -> GraphRun.ofSimulator(graph, out);
      case Cameras node -> {
        EgoState ego =
            new EgoState(
                0, node.egoSpeedMps(), 0, 0, EgoAssumptions.STANDING_IN_TOWN.setSpeedMps());
        CameraSource source =
            new CameraSource(
                RigFile.read(node.rig()),
                node.urls(),
                node.rateHz(),
                node.speed(),
                node.loop(),
                ego,
                line -> out.println("camera   " + line));
        yield new GraphRun(graph, source, Vehicle.NONE, out);
      }
      case GraphNode.Ros node -> {
        RosRuntime runtime = ros.runtime();
        if (runtime == null) {
          throw new IllegalStateException("expected a ROS part of the graph, found none");
        }
        if (!runtime.source().spare().isEmpty()) {
          out.println(
              "note     the model has no place for "
                  + String.join(", ", runtime.source().spare())
                  + ": received and shown in /diagnostics, not seen by it");
        }
        Bridges bridges = ros.bridges();
        // As the controller's vehicle the bridges hear the reflex, too.
        yield new GraphRun(graph, runtime.source(), bridges == null ? Vehicle.NONE : bridges, out);
      }
      case Recording node -> {
        saccade.nodes.play.Recording recording =
            Recordings.open(node.path(), EgoAssumptions.STANDING_IN_TOWN);
        recording.remarks().forEach(remark -> out.println("note     " + remark));
        PlayerSource source =
            new PlayerSource(recording, node.speed(), line -> out.println("bad frame: " + line));
        yield new GraphRun(graph, source, Vehicle.NONE, out);
      }
    };
  }

  /** Ctrl-C ends the run and not the process: it waits until the report is printed. */
  static Thread onInterrupt(GraphRun run, CountDownLatch printed) {
    return ExitOrder.beforeTransports(
        "ctrl-c",
        () -> {
          run.interrupt();
          try {
            if (!printed.await(HOOK_PATIENCE_MS, TimeUnit.MILLISECONDS)) {
              System.err.println("saccade: the run did not end in time; no report");
            }
          } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
          }
        });
  }
}
