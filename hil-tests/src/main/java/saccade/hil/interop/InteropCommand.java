package saccade.hil.interop;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import saccade.hil.Measurement;
import saccade.hil.interop.InteropSide.TypeHashes;
import saccade.hil.peers.PeerProcess;
import saccade.hil.peers.Peers;
import saccade.hil.peers.Peers.Peer;
import saccade.hil.report.Machine;
import saccade.hil.report.Progress;
import saccade.hil.report.Report;
import saccade.nodes.cli.BadInput;

/**
 * {@code saccade hil interop}: our transports against rclpy of real ROS 2 distros, or against the
 * official Zenoh through a router. Our side runs in a JVM of its own, because the environment of
 * librcl must be there before it starts and because a crash there must be a finding here.
 */
@Command(
    name = "interop",
    mixinStandardHelpOptions = true,
    description = "Our transports against real ROS 2 and Zenoh peers (hil-tests/peers/setup).")
public final class InteropCommand extends Measurement {
  private static final double MINUTE = 60;

  @Option(
      names = "--peer",
      paramLabel = "rclpy|zenoh",
      description = "Against whom. Default: ${DEFAULT-VALUE}.",
      defaultValue = "rclpy")
  private String with = "rclpy";

  @Option(
      names = "--distro",
      paramLabel = "NAME,..",
      split = ",",
      description = "Distros of rclpy. Default: jazzy,kilted.")
  private @Nullable List<String> distros;

  @Option(
      names = "--messages",
      paramLabel = "N",
      description = "Images of 6 MB and clouds of 3 MB, each way. Default 1000, with --quick 50.")
  private int messages;

  @Option(
      names = "--restarts",
      paramLabel = "N",
      description = "Restarts of the router. Default 50, with --quick 5.")
  private int restarts;

  @Option(
      names = "--native",
      description =
          "Instead: open, use, close and use after closing every native handle, again and again.")
  private boolean nativeEdge;

  @Option(
      names = "--cycles",
      paramLabel = "N",
      description = "Of each handle, with --native. Default 10000, with --quick 200.")
  private int cycles;

  /** Filled by picocli. */
  public InteropCommand() {}

  @Override
  protected Report measure(Progress progress) throws IOException, InterruptedException {
    boolean zenoh = with.equals("zenoh");
    if (!zenoh && !with.equals("rclpy")) {
      throw new BadInput("--peer: wanted rclpy or zenoh, found '" + with + "'");
    }
    if (nativeEdge) {
      return nativeEdge(progress);
    }
    // Bars of the two peers are apart: a verb of its own for each.
    Report report = new Report("hil interop --peer " + with);
    List<List<String>> rows = new ArrayList<>();
    rows.add(List.of("peer", "check", "verdict", "found", "s"));
    double worst = 0;
    List<String> names = zenoh ? List.of("kilted") : distros == null ? Peers.DISTROS : distros;
    for (String name : names) {
      if (!Peers.DISTROS.contains(name)) {
        throw new BadInput("--distro: wanted one of " + Peers.DISTROS + ", found '" + name + "'");
      }
      worst += run(Peers.need(name), zenoh, zenoh ? "" : name + "_", report, rows, progress);
    }
    worst += rosidl(report, rows);
    report.table(rows);
    return report.figure("faults", worst, "over all checks");
  }

  /** One run of {@link InteropSide}; how many faults there were. */
  private double run(
      Peer peer,
      boolean zenoh,
      String prefix,
      Report report,
      List<List<String>> rows,
      Progress progress)
      throws IOException, InterruptedException {
    int count = messages > 0 ? messages : quick() ? 50 : 1000;
    int rounds = restarts > 0 ? restarts : quick() ? 5 : 50;
    ProcessBuilder builder =
        peer.java(
            InteropSide.class,
            zenoh ? "zenoh" : "rclpy",
            Integer.toString(count),
            Integer.toString(rounds));
    Map<String, String> environment = builder.environment();
    environment.put("ROS_DOMAIN_ID", Long.toString(1 + ProcessHandle.current().pid() % 100));
    environment.put("ROS_AUTOMATIC_DISCOVERY_RANGE", "LOCALHOST");
    environment.put(peer.profileVariable(), Peers.largeDataProfile().toString());
    if (zenoh) {
      environment.put("PYTHONPATH", sitePackages(Peers.need("zenoh")).toString());
    }
    double faults = 0;
    String label = zenoh ? "zenoh" : "rclpy " + peer.name();
    int done = 0;
    try (PeerProcess side = new PeerProcess(label, builder)) {
      while (true) {
        String line =
            side.await(
                each -> each.matches("(?s)(ROW|FIGURE|FACT)\t.*|DONE"),
                "a finding",
                8 * MINUTE + count);
        if (line.equals("DONE")) {
          break;
        }
        String[] parts = line.split("\t", -1);
        switch (parts[0]) {
          case "FACT" -> report.fact(prefix + parts[1], parts[2]);
          case "FIGURE" -> {
            report.detail(prefix + parts[1], Double.parseDouble(parts[2]));
            faults += parts[1].endsWith("_faults") ? Double.parseDouble(parts[2]) : 0;
          }
          default -> {
            rows.add(List.of(label, parts[1], parts[2], parts[3], parts[4]));
            progress.at(label + ", checks done", ++done, zenoh ? 13 : 12);
          }
        }
      }
      side.exit(30);
    }
    return faults;
  }

