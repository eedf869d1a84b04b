package saccade.nodes.verbs;

import java.io.IOException;
import java.io.PrintWriter;
import java.lang.management.ManagementFactory;
import java.nio.file.Path;
import java.util.Locale;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;
import saccade.kernels.geometry.Rig;
import saccade.nodes.cli.BadInput;
import saccade.nodes.cli.ExitCode;
import saccade.nodes.pipeline.ModelPerceiver;
import saccade.nodes.run.ProjectHome;
import saccade.perception.SessionOptions;
import saccade.perception.model.ModelPackage;
import saccade.realtime.clock.NanoClock;
import saccade.realtime.schedule.LatencyTable;

@Command(
    name = "bench",
    mixinStandardHelpOptions = true,
    description = {
      "Measures what each slice of a model takes on this machine, with all and with fewer tokens, at each exit, and"
          + " writes the table that a graph's latencyTable names: the first set of a run is then predicted."
    },
    footer = {
      "",
      "Exit codes: 0 written; 65 damaged package; 69 no such package; 73 the file cannot be written."
    })
final class ModelBenchVerb implements Callable<Integer> {
  private static final int WARM_SETS = 30;

  @Parameters(
      arity = "0..1",
      paramLabel = "DIR",
      description = "The package. Default: the shipped model.")
  @Nullable Path dir;

  @Option(
      names = "--sets",
      paramLabel = "N",
      description = "Sets to measure; default ${DEFAULT-VALUE}.")
  int sets = 300;

  @Option(
      names = "--out",
      paramLabel = "FILE",
      description = "Where the table goes; default ${DEFAULT-VALUE}.")
  Path out = Path.of("saccade-latency.tsv");

  @Option(
      names = "--cpu",
      description =
          "Processor time instead of the wall clock: what the slices would take on a machine with nothing else to do.")
  boolean cpu;

  @Spec @Nullable CommandSpec spec;

  @Override
  public Integer call() {
    if (sets < 10 || sets > 100_000) {
      throw new BadInput("--sets: expected 10 to 100000, found " + sets);
    }
    Path from = dir == null ? ProjectHome.shippedModel() : dir;
    ModelPackage description = ModelPerceiver.description(from);
    Rig rig = ModelPerceiver.rigFor(description);
    PrintWriter lines = Streams.out(spec);
    try (ModelPerceiver model =
        ModelPerceiver.open(
            from,
            rig,
            cpu ? ManagementFactory.getThreadMXBean()::getCurrentThreadCpuTime : NanoClock.system(),
            SessionOptions.shipped(description))) {
      model.warmUp(WARM_SETS);
      LatencyTable table =
          model.profile(sets, machine() + (cpu ? ", processor time" : ", wall clock"));
      lines.println(
          String.format(
              Locale.ROOT,
              "%-28s %6s %9s %9s %8s",
              "slice",
              "size",
              "p50 ms",
              "p99 ms",
              "samples"));
      for (LatencyTable.Row row : table.rows()) {
        lines.println(
            String.format(
                Locale.ROOT,
                "%-28s %6d %9.2f %9.2f %8d",
                row.kind(),
                row.size(),
                row.p50Ns() * 1e-6,
                row.p99Ns() * 1e-6,
                row.samples()));
      }
      table.write(out);
      lines.println(
          "written to " + out + "; a graph names it as latencyTable of its perception node");
      lines.flush();
    } catch (IOException e) {
      throw new BadInput(
          ExitCode.CANNOT_WRITE,
          "--out " + out + ": expected a file that can be written, found " + e);
    }
    return ExitCode.OK;
  }

  private static String machine() {
    return System.getProperty("os.arch")
        + ", "
        + Runtime.getRuntime().availableProcessors()
        + " cores, Java "
        + Runtime.version().feature();
  }
}
