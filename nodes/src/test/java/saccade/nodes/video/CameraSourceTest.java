package saccade.nodes.video;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.awt.Color;
import java.awt.Graphics2D;
import java.awt.image.BufferedImage;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.BooleanSupplier;
import java.util.stream.IntStream;
import javax.imageio.ImageIO;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import saccade.kernels.geometry.CameraModel;
import saccade.kernels.geometry.Pose;
import saccade.kernels.geometry.Rig;
import saccade.nodes.cli.BadInput;
import saccade.nodes.sensor.EgoState;
import saccade.nodes.sensor.SensorInlets;
import saccade.realtime.clock.NanoClock;
import saccade.realtime.ring.Doorbell;
import saccade.realtime.ring.FrameView;

/** Real FFmpeg, real files, real sockets. */
class CameraSourceTest {
  private static final int WIDTH = 64;
  private static final int HEIGHT = 48;

  @TempDir Path folder;
  private final List<String> complaints = new CopyOnWriteArrayList<>();

  private static byte[] jpeg(Color colour) throws IOException {
    BufferedImage image = new BufferedImage(WIDTH, HEIGHT, BufferedImage.TYPE_3BYTE_BGR);
    Graphics2D pen = image.createGraphics();
    pen.setColor(colour);
    pen.fillRect(0, 0, WIDTH, HEIGHT);
    pen.dispose();
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    ImageIO.write(image, "jpg", bytes);
    return bytes.toByteArray();
  }

  private static CameraModel camera(int i) {
    Pose place = Pose.of(0, 0, 1, 0, 0, 0);
    return CameraModel.ofHorizontalFov("c" + i, WIDTH, HEIGHT, 1, place);
  }

  private CameraSource source(Map<String, String> urls) {
    return source(urls, false);
  }

  private CameraSource source(Map<String, String> urls, boolean loop) {
    Rig rig = new Rig(IntStream.range(0, urls.size()).mapToObj(i -> camera(i)).toList(), null);
    return new CameraSource(rig, urls, 50, 1, loop, EgoState.STANDING, complaints::add);
  }

  private static SensorInlets inlets(Arena arena, CameraSource source) {
    return new SensorInlets(arena, source.rig(), 16, NanoClock.system(), new Doorbell());
  }

  private static void await(BooleanSupplier what) throws InterruptedException {
    long end = System.nanoTime() + 20_000_000_000L;
    while (!what.getAsBoolean() && System.nanoTime() < end) {
      Thread.sleep(5);
    }
    assertTrue(what.getAsBoolean(), "not within 20 s");
  }

  /** As network cameras do: pictures over HTTP, one part each; hangs up after some of them. */
  private static final class Server implements AutoCloseable {
    private static final String TYPE = "Content-Type: multipart/x-mixed-replace; boundary=next";

    final ServerSocket socket = new ServerSocket(0, 50, InetAddress.getLoopbackAddress());
    final AtomicInteger connections = new AtomicInteger();

    Server(int pictures, long pauseMs) throws IOException {
      byte[] picture = jpeg(Color.RED);
      Thread.ofPlatform()
          .daemon(true)
          .start(
              () -> {
                while (!socket.isClosed()) {
                  try (Socket peer = socket.accept();
                      OutputStream out = peer.getOutputStream()) {
                    connections.incrementAndGet();
                    peer.getInputStream().read(new byte[4096]); // the request
                    out.write(text("HTTP/1.0 200 OK\r\n" + TYPE + "\r\n\r\n"));
                    for (int i = 0; i < pictures; i++) {
                      out.write(text("--next\r\nContent-Type: image/jpeg\r\nContent-Length: "));
                      out.write(text(picture.length + "\r\n\r\n"));
                      out.write(picture);
                      out.write(text("\r\n"));
                      out.flush();
                      Thread.sleep(pauseMs);
                    }
                  } catch (IOException | InterruptedException e) {
                    // the peer went, or the test is over
                  }
                }
              });
    }

    private static byte[] text(String line) {
      return line.getBytes(StandardCharsets.US_ASCII);
    }

    String url() {
      return "http://127.0.0.1:" + socket.getLocalPort() + "/video";
    }

    @Override
    public void close() throws IOException {
      socket.close();
    }
  }

