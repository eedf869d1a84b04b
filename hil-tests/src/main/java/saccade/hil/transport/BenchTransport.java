package saccade.hil.transport;

import static java.util.Objects.requireNonNull;

import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import saccade.hil.Measurement;
import saccade.hil.peers.PeerProcess;
import saccade.hil.peers.Peers;
import saccade.hil.peers.Peers.Peer;
import saccade.hil.report.PairedRatio;
import saccade.hil.report.Progress;
import saccade.hil.report.Quantile;
import saccade.hil.report.Report;
import saccade.nodes.cli.BadInput;

/**
 * {@code saccade bench transport}: round trips between two processes of the same contender, bursts
 * of all contenders in turn, so that whatever else the machine does falls on all of them; and the
 * flow of 1 MB messages over Zenoh.
 *
 * <p>Round trips over ROS are reliable Images with the same settings of Fast DDS on all sides: ours
 * go through the view into a slot and are written anew, rclpy's are its own messages. Round trips
 * over Zenoh are payloads that wait (congestion control block), through one router.
 */
@Command(
    name = "transport",
    mixinStandardHelpOptions = true,
    description = "Round trips and flow beside rclpy and the official Zenoh clients.")
public final class BenchTransport extends Measurement {
  private static final int[] SIZES = {64, 1_000, 100_000, 1_000_000, 6_000_000};
  private static final String RCLPY = "rclpy";
  private static final String RCLPY_AGAIN = "rclpy again";
  private static final String RCL = "saccade rcl";
  private static final String PYTHON = "zenoh python";
  private static final String RUST = "zenoh rust";
  private static final String RUST_AGAIN = "zenoh rust again";
  private static final String ZENOH = "saccade zenoh";
  private static final int FLOW_BYTES = 1_000_000;

  @Option(
      names = "--rounds",
      paramLabel = "N",
      description =
          "Interleaved rounds; default 31, with --quick 21 (20 are needed for a verdict).")
  private int rounds;

  @Option(
      names = "--distro",
      paramLabel = "NAME",
      description = "Distro of rclpy and librcl. Default: ${DEFAULT-VALUE}.",
      defaultValue = "kilted")
  private String distro = "kilted";

  @Option(
      names = "--default-profile",
      description = "Fast DDS as it comes, instead of launch/ros/fastdds-large-data.xml.")
  private boolean defaultProfile;

  @Option(
      names = "--sizes",
      paramLabel = "BYTES,..",
      split = ",",
      description = "Default 64,1000,100000,1000000,6000000.")
  private int @Nullable [] sizes;

  @Option(
      names = "--only",
      paramLabel = "rcl|zenoh",
      description = "Only one of the two: for a look at it, not for the bars.")
  private String only = "";

  /** Filled by picocli. */
  public BenchTransport() {}

  /** What a contender did at one size. */
  private static final class Trips {
    private double[] all = new double[1024]; // us
    private int count;
    private long lost;
    private double burstP50;

    void add(String line) {
      String[] words = line.split(" ", -1);
      lost += Long.parseLong(words[1]);
      int from = count;
      for (int i = 2; i < words.length; i++) {
        if (words[i].isEmpty()) {
          continue;
        }
        if (count == all.length) {
          all = Arrays.copyOf(all, 2 * count);
        }
        all[count++] = Long.parseLong(words[i]) * 1e-3;
      }
      burstP50 =
          count == from
              ? Double.NaN
              : PairedRatio.median(Arrays.copyOfRange(all, from, count), count - from);
    }

    double quantile(double q) {
      return Quantile.of(Arrays.copyOf(all, count), q);
    }
  }

