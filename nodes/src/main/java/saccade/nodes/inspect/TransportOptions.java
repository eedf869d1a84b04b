package saccade.nodes.inspect;

import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/** How a verb gets into the graph. */
final class TransportOptions {
  @Option(
      names = "--transport",
      paramLabel = "auto|rcl|zenoh",
      description =
          "rcl: the ROS 2 that this shell has sourced; zenoh: rmw_zenoh's wire form, without any ROS. Default: rcl where"
              + " a distro is sourced, else zenoh.")
  String transport = "auto";

  @Option(
      names = "--connect",
      paramLabel = "tcp/HOST:PORT",
      description =
          "Zenoh: the router (or peer) to go through, e.g. tcp/robot:7447. Default: as ZENOH_SESSION_CONFIG_URI and"
              + " ZENOH_CONFIG_OVERRIDE say, else a peer that dials tcp/localhost:7447.")
  List<String> connect = new ArrayList<>();

  @Option(
      names = "--domain",
      paramLabel = "N",
      description = "ROS domain. Default: ROS_DOMAIN_ID, else 0.")
  @Nullable Integer domain;

  @Option(
      names = "--spin-time",
      paramLabel = "S",
      description =
          "Longest wait for the graph to become known, seconds. Default: ${DEFAULT-VALUE}.")
  double spinTimeS = 5;
}
