package saccade.hil.interop;

import static java.util.Objects.requireNonNull;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.sun.management.UnixOperatingSystemMXBean;
import java.io.File;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.lang.management.ManagementFactory;
import java.net.ConnectException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.HexFormat;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.BooleanSupplier;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import saccade.hil.peers.PeerProcess;
import saccade.hil.peers.Peers;
import saccade.msg.KnownTypes;
import saccade.msg.sensor_msgs.Image;
import saccade.msg.sensor_msgs.PointCloud2;
import saccade.msg.std_msgs.Int32;
import saccade.nodes.cdr.CdrWriter;
import saccade.nodes.cdr.ImageView;
import saccade.nodes.cdr.MessageType;
import saccade.nodes.cdr.MessageView;
import saccade.nodes.cdr.PointCloud2View;
import saccade.nodes.cdr.ServiceType;
import saccade.nodes.idl.Definitions;
import saccade.nodes.rcl.RclTransport;
import saccade.nodes.ros.EndpointInfo;
import saccade.nodes.ros.NodeOptions;
import saccade.nodes.ros.Publisher;
import saccade.nodes.ros.QosProfile;
import saccade.nodes.ros.RosEvents;
import saccade.nodes.ros.RosNode;
import saccade.nodes.ros.RosTransport;
import saccade.nodes.ros.ServiceClient;
import saccade.nodes.ros.Subscription;
import saccade.nodes.zenoh.Counts;
import saccade.nodes.zenoh.Role;
import saccade.nodes.zenoh.ZenohConfig;
import saccade.nodes.zenoh.rmw.ZenohTransport;

/**
 * Our side of {@code hil interop}, in a JVM whose environment is that of the peer: {@code
 * InteropSide rclpy|zenoh MESSAGES RESTARTS}. Starts the peer ({@code interop_peer.py}), goes
 * through the checks and prints {@code ROW name, ok or what is wrong} and {@code FIGURE name value
 * unit}, tabs between them. A check that fails does not stop the next.
 */
public final class InteropSide {
  private static final MessageType<saccade.msg.std_msgs.String> STRING =
      saccade.msg.std_msgs.String.TYPE;
  private static final int BATCH = 40; // endpoints at a time: discovery is quadratic
  private static final int ROUNDS = 3; // messages of each type
  private static final int IMAGE_BYTES = 6_000_000;
  private static final int CLOUD_BYTES = 3_000_000;
  private static final double PERIOD_S = 0.05; // a camera's 20 Hz
  private static final int DEPTH = 100; // five seconds of it
  private static final double RECONNECT_S = 2;
  // Who is told earlier goes on earlier: discovery between busy processes can take this long.
  private static final int PATIENCE_S = 60;
  private static final int AGAIN_S = 3;

  private final boolean zenoh;
  private final int messages;
  private final int restarts;
  private final Definitions definitions = Definitions.shipped();
  private final WireBytes wire = new WireBytes(definitions);
  private final LinkedBlockingQueue<String> events = new LinkedBlockingQueue<>();
  private final List<String> faults = new ArrayList<>();
  private final RosTransport transport;
  private final RosNode node;
  private final PeerProcess peer;

  private InteropSide(boolean zenoh, int messages, int restarts, int port) throws Exception {
    this.zenoh = zenoh;
    this.messages = messages;
    this.restarts = restarts;
    transport = zenoh ? ZenohTransport.open(config(port), 0) : RclTransport.open();
    node = transport.createNode("saccade", "/interop", NodeOptions.DEFAULT.withEvents(new Told()));
    peer = python(zenoh ? "zenoh" : "rclpy", port);
    peer.await("READY", PATIENCE_S);
  }

  private static ZenohConfig config(int port) {
    return ZenohConfig.builder(Role.CLIENT)
        .connect("tcp/127.0.0.1:" + port)
        .timestamps(true)
        .build();
  }

  private static PeerProcess python(String what, int port) throws IOException {
    Map<String, String> environment = new HashMap<>(System.getenv());
    return new PeerProcess(
        what,
        new Peers.Peer(what, Path.of("."), environment)
            .python("interop_peer.py", what, Integer.toString(port)));
  }

  /** What goes wrong between endpoints, as lines. */
  private final class Told implements RosEvents {
    @Override
    public void incompatibleQos(String topic, EndpointInfo.Kind kind, String policy, long total) {
      events.add("QOS " + topic + " " + kind + " " + policy);
    }

