package saccade.nodes.node;

import java.lang.foreign.MemorySegment;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ScheduledFuture;
import java.util.concurrent.ScheduledThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.Consumer;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;
import saccade.msg.rcl_interfaces.Log;
import saccade.msg.rosgraph_msgs.Clock;
import saccade.nodes.cdr.CdrFault;
import saccade.nodes.cdr.CdrReader;
import saccade.nodes.cdr.CdrWriter;
import saccade.nodes.cdr.MessageType;
import saccade.nodes.cdr.ServiceType;
import saccade.nodes.ros.EndpointInfo;
import saccade.nodes.ros.MessageInfo;
import saccade.nodes.ros.NodeOptions;
import saccade.nodes.ros.Publisher;
import saccade.nodes.ros.QosProfile;
import saccade.nodes.ros.RawListener;
import saccade.nodes.ros.RosArguments;
import saccade.nodes.ros.RosEvents;
import saccade.nodes.ros.RosFault;
import saccade.nodes.ros.RosGraph;
import saccade.nodes.ros.RosNode;
import saccade.nodes.ros.RosTransport;
import saccade.nodes.ros.ServiceServer;
import saccade.nodes.ros.Subscription;

/**
 * A node with all that rclcpp gives one: typed topics and services, timers, parameters with their
 * services and events, {@code /rosout}, {@code use_sim_time}, {@code ~/get_type_description}.
 *
 * <pre>{@code
 * try (RosTransport transport = ZenohTransport.open();
 *     Node node = Node.create(transport, "talker", "", Node.Options.DEFAULT.withArguments(args))) {
 *   MessagePublisher<String> chatter = node.createPublisher(String.TYPE, "chatter", QosProfile.DEFAULT);
 *   node.createWallTimer(Duration.ofSeconds(1), () -> chatter.publish(new String("hello")));
 *   ...
 * }
 * }</pre>
 *
 * <p>Listeners and services are called on the transport's receive threads and must be short; timers
 * and {@link #execute} run on one thread of the node. Set-up methods may be called from any thread.
 * Owns what it makes; {@link #close} takes all of it down.
 */
public final class Node implements AutoCloseable {

  /**
   * What a node is made with besides its name.
   *
   * @param arguments the command line after {@code --ros-args}
   * @param events also told of mismatches and losses; they are logged anyway
   * @param access what peers may change
   * @param intraProcess hand-over without serializing to the nodes that share it; null for none
   * @param parameterServices whether peers can read and set parameters
   * @param console takes log lines; standard error by default
   */
  public record Options(
      RosArguments arguments,
      RosEvents events,
      AccessList access,
      @Nullable IntraProcess intraProcess,
      boolean parameterServices,
      Consumer<String> console) {

    /** No arguments, everything allowed, services on, log to standard error. */
    public static final Options DEFAULT =
        new Options(
            RosArguments.NONE, RosEvents.NONE, AccessList.ALL, null, true, System.err::println);

    /** With the ROS arguments of a command line such as {@code --ros-args -p rate:=10.0}. */
    public Options withArguments(List<String> commandLine) {
      return withArguments(RosArguments.parse(commandLine));
    }

    /** With these arguments. */
    public Options withArguments(RosArguments newArguments) {
      return new Options(newArguments, events, access, intraProcess, parameterServices, console);
    }

    /** With somebody told of what goes wrong between endpoints. */
    public Options withEvents(RosEvents newEvents) {
      return new Options(arguments, newEvents, access, intraProcess, parameterServices, console);
    }

    /** With other rights for peers. */
    public Options withAccess(AccessList newAccess) {
      return new Options(arguments, events, newAccess, intraProcess, parameterServices, console);
    }

    /** With hand-over within the process. */
    public Options withIntraProcess(IntraProcess newIntraProcess) {
      return new Options(arguments, events, access, newIntraProcess, parameterServices, console);
    }

    /** Without the services that read and set parameters. */
    public Options withoutParameterServices() {
      return new Options(arguments, events, access, intraProcess, false, console);
    }

    /** With another place for log lines. */
    public Options withConsole(Consumer<String> newConsole) {
      return new Options(arguments, events, access, intraProcess, parameterServices, newConsole);
    }
  }

  private static final String SIM_TIME = "use_sim_time";
  private static final QosProfile CLOCK = QosProfile.DEFAULT.keepLast(1).bestEffort();

