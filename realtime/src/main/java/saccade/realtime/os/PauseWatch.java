package saccade.realtime.os;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.atomic.AtomicInteger;
import jdk.jfr.consumer.RecordedEvent;
import jdk.jfr.consumer.RecordingStream;
import org.jspecify.annotations.Nullable;
import saccade.realtime.clock.NanoClock;
import saccade.realtime.stats.PauseLog;
import saccade.realtime.stats.PauseLog.Cause;

/**
 * Hears from JFR when the virtual machine stood still (garbage collector, allocation stalls, other
 * safepoint work) or its compiler worked for long. Events come on a thread of JFR about a second
 * late; the control thread fetches them with {@link #drain}. Instants are turned into the run's
 * domain by one comparison of the clocks at the start (JFR's resolution is a nanosecond, that of
 * the comparison some microseconds).
 */
public final class PauseWatch implements AutoCloseable {
  private static final Duration LONG_COMPILATION = Duration.ofMillis(10);
  private static final Duration LONG_OPERATION = Duration.ofNanos(200_000);
  private static final int MOST_WAITING = 4096;
  private static final long LEAST_ROOM_BYTES = 64L << 20;

  /** Hears of a pause that has been attributed. */
  @FunctionalInterface
  public interface Listener {
    /** Control thread. */
    void onPause(Cause cause, long startNs, long durationNs, int outputsHit);
  }

  private record Pause(Cause cause, long startNs, long durationNs) {}

  private final ConcurrentLinkedQueue<Pause> heard = new ConcurrentLinkedQueue<>();
  private final AtomicInteger waiting = new AtomicInteger();
  private final Thread starter;
  private volatile @Nullable RecordingStream stream;
  private volatile boolean closed;
  private volatile String complaint = "";

  /**
   * Set-up. Starts to listen, on a thread of its own since JFR takes a moment.
   *
   * @param clock of the run's domain
   */
  public PauseWatch(NanoClock clock) {
    starter = Thread.ofPlatform().name("pauses").daemon(true).start(() -> begin(clock));
  }

  private void begin(NanoClock clock) {
    try {
      RecordingStream events = new RecordingStream();
      events.setReuse(true);
      events.setOrdered(false);
      events.setMaxAge(Duration.ofSeconds(10));
      Instant wall = Instant.now();
      long offsetNs = clock.nanoTime() - (wall.getEpochSecond() * 1_000_000_000L + wall.getNano());
      events.enable("jdk.GCPhasePause").withThreshold(Duration.ZERO);
      events.enable("jdk.ZAllocationStall").withThreshold(Duration.ZERO);
      events.enable("jdk.ExecuteVMOperation").withThreshold(LONG_OPERATION);
      events.enable("jdk.Compilation").withThreshold(LONG_COMPILATION);
      events.onEvent("jdk.GCPhasePause", event -> hear(Cause.GC, event, offsetNs));
      events.onEvent(
          "jdk.ZAllocationStall", event -> hear(Cause.ALLOCATION_STALL, event, offsetNs));
      events.onEvent("jdk.ExecuteVMOperation", event -> operation(event, offsetNs));
      events.onEvent("jdk.Compilation", event -> hear(Cause.JIT, event, offsetNs));
      events.onFlush(() -> lookForRoom(events));
      events.onError(e -> complaint = "pauses are not watched: " + e);
      stream = events;
      lookForRoom(events);
      if (closed) {
        events.close(); // closing twice does nothing
      } else {
        events.startAsync();
      }
    } catch (RuntimeException | LinkageError e) {
      complaint = "pauses are not watched: " + e; // a machine without JFR runs all the same
    }
  }

  /** JFR ends the process when its disk is full: better to hear nothing. */
  private void lookForRoom(RecordingStream events) {
    try {
      long room =
          Files.getFileStore(Path.of(System.getProperty("java.io.tmpdir", "."))).getUsableSpace();
      if (room < LEAST_ROOM_BYTES) {
        complaint =
            "pauses are not watched: wanted %d MB of room for temporary files, found %d"
                .formatted(LEAST_ROOM_BYTES >> 20, room >> 20);
        closed = true;
        events.close();
      }
    } catch (IOException e) {
      complaint = "pauses are not watched: " + e;
      closed = true;
      events.close();
    }
  }

  /** What the collector does at a safepoint is heard as its pause already. */
  private void operation(RecordedEvent event, long offsetNs) {
    String name = event.getString("operation");
    boolean collector =
        name != null
            && (name.contains("GC")
                || name.contains("Collect")
                || name.startsWith("X")
                || name.startsWith("Z")
                || name.startsWith("G1")
                || name.contains("Mark"));
    if (event.getBoolean("safepoint") && !collector) {
      hear(Cause.VM_OPERATION, event, offsetNs);
    }
  }

  private void hear(Cause cause, RecordedEvent event, long offsetNs) {
    if (waiting.get() >= MOST_WAITING) {
      return;
    }
    Instant start = event.getStartTime();
    waiting.incrementAndGet();
    heard.add(
        new Pause(
            cause,
            start.getEpochSecond() * 1_000_000_000L + start.getNano() + offsetNs,
            event.getDuration().toNanos()));
  }

  /** Control thread. What was heard since the last call goes to the log, then to the listener. */
  public void drain(PauseLog log, Listener listener) {
    Pause pause = heard.poll();
    while (pause != null) {
      waiting.decrementAndGet();
      int hit = log.pause(pause.cause, pause.startNs, pause.durationNs);
      listener.onPause(pause.cause, pause.startNs, pause.durationNs, hit);
      pause = heard.poll();
    }
  }

  /** Why nothing is heard; empty when all is well. */
  public String complaint() {
    return complaint;
  }

  @Override
  public void close() {
    closed = true;
    try {
      starter.join(2_000);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
    RecordingStream events = stream;
    if (events != null) {
      events.close();
    }
  }
}
