package saccade.hil.interop;

import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.CancellationException;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Semaphore;
import java.util.concurrent.atomic.AtomicLong;
import java.util.stream.Stream;
import saccade.hil.drive.NativeMemory;
import saccade.msg.std_srvs.SetBool;
import saccade.nodes.cdr.CdrWriter;
import saccade.nodes.cdr.MessageType;
import saccade.nodes.cdr.ServiceType;
import saccade.nodes.rcl.RclTransport;
import saccade.nodes.ros.NodeOptions;
import saccade.nodes.ros.Publisher;
import saccade.nodes.ros.QosProfile;
import saccade.nodes.ros.RosEvents;
import saccade.nodes.ros.RosFault;
import saccade.nodes.ros.RosNode;
import saccade.nodes.ros.ServiceClient;
import saccade.nodes.ros.ServiceServer;
import saccade.nodes.ros.Subscription;

/**
 * Opens, uses, closes and uses after closing every kind of native handle, over and over, with a
 * message under way and with other threads still calling, then tells what that left behind. A JVM
 * of its own: {@code NativeCycles HANDLES TRANSPORTS}; a crash there is a failed check here.
 */
public final class NativeCycles {

  private static final RosEvents TOLD = new RosEvents() {};
  private static final MessageType<saccade.msg.std_msgs.String> STRING =
      saccade.msg.std_msgs.String.TYPE;
  private static final ServiceType<SetBool.Request, SetBool.Response> SET_BOOL = SetBool.TYPE;

  private NativeCycles() {}

  public static void main(String[] args) throws Exception {
    int cycles = Integer.parseInt(args[0]);
    int transports = Integer.parseInt(args[1]);
    try (RclTransport transport = RclTransport.open()) {
      RosNode node = transport.createNode("cycles", "", NodeOptions.DEFAULT.withEvents(TOLD));
      // What is kept for good (threads and pools of the middleware, code that the JVM compiles)
      // comes with the first ones: a round of all kinds goes ahead uncounted.
      for (boolean counts : new boolean[] {false, true}) {
        int few = cycles / 10;
        int all = counts ? cycles : Math.max(5, few);
        int some = counts ? few : Math.max(5, few / 10);
        cycle("publisher", all, counts, () -> publisher(node));
        cycle("subscription", all, counts, () -> subscription(node));
        cycle("subscription closed by its listener", some, counts, () -> closedByListener(node));
        cycle("service and client", all, counts, () -> service(node));
        cycle("publisher closed while used", some, counts, () -> closedWhileUsed(node));
        cycle("node", all, counts, () -> node(transport));
      }
    }
    // Guard condition, wait set, message buffer and context go with each transport.
    cycle("transport", Math.max(5, transports / 10), false, NativeCycles::transport);
    cycle("transport", transports, true, NativeCycles::transport);
    System.out.println("done");
  }

  /** One cycle of some handle. */
  private interface Cycle {
    void run() throws Exception;
  }

  private static void cycle(String name, int times, boolean counts, Cycle cycle) throws Exception {
    long residentBefore = resident();
    long mallocBefore = NativeMemory.mallocBytes();
    long filesBefore = openFiles();
    int threadsBefore = threads();
    long startNs = System.nanoTime();
    for (int i = 0; i < times; i++) {
      cycle.run();
      if ((i + 1) % Math.max(1, times / 10) == 0) {
        System.out.println("at " + name + " " + (i + 1) + " of " + times); // still alive
        System.out.flush();
      }
    }
    if (!counts) {
      return;
    }
    System.out.printf(
        "%s: %d cycles, %.2f ms each, resident %+d, malloc %+d B a cycle, files %+d, threads %+d%n",
        name,
        times,
        (System.nanoTime() - startNs) / 1e6 / times,
        (resident() - residentBefore) / times,
        (NativeMemory.mallocBytes() - mallocBefore) / times,
        openFiles() - filesBefore,
        threads() - threadsBefore);
    System.out.flush();
  }

  private static long resident() throws IOException, InterruptedException {
    System.gc();
    Thread.sleep(50);
    return Long.parseLong(Files.readString(Path.of("/proc/self/statm")).split(" ")[1]) * 4096;
  }

  private static long openFiles() throws IOException {
    try (Stream<Path> files = Files.list(Path.of("/proc/self/fd"))) {
      return files.count();
    }
  }

  private static int threads() throws IOException {
    try (Stream<Path> tasks = Files.list(Path.of("/proc/self/task"))) {
      return (int) tasks.count();
    }
  }

  private static void publish(Publisher publisher, String text) {
    try (CdrWriter writer = new CdrWriter()) {
      STRING.encode(new saccade.msg.std_msgs.String(text), writer);
      publisher.publish(writer.buffer(), writer.bytes());
    }
  }

  private static void refused(String what, Runnable use) {
    try {
      use.run();
    } catch (RosFault fault) {
      if (!String.valueOf(fault.getMessage()).endsWith("is closed")) {
        throw fault;
      }
      return;
    }
    throw new AssertionError(what + " worked after it was closed");
  }

  private static void publisher(RosNode node) {
    Publisher publisher =
        node.createPublisher("cycles_p", STRING.rosName(), STRING.typeHash(), QosProfile.DEFAULT);
    publish(publisher, "x");
    publisher.close();
    publisher.close();
    refused("publish", () -> publish(publisher, "x"));
    refused("count", publisher::matchedSubscriptions);
  }