    @Override
    public void incompatibleType(
        String topic, EndpointInfo.Kind kind, String found, String wanted, long total) {
      events.add("TYPE " + topic + " " + kind + " " + found);
    }

    @Override
    public void lost(String name, String reason, long count, long total) {
      events.add("LOST " + name + " " + reason + " " + total);
    }
  }

  /** Called by the parent process. */
  public static void main(String[] args) throws Exception {
    boolean zenoh = args[0].equals("zenoh");
    int port = zenoh ? freePort() : 0;
    PeerProcess router = zenoh ? python("router", port) : null;
    try {
      if (router != null) {
        router.await("READY", PATIENCE_S);
      }
      InteropSide side =
          new InteropSide(zenoh, Integer.parseInt(args[1]), Integer.parseInt(args[2]), port);
      try {
        side.run(router, port);
      } finally {
        side.node.close();
        side.transport.close();
        side.peer.close();
      }
    } finally {
      if (router != null) {
        router.close();
      }
    }
    System.out.println("DONE");
    System.exit(0);
  }

  private static int freePort() throws IOException {
    try (ServerSocket socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
      return socket.getLocalPort();
    }
  }

  private void run(@Nullable PeerProcess router, int port) throws Exception {
    say("FACT\ttransport\t" + transport.name());
    check("hashes", this::hashes);
    check("topics", this::topics);
    check("services", this::services);
    check("serialized", this::serialized);
    check("transient_local", this::transientLocal);
    check("mismatch", this::mismatch);
    try (NodeChecks managed = new NodeChecks(transport, peer, faults)) {
      check("parameters", managed::parameters);
      check("lifecycle", managed::lifecycle);
    }
    for (boolean cloud : new boolean[] {false, true}) {
      check(cloud ? "clouds_out" : "images_out", () -> bulkOut(cloud));
      check(cloud ? "clouds_in" : "images_in", () -> bulkIn(cloud));
    }
    if (router != null) {
      check("restarts", () -> restarts(router, port));
    }
  }

  /** One check; what it finds wrong goes into {@link #faults}. */
  private interface Check {
    /** Says what was compared. */
    String run() throws Exception;
  }

  private void check(String name, Check check) {
    faults.clear();
    String found;
    long startNs = System.nanoTime();
    try {
      found = check.run();
    } catch (Exception | AssertionError e) {
      faults.add(e.getClass().getSimpleName() + ": " + e.getMessage());
      found = "not finished";
    }
    double seconds = (System.nanoTime() - startNs) * 1e-9;
    figure(name + "_faults", faults.size(), "");
    String first =
        faults.isEmpty() ? "" : "; first: " + faults.get(0).replaceAll("[\\t\\n\\r]+", " ");
    say(
        String.format(
            Locale.ROOT,
            "ROW\t%s\t%s\t%s%s\t%.1f",
            name,
            faults.isEmpty() ? "ok" : faults.size() + " WRONG",
            found,
            first.length() > 600 ? first.substring(0, 600) : first,
            seconds));
  }

  private static void figure(String name, double value, String unit) {
    say("FIGURE\t" + name + "\t" + value + "\t" + unit);
  }

  private static void figure(String name, long value, String unit) {
    figure(name, (double) value, unit);
  }

  private static void say(String line) {
    System.out.println(line);
    System.out.flush();
  }

  private static void until(String what, double seconds, BooleanSupplier holds) throws Exception {
    long endNs = System.nanoTime() + (long) (seconds * 1e9);
    while (!holds.getAsBoolean()) {
      if (System.nanoTime() > endNs) {
        throw new IOException("in " + seconds + " s never: " + what);
      }
      Thread.sleep(5);
    }
  }

  // ---- types -----------------------------------------------------------------------------------

  /** Hashes of all types that the peer has installed, from its own descriptions. */
  private String hashes() throws IOException {
    Map<String, String> theirs = new HashMap<>();
    for (String prefix :
        requireNonNull(System.getenv("AMENT_PREFIX_PATH")).split(File.pathSeparator, -1)) {
      theirs.putAll(TypeHashes.below(Path.of(prefix, "share")));
    }
    int compared = compareHashes(theirs);
    figure("hashes", compared, "types of both");
    return compared + " RIHS01 hashes equal those installed";
  }

  private int compareHashes(Map<String, String> theirs) {
    int compared = 0;
    for (String name : TypeHashes.shipped()) {
      String hash = theirs.get(name);
      if (hash != null) {
        compared++;
        if (!hash.equals(TypeHashes.ours(name))) {
          faults.add(name + ": ours " + TypeHashes.ours(name) + ", theirs " + hash);
        }
      }
    }
    return compared;
  }

