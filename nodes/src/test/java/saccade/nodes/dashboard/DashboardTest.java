package saccade.nodes.dashboard;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.BufferedReader;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.Random;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.locks.LockSupport;
import java.util.stream.IntStream;
import javax.imageio.ImageIO;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import saccade.kernels.geometry.CameraModel;
import saccade.kernels.geometry.Pose;
import saccade.kernels.geometry.Rig;
import saccade.nodes.cli.BadInput;
import saccade.nodes.cli.ExitCode;
import saccade.nodes.graph.HostPolicy;
import saccade.nodes.pipeline.PipelineOptions;
import saccade.nodes.pipeline.RealTimeRun;
import saccade.nodes.pipeline.Vehicle;
import saccade.nodes.play.EgoAssumptions;
import saccade.nodes.play.PlayerSource;
import saccade.nodes.play.Recording;
import saccade.nodes.play.Recordings;
import saccade.nodes.sensor.EgoState;
import saccade.nodes.sensor.FaultSwitch;
import saccade.nodes.sensor.FaultSwitch.Fault;
import saccade.nodes.sensor.SensorInlets;
import saccade.nodes.sensor.SensorSource;
import saccade.nodes.sensor.SensorTap;
import saccade.planner.GeometricReflex;
import saccade.planner.OutputCodec;
import saccade.realtime.ledger.DropLedger;

/** The page and its stream, over a real socket, from a pipeline that plays the sample. */
@Timeout(value = 180, unit = TimeUnit.SECONDS)
final class DashboardTest {
  private final Recording sample =
      Recordings.open(Path.of("samples/recording"), EgoAssumptions.STANDING_IN_TOWN);
  private final HttpClient client = HttpClient.newHttpClient();

  private Dashboard open(int port) {
    return Dashboard.open(port, "the sample", sample.rig(), 90_000_000L, null);
  }

  private HttpResponse<String> get(Dashboard page, String path)
      throws IOException, InterruptedException {
    return client.send(
        HttpRequest.newBuilder(URI.create(page.url() + path)).build(),
        HttpResponse.BodyHandlers.ofString());
  }

  /** Time enough for every answer, however busy the machine. */
  private static PipelineOptions patient(long periodNs) {
    return new PipelineOptions(
        periodNs,
        2_000_000_000L,
        3_000_000L,
        periodNs * 9 / 10,
        8,
        2_000_000_000L,
        2_000_000_000L,
        20_000_000L,
        GeometricReflex.Mode.OFF,
        2_000_000_000L,
        PipelineOptions.Degrade.ON,
        List.of());
  }

  private RealTimeRun play(Dashboard page, PlayerSource source) {
    RealTimeRun run =
        new RealTimeRun(
            patient(source.periodNs()),
            source,
            new TalkingPerceiver(),
            OutputCodec.saccadeNano(),
            Vehicle.NONE,
            page,
            HostPolicy.AS_IS);
    run.begin();
    source.prepare(0);
    return run;
  }

  @Test
  void shouldServeAPageThatNeedsNothingFromElsewhere() throws Exception {
    try (Dashboard page = open(0)) {
      assertTrue(page.url().startsWith("http://127.0.0.1:"));
      HttpResponse<String> html = get(page, "");
      assertEquals(200, html.statusCode());
      assertTrue(html.headers().firstValue("Content-Type").orElse("").startsWith("text/html"));
      HttpResponse<String> script = get(page, "dashboard.js");
      assertEquals(200, script.statusCode());
      assertEquals(200, get(page, "dashboard.css").statusCode());
      for (String text :
          new String[] {html.body(), script.body(), get(page, "dashboard.css").body()}) {
        assertFalse(
            text.contains("http://") || text.contains("https://") || text.contains("//cdn"));
      }
      assertEquals(404, get(page, "nothing").statusCode());
    }
  }

  @Test
  void shouldRefuseHostsThatAreNotThisMachine() throws Exception {
    try (Dashboard page = open(0);
        Socket socket = new Socket("127.0.0.1", page.port())) {
      socket
          .getOutputStream()
          .write(
              "GET / HTTP/1.0\r\nHost: evil.example\r\n\r\n".getBytes(StandardCharsets.US_ASCII));
      String first =
          new BufferedReader(
                  new InputStreamReader(socket.getInputStream(), StandardCharsets.US_ASCII))
              .readLine();
      assertTrue(first.contains(" 403 "), first);
    }
  }

