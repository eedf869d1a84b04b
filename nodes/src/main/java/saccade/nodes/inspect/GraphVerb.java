package saccade.nodes.inspect;

import java.io.PrintWriter;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Spec;
import saccade.nodes.cdr.CdrFault;
import saccade.nodes.cli.BadInput;
import saccade.nodes.cli.ExitCode;
import saccade.nodes.idl.IdlFault;
import saccade.nodes.ros.RosFault;
import saccade.nodes.zenoh.ZenohFault;

/** A verb that looks into a graph: opens the session, turns faults into one line. */
abstract class GraphVerb implements Callable<Integer> {
  @Mixin TransportOptions options = new TransportOptions();

  @Spec @Nullable CommandSpec spec;

  /** Does it; returns an {@link ExitCode}. */
  abstract int run(GraphSession session, PrintWriter out) throws Exception;

  /** Whether it waits for whoever comes, with nobody there yet. */
  boolean waits() {
    return false;
  }

  @Override
  public Integer call() throws Exception {
    CommandSpec here = spec;
    if (here == null) {
      throw new IllegalStateException("expected a verb that was started by the command line");
    }
    PrintWriter out = here.commandLine().getOut();
    try (GraphSession session = GraphSession.open(options, waits(), err())) {
      int code = run(session, out);
      out.flush();
      return code;
    } catch (RosFault | ZenohFault fault) {
      throw new BadInput(ExitCode.UNAVAILABLE, String.valueOf(fault.getMessage()));
    } catch (IdlFault | CdrFault fault) {
      throw new BadInput(String.valueOf(fault.getMessage()));
    }
  }

  PrintWriter err() {
    CommandSpec here = spec;
    return here == null
        ? new PrintWriter(System.err, true, java.nio.charset.StandardCharsets.UTF_8)
        : here.commandLine().getErr();
  }
}
