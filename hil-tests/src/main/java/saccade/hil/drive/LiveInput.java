package saccade.hil.drive;

import java.awt.image.BufferedImage;
import java.io.BufferedReader;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.TimeUnit;
import javax.imageio.ImageIO;
import org.jspecify.annotations.Nullable;
import saccade.nodes.run.ProjectHome;

/** A camera that comes and goes, of one kind of input; owns whatever serves it. */
sealed interface LiveInput extends AutoCloseable {
  int WIDTH = 320;
  int HEIGHT = 192;

  /** Short, for tables and figures. */
  String name();

  /** What is really at the other end, for people. */
  String what();

  /** Where it is. */
  String url();

  @Override
  void close() throws IOException;

  /** Why a kind of input is not there; one line. */
  final class Absent extends Exception {
    private static final long serialVersionUID = 1;

    Absent(String why) {
      super(why);
    }
  }

  private static byte[] picture() throws IOException {
    ByteArrayOutputStream jpeg = new ByteArrayOutputStream();
    ImageIO.write(new BufferedImage(WIDTH, HEIGHT, BufferedImage.TYPE_3BYTE_BGR), "jpg", jpeg);
    return jpeg.toByteArray();
  }

  /** Pictures over HTTP, one part each; hangs up after some of them. */
  final class Mjpeg implements LiveInput {
    private static final String PART = "--next\r\nContent-Type: image/jpeg\r\nContent-Length: ";
    private final ServerSocket socket = new ServerSocket(0, 50, InetAddress.getLoopbackAddress());
    private final int pictures;

    Mjpeg(int pictures, long pauseMs) throws IOException {
      this.pictures = pictures;
      byte[] picture = picture();
      Thread.ofPlatform()
          .daemon(true)
          .name("camera server")
          .start(
              () -> {
                while (!socket.isClosed()) {
                  try (Socket peer = socket.accept();
                      OutputStream out = peer.getOutputStream()) {
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

    @Override
    public String name() {
      return "mjpeg";
    }

    @Override
    public String what() {
      return "MJPEG over HTTP; the server hangs up after " + pictures + " pictures";
    }

    @Override
    public String url() {
      return "http://127.0.0.1:" + socket.getLocalPort() + "/video";
    }

    @Override
    public void close() throws IOException {
      socket.close();
    }
  }

  /** GStreamer's RTSP server in a process of its own, H.264 over TCP; cuts connections off. */
  final class Rtsp implements LiveInput {
    private static final int HZ = 50;
    private static final long HANG_UP_MS = 400;
    private static final List<String> PYTHONS = List.of("python3", "/usr/bin/python3");
    private final Process server;
    private final String url;

    Rtsp() throws IOException, Absent {
      Path script = ProjectHome.root().resolve("hil-tests/peers/rtsp_server.py");
      if (!Files.exists(script)) {
        throw new Absent("needs " + script + " (it comes with the repository)");
      }
      Process started = null;
      String port = null;
      for (String python : PYTHONS) {
        started = start(python, script);
        port = started == null ? null : firstLine(started);
        if (port != null) {
          break;
        }
      }
      if (started == null || port == null) {
        throw new Absent(
            "no RTSP server: a python3 with GStreamer's (gir1.2-gst-rtsp-server-1.0) is not there; "
                + script.getFileName()
                + " says what to install");
      }
      server = started;
      url = "rtsp://127.0.0.1:" + port + "/brief";
      // Its other lines must not fill the pipe.
      Thread.ofVirtual()
          .start(
              () -> {
                try {
                  server.getInputStream().transferTo(OutputStream.nullOutputStream());
                } catch (IOException e) {
                  // it has ended
                }
              });
    }

    private static @Nullable Process start(String python, Path script) {
      try {
        return new ProcessBuilder(
                python, script.toString(), "" + WIDTH, "" + HEIGHT, "" + HZ, "" + HANG_UP_MS)
            .redirectError(ProcessBuilder.Redirect.DISCARD)
            .start();
      } catch (IOException e) {
        return null;
      }
    }

    private static @Nullable String firstLine(Process process) throws IOException {
      BufferedReader lines =
          new BufferedReader(
              new InputStreamReader(process.getInputStream(), StandardCharsets.US_ASCII));
      String line = lines.readLine();
      return line != null && line.matches("[0-9]{1,5}") ? line : null;
    }

    @Override
    public String name() {
      return "rtsp";
    }

    @Override
    public String what() {
      return "RTSP, H.264 over TCP from GStreamer's server; it hangs up "
          + HANG_UP_MS
          + " ms after PLAY";
    }

    @Override
    public String url() {
      return url;
    }

    @Override
    public void close() throws IOException {
      server.getOutputStream().close(); // its signal to end
      try {
        if (!server.waitFor(3, TimeUnit.SECONDS)) {
          server.destroyForcibly();
        }
      } catch (InterruptedException e) {
        server.destroyForcibly();
        Thread.currentThread().interrupt();
      }
    }
  }

  /** A USB camera by Video4Linux; we hang up. */
  record Usb(String url) implements LiveInput {
    /** The first there is. */
    static Usb first() throws Absent {
      for (int i = 0; i < 16; i++) {
        Path device = Path.of("/dev/video" + i);
        if (Files.isReadable(device)) {
          return new Usb(device.toString());
        }
      }
      throw new Absent(
          Files.isDirectory(Path.of("/lib/modules"))
              ? "no USB camera: no /dev/video*; modprobe vivid, or v4l2loopback, makes one"
              : "no USB camera: no /dev/video*, and the kernel has no modules that could make one");
    }

    @Override
    public String name() {
      return "usb";
    }

    @Override
    public String what() {
      return "USB camera " + url + "; we hang up";
    }

    @Override
    public void close() {}
  }

  /** A video of a few pictures, opened and closed as a USB camera would be; we hang up. */
  final class VideoFile implements LiveInput {
    private static final int PICTURES = 8;
    private final Path file = Files.createTempFile("saccade", ".mjpeg");

    VideoFile() throws IOException {
      byte[] picture = picture();
      try (OutputStream out = Files.newOutputStream(file)) {
        for (int i = 0; i < PICTURES; i++) {
          out.write(picture);
        }
      }
    }

    @Override
    public String name() {
      return "file";
    }

    @Override
    public String what() {
      return "video file of " + PICTURES + " pictures; we hang up after 3";
    }

    @Override
    public String url() {
      return file.toString();
    }

    @Override
    public void close() throws IOException {
      Files.deleteIfExists(file);
    }
  }
}