  @Test
  void shouldSayInOneLineThatAPortIsInUse() {
    try (Dashboard page = open(0)) {
      BadInput bad = assertThrows(BadInput.class, () -> open(page.port()));
      assertEquals(ExitCode.UNAVAILABLE, bad.exitCode());
      assertTrue(bad.getMessage().contains("port " + page.port()), bad.getMessage());
      assertEquals(1, bad.getMessage().lines().count());
    }
  }

  @Test
  void shouldStreamWhatThePipelineSees() throws Exception {
    try (Dashboard page = open(0);
        PlayerSource source = new PlayerSource(sample, 0.2, line -> {})) {
      page.tokenGrid(4, 7);
      HttpResponse<InputStream> live =
          client.send(
              HttpRequest.newBuilder(URI.create(page.url() + "live"))
                  .header("Accept", "text/event-stream")
                  .build(),
              HttpResponse.BodyHandlers.ofInputStream());
      assertTrue(live.headers().firstValue("Content-Type").orElse("").contains("event-stream"));
      try (RealTimeRun run = play(page, source);
          BufferedReader lines =
              new BufferedReader(new InputStreamReader(live.body(), StandardCharsets.UTF_8))) {
        run.startSource();
        JsonNode set = nextFresh(lines);
        assertEquals("the sample", set.path("source").asText());
        assertEquals(TalkingPerceiver.SENTENCE, set.path("sentence").asText());
        assertEquals("BRAKE", set.path("action").path("maneuver").asText());
        assertEquals(10, set.path("action").path("accel").size());
        assertEquals(28, set.path("cameras").path(0).path("kept").asText().length());
        byte[] jpeg = Base64.getDecoder().decode(set.path("cameras").path(0).path("jpeg").asText());
        assertEquals(224, ImageIO.read(new ByteArrayInputStream(jpeg)).getWidth());
        byte[] points = Base64.getDecoder().decode(set.path("points").asText());
        assertTrue(
            points.length > 6 * 200 && points.length % 6 == 0, () -> points.length + " bytes");
        JsonNode waterfall = set.path("waterfall");
        assertEquals(3, waterfall.path("sensors").size());
        assertEquals("PRESENT", waterfall.path("sensors").path(0).path("presence").asText());
        assertEquals("talk", waterfall.path("slices").path(0).path("name").asText());
        double readyMs = waterfall.path("readyMs").asDouble();
        double fromMs = waterfall.path("slices").path(0).path("fromMs").asDouble();
        double toMs = waterfall.path("slices").path(0).path("toMs").asDouble();
        double messageMs = waterfall.path("messageMs").asDouble();
        assertTrue(0 < readyMs && readyMs <= fromMs && fromMs <= toMs && toMs <= messageMs);
        assertEquals(messageMs, set.path("ageMs").asDouble(), 1e-3);
        assertEquals(set.path("ages").size(), set.path("kinds").asText().length());
        assertTrue(set.path("ages").size() > 0);
        assertTrue(set.path("drops").isArray());
        assertTrue(set.path("faults").isMissingNode(), "a recording has no faults to switch");
        assertEquals(2, set.path("columns").asInt());
        assertTrue(set.path("stages").size() > 0);
        assertEquals(2000, set.path("budgetMs").asInt());
        assertTrue(set.path("outputs").path("FRESH").asInt() > 0);
        run.stop();
        page.close();
        assertTrue(page.updates() > 0);
        for (DropLedger ledger : run.pipeline().ledgers()) {
          ledger.assertBalanced();
        }
        assertEquals(0, run.pipeline().inlets().ring(0).pool().leasedCount(), "leases given back");
      }
    }
  }

  private HttpResponse<String> press(Dashboard page, String origin, String body)
      throws IOException, InterruptedException {
    HttpRequest.Builder request =
        HttpRequest.newBuilder(URI.create(page.url() + "fault"))
            .POST(HttpRequest.BodyPublishers.ofString(body));
    if (!origin.isEmpty()) {
      request.header("Origin", origin);
    }
    return client.send(request.build(), HttpResponse.BodyHandlers.ofString());
  }

