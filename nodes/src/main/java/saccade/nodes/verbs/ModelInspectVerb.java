package saccade.nodes.verbs;

import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;
import saccade.nodes.cli.BadInput;
import saccade.nodes.cli.ExitCode;
import saccade.nodes.pipeline.ModelPerceiver;
import saccade.nodes.run.ProjectHome;
import saccade.perception.engine.EngineOptions;
import saccade.perception.engine.ExecutionProvider;
import saccade.perception.engine.GraphPlacement;
import saccade.perception.engine.LoadedModel;

@Command(
    name = "inspect",
    mixinStandardHelpOptions = true,
    description =
        "Prints what a model package promises: shapes, slots, facts, exits, files, and what really runs each graph.")
final class ModelInspectVerb implements Callable<Integer> {
  @Parameters(
      arity = "0..1",
      paramLabel = "DIR",
      description = "The package. Default: the shipped model.")
  @Nullable Path dir;

  @Option(
      names = "--provider",
      paramLabel = "NAME",
      description = "What is to run the graphs: cpu, cuda or tensorrt. Default: cpu.")
  String provider = ExecutionProvider.CPU.word();

  @Spec @Nullable CommandSpec spec;

  @Override
  public Integer call() {
    Path from = dir == null ? ProjectHome.shippedModel() : dir;
    PrintWriter out = Streams.out(spec);
    out.print(ModelPerceiver.description(from).inspect());
    EngineOptions engine = EngineOptions.DEFAULT.withProvider(wanted());
    try (LoadedModel loaded = ModelPerceiver.load(from, engine)) {
      out.printf("%-24s %s, %s%n", "ONNX Runtime", loaded.runtimeVersion(), loaded.call());
      for (GraphPlacement graph : loaded.census()) {
        out.printf("%-24s %s%n", "ran " + graph.graph(), graph.line());
      }
      out.printf("%-24s %d of %d graphs%n", "fell back", loaded.fallbacks(), loaded.handles());
    }
    out.flush();
    return ExitCode.OK;
  }

  private ExecutionProvider wanted() {
    for (ExecutionProvider each : ExecutionProvider.values()) {
      if (each.word().equals(provider)) {
        return each;
      }
    }
    throw new BadInput("--provider: expected cpu, cuda or tensorrt, found " + provider);
  }
}
