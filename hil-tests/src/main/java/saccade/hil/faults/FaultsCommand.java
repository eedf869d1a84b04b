package saccade.hil.faults;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import saccade.hil.Measurement;
import saccade.hil.ModelOption;
import saccade.hil.report.Progress;
import saccade.hil.report.Report;
import saccade.kernels.geometry.Rig;
import saccade.nodes.cli.BadInput;
import saccade.nodes.pipeline.ModelPerceiver;
import saccade.nodes.pipeline.PipelineOptions;
import saccade.nodes.run.ProjectHome;

/**
 * {@code saccade hil faults}: what goes wrong on a robot, one after the other, in the product's own
 * run in real time; fails when a stale or invalid action passes the gate.
 */
@Command(
    name = "faults",
    mixinStandardHelpOptions = true,
    description = {
      "Faults of sensors, clocks, engine, disk and process, one after the other.",
      "What the planner saw, ms until WARN and ERROR, ms until healthy. Exit code 1 when a stale or invalid action passed"
          + " the gate."
    })
public final class FaultsCommand extends Measurement {
  private static final int SETS = 24;

  @Mixin private final ModelOption model = new ModelOption();

  @Option(
      names = "--fault",
      paramLabel = "WORD,..",
      split = ",",
      description = "Only faults whose name contains one of these words.")
  private List<String> words = List.of();

  @Option(
      names = "--cameras",
      paramLabel = "N",
      description = "Cameras of the rig, 2 or 6; default what the model takes.")
  private int cameras;

  @Option(names = "--no-processes", description = "Leave out what needs a process of its own.")
  private boolean noProcesses;

  @Option(
      names = "--nothing-injected",
      description =
          "The same runs in which nothing is done: a fault that is shown all the same is judged by what is always so."
              + " Without processes.")
  private boolean nothing;

  @Option(names = "--collector-child", hidden = true)
  private @Nullable Path collectorChild;

  private boolean failed;

  /** Filled by picocli. */
  public FaultsCommand() {}

  @Override
  protected Report measure(Progress progress) throws IOException {
    if (cameras != 0 && cameras != 2 && cameras != 6) {
      throw new BadInput("--cameras: wanted 2 or 6, found " + cameras);
    }
    Path dir = model.dir();
    Rig shipped = ModelPerceiver.rigFor(ModelPerceiver.description(dir));
    Rig rig = cameras == 2 ? Rig.twoCamera() : cameras == 6 ? Rig.sixCamera() : shipped;
    PipelineOptions options = PipelineOptions.tenHertz();
    List<FaultRow> rows = new ArrayList<>();
    Path child = collectorChild;
    List<FaultCase> cases =
        child != null
            ? List.of(FaultList.collectorPause())
            : FaultList.of(rig).stream().filter(fault -> wanted(fault.name())).toList();
    try (SetLoop loop = new SetLoop(rig, "demo", 1, SETS)) {
      FaultTrial trial =
          new FaultTrial(
              dir, rig, options, loop, quick() ? 1_500_000_000L : 3_000_000_000L, !nothing);
      try {
        for (FaultCase fault : cases) {
          rows.add(trial.run(fault).row());
          progress.at("faults", rows.size(), cases.size());
        }
      } finally {
        trial.close();
      }
    }
    List<String> left = new ArrayList<>();
    if (child != null) {
      Files.write(child, ProcessFaults.write(rows.getFirst()));
    } else if (!noProcesses && !nothing) {
      processes(dir, rig, rows, left, progress);
    }
    Report report = report(rows, rig);
    left.forEach(report::line);
    if (!noProcesses && !nothing) {
      report.figure("left_out", left.size(), "faults that could not be made here");
    }
    return report.fact("model", ModelPerceiver.description(dir).sha256());
  }

  private boolean wanted(String name) {
    return words.isEmpty()
        || words.stream()
            .anyMatch(
                word -> name.toLowerCase(Locale.ROOT).contains(word.toLowerCase(Locale.ROOT)));
  }