  private static void subscription(RosNode node) {
    Subscription subscription =
        node.createSubscription(
            "cycles_s",
            STRING.rosName(),
            STRING.typeHash(),
            QosProfile.DEFAULT,
            (cdr, bytes, info) -> {});
    subscription.matchedPublishers();
    subscription.close();
    subscription.close();
    refused("count", subscription::matchedPublishers);
  }

  /** A message is taken, and its listener closes the subscription from within. */
  private static void closedByListener(RosNode node) throws InterruptedException {
    Semaphore closed = new Semaphore(0);
    AtomicLong calls = new AtomicLong();
    Subscription[] subscription = new Subscription[1];
    QosProfile latched = QosProfile.DEFAULT.keepLast(3).transientLocal();
    try (Publisher publisher =
        node.createPublisher("cycles_l", STRING.rosName(), STRING.typeHash(), latched)) {
      publish(publisher, "a");
      publish(publisher, "b");
      Object assigned = new Object();
      synchronized (assigned) {
        subscription[0] =
            node.createSubscription(
                "cycles_l",
                STRING.rosName(),
                STRING.typeHash(),
                latched,
                (cdr, bytes, info) -> {
                  calls.incrementAndGet();
                  synchronized (assigned) {
                    subscription[0].close();
                  }
                  closed.release();
                });
      }
      if (!closed.tryAcquire(5, java.util.concurrent.TimeUnit.SECONDS)) {
        throw new AssertionError("no message came");
      }
    }
    refused("count", subscription[0]::matchedPublishers);
    if (calls.get() != 1) {
      throw new AssertionError(calls + " calls of a listener that closed at the first");
    }
  }

  private static void service(RosNode node) throws InterruptedException {
    ServiceServer server =
        node.createService(
            "cycles_set",
            SET_BOOL.rosName(),
            SET_BOOL.typeHash(),
            QosProfile.SERVICES_DEFAULT,
            (cdr, bytes, reply) -> {});
    ServiceClient client =
        node.createClient(
            "cycles_set", SET_BOOL.rosName(), SET_BOOL.typeHash(), QosProfile.SERVICES_DEFAULT);
    CompletableFuture<byte[]> never = call(client);
    client.close();
    client.close();
    server.close();
    server.close();
    refused("call", () -> call(client).cancel(false));
    refused("ready", client::ready);
    try {
      never.get();
      throw new AssertionError("a service that never answers answered");
    } catch (ExecutionException | CancellationException e) {
      if (!(e.getCause() instanceof RosFault)) {
        throw new AssertionError(e);
      }
    }
  }

  private static CompletableFuture<byte[]> call(ServiceClient client) {
    try (CdrWriter writer = new CdrWriter()) {
      writer.begin();
      writer.bool(true);
      return client.call(writer.buffer(), writer.bytes());
    }
  }

  /** Two threads publish as fast as they can while a third closes. */
  private static void closedWhileUsed(RosNode node) throws InterruptedException {
    Publisher publisher =
        node.createPublisher("cycles_u", STRING.rosName(), STRING.typeHash(), QosProfile.DEFAULT);
    AtomicLong published = new AtomicLong();
    Thread[] users = new Thread[2];
    for (int i = 0; i < users.length; i++) {
      users[i] =
          new Thread(
              () -> {
                try (Arena arena = Arena.ofConfined()) {
                  MemorySegment empty =
                      arena.allocateFrom(
                          ValueLayout.JAVA_BYTE, new byte[] {0, 1, 0, 0, 1, 0, 0, 0, 0});
                  while (true) {
                    publisher.publish(empty, empty.byteSize());
                    published.incrementAndGet();
                  }
                } catch (RosFault closed) {
                  // As wanted.
                }
              });
      users[i].start();
    }
    while (published.get() < 20) {
      Thread.onSpinWait();
    }
    publisher.close();
    for (Thread user : users) {
      user.join(5000);
      if (user.isAlive()) {
        throw new AssertionError("still publishing on a closed publisher");
      }
    }
  }

  private static void node(RclTransport transport) {
    RosNode node = transport.createNode("cycled", "/ns", NodeOptions.DEFAULT);
    Publisher publisher =
        node.createPublisher("cycles_n", STRING.rosName(), STRING.typeHash(), QosProfile.DEFAULT);
    node.close();
    node.close();
    refused("publish", () -> publish(publisher, "x"));
    refused("graph", () -> node.graph().topics());
    refused(
        "createPublisher",
        () -> node.createPublisher("x", STRING.rosName(), STRING.typeHash(), QosProfile.DEFAULT));
  }

  private static void transport() {
    RclTransport transport = RclTransport.open();
    RosNode node = transport.createNode("cycled", "", NodeOptions.DEFAULT);
    Publisher publisher =
        node.createPublisher("cycles_t", STRING.rosName(), STRING.typeHash(), QosProfile.DEFAULT);
    transport.close();
    transport.close();
    refused("publish", () -> publish(publisher, "x"));
    refused("createNode", () -> transport.createNode("x", "", NodeOptions.DEFAULT));
  }
}
