package saccade.nodes.rosnode;

import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;
import saccade.msg.saccade_msgs.ActionChunk;
import saccade.msg.saccade_msgs.Health;
import saccade.msg.saccade_msgs.PlannerMessage;
import saccade.msg.saccade_msgs.Scene;
import saccade.msg.saccade_msgs.SensorHealth;
import saccade.msg.std_msgs.Header;
import saccade.msg.vision_msgs.Detection3DArray;
import saccade.msg.visualization_msgs.MarkerArray;
import saccade.nodes.graph.RosSection.Output;
import saccade.nodes.node.Diagnostics;
import saccade.nodes.node.Diagnostics.Level;
import saccade.nodes.node.MessagePublisher;
import saccade.nodes.node.Node;
import saccade.nodes.node.Stamps;
import saccade.nodes.pipeline.MessageHealth;
import saccade.nodes.pipeline.PipelineCounts;
import saccade.nodes.pipeline.PipelineListener;
import saccade.nodes.pipeline.Publication;
import saccade.nodes.pipeline.WatchedPart;
import saccade.nodes.ros.QosProfile;
import saccade.nodes.sensor.SensorClock;
import saccade.planner.PlannerMessage.Kind;
import saccade.realtime.ledger.DropLedger;

/**
 * Planner messages out to topics, health once a second, and what {@code /diagnostics} says. The
 * control thread only hands over; one thread of its own makes and publishes the messages. When that
 * one cannot keep up the newest message wins, counted.
 *
 * <pre>
 *   ~/message saccade_msgs/PlannerMessage   ~/detections vision_msgs/Detection3DArray
 *   ~/scene   saccade_msgs/Scene            ~/markers    visualization_msgs/MarkerArray
 *   ~/action  saccade_msgs/ActionChunk      ~/health     saccade_msgs/Health
 * </pre>
 */
public final class RosOutput implements PipelineListener, WatchedPart, AutoCloseable {
  private static final int AGES = 128;
  private static final long CLOSE_PATIENCE_NS = 5_000_000_000L;

  /** What the control thread hands over. */
  private record Item(
      saccade.planner.PlannerMessage message,
      double speedMps,
      long deadlines,
      long misses,
      long late,
      long[] kinds,
      boolean ahead, // its description follows
      double coverage,
      double pace) {}

  private final Node node;
  private final RosMessages.Stamper stamper;
  private final @Nullable RosSource source;
  private final @Nullable MessagePublisher<PlannerMessage> messages;
  private final @Nullable MessagePublisher<Scene> scenes;
  private final @Nullable MessagePublisher<ActionChunk> actions;
  private final @Nullable MessagePublisher<Detection3DArray> detections;
  private final @Nullable MessagePublisher<MarkerArray> markers;
  private final @Nullable MessagePublisher<Health> health;
  private final AtomicReference<@Nullable Item> waiting = new AtomicReference<>();
  private final AtomicReference<@Nullable Item> texts = new AtomicReference<>();
  private volatile Thread thread;
  private volatile int generation; // control thread
  private volatile long busySinceNs;
  private volatile @Nullable Throwable crash;
  private final List<AutoCloseable> owned = new ArrayList<>();
  private final long[] lastReceived;
  private final double[] ratesHz;
  private final long[] seenNs; // when a count last grew, wall
  private final long staleNs;
  private volatile @Nullable Item last;
  private volatile boolean active = true;
  private volatile boolean stopping;
  private volatile long superseded;
  private volatile long published;
  private volatile @Nullable Publication pipelineSeen;
  private final long[] agesNs = new long[AGES]; // guarded by itself
  private long ageCount; // guarded by agesNs
  private long lastRateNs;