  @Test
  void aFolderOfPicturesIsPlayedInOrderWithItsColours() throws Exception {
    Files.write(folder.resolve("a1.jpg"), jpeg(Color.RED));
    Files.write(folder.resolve("a2.jpg"), jpeg(Color.BLUE));
    try (VideoStream stream = VideoStream.open(folder.toString(), 10, 2_000_000_000L, () -> false);
        Arena arena = Arena.ofConfined()) {
      assertEquals(WIDTH, stream.widthPx());
      assertEquals(HEIGHT, stream.heightPx());
      MemorySegment half = arena.allocate(3L * WIDTH / 2 * HEIGHT / 2);
      assertTrue(stream.next());
      long first = stream.stampNs();
      stream.copyTo(half, WIDTH / 2, HEIGHT / 2);
      assertEquals(255, half.get(ValueLayout.JAVA_BYTE, 2) & 0xFF, 6, "red is the third byte");
      assertTrue(stream.next());
      assertEquals(100_000_000L, stream.stampNs() - first);
      stream.copyTo(half, WIDTH / 2, HEIGHT / 2);
      assertEquals(255, half.get(ValueLayout.JAVA_BYTE, 0) & 0xFF, 6, "blue is the first");
      assertFalse(stream.next());
    }
  }

  @Test
  void aFileIsPlayedToItsEndAndEveryPictureIsAccountedFor() throws Exception {
    for (int i = 0; i < 8; i++) {
      Files.write(folder.resolve("p" + i + ".jpg"), jpeg(new Color(i * 30, 0, 0)));
    }
    try (Arena arena = Arena.ofShared();
        CameraSource source = source(Map.of("c0", folder.toString()))) {
      SensorInlets inlets = inlets(arena, source);
      source.start(inlets);
      await(source::ended);
      assertEquals(8, source.framesIn());
      assertEquals(8, inlets.ring(0).ledger().offered());
      FrameView view = new FrameView();
      long last = Long.MIN_VALUE;
      while (inlets.ring(0).takeNext(view, NanoClock.system().nanoTime())) {
        assertTrue(view.captureNs() > last);
        last = view.captureNs();
        view.release();
      }
      source.close();
      inlets.shutdown();
      inlets.ring(0).ledger().assertBalanced();
      assertEquals(List.of(), complaints);
    }
  }

  @Test
  void whereAFileBeginsAgainIsASeam() throws Exception {
    for (int i = 0; i < 4; i++) {
      Files.write(folder.resolve("p" + i + ".jpg"), jpeg(new Color(i * 60, 0, 0)));
    }
    try (Arena arena = Arena.ofShared();
        CameraSource source = source(Map.of("c0", folder.toString()), true)) {
      SensorInlets inlets = inlets(arena, source);
      source.start(inlets);
      await(() -> source.framesIn() > 10);
      source.close();
      FrameView view = new FrameView();
      int before = -1; // red of the picture before
      int seams = 0;
      while (inlets.ring(0).takeNext(view, NanoClock.system().nanoTime())) {
        int red = view.payload().get(ValueLayout.JAVA_BYTE, 2) & 0xff;
        boolean seam = inlets.isBehindSeam(view.captureNs());
        assertEquals(before >= 0 && red < before, seam, "red " + red + " after " + before);
        seams += seam ? 1 : 0;
        before = red;
        view.release();
      }
      assertTrue(seams >= 2, seams + " seams");
      inlets.shutdown();
    }
  }

  @Test
  void aStreamThatBreaksIsOpenedAgainAndTheOtherDoesNotNotice() throws Exception {
    try (Server broken = new Server(4, 10);
        Server steady = new Server(Integer.MAX_VALUE, 20);
        Arena arena = Arena.ofShared();
        CameraSource source = source(Map.of("c0", broken.url(), "c1", steady.url()))) {
      SensorInlets inlets = inlets(arena, source);
      source.start(inlets);
      // FFmpeg looks at a second of the steady one before it calls it open.
      await(() -> source.health().get(0).opened() >= 4 && source.health().get(1).pictures() > 0);
      CameraSource.Health good = source.health().get(1);
      assertEquals(1, good.opened());
      assertEquals(0, good.failures());
      assertTrue(broken.connections.get() >= 4);
      assertTrue(source.health().get(0).failures() >= 3);
      assertTrue(complaints.getFirst().startsWith(broken.url()), complaints.toString());
      source.close();
      inlets.shutdown();
      inlets.ring(0).ledger().assertBalanced();
      inlets.ring(1).ledger().assertBalanced();
    }
  }