  /** Every message on a topic of its own, there and back, and one of the peer's own making. */
  private String topics() throws Exception {
    List<String> names =
        KnownTypes.messageNames().stream()
            .filter(name -> name.contains("/msg/"))
            .filter(TypeHashes::installed)
            .toList();
    int compared = 0;
    for (int from = 0; from < names.size(); from += BATCH) {
      compared += topics(names.subList(from, Math.min(names.size(), from + BATCH)));
    }
    figure("topic_types", names.size(), "types on the wire, both ways");
    figure("topic_messages", compared, "messages compared");
    return names.size() + " types, " + compared + " messages both ways, equal but for padding";
  }

  private int topics(List<String> names) throws Exception {
    peer.tell("types " + String.join(" ", names));
    String answer = peer.await("OK types", PATIENCE_S);
    if (!answer.equals("OK types")) {
      faults.add("the peer lacks" + answer.substring("OK types".length()));
    }
    // Nothing may be dropped here: how a slow peer is treated is another check.
    int compared = 0;
    List<AutoCloseable> endpoints = new ArrayList<>();
    Map<String, Publisher> publishers = new HashMap<>();
    Map<String, LinkedBlockingQueue<byte[]>> back = new HashMap<>();
    try (Arena arena = Arena.ofConfined()) {
      for (String name : names) {
        String topic = "/" + name.replace("/msg/", "/");
        var queue = new LinkedBlockingQueue<byte[]>();
        back.put(name, queue);
        String hash = TypeHashes.ours(name);
        Subscription subscription =
            node.createSubscription(
                "/echo" + topic,
                name,
                hash,
                bulk(),
                (cdr, bytes, info) ->
                    queue.add(cdr.asSlice(0, bytes).toArray(ValueLayout.JAVA_BYTE)));
        Publisher publisher = node.createPublisher("/to" + topic, name, hash, bulk());
        publishers.put(name, publisher);
        endpoints.add(subscription);
        endpoints.add(publisher);
        until(name + " is matched", PATIENCE_S, () -> publisher.matchedSubscriptions() > 0);
        until(name + " is answered", PATIENCE_S, () -> subscription.matchedPublishers() > 0);
      }
      Thread.sleep(200); // each side hears of the other by itself
      for (int round = 0; round < ROUNDS; round++) {
        for (String name : names) {
          byte[] ours = wire.random(name, round);
          codecKeeps(name, ours);
          requireNonNull(publishers.get(name)).publish(in(arena, ours), ours.length);
        }
        for (String name : names) {
          LinkedBlockingQueue<byte[]> queue = requireNonNull(back.get(name));
          byte[] echoed = queue.poll(PATIENCE_S, TimeUnit.SECONDS);
          byte[] theirs = queue.poll(PATIENCE_S, TimeUnit.SECONDS);
          if (echoed == null || theirs == null) {
            faults.add(name + ": no answer in " + PATIENCE_S + " s in round " + round);
            continue;
          }
          same(name, wire.random(name, round), echoed);
          codecKeeps(name, theirs);
          compared += 2;
        }
      }
    } finally {
      for (AutoCloseable endpoint : endpoints) {
        endpoint.close();
      }
      peer.tell("drop " + String.join(" ", names));
      peer.await("OK drop", PATIENCE_S);
    }
    return compared;
  }

  private static MemorySegment in(Arena arena, byte[] payload) {
    return arena.allocateFrom(ValueLayout.JAVA_BYTE, payload);
  }

  /** Our codec reads a payload and writes the same again. */
  private void codecKeeps(String name, byte[] payload) {
    MessageType<?> type = requireNonNull(KnownTypes.message(name), name);
    same(name + " through our codec", name, recoded(type, payload), payload);
  }

  private static <T> byte[] recoded(MessageType<T> type, byte[] payload) {
    return type.encode(type.decode(payload));
  }

  private void same(String name, byte[] ours, byte[] theirs) {
    same(name, name, ours, theirs);
  }

  private void same(String what, String name, byte[] ours, byte[] theirs) {
    byte[] meant = wire.meant(name, theirs);
    if (!Arrays.equals(ours, meant)) {
      faults.add(
          what
              + ": ours "
              + HexFormat.of().formatHex(ours)
              + " theirs "
              + HexFormat.of().formatHex(theirs));
    }
  }

