package saccade.nodes.node;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.function.Consumer;
import saccade.msg.diagnostic_msgs.DiagnosticArray;
import saccade.msg.diagnostic_msgs.DiagnosticStatus;
import saccade.msg.diagnostic_msgs.KeyValue;
import saccade.msg.std_msgs.Header;
import saccade.nodes.ros.QosProfile;

/**
 * Publishes the state of a node's parts on {@code /diagnostics}, as diagnostic_updater does: a
 * named task a part, all of them once a period on the node's thread ({@code
 * diagnostic_updater.period}, seconds). Control only.
 */
public final class Diagnostics implements AutoCloseable {
  /** Levels with their numbers in diagnostic_msgs/DiagnosticStatus. */
  public enum Level {
    OK,
    WARN,
    ERROR,
    STALE
  }

  /** What a task says about its part; made anew each time. */
  public static final class Status {
    private final List<KeyValue> values = new ArrayList<>();
    private Level level = Level.OK;
    private String message = "";

    private Status() {}

    /** How it is, in one line. */
    public Status summary(Level newLevel, String newMessage) {
      level = newLevel;
      message = newMessage;
      return this;
    }

    /** As {@link #summary}, where it is worse than what was said before. */
    public Status worse(Level newLevel, String newMessage) {
      return newLevel.compareTo(level) > 0 ? summary(newLevel, newMessage) : this;
    }

    /** One value, as text. */
    public Status add(String key, Object value) {
      values.add(new KeyValue(key, String.valueOf(value)));
      return this;
    }

    /** One number with the format given, e.g. {@code "%.1f ms"}. */
    public Status add(String key, String form, Object... numbers) {
      return add(key, String.format(Locale.ROOT, form, numbers));
    }
  }

  private record Task(String name, Consumer<Status> work) {}

  private final Node node;
  private final String hardwareId;
  private final MessagePublisher<DiagnosticArray> publisher;
  private final List<Task> tasks = new CopyOnWriteArrayList<>();
  private final Registration timer;

  /**
   * @param hardwareId what the parts belong to; {@code "none"} where nothing does
   */
  public Diagnostics(Node node, String hardwareId) {
    this.node = node;
    this.hardwareId = hardwareId;
    double periodS =
        node.parameters()
            .declare(
                "diagnostic_updater.period",
                ParameterValue.of(1.0),
                Parameters.described("seconds between two messages on /diagnostics")
                    .withReadOnly(true))
            .asDouble();
    publisher = node.createPublisher(DiagnosticArray.TYPE, "/diagnostics", QosProfile.DEFAULT);
    // By wall time: a simulator that stands still is worth knowing about.
    timer =
        node.createWallTimer(
            Duration.ofNanos(Math.max(1_000_000L, Math.round(periodS * 1e9))), this::update);
  }

  /** One more part. */
  public void add(String name, Consumer<Status> task) {
    tasks.add(new Task(name, task));
  }

  /** Publishes now. */
  public void update() {
    List<DiagnosticStatus> all = new ArrayList<>();
    for (Task task : tasks) {
      Status status = new Status();
      try {
        task.work().accept(status);
      } catch (RuntimeException e) {
        status.summary(Level.ERROR, "its diagnostics threw " + e);
      }
      all.add(
          new DiagnosticStatus(
              status.level.ordinal(),
              node.name() + ": " + task.name(),
              status.message,
              hardwareId,
              status.values));
    }
    publisher.publish(new DiagnosticArray(new Header(Stamps.time(node.clock().nowNs()), ""), all));
  }

  @Override
  public void close() {
    timer.close();
    publisher.close();
  }
}