  private static Path sitePackages(Peer peer) throws IOException {
    try (Stream<Path> found = Files.list(peer.folder().resolve("lib"))) {
      return found
          .map(each -> each.resolve("site-packages"))
          .filter(Files::isDirectory)
          .findFirst()
          .orElseThrow(() -> new BadInput("no site-packages below " + peer.folder()));
    }
  }

  /**
   * Hashes of what no peer has installed: a distro's own rosidl makes them from our definitions.
   */
  private static double rosidl(Report report, List<List<String>> rows)
      throws IOException, InterruptedException {
    Path definitions = Machine.home().resolve("nodes").resolve("src/main/ros");
    Peer peer = Peers.find("kilted");
    if (peer == null || !Files.isDirectory(definitions)) {
      rows.add(List.of("rosidl", "hashes", "not run", "needs the repository and kilted", "-"));
      return 0;
    }
    Path folder = Files.createTempDirectory("saccade-rosidl");
    long startNs = System.nanoTime();
    List<String> wrong = new ArrayList<>();
    int compared = 0;
    try (PeerProcess rosidl =
        new PeerProcess(
            "rosidl",
            peer.python(
                "rosidl_peer.py",
                folder.toString(),
                definitions.toString(),
                Machine.home().resolve("launch/ros").toString()))) {
      if (rosidl.exit(3 * MINUTE) != 0) {
        wrong.add("rosidl failed: " + rosidl.others());
      }
      Map<String, String> theirs = TypeHashes.below(folder);
      for (String name : TypeHashes.shipped()) {
        String hash = theirs.get(name);
        if (hash != null) {
          compared++;
          if (!hash.equals(TypeHashes.ours(name))) {
            wrong.add(name + ": ours " + TypeHashes.ours(name) + ", theirs " + hash);
          }
        }
      }
    } finally {
      delete(folder);
    }
    rows.add(
        List.of(
            "rosidl",
            "hashes",
            wrong.isEmpty() ? "ok" : wrong.size() + " WRONG",
            compared
                + " RIHS01 hashes equal those its rosidl makes"
                + (wrong.isEmpty() ? "" : "; first: " + wrong.get(0)),
            String.format(Locale.ROOT, "%.1f", (System.nanoTime() - startNs) * 1e-9)));
    report.detail("rosidl_hashes", compared);
    return wrong.size();
  }

  private static void delete(Path folder) throws IOException {
    try (Stream<Path> all = Files.walk(folder)) {
      for (Path each : all.sorted(Comparator.reverseOrder()).toList()) {
        Files.delete(each);
      }
    }
  }

  /** {@link NativeCycles} for each distro. */
  private Report nativeEdge(Progress progress) throws IOException, InterruptedException {
    int count = cycles > 0 ? cycles : quick() ? 200 : 10_000;
    Report report = new Report("hil interop --native");
    double leaks = 0;
    double least = Double.POSITIVE_INFINITY;
    int step = 0;
    for (String name : distros == null ? Peers.DISTROS : distros) {
      report.line(name);
      ProcessBuilder builder =
          Peers.need(name)
              .java(NativeCycles.class, Integer.toString(count), Integer.toString(count));
      // A heap that is resident from the start: what grows is not garbage's first touch of a page.
      builder
          .command()
          .addAll(
              builder.command().indexOf("-XX:+UseSerialGC"),
              List.of("-Xms64m", "-Xmx64m", "-XX:+AlwaysPreTouch"));
      builder
          .environment()
          .put("ROS_DOMAIN_ID", Long.toString(1 + ProcessHandle.current().pid() % 100));
      builder.environment().put("ROS_AUTOMATIC_DISCOVERY_RANGE", "LOCALHOST");
      try (PeerProcess process = new PeerProcess(name, builder)) {
        while (true) {
          String line =
              process.await(
                  each ->
                      each.contains(" cycles, ") || each.equals("done") || each.startsWith("at "),
                  "a finding",
                  30 * MINUTE);
          if (line.equals("done")) {
            break;
          }
          if (line.startsWith("at ")) {
            continue;
          }
          report.line("  " + line);
          progress.at("handles", ++step, 14);
          least = Math.min(least, Double.parseDouble(line.replaceAll(".*: (\\d+) cycles.*", "$1")));
          leaks += line.endsWith("files +0, threads +0") ? 0 : 1;
        }
        if (process.exit(MINUTE) != 0) {
          throw new IOException(name + " ended badly: " + process.others());
        }
      }
    }
    return report
        .line("")
        .figure("cycles_least", least, "of any handle")
        .figure("leaking_handles", leaks, "kinds that left a file or a thread");
  }
}