  /**
   * @param source null where frames do not come from topics
   */
  RosOutput(
      Node node, List<Output> wanted, RosMessages.Stamper stamper, @Nullable RosSource source) {
    this.node = node;
    this.stamper = stamper;
    this.source = source;
    QosProfile qos = QosProfile.DEFAULT;
    messages =
        wanted.contains(Output.MESSAGE)
            ? node.createPublisher(PlannerMessage.TYPE, "~/message", qos)
            : null;
    scenes =
        wanted.contains(Output.SCENE) ? node.createPublisher(Scene.TYPE, "~/scene", qos) : null;
    actions =
        wanted.contains(Output.ACTION)
            ? node.createPublisher(ActionChunk.TYPE, "~/action", qos)
            : null;
    detections =
        wanted.contains(Output.DETECTIONS)
            ? node.createPublisher(Detection3DArray.TYPE, "~/detections", qos)
            : null;
    markers =
        wanted.contains(Output.MARKERS)
            ? node.createPublisher(MarkerArray.TYPE, "~/markers", qos)
            : null;
    health =
        wanted.contains(Output.HEALTH) ? node.createPublisher(Health.TYPE, "~/health", qos) : null;
    int sensors = source == null ? 0 : source.inputs().size();
    lastReceived = new long[sensors];
    ratesHz = new double[sensors];
    seenNs = new long[sensors];
    staleNs = Math.max(1_500_000_000L, source == null ? 0 : 3 * source.periodNs());
    thread = begin();
    Diagnostics diagnostics = new Diagnostics(node, "saccade");
    owned.add(diagnostics);
    diagnostics.add("messages", this::describeMessages);
    for (int i = 0; i < sensors; i++) {
      int sensor = i;
      diagnostics.add(
          "sensor " + inputs().get(i).sensor(), status -> describeSensor(sensor, status));
    }
    owned.add(node.createWallTimer(Duration.ofSeconds(1), this::everySecond));
  }

  private List<SensorInput> inputs() {
    RosSource from = source;
    return from == null ? List.of() : from.inputs();
  }

  /** Any thread. */
  public boolean isActive() {
    return active;
  }

  /** Whether anything goes out; a managed node that is not active is silent. */
  public void setActive(boolean now) {
    active = now;
  }

  /** Planner messages that went out. */
  public long published() {
    return published;
  }

  /** Messages that a newer one took the place of before they went out. */
  public long superseded() {
    return superseded;
  }

  @Override
  public void onMessage(Publication publication) {
    PipelineCounts counts = publication.pipeline().counts();
    saccade.planner.PlannerMessage message = publication.message();
    long[] kinds = new long[Kind.values().length];
    for (Kind kind : Kind.values()) {
      kinds[kind.ordinal()] = counts.messages(kind);
    }
    Item item =
        new Item(
            message,
            publication.ego().speedMps(),
            counts.deadlines(),
            counts.misses(),
            counts.lateAnswers(),
            kinds,
            publication.set() == null && message.decidedByModel(),
            publication.pipeline().latency().coverage(),
            publication.pipeline().latency().pace());
    pipelineSeen = publication;
    if (message.kind() != Kind.STARTING && message.kind() != Kind.DESCRIPTION) {
      synchronized (agesNs) {
        agesNs[(int) (ageCount++ % AGES)] = message.ageNs();
      }
    }
    // A description never takes an action's place.
    AtomicReference<@Nullable Item> to = message.kind() == Kind.DESCRIPTION ? texts : waiting;
    if (to.getAndSet(item) != null) {
      superseded++;
    }
    java.util.concurrent.locks.LockSupport.unpark(thread);
  }

  private Thread begin() {
    int mine = generation;
    return Thread.ofPlatform().daemon(true).name("ros output").start(() -> work(mine));
  }

  @Override
  public String partName() {
    return "ros";
  }

  @Override
  public long busySinceNs() {
    return busySinceNs;
  }

  @Override
  public @Nullable Throwable crash() {
    return crash;
  }

  @Override
  @SuppressWarnings("NonAtomicVolatileUpdate") // control thread alone
  public boolean restart() {
    if (stopping) {
      return false;
    }
    generation++;
    thread.interrupt();
    crash = null;
    busySinceNs = 0;
    thread = begin();
    return true;
  }

  private void work(int mine) {
    try {
      workUntilSuperseded(mine);
    } catch (Error e) {
      if (generation == mine) {
        crash = e;
      }
      throw e;
    }
  }

  private void workUntilSuperseded(int mine) {
    while (!stopping && generation == mine) {
      Item item = waiting.getAndSet(null);
      if (item == null) {
        item = texts.getAndSet(null);
      } else {
        last = item;
      }
      if (item == null) {
        java.util.concurrent.locks.LockSupport.park(this);
        continue;
      }
      if (active) {
        busySinceNs = System.nanoTime();
        try {
          publish(item);
        } catch (RuntimeException e) {
          if (!stopping) {
            node.logger().error("publishing threw " + e);
          }
        }
        if (generation == mine) {
          busySinceNs = 0;
        }
      }
    }
  }

