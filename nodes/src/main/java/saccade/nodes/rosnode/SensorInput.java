package saccade.nodes.rosnode;

import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import saccade.nodes.node.Node;
import saccade.nodes.ros.RosFault;
import saccade.nodes.ros.Subscription;
import saccade.nodes.sensor.SensorClock;
import saccade.nodes.sensor.SensorInlets;
import saccade.realtime.ledger.DropReason;
import saccade.realtime.ring.FrameRing;

/**
 * One topic into one sensor's ring: what all kinds share. A message that cannot be used is one line
 * naming topic and values (the first three, then each hundredth), a counted drop, and nothing else
 * stops. Messages come one at a time.
 */
abstract class SensorInput implements AutoCloseable {
  /** Index of a sensor that is received and shown, and not seen by the model. */
  static final int SPARE = -1;

  private static final int FIRST = 3;
  private static final int EVERY = 100;

  final Node node;
  final String topic;
  final String sensor;
  final int index;
  final StampMap stamps;
  private final TopicClock clock;
  private @Nullable Subscription subscription;
  private volatile long received;
  private volatile long faults;
  private volatile long lastStampNs;
  private volatile String lastFault = "";

  SensorInput(Node node, String topic, String sensor, int index, StampMap stamps) {
    this.node = node;
    this.topic = topic;
    this.sensor = sensor;
    this.index = index;
    this.stamps = stamps;
    clock = new TopicClock(sensor, stamps.local());
  }

  /** Subscribes; from here on frames come. */
  final void start(SensorInlets inlets) {
    subscription = subscribe(inlets);
  }

  abstract Subscription subscribe(SensorInlets inlets);

  final void received() {
    received++; // one thread at a time
  }

  /**
   * The capture instant of a message, in the pipeline's domain.
   *
   * @return {@link StampMap#UNKNOWN} after a complaint when there is no time yet
   */
  final long captureNs(long stampNs, FrameRing ring) {
    lastStampNs = stampNs;
    long captureNs = stamps.toLocal(stampNs);
    if (captureNs == StampMap.UNKNOWN) {
      drop(ring, () -> "use_sim_time is true and nothing came on /clock yet: no age can be told");
    } else if (captureNs != 0) {
      clock.arrived(captureNs);
    }
    return captureNs;
  }

  /** A message that is not used; before a slot was claimed. */
  final void drop(FrameRing ring, Supplier<String> why) {
    ring.ledger().offer();
    ring.ledger().drop(DropReason.UNREADABLE);
    complain(why);
  }

  /** A message that is looked at and goes nowhere. */
  final void seen(long stampNs) {
    lastStampNs = stampNs;
  }

  final void complain(Supplier<String> why) {
    faults++;
    long total = faults;
    if (total <= FIRST || total % EVERY == 0) {
      String line = "topic " + topicName() + " (" + sensor + "): " + why.get();
      lastFault = line;
      node.logger().warn(total == 1 ? line : line + " (" + total + " so far)");
    }
  }

  final String topicName() {
    Subscription made = subscription;
    return made == null ? topic : made.topic();
  }

  /** How the clock behind the stamps stands to ours; null before the first message. */
  final @Nullable SensorClock clock() {
    return clock.now();
  }

  /** Name of the sensor in the rig. */
  final String sensor() {
    return sensor;
  }

  /** Index in the pipeline's rig; {@link #SPARE} for a camera that the model has no place for. */
  final int index() {
    return index;
  }

  /** Messages that came. */
  final long receivedCount() {
    return received;
  }

  /** Messages that could not be used. */
  final long faultCount() {
    return faults;
  }

  /** Stamp of the newest message, ROS time, ns. */
  final long lastStampNs() {
    return lastStampNs;
  }

  /** The last complaint, empty when there was none. */
  final String lastFault() {
    return lastFault;
  }

  /** Publishers matched now; -1 once closed. */
  final int publishers() {
    Subscription made = subscription;
    try {
      return made == null ? 0 : made.matchedPublishers();
    } catch (RosFault closed) {
      return -1;
    }
  }

  @Override
  public void close() {
    Subscription made = subscription;
    if (made != null) {
      made.close();
    }
  }
}
