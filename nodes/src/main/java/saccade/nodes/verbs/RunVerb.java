package saccade.nodes.verbs;

import java.nio.file.Path;
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
      "Runs a graph file: nodes by name, inputs as node/output, rates and budgets. launch/demo.yaml shows every key."
    },
    footer = {"", "Example:", "  saccade run launch/demo.yaml --headless --seconds 20"})
final class RunVerb implements Callable<Integer> {
  @Parameters(paramLabel = "GRAPH.yaml", description = "The graph file.")
  Path graph = Path.of("");

  @Mixin RunOptions options = new RunOptions();

  @Spec @Nullable CommandSpec spec;

  @Override
  public Integer call() throws Exception {
    return GraphCommand.run(GraphFile.read(graph), options, Streams.out(spec));
  }
}
