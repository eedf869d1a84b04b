package saccade.nodes.bridge;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.locks.LockSupport;
import java.util.function.BooleanSupplier;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;
import saccade.msg.diagnostic_msgs.DiagnosticArray;
import saccade.msg.diagnostic_msgs.DiagnosticStatus;
import saccade.msg.diagnostic_msgs.KeyValue;
import saccade.nodes.graph.BridgeSpec;
import saccade.nodes.ros.QosProfile;
import saccade.nodes.ros.RosFault;
import saccade.nodes.ros.RosNode;
import saccade.nodes.sensor.EgoState;
import saccade.planner.ExpiryProfile.Phase;
import saccade.planner.PlannerMessage;
import saccade.planner.Validation;
import saccade.planner.command.MotionStream;
import saccade.realtime.clock.NanoClock;
import saccade.realtime.os.ThreadEnd;

/**
 * One planner bridge: takes messages, publishes commands at its own rate on its own thread, and
 * tells {@code /diagnostics} what it does and why. Whatever happens to the messages, the perception
 * or the control thread, commands go on: hold, ramp down, stop. A managed node that is deactivated
 * says one stop and is silent, so that somebody else may drive.
 *
 * <pre>
 *  any thread: offer(message) ─► queue ─► own thread: stale gate ─► expiry profile ─► output ─► topic
 * </pre>
 */
public final class Bridge implements AutoCloseable {
  private static final int WAITING = 64;

  private final BridgeSpec spec;
  private final NanoClock clock;
  private final LongSupplier rosNowNs;
  private final BooleanSupplier active;
  private final String statusName;
  private final MotionStream motion;
  private final BridgeOutput output;
  private final @Nullable OdometryInput odometry;
  private final Wire.Out<DiagnosticArray> diagnostics;
  private final ArrayBlockingQueue<PlannerMessage> waiting = new ArrayBlockingQueue<>(WAITING);
  private final AtomicLong overflows = new AtomicLong();
  private final Thread thread;
  private volatile EgoState ego = EgoState.STANDING;
  private volatile double ceilingMps2 = Double.POSITIVE_INFINITY;
  private volatile long ceilingUntilNs = Long.MIN_VALUE;
  private volatile boolean closing;
  private volatile long published;
  private volatile long refusedByMiddleware;
  private volatile String lastFault = "";
  private volatile Phase phase = Phase.STARTING;
  private boolean driving; // since activation; own thread
  private long lateTicks;
  private long saidNs = Long.MIN_VALUE / 2;
  private String said = "";

  private Bridge(
      BridgeSpec spec,
      RosNode node,
      NanoClock clock,
      LongSupplier rosNowNs,
      BooleanSupplier active) {
    this.spec = spec;
    this.active = active;
    this.clock = clock;
    this.rosNowNs = rosNowNs;
    BridgeSpec.Common common = spec.common();
    this.statusName = node.fullyQualifiedName() + ": bridge " + common.name();
    this.motion =
        new MotionStream(
            common.vehicle(),
            common.expiry(),
            common.maxAgeNs(),
            common.accel(),
            common.curvature());
    this.odometry =
        common.odometry().isEmpty() ? null : new OdometryInput(node, common.odometry(), clock);
    this.output =
        switch (spec) {
          case BridgeSpec.Nav2 nav2 -> new Nav2Output(nav2, node, clock);
          case BridgeSpec.Ackermann ackermann -> new AckermannOutput(ackermann, node);
          case BridgeSpec.Autoware autoware -> new AutowareOutput(autoware, node, this::pose);
          case BridgeSpec.Carla carla -> new CarlaOutput(carla, node, clock);
        };
    this.diagnostics =
        new Wire.Out<>(node, "/diagnostics", DiagnosticArray.TYPE, QosProfile.DEFAULT);
    this.thread =
        Thread.ofPlatform().name("bridge-" + common.name()).daemon(true).unstarted(this::work);
  }

  /**
   * Makes a bridge and starts its thread.
   *
   * @param clock of the messages' stamps
   * @param rosNowNs ROS time for headers, ns since 1970
   * @param active whether the node may speak; asked at each tick, any thread
   * @throws RosFault when a topic's name is not valid or its type is not to be had
   */
  public static Bridge start(
      BridgeSpec spec,
      RosNode node,
      NanoClock clock,
      LongSupplier rosNowNs,
      BooleanSupplier active) {
    Bridge bridge = new Bridge(spec, node, clock, rosNowNs, active);
    bridge.thread.start();
    return bridge;
  }

  /** Any thread; never waits. A message for which there is no room is dropped and counted. */
  public void offer(PlannerMessage message) {
    if (!waiting.offer(message)) {
      overflows.incrementAndGet();
    }
  }

  /** Any thread. The vehicle's motion as the graph knows it; its stamp says how old it is. */
  public void ego(EgoState state) {
    ego = state;
  }

  /**
   * Any thread. Somebody else (the reflex) allows at most this until then: harder, never softer.
   */
  public void ceiling(double mostAccelMps2, long untilNs) {
    ceilingUntilNs = Long.MIN_VALUE;
    ceilingMps2 = mostAccelMps2;
    ceilingUntilNs = untilNs;
  }

  /** Commands published so far. */
  public long published() {
    return published;
  }

  /** What the expiry profile was doing at the last command. */
  public Phase phase() {
    return phase;
  }

  /** Name of its entry in the graph file. */
  public String name() {
    return spec.common().name();
  }

