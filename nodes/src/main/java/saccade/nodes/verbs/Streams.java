package saccade.nodes.verbs;

import java.io.PrintWriter;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Model.CommandSpec;

/** Where a verb prints: what the command line was given, so that tests can listen. */
final class Streams {
  private Streams() {}

  static PrintWriter out(@Nullable CommandSpec spec) {
    if (spec == null) {
      throw new IllegalStateException("expected a verb that was started by the command line");
    }
    return spec.commandLine().getOut();
  }

  static PrintWriter err(@Nullable CommandSpec spec) {
    if (spec == null) {
      throw new IllegalStateException("expected a verb that was started by the command line");
    }
    return spec.commandLine().getErr();
  }
}
