package saccade.nodes.verbs;

import com.sun.management.OperatingSystemMXBean;
import java.io.IOException;
import java.io.PrintWriter;
import java.lang.management.ManagementFactory;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Locale;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;
import saccade.nodes.cli.BadInput;
import saccade.nodes.cli.ExitCode;
import saccade.nodes.graph.Graph;
import saccade.nodes.graph.GraphFile;
import saccade.nodes.graph.GraphNode.Dashboard;
import saccade.nodes.pipeline.ModelPerceiver;
import saccade.nodes.run.ProjectHome;
import saccade.perception.SessionOptions;
import saccade.realtime.clock.NanoClock;

@Command(
    name = "doctor",
    mixinStandardHelpOptions = true,
    description = {
      "Looks at this machine: JDK, cores, memory, ONNX Runtime, model package, port, disk, CPU governor. One line each:"
          + " ok, note (works, maybe slower) or bad (the demo will not run)."
    },
    footer = {"", "Exit codes: 0 the demo can run; 69 it cannot (a line says bad)."})
final class DoctorVerb implements Callable<Integer> {
  private static final long GIB = 1L << 30;
  private static final int SOUGHT_CORES = 2;

  @Option(
      names = "--model",
      paramLabel = "DIR",
      description = "Model package. Default: the shipped model.")
  @Nullable Path model;

  @Spec @Nullable CommandSpec spec;

  private int bad;

  @Override
  public Integer call() {
    bad = 0;
    Path home = ProjectHome.root();
    say("ok", "home", home.toString());
    jdk();
    cores();
    memory();
    governor();
    clock();
    disk(home);
    model(model == null ? ProjectHome.shippedModel() : model);
    port(home);
    out().flush();
    return bad == 0 ? ExitCode.OK : ExitCode.UNAVAILABLE;
  }

  private void jdk() {
    int feature = Runtime.version().feature();
    say(
        feature >= 25 ? "ok" : "bad",
        "JDK",
        System.getProperty("java.vm.name")
            + " "
            + Runtime.version()
            + (feature >= 25 ? "" : "; 25 or newer is wanted"));
    boolean vector = ModuleLayer.boot().findModule("jdk.incubator.vector").isPresent();
    say(
        vector ? "ok" : "note",
        "Vector API",
        vector
            ? "there"
            : "absent: plain Java kernels are used; the launcher adds --add-modules jdk.incubator.vector");
  }

  private void cores() {
    int cores = Runtime.getRuntime().availableProcessors();
    double load = ManagementFactory.getOperatingSystemMXBean().getSystemLoadAverage();
    say(
        cores >= SOUGHT_CORES ? "ok" : "note",
        "cores",
        String.format(Locale.ROOT, "%d, load %.1f; the demo wants 2 to itself", cores, load));
    if (load > cores) {
      say("note", "load", "more runs here than there are cores: expect missed deadlines");
    }
  }

  private void memory() {
    OperatingSystemMXBean system =
        (OperatingSystemMXBean) ManagementFactory.getOperatingSystemMXBean();
    long total = system.getTotalMemorySize();
    long free = system.getFreeMemorySize();
    say(
        total >= 2 * GIB ? "ok" : "note",
        "memory",
        String.format(
            Locale.ROOT,
            "%.1f GiB, %.1f free; heap up to %.1f",
            (double) total / GIB,
            (double) free / GIB,
            (double) Runtime.getRuntime().maxMemory() / GIB));
  }

  private void governor() {
    Path file = Path.of("/sys/devices/system/cpu/cpu0/cpufreq/scaling_governor");
    try {
      String name = Files.readString(file).strip();
      boolean steady = name.equals("performance");
      say(
          steady ? "ok" : "note",
          "governor",
          name + (steady ? "" : "; performance gives steadier latencies"));
    } catch (IOException e) {
      say("note", "governor", "not to be read here (a virtual machine has none)");
    }
  }

  /** Wakes up 50 times after 2 ms and looks how late: what every deadline rests on. */
  private void clock() {
    NanoClock clock = NanoClock.system();
    long worstNs = 0;
    for (int i = 0; i < 50; i++) {
      long wantedNs = clock.nanoTime() + 2_000_000L;
      java.util.concurrent.locks.LockSupport.parkNanos(2_000_000L);
      worstNs = Math.max(worstNs, clock.nanoTime() - wantedNs);
    }
    say(
        worstNs < 3_000_000L ? "ok" : "note",
        "timer",
        String.format(
            Locale.ROOT, "a 2 ms sleep ends at most %.1f ms late (50 tries)", worstNs / 1e6));
  }

  private void disk(Path home) {
    try {
      long free = Files.getFileStore(home).getUsableSpace();
      say(
          free > GIB / 4 ? "ok" : "note",
          "disk",
          String.format(Locale.ROOT, "%.1f GiB free at %s", (double) free / GIB, home));
    } catch (IOException e) {
      say("note", "disk", "cannot be read: " + e.getMessage());
    }
  }

  private void model(Path dir) {
    long beganNs = NanoClock.system().nanoTime();
    try (ModelPerceiver opened =
        ModelPerceiver.open(
            dir,
            ModelPerceiver.rigFor(ModelPerceiver.description(dir)),
            NanoClock.system(),
            SessionOptions.DEFAULT)) {
      say(
          "ok",
          "model",
          String.format(
              Locale.ROOT,
              "%s %s, every sha256 right, opened in %.1f s, %s",
              opened.session().model().name(),
              opened.session().model().version(),
              (NanoClock.system().nanoTime() - beganNs) * 1e-9,
              dir));
      say("ok", "ONNX Runtime", opened.runtime());
    } catch (BadInput e) {
      say("bad", "model", String.valueOf(e.getMessage()));
    } catch (LinkageError e) {
      say("bad", "ONNX Runtime", "its library does not load: " + e.getMessage());
    }
  }

  private void port(Path home) {
    Graph graph = GraphFile.read(home.resolve("launch/demo.yaml"));
    Dashboard page = graph.dashboard();
    int wanted = page == null ? 0 : page.port();
    try (ServerSocket probe = new ServerSocket(wanted, 1, InetAddress.getLoopbackAddress())) {
      say("ok", "port", "127.0.0.1:" + probe.getLocalPort() + " is free for the page");
    } catch (IOException e) {
      say(
          "note",
          "port",
          "127.0.0.1:" + wanted + " is taken (" + e.getMessage() + "); give another with --port");
    }
  }

  private void say(String verdict, String what, String found) {
    if (verdict.equals("bad")) {
      bad++;
    }
    out().println(String.format(Locale.ROOT, "%-5s %-13s %s", verdict, what, found));
  }

  private PrintWriter out() {
    return Streams.out(spec);
  }
}