  private final RosNode node;
  private final Options options;
  private final RosClock clock = new RosClock(Node::wallNs);
  private final Parameters parameters;
  private final RosLogger logger;
  private final ScheduledThreadPoolExecutor worker;
  private final List<AutoCloseable> owned = new ArrayList<>(); // guarded by itself
  private final AtomicBoolean closed = new AtomicBoolean();
  private @Nullable MessagePublisher<Log> rosout;
  private @Nullable Subscription clockSubscription; // guarded by owned

  private Node(RosTransport transport, String name, String namespace, Options options) {
    this.options = options;
    Told told = new Told(options.events());
    this.node = transport.createNode(name, namespace, new NodeOptions(options.arguments(), told));
    String full = node.fullyQualifiedName();
    String logName = full.substring(1).replace('/', '.');
    this.logger =
        new RosLogger(
            logName, clock, level(options.arguments(), logName), this::rosout, options.console());
    told.logger = logger;
    this.parameters = new Parameters(full, overrides(options.arguments(), full, node.name()));
    this.worker =
        new ScheduledThreadPoolExecutor(
            1, Thread.ofPlatform().daemon(true).name("node " + full).factory());
    worker.setExecuteExistingDelayedTasksAfterShutdownPolicy(false);
  }

  /**
   * A node of a transport.
   *
   * @param name as the program has it; arguments may remap it
   * @param namespace {@code ""} for the root
   * @throws RosFault when a name, an argument, a parameter file or an override is bad, in one line
   */
  public static Node create(
      RosTransport transport, String name, String namespace, Options options) {
    Node made = new Node(transport, name, namespace, options);
    try {
      made.begin();
    } catch (RuntimeException e) {
      made.close();
      throw e;
    }
    return made;
  }

  private void begin() {
    if (options.arguments().rosoutEnabled()) {
      rosout = createPublisher(Log.TYPE, "/rosout", QosProfile.ROSOUT);
    }
    if (options.parameterServices()) {
      new ParameterServices(this, options.access());
    }
    parameters.declareBool(SIM_TIME, false, "whether /clock gives the time");
    parameters.onChange(
        change -> {
          for (Parameter parameter : change.changed()) {
            if (parameter.name().equals(SIM_TIME)) {
              useSimulatedTime(parameter.value().asBool());
            }
          }
        });
    useSimulatedTime(parameters.get(SIM_TIME).asBool());
    TypeDescriptionService.start(this);
  }

  private static long wallNs() {
    Instant now = Instant.now();
    return now.getEpochSecond() * 1_000_000_000L + now.getNano();
  }

  private static Map<String, ParameterValue> overrides(
      RosArguments arguments, String full, String name) {
    Map<String, ParameterValue> found = new LinkedHashMap<>();
    for (String file : arguments.parameterFiles()) {
      found.putAll(ParameterFile.read(file).of(full));
    }
    for (RosArguments.ParameterRule rule : arguments.parameters()) {
      ParameterValue value = ParameterFile.value(rule.name(), rule.value());
      String node = rule.node();
      if (node == null || node.equals(name) || ParameterFile.matches(node, full)) {
        found.put(rule.name(), value);
      }
    }
    return found;
  }

  /** The last level given for all, or for this logger ({@code robot1.camera:=debug}). */
  private static RosLogger.Level level(RosArguments arguments, String logName) {
    RosLogger.Level level = RosLogger.Level.INFO;
    for (String rule : arguments.logLevels()) {
      int assign = rule.indexOf(":=");
      RosLogger.Level given = RosLogger.Level.of(assign < 0 ? rule : rule.substring(assign + 2));
      if (assign < 0 || rule.substring(0, assign).equals(logName)) {
        level = given;
      }
    }
    return level;
  }

  private void useSimulatedTime(boolean use) {
    Subscription gone = null;
    synchronized (owned) {
      if (use && clockSubscription == null) {
        clockSubscription =
            node.createSubscription(
                "/clock",
                Clock.TYPE.rosName(),
                Clock.TYPE.typeHash(),
                CLOCK,
                new Decoder<>(
                    Clock.TYPE,
                    (tick, info) -> clock.tick(Stamps.ns(tick.clock())),
                    () -> {},
                    null));
      } else if (!use) {
        gone = clockSubscription;
        clockSubscription = null;
      }
    }
    clock.useSimulatedTime(use);
    if (gone != null) {
      gone.close();
    }
  }