  private void publish(Item item) {
    saccade.planner.PlannerMessage message = item.message();
    if (messages != null) {
      messages.publish(RosMessages.message(message, stamper));
    }
    saccade.planner.ActionChunk action = message.action();
    if (actions != null && action != null) {
      actions.publish(RosMessages.action(action, message.validUntilNs(), stamper));
    }
    if (item.ahead()) { // what it sees comes behind it
      published++;
      return;
    }
    if (scenes != null) {
      scenes.publish(RosMessages.scene(message, stamper));
    }
    // Objects are told where the model spoke; a fallback has none to tell.
    if (detections != null && (message.decidedByModel() || message.kind() == Kind.DESCRIPTION)) {
      detections.publish(RosMessages.detections(message, stamper));
    }
    if (markers != null && markers.matchedSubscriptions() > 0) {
      markers.publish(RosMessages.markers(message, item.speedMps(), stamper));
    }
    published++;
  }

  // ---- once a second, on the node's thread ----

  private void everySecond() {
    long nowNs = node.clock().wallNs();
    double seconds = lastRateNs == 0 ? 1 : (nowNs - lastRateNs) * 1e-9;
    lastRateNs = nowNs;
    for (int i = 0; i < ratesHz.length; i++) {
      long received = inputs().get(i).receivedCount();
      ratesHz[i] = (received - lastReceived[i]) / seconds;
      if (received > lastReceived[i]) {
        seenNs[i] = nowNs;
      }
      lastReceived[i] = received;
    }
    if (health != null && active) {
      health.publish(health());
    }
  }

  private Health health() {
    Item item = last;
    List<SensorHealth> sensors = new ArrayList<>();
    boolean all = true;
    for (int i = 0; i < ratesHz.length; i++) {
      SensorInput input = inputs().get(i);
      DropLedger ledger = ledger(input.index());
      int state =
          input.receivedCount() == 0
              ? SensorHealth.STATE_MISSING
              : isSilent(i) ? SensorHealth.STATE_LATE : SensorHealth.STATE_OK;
      if (input.faultCount() > 0 && ledger != null && ledger.delivered() == 0) {
        state = SensorHealth.STATE_REFUSED;
      }
      all &= state == SensorHealth.STATE_OK;
      sensors.add(
          new SensorHealth(
              input.sensor(),
              state,
              Stamps.time(input.lastStampNs()),
              ratesHz[i],
              input.receivedCount(),
              ledger == null ? 0 : ledger.delivered(),
              ledger == null ? 0 : ledger.dropped(),
              input.lastFault()));
    }
    Header header =
        new Header(Stamps.time(node.clock().nowNs()), saccade.planner.PlannerMessage.BASE_LINK);
    if (item == null) {
      return Health.defaults()
          .withHeader(header)
          .withState(Health.STATE_STOPPED)
          .withSensors(sensors)
          .withReason("no message yet");
    }
    Kind kind = item.message().kind();
    int state =
        kind == Kind.FALLBACK || kind == Kind.STARTING
            ? Health.STATE_STALE
            : all && item.message().degradeLevel() == 0 ? Health.STATE_OK : Health.STATE_DEGRADED;
    return new Health(
        header,
        state,
        Math.min(255, item.message().degradeLevel()),
        sensors,
        item.kinds()[Kind.FRESH.ordinal()],
        item.kinds()[Kind.CUT_SHORT.ordinal()],
        item.kinds()[Kind.FALLBACK.ordinal()],
        item.late(),
        Stamps.duration(age(0.5)),
        Stamps.duration(age(0.99)),
        item.message().reason());
  }

  /** Nothing for three sets, or for one and a half seconds where those are shorter. */
  private boolean isSilent(int i) {
    return node.clock().wallNs() - seenNs[i] > staleNs;
  }

  private @Nullable DropLedger ledger(int sensor) {
    Publication publication = pipelineSeen;
    return publication == null || sensor == SensorInput.SPARE
        ? null
        : publication.pipeline().inlets().ring(sensor).ledger();
  }

