package saccade.hil.bars;

import java.util.Map;
import org.jspecify.annotations.Nullable;
import saccade.hil.report.PairedRatio;

/**
 * One promise that a run can be held against.
 *
 * @param name what is promised, in a few words
 * @param command arguments of {@code ./saccade} whose last line carries the figure
 * @param quickCommand the same for a quick look; null = the command with {@code --quick} behind it
 * @param figure name of the figure
 * @param noise for a timing ratio: name of the figure that says how far the baseline is from
 *     itself; else null
 * @param limit what the figure must satisfy
 * @param why the reason for the number
 */
public record Bar(
    String name,
    String command,
    @Nullable String quickCommand,
    String figure,
    @Nullable String noise,
    Limit limit,
    String why) {

  /** What a run says about a bar. */
  public enum Verdict {
    HOLDS("holds"),
    MISSED("MISSED"),
    NOT_MEASURABLE("not measurable now"),
    NO_FIGURE("NO FIGURE"),
    /** The run was another one than the bar names. */
    NOT_JUDGED("not judged");

    private final String text;

    Verdict(String text) {
      this.text = text;
    }

    @Override
    public String toString() {
      return text;
    }
  }

  /** The command line for a full or a quick look, without {@code ./saccade}. */
  public String commandLine(boolean quick) {
    if (!quick) {
      return command;
    }
    return quickCommand == null ? command + " --quick" : quickCommand;
  }

  /** Whether this bar is about a verb, e.g. {@code bench ring}, however it is run. */
  public boolean isAbout(String verb) {
    return RunName.of(command).verb().equals(verb);
  }

  /**
   * Whether a run is the one that this bar names, in full or quick. Another driver, fewer scenarios
   * or another length is another run, whose figures say nothing about this bar.
   */
  public boolean names(RunName run) {
    return run.equals(RunName.of(command)) || run.equals(RunName.of(commandLine(true)));
  }

  /** Judges this bar by a run's figures. */
  public Verdict judge(Map<String, Double> figures) {
    double value = figures.getOrDefault(figure, Double.NaN);
    if (Double.isNaN(value)) {
      return Verdict.NO_FIGURE;
    }
    if (noise == null) {
      return limit.holds(value) ? Verdict.HOLDS : Verdict.MISSED;
    }
    double spread = figures.getOrDefault(noise, Double.NaN);
    return switch (PairedRatio.judge(value, spread, limit.value())) {
      case HOLDS -> Verdict.HOLDS;
      case MISSED -> Verdict.MISSED;
      case NOT_MEASURABLE -> Verdict.NOT_MEASURABLE;
    };
  }
}
