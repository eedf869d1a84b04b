package saccade.nodes.cdr;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import saccade.nodes.idl.Definitions;

/** All definitions of the module, as its build reads them. */
public final class TestDefinitions {
  private TestDefinitions() {}

  public static Definitions all() {
    try {
      return new Definitions()
          .addTree(Path.of("src/main/ros"))
          .addTree(Path.of("../launch/ros/saccade_msgs"))
          .addTree(Path.of("src/test/ros"));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