  private void rosout(Log line) {
    MessagePublisher<Log> publisher = rosout;
    if (publisher != null && !closed.get()) {
      try {
        publisher.publish(line);
      } catch (RosFault e) {
        // The log cannot tell that it cannot tell; the console has the line.
      }
    }
  }

  /** Name after remapping, without its namespace. */
  public String name() {
    return node.name();
  }

  /** Namespace after remapping: {@code "/"} or {@code "/robot1"}. */
  public String namespace() {
    return node.namespace();
  }

  /** {@code "/robot1/camera"}. */
  public String fullyQualifiedName() {
    return node.fullyQualifiedName();
  }

  /** The bytes-level node below, for endpoints of types known only at run time. */
  public RosNode rosNode() {
    return node;
  }

  /** The graph as this node sees it. */
  public RosGraph graph() {
    return node.graph();
  }

  public Parameters parameters() {
    return parameters;
  }

  public RosLogger logger() {
    return logger;
  }

  /** ROS time of this node. */
  public RosClock clock() {
    return clock;
  }

  /** What it was made with. */
  public Options options() {
    return options;
  }

  /**
   * A publisher. Its profile may be overridden by parameters: {@code
   * qos_overrides.<topic>.publisher.<policy>}.
   *
   * @throws RosFault when the topic or an override is bad
   */
  public <T> MessagePublisher<T> createPublisher(
      MessageType<T> type, String topic, QosProfile qos) {
    QosProfile used =
        QosOverrides.apply(parameters, fullTopic(topic), EndpointInfo.Kind.PUBLISHER, qos);
    Publisher publisher = node.createPublisher(topic, type.rosName(), type.typeHash(), used);
    IntraProcess hub = options.intraProcess();
    IntraProcess.Route route =
        hub == null ? null : hub.route(publisher.topic(), type.rosName(), publisher.gid(), clock);
    return own(
        new MessagePublisher<>(
            type,
            publisher,
            route,
            used.durability() == QosProfile.Durability.TRANSIENT_LOCAL,
            this::forget));
  }

  /**
   * A subscription whose messages come decoded. Its profile may be overridden by parameters: {@code
   * qos_overrides.<topic>.subscription.<policy>}. A message that is none of its type is counted as
   * lost.
   *
   * @throws RosFault when the topic or an override is bad
   */
  public <T> Subscription createSubscription(
      MessageType<T> type, String topic, QosProfile qos, MessageListener<T> listener) {
    return createSubscription(type, topic, qos, listener, () -> {});
  }

  /**
   * As {@link #createSubscription(MessageType, String, QosProfile, MessageListener)}.
   *
   * @param unreadable also told, on the same thread, of each message that is none of its type
   */
  public <T> Subscription createSubscription(
      MessageType<T> type,
      String topic,
      QosProfile qos,
      MessageListener<T> listener,
      Runnable unreadable) {
    IntraProcess hub = options.intraProcess();
    Subscription subscription =
        createRawSubscription(type, topic, qos, new Decoder<>(type, listener, unreadable, hub));
    if (hub == null) {
      return subscription;
    }
    IntraProcess.Inlet<T> inlet =
        hub.inlet(subscription.topic(), type.rosName(), type.javaClass(), listener);
    return own(new LocalSubscription(subscription, inlet, this::forget));
  }

  /**
   * A subscription whose messages come as they are: for views that read them where they lie.
   *
   * @param type only its name and hash are used
   */
  public Subscription createRawSubscription(
      MessageType<?> type, String topic, QosProfile qos, RawListener listener) {
    QosProfile used =
        QosOverrides.apply(parameters, fullTopic(topic), EndpointInfo.Kind.SUBSCRIPTION, qos);
    return node.createSubscription(topic, type.rosName(), type.typeHash(), used, listener);
  }

  private String fullTopic(String topic) {
    return saccade.nodes.ros.Names.of(node.name(), node.namespace(), topicRules()).topic(topic);
  }

