package saccade.nodes.node;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.function.Function;
import saccade.nodes.ros.ExitOrder;
import saccade.nodes.ros.RosTransport;

/**
 * Several nodes in one process over one transport, with hand-over between them without serializing;
 * ends them in order when the process is told to end. Set-up only.
 *
 * <pre>{@code
 * try (Composition process = new Composition(RclTransport.open(), Node.Options.DEFAULT.withArguments(args))) {
 *   process.add(composed -> Node.create(composed.transport(), "perception", "", composed.options()));
 *   process.spin(); // until SIGINT or SIGTERM
 * }
 * }</pre>
 */
public final class Composition implements AutoCloseable {
  private final RosTransport transport;
  private final Node.Options options;
  private final List<AutoCloseable> nodes = new ArrayList<>(); // guarded by this
  private final CountDownLatch asked = new CountDownLatch(1);
  private final CountDownLatch done = new CountDownLatch(1);
  private final Thread exitHook;
  private boolean closed; // guarded by this

  /**
   * @param transport closed with this
   * @param options of the nodes; they share one {@link IntraProcess}
   */
  public Composition(RosTransport transport, Node.Options options) {
    this.transport = transport;
    this.options =
        options.intraProcess() == null ? options.withIntraProcess(new IntraProcess()) : options;
    this.exitHook = ExitOrder.beforeTransports("composition-exit", this::exit);
  }

  public RosTransport transport() {
    return transport;
  }

  /** For the nodes that are added. */
  public Node.Options options() {
    return options;
  }

  /** Adds a node, or whatever holds one. */
  public synchronized <T extends AutoCloseable> T add(Function<Composition, T> maker) {
    if (closed) {
      throw new IllegalStateException("expected an open composition, found a closed one");
    }
    T made = maker.apply(this);
    nodes.add(made);
    return made;
  }

  /** Waits until {@link #shutdown} is called or the process is told to end. */
  public void spin() {
    try {
      asked.await();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  /** Ends {@link #spin}, from any thread. */
  public void shutdown() {
    asked.countDown();
  }

  /** SIGINT, SIGTERM: the JVM waits for this, so everything leaves the graph properly. */
  private void exit() {
    shutdown();
    close();
  }

  /** Nodes in reverse order, then the transport. Idempotent; returns when all is down. */
  @Override
  public void close() {
    boolean first;
    List<AutoCloseable> all;
    synchronized (this) {
      first = !closed;
      closed = true;
      all = new ArrayList<>(nodes);
      nodes.clear();
    }
    asked.countDown();
    if (!first) {
      await();
      return;
    }
    try {
      for (AutoCloseable node : all.reversed()) {
        try {
          node.close();
        } catch (Exception e) {
          options.console().accept("closing " + node + ": " + e.getMessage());
        }
      }
      transport.close();
    } finally {
      done.countDown();
    }
    if (Thread.currentThread() != exitHook) {
      ExitOrder.forget(exitHook);
    }
  }

  private void await() {
    try {
      done.await();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }
}
