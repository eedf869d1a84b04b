package saccade.nodes.graph;

import java.nio.file.Path;
import java.util.List;
import org.jspecify.annotations.Nullable;
import saccade.nodes.graph.GraphNode.Controller;
import saccade.nodes.graph.GraphNode.Dashboard;
import saccade.nodes.graph.GraphNode.Perception;
import saccade.nodes.graph.GraphNode.Planner;
import saccade.nodes.graph.GraphNode.Simulator;
import saccade.nodes.graph.GraphNode.Source;

/**
 * A checked graph: one source, one perception, one planner; a controller where the source can be
 * driven; a dashboard if wanted. Immutable; the command line changes it through the {@code with}
 * methods before anything starts.
 *
 * @param name of the graph
 * @param file it was read from
 * @param host what is asked of the machine
 * @param ros how it is a node of a ROS 2 graph; null when it is none
 * @param bridges to whom commands go over ROS; empty for none
 */
public record Graph(
    String name,
    Path file,
    Source source,
    Perception perception,
    Planner planner,
    @Nullable Controller controller,
    @Nullable Dashboard dashboard,
    HostPolicy host,
    @Nullable RosSection ros,
    List<BridgeSpec> bridges) {

  public Graph {
    bridges = List.copyOf(bridges);
  }

  /** The same graph with another model directory. */
  public Graph withModel(Path model) {
    return with(source, perception.withModel(model), planner, dashboard);
  }

  /** The same graph with other visual tokens; its token budgets hold still. */
  public Graph withTokens(String policy) {
    return with(source, perception.withTokens(policy), planner, dashboard);
  }

  /** The same graph with its decisions and slices recorded in a file. */
  public Graph withTrace(Path file) {
    return with(source, perception.withTrace(file), planner, dashboard);
  }

  /** The same graph from another source (its name is kept in the inputs of the others). */
  public Graph withSource(Source other) {
    return with(other, perception, planner, dashboard);
  }

  /** The same graph with another scenario; only where the source is the simulator. */
  public Graph withScenario(String scenario, long seed) {
    if (!(source instanceof Simulator simulator)) {
      throw new IllegalStateException("graph " + name + ": expected a simulator, found " + source);
    }
    return withSource(
        new Simulator(
            simulator.name(),
            simulator.rig(),
            scenario,
            seed,
            simulator.rateHz(),
            simulator.faults()));
  }

  /** The same graph with the reflex on or off. */
  public Graph withReflex(Planner.Reflex reflex) {
    return with(
        source,
        perception,
        new Planner(
            planner.name(), planner.inputs(), reflex, planner.maxAgeNs(), planner.validNs()),
        dashboard);
  }

  /** The same graph with the page on another port. */
  public Graph withPort(int port) {
    Dashboard page = dashboard;
    return page == null
        ? this
        : with(source, perception, planner, new Dashboard(page.name(), page.inputs(), port));
  }

  /** The same graph without a page. */
  public Graph headless() {
    return with(source, perception, planner, null);
  }

  private Graph with(Source from, Perception see, Planner plan, @Nullable Dashboard page) {
    return new Graph(name, file, from, see, plan, controller, page, host, ros, bridges);
  }
}
