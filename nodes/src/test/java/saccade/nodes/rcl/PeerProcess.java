package saccade.nodes.rcl;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;

/**
 * A peer process of a test: collects its lines, waits for some, ends it by closing its input, kills
 * it as a last resort.
 */
public final class PeerProcess implements AutoCloseable {
  // Discovery over DDS between processes on two busy cores can take this long; who is told earlier
  // goes on earlier.
  private static final long PATIENCE_NS = TimeUnit.SECONDS.toNanos(120);

  private final String name;
  private final Process process;
  private final List<String> lines = new ArrayList<>();
  private final long patientUntilNs = System.nanoTime() + PATIENCE_NS;
  private final Thread reader;

  /** Starts a process in a ROS domain of this test's own, reachable on this machine only. */
  public PeerProcess(String name, ProcessBuilder builder, int domain) throws IOException {
    this.name = name;
    builder.environment().put("ROS_DOMAIN_ID", String.valueOf(domain));
    builder.environment().put("ROS_AUTOMATIC_DISCOVERY_RANGE", "LOCALHOST");
    process = builder.start();
    reader = new Thread(this::read, "peer-" + name);
    reader.setDaemon(true);
    reader.start();
  }

  /** A domain that two test runs on one machine are unlikely to share. */
  public static int domain(int offset) {
    return 1 + (int) ((ProcessHandle.current().pid() + offset * 37L) % 100);
  }

  /** A script of the test resources as a file. */
  public static Path script(String resource, Path folder) throws IOException {
    Path file = folder.resolve(resource);
    try (InputStream in = PeerProcess.class.getResourceAsStream(resource)) {
      if (in == null) {
        throw new IOException("no resource " + resource);
      }
      Files.write(file, in.readAllBytes());
    }
    return file;
  }

  private void read() {
    try (BufferedReader out = process.inputReader(StandardCharsets.UTF_8)) {
      for (String line = out.readLine(); line != null; line = out.readLine()) {
        synchronized (lines) {
          lines.add(line);
          lines.notifyAll();
        }
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /**
   * Waits for a line that begins so; answers with it, or fails with all lines there were; as long
   * as said, and at least until the process is two minutes old.
   */
  public String await(String beginning, long seconds) throws InterruptedException {
    long endNs = Math.max(System.nanoTime() + TimeUnit.SECONDS.toNanos(seconds), patientUntilNs);
    synchronized (lines) {
      while (true) {
        for (String line : lines) {
          if (line.startsWith(beginning)) {
            return line;
          }
        }
        long leftMs = (endNs - System.nanoTime()) / 1_000_000;
        if (leftMs <= 0 || (!process.isAlive() && !reader.isAlive())) {
          throw new AssertionError(
              name + " did not say '" + beginning + "'; it said:\n  " + String.join("\n  ", lines));
        }
        lines.wait(Math.min(leftMs, 100));
      }
    }
  }

  /** Lines so far that begin so. */
  public List<String> saying(String beginning) {
    synchronized (lines) {
      return lines.stream().filter(line -> line.startsWith(beginning)).toList();
    }
  }

  /** All lines so far. */
  public List<String> lines() {
    synchronized (lines) {
      return List.copyOf(lines);
    }
  }

  /** Ends its input and waits for its exit code. */
  public int end(long seconds) throws IOException, InterruptedException {
    try (var in = process.getOutputStream()) {
      in.write('\n');
    } catch (IOException alreadyGone) {
      // Its exit code tells.
    }
    return exit(seconds);
  }

  /** As SIGTERM; SIGINT means nothing to a process whose parents run in a shell's background. */
  public void terminate() throws IOException, InterruptedException {
    // Not Process.destroy, which closes what we still want to read.
    new ProcessBuilder("kill", "-TERM", String.valueOf(process.pid())).start().waitFor();
  }

  /** Waits for its exit code. */
  public int exit(long seconds) throws InterruptedException {
    if (!process.waitFor(Math.max(60, seconds), TimeUnit.SECONDS)) {
      throw new AssertionError(name + " did not end; it said:\n  " + String.join("\n  ", lines()));
    }
    reader.join(1000);
    return process.exitValue();
  }

  @Override
  public void close() {
    process.destroyForcibly();
  }
}