  @Override
  protected Report measure(Progress progress) throws IOException, InterruptedException {
    int count = rounds > 0 ? rounds : quick() ? 21 : 31;
    int burstMs = quick() ? 100 : 200;
    int[] bytes = sizes == null ? SIZES : sizes;
    for (int size : bytes) {
      if (size < 1 || size > 6_000_000) {
        throw new BadInput("--sizes: wanted 1 to 6000000, found " + size);
      }
    }
    if (!List.of("", "rcl", "zenoh").contains(only)) {
      throw new BadInput("--only: wanted rcl or zenoh, found '" + only + "'");
    }
    Report report = new Report("bench transport");
    List<AutoCloseable> open = new ArrayList<>();
    try {
      Map<String, PeerProcess> pings = new LinkedHashMap<>();
      if (!only.equals("zenoh")) {
        ros(pings, open);
      }
      PeerProcess[] flows = new PeerProcess[0];
      if (!only.equals("rcl")) {
        flows = zenoh(pings, open, report);
      }
      roundTrips(pings, bytes, count, burstMs, report, progress);
      if (flows.length > 0) {
        flow(flows, count, quick() ? 50 : 100, report, progress);
      }
    } finally {
      for (AutoCloseable each : open.reversed()) {
        close(each);
      }
    }
    return report.figure("rounds", count, "");
  }

  private static void close(AutoCloseable process) throws IOException, InterruptedException {
    try {
      process.close();
    } catch (IOException | InterruptedException | RuntimeException e) {
      throw e;
    } catch (Exception e) {
      throw new IOException(e);
    }
  }

  private PeerProcess start(
      String name, ProcessBuilder builder, boolean ready, List<AutoCloseable> open)
      throws IOException, InterruptedException {
    PeerProcess process = new PeerProcess(name, builder);
    open.add(process);
    if (ready) {
      process.await("READY", 60);
    }
    return process;
  }

  /** Ping and pong of rclpy and of ours, each in a domain of its own. */
  private void ros(Map<String, PeerProcess> pings, List<AutoCloseable> open)
      throws IOException, InterruptedException {
    if (!Peers.DISTROS.contains(distro)) {
      throw new BadInput("--distro: wanted one of " + Peers.DISTROS + ", found '" + distro + "'");
    }
    Peer peer = Peers.need(distro);
    long domain = 1 + ProcessHandle.current().pid() % 100;
    for (String role : new String[] {"pong", "ping"}) {
      ProcessBuilder python = sourced(peer, peer.python("ping_rclpy.py", role), domain);
      ProcessBuilder java = sourced(peer, peer.java(PingSide.class, "rcl", role), domain + 101);
      PeerProcess theirs = start(RCLPY + " " + role, python, true, open);
      PeerProcess ours = start(RCL + " " + role, java, true, open);
      if (role.equals("ping")) {
        pings.put(RCLPY, theirs);
        pings.put(RCL, ours);
        pings.put(RCLPY_AGAIN, theirs);
      }
    }
  }

  private ProcessBuilder sourced(Peer peer, ProcessBuilder builder, long domain) {
    Map<String, String> environment = builder.environment();
    environment.put("ROS_DOMAIN_ID", Long.toString(domain));
    environment.put("ROS_AUTOMATIC_DISCOVERY_RANGE", "LOCALHOST");
    if (!defaultProfile) {
      environment.put(peer.profileVariable(), Peers.largeDataProfile().toString());
    }
    return builder;
  }