  /** Every service, the peer as server and as client. */
  private String services() throws Exception {
    int compared = 0;
    List<String> names = KnownTypes.serviceNames().stream().filter(TypeHashes::installed).toList();
    for (String name : names) {
      ServiceType<?, ?> type = requireNonNull(KnownTypes.service(name), name);
      String topic = "/" + name.replace("/srv/", "/");
      theirServer(name, type, "/theirs" + topic);
      ourServer(name, type, "/ours" + topic);
      compared++;
    }
    figure("service_types", compared, "types, both ways");
    return compared + " services, the peer as server and as client";
  }

  private void theirServer(String name, ServiceType<?, ?> type, String topic) throws Exception {
    peer.tell("serve " + name + " " + topic);
    String answer =
        peer.await(line -> line.equals("OK serve") || line.startsWith("ABSENT"), name, PATIENCE_S);
    if (answer.startsWith("ABSENT")) {
      faults.add("the peer lacks " + name);
      return;
    }
    byte[] request = wire.random(name + "_Request", 1);
    try (ServiceClient client =
            node.createClient(topic, name, type.typeHash(), QosProfile.SERVICES_DEFAULT);
        Arena arena = Arena.ofConfined()) {
      until(topic + " is served", PATIENCE_S, client::ready);
      Thread.sleep(zenoh ? 50 : 100); // the server hears of the client by itself
      byte[] response = ask(client, in(arena, request), request.length);
      String[] words = peer.await("REQUEST " + topic + " ", PATIENCE_S).split(" ", -1);
      HexFormat hex = HexFormat.of();
      same(name + "_Request", request, hex.parseHex(words[2]));
      same(name + "_Response", wire.meant(name + "_Response", response), hex.parseHex(words[3]));
      codecKeeps(name + "_Response", response);
    } finally {
      peer.tell("drop " + topic);
      peer.await("OK drop", PATIENCE_S);
    }
  }

  /** Asks, and again where the answer went past: a server drops it before it knows the client. */
  private static byte[] ask(ServiceClient client, MemorySegment request, long bytes)
      throws Exception {
    for (int left = PATIENCE_S / AGAIN_S; ; left--) {
      try {
        return client.call(request, bytes).get(AGAIN_S, TimeUnit.SECONDS);
      } catch (TimeoutException e) {
        if (left == 0) {
          throw e;
        }
      }
    }
  }

  private void ourServer(String name, ServiceType<?, ?> type, String topic) throws Exception {
    var got = new LinkedBlockingQueue<byte[]>();
    byte[] response = wire.random(name + "_Response", 2);
    try (Arena arena = Arena.ofShared()) {
      MemorySegment answer = in(arena, response);
      try (var server =
          node.createService(
              topic,
              name,
              type.typeHash(),
              QosProfile.SERVICES_DEFAULT,
              (cdr, bytes, reply) -> {
                got.add(cdr.asSlice(0, bytes).toArray(ValueLayout.JAVA_BYTE));
                reply.send(answer, answer.byteSize());
              })) {
        peer.tell("call " + name + " " + topic);
        String[] words = peer.await("CALLED " + topic + " ", PATIENCE_S).split(" ", -1);
        if (!server.name().equals(topic)) {
          faults.add(name + " is served as " + server.name());
        }
        byte[] request = requireNonNull(got.poll(PATIENCE_S, TimeUnit.SECONDS));
        HexFormat hex = HexFormat.of();
        same(name + "_Request", wire.meant(name + "_Request", request), hex.parseHex(words[2]));
        codecKeeps(name + "_Request", request);
        same(name + "_Response", response, hex.parseHex(words[3]));
      }
    }
  }

  /** What goes over no topic (events of services, parts of actions): as the peer serialises it. */
  private String serialized() throws Exception {
    int compared = 0;
    List<String> names =
        KnownTypes.messageNames().stream()
            .filter(name -> !name.contains("/msg/") && TypeHashes.installed(name))
            .toList();
    for (String name : names) {
      byte[] ours = wire.random(name, 4);
      peer.tell("serialize " + name + " " + HexFormat.of().formatHex(ours));
      String[] words =
          peer.await(line -> line.matches("(SERIALIZED|ABSENT|FAILED) .*"), name, PATIENCE_S)
              .split(" ", -1);
      if (!words[0].equals("SERIALIZED")) {
        faults.add(String.join(" ", words));
        continue;
      }
      same(name, ours, HexFormat.of().parseHex(words[2]));
      codecKeeps(name, HexFormat.of().parseHex(words[3]));
      compared++;
    }
    long elsewhere =
        KnownTypes.messageNames().stream().filter(name -> !TypeHashes.installed(name)).count();
    figure("serialized_types", compared, "types as the peer serialises them");
    figure("types_without_peer", elsewhere, "shipped, in none of the peer's packages");
    return compared + " more types as the peer serialises them; " + elsewhere + " it does not have";
  }

