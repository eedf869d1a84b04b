package saccade.nodes.verbs;

import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;
import saccade.nodes.graph.GraphFile;

@Command(
    name = "run",
    mixinStandardHelpOptions = true,
    description = {
      "Runs a graph file: nodes by name, inputs as node/output, rates and budgets. launch/demo.yaml shows every key.",
      "Several graph files run side by side in this process: each has its own sensors, deadlines and messages, their"
          + " models take turns on one lane for each device, the most urgent slice first."
    },
    footer = {
      "",
      "Examples:",
      "  saccade run launch/demo.yaml --headless --seconds 20",
      "  saccade run launch/two-rigs/front.yaml launch/two-rigs/rear.yaml --headless --seconds 20"
    })
final class RunVerb implements Callable<Integer> {
  @Parameters(
      paramLabel = "GRAPH.yaml",
      arity = "1..*",
      description = "The graph file, or several.")
  List<Path> graphs = List.of();

  @Mixin RunOptions options = new RunOptions();

  @Spec @Nullable CommandSpec spec;

  @Override
  public Integer call() throws Exception {
    return GraphCommand.run(
        graphs.stream().map(GraphFile::read).toList(), options, Streams.out(spec));
  }
}
