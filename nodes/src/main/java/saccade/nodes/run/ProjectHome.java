package saccade.nodes.run;

import java.nio.file.Files;
import java.nio.file.Path;
import saccade.nodes.cli.BadInput;
import saccade.nodes.cli.ExitCode;

/** The project's root folder: where {@code launch} and the shipped model lie. */
public final class ProjectHome {
  /** System property that the launcher sets. */
  public static final String PROPERTY = "saccade.home";

  private ProjectHome() {}

  /** The root; from the launcher, else the nearest folder above that holds the demo's graph. */
  public static Path root() {
    String stated = System.getProperty(PROPERTY);
    if (stated != null) {
      return Path.of(stated);
    }
    Path here = Path.of("").toAbsolutePath();
    for (Path folder = here; folder != null; folder = folder.getParent()) {
      if (Files.isRegularFile(folder.resolve("launch/demo.yaml"))) {
        return folder;
      }
    }
    throw new BadInput(
        ExitCode.UNAVAILABLE,
        "expected launch/demo.yaml in " + here + " or above, found none; set -D" + PROPERTY);
  }

  /** The shipped model's package. */
  public static Path shippedModel() {
    return root().resolve("perception-mllm/models/saccade-nano");
  }
}
