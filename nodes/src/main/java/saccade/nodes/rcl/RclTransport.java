package saccade.nodes.rcl;

import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Semaphore;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Supplier;
import saccade.nodes.ros.ExitOrder;
import saccade.nodes.ros.Names;
import saccade.nodes.ros.NodeOptions;
import saccade.nodes.ros.RosFault;
import saccade.nodes.ros.RosNode;
import saccade.nodes.ros.RosTransport;

/**
 * A context of the robot's own librcl: Humble, Jazzy, Kilted or Lyrical, with the middleware its
 * environment names. The environment must be sourced in the shell that starts the JVM, because the
 * middleware finds its libraries through {@code LD_LIBRARY_PATH}, which is read once.
 *
 * <p>Callbacks run on one thread a context, {@code rcl-wait}; type mismatches are told on another,
 * {@code rcl-graph}.
 *
 * <p>Nothing is set on the middleware that its environment does not set: domain, discovery range
 * ({@code ROS_AUTOMATIC_DISCOVERY_RANGE}, {@code ROS_LOCALHOST_ONLY}) and security are the robot's.
 * Messages of several megabytes need more than Fast DDS's defaults: {@code
 * launch/ros/fastdds-large-data.xml} says what and how.
 */
public final class RclTransport implements RosTransport {

  private static final Logger LOG = System.getLogger(RclTransport.class.getName());

  /** Graph changes come in bursts while peers discover each other; one look after each burst. */
  private static final long GRAPH_SETTLE_MS = 200;

  private static final Duration EXIT_PATIENCE = Duration.ofSeconds(9);
  private static boolean checked; // guarded by the class

  private final Lifetime lifetime = new Lifetime("rcl transport");
  private final Arena arena = Arena.ofShared();
  private final ReentrantLock setup = new ReentrantLock();
  private final Set<RclNode> nodes = ConcurrentHashMap.newKeySet();
  private final Semaphore graphChanges = new Semaphore(0);
  private final MemorySegment context;
  private final WaitLoop loop;
  private final Thread graphThread;
  private final Thread exitHook;
  private final String name;
  private volatile String lastFault = "";

  private RclTransport(int domainId) {
    name = "rcl " + Libraries.loaded().distro() + " " + Rcl.middleware();
    context = arena.allocate(RclAbi.CONTEXT, 8);
    boolean made = false;
    try {
      initialise(domainId);
      try {
        loop = new WaitLoop(context, "rcl-wait", new Watcher(), this::finish);
        made = true;
      } finally {
        if (!made) {
          Rcl.call(Rcl.SHUTDOWN, context.address());
          Rcl.call(Rcl.CONTEXT_FINI, context.address());
        }
      }
    } finally {
      if (!made) {
        arena.close();
      }
    }
    graphThread = new Thread(this::watchGraph, "rcl-graph");
    graphThread.setDaemon(true);
    // The middleware's threads must not outlive its static data: close before the process ends.
    exitHook =
        new Thread(
            () -> {
              ExitOrder.awaitWork(EXIT_PATIENCE);
              close();
            },
            "rcl-exit");
  }

  /** What the wait loop tells us. */
  private final class Watcher implements WaitLoop.Watcher {
    @Override
    public void graphChanged() {
      RclTransport.this.graphChanged();
    }

    @Override
    public void failed(Throwable fault) {
      RclTransport.this.failed(fault);
    }
  }

  /**
   * Opens a context in the domain of {@code ROS_DOMAIN_ID} (0 without it).
   *
   * @throws RosFault when no distro is sourced, it is not known, a library is missing, or rcl
   *     refuses
   */
  public static RclTransport open() {
    return open(-1);
  }

