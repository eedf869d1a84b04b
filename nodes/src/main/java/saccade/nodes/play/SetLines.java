package saccade.nodes.play;

import java.io.PrintWriter;
import java.util.Locale;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import saccade.nodes.pipeline.PipelineListener;
import saccade.nodes.pipeline.Publication;
import saccade.planner.ActionChunk;
import saccade.planner.PlannerMessage;

/**
 * Prints two lines a set: kind, age, action and sensors, then the sentence. On a thread of its own,
 * so that a terminal that blocks costs lines and never a deadline.
 */
public final class SetLines implements PipelineListener, AutoCloseable {
  private static final int WAITING = 4096;

  private final PrintWriter out;
  private final PlayerSource source;
  private final ArrayBlockingQueue<PlannerMessage> waiting = new ArrayBlockingQueue<>(WAITING);
  private final Thread thread;
  private @Nullable PlannerMessage held; // printing thread: its description may be on its way
  private volatile boolean closing;
  private volatile long skipped;

  /**
   * @param out gets the lines; used by one thread until {@link #close}
   * @param source knows which set a capture stamp stands for
   */
  public SetLines(PrintWriter out, PlayerSource source) {
    this.out = out;
    this.source = source;
    this.thread = Thread.ofPlatform().name("set-lines").daemon(true).start(this::work);
  }

  /** Control thread. Never waits. */
  @Override
  public void onMessage(Publication publication) {
    PlannerMessage message = publication.message();
    if (message.kind() != PlannerMessage.Kind.STARTING && !waiting.offer(message)) {
      skipped++;
    }
  }

  private void work() {
    try {
      while (true) {
        PlannerMessage message = waiting.poll(50, TimeUnit.MILLISECONDS);
        if (message != null) {
          print(message);
        } else {
          out.flush();
          if (closing && waiting.isEmpty()) {
            PlannerMessage last = held;
            if (last != null) {
              out.println(line(last, last));
            }
            return;
          }
        }
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  /** A set's action, and its description when that comes behind it, are one entry. */
  private void print(PlannerMessage message) {
    PlannerMessage ahead = held;
    if (ahead != null) {
      held = null;
      boolean together =
          message.kind() == PlannerMessage.Kind.DESCRIPTION
              && message.captureNs() == ahead.captureNs();
      out.println(line(ahead, together ? message : ahead));
      if (together) {
        return;
      }
    }
    if (message.decidedByModel() && message.scene().sentence().isEmpty()) {
      held = message;
    } else {
      out.println(line(message, message));
    }
  }

  private String line(PlannerMessage message, PlannerMessage said) {
    long sinceFirstNs = source.stampNs(message.captureNs()) - source.recording().firstStampNs();
    String sentence = said.scene().sentence();
    return String.format(
        Locale.ROOT,
        "set %4d  %7.3f s  %-9s age %3.0f ms  %s  from %s%s%n          %s",
        Math.round((double) sinceFirstNs / source.recording().periodNs()),
        sinceFirstNs * 1e-9,
        message.kind().toString().toLowerCase(Locale.ROOT).replace('_', ' '),
        message.ageNs() * 1e-6,
        action(message.action()),
        message.sensorsUsed().isEmpty() ? "nothing" : String.join(", ", message.sensorsUsed()),
        message.sensorsMissing().isEmpty()
            ? ""
            : " (missing: " + String.join(", ", message.sensorsMissing()) + ")",
        sentence.isEmpty() ? "(" + said.reason() + ")" : sentence);
  }

  private static String action(@Nullable ActionChunk action) {
    return action == null
        ? "no action"
        : String.format(
            Locale.ROOT,
            "%s %+.1f m/s2 %+.3f 1/m",
            action.maneuver().toString().toLowerCase(Locale.ROOT),
            action.accel(0),
            action.curvature(0));
  }

  /** Prints what waits and ends. */
  @Override
  public void close() {
    closing = true;
    try {
      thread.join();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
    if (skipped > 0) {
      out.println(skipped + " sets not shown: the output was too slow");
      skipped = 0;
    }
    out.flush();
  }
}
