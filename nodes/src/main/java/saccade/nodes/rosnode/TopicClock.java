package saccade.nodes.rosnode;

import org.jspecify.annotations.Nullable;
import saccade.nodes.sensor.SensorClock;
import saccade.realtime.clock.ClockMap;
import saccade.realtime.clock.NanoClock;

/**
 * How the clock that stamps a topic stands to ours: least delay of each second between stamp and
 * arrival, and a line through those. Stamps are used as they are (ROS peers share one time); this
 * only says how far that holds. An offset that grows is another host's clock going astray, one
 * below zero is a clock ahead of ours. One thread takes in, any thread asks; allocates nothing.
 */
final class TopicClock {
  private static final long JUMP_NS = 200_000_000L;

  private final String sensor;
  private final NanoClock local;
  private final ClockMap map = new ClockMap(0, JUMP_NS);
  private volatile long offsetNs;
  private volatile double driftPpm;
  private volatile long jumps;
  private volatile long samples;

  /**
   * @param sensor its name
   * @param local the domain of the capture stamps
   */
  TopicClock(String sensor, NanoClock local) {
    this.sensor = sensor;
    this.local = local;
  }

  /** A message has come that was stamped then, ns in the local domain. */
  void arrived(long captureNs) {
    map.arrived(captureNs, local.nanoTime());
    offsetNs = map.offsetNs();
    driftPpm = map.driftPpm();
    jumps = map.jumps();
    samples = map.samples();
  }

  /** Null before the first message. */
  @Nullable SensorClock now() {
    long taken = samples;
    return taken == 0
        ? null
        : new SensorClock(sensor, SensorClock.Basis.OWN_STAMPS, offsetNs, driftPpm, jumps, taken);
  }
}
