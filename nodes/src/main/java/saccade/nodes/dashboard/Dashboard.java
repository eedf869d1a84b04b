package saccade.nodes.dashboard;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.javalin.Javalin;
import io.javalin.http.ContentType;
import io.javalin.http.Context;
import io.javalin.http.HttpStatus;
import io.javalin.http.sse.SseClient;
import io.javalin.util.JavalinBindException;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.lang.management.ManagementFactory;
import java.lang.management.ThreadMXBean;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CopyOnWriteArraySet;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.locks.LockSupport;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import saccade.kernels.geometry.Rig;
import saccade.nodes.cli.BadInput;
import saccade.nodes.cli.ExitCode;
import saccade.nodes.pipeline.PipelineListener;
import saccade.nodes.pipeline.Publication;
import saccade.nodes.sensor.FaultSwitch;
import saccade.nodes.sensor.FaultSwitch.Fault;
import saccade.nodes.sensor.SensorClock;
import saccade.planner.PlannerMessage;
import saccade.realtime.clock.NanoClock;
import saccade.realtime.os.ThreadPolicy;

/**
 * The live page on {@code http://127.0.0.1:PORT}: cameras with kept patches, LiDAR and objects from
 * above, sentence, action, a set's way to its deadline, drops, and switches for sensor faults.
 * Plain JavaScript, no resource from anywhere else.
 *
 * <pre>
 *   control thread ─ share leases (≤ 5 Hz, only while a page is open and the encoder is idle)
 *        └─► encoder (nice 10, at most a tenth of a core): copy, give leases back, JPEG, JSON
 *                └─► each page's latest-only slot ─► its own sender
 * </pre>
 *
 * <p>Server-sent events at {@code /live}, event {@code set}, one JSON object each. {@code POST
 * /fault} with {@code {"sensor": "front_wide", "fault": "LOST"}} switches a simulated sensor; only
 * this page itself may send it.
 */
public final class Dashboard implements PipelineListener, AutoCloseable {
  private static final String HOST = "127.0.0.1";
  private static final long SHORTEST_GAP_NS = 195_000_000L; // 5 Hz and some jitter
  private static final double MOST_SHARE = 0.1; // of one core, for encoding
  private static final int MOST_PAGES = 16;
  private static final long LONGEST_REST_NS = 1_000_000_000L;
  private static final long LARGEST_REQUEST_BYTES = 1024;
  private static final int FREE = 0;
  private static final int FILLED = 1;
  private static final int CLOSED = 2;
  private static final ThreadPolicy POLITE = new ThreadPolicy(0, 0, 10);
  private static final ObjectMapper JSON = new ObjectMapper();
  private static final Map<String, String> TYPES =
      Map.of(
          "index.html", "text/html; charset=utf-8",
          "dashboard.js", "text/javascript; charset=utf-8",
          "dashboard.css", "text/css; charset=utf-8");

  private final AgeHistory history = new AgeHistory(); // control thread
  private final Moment moment;
  private final @Nullable FaultSwitch faults;
  private final PageEncoder encoder;
  private final AtomicInteger hand = new AtomicInteger(FREE); // who owns the moment
  private final Set<LiveClient> pages = new CopyOnWriteArraySet<>();
  private final AtomicLong updates = new AtomicLong();
  private final AtomicLong behind = new AtomicLong();
  private final Thread worker;
  private final Javalin server;
  private volatile @Nullable String newest;
  private long lastNs = Long.MIN_VALUE; // control thread
  private @Nullable PlannerMessage ahead; // control thread: an action whose set goes on
  private volatile long skipped;
  private volatile long encoderNs;
  private volatile boolean sparing;
  private volatile boolean closing;

  private Dashboard(int port, String source, Rig rig, long budgetNs, @Nullable FaultSwitch faults) {
    this.faults = faults;
    this.moment = new Moment(rig.cameras().size() + (rig.lidar() == null ? 0 : 1));
    this.encoder = new PageEncoder(source, rig, budgetNs, faults);
    this.worker = Thread.ofPlatform().name("page-encoder").daemon(true).unstarted(this::work);
    this.server =
        Javalin.create(
            config -> {
              config.jetty.host = HOST;
              config.jetty.port = port;
              config.startup.showJavalinBanner = false;
              config.startup.startupWatcherEnabled = false;
              // Platform threads: on two cores there are two carriers, and loading a class can hold
              // both.
              config.concurrency.useVirtualThreads = false;
              config.http.maxRequestSize = LARGEST_REQUEST_BYTES;
              config.routes.before(Dashboard::guard);
              config.routes.get("/", context -> resource(context, "index.html"));
              config.routes.get("/dashboard.js", context -> resource(context, "dashboard.js"));
              config.routes.get("/dashboard.css", context -> resource(context, "dashboard.css"));
              config.routes.sse("/live", this::join);
              config.routes.post("/fault", this::fault);
            });
  }