  /** A quantile of the last ages, ns; 0 before the first. */
  private long age(double part) {
    synchronized (agesNs) {
      int count = (int) Math.min(AGES, ageCount);
      if (count == 0) {
        return 0;
      }
      long[] sorted = Arrays.copyOf(agesNs, count);
      Arrays.sort(sorted);
      return sorted[(int) Math.min(count - 1, Math.round(part * (count - 1)))];
    }
  }

  private void describeMessages(Diagnostics.Status status) {
    Item item = last;
    if (item == null) {
      status.summary(Level.STALE, "no message yet");
      return;
    }
    Kind kind = item.message().kind();
    status.summary(
        switch (MessageHealth.of(item.message())) {
          case OK -> Level.OK;
          case WARN -> Level.WARN;
          case ERROR -> Level.ERROR;
        },
        kind + ": " + item.message().reason());
    if (!item.message().sensorsMissing().isEmpty()) {
      status.add("sensors missing", String.join(", ", item.message().sensorsMissing()));
    }
    if (item.message().degradeLevel() > 0) {
      status.worse(Level.WARN, "degrade level " + item.message().degradeLevel());
    }
    if (!item.message().effort().stages().isEmpty()) {
      status.worse(Level.ERROR, item.message().effort().stages());
    }
    for (Kind each : Kind.values()) {
      status.add(each.name().toLowerCase(java.util.Locale.ROOT), item.kinds()[each.ordinal()]);
    }
    status
        .add("deadlines", item.deadlines())
        .add("missed", item.misses())
        .add("late answers", item.late())
        .add("age p50", "%.1f ms", age(0.5) * 1e-6)
        .add("age p99", "%.1f ms", age(0.99) * 1e-6)
        .add("degrade level", item.message().degradeLevel())
        .add("level", item.message().effort().level())
        .add("decision", item.message().effort().decision())
        .add("slices within predicted p99", "%.2f %%", 100 * item.coverage())
        .add("pace of the machine", "%.2f", item.pace())
        .add("tokens", item.message().tokensKept() + " of " + item.message().tokensTotal())
        .add("exit layer", item.message().exitLayer())
        .add("not published, newer came", superseded);
    RosSource from = source;
    if (from != null) {
      status.add("wall clock set", from.stamps().clockSets());
      status.add("time jumps", node.clock().jumps());
      status.add("ego motion messages", from.ego().receivedCount());
      for (String line : from.calibrationFaults()) {
        status.worse(Level.WARN, line);
      }
    }
  }

  private void describeSensor(int i, Diagnostics.Status status) {
    SensorInput input = inputs().get(i);
    boolean silent = isSilent(i);
    if (input.publishers() == 0 && silent) {
      status.summary(Level.ERROR, "no publisher of " + input.topicName());
    } else if (silent) {
      status.summary(Level.STALE, "nothing came for %.1f s".formatted(staleNs * 1e-9));
    } else if (input.faultCount() > 0) {
      status.summary(Level.WARN, input.lastFault());
    } else {
      status.summary(Level.OK, "%.1f Hz".formatted(ratesHz[i]));
    }
    if (input.index() == SensorInput.SPARE) {
      status.add("use", "none: the model has no place for it");
    }
    status
        .add("topic", input.topicName())
        .add("rate", "%.1f Hz", ratesHz[i])
        .add("received", input.receivedCount())
        .add("not usable", input.faultCount());
    SensorClock clock = input.clock();
    if (clock != null) {
      status
          .add("clock offset", "%.1f ms", clock.offsetNs() * 1e-6)
          .add("clock drift", "%+.1f ppm", clock.driftPpm())
          .add("clock jumps", clock.jumps());
    }
    DropLedger ledger = ledger(input.index());
    if (ledger != null) {
      status.add("account", ledger.report());
    }
  }

  @Override
  public void close() {
    stopping = true;
    java.util.concurrent.locks.LockSupport.unpark(thread);
    boolean interrupted = false;
    long patienceNs = System.nanoTime() + CLOSE_PATIENCE_NS;
    while (thread.isAlive() && System.nanoTime() - patienceNs < 0) {
      try {
        thread.join(100);
      } catch (InterruptedException e) {
        interrupted = true;
      }
    }
    for (AutoCloseable it : owned) {
      try {
        it.close();
      } catch (Exception e) {
        node.logger().warn("closing: " + e.getMessage());
      }
    }
    if (interrupted) {
      Thread.currentThread().interrupt();
    }
  }
}
