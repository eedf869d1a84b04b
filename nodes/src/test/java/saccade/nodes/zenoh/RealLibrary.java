package saccade.nodes.zenoh;

import java.nio.file.Path;
import org.junit.jupiter.api.Assumptions;
import saccade.nodes.zenoh.c.Libzenohc;

/** The real libzenohc for tests; those that need it skip, and say why, where it is not named. */
public final class RealLibrary {
  private RealLibrary() {}

  /** What SACCADE_ZENOHC names. */
  public static Path path() {
    String setting = System.getenv(Libzenohc.VARIABLE);
    Assumptions.assumeTrue(
        setting != null && !setting.isEmpty(),
        "no libzenohc: "
            + Libzenohc.VARIABLE
            + " names one (nodes/README.md says how one was made)");
    return Libzenohc.find(setting, System.getenv());
  }
}
