package saccade.nodes.run;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;
import saccade.nodes.cli.BadInput;
import saccade.nodes.cli.ProcessEnding;
import saccade.nodes.graph.BridgeSpec;
import saccade.nodes.graph.Graph;
import saccade.nodes.graph.GraphNode;
import saccade.nodes.graph.HostPolicy;
import saccade.nodes.graph.RosSection;
import saccade.nodes.ros.Names;
import saccade.nodes.ros.RosArguments;
import saccade.nodes.ros.RosFault;
import saccade.realtime.clock.NanoClock;
import saccade.realtime.os.ProcessMemory;
import saccade.realtime.os.ThreadEnd;
import saccade.realtime.schedule.Lanes;

/**
 * Several graphs in one process (two rigs, two models): each a pipeline of its own with its source,
 * rings, control thread, guard, model and outputs; their models take turns on shared {@link Lanes}.
 * They begin together, when the last one is warm, so that nobody warms up beside a vehicle that
 * drives; each ends by itself.
 *
 * <pre>
 *  front.yaml  source ─► rings ─► control ─┐              ┌─► control ─► messages, page, topics of front
 *                                          ├─► lane cpu ──┤
 *  rear.yaml   source ─► rings ─► control ─┘  (class,     └─► control ─► messages, page, topics of rear
 *                                              deadline)
 * </pre>
 */
public final class GraphGroup implements AutoCloseable {
  /** Most graphs. */
  public static final int MOST = 8;

  private final int size;
  private final Lanes lanes;
  private int ready; // guarded by this
  private boolean failed; // guarded by this

  /** Another graph of the group could not begin: this one does not either. */
  @SuppressWarnings("serial")
  private static final class OtherFailed extends RuntimeException {
    OtherFailed() {
      super("another graph could not begin", null, false, false);
    }
  }

  /**
   * Nothing is started.
   *
   * @throws BadInput in one line when two of them want the same name, port, file, node or vehicle,
   *     or different things of what they share
   */
  public GraphGroup(List<Graph> graphs) {
    check(graphs);
    this.size = graphs.size();
    this.lanes = new Lanes(NanoClock.system(), graphs.getFirst().host().lane());
  }

  /** The lanes that they share. */
  Lanes lanes() {
    return lanes;
  }

  // ---- what must not be the same, and what must ----

  private static void check(List<Graph> graphs) {
    if (graphs.size() > MOST) {
      throw new BadInput(
          "graphs: expected at most " + MOST + " in one process, found " + graphs.size());
    }
    Map<String, Path> taken = new HashMap<>();
    HostPolicy host = graphs.getFirst().host();
    for (Graph graph : graphs) {
      Path file = graph.file();
      if (!graph.name().matches("[A-Za-z0-9_.-]{1,40}")) {
        throw new BadInput(
            file
                + ": name: expected letters, digits, _ . - beside other graphs, for it is part of"
                + " file names; found \""
                + graph.name()
                + "\"");
      }
      take(taken, file, "name", "graph " + graph.name(), graph.name());
      GraphNode.Dashboard page = graph.dashboard();
      if (page != null && page.port() != 0) {
        String key = "nodes." + page.name() + ".port";
        take(taken, file, key, "port " + page.port(), Integer.toString(page.port()));
      }
      Path trace = graph.perception().trace();
      if (trace != null) {
        String key = "nodes." + graph.perception().name() + ".trace";
        take(taken, file, key, "file " + trace.toAbsolutePath().normalize(), trace.toString());
      }
      RosSection ros = graph.ros();
      if (ros != null) {
        names(taken, graph, ros);
      }
      shared(host, graphs.getFirst(), graph);
    }
  }

  /** Names of a graph's node, and of topics that vehicles listen to. */
  private static void names(Map<String, Path> taken, Graph graph, RosSection ros) {
    Path file = graph.file();
    try {
      Names names = Names.of(ros.node(), ros.namespace(), RosArguments.NONE);
      String node = names.fullyQualifiedNode();
      take(taken, file, "ros.node", "node " + node, node);
      commands(graph.bridges())
          .forEach(
              (key, topic) -> {
                String full = names.topic(topic);
                take(taken, file, "bridges." + key, "topic " + full, full);
              });
    } catch (RosFault e) {
      throw new BadInput(file + ": ros: " + e.getMessage());
    }
  }

