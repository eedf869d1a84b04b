package saccade.nodes.pipeline;

import java.util.Locale;
import org.jspecify.annotations.Nullable;
import saccade.planner.PlannerMessage;
import saccade.planner.PlannerMessage.Kind;
import saccade.planner.Validation;

/** What a pipeline has done so far. Written by the control thread. */
public final class PipelineCounts {
  private final long[] byKind = new long[Kind.values().length]; // (kinds)
  private long refusedByGate;
  long sets;
  long seams;
  long setsBlind;
  long setsAnswered;
  long setsFailed;
  long setsAtShutdown;
  long deadlines;
  long misses;
  long lateAnswers;
  long setsAbandoned;
  long restarts;
  long partRestarts;
  long stops;
  long actionsAhead;
  long descriptions;
  long descriptionsLost;
  long textsRefused;
  long perceptionFailures;
  long listenerFailures;
  long ticks;
  long ticksSkipped;
  @Nullable Throwable lastFailure;

  PipelineCounts() {}

  void count(PlannerMessage message, Validation verdict) {
    byKind[message.kind().ordinal()]++;
    if (!verdict.accepted()) {
      refusedByGate++;
    }
  }

  /** Messages of a kind. */
  public long messages(Kind kind) {
    return byKind[kind.ordinal()];
  }

  /** Messages of all kinds. */
  public long messages() {
    long sum = 0;
    for (long count : byKind) {
      sum += count;
    }
    return sum;
  }

  /** Sets handed to the model. */
  public long sets() {
    return sets;
  }

  /**
   * Seams that were come to (a recording or a drive from its start): the model forgets what it had
   * seen, and no action goes on.
   */
  public long seams() {
    return seams;
  }

  /** Sets without a camera ahead, though the rig has one: not handed to the model. */
  public long setsBlind() {
    return setsBlind;
  }

  /** Sets the model gave an answer for, whole or cut. */
  public long setsAnswered() {
    return setsAnswered;
  }

  /** Sets it gave none for. */
  public long setsFailed() {
    return setsFailed;
  }

  /** Instants that were owed a message. */
  public long deadlines() {
    return deadlines;
  }

  /** Instants whose message was a fallback at the deadline, or came after it. */
  public long misses() {
    return misses;
  }

  /** Misses as a part of all deadlines, 0..1. */
  public double missRate() {
    return deadlines == 0 ? 0 : (double) misses / deadlines;
  }

  /** Answers that came after their instant had got its fallback; published as well. */
  public long lateAnswers() {
    return lateAnswers;
  }

  /** Sets whose action was published before their text was done; a description follows each. */
  public long actionsAhead() {
    return actionsAhead;
  }

  /** Sets whose text the lane had no room for, beside the work of other streams. */
  public long textsRefused() {
    return textsRefused;
  }

  /** How often the model's stage was made anew. */
  public long restarts() {
    return restarts;
  }

  /** How often a source or an output was made anew. */
  public long partRestarts() {
    return partRestarts;
  }

  /** How often a slice that hung was asked to come back. */
  public long stops() {
    return stops;
  }

  /** Sets that were given up with a stage that hung. */
  public long setsAbandoned() {
    return setsAbandoned;
  }

  /** Sets whose perception threw. */
  public long perceptionFailures() {
    return perceptionFailures;
  }

  /** Listeners that threw. */
  public long listenerFailures() {
    return listenerFailures;
  }

  /** Messages the stale gate did not let through. */
  public long refusedByGate() {
    return refusedByGate;
  }

  /** Commands given. */
  public long ticks() {
    return ticks;
  }

  /** Command instants that passed while the control thread had no CPU. */
  public long ticksSkipped() {
    return ticksSkipped;
  }

  /** What was thrown last, for the report. */
  public @Nullable Throwable lastFailure() {
    return lastFailure;
  }

  /**
   * Each instant has one message with what there is of an action; late answers, starting ones and
   * descriptions come on top. Each action that went ahead has its description, each set an end.
   */
  boolean balanced(boolean oneUnderWay) {
    long ahead = actionsAhead - descriptions - descriptionsLost;
    return deadlines + lateAnswers
            == messages() - messages(Kind.STARTING) - messages(Kind.DESCRIPTION)
        && messages(Kind.DESCRIPTION) == descriptions
        && (ahead == 0 || ahead == 1 && oneUnderWay)
        && sets
            == setsAnswered + setsFailed + setsAtShutdown + setsAbandoned + (oneUnderWay ? 1 : 0);
  }

  /** One line of account. */
  public String report() {
    return String.format(
        Locale.ROOT,
        "messages: deadlines %d + late answers %d, published %d (fresh %d, cut short %d, fallback %d)"
            + " + starting %d + descriptions %d (lost %d); sets %d, answered %d, failed %d, given up %d,"
            + " unread at shutdown %d",
        deadlines,
        lateAnswers,
        messages() - messages(Kind.STARTING) - messages(Kind.DESCRIPTION),
        messages(Kind.FRESH),
        messages(Kind.CUT_SHORT),
        messages(Kind.FALLBACK),
        messages(Kind.STARTING),
        descriptions,
        descriptionsLost,
        sets,
        setsAnswered,
        setsFailed,
        setsAbandoned,
        setsAtShutdown);
  }
}
