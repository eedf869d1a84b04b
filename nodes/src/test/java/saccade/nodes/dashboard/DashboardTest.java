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
import java.net.Socket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Base64;
import java.util.List;
import java.util.concurrent.TimeUnit;
import javax.imageio.ImageIO;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
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
import saccade.nodes.sensor.FaultSwitch;
import saccade.nodes.sensor.FaultSwitch.Fault;
import saccade.nodes.sensor.SensorTap;
import saccade.planner.OutputCodec;
import saccade.realtime.ledger.DropLedger;

/** The page and its stream, over a real socket, from a pipeline that plays the sample. */
@Timeout(value = 60, unit = TimeUnit.SECONDS)
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

  private RealTimeRun play(Dashboard page, PlayerSource source) {
    RealTimeRun run =
        new RealTimeRun(
            PipelineOptions.tenHertz(),
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
        PlayerSource source = new PlayerSource(sample, 1, line -> {})) {
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
        assertEquals(90, set.path("budgetMs").asInt());
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

  /** A page that reads nothing: the pipeline goes on as if it were not there. */
  @Test
  void shouldNotBeSlowedByAPageThatDoesNotRead() throws Exception {
    try (Dashboard page = open(0);
        PlayerSource source = new PlayerSource(sample, 1, line -> {});
        Socket stuck = new Socket("127.0.0.1", page.port())) {
      stuck.setReceiveBufferSize(1024);
      stuck
          .getOutputStream()
          .write(
              ("GET /live HTTP/1.1\r\nHost: 127.0.0.1\r\nAccept: text/event-stream\r\n\r\n")
                  .getBytes(StandardCharsets.US_ASCII));
      while (page.pages() == 0) {
        Thread.sleep(5);
      }
      try (RealTimeRun run = play(page, source)) {
        run.startSource();
        while (!run.sourceEnded()) {
          Thread.sleep(20);
        }
        run.stop();
        assertEquals(33, source.framesIn());
        assertTrue(run.pipeline().imbalances().isEmpty());
        assertEquals(0, run.pipeline().counts().listenerFailures());
        page.close();
        assertEquals(0, run.pipeline().inlets().ring(0).pool().leasedCount());
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