  private OdometryInput.@Nullable State pose() {
    OdometryInput input = odometry;
    return input == null ? null : input.newest(clock.nanoTime(), spec.common().speedMaxAgeNs());
  }

  private void work() {
    long periodNs = Math.round(1e9 / spec.common().rateHz());
    long dueNs = clock.nanoTime();
    while (!closing) {
      long nowNs = clock.nanoTime();
      if (nowNs < dueNs) {
        LockSupport.parkNanos(dueNs - nowNs);
        continue;
      }
      if (nowNs - dueNs > periodNs) {
        lateTicks++;
        dueNs = nowNs;
      }
      dueNs += periodNs;
      tick(nowNs);
    }
    leave();
  }

  private void leave() {
    if (!driving) {
      return;
    }
    driving = false;
    try {
      output.leave(motion, rosNowNs.getAsLong());
    } catch (RosFault fault) {
      // At the end the node may be closed first: nobody hears us any more.
      refusedByMiddleware++;
      lastFault = String.valueOf(fault.getMessage());
    }
  }

  private void tick(long nowNs) {
    for (PlannerMessage message = waiting.poll(); message != null; message = waiting.poll()) {
      if (motion.offer(message, nowNs).accepted()) {
        output.accepted(message, nowNs);
      }
    }
    long untilNs = ceilingUntilNs;
    motion.ceiling(ceilingMps2, untilNs);
    double measured = measured(nowNs);
    phase = motion.step(nowNs, measured);
    if (!active.getAsBoolean()) {
      leave();
      return;
    }
    driving = true;
    try {
      output.publish(motion, measured, nowNs, rosNowNs.getAsLong());
      published++;
      diagnose(nowNs, measured);
    } catch (RosFault fault) {
      // The middleware may come back (a router, a network); until then each refusal is counted.
      refusedByMiddleware++;
      lastFault = String.valueOf(fault.getMessage());
    }
  }

  /** The stack's own report, else odometry, else the graph's; NaN when all are silent. */
  private double measured(long nowNs) {
    double own = output.measuredMps(nowNs);
    if (Double.isFinite(own)) {
      return own;
    }
    if (odometry != null) {
      OdometryInput.State state = odometry.newest(nowNs, spec.common().speedMaxAgeNs());
      return state == null ? Double.NaN : state.speedMps();
    }
    EgoState graph = ego;
    return !graph.equals(EgoState.STANDING)
            && nowNs - graph.stampNs() <= spec.common().speedMaxAgeNs()
        ? graph.speedMps()
        : Double.NaN;
  }

  private void diagnose(long nowNs, double measured) {
    String complaint = output.complaint(nowNs);
    String key = motion.phase() + complaint;
    if (key.equals(said) && nowNs - saidNs < Math.round(1e9 / spec.common().diagnosticsHz())) {
      return;
    }
    said = key;
    saidNs = nowNs;
    int level =
        switch (motion.phase()) {
          case FOLLOWING -> complaint.isEmpty() ? DiagnosticStatus.OK : DiagnosticStatus.WARN;
          case STARTING, HOLDING -> DiagnosticStatus.WARN;
          case RAMPING, STOPPED -> DiagnosticStatus.ERROR;
        };
    String why = motion.why(nowNs) + (complaint.isEmpty() ? "" : "; " + complaint);
    diagnostics.send(
        new DiagnosticArray(
            Wire.header(rosNowNs.getAsLong(), ""),
            List.of(new DiagnosticStatus(level, statusName, why, "", values(nowNs, measured)))));
  }

  private List<KeyValue> values(long nowNs, double measured) {
    List<KeyValue> values = new ArrayList<>();
    add(values, "phase", motion.phase().toString());
    add(values, "published", Long.toString(published));
    add(values, "messages offered", Long.toString(motion.gate().offered()));
    for (Validation decision : Validation.values()) {
      add(
          values,
          "messages " + decision.toString().toLowerCase(Locale.ROOT).replace('_', ' '),
          Long.toString(motion.gate().count(decision)));
    }
    add(values, "messages without room", Long.toString(overflows.get()));
    add(values, "stops latched", Long.toString(motion.latches()));
    add(values, "acceleration m/s^2", Numbers.three(motion.accelMps2()));
    add(values, "curvature 1/m", Numbers.three(motion.curvature1pm()));
    add(values, "speed m/s", Numbers.three(motion.speedMps()));
    add(values, "measured m/s", Numbers.three(measured));
    add(values, "late ticks", Long.toString(lateTicks));
    add(values, "refused by the middleware", Long.toString(refusedByMiddleware));
    if (!lastFault.isEmpty()) {
      add(values, "last refusal", lastFault);
    }
    if (odometry != null) {
      add(values, "odometry faults", Long.toString(odometry.faults()));
    }
    output.describe((key, value) -> add(values, key, value), nowNs);
    return values;
  }

  private static void add(List<KeyValue> values, String key, String value) {
    values.add(new KeyValue(key, value));
  }

  /** Publishes a stop and goes. A second call does nothing. */
  @Override
  public void close() {
    if (closing) {
      return;
    }
    closing = true;
    LockSupport.unpark(thread);
    ThreadEnd.await(thread);
    List<AutoCloseable> parts = new ArrayList<>();
    if (odometry != null) {
      parts.add(odometry);
    }
    parts.add(output);
    parts.add(diagnostics);
    Closing.all(parts);
  }
}