  // ---- quality of service ----------------------------------------------------------------------

  private static QosProfile latched() {
    return QosProfile.DEFAULT.keepLast(10).transientLocal();
  }

  private String transientLocal() throws Exception {
    try (Arena arena = Arena.ofConfined();
        Publisher kept =
            node.createPublisher("/kept_ours", STRING.rosName(), STRING.typeHash(), latched())) {
      byte[] text = STRING.encode(new saccade.msg.std_msgs.String("ours"));
      kept.publish(in(arena, text), text.length);
      Thread.sleep(500);
      peer.tell("sub " + STRING.rosName() + " /kept_ours latched");
      peer.await("GOT /kept_ours ours", PATIENCE_S);

      peer.tell("pub " + STRING.rosName() + " /kept_theirs latched");
      peer.await("OK pub", PATIENCE_S);
      peer.tell("put " + STRING.rosName() + " /kept_theirs theirs");
      peer.await("OK put", PATIENCE_S);
      Thread.sleep(500);
      var got = new LinkedBlockingQueue<String>();
      try (Subscription late =
          node.createSubscription(
              "/kept_theirs",
              STRING.rosName(),
              STRING.typeHash(),
              latched(),
              (cdr, bytes, info) -> got.add(STRING.decode(cdr, bytes).data()))) {
        String first = got.poll(PATIENCE_S, TimeUnit.SECONDS);
        if (!"theirs".equals(first)) {
          faults.add("kept by the peer: wanted theirs, got " + first);
        }
        if (late.matchedPublishers() != 1) {
          faults.add("matched publishers " + late.matchedPublishers() + ", wanted 1");
        }
      }
      peer.tell("drop s/kept_ours p/kept_theirs");
      peer.await("OK drop", PATIENCE_S);
    }
    return "what was published before the other side came, both ways";
  }

  private void event(String beginning) throws InterruptedException {
    long endNs = System.nanoTime() + PATIENCE_S * 1_000_000_000L;
    List<String> others = new ArrayList<>();
    while (true) {
      String line = events.poll(endNs - System.nanoTime(), TimeUnit.NANOSECONDS);
      if (line == null) {
        faults.add("not told of: " + beginning + "; told of " + others);
      }
      if (line == null || line.startsWith(beginning)) {
        events.addAll(others); // for the next one
        return;
      }
      others.add(line);
    }
  }

  /** Best effort to reliable, and another type: both sides say so, nothing stops. */
  private String mismatch() throws Exception {
    events.clear();
    String name = STRING.rosName();
    String hash = STRING.typeHash();
    peer.tell("sub " + name + " /strict_theirs reliable");
    peer.await("OK sub", PATIENCE_S);
    peer.tell("pub " + name + " /loose_theirs best_effort");
    peer.await("OK pub", PATIENCE_S);
    peer.tell("pub " + Int32.TYPE.rosName() + " /other_theirs reliable");
    peer.await("OK pub", PATIENCE_S);
    try (Publisher loose =
            node.createPublisher("/strict_theirs", name, hash, QosProfile.DEFAULT.bestEffort());
        Subscription strict =
            node.createSubscription(
                "/loose_theirs", name, hash, QosProfile.DEFAULT, (m, n, i) -> {});
        Subscription other =
            node.createSubscription(
                "/other_theirs", name, hash, QosProfile.DEFAULT, (m, n, i) -> {})) {
      event("QOS /strict_theirs PUBLISHER RELIABILITY");
      event("QOS /loose_theirs SUBSCRIPTION RELIABILITY");
      event("TYPE /other_theirs SUBSCRIPTION " + Int32.TYPE.rosName());
      if (!zenoh) {
        peer.await("QOS /strict_theirs RELIABILITY", PATIENCE_S);
        peer.await("QOS /loose_theirs RELIABILITY", PATIENCE_S);
      }
      if (loose.topic().isEmpty() || strict.topic().isEmpty() || other.topic().isEmpty()) {
        faults.add("an endpoint without a topic");
      }
    }
    peer.tell("drop s/strict_theirs p/loose_theirs p/other_theirs");
    peer.await("OK drop", PATIENCE_S);
    return zenoh
        ? "our publisher, our subscription, our type"
        : "publisher and subscription on both sides, our type";
  }