  @Test
  void aSilentPeerIsGivenUpAndClosingDoesNotWaitForIt() throws Exception {
    try (ServerSocket silent = new ServerSocket(0, 5, InetAddress.getLoopbackAddress())) {
      String url = "tcp://127.0.0.1:" + silent.getLocalPort();
      VideoFault fault =
          assertThrows(
              VideoFault.class, () -> VideoStream.open(url, 10, 300_000_000L, () -> false));
      String message = String.valueOf(fault.getMessage());
      assertTrue(message.contains("nothing within 0.3 s"), message);
      try (Arena arena = Arena.ofShared();
          CameraSource source = source(Map.of("c0", url))) {
        source.start(inlets(arena, source));
        Thread.sleep(100);
        long before = System.nanoTime();
        source.close();
        assertTrue(System.nanoTime() - before < CameraSource.STALL_NS, "closed at once");
      }
    }
  }

  /** A busy machine takes longer; that is no reason to refuse a file. */
  @Test
  void aFileHasNoStallTime() throws Exception {
    for (int i = 0; i < 3; i++) {
      Files.write(folder.resolve("p" + i + ".jpg"), jpeg(Color.GREEN));
    }
    BooleanSupplier slow =
        () -> {
          java.util.concurrent.locks.LockSupport.parkNanos(1_000_000L); // whenever FFmpeg asks
          return false;
        };
    try (VideoStream stream = VideoStream.open(folder.toString(), 10, 1, slow)) {
      int pictures = 0;
      while (stream.next()) {
        pictures++;
      }
      assertEquals(3, pictures, "with a stall time of a nanosecond");
    }
    try (ServerSocket silent = new ServerSocket(0, 5, InetAddress.getLoopbackAddress())) {
      String url = "tcp://127.0.0.1:" + silent.getLocalPort();
      assertThrows(VideoFault.class, () -> VideoStream.open(url, 10, 1, () -> false));
    }
  }

  @Test
  void aFolderIsItsOneVideoOrItsPictures() throws Exception {
    assertEquals(null, CameraSource.within(folder));
    Files.writeString(folder.resolve("README.md"), "words");
    assertEquals(null, CameraSource.within(folder));
    Files.write(folder.resolve("a.JPG"), jpeg(Color.RED));
    assertEquals(folder.toString(), CameraSource.within(folder));
    Path video = Files.write(folder.resolve("b.mkv"), new byte[1]);
    assertEquals(video.toString(), CameraSource.within(folder));
    Files.write(folder.resolve("c.webm"), new byte[1]);
    BadInput bad = assertThrows(BadInput.class, () -> CameraSource.within(folder));
    assertTrue(String.valueOf(bad.getMessage()).contains("b.mkv"), bad.getMessage());
    assertTrue(String.valueOf(bad.getMessage()).contains("c.webm"), bad.getMessage());
  }

  @Test
  void whatIsNoVideoIsOneLine() throws Exception {
    Path text = Files.writeString(folder.resolve("a.mp4"), "no video at all");
    VideoFault fault =
        assertThrows(
            VideoFault.class,
            () -> VideoStream.open(text.toString(), 10, 2_000_000_000L, () -> false));
    String message = String.valueOf(fault.getMessage());
    assertTrue(message.startsWith(text + ": expected a video, found: "), message);
    assertEquals(1, message.lines().count());
    BadInput bad = assertThrows(BadInput.class, () -> source(Map.of("c9", "x")));
    assertTrue(String.valueOf(bad.getMessage()).contains("found c9"), bad.getMessage());
  }

  @Test
  void knowsWhatIsForIt() throws Exception {
    assertTrue(CameraSource.understands("rtsp://127.0.0.1/x"));
    assertTrue(CameraSource.understands("/dev/video0"));
    assertFalse(CameraSource.understands(folder.toString()), "an empty folder");
    Files.write(folder.resolve("a.png"), new byte[1]);
    assertTrue(CameraSource.understands(folder.toString()));
    Files.write(folder.resolve("rig.yaml"), new byte[1]);
    assertFalse(CameraSource.understands(folder.toString()), "a recording");
  }
}
