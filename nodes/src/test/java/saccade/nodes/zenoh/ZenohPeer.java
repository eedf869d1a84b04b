package saccade.nodes.zenoh;

import static org.junit.jupiter.api.Assertions.fail;

import java.io.IOException;
import java.io.OutputStream;
import java.net.ServerSocket;
import java.net.URISyntaxException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import saccade.nodes.ros.Peers;

/** The official Zenoh in a process of its own ({@code peer.py}); the test is skipped without it. */
public final class ZenohPeer implements AutoCloseable {
  private final Process process;
  private final OutputStream in;
  private final LinkedBlockingQueue<String> lines = new LinkedBlockingQueue<>();
  private final List<String> seen = new ArrayList<>();
  private int settled;

  private ZenohPeer(Process process) {
    this.process = process;
    this.in = process.getOutputStream();
    Thread.ofVirtual()
        .start(
            () -> {
              try (var reader = process.inputReader()) {
                reader.lines().forEach(lines::add);
              } catch (IOException | java.io.UncheckedIOException e) {
                lines.add("END " + e);
              }
            });
  }

  /** Starts one and waits until its session is open. */
  public static ZenohPeer start(String... arguments) throws Exception {
    List<String> all = new ArrayList<>(List.of(script().toString()));
    all.addAll(List.of(arguments));
    ProcessBuilder builder = Peers.zenoh().pythonProcess(all.toArray(String[]::new));
    ZenohPeer peer = new ZenohPeer(builder.start());
    peer.expect("READY");
    return peer;
  }

  public static ZenohPeer router(int port) throws Exception {
    return start("router", "listen", "tcp/127.0.0.1:" + port);
  }

  public static ZenohPeer client(int port) throws Exception {
    return start("client", "connect", "tcp/127.0.0.1:" + port);
  }

  private static Path script() throws URISyntaxException {
    return Path.of(
        java.util.Objects.requireNonNull(ZenohPeer.class.getResource("peer.py")).toURI());
  }

  public static int freePort() throws IOException {
    try (ServerSocket socket = new ServerSocket(0)) {
      return socket.getLocalPort();
    }
  }

  /** Sends a command and waits until it is done. */
  public void tell(String command) throws Exception {
    in.write((command + "\n").getBytes(StandardCharsets.UTF_8));
    in.flush();
    expect("OK " + command.substring(0, (command + " ").indexOf(' ')));
  }

  /** The next line that begins so; others before it are kept for later. */
  public String expect(String begin) throws InterruptedException {
    for (int i = 0; i < seen.size(); i++) {
      if (seen.get(i).startsWith(begin)) {
        return seen.remove(i);
      }
    }
    long end = System.nanoTime() + 60_000_000_000L;
    while (true) {
      String line = lines.poll(end - System.nanoTime(), TimeUnit.NANOSECONDS);
      if (line == null) {
        return fail("no '" + begin + "' from the Zenoh peer; it said " + seen);
      }
      if (line.startsWith(begin)) {
        return line;
      }
      seen.add(line);
    }
  }

  /**
   * Waits until what either side declared before is known to the other and to the router between
   * them: declarations of one link keep their order, so a token that has come is the last of them.
   */
  public void settle(ZenohSession with) throws Exception {
    String theirs = "@settle/peer/" + settled;
    String ours = "@settle/ours/" + settled++;
    tell("token " + theirs);
    CountDownLatch come = new CountDownLatch(1);
    try (var watch = with.declareTokenListener(theirs, (key, lives) -> come.countDown());
        var token = with.declareToken(ours)) {
      if (!come.await(60, TimeUnit.SECONDS)) {
        fail("no token " + theirs + " from the Zenoh peer; it said " + seen);
      }
      tell("tokens " + ours);
      expect("TOKEN + " + ours);
    }
  }

  /** As kill -9. */
  public void kill() throws InterruptedException {
    process.destroyForcibly().waitFor();
  }

  @Override
  public void close() throws InterruptedException {
    kill();
  }
}
