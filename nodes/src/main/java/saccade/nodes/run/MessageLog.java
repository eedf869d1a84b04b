package saccade.nodes.run;

import java.io.BufferedWriter;
import java.io.IOException;
import java.io.OutputStreamWriter;
import java.io.Writer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import saccade.nodes.cli.BadInput;
import saccade.nodes.cli.ExitCode;
import saccade.nodes.pipeline.PipelineListener;
import saccade.nodes.pipeline.Publication;
import saccade.nodes.pipeline.WatchedPart;
import saccade.planner.JsonLines;
import saccade.planner.PlannerMessage;
import saccade.realtime.ledger.DropLedger;
import saccade.realtime.ledger.DropReason;

/**
 * Writes every message as a JSON line on a thread of its own, so that a slow disk costs lines
 * (counted) and never a deadline. A disk that fails ends the writing, not the run.
 */
public final class MessageLog implements PipelineListener, WatchedPart, AutoCloseable {
  private static final int WAITING = 256;
  private static final long CLOSE_PATIENCE_MS = 3_000;

  private final String name;
  private final Writer writer;
  private final ArrayBlockingQueue<PlannerMessage> waiting = new ArrayBlockingQueue<>(WAITING);
  private final DropLedger ledger = new DropLedger("json lines");
  private volatile Thread thread;
  private volatile int generation; // control thread
  private volatile long busySinceNs;
  private volatile boolean closing;
  private volatile @Nullable IOException failure;
  private volatile @Nullable IOException lastComplaint;

  private MessageLog(String name, Writer writer) {
    this.name = name;
    this.writer = writer;
    this.thread = begin();
  }

  /**
   * Opens a log.
   *
   * @param target a file, or {@code -} for standard output
   * @throws BadInput when the file cannot be made
   */
  public static MessageLog open(String target) {
    if (target.equals("-")) {
      return new MessageLog(
          "standard output",
          new BufferedWriter(new OutputStreamWriter(System.out, StandardCharsets.UTF_8)));
    }
    try {
      return new MessageLog(target, Files.newBufferedWriter(Path.of(target)));
    } catch (IOException e) {
      throw new BadInput(
          ExitCode.CANNOT_WRITE,
          "--json " + target + ": expected a file that can be written, found " + e);
    }
  }

  /** Control thread. Never waits. */
  @Override
  public void onMessage(Publication publication) {
    ledger.offer();
    if (failure != null || !waiting.offer(publication.message())) {
      ledger.drop(DropReason.REFUSED);
    }
  }

  private Thread begin() {
    int mine = generation;
    return Thread.ofPlatform().name("json-lines").daemon(true).start(() -> work(mine));
  }

  @Override
  public String partName() {
    return "json lines";
  }

  @Override
  public long busySinceNs() {
    return busySinceNs;
  }

  @Override
  public @Nullable Throwable crash() {
    return failure;
  }

  /** A disk may have room again. What hangs in the system stays there, and is waited for. */
  @Override
  @SuppressWarnings("NonAtomicVolatileUpdate") // control thread alone
  public boolean restart() {
    if (closing || thread.isAlive()) {
      return false;
    }
    generation++;
    failure = null;
    thread = begin();
    return true;
  }

  private void work(int mine) {
    try {
      while (generation == mine) {
        PlannerMessage message = waiting.poll(50, TimeUnit.MILLISECONDS);
        if (message == null) {
          if (closing && waiting.isEmpty()) {
            return;
          }
          continue;
        }
        busySinceNs = System.nanoTime();
        try {
          writer.write(JsonLines.write(message));
          writer.write('\n');
          if (waiting.isEmpty()) {
            writer.flush(); // who reads along acts on it
          }
          ledger.deliver();
        } catch (IOException e) {
          ledger.drop(DropReason.REFUSED);
          throw e;
        }
        busySinceNs = 0;
      }
    } catch (IOException e) {
      lastComplaint = e;
      failure = e;
      busySinceNs = 0;
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  /** The account: lines wanted, written, dropped. Exact after {@link #close}. */
  public DropLedger ledger() {
    return ledger;
  }

  /** One line about a disk that failed, or null. */
  public @Nullable String complaint() {
    IOException cause = lastComplaint;
    return cause == null ? null : "cannot write to " + name + ": " + cause.getMessage();
  }

  @Override
  public void close() {
    closing = true;
    try {
      thread.join(CLOSE_PATIENCE_MS); // a pipe that nobody reads must not keep the report back
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
    if (thread.isAlive()) {
      lastComplaint = new IOException("nothing was taken for " + CLOSE_PATIENCE_MS / 1000 + " s");
      return;
    }
    while (waiting.poll() != null) {
      ledger.drop(DropReason.REFUSED);
    }
    try {
      if (name.equals("standard output")) {
        writer.flush();
      } else {
        writer.close();
      }
    } catch (IOException e) {
      if (lastComplaint == null) {
        lastComplaint = e;
      }
    }
  }
}