  // ---- large messages --------------------------------------------------------------------------

  private QosProfile bulk() {
    return zenoh ? QosProfile.DEFAULT.keepAll() : QosProfile.DEFAULT.keepLast(DEPTH);
  }

  private String bulkOut(boolean cloud) throws Exception {
    MessageType<?> type = cloud ? PointCloud2.TYPE : Image.TYPE;
    String topic = cloud ? "/clouds_out" : "/images_out";
    int size = cloud ? CLOUD_BYTES : IMAGE_BYTES;
    peer.tell("receive " + type.rosName() + " " + topic + " " + size);
    peer.await("OK receive", PATIENCE_S);
    events.clear();
    long got;
    double seconds;
    try (Publisher publisher =
            node.createPublisher(topic, type.rosName(), type.typeHash(), bulk());
        CdrWriter writer = new CdrWriter(size + 1024)) {
      until(topic + " is matched", PATIENCE_S, () -> publisher.matchedSubscriptions() > 0);
      Thread.sleep(500);
      byte[] data = new byte[size];
      long startNs = System.nanoTime();
      for (int number = 0; number < messages; number++) {
        Arrays.fill(data, (byte) (number % 251));
        BulkMessages.write(writer, cloud, number, data);
        publisher.publish(writer.buffer(), writer.bytes());
        long waitNs = startNs + (long) ((number + 1) * PERIOD_S * 1e9) - System.nanoTime();
        if (waitNs > 0) {
          Thread.sleep(waitNs / 1_000_000, (int) (waitNs % 1_000_000));
        }
      }
      seconds = (System.nanoTime() - startNs) * 1e-9;
      got = received(topic);
    }
    events.stream().filter(line -> line.startsWith("LOST")).forEach(faults::add);
    peer.tell("drop s" + topic);
    peer.await("OK drop", PATIENCE_S);
    figure(topic.substring(1) + "_lost", messages - got, "of " + messages);
    return String.format(
        Locale.ROOT, "%d of %d of %.0f MB in %.0f s", got, messages, size * 1e-6, seconds);
  }

  /** How many the peer has, once they are all there or no more come. */
  private long received(String topic) throws Exception {
    long last = -1;
    long sameSince = System.nanoTime();
    while (true) {
      peer.tell("received " + topic);
      String[] words = peer.await("RECEIVED " + topic + " ", 60).split(" ", -1);
      long got = Long.parseLong(words[2]);
      if (got >= messages
          || (got == last && System.nanoTime() - sameSince > PATIENCE_S * 1_000_000_000L)) {
        if (got != messages) {
          faults.add("lost " + (messages - got) + " of " + messages);
        }
        if (!words[3].equals("0")) {
          faults.add(words[3] + " of another content or out of order");
        }
        return got;
      }
      if (got != last) {
        last = got;
        sameSince = System.nanoTime();
      }
      Thread.sleep(50);
    }
  }

  private String bulkIn(boolean cloud) throws Exception {
    MessageType<?> type = cloud ? PointCloud2.TYPE : Image.TYPE;
    String topic = cloud ? "/clouds_in" : "/images_in";
    int size = cloud ? CLOUD_BYTES : IMAGE_BYTES;
    AtomicInteger got = new AtomicInteger();
    AtomicInteger wrong = new AtomicInteger();
    AtomicLong lastNs = new AtomicLong(System.nanoTime());
    events.clear();
    String sent;
    try (Arena arena = Arena.ofShared()) {
      MemorySegment slot = arena.allocate(size);
      MessageView view = cloud ? new PointCloud2View() : new ImageView();
      try (Subscription subscription =
          node.createSubscription(
              topic,
              type.rosName(),
              type.typeHash(),
              bulk(),
              (cdr, bytes, info) -> {
                // As a sensor input takes it: sizes from the view, the payload once into a slot.
                if (!BulkMessages.take(view, cdr, bytes, slot, size, got.getAndIncrement())) {
                  wrong.incrementAndGet();
                }
                lastNs.set(System.nanoTime());
              })) {
        peer.tell(
            "send " + type.rosName() + " " + topic + " " + size + " " + messages + " " + PERIOD_S);
        sent = peer.await("SENT " + topic, 60 + messages);
        lastNs.set(System.nanoTime());
        while (got.get() < messages
            && System.nanoTime() - lastNs.get() < PATIENCE_S * 1_000_000_000L) {
          Thread.sleep(20);
        }
        if (subscription.topic().isEmpty()) {
          faults.add("a subscription without a topic");
        }
      }
    }
    events.stream().filter(line -> line.startsWith("LOST")).forEach(faults::add);
    if (got.get() != messages) {
      faults.add("lost " + (messages - got.get()) + " of " + messages);
    }
    if (wrong.get() != 0) {
      faults.add(wrong.get() + " of another content or out of order");
    }
    peer.tell("drop p" + topic);
    peer.await("OK drop", PATIENCE_S);
    figure(topic.substring(1) + "_lost", messages - got.get(), "of " + messages);
    return String.format(
        Locale.ROOT,
        "%d of %d of %.0f MB in %s s",
        got.get(),
        messages,
        size * 1e-6,
        sent.substring(sent.lastIndexOf(' ') + 1));
  }

