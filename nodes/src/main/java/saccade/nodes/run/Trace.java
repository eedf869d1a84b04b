package saccade.nodes.run;

import java.io.IOException;
import java.nio.file.Path;
import java.time.Instant;
import java.util.List;
import java.util.Locale;
import org.jspecify.annotations.Nullable;
import saccade.nodes.cli.BadInput;
import saccade.nodes.cli.ExitCode;
import saccade.nodes.graph.Graph;
import saccade.nodes.pipeline.Pipeline;
import saccade.nodes.pipeline.WatchedPart;
import saccade.realtime.clock.NanoClock;
import saccade.realtime.trace.TraceWriter;

/** The trace of a run, where the graph asks for one. Set-up and set-down. */
final class Trace implements WatchedPart, AutoCloseable {
  private static final int RECORDS = 1 << 13; // some seconds of them

  private static final long PATIENCE_NS = 1_000_000_000L;

  private final @Nullable TraceWriter writer;
  private @Nullable IOException told; // control thread

  private Trace(@Nullable TraceWriter writer) {
    this.writer = writer;
  }

  /**
   * Opens the file that the graph names, and lets the pipeline write to it.
   *
   * @throws BadInput when the file cannot be made
   */
  static Trace of(Graph graph, Pipeline pipeline) {
    Path file = graph.perception().trace();
    if (file == null) {
      return new Trace(null);
    }
    try {
      Instant now = Instant.now();
      TraceWriter writer =
          TraceWriter.open(
              file,
              NanoClock.system().nanoTime(),
              now.getEpochSecond() * 1_000_000_000L + now.getNano());
      Trace trace = new Trace(writer);
      pipeline.watchPart("output trace", trace, PATIENCE_NS);
      pipeline.trace(writer.ring(RECORDS));
      return trace;
    } catch (IOException e) {
      throw new BadInput(
          ExitCode.CANNOT_WRITE,
          "trace " + file + ": expected a file that can be written, found " + e);
    }
  }

  /** A disk that fails ends the writing for good: the file must not have holes. */
  @Override
  public @Nullable Throwable crash() {
    TraceWriter wrote = writer;
    String complaint = wrote == null ? null : wrote.complaint();
    if (complaint != null && told == null) {
      told = new IOException(complaint);
    }
    return told;
  }

  /** What became of it, for people; empty without one. After {@link #end}. */
  List<String> lines() {
    TraceWriter wrote = writer;
    if (wrote == null) {
      return List.of();
    }
    String complaint = wrote.complaint();
    return List.of(
        complaint != null
            ? "ERROR    trace: " + complaint
            : String.format(
                Locale.ROOT,
                "trace    %d records in %s, lost %d",
                wrote.written(),
                wrote.file(),
                wrote.lost()));
  }

  /** Writes what waits; the pipeline's threads have stopped. */
  void end() {
    if (writer != null) {
      writer.close();
    }
  }

  @Override
  public void close() {
    end();
  }
}