  @Test
  void shouldSwitchFaultsForItsOwnPageOnly() throws Exception {
    FaultSwitch faults = new FaultSwitch(sample.rig(), SensorTap.OPEN);
    String lost = "{\"sensor\": \"front_wide\", \"fault\": \"LOST\"}";
    try (Dashboard page = Dashboard.open(0, "simulator", sample.rig(), 90_000_000L, faults)) {
      String own = "http://127.0.0.1:" + page.port();
      for (String other :
          List.of(
              "",
              "null",
              "http://evil.example",
              "http://127.0.0.1:1",
              own + "0",
              "https" + own.substring(4))) {
        assertEquals(403, press(page, other, lost).statusCode(), other);
      }
      assertEquals(Fault.NONE, faults.of(0));
      assertEquals(204, press(page, own, lost).statusCode());
      assertEquals(Fault.LOST, faults.of(0));
      for (String bad :
          List.of(
              "",
              "no json",
              "[]",
              "{\"sensor\": \"front_wide\", \"fault\": \"BURNT\"}",
              "{\"sensor\": \"nose\", \"fault\": \"NONE\"}",
              "{\"sensor\": \"lidar_top\", \"fault\": \"BLACK\"}")) {
        HttpResponse<String> answer = press(page, own, bad);
        assertEquals(400, answer.statusCode(), bad);
        assertEquals(1, answer.body().lines().count(), bad);
      }
      assertTrue(press(page, own, lost + " ".repeat(4000)).statusCode() >= 400, "bounded");
      assertEquals(Fault.LOST, faults.of(0));
      assertEquals(204, press(page, own, lost.replace("LOST", "NONE")).statusCode());
      assertEquals(Fault.NONE, faults.of(0));
    }
  }

  @Test
  void shouldRefuseFaultsOfARecording() throws Exception {
    try (Dashboard page = open(0)) {
      HttpResponse<String> answer =
          press(
              page,
              "http://127.0.0.1:" + page.port(),
              "{\"sensor\": \"front_wide\", \"fault\": \"LOST\"}");
      assertEquals(409, answer.statusCode());
      assertTrue(answer.body().contains("expected a simulator"), answer.body());
    }
  }

  /** Six cameras of noise at 10 Hz, which no encoder makes small, until it is enough. */
  private static final class Noise implements SensorSource {
    private final Rig rig;
    private volatile boolean enough;
    private volatile long pushed;
    private volatile boolean ended;
    private Thread thread = Thread.currentThread();

    Noise() {
      this.rig =
          new Rig(
              IntStream.range(0, 6)
                  .mapToObj(i -> CameraModel.ofHorizontalFov("c" + i, 480, 272, 1, Pose.IDENTITY))
                  .toList(),
              null);
    }

    @Override
    public String name() {
      return "noise";
    }

    @Override
    public Rig rig() {
      return rig;
    }

    @Override
    public long periodNs() {
      return 100_000_000L;
    }

    @Override
    public void start(SensorInlets inlets) {
      thread = Thread.ofPlatform().daemon(true).start(() -> push(inlets));
    }

    private void push(SensorInlets inlets) {
      byte[] noise = new byte[3 * 480 * 272];
      Random random = new Random(1);
      while (!enough) {
        random.nextBytes(noise); // a camera that shows the same for ever is not trusted
        long nowNs = inlets.clock().nanoTime();
        inlets.ego().push(new EgoState(nowNs, 5, 0, 0, 8));
        for (int i = 0; i < 6; i++) {
          long handle = inlets.ring(i).tryClaim(nowNs);
          if (handle >= 0) {
            MemorySegment.copy(
                noise, 0, inlets.ring(i).slot(handle), ValueLayout.JAVA_BYTE, 0, noise.length);
            inlets.ring(i).publish(handle, nowNs, noise.length, 480, 272, SensorInlets.BGR8, nowNs);
          }
          pushed++;
        }
        LockSupport.parkNanos(100_000_000L);
      }
      ended = true;
    }

    @Override
    public boolean ended() {
      return ended;
    }

    @Override
    public long framesIn() {
      return pushed;
    }

    @Override
    public void close() {
      try {
        thread.join();
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
      }
    }
  }

  private Socket reader(Dashboard page, int bufferBytes) throws IOException {
    Socket socket = new Socket();
    socket.setReceiveBufferSize(bufferBytes);
    socket.connect(new InetSocketAddress("127.0.0.1", page.port()));
    socket
        .getOutputStream()
        .write(
            ("GET /live HTTP/1.1\r\nHost: 127.0.0.1\r\nAccept: text/event-stream\r\n\r\n")
                .getBytes(StandardCharsets.US_ASCII));
    return socket;
  }