  // ---- the router ------------------------------------------------------------------------------

  private static long openFiles() {
    return ((UnixOperatingSystemMXBean) ManagementFactory.getOperatingSystemMXBean())
        .getOpenFileDescriptorCount();
  }

  private static long residentBytes() throws IOException {
    System.gc();
    return Long.parseLong(Files.readString(Path.of("/proc/self/statm")).split(" ", -1)[1]) * 4096;
  }

  /**
   * Kills the router and starts it anew, again and again: our session is back within two seconds of
   * its listening, the official client finds our tokens at it, messages pass both ways.
   */
  private String restarts(PeerProcess first, int port) throws Exception {
    ZenohTransport ours = (ZenohTransport) transport;
    String name = STRING.rosName();
    String hash = STRING.typeHash();
    byte[] text = STRING.encode(new saccade.msg.std_msgs.String("again"));
    var got = new LinkedBlockingQueue<String>();
    double worst = 0;
    double worstTokens = 0;
    long filesBefore = 0;
    long threadsBefore = 0;
    long bytesBefore = 0;
    PeerProcess router = first;
    peer.tell("sub " + name + " /again_theirs reliable");
    peer.await("OK sub", PATIENCE_S);
    peer.tell("pub " + name + " /again_ours reliable");
    peer.await("OK pub", PATIENCE_S);
    int warm = Math.min(5, restarts / 2);
    try (Arena arena = Arena.ofConfined();
        Publisher publisher =
            node.createPublisher("/again_theirs", name, hash, QosProfile.DEFAULT);
        Subscription subscription =
            node.createSubscription(
                "/again_ours", name, hash, QosProfile.DEFAULT, (m, n, i) -> got.add("x"))) {
      MemorySegment payload = in(arena, text);
      String prefix = "@ros2_lv/0/" + ours.session().id() + "/";
      for (int round = 0; round < restarts; round++) {
        router.kill();
        until("the link is lost", 10, () -> ours.session().peers().isEmpty());
        Thread.sleep(200 + 37 * (round % 11)); // not in step with anybody's retries
        router = python("router", port);
        long upNs = listens(port);
        if (!ours.session().awaitLink(Duration.ofSeconds(PATIENCE_S))) {
          faults.add("round " + round + ": no link in " + PATIENCE_S + " s");
          continue;
        }
        double link = (System.nanoTime() - upNs) * 1e-9;
        worst = Math.max(worst, link);
        if (link > RECONNECT_S) {
          faults.add("round " + round + ": link after " + link + " s");
        }
        worstTokens = Math.max(worstTokens, tokensAgain(prefix, upNs, round));
        passesAgain(publisher, payload, got, round);
        if (round == warm) {
          filesBefore = openFiles();
          threadsBefore = Thread.activeCount();
          bytesBefore = residentBytes();
        }
      }
      if (!subscription.topic().equals("/again_ours")) {
        faults.add("the subscription is " + subscription.topic());
      }
    } finally {
      router.close();
    }
    long files = openFiles() - filesBefore;
    long threads = Thread.activeCount() - threadsBefore;
    double megabytes = (residentBytes() - bytesBefore) * 1e-6;
    if (files > 2 || threads > 1) {
      faults.add("files " + files + ", threads " + threads + " more than after round " + warm);
    }
    figure("restarts", ours.session().counts().get(Counts.Of.RECONNECTS), "");
    figure("reconnect_worst_s", worst, "s after the router listened");
    figure("tokens_worst_s", worstTokens, "s until the official client found all our tokens");
    figure("restart_files_growth", files, "");
    figure("restart_threads_growth", threads, "");
    figure("restart_resident_growth", megabytes, "MB");
    return restarts + " restarts, link again after at most " + Math.round(worst * 1000) + " ms";
  }

