package saccade.nodes.verbs;

import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;
import saccade.kernels.geometry.Rig;
import saccade.nodes.cli.BadInput;
import saccade.nodes.cli.ExitCode;
import saccade.nodes.graph.Graph;
import saccade.nodes.graph.GraphFile;
import saccade.nodes.graph.GraphNode.Cameras;
import saccade.nodes.graph.GraphNode.Controller;
import saccade.nodes.graph.GraphNode.Recording;
import saccade.nodes.graph.GraphNode.Ros;
import saccade.nodes.graph.GraphNode.Simulator;
import saccade.nodes.graph.RigFile;
import saccade.nodes.pipeline.ModelPerceiver;
import saccade.nodes.run.GraphRun;
import saccade.realtime.clock.NanoClock;
import saccade.realtime.deadline.DegradeLevel;
import saccade.realtime.deadline.WorkShape;
import saccade.realtime.schedule.ChainAnalysis;
import saccade.realtime.schedule.ChainAnalysis.Chain;
import saccade.realtime.schedule.ChainAnalysis.Latency;
import saccade.realtime.schedule.ChainAnalysis.Result;
import saccade.realtime.schedule.ChainAnalysis.Task;
import saccade.realtime.schedule.ChainAnalysis.Trigger;
import saccade.realtime.schedule.LatencyModel;
import saccade.realtime.schedule.LatencyTable;

@Command(
    name = "plan",
    mixinStandardHelpOptions = true,
    description = {
      "Whether the chains of a graph meet their deadlines in the worst case, by the p99 of every slice on this machine:"
          + " response of each task, latency and slack of each chain, priorities under which they hold, and why not."
    },
    footer = {
      "",
      "Exit codes: 0 some level is schedulable; 1 none is; 65 damaged graph, package or table.",
      "Example:",
      "  saccade model bench --out here.tsv && saccade plan launch/demo.yaml --latency here.tsv"
    })
final class PlanVerb implements Callable<Integer> {
  private static final int WARM_SETS = 20;
  private static final int PROFILE_SETS = 120;
  private static final long CONTROL_COST_NS = 300_000L; // a tick and a cycle of the control thread

  @Parameters(paramLabel = "GRAPH.yaml", description = "The graph file.")
  Path graph = Path.of("");

  @Option(
      names = "--latency",
      paramLabel = "FILE",
      description =
          "Slice times from `saccade model bench`. Default: the graph's latencyTable, else measured now.")
  @Nullable Path latency;

  @Option(
      names = "--arrival-ms",
      paramLabel = "MS",
      description =
          "From capture until the last sensor's frame is there; default ${DEFAULT-VALUE}.")
  double arrivalMs = 10;

  @Spec @Nullable CommandSpec spec;

  @Override
  public Integer call() {
    if (!(arrivalMs >= 0 && arrivalMs <= 1000)) {
      throw new BadInput("--arrival-ms: expected 0 to 1000, found " + arrivalMs);
    }
    Graph read = GraphFile.read(graph);
    PrintWriter out = Streams.out(spec);
    boolean any = false;
    Rig rig = rig(read);
    try (ModelPerceiver model =
        ModelPerceiver.open(
            read.perception().model(),
            rig,
            NanoClock.system(),
            GraphRun.session(read.perception(), rig, 1),
            read.perception().engine())) {
      LatencyModel times = new LatencyModel(model.kindNames());
      times.seed(table(read, model, out));
      for (DegradeLevel level : DegradeLevel.values()) {
        if (level != DegradeLevel.MINIMAL_RISK) {
          any |= plan(read, model.shape(), times, level, out);
        }
      }
    }
    out.flush();
    return any ? ExitCode.OK : ExitCode.FAILED;
  }

  private static Rig rig(Graph graph) {
    return switch (graph.source()) {
      case Simulator node -> RigFile.read(node.rig());
      case Cameras node -> RigFile.read(node.rig());
      case Ros node -> RigFile.read(node.rig());
      case Recording node ->
          throw new BadInput(
              graph.file() + ": plan wants a source whose rig is known, found a recording");
    };
  }

  private LatencyTable table(Graph read, ModelPerceiver model, PrintWriter out) {
    Path file = latency != null ? latency : read.perception().latencyTable();
    if (file == null) {
      out.println("times    measured now, " + PROFILE_SETS + " sets");
      model.warmUp(WARM_SETS);
      return model.profile(PROFILE_SETS, "here");
    }
    try {
      LatencyTable table = LatencyTable.read(file);
      String wanted = model.session().model().sha256();
      if (!table.model().equals(wanted)) {
        throw new BadInput(
            String.format(
                Locale.ROOT,
                "%s: expected times of the model %.12s, found those of %.12s; write new ones with"
                    + " `saccade model bench`",
                file,
                wanted,
                table.model()));
      }
      out.println("times    " + file + ", " + table.machine());
      return table;
    } catch (IllegalArgumentException e) {
      throw new BadInput(String.valueOf(e.getMessage()));
    } catch (IOException e) {
      throw new BadInput(file + ": expected slice times, cannot read: " + e);
    }
  }