  /** Rules for topics alone: our names are what they are after remapping. */
  private RosArguments topicRules() {
    RosArguments given = options.arguments();
    return new RosArguments(
        given.remaps().stream()
            .filter(
                rule ->
                    rule.target() != RosArguments.Target.NODE_NAME
                        && rule.target() != RosArguments.Target.NAMESPACE)
            .toList(),
        List.of(),
        List.of(),
        List.of(),
        given.enclave(),
        given.rosoutEnabled(),
        List.of());
  }

  /**
   * A service answered at once, on the transport's receive thread.
   *
   * @param service must be short; what it throws leaves the caller without an answer, counted
   */
  public <Q, R> ServiceServer createService(
      ServiceType<Q, R> type, String name, Function<Q, R> service) {
    return createService(type, name, QosProfile.SERVICES_DEFAULT, service);
  }

  /** As {@link #createService(ServiceType, String, Function)} with a profile. */
  public <Q, R> ServiceServer createService(
      ServiceType<Q, R> type, String name, QosProfile qos, Function<Q, R> service) {
    return createDeferredService(
        type, name, qos, (request, reply) -> reply.accept(service.apply(request)));
  }

  /**
   * A service whose answer may come later, from any thread.
   *
   * @param <Q> the request's record
   * @param <R> the response's record
   */
  @FunctionalInterface
  public interface DeferredService<Q, R> {
    /** One request; {@code reply} takes the response, once. */
    void onRequest(Q request, Consumer<R> reply);
  }

  /** A service whose answer may come later. */
  public <Q, R> ServiceServer createDeferredService(
      ServiceType<Q, R> type, String name, QosProfile qos, DeferredService<Q, R> service) {
    return node.createService(
        name,
        type.rosName(),
        type.typeHash(),
        qos,
        (cdr, bytes, reply) ->
            service.onRequest(
                type.request().decode(cdr, bytes),
                response -> {
                  try (CdrWriter writer = new CdrWriter()) {
                    type.response().encode(response, writer);
                    reply.send(writer.buffer(), writer.bytes());
                  }
                }));
  }

  /** A client of a service, which need not be there yet. */
  public <Q, R> Client<Q, R> createClient(ServiceType<Q, R> type, String name) {
    return createClient(type, name, QosProfile.SERVICES_DEFAULT);
  }

  /** As {@link #createClient(ServiceType, String)} with a profile. */
  public <Q, R> Client<Q, R> createClient(ServiceType<Q, R> type, String name, QosProfile qos) {
    return new Client<>(type, node.createClient(name, type.rosName(), type.typeHash(), qos));
  }

  /**
   * Calls again and again on the node's thread, by wall time.
   *
   * @return cancels it
   */
  public Registration createWallTimer(Duration period, Runnable callback) {
    ScheduledFuture<?> future =
        worker.scheduleAtFixedRate(
            guarded(callback), period.toNanos(), period.toNanos(), TimeUnit.NANOSECONDS);
    return () -> future.cancel(false);
  }

  /**
   * Calls again and again on the node's thread, by ROS time: while simulated time stands, so does
   * the timer; when it goes back the timer begins anew.
   *
   * @return cancels it
   */
  public Registration createTimer(Duration period, Runnable callback) {
    return own(new RosTimer(clock, worker, period.toNanos(), guarded(callback), this::forget));
  }

  /** Runs something on the node's thread, after what it is doing. */
  public void execute(Runnable task) {
    if (!closed.get()) {
      worker.execute(guarded(task));
    }
  }

  private Runnable guarded(Runnable task) {
    return () -> {
      try {
        task.run();
      } catch (RuntimeException e) {
        if (!closed.get()) {
          logger.error("a callback threw " + e);
        }
      }
    };
  }

  /** What the transport's node would not close by itself. */
  private <T extends AutoCloseable> T own(T it) {
    synchronized (owned) {
      owned.add(it);
    }
    return it;
  }

  private void forget(AutoCloseable it) {
    synchronized (owned) {
      owned.remove(it);
    }
  }

  /** Whether it was closed. */
  public boolean isClosed() {
    return closed.get();
  }

