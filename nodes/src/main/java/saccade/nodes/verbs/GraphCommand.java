package saccade.nodes.verbs;

import java.io.PrintWriter;
import java.io.Writer;
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
import saccade.nodes.run.GraphGroup;
import saccade.nodes.run.GraphRun;
import saccade.nodes.run.MessageLog;
import saccade.nodes.run.RunReport;
import saccade.nodes.sensor.EgoState;
import saccade.nodes.video.CameraSource;
import saccade.realtime.clock.NanoClock;
import saccade.realtime.os.InterruptSignal;

/** Runs graphs for a verb: logs, pages, Ctrl-C, final blocks, exit code. */
final class GraphCommand {
  private static final long HOOK_PATIENCE_MS = 8_000;

  /** Signals that come this soon after the first are the same wish (a shell and its group). */
  private static final long SAME_KEY_MS = 300;

  private GraphCommand() {}

  /** One graph alone. */
  static int run(Graph wanted, RunOptions options, PrintWriter standardOut) {
    return run(List.of(wanted), options, standardOut);
  }

  /** One graph, or several side by side in this process. */
  static int run(List<Graph> wanted, RunOptions options, PrintWriter standardOut) {
    List<Graph> graphs = options.change(wanted);
    boolean alone = graphs.size() == 1;
    PrintWriter out =
        "-".equals(options.json)
            ? new PrintWriter(System.err, true, StandardCharsets.UTF_8)
            : standardOut;
    CountDownLatch printed = new CountDownLatch(1);
    List<Member> members = new ArrayList<>();
    Thread hook = null;
    @Nullable GraphGroup group = alone ? null : new GraphGroup(graphs);
    try {
      oneTakesRosArguments(graphs, options);
      for (Graph graph : graphs) {
        members.add(Member.open(graph, options, alone, out));
      }
      List<GraphRun> runs = members.stream().map(Member::run).toList();
      hook = onInterrupt(runs, printed);
      List<RunReport> reports =
          group == null
              ? List.of(runs.getFirst().run(options.seconds))
              : group.run(runs, options.seconds);
      List<String> problems = new ArrayList<>();
      int worst = ExitCode.OK;
      for (int i = 0; i < members.size(); i++) {
        Member member = members.get(i);
        out.println();
        if (!alone) {
          out.println("== " + member.graph().name() + ", " + member.graph().file());
        }
        reports.get(i).lines().forEach(out::println);
        member.endLog(problems, out);
        worst = Math.max(worst, reports.get(i).exitCode());
      }
      if (group != null) {
        group.close();
        out.println();
        out.println(
            "== "
                + graphs.size()
                + " graphs in one process, whose CPU, memory and machine are above");
        group.lines().forEach(line -> out.println("lane         " + line));
      }
      out.flush();
      if (!problems.isEmpty()) {
        throw new BadInput(ExitCode.CANNOT_WRITE, problems.getFirst());
      }
      return worst;
    } finally {
      members.reversed().forEach(Member::close);
      if (group != null) {
        group.close();
      }
      printed.countDown();
      if (hook != null) {
        ExitOrder.forget(hook);
      }
    }
  }

  /** Rules for names and parameters would go to every node there is. */
  private static void oneTakesRosArguments(List<Graph> graphs, RunOptions options) {
    List<String> nodes =
        graphs.stream().filter(graph -> graph.ros() != null).map(Graph::name).toList();
    if (graphs.size() > 1 && nodes.size() != 1 && !options.rosArguments().isEmpty()) {
      throw new BadInput(
          "--ros-args: expected one graph with a part ros, found "
              + (nodes.isEmpty() ? "none" : String.join(" and ", nodes))
              + "; say names and namespaces in the graph files");
    }
  }

  /** A graph that is about to run, with what belongs to it alone. */
  private record Member(Graph graph, @Nullable MessageLog log, Ros ros, GraphRun run) {
    static Member open(Graph graph, RunOptions options, boolean alone, PrintWriter to) {
      String json = options.json(graph, alone);
      PrintWriter out = alone ? to : new PrintWriter(new NamedLines(graph.name(), to), true);
      @Nullable MessageLog log = json == null ? null : MessageLog.open(json);
      @Nullable Ros ros = null;
      try {
        boolean takes = alone || graph.ros() != null;
        ros = Ros.open(graph, takes ? options.rosArguments() : List.of(), out);
        GraphRun run = GraphCommand.open(graph, ros, out);
        if (log != null) {
          run.with(log);
        }
        return new Member(graph, log, ros, run);
      } catch (RuntimeException e) {
        if (ros != null) {
          ros.close();
        }
        if (log != null) {
          log.close();
        }
        throw e;
      }
    }

    /** Every line is written, or somebody is told. */
    void endLog(List<String> problems, PrintWriter out) {
      if (log != null) {
        log.close();
        String complaint = log.complaint();
        if (complaint != null) {
          problems.add(complaint);
        }
        out.println("json lines   " + log.ledger().report());
      }
    }

    void close() {
      ros.close();
      if (log != null) {
        log.close();
      }
    }
  }

  /** Lines of one of several graphs, each with its name before it. */
  private static final class NamedLines extends Writer {
    private final String name;
    private final PrintWriter to;
    private final StringBuilder line = new StringBuilder();

    NamedLines(String name, PrintWriter to) {
      this.name = name;
      this.to = to;
    }

    @Override
    public void write(char[] text, int from, int count) {
      for (int i = from; i < from + count; i++) {
        if (text[i] == '\n') {
          to.println("[" + name + "] " + line.toString().stripTrailing());
          line.setLength(0);
        } else {
          line.append(text[i]);
        }
      }
    }

    @Override
    public void flush() {
      to.flush();
    }

    @Override
    public void close() {
      to.flush();
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

  /**
   * Ctrl-C ends the run and not the process: it waits until the report is printed, or until a run
   * that is still starting is given up. A second Ctrl-C ends the process at once.
   */
  static Thread onInterrupt(GraphRun run, CountDownLatch printed) {
    return onInterrupt(List.of(run), printed);
  }

  private static Thread onInterrupt(List<GraphRun> runs, CountDownLatch printed) {
    return ExitOrder.beforeTransports(
        "ctrl-c",
        () -> {
          runs.forEach(GraphRun::interrupt);
          try {
            boolean ended = printed.await(SAME_KEY_MS, TimeUnit.MILLISECONDS);
            if (!ended) {
              InterruptSignal.restoreDefault();
              ended = printed.await(HOOK_PATIENCE_MS - SAME_KEY_MS, TimeUnit.MILLISECONDS);
            }
            if (!ended) {
              System.err.println("saccade: the run did not end in time; no report");
            } else if (runs.stream().anyMatch(GraphRun::endedAtStart)) {
              System.err.println("saccade: told to end while starting; nothing was driven");
            }
          } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
          }
        });
  }
}
