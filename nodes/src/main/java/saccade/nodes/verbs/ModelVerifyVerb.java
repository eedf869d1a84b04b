package saccade.nodes.verbs;

import java.nio.file.Path;
import java.util.Locale;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;
import saccade.kernels.geometry.Rig;
import saccade.nodes.cli.ExitCode;
import saccade.nodes.pipeline.ModelPerceiver;
import saccade.nodes.run.ProjectHome;
import saccade.perception.PerceptionOutput;
import saccade.perception.PerceptionSession;
import saccade.perception.SessionOptions;
import saccade.perception.model.ModelPackage;
import saccade.realtime.clock.NanoClock;

@Command(
    name = "verify",
    mixinStandardHelpOptions = true,
    description = {
      "Checks a model package: every file's sha256, every graph's signature against the description, and one set run"
          + " through all of it."
    },
    footer = {"", "Exit codes: 0 good; 65 damaged (the line says what); 69 no such package."})
final class ModelVerifyVerb implements Callable<Integer> {
  @Parameters(
      arity = "0..1",
      paramLabel = "DIR",
      description = "The package. Default: the shipped model.")
  @Nullable Path dir;

  @Spec @Nullable CommandSpec spec;

  @Override
  public Integer call() {
    Path from = dir == null ? ProjectHome.shippedModel() : dir;
    Rig rig = ModelPerceiver.rigFor(ModelPerceiver.description(from));
    try (ModelPerceiver model =
        ModelPerceiver.open(from, rig, NanoClock.system(), SessionOptions.DEFAULT)) {
      PerceptionSession session = model.session();
      ModelPackage description = session.model();
      model.warmUp(2);
      PerceptionOutput output = model.output();
      Streams.out(spec)
          .println(
              String.format(
                  Locale.ROOT,
                  "%s: good. %s %s (%s), %d files with the stated sha256, %d graphs open, a black set gave %d action"
                      + " tokens and \"%s\" in %.0f ms",
                  from,
                  description.name(),
                  description.version(),
                  description.license(),
                  description.files().size(),
                  description.files().keySet().stream().filter(f -> f.endsWith(".onnx")).count(),
                  output.actionIds().length,
                  output.sentence(),
                  output.times().totalNs() * 1e-6));
      Streams.out(spec).flush();
    }
    return ExitCode.OK;
  }
}
