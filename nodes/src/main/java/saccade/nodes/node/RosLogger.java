package saccade.nodes.node;

import java.util.Locale;
import java.util.function.Consumer;
import saccade.msg.rcl_interfaces.Log;

/**
 * The log of a node: to {@code /rosout}, and to standard error in the form of rcutils. Set-up and
 * control only; any thread. A text is made before its level is known to be wanted: ask {@link
 * #isEnabled} where that costs.
 */
public final class RosLogger {
  /** Severities with their numbers in rcl_interfaces/Log. */
  public enum Level {
    DEBUG(Log.DEBUG),
    INFO(Log.INFO),
    WARN(Log.WARN),
    ERROR(Log.ERROR),
    FATAL(Log.FATAL);

    private final int code;

    Level(int code) {
      this.code = code;
    }

    /** The number in rcl_interfaces/Log. */
    public int code() {
      return code;
    }

    /**
     * The level of a word in any case.
     *
     * @throws saccade.nodes.ros.RosFault when it is none
     */
    static Level of(String word) {
      for (Level level : values()) {
        if (level.name().equals(word.toUpperCase(Locale.ROOT))) {
          return level;
        }
      }
      throw new saccade.nodes.ros.RosFault(
          "--log-level " + word + ": wanted debug, info, warn, error or fatal");
    }
  }

  private final String name;
  private final RosClock clock;
  private final Consumer<Log> rosout;
  private final Consumer<String> console;
  private volatile Level level;

  RosLogger(
      String name, RosClock clock, Level level, Consumer<Log> rosout, Consumer<String> console) {
    this.name = name;
    this.clock = clock;
    this.level = level;
    this.rosout = rosout;
    this.console = console;
  }

  /** Namespace and node joined by dots. */
  public String name() {
    return name;
  }

  /** The least severity that is said. */
  public Level level() {
    return level;
  }

  /** Says only this severity and above. */
  public void setLevel(Level least) {
    level = least;
  }

  /** Whether this severity is said. */
  public boolean isEnabled(Level severity) {
    return severity.compareTo(level) >= 0;
  }

  public void debug(String text) {
    log(Level.DEBUG, text);
  }

  public void info(String text) {
    log(Level.INFO, text);
  }

  public void warn(String text) {
    log(Level.WARN, text);
  }

  public void error(String text) {
    log(Level.ERROR, text);
  }

  public void fatal(String text) {
    log(Level.FATAL, text);
  }

  /** Says one thing. */
  public void log(Level severity, String text) {
    if (!isEnabled(severity)) {
      return;
    }
    long wallNs = clock.wallNs();
    console.accept(
        "[%s] [%d.%09d] [%s]: %s"
            .formatted(severity, wallNs / 1_000_000_000L, wallNs % 1_000_000_000L, name, text));
    rosout.accept(new Log(Stamps.time(wallNs), severity.code(), name, text, "", "", 0));
  }
}