  /** Topics with commands for a vehicle, by their keys. */
  private static Map<String, String> commands(List<BridgeSpec> bridges) {
    Map<String, String> topics = new TreeMap<>();
    for (BridgeSpec bridge : bridges) {
      String name = bridge.common().name();
      switch (bridge) {
        case BridgeSpec.Nav2 nav2 -> topics.put(name + ".out", nav2.out());
        case BridgeSpec.Ackermann ackermann -> topics.put(name + ".out", ackermann.out());
        case BridgeSpec.Carla carla -> topics.put(name + ".control", carla.control());
        case BridgeSpec.Autoware autoware -> {
          topics.put(name + ".control", autoware.control());
          topics.put(name + ".trajectory", autoware.trajectory());
        }
      }
    }
    topics.values().removeIf(String::isEmpty);
    return topics;
  }

  private static void take(
      Map<String, Path> taken, Path file, String key, String what, String found) {
    Path before = taken.putIfAbsent(what, file);
    if (before != null) {
      throw new BadInput(
          "%s: %s: expected another one than in %s, since both run in one process; found \"%s\" in both"
              .formatted(file, key, before, found));
    }
  }

  /** There is one process, and its lanes are shared. */
  private static void shared(HostPolicy host, Graph first, Graph graph) {
    HostPolicy own = graph.host();
    if (own.memoryCapBytes() != ProcessMemory.NO_CAP) {
      throw new BadInput(
          graph.file()
              + ": host.memoryCapMb: expected none beside other graphs, for a process of one graph"
              + " alone holds its cap; cap this one from outside, e.g. MemoryMax of its systemd unit");
    }
    if (!own.lane().equals(host.lane()) || own.lockMemory() != host.lockMemory()) {
      throw new BadInput(
          "%s: host: expected the same lane and mlockall as in %s, since both share lanes and memory; found %s"
              .formatted(graph.file(), first.file(), own));
    }
  }

  // ---- running ----

  /** A graph's thread, warm: waits until all are. */
  void awaitOthers() {
    synchronized (this) {
      ready++;
      notifyAll();
      while (ready < size && !failed) {
        try {
          wait();
        } catch (InterruptedException e) {
          Thread.currentThread().interrupt();
          fail(); // the others wait, too
        }
      }
      if (failed) {
        throw new OtherFailed();
      }
    }
  }

  private synchronized void fail() {
    failed = true;
    notifyAll();
  }

  /**
   * Runs all of them, each on a thread of its own, and waits for the last.
   *
   * @param runs one for each graph, in the same order
   * @param seconds as {@link GraphRun#run}, for each
   * @return a report each, in the same order
   * @throws BadInput before any is begun, when a model is not there
   * @throws ProcessEnding when they were told to end before they were warm
   */
  public List<RunReport> run(List<GraphRun> runs, double seconds) {
    runs.forEach(GraphRun::requireModel);
    List<@Nullable RunReport> reports = new ArrayList<>();
    List<@Nullable Throwable> failures = new ArrayList<>();
    List<Thread> threads = new ArrayList<>();
    for (int i = 0; i < runs.size(); i++) {
      int at = i;
      reports.add(null);
      failures.add(null);
      GraphRun run = runs.get(i).within(this);
      threads.add(
          Thread.ofPlatform()
              .name("graph-" + run.name())
              .unstarted(
                  () -> {
                    try {
                      reports.set(at, run.run(seconds));
                    } catch (OtherFailed e) {
                      return; // told by that one
                    } catch (Throwable e) {
                      failures.set(at, e);
                      fail();
                      runs.forEach(GraphRun::interrupt);
                    }
                  }));
    }
    threads.forEach(Thread::start);
    ThreadEnd.await(threads);
    // One that failed has the others told to end: it says why, not they.
    failures.sort(Comparator.comparing(failure -> failure instanceof ProcessEnding));
    for (Throwable failure : failures) {
      switch (failure) {
        case null -> {}
        case RuntimeException e -> throw e;
        case Error e -> throw e;
        default -> throw new IllegalStateException(failure);
      }
    }
    List<RunReport> all = new ArrayList<>();
    for (RunReport report : reports) {
      if (report == null) {
        throw new IllegalStateException("expected a report of each graph");
      }
      all.add(report);
    }
    return all;
  }

  /** What became of the lanes, a line each. After {@link #close}. */
  public List<String> lines() {
    return lanes.lines();
  }

  /** Stops the lanes, after the graphs. */
  @Override
  public void close() {
    lanes.close();
  }
}