  /**
   * Opens a context.
   *
   * @param domainId 0 to 232; -1 takes {@code ROS_DOMAIN_ID}
   * @throws RosFault when no distro is sourced, it is not known, a library is missing, or rcl
   *     refuses
   */
  public static RclTransport open(int domainId) {
    if (domainId < -1 || domainId > 232) {
      throw new RosFault("domain id " + domainId + ": wanted 0 to 232, or -1 for ROS_DOMAIN_ID");
    }
    load(System.getenv());
    RclTransport transport = new RclTransport(domainId);
    transport.loop.start();
    transport.graphThread.start();
    Runtime.getRuntime().addShutdownHook(transport.exitHook);
    return transport;
  }

  private static synchronized void load(Map<String, String> environment) {
    Libraries.load(RclEnvironment.of(environment));
    if (checked) {
      return;
    }
    try {
      Rcl.checkLayouts();
    } catch (ExceptionInInitializerError e) {
      throw e.getCause() instanceof RosFault fault
          ? fault
          : new RosFault("librcl: " + e.getCause(), e);
    } catch (NoClassDefFoundError e) {
      throw new RosFault("librcl could not be used before in this process: " + e.getMessage(), e);
    }
    checked = true;
  }

  private void initialise(int domainId) {
    MemorySegment options = arena.allocate(8, 8);
    Rcl.check(Rcl.initOptions(options), "rcl_init_options_init");
    try {
      if (domainId >= 0) {
        Rcl.check(
            Rcl.call(Rcl.INIT_OPTIONS_SET_DOMAIN_ID, options.address(), domainId),
            "domain id " + domainId);
      }
      Rcl.check(Rcl.init(options, context), "rcl_init of " + name);
    } finally {
      Rcl.call(Rcl.INIT_OPTIONS_FINI, options.address());
    }
  }

  @Override
  public String name() {
    return name;
  }

  @Override
  public RosNode createNode(String nodeName, String namespace, NodeOptions options) {
    Names names = Names.of(nodeName, namespace, options.arguments());
    lifetime.enter();
    try {
      RclNode node = setup(() -> new RclNode(this, context, names, options));
      nodes.add(node);
      loop.addGraphCondition(node.graphCondition());
      return node;
    } finally {
      lifetime.exit();
    }
  }

  WaitLoop loop() {
    return loop;
  }

  /** Runs a call that makes or frees a native entity: rcl wants these one at a time. */
  <T> T setup(Supplier<T> call) {
    setup.lock();
    try {
      return call.get();
    } finally {
      setup.unlock();
    }
  }

  void forget(RclNode node) {
    nodes.remove(node);
  }

  /** Has the types of peers looked at again, soon. */
  void graphChanged() {
    graphChanges.release();
  }

  private void watchGraph() {
    while (!lifetime.isClosed()) {
      try {
        graphChanges.acquire();
        Thread.sleep(GRAPH_SETTLE_MS);
      } catch (InterruptedException e) {
        // close() ends the watch this way.
        return;
      }
      graphChanges.drainPermits();
      for (RclNode node : nodes) {
        try {
          node.checkTypes();
        } catch (Throwable fault) {
          failed(fault);
        }
      }
    }
  }

  /** What no caller is there to be told; the same words once. */
  private void failed(Throwable fault) {
    String message =
        fault instanceof RosFault ? String.valueOf(fault.getMessage()) : fault.toString();
    if (!message.equals(lastFault)) {
      lastFault = message;
      LOG.log(Level.WARNING, message);
    }
  }

  @Override
  public void close() {
    if (!lifetime.close()) {
      return;
    }
    if (Thread.currentThread() != exitHook) {
      try {
        Runtime.getRuntime().removeShutdownHook(exitHook);
      } catch (IllegalStateException exiting) {
        // The hook is running or about to; it will find the transport closed.
      }
    }
    graphThread.interrupt();
    for (RclNode node : List.copyOf(nodes)) {
      node.close();
    }
    loop.stop();
  }

  /** The end of the context, on the wait loop's thread. */
  private void finish() {
    Rcl.call(Rcl.SHUTDOWN, context.address());
    Rcl.call(Rcl.CONTEXT_FINI, context.address());
    arena.close();
  }
}
