package saccade.hil.peers;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.util.ArrayDeque;
import java.util.List;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.function.Predicate;

/**
 * A process that is told what to do by lines and answers by lines. It ends when its input ends;
 * {@link #close} gives it two seconds for that. One thread.
 */
public final class PeerProcess implements AutoCloseable {
  private static final String END = "\0end";

  private final String name;
  private final Process process;
  private final OutputStream in;
  private final LinkedBlockingQueue<String> lines = new LinkedBlockingQueue<>();
  private final ArrayDeque<String> kept = new ArrayDeque<>();

  /**
   * Starts one; what it says on standard error is part of what it says.
   *
   * @param name for messages
   */
  public PeerProcess(String name, ProcessBuilder builder) throws IOException {
    this.name = name;
    process = builder.redirectErrorStream(true).start();
    in = process.getOutputStream();
    Thread reader = new Thread(this::read, "peer-" + name);
    reader.setDaemon(true);
    reader.start();
  }

  private void read() {
    try (BufferedReader out = process.inputReader(StandardCharsets.UTF_8)) {
      for (String line = out.readLine(); line != null; line = out.readLine()) {
        lines.add(line);
      }
    } catch (IOException e) {
      lines.add("cannot be read: " + e.getMessage());
    }
    lines.add(END);
  }

  /** Sends a line. */
  public void tell(String line) throws IOException {
    in.write((line + "\n").getBytes(StandardCharsets.UTF_8));
    in.flush();
  }

  /**
   * The next line that begins so; others before it are kept.
   *
   * @throws IOException when none came in time, or the process ended; with what it said instead
   */
  public String await(String beginning, double seconds) throws IOException, InterruptedException {
    return await(line -> line.startsWith(beginning), "'" + beginning + "'", seconds);
  }

  /** As {@link #await(String, double)}, by any test; {@code what} names it. */
  public String await(Predicate<String> wanted, String what, double seconds)
      throws IOException, InterruptedException {
    for (String line : kept) {
      if (wanted.test(line)) {
        kept.remove(line);
        return line;
      }
    }
    long endNs = System.nanoTime() + (long) (seconds * 1e9);
    while (true) {
      String line = lines.poll(endNs - System.nanoTime(), TimeUnit.NANOSECONDS);
      if (line == null || line.equals(END)) {
        if (line != null) {
          lines.add(END);
        }
        throw new IOException(
            name
                + (line == null ? " did not say " : " ended without ")
                + what
                + " in "
                + seconds
                + " s; it said: "
                + String.join(" | ", kept.stream().skip(Math.max(0, kept.size() - 12)).toList()));
      }
      if (wanted.test(line)) {
        return line;
      }
      kept.add(line);
    }
  }

  /** Takes back the lines that came and were not asked for. */
  public List<String> others() {
    for (String line = lines.poll(); line != null; line = lines.poll()) {
      if (line.equals(END)) {
        lines.add(END);
        break;
      }
      kept.add(line);
    }
    List<String> all = List.copyOf(kept);
    kept.clear();
    return all;
  }

  /** As kill -9. */
  public void kill() throws InterruptedException {
    process.destroyForcibly().waitFor();
  }

  /** Waits for its end. */
  public int exit(double seconds) throws IOException, InterruptedException {
    if (!process.waitFor((long) (seconds * 1000), TimeUnit.MILLISECONDS)) {
      throw new IOException(name + " did not end in " + seconds + " s; it said: " + others());
    }
    return process.exitValue();
  }

  @Override
  public void close() {
    try {
      in.close();
    } catch (IOException alreadyGone) {
      // Its end is what was wanted.
    }
    boolean interrupted = false;
    try {
      process.waitFor(2, TimeUnit.SECONDS);
    } catch (InterruptedException e) {
      interrupted = true;
    }
    process.destroyForcibly();
    if (interrupted) {
      Thread.currentThread().interrupt();
    }
  }
}