  /** One level: whether its chains hold. */
  private boolean plan(
      Graph read, WorkShape shape, LatencyModel times, DegradeLevel level, PrintWriter out) {
    long periodNs = Math.round(1e9 / rateHz(read));
    long budgetNs = read.perception().leastBudgetNs();
    List<Task> tasks = new ArrayList<>();
    List<String> toAction = new ArrayList<>();
    int[] tokens = tokens(shape, level);
    int exit = exit(shape, level);
    int all = shape.ownTokens();
    long costNs = 0;
    long sliceNs = 0;
    for (int i = 0; i < tokens.length; i++) {
      if (tokens[i] > 0) {
        long one = times.p99Ns(shape.encodeKinds()[i], 0);
        costNs += one;
        sliceNs = Math.max(sliceNs, one);
        all += tokens[i];
      }
    }
    add(tasks, toAction, "encode", costNs, sliceNs, periodNs);
    long assemble = times.p99Ns(shape.assembleKind(), 0);
    add(tasks, toAction, "assemble", assemble, assemble, periodNs);
    costNs = 0;
    sliceNs = 0;
    for (int block = 0; block <= exit; block++) {
      long one = times.p99Ns(shape.layerKinds()[block], all);
      costNs += one;
      sliceNs = Math.max(sliceNs, one);
    }
    add(tasks, toAction, "prefill", costNs, sliceNs, periodNs);
    int layers = shape.layersUpTo(exit) * WorkShape.SIZE_PER_LAYER;
    long action = times.p99Ns(shape.actionKind(), layers);
    add(tasks, toAction, "action", action, action, periodNs);
    int facts =
        level == DegradeLevel.FULL
            ? shape.facts()
            : level == DegradeLevel.BRIEF ? shape.briefFacts() : 0;
    long text = facts == 0 ? 0 : times.p99Ns(shape.textKind(), shape.textSize(facts, exit));
    Controller controller = read.controller();
    long tickNs = controller == null ? 20_000_000L : Math.round(1e9 / controller.rateHz());
    tasks.add(
        new Task("control", "control", CONTROL_COST_NS, CONTROL_COST_NS, tickNs, Trigger.DATA));
    toAction.add("control");
    long offsetNs = Math.round(arrivalMs * 1e6);
    List<Chain> chains = new ArrayList<>();
    chains.add(new Chain("capture to action", toAction, offsetNs, budgetNs));
    if (text > 0) {
      tasks.add(
          new Task(
              "text",
              "perception",
              text,
              Math.min(text, textSlice(times, layers)),
              periodNs,
              Trigger.DATA));
      List<String> toText = new ArrayList<>(toAction.subList(0, toAction.size() - 1));
      toText.add("text");
      chains.add(new Chain("capture to text", toText, offsetNs, budgetNs));
    }
    Result result = new ChainAnalysis(tasks, chains).optimise();
    out.println();
    out.println(
        String.format(
            Locale.ROOT,
            "level %s: %d tokens, exit %d, %d facts; budget %.0f ms: %s",
            level.word(),
            all,
            exit,
            facts,
            budgetNs * 1e-6,
            result.schedulable() ? "schedulable" : "not schedulable because"));
    result.reasons().forEach(reason -> out.println("  " + reason));
    for (Latency chain : result.chains()) {
      out.println(
          String.format(
              Locale.ROOT,
              "  chain %-18s worst case %6.1f ms, slack %6.1f ms",
              chain.chain().name(),
              chain.latencyNs() * 1e-6,
              chain.slackNs() * 1e-6));
    }
    StringBuilder order = new StringBuilder("  priorities ");
    for (String name : result.order()) {
      order.append(
          String.format(
              Locale.ROOT,
              " %s %.1f ms,",
              name,
              result.responseNs().getOrDefault(name, 0L) * 1e-6));
    }
    out.println(order.substring(0, order.length() - 1));
    return result.schedulable();
  }

  private static void add(
      List<Task> tasks, List<String> chain, String name, long costNs, long sliceNs, long periodNs) {
    tasks.add(new Task(name, "perception", costNs, sliceNs, periodNs, Trigger.DATA));
    chain.add(name);
  }

  private static int[] tokens(WorkShape shape, DegradeLevel level) {
    int[] tokens = shape.fullTokens().clone();
    for (int i = 0; i < tokens.length; i++) {
      if (level.ordinal() >= DegradeLevel.COARSE.ordinal()) {
        tokens[i] = shape.leastTokens()[i];
      }
      if (level == DegradeLevel.ESSENTIAL && !shape.essential()[i]) {
        tokens[i] = 0;
      }
    }
    return tokens;
  }

  private static int exit(WorkShape shape, DegradeLevel level) {
    int exit = level.ordinal() >= DegradeLevel.SHALLOW.ordinal() ? 0 : shape.deepest();
    while (!shape.mayDecide()[exit]) {
      exit++;
    }
    return exit;
  }

  /** Longest piece of a text that is not interrupted. */
  private static long textSlice(LatencyModel times, int layers) {
    long longest = 0;
    for (String name : List.of("sentence", "sentence drafted")) {
      int kind = times.kind(name);
      longest = Math.max(longest, kind < 0 ? 0 : times.p99Ns(kind, layers));
    }
    return longest;
  }

  private static double rateHz(Graph graph) {
    return switch (graph.source()) {
      case Simulator node -> node.rateHz();
      case Cameras node -> node.rateHz();
      case Ros node -> node.rateHz();
      case Recording node -> 10;
    };
  }
}