  /** Contenders through one router; answers with sources and sinks: theirs, theirs, ours, ours. */
  private PeerProcess[] zenoh(
      Map<String, PeerProcess> pings, List<AutoCloseable> open, Report report)
      throws IOException, InterruptedException {
    Peer peer = Peers.need("zenoh");
    int port;
    try (ServerSocket socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
      port = socket.getLocalPort();
    }
    String endpoint = "tcp/127.0.0.1:" + port;
    start("router", peer.python("ping_zenoh.py", "router", endpoint), true, open);
    Peer rust = Peers.find("zping");
    Path binary = rust == null ? Path.of("") : rust.folder().resolve("zping");
    for (String role : new String[] {"pong", "ping"}) {
      PeerProcess python =
          start(PYTHON + " " + role, peer.python("ping_zenoh.py", role, endpoint), true, open);
      PeerProcess ours =
          start(
              ZENOH + " " + role, Peers.java(PingSide.class, "zenoh", role, endpoint), true, open);
      PeerProcess theirs = null;
      if (Files.isExecutable(binary)) {
        theirs =
            start(
                RUST + " " + role,
                new ProcessBuilder(binary.toString(), role, endpoint),
                true,
                open);
      }
      if (role.equals("ping")) {
        pings.put(PYTHON, python);
        if (theirs != null) {
          pings.put(RUST, theirs);
        }
        pings.put(ZENOH, ours);
        if (theirs != null) {
          pings.put(RUST_AGAIN, theirs);
        }
      }
    }
    if (!pings.containsKey(RUST)) {
      report.line("no Rust client: hil-tests/peers/setup zping builds it (needs cargo)");
    }
    return new PeerProcess[] {
      start("source", peer.python("ping_zenoh.py", "source", endpoint), true, open),
      start("sink", peer.python("ping_zenoh.py", "sink", endpoint), true, open),
      start("our source", Peers.java(PingSide.class, "zenoh", "source", endpoint), true, open),
      start("our sink", Peers.java(PingSide.class, "zenoh", "sink", endpoint), true, open)
    };
  }

  private static void roundTrips(
      Map<String, PeerProcess> pings,
      int[] bytes,
      int count,
      int burstMs,
      Report report,
      Progress progress)
      throws IOException, InterruptedException {
    Map<String, Trips> found = new LinkedHashMap<>();
    Map<Integer, PairedRatio> rcl = new LinkedHashMap<>();
    Map<Integer, PairedRatio> zenoh = new LinkedHashMap<>();
    for (int size : bytes) {
      rcl.put(size, new PairedRatio());
      zenoh.put(size, new PairedRatio());
      for (Map.Entry<String, PeerProcess> each : pings.entrySet()) {
        found.put(each.getKey() + size, new Trips());
        if (!each.getKey().endsWith("again")) {
          burst(each.getValue(), size, 5 * burstMs); // compilers, buffers, pools
        }
      }
    }
    for (int round = 0; round < count; round++) {
      for (int size : bytes) {
        for (Map.Entry<String, PeerProcess> each : pings.entrySet()) {
          requireNonNull(found.get(each.getKey() + size))
              .add(burst(each.getValue(), size, burstMs));
        }
        pair(requireNonNull(rcl.get(size)), found, RCLPY, RCL, RCLPY_AGAIN, size);
        pair(requireNonNull(zenoh.get(size)), found, RUST, ZENOH, RUST_AGAIN, size);
      }
      progress.at("rounds", round + 1, count);
    }
    List<List<String>> table = new ArrayList<>();
    table.add(List.of("B", "contender", "p50 us", "p99 us", "trips", "lost"));
    long lost = 0;
    for (int size : bytes) {
      for (String name : pings.keySet()) {
        Trips trips = found.get(name + size);
        if (trips == null || name.endsWith("again")) {
          continue;
        }
        lost += name.startsWith("saccade") ? trips.lost : 0;
        table.add(
            List.of(
                Integer.toString(size),
                name,
                String.format(Locale.ROOT, "%.1f", trips.quantile(0.5)),
                String.format(Locale.ROOT, "%.1f", trips.quantile(0.99)),
                Integer.toString(trips.count),
                Long.toString(trips.lost)));
        String figure = name.replace(' ', '_') + "_" + size;
        report.detail(figure + "_p50_us", trips.quantile(0.5));
        report.detail(figure + "_p99_us", trips.quantile(0.99));
        report.detail(figure + "_lost", (double) trips.lost);
      }
    }
    report.table(table).line("");
    for (int size : bytes) {
      if (pings.containsKey(RCL)) {
        report
            .figure(
                "rcl_over_rclpy_" + size,
                worse(requireNonNull(rcl.get(size)), found, RCLPY, RCL, size),
                "round trip, x rclpy")
            .figure(
                "rcl_over_rclpy_noise_" + size,
                requireNonNull(rcl.get(size)).noise(),
                "rclpy against itself");
      }
      if (pings.containsKey(RUST)) {
        report
            .figure(
                "zenoh_over_rust_" + size,
                worse(requireNonNull(zenoh.get(size)), found, RUST, ZENOH, size),
                "round trip, x Rust")
            .figure(
                "zenoh_over_rust_noise_" + size,
                requireNonNull(zenoh.get(size)).noise(),
                "Rust against itself");
      }
    }
    report.figure("lost", lost, "of ours");
  }