  /**
   * A page that is held up, with buffers full down to its socket: it misses updates, one waits for
   * it and no more, another page gets them all, and the pipeline works as if neither were there.
   */
  @Test
  void shouldNotBeSlowedByAPageThatIsHeldUp() throws Exception {
    Noise source = new Noise();
    try (Dashboard page = Dashboard.open(0, "noise", source.rig(), 90_000_000L, null);
        Socket stuck = reader(page, 2048)) {
      awaitPages(page, 1);
      try (Socket quick = reader(page, 1 << 20);
          RealTimeRun run =
              new RealTimeRun(
                  patient(source.periodNs()),
                  source,
                  new TalkingPerceiver(),
                  OutputCodec.saccadeNano(),
                  Vehicle.NONE,
                  page,
                  HostPolicy.AS_IS)) {
        awaitPages(page, 2);
        AtomicLong read = new AtomicLong();
        Thread drain =
            Thread.ofPlatform()
                .start(
                    () -> {
                      try (InputStream in = quick.getInputStream()) {
                        byte[] buffer = new byte[1 << 16];
                        for (int n = in.read(buffer); n > 0; n = in.read(buffer)) {
                          read.addAndGet(n);
                        }
                      } catch (IOException e) {
                        // closed at the end
                      }
                    });
        run.begin();
        run.startSource();
        long bytes = 0;
        while (page.pagesBehind() < 3 || bytes < 200_000) {
          bytes = Math.max(bytes, page.updateBytes()); // noise does not become small
          Thread.sleep(20); // until every buffer on the way to the stuck page is full
        }
        long largest = bytes;
        source.enough = true;
        while (!run.sourceEnded()) {
          Thread.sleep(20);
        }
        run.stop();
        assertTrue(stuck.isConnected());
        assertTrue(run.pipeline().imbalances().isEmpty());
        assertEquals(0, run.pipeline().counts().listenerFailures());
        assertTrue(run.pipeline().counts().setsAnswered() > 5);
        assertTrue(
            read.get() > 2 * largest,
            () -> "the other page read " + read.get() + ", an update has " + largest);
        assertTrue(page.waitingBytes() <= 2 * 2 * largest, "at most one waits for each page");
        page.close();
        drain.join();
        for (int i = 0; i < 6; i++) {
          assertEquals(0, run.pipeline().inlets().ring(i).pool().leasedCount(), "lease " + i);
        }
      }
    }
  }

  private static void awaitPages(Dashboard page, int pages) throws InterruptedException {
    while (page.pages() < pages) {
      Thread.sleep(5);
    }
  }

  @Test
  void shouldEncodeNothingWhileNobodyLooks() throws Exception {
    try (Dashboard page = open(0);
        PlayerSource source = new PlayerSource(sample, 1, line -> {})) {
      try (RealTimeRun run = play(page, source)) {
        run.startSource();
        while (!run.sourceEnded()) {
          Thread.sleep(20);
        }
        run.stop();
        assertTrue(run.pipeline().counts().messages() > 5);
        assertEquals(0, page.updates());
        assertEquals(0, page.encoderNs());
      }
    }
  }

  @Test
  void shouldTurnAwayMorePagesThanItServes() throws Exception {
    List<Socket> open = new ArrayList<>();
    try (Dashboard page = open(0)) {
      for (int i = 0; i < 16; i++) {
        open.add(reader(page, 4096));
      }
      awaitPages(page, 16);
      try (Socket more = reader(page, 4096);
          BufferedReader lines =
              new BufferedReader(
                  new InputStreamReader(more.getInputStream(), StandardCharsets.UTF_8))) {
        StringBuilder answer = new StringBuilder();
        for (String line = lines.readLine(); line != null; line = lines.readLine()) {
          answer.append(line).append('\n');
        }
        assertTrue(answer.toString().contains("expected at most 16 pages"), answer.toString());
        assertEquals(16, page.pages());
      }
    } finally {
      for (Socket socket : open) {
        socket.close();
      }
    }
  }

  private static JsonNode nextFresh(BufferedReader lines) throws IOException {
    for (String line = lines.readLine(); line != null; line = lines.readLine()) {
      if (line.startsWith("data:")) {
        JsonNode set = new ObjectMapper().readTree(line.substring(5));
        if (set.path("kind").asText().equals("FRESH")) {
          return set;
        }
      }
    }
    throw new IOException("the stream ended without a fresh message");
  }
}
