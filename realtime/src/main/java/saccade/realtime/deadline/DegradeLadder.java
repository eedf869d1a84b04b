package saccade.realtime.deadline;

import java.util.Arrays;

/**
 * Hot path. Which {@link DegradeLevel} holds, with hysteresis: down by predicted or real misses, up
 * by sustained slack. Pure; one thread; allocates nothing.
 *
 * <ul>
 *   <li>Down by prediction: {@link Options#pressureSets} sets in a row needed a worse level: to the
 *       least bad that all of them needed.
 *   <li>Down by a real miss: one step at once. {@link Options#missesToMinimalRisk} in a row: to the
 *       bottom.
 *   <li>Up: every set for {@link Options#slackNs}, and at least {@link Options#slackSets} of them,
 *       would have fitted a better level with {@link Options#slackShare} of the time to spare, and
 *       none was missed: to the best such level.
 *   <li>A step down soon after one up was a step too early: the next wait is twice as long, up to
 *       eight times; a quiet while forgets that.
 * </ul>
 */
public final class DegradeLadder {

  /**
   * When the ladder moves.
   *
   * @param pressureSets sets in a row that need a worse level until it is entered
   * @param missesToMinimalRisk real misses in a row until the bottom is entered
   * @param slackNs how long slack must last until a better level is entered
   * @param slackSets and for how many sets
   * @param slackShare part of the time left that must stay free at the better level, 0..1
   * @param relapseNs a step down within this time of a step up doubles the next wait
   */
  public record Options(
      int pressureSets,
      int missesToMinimalRisk,
      long slackNs,
      int slackSets,
      double slackShare,
      long relapseNs) {

    /** 2 sets; 5 misses; 0.8 s and 6 sets with a tenth to spare; 3 s. */
    public static final Options DEFAULT = new Options(2, 5, 800_000_000L, 6, 0.1, 3_000_000_000L);

    public Options {
      if (pressureSets < 1
          || missesToMinimalRisk < 1
          || slackNs < 0
          || slackSets < 1
          || !(slackShare >= 0 && slackShare < 1)
          || relapseNs < 0) {
        throw new IllegalArgumentException(
            "expected sets and misses of 1 or more, times of 0 or more, a share in [0, 1), found "
                + pressureSets
                + ", "
                + missesToMinimalRisk
                + ", "
                + slackNs
                + ", "
                + slackSets
                + ", "
                + slackShare
                + ", "
                + relapseNs);
      }
    }
  }

  /** Why the ladder last moved. */
  public enum Cause {
    START("start"),
    PREDICTED_MISS("sets would not have fitted"),
    MISS("a deadline was missed"),
    MISSES_IN_A_ROW("deadlines were missed in a row"),
    STAGE_DOWN("a stage is down"),
    SLACK("slack has lasted");

    private final String text;

    Cause(String text) {
      this.text = text;
    }

    /** In words. */
    public String text() {
      return text;
    }
  }

  /** What it may be told of an instant, or of what makes the answers. */
  public enum News {
    /** {@link #inTime}. */
    IN_TIME,
    /** {@link #missed}. */
    MISSED,
    /** {@link #starved}. */
    STARVED,
    /** {@link #stageDown}. */
    STAGE_DOWN
  }

  private static final int MOST_PATIENCE = 8;
  private static final int LEVELS = DegradeLevel.values().length;

  private final Options options;
  private DegradeLevel level = DegradeLevel.FULL;
  private Cause cause = Cause.START;
  private int pressed; // sets in a row that needed a worse level
  private DegradeLevel pressedTo = DegradeLevel.FULL; // least bad that all of them needed
  private final int[] slackSets = new int[LEVELS]; // (levels) sets in a row with room for it
  private final long[] slackSinceNs = new long[LEVELS]; // (levels) the first of them
  private int missesInRow;
  private int patience = 1;
  private boolean everUp;
  private long lastUpNs;
  private long lastMoveNs;
  private long moves;

  public DegradeLadder(Options options) {
    this.options = options;
  }