  private void processes(
      Path dir, Rig rig, List<FaultRow> rows, List<String> left, Progress progress)
      throws IOException {
    Path folder = FaultList.scratch();
    Path graph = folder.resolve("faults.yaml");
    String demo = Files.readString(ProjectHome.root().resolve("launch/demo.yaml"));
    String rigs = ProjectHome.root().resolve("launch/rigs").toAbsolutePath().toString();
    String file = rig.cameras().size() == 2 ? "two-camera.yaml" : "six-camera.yaml";
    String inputs =
        rig.cameras().stream()
            .map(camera -> "simulator/" + camera.name())
            .reduce("", (all, one) -> all + one + ", ");
    Files.writeString(
        graph,
        demo.replaceAll("rig: rigs/six-camera.yaml", "rig: " + rigs + "/" + file)
            .replaceAll(
                "(?s)inputs: \\[simulator/front_wide.*?\\]",
                "inputs: [" + inputs + "simulator/lidar_top, simulator/odometry]")
            .replaceAll("model: \\.\\./[^ ]+", "model: " + dir.toAbsolutePath()));
    ProcessFaults processes = new ProcessFaults(dir.toAbsolutePath(), folder, graph, rig);
    if (wanted("calibration missing")) {
      rows.add(processes.calibrationMissing());
    }
    if (wanted("disk full, json lines") && !Files.exists(FaultList.FULL)) {
      left.add("left out: disk full, json lines: there is no " + FaultList.FULL + " here");
    }
    if (wanted("disk full, trace")) {
      FaultRow full = processes.diskFull();
      if (full == null) {
        left.add("left out: disk full, trace: nobody may mount a small disk here (unshare -rm)");
      } else {
        rows.add(full);
      }
    }
    if (wanted("collector pauses")) {
      List<String> arguments = new ArrayList<>(List.of("hil", "faults", "--model", dir.toString()));
      arguments.addAll(List.of("--cameras", Integer.toString(rig.cameras().size())));
      FaultRow pause = processes.collectorPause(arguments);
      if (pause == null) {
        left.add("left out: collector pauses: the process of its own told nothing of it");
      } else {
        rows.add(pause);
      }
    }
    progress.at("faults", rows.size(), rows.size());
    if (wanted("SIGTERM mid-generation")) {
      rows.add(processes.sigterm());
    }
    if (wanted("kill -9 and restart")) {
      rows.add(processes.kill());
    }
  }

  private Report report(List<FaultRow> rows, Rig rig) {
    if (rows.isEmpty()) {
      throw new BadInput("--fault: no fault's name contains " + words);
    }
    Report report = new Report("hil faults");
    List<List<String>> cells = new ArrayList<>();
    cells.add(
        List.of("fault", "WARN ms", "ERROR ms", "healthy ms", "invalid", "", "the planner saw"));
    rows.forEach(row -> cells.add(row.cells()));
    report
        .line(
            "%d cameras%s at 10 Hz; times from the fault's begin, healthy from its end (restart: from the start)"
                .formatted(rig.cameras().size(), rig.lidar() == null ? "" : " and a LiDAR"))
        .line("")
        .table(cells);
    boolean any = false;
    for (FaultRow row : rows) {
      for (String remark : row.remarks()) {
        if (!any) {
          report.line("");
          any = true;
        }
        report.line(row.name() + ": " + remark);
      }
    }
    long invalid = rows.stream().mapToLong(FaultRow::invalid).sum();
    failed = invalid > 0;
    report
        .figure("faults", rows.size(), "")
        .figure(
            "shown",
            rows.stream().filter(FaultRow::shown).count(),
            "the run counted that the fault was there")
        .figure("survived", rows.stream().filter(FaultRow::survived).count(), "")
        .figure(
            "not_survived",
            rows.stream().filter(row -> !row.survived()).count(),
            "not shown, not told, not healthy again, or an account is wrong")
        .figure("invalid_actions", invalid, "stale or invalid actions that passed the gate")
        .figure("slowest_warn", most(rows, true), "ms")
        .figure("slowest_healthy", most(rows, false), "ms");
    for (FaultRow row : rows) {
      report
          .detail(row.key() + "_warn_ms", row.warnMs())
          .detail(row.key() + "_error_ms", row.errorMs())
          .detail(row.key() + "_healthy_ms", row.healthyMs());
    }
    return report;
  }

  private static double most(List<FaultRow> rows, boolean warn) {
    return rows.stream()
        .mapToDouble(row -> warn ? row.warnMs() : row.healthyMs())
        .filter(ms -> !Double.isNaN(ms))
        .max()
        .orElse(Double.NaN);
  }

  @Override
  protected boolean failed() {
    return failed;
  }
}