  /**
   * Opens the page.
   *
   * @param port TCP port on 127.0.0.1, 0 = any free one
   * @param source shown as the title, e.g. {@code simulator demo seed 1}
   * @param budgetNs from capture to message, drawn as the deadline
   * @param faults what the buttons switch; null where the sensors are not simulated
   * @throws BadInput with {@link ExitCode#UNAVAILABLE} when the port is in use
   */
  public static Dashboard open(
      int port, String source, Rig rig, long budgetNs, @Nullable FaultSwitch faults) {
    Dashboard dashboard = new Dashboard(port, source, rig, budgetNs, faults);
    try {
      dashboard.server.start();
    } catch (JavalinBindException e) {
      throw new BadInput(
          ExitCode.UNAVAILABLE,
          "page: expected port "
              + port
              + " on "
              + HOST
              + " free, found it in use; choose one with --port, or leave the page out with"
              + " --headless");
    }
    dashboard.worker.start();
    return dashboard;
  }

  /** How the model cuts a picture into tokens; said once it is loaded. */
  public void tokenGrid(int rows, int cols) {
    encoder.tokenGrid(rows, cols);
  }

  /** Where the page asks how the clocks of live sensors stand; any thread may be asked. */
  public void clocks(Supplier<List<SensorClock>> source) {
    encoder.clocks(source);
  }

  /**
   * Memory is short: no update is made until it no longer is, and the newest is let go. Any thread.
   */
  public void sparing(boolean wanted) {
    sparing = wanted;
    if (wanted) {
      newest = null;
    }
  }

  /** Port that is served. */
  public int port() {
    return server.port();
  }

  /** Where to look. */
  public String url() {
    return "http://" + HOST + ":" + port() + "/";
  }

  // ---- control thread ----

  /** Control thread: shares leases and goes on; what comes too soon or too often is skipped. */
  @Override
  public void onMessage(Publication publication) {
    PlannerMessage message = publication.message();
    history.add(message);
    if (pages.isEmpty() || sparing) {
      return;
    }
    PlannerMessage before = ahead;
    ahead = null;
    if (publication.set() == null && message.decidedByModel()) {
      ahead = message; // drawn with its pictures, when its description comes
      return;
    }
    boolean follows =
        before != null
            && message.kind() == PlannerMessage.Kind.DESCRIPTION
            && message.captureNs() == before.captureNs();
    long nowNs = message.publishedNs();
    if (nowNs - lastNs < SHORTEST_GAP_NS && lastNs != Long.MIN_VALUE) {
      return;
    }
    if (hand.get() != FREE) {
      skipped++;
      return;
    }
    lastNs = nowNs;
    moment.fill(publication, history, before != null && follows ? before : message);
    if (!hand.compareAndSet(FREE, FILLED)) {
      moment.release(); // closed meanwhile
      return;
    }
    LockSupport.unpark(worker);
  }

  // ---- encoder ----

  private void work() {
    POLITE.applyToThisThread();
    ThreadMXBean threads = ManagementFactory.getThreadMXBean();
    NanoClock clock = NanoClock.system();
    double share = 0;
    while (hand.get() != CLOSED) {
      if (hand.get() != FILLED) {
        LockSupport.park(this);
        continue;
      }
      long beganNs = clock.nanoTime();
      long beganCpuNs = threads.getCurrentThreadCpuTime();
      try {
        String update = encoder.encode(moment, share);
        newest = update;
        updates.incrementAndGet();
        pages.forEach(page -> page.offer(update));
      } catch (RuntimeException e) {
        moment.release(); // one update less; the page goes on
      }
      long usedNs = threads.getCurrentThreadCpuTime() - beganCpuNs;
      encoderNs += usedNs;
      rest(beganNs + Math.min(Math.round(usedNs / MOST_SHARE), LONGEST_REST_NS), clock);
      share += 0.1 * ((double) usedNs / Math.max(1, clock.nanoTime() - beganNs) - share);
      hand.compareAndSet(FILLED, FREE);
    }
  }

  /** Until then messages are left out. */
  private void rest(long untilNs, NanoClock clock) {
    long leftNs = untilNs - clock.nanoTime();
    while (leftNs > 0 && !closing) {
      LockSupport.parkNanos(this, leftNs);
      leftNs = untilNs - clock.nanoTime();
    }
  }

  /** CPU time of encoding so far, ns. */
  public long encoderNs() {
    return encoderNs;
  }

  /** Updates sent to pages so far. */
  public long updates() {
    return updates.get();
  }

  /** Messages left out because the encoder was still at an earlier one. */
  public long skipped() {
    return skipped;
  }

  /** Updates that a page was too slow to get, all pages that were ever open. */
  public long pagesBehind() {
    return behind.get();
  }

