package saccade.nodes.dashboard;

import io.javalin.Javalin;
import io.javalin.http.ContentType;
import io.javalin.http.Context;
import io.javalin.http.sse.SseClient;
import io.javalin.util.JavalinBindException;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CopyOnWriteArraySet;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.locks.LockSupport;
import org.jspecify.annotations.Nullable;
import saccade.kernels.geometry.Rig;
import saccade.nodes.cli.BadInput;
import saccade.nodes.cli.ExitCode;
import saccade.nodes.pipeline.PipelineListener;
import saccade.nodes.pipeline.Publication;
import saccade.planner.PlannerMessage;

/**
 * The live page on {@code http://127.0.0.1:PORT}: cameras with kept patches, LiDAR from above,
 * sentence, action, latencies, drops. Plain JavaScript, no resource from anywhere else.
 *
 * <pre>
 *   control thread ─ share leases (≤ 10 Hz, only while a page is open and the encoder is idle)
 *        └─► encoder (virtual thread): copy, give leases back, JPEG, JSON ─► each page's latest-only slot ─► its own sender
 * </pre>
 *
 * <p>Server-sent events at {@code /live}, event {@code set}, one JSON object each.
 */
public final class Dashboard implements PipelineListener, AutoCloseable {
  private static final String HOST = "127.0.0.1";
  private static final long SHORTEST_GAP_NS = 95_000_000L; // 10 Hz and some jitter
  private static final int FREE = 0;
  private static final int FILLED = 1;
  private static final int CLOSED = 2;
  private static final Map<String, String> TYPES =
      Map.of(
          "index.html", "text/html; charset=utf-8",
          "dashboard.js", "text/javascript; charset=utf-8",
          "dashboard.css", "text/css; charset=utf-8");

  private final Moment moment;
  private final PageEncoder encoder;
  private final AtomicInteger hand = new AtomicInteger(FREE); // who owns the moment
  private final Set<LiveClient> pages = new CopyOnWriteArraySet<>();
  private final AtomicLong updates = new AtomicLong();
  private final Thread worker;
  private final Javalin server;
  private volatile @Nullable String newest;
  private long lastNs = Long.MIN_VALUE; // control thread
  private volatile long skipped;

  private Dashboard(int port, String source, Rig rig, long budgetNs) {
    this.moment = new Moment(rig.cameras().size() + (rig.lidar() == null ? 0 : 1));
    this.encoder = new PageEncoder(source, rig, budgetNs);
    this.worker = Thread.ofVirtual().name("page-encoder").unstarted(this::work);
    this.server =
        Javalin.create(
            config -> {
              config.jetty.host = HOST;
              config.jetty.port = port;
              config.startup.showJavalinBanner = false;
              config.startup.startupWatcherEnabled = false;
              config.concurrency.useVirtualThreads = true;
              config.routes.before(Dashboard::guard);
              config.routes.get("/", context -> resource(context, "index.html"));
              config.routes.get("/dashboard.js", context -> resource(context, "dashboard.js"));
              config.routes.get("/dashboard.css", context -> resource(context, "dashboard.css"));
              config.routes.sse("/live", this::join);
            });
  }

  /**
   * Opens the page.
   *
   * @param port TCP port on 127.0.0.1, 0 = any free one
   * @param source shown as the title, e.g. {@code simulator demo seed 1}
   * @param budgetNs from capture to message, drawn as the deadline
   * @throws BadInput with {@link ExitCode#UNAVAILABLE} when the port is in use
   */
  public static Dashboard open(int port, String source, Rig rig, long budgetNs) {
    Dashboard dashboard = new Dashboard(port, source, rig, budgetNs);
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
    if (pages.isEmpty()) {
      return;
    }
    PlannerMessage message = publication.message();
    long nowNs = message.publishedNs();
    if (nowNs - lastNs < SHORTEST_GAP_NS && lastNs != Long.MIN_VALUE) {
      return;
    }
    if (hand.get() != FREE) {
      skipped++;
      return;
    }
    lastNs = nowNs;
    moment.fill(publication);
    if (!hand.compareAndSet(FREE, FILLED)) {
      moment.release(); // closed meanwhile
      return;
    }
    LockSupport.unpark(worker);
  }

  // ---- encoder ----

  private void work() {
    while (hand.get() != CLOSED) {
      if (hand.get() != FILLED) {
        LockSupport.park(this);
        continue;
      }
      try {
        String update = encoder.encode(moment);
        newest = update;
        updates.incrementAndGet();
        pages.forEach(page -> page.offer(update));
      } catch (RuntimeException e) {
        moment.release(); // one update less; the page goes on
      }
      hand.compareAndSet(FILLED, FREE);
    }
  }

  /** Updates sent to pages so far. */
  public long updates() {
    return updates.get();
  }

  /** Messages left out because the encoder was still at an earlier one. */
  public long skipped() {
    return skipped;
  }

  /** Pages that are open. */
  public int pages() {
    return pages.size();
  }

  // ---- server ----

  private void join(SseClient sse) {
    sse.keepAlive();
    LiveClient[] self = new LiveClient[1];
    LiveClient page = new LiveClient(sse, () -> pages.remove(self[0]));
    self[0] = page;
    pages.add(page);
    page.start();
    String update = newest;
    if (update != null) {
      page.offer(update);
    }
  }

  /** Only pages of this machine may ask (a name that resolves to 127.0.0.1 is not enough). */
  private static void guard(Context context) {
    String host = String.valueOf(context.host());
    int colon = host.lastIndexOf(':');
    String name = colon < 0 ? host : host.substring(0, colon);
    context.header(
        "Content-Security-Policy",
        "default-src 'none'; script-src 'self'; style-src 'self' 'unsafe-inline'; img-src 'self' data:;"
            + " connect-src 'self'");
    context.header("X-Content-Type-Options", "nosniff");
    context.header("Cache-Control", "no-store");
    if (!name.equals(HOST) && !name.equals("localhost")) {
      context
          .status(403)
          .contentType(ContentType.TEXT_PLAIN)
          .result("expected host " + HOST + " or localhost\n");
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
