package saccade.nodes.zenoh;

import java.nio.file.Path;
import java.util.Map;
import saccade.nodes.ros.Peers;
import saccade.nodes.zenoh.c.Libzenohc;

/** The real libzenohc for tests; those that need it skip, and say why, where there is none. */
public final class RealLibrary {
  private RealLibrary() {}

  /** What {@code SACCADE_ZENOHC} names, else what {@code hil-tests/peers/setup} made. */
  public static Path path() {
    String setting = System.getenv().getOrDefault(Libzenohc.VARIABLE, "");
    Map<String, String> environment =
        setting.isEmpty() ? Peers.zenohc().environment() : System.getenv();
    return Libzenohc.find(environment.getOrDefault(Libzenohc.VARIABLE, ""), environment);
  }
}