  /** Length of the newest update, characters; 0 before the first. */
  public long updateBytes() {
    String update = newest;
    return update == null ? 0 : update.length();
  }

  /** What waits for pages that have not taken it yet, characters: at most one update each. */
  public long waitingBytes() {
    return pages.stream().mapToLong(LiveClient::waiting).sum();
  }

  /** One line for people: what the page has cost. */
  public String line() {
    long count = updates.get();
    return String.format(
        Locale.ROOT,
        "%d updates, %.1f ms of CPU and %d kB each; %d left out as too soon for it, %d missed by slow"
            + " pages",
        count,
        count == 0 ? 0 : encoderNs * 1e-6 / count,
        updateBytes() / 1000,
        skipped,
        behind.get());
  }

  /** Pages that are open. */
  public int pages() {
    return pages.size();
  }

  // ---- server ----

  private void join(SseClient sse) {
    if (pages.size() >= MOST_PAGES) {
      sse.sendEvent("full", "expected at most " + MOST_PAGES + " pages");
      sse.close();
      return;
    }
    sse.keepAlive();
    LiveClient[] self = new LiveClient[1];
    LiveClient page = new LiveClient(sse, behind, () -> pages.remove(self[0]));
    self[0] = page;
    pages.add(page);
    page.start();
    String update = newest;
    if (update != null) {
      page.offer(update);
    }
  }

  /**
   * A button. Refused: 403 from any other page, 409 where the sensors are not simulated, 400 what
   * is no fault of a sensor.
   */
  private void fault(Context context) {
    String site = context.header("Sec-Fetch-Site");
    String origin = context.header("Origin");
    String own = "http://" + context.host();
    FaultSwitch panel = faults;
    if (!own.equals(origin) || (site != null && !site.equals("same-origin"))) {
      refuse(context, HttpStatus.FORBIDDEN, "origin: expected " + own + ", found " + origin);
    } else if (panel == null) {
      refuse(context, HttpStatus.CONFLICT, "source: expected a simulator, found none");
    } else {
      try {
        JsonNode asked = JSON.readTree(context.body());
        panel.set(asked.path("sensor").asText(), faultNamed(asked.path("fault").asText()));
        context.status(HttpStatus.NO_CONTENT);
      } catch (JsonProcessingException e) {
        refuse(context, HttpStatus.BAD_REQUEST, "body: expected {\"sensor\": .., \"fault\": ..}");
      } catch (IllegalArgumentException e) {
        refuse(context, HttpStatus.BAD_REQUEST, String.valueOf(e.getMessage()));
      }
    }
  }

  private static Fault faultNamed(String name) {
    for (Fault fault : Fault.values()) {
      if (fault.toString().equals(name)) {
        return fault;
      }
    }
    throw new IllegalArgumentException(
        "fault: expected one of " + Arrays.toString(Fault.values()) + ", found \"" + name + '"');
  }

  private static void refuse(Context context, HttpStatus status, String line) {
    context.status(status).contentType(ContentType.TEXT_PLAIN).result(line + "\n");
  }

  /** Only pages of this machine may ask (a name that resolves to 127.0.0.1 is not enough). */
  private static void guard(Context context) {
    String host = String.valueOf(context.host());
    int colon = host.lastIndexOf(':');
    String name = colon < 0 ? host : host.substring(0, colon);
    context.header(
        "Content-Security-Policy",
        "default-src 'none'; script-src 'self'; style-src 'self' 'unsafe-inline'; img-src 'self' data:;"
            + " connect-src 'self'; frame-ancestors 'none'; base-uri 'none'; form-action 'none'");
    context.header("X-Content-Type-Options", "nosniff");
    context.header("Cache-Control", "no-store");
    if (!name.equals(HOST) && !name.equals("localhost")) {
      refuse(context, HttpStatus.FORBIDDEN, "expected host " + HOST + " or localhost");
      context.skipRemainingHandlers();
    }
  }

  private static void resource(Context context, String name) {
    try (InputStream in = Dashboard.class.getResourceAsStream(name)) {
      if (in == null) {
        throw new IllegalStateException("expected resource " + name + " beside this class");
      }
      String text = new String(in.readAllBytes(), StandardCharsets.UTF_8);
      context.contentType(TYPES.getOrDefault(name, "text/plain")).result(text);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** Ends the server; gives back every lease. Call it before the pipeline's memory is freed. */
  @Override
  public void close() {
    closing = true;
    LockSupport.unpark(worker);
    while (!hand.compareAndSet(FREE, CLOSED)) {
      if (hand.get() == CLOSED) {
        return;
      }
      LockSupport.parkNanos(this, 1_000_000L); // the encoder is at one
    }
    LockSupport.unpark(worker);
    pages.forEach(LiveClient::close);
    server.stop();
  }
}
