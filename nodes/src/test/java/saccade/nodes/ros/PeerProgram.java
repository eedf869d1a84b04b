package saccade.nodes.ros;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;

/**
 * A process of a test in a ROS domain of its own: collects its lines, waits for some, ends by its
 * input. For tests of any package.
 */
public final class PeerProgram implements AutoCloseable {
  // Discovery over DDS between processes on two busy cores can take this long; who is told earlier
  // goes on earlier.
  private static final long PATIENCE_NS = TimeUnit.SECONDS.toNanos(120);

  private final String name;
  private final Process process;
  private final List<String> lines = new ArrayList<>();
  private final long patientUntilNs = System.nanoTime() + PATIENCE_NS;

  /** Starts it; reachable on this machine only. */
  public PeerProgram(String name, ProcessBuilder builder, int domain) throws IOException {
    this.name = name;
    builder.environment().put("ROS_DOMAIN_ID", String.valueOf(domain));
    builder.environment().put("ROS_AUTOMATIC_DISCOVERY_RANGE", "LOCALHOST");
    process = builder.start();
    Thread.ofPlatform().daemon(true).name("peer-" + name).start(this::read);
  }

  /** A domain that two test runs on one machine are unlikely to share. */
  public static int domain(int offset) {
    return 101 + (int) ((ProcessHandle.current().pid() + offset * 37L) % 100);
  }

  /** A resource beside a class as a file. */
  public static Path script(Class<?> beside, String resource, Path folder) throws IOException {
    Path file = folder.resolve(resource);
    try (InputStream in = beside.getResourceAsStream(resource)) {
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
      synchronized (lines) {
        lines.add("reading failed: " + e);
      }
    }
  }

  /**
   * Waits for a line that begins so, or fails with all lines there were; as long as said, and at
   * least until the process is two minutes old.
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
        if (leftMs <= 0 || !process.isAlive()) {
          lines.wait(50);
          for (String line : lines) {
            if (line.startsWith(beginning)) {
              return line;
            }
          }
          throw new AssertionError(
              name + " did not say '" + beginning + "'; it said:\n  " + String.join("\n  ", lines));
        }
        lines.wait(Math.min(leftMs, 100));
      }
    }
  }

  /** All lines so far. */
  public List<String> lines() {
    synchronized (lines) {
      return List.copyOf(lines);
    }
  }

  /** Writes a line to its input. */
  public void tell(String line) throws IOException {
    process.getOutputStream().write((line + "\n").getBytes(StandardCharsets.UTF_8));
    process.getOutputStream().flush();
  }

  /** Waits for its exit code. */
  public int exit(long seconds) throws InterruptedException {
    if (!process.waitFor(Math.max(60, seconds), TimeUnit.SECONDS)) {
      throw new AssertionError(name + " did not end; it said:\n  " + String.join("\n  ", lines()));
    }
    return process.exitValue();
  }

  @Override
  public void close() {
    process.destroyForcibly();
  }
}