  /** Timers first, then everything made from it, newest first, then the node. Idempotent. */
  @Override
  public void close() {
    if (!closed.compareAndSet(false, true)) {
      return;
    }
    worker.shutdown();
    if (Thread.currentThread().getName().equals("node " + fullyQualifiedName())) {
      worker.getQueue().clear(); // closed from a timer: it cannot wait for itself
    } else {
      awaitWorker();
    }
    List<AutoCloseable> all;
    Subscription ticks;
    synchronized (owned) {
      all = new ArrayList<>(owned);
      owned.clear();
      ticks = clockSubscription;
      clockSubscription = null;
    }
    if (ticks != null) {
      all.add(ticks);
    }
    for (AutoCloseable it : all.reversed()) {
      try {
        it.close();
      } catch (Exception e) {
        options.console().accept("closing " + fullyQualifiedName() + ": " + e.getMessage());
      }
    }
    node.close();
  }

  private void awaitWorker() {
    try {
      if (!worker.awaitTermination(2, TimeUnit.SECONDS)) {
        worker.shutdownNow();
      }
    } catch (InterruptedException e) {
      worker.shutdownNow();
      Thread.currentThread().interrupt();
    }
  }

  /** Decodes a subscription's messages; one thread at a time, as transports promise. */
  private static final class Decoder<T> implements RawListener {
    private final MessageType<T> type;
    private final MessageListener<T> listener;
    private final Runnable unreadable;
    private final @Nullable IntraProcess hub;
    private final CdrReader reader = new CdrReader();

    Decoder(
        MessageType<T> type,
        MessageListener<T> listener,
        Runnable unreadable,
        @Nullable IntraProcess hub) {
      this.type = type;
      this.listener = listener;
      this.unreadable = unreadable;
      this.hub = hub;
    }

    @Override
    public void onMessage(MemorySegment cdr, long bytes, MessageInfo info) {
      if (hub != null && hub.has(info.gid)) {
        return;
      }
      T message;
      try {
        message = type.decode(reader, cdr, bytes);
      } catch (CdrFault e) {
        unreadable.run();
        throw new RosFault(String.valueOf(e.getMessage()), e);
      }
      listener.onMessage(message, info);
    }
  }

  /** A subscription with its way in from this process. */
  private record LocalSubscription(
      Subscription remote, IntraProcess.Inlet<?> local, Consumer<AutoCloseable> forget)
      implements Subscription {
    @Override
    public String topic() {
      return remote.topic();
    }

    @Override
    public int matchedPublishers() {
      return remote.matchedPublishers();
    }

    @Override
    public void close() {
      forget.accept(this);
      local.close();
      remote.close();
    }
  }

  /** Logs what goes wrong between endpoints, and passes it on. */
  private static final class Told implements RosEvents {
    private static final long EVERY = 100;
    private final RosEvents next;
    volatile @Nullable RosLogger logger;

    Told(RosEvents next) {
      this.next = next;
    }

    private void warn(String text) {
      RosLogger log = logger;
      if (log != null) {
        log.warn(text);
      }
    }

    @Override
    public void incompatibleQos(String topic, EndpointInfo.Kind kind, String policy, long total) {
      warn(
          "%s of %s: a peer's %s does not fit ours, nothing passes between them (%d so far); set it with qos_overrides.%s.%s"
              .formatted(
                  kind.name().toLowerCase(java.util.Locale.ROOT),
                  topic,
                  policy,
                  total,
                  topic,
                  kind.name().toLowerCase(java.util.Locale.ROOT)));
      next.incompatibleQos(topic, kind, policy, total);
    }

    @Override
    public void incompatibleType(
        String topic, EndpointInfo.Kind kind, String found, String wanted, long total) {
      warn("topic " + topic + ": expected type " + wanted + ", found " + found);
      next.incompatibleType(topic, kind, found, wanted, total);
    }

    @Override
    public void lost(String name, String reason, long count, long total) {
      // The first ones tell all; a sensor that is wrong is wrong at every message.
      if (total - count < 3 || total / EVERY != (total - count) / EVERY) {
        warn("%s: %d lost (%d so far): %s".formatted(name, count, total, reason));
      }
      next.lost(name, reason, count, total);
    }

    @Override
    public void deadlineMissed(String topic, EndpointInfo.Kind kind, long total) {
      next.deadlineMissed(topic, kind, total);
    }

    @Override
    public void livelinessChanged(String topic, EndpointInfo.Kind kind, int alive, long total) {
      next.livelinessChanged(topic, kind, alive, total);
    }

    @Override
    public void matched(String topic, EndpointInfo.Kind kind, int matched) {
      next.matched(topic, kind, matched);
    }
  }
}