  /**
   * The ratio that flatters us less: median over pairs of bursts, or of the medians of all trips.
   * On a busy machine some bursts of the slower one are interrupted for most of their time.
   */
  private static double worse(
      PairedRatio ratio, Map<String, Trips> found, String baseline, String candidate, int size) {
    Trips theirs = found.get(baseline + size);
    Trips ours = found.get(candidate + size);
    if (theirs == null || ours == null) {
      return Double.NaN;
    }
    return Math.max(ratio.median(), ours.quantile(0.5) / theirs.quantile(0.5));
  }

  private static String burst(PeerProcess ping, int size, int millis)
      throws IOException, InterruptedException {
    // A burst of large ones must hold several, not just the first after a pause.
    ping.tell("burst " + size + " " + (size >= 1_000_000 ? 4 * millis : millis));
    return ping.await("TRIPS", 60);
  }

  private static void pair(
      PairedRatio ratio,
      Map<String, Trips> found,
      String baseline,
      String candidate,
      String again,
      int size) {
    Trips first = found.get(baseline + size);
    Trips ours = found.get(candidate + size);
    Trips second = found.get(again + size);
    if (first != null
        && ours != null
        && second != null
        && first.burstP50 > 0
        && ours.burstP50 > 0
        && second.burstP50 > 0) {
      ratio.add(first.burstP50, ours.burstP50, second.burstP50);
    }
  }

  private static void flow(
      PeerProcess[] flows, int count, int messages, Report report, Progress progress)
      throws IOException, InterruptedException {
    for (int i = 0; i < 3; i++) {
      stream(flows[0], flows[1], messages);
      stream(flows[2], flows[3], messages);
    }
    PairedRatio ratio = new PairedRatio();
    double[] theirs = new double[2 * count];
    double[] ours = new double[count];
    for (int round = 0; round < count; round++) {
      double first = stream(flows[0], flows[1], messages);
      double own = stream(flows[2], flows[3], messages);
      double second = stream(flows[0], flows[1], messages);
      ratio.add(first, own, second);
      theirs[2 * round] = first;
      theirs[2 * round + 1] = second;
      ours[round] = own;
      progress.at("rounds of flow", round + 1, count);
    }
    report
        .figure(
            "flow_python_mb_s",
            messages / PairedRatio.median(theirs, 2 * count) * FLOW_BYTES * 1e-6,
            "MB/s, official Python client, 1 MB")
        .figure(
            "flow_mb_s",
            messages / PairedRatio.median(ours, count) * FLOW_BYTES * 1e-6,
            "MB/s, ours, 1 MB")
        .figure("flow_time_over_python", ratio.median(), "x the Python client's time")
        .figure("flow_noise", ratio.noise(), "Python client against itself");
  }

  /** Seconds between the first and the last of the messages at the sink. */
  private static double stream(PeerProcess source, PeerProcess sink, int messages)
      throws IOException, InterruptedException {
    sink.tell("sink " + messages);
    sink.await("OK", 30);
    source.tell("source " + FLOW_BYTES + " " + messages);
    String[] words = sink.await("SUNK", 60).split(" ", -1);
    source.await("SOURCED", 30);
    if (Integer.parseInt(words[1]) != messages) {
      throw new IOException("flow: " + words[1] + " of " + messages + " messages came");
    }
    return Long.parseLong(words[2]) * 1e-9;
  }
}
