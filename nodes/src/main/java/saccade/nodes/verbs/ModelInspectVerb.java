package saccade.nodes.verbs;

import java.nio.file.Path;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;
import saccade.nodes.cli.ExitCode;
import saccade.nodes.pipeline.ModelPerceiver;
import saccade.nodes.run.ProjectHome;

@Command(
    name = "inspect",
    mixinStandardHelpOptions = true,
    description = "Prints what a model package promises: shapes, slots, facts, exits, files.")
final class ModelInspectVerb implements Callable<Integer> {
  @Parameters(
      arity = "0..1",
      paramLabel = "DIR",
      description = "The package. Default: the shipped model.")
  @Nullable Path dir;

  @Spec @Nullable CommandSpec spec;

  @Override
  public Integer call() {
    Path from = dir == null ? ProjectHome.shippedModel() : dir;
    Streams.out(spec).print(ModelPerceiver.description(from).inspect());
    Streams.out(spec).flush();
    return ExitCode.OK;
  }
}