  /**
   * A set is about to run.
   *
   * @param needed best level at which it is predicted to be in time
   * @param roomy best level at which it would be in time with the slack share to spare
   */
  public void predicted(DegradeLevel needed, DegradeLevel roomy, long nowNs) {
    for (int i = 0; i < LEVELS; i++) {
      if (roomy.ordinal() > i) {
        slackSets[i] = 0;
      } else if (slackSets[i]++ == 0) {
        slackSinceNs[i] = nowNs;
      }
    }
    if (!needed.worseThan(level)) {
      pressed = 0;
      return;
    }
    pressedTo = pressed == 0 || pressedTo.worseThan(needed) ? needed : pressedTo;
    pressed++;
    if (pressed >= options.pressureSets) {
      down(pressedTo, Cause.PREDICTED_MISS, nowNs);
    }
  }

  /** Takes in one of the four below. */
  public void tell(News news, long nowNs) {
    switch (news) {
      case IN_TIME -> inTime(nowNs);
      case MISSED -> missed(nowNs);
      case STARVED -> starved(nowNs);
      case STAGE_DOWN -> stageDown(nowNs);
    }
  }

  /** The action of an instant came in time: the way up. */
  public void inTime(long nowNs) {
    missesInRow = 0;
    for (int i = 0; i < level.ordinal(); i++) {
      if (slackSets[i] >= options.slackSets
          && nowNs - slackSinceNs[i] >= options.slackNs * patience) {
        move(DegradeLevel.at(i), Cause.SLACK, nowNs);
        everUp = true;
        lastUpNs = nowNs;
        forgetSlack();
      }
    }
    if (patience > 1 && nowNs - lastMoveNs > 4 * options.relapseNs) {
      patience = 1;
    }
  }

  /** An instant had no action at its deadline. */
  public void missed(long nowNs) {
    missesInRow++;
    forgetSlack();
    if (level == DegradeLevel.MINIMAL_RISK) {
      return;
    }
    if (missesInRow >= options.missesToMinimalRisk) {
      down(DegradeLevel.MINIMAL_RISK, Cause.MISSES_IN_A_ROW, nowNs);
    } else if (level != DegradeLevel.ESSENTIAL) {
      down(level.next(), Cause.MISS, nowNs);
    }
  }

  /**
   * An instant had no action because none of its frames came: less work would not have helped, so
   * that only many in a row, the bottom, count.
   */
  public void starved(long nowNs) {
    missesInRow++;
    if (missesInRow >= options.missesToMinimalRisk && level != DegradeLevel.MINIMAL_RISK) {
      down(DegradeLevel.MINIMAL_RISK, Cause.MISSES_IN_A_ROW, nowNs);
    }
  }

  /** What makes the answers is down and being restarted: the bottom, until it answers again. */
  public void stageDown(long nowNs) {
    forgetSlack();
    if (level != DegradeLevel.MINIMAL_RISK) {
      down(DegradeLevel.MINIMAL_RISK, Cause.STAGE_DOWN, nowNs);
    }
  }

  private void forgetSlack() {
    Arrays.fill(slackSets, 0);
  }

  private void down(DegradeLevel to, Cause why, long nowNs) {
    if (everUp && nowNs - lastUpNs <= options.relapseNs) {
      patience = Math.min(MOST_PATIENCE, 2 * patience);
      everUp = false; // one step too early counts once
    }
    move(to, why, nowNs);
    pressed = 0;
  }

  private void move(DegradeLevel to, Cause why, long nowNs) {
    level = to;
    cause = why;
    lastMoveNs = nowNs;
    moves++;
  }

  /** The level that holds. */
  public DegradeLevel level() {
    return level;
  }

  /** Why it last moved there. */
  public Cause cause() {
    return cause;
  }

  /** When it last moved, ns. */
  public long lastMoveNs() {
    return lastMoveNs;
  }

  /** How often it moved. */
  public long moves() {
    return moves;
  }

  /** By how much the next wait for slack is longer than the first, 1..8. */
  public int patience() {
    return patience;
  }

  public Options options() {
    return options;
  }
}