  /** The instant from which somebody accepts connections there, to two milliseconds. */
  private static long listens(int port) throws Exception {
    long endNs = System.nanoTime() + 30_000_000_000L;
    while (System.nanoTime() < endNs) {
      try (Socket probe = new Socket()) {
        probe.connect(new InetSocketAddress(InetAddress.getLoopbackAddress(), port), 1000);
        return System.nanoTime();
      } catch (ConnectException nobody) {
        Thread.sleep(2);
      }
    }
    throw new IOException("the router does not listen on port " + port + " after 30 s");
  }

  /** Node, publisher and subscription are there again, as a third party sees it. */
  private double tokensAgain(String prefix, long upNs, int round) throws Exception {
    while (true) {
      peer.tell("tokens @ros2_lv/0/**");
      List<String> tokens = List.of(peer.await("TOKENS", PATIENCE_S).split(" ", -1));
      Set<String> kinds = new java.util.TreeSet<>();
      for (String token : tokens) {
        if (token.startsWith(prefix)) {
          kinds.add(token.split("/", -1)[5]);
        }
      }
      double seconds = (System.nanoTime() - upNs) * 1e-9;
      if (kinds.equals(Set.of("NN", "MP", "MS"))) {
        return seconds;
      }
      if (seconds > PATIENCE_S) {
        faults.add("round " + round + ": of our tokens only " + kinds + " in " + seconds + " s");
        return seconds;
      }
      Thread.sleep(20);
    }
  }

  private void passesAgain(
      Publisher publisher, MemorySegment payload, LinkedBlockingQueue<String> got, int round)
      throws Exception {
    peer.others();
    got.clear();
    boolean there = false;
    long endNs = System.nanoTime() + PATIENCE_S * 1_000_000_000L;
    while (System.nanoTime() < endNs) {
      publisher.publish(payload, payload.byteSize());
      peer.tell("put " + STRING.rosName() + " /again_ours again");
      peer.await("OK put", PATIENCE_S);
      there |= peer.others().contains("GOT /again_theirs again");
      if (there && got.poll(20, TimeUnit.MILLISECONDS) != null) {
        return;
      }
    }
    faults.add("round " + round + ": out " + there + ", in " + !got.isEmpty());
  }

  /** Hashes as shipped and as installed. */
  static final class TypeHashes {
    private TypeHashes() {}

    private static final Set<String> INSTALLED = installed();

    private static Set<String> installed() {
      Set<String> names = new java.util.HashSet<>();
      String prefixes = System.getenv("AMENT_PREFIX_PATH");
      try {
        for (String prefix : (prefixes == null ? "" : prefixes).split(File.pathSeparator, -1)) {
          names.addAll(below(Path.of(prefix, "share")).keySet());
        }
      } catch (IOException e) {
        throw new java.io.UncheckedIOException(e);
      }
      return names;
    }

    /** Whether the peer has the type. */
    static boolean installed(String name) {
      return INSTALLED.contains(name);
    }

    /** Every message and service that we ship. */
    static List<String> shipped() {
      return Stream.concat(KnownTypes.messageNames().stream(), KnownTypes.serviceNames().stream())
          .toList();
    }

    static String ours(String name) {
      MessageType<?> message = KnownTypes.message(name);
      return message != null
          ? message.typeHash()
          : requireNonNull(KnownTypes.service(name), name).typeHash();
    }

    /** Hashes in the type descriptions of a tree, by type. */
    static Map<String, String> below(Path root) throws IOException {
      ObjectMapper json = new ObjectMapper();
      Map<String, String> hashes = new HashMap<>();
      if (!Files.isDirectory(root)) {
        return hashes;
      }
      try (Stream<Path> files = Files.walk(root)) {
        for (Path file :
            files
                .filter(each -> each.toString().matches(".*/(msg|srv|action)/\\w+\\.json"))
                .toList()) {
          for (JsonNode each : json.readTree(file.toFile()).path("type_hashes")) {
            hashes.put(each.path("type_name").asText(), each.path("hash_string").asText());
          }
        }
      }
      return hashes;
    }
  }
}
