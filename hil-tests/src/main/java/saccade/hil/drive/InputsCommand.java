package saccade.hil.drive;

import java.awt.image.BufferedImage;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.lang.foreign.Arena;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicInteger;
import javax.imageio.ImageIO;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import saccade.hil.Measurement;
import saccade.hil.report.Progress;
import saccade.hil.report.Report;
import saccade.kernels.geometry.CameraModel;
import saccade.kernels.geometry.Pose;
import saccade.kernels.geometry.Rig;
import saccade.nodes.sensor.EgoState;
import saccade.nodes.sensor.SensorInlets;
import saccade.nodes.video.CameraSource;
import saccade.realtime.clock.NanoClock;
import saccade.realtime.os.ProcessMemory;
import saccade.realtime.ring.Doorbell;
import saccade.realtime.ring.FrameView;

/**
 * {@code saccade hil inputs}: a network camera that hangs up after three pictures, a thousand
 * times, beside one that never does. What must not grow is counted exactly after a tenth of the
 * cycles and at the end; the steady camera's longest silence says whether it was held up.
 */
@Command(
    name = "inputs",
    mixinStandardHelpOptions = true,
    description = "Connect and disconnect a network camera again and again beside a steady one.")
public final class InputsCommand extends Measurement {
  private static final int WIDTH = 320;
  private static final int HEIGHT = 192;
  private static final int PICTURES = 3;
  private static final String PART = "--next\r\nContent-Type: image/jpeg\r\nContent-Length: ";

  @Option(
      names = "--cycles",
      paramLabel = "N",
      description = "Connections of the bad camera; default 1000, with --quick 60.")
  private int cycles;

  /** Filled by picocli. */
  public InputsCommand() {}

  /** What must not grow. */
  private record Held(long files, int threads, long residentBytes) {
    static Held now() {
      System.gc();
      long files = 0;
      try (DirectoryStream<Path> open = Files.newDirectoryStream(Path.of("/proc/self/fd"))) {
        for (Path ignored : open) {
          files++;
        }
      } catch (IOException e) {
        files = -1;
      }
      return new Held(files, Thread.activeCount(), ProcessMemory.residentBytes());
    }
  }

  /** A network camera: pictures over HTTP, one part each. */
  private static final class Camera implements AutoCloseable {
    final ServerSocket socket = new ServerSocket(0, 50, InetAddress.getLoopbackAddress());
    final AtomicInteger connections = new AtomicInteger();

    Camera(int pictures, long pauseMs) throws IOException {
      ByteArrayOutputStream jpeg = new ByteArrayOutputStream();
      ImageIO.write(new BufferedImage(WIDTH, HEIGHT, BufferedImage.TYPE_3BYTE_BGR), "jpg", jpeg);
      byte[] picture = jpeg.toByteArray();
      Thread.ofPlatform()
          .daemon(true)
          .name("camera server")
          .start(
              () -> {
                while (!socket.isClosed()) {
                  try (Socket peer = socket.accept();
                      OutputStream out = peer.getOutputStream()) {
                    connections.incrementAndGet();
                    if (peer.getInputStream().read(new byte[4096]) < 0) {
                      continue;
                    }
                    out.write(
                        ascii(
                            "HTTP/1.0 200 OK\r\nContent-Type: multipart/x-mixed-replace; boundary=next\r\n\r\n"));
                    for (int i = 0; i < pictures; i++) {
                      out.write(ascii(PART + picture.length + "\r\n\r\n"));
                      out.write(picture);
                      out.write(ascii("\r\n"));
                      out.flush();
                      Thread.sleep(pauseMs);
                    }
                  } catch (IOException | InterruptedException e) {
                    // the peer went, or all is over
                  }
                }
              });
    }

    private static byte[] ascii(String text) {
      return text.getBytes(StandardCharsets.US_ASCII);
    }

    String url() {
      return "http://127.0.0.1:" + socket.getLocalPort() + "/video";
    }

    @Override
    public void close() throws IOException {
      socket.close();
    }
  }

  @Override
  protected Report measure(Progress progress) throws IOException, InterruptedException {
    int count = cycles > 0 ? cycles : quick() ? 60 : 1000;
    NanoClock clock = NanoClock.system();
    Rig rig = new Rig(List.of(camera("bad"), camera("steady")), null);
    long longestNs = 0;
    Held early = Held.now();
    Held late;
    CameraSource.Health bad;
    CameraSource.Health steady;
    long unbalanced;
    try (Camera broken = new Camera(PICTURES, 5);
        Camera always = new Camera(Integer.MAX_VALUE, 20);
        Arena arena = Arena.ofShared()) {
      SensorInlets inlets = new SensorInlets(arena, rig, 8, clock, new Doorbell());
      try (CameraSource source =
          new CameraSource(
              rig,
              Map.of("bad", broken.url(), "steady", always.url()),
              50,
              1,
              false,
              EgoState.STANDING,
              line -> {})) {
        source.start(inlets);
        FrameView view = new FrameView();
        long lastNs = 0;
        boolean halfway = false;
        while (source.health().get(0).opened() < count) {
          long nowNs = clock.nanoTime();
          while (inlets.ring(0).takeNext(view, nowNs)) {
            view.release();
          }
          while (inlets.ring(1).takeNext(view, nowNs)) {
            if (lastNs != 0) {
              longestNs = Math.max(longestNs, nowNs - lastNs);
            }
            lastNs = nowNs;
            view.release();
          }
          long done = source.health().get(0).opened();
          if (!halfway && done >= Math.max(5, count / 10)) {
            halfway = true;
            early = Held.now();
          }
          progress.at("connections", done, count);
          Thread.sleep(5);
        }
        late = Held.now();
        bad = source.health().get(0);
        steady = source.health().get(1);
      }
      inlets.shutdown();
      unbalanced =
          Math.abs(inlets.ring(0).ledger().balance()) + Math.abs(inlets.ring(1).ledger().balance());
    }
    return new Report("hil inputs")
        .line(bad.line())
        .line(steady.line())
        .figure("connections", bad.opened(), "of the camera that hangs up")
        .figure("files_growth", late.files() - early.files(), "open files, last nine tenths")
        .figure("threads_growth", late.threads() - early.threads(), "threads")
        .figure(
            "resident_growth_mb",
            (late.residentBytes() - early.residentBytes()) * 1e-6,
            "MB resident")
        .figure("steady_reopened", steady.opened() - 1, "times the steady camera was opened again")
        .figure("steady_longest_ms", longestNs * 1e-6, "ms without a picture of the steady camera")
        .figure("unbalanced", unbalanced, "frames that an account lost");
  }

  private static CameraModel camera(String name) {
    return CameraModel.ofHorizontalFov(name, WIDTH, HEIGHT, 1, Pose.of(0, 0, 1, 0, 0, 0));
  }
}
