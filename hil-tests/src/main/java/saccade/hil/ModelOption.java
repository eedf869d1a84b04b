package saccade.hil;

import java.nio.file.Path;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;
import saccade.nodes.run.ProjectHome;

/** {@code --model DIR}, for every verb that runs a model. */
public final class ModelOption {
  /** Filled by picocli. */
  public ModelOption() {}

  @Option(
      names = "--model",
      paramLabel = "DIR",
      description = "Model package; default perception-mllm/models/saccade-nano.")
  @Nullable Path dir;

  /** The package to run. */
  public Path dir() {
    Path given = dir;
    return given == null ? ProjectHome.shippedModel() : given;
  }
}
