package saccade.planner;

import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What a planner gets at every deadline. Fresh, cut short or fallback, and it says which; a message
 * that contradicts itself cannot be built. All instants are in one domain: monotonic nanoseconds of
 * this process, or simulated time.
 *
 * @param seq counts messages from 0 without gaps
 * @param captureNs capture instant of the set this message is about
 * @param publishedNs when the message was handed over
 * @param frameId frame of every coordinate, {@value #BASE_LINK}
 * @param ageNs publishedNs - captureNs, 0 or more
 * @param validUntilNs last instant at which the action may be followed, not before captureNs
 * @param kind where the action comes from
 * @param degradeLevel level of the degrade ladder, 0 = none
 * @param sensorsUsed names of the sensors that were seen
 * @param sensorsMissing names of the sensors that were late, absent or refused
 * @param egoSource where the ego motion it was decided on comes from
 * @param egoAgeNs publishedNs - the instant of that ego motion, 0 or more; -1 without any
 * @param tokensKept sensor tokens that went into the decoder
 * @param tokensTotal sensor tokens there were
 * @param exitLayer decoder layer at which the text tokens left, 0 when the decoder did not run
 * @param confidence of the maneuver, 0..1
 * @param action timed actions; null when there is none to follow (FALLBACK and STARTING), and in a
 *     DESCRIPTION
 * @param scene what is seen, in base_link
 * @param effort what was spent on it, and why no more
 * @param reason why this kind, level and depth, one line
 */
public record PlannerMessage(
    long seq,
    long captureNs,
    long publishedNs,
    String frameId,
    long ageNs,
    long validUntilNs,
    Kind kind,
    int degradeLevel,
    List<String> sensorsUsed,
    List<String> sensorsMissing,
    EgoSource egoSource,
    long egoAgeNs,
    int tokensKept,
    int tokensTotal,
    int exitLayer,
    double confidence,
    @Nullable ActionChunk action,
    SceneDescription scene,
    Effort effort,
    String reason) {

  /**
   * What was decided before the set ran.
   *
   * @param level name of {@link #degradeLevel}
   * @param budgetNs from capture to message; 0 = not known
   * @param decision settings of every knob and the reason, one line; empty for messages without a
   *     set
   * @param stages stages that hang, have crashed or are being restarted; empty when all is well
   */
  public record Effort(String level, long budgetNs, String decision, String stages) {
    /** Nothing is known. */
    public static final Effort NONE = new Effort("full", 0, "", "");
  }

  /** The only frame a message may be in (REP-105). */
  public static final String BASE_LINK = "base_link";

  /** Where a message's action comes from. */
  public enum Kind {
    /** The model said all it was asked, in time. */
    FRESH,
    /**
     * The model was cut by the deadline; the action is its own or, before it could decide, the
     * previous one.
     */
    CUT_SHORT,
    /** The model gave nothing; the action is the previous one while valid, or none. */
    FALLBACK,
    /** Nothing has been seen yet. */
    STARTING,
    /**
     * The scene of a set whose action has been handed over already, in a message of its own. It has
     * no action and is owed to no deadline.
     */
    DESCRIPTION
  }

  public PlannerMessage {
    Checks.atLeast("message seq", seq, 0);
    if (!frameId.equals(BASE_LINK)) {
      throw new IllegalArgumentException(
          "message frame id: wanted " + BASE_LINK + ", found " + frameId);
    }
    Checks.atLeast("message age ns", ageNs, 0);
    if (ageNs != publishedNs - captureNs) {
      throw new IllegalArgumentException(
          "message age ns: wanted published - capture = "
              + (publishedNs - captureNs)
              + ", found "
              + ageNs);
    }
    if (validUntilNs < captureNs) {
      throw new IllegalArgumentException(
          "message validity end ns: wanted at least the capture stamp "
              + captureNs
              + ", found "
              + validUntilNs);
    }
    Checks.atLeast("message ego age ns", egoAgeNs, egoSource == EgoSource.NONE ? -1 : 0);
    Checks.atLeast("message degrade level", degradeLevel, 0);
    Checks.atLeast("message exit layer", exitLayer, 0);
    Checks.atLeast("message tokens total", tokensTotal, 0);
    Checks.within("message tokens kept", tokensKept, 0, tokensTotal);
    Checks.within("message confidence", confidence, 0, 1);
    if (action == null && (kind == Kind.FRESH || kind == Kind.CUT_SHORT)) {
      throw new IllegalArgumentException(
          "message of kind " + kind + ": wanted an action, found none");
    }
    if (action != null && kind == Kind.DESCRIPTION) {
      throw new IllegalArgumentException(
          "message of kind DESCRIPTION: wanted no action (it came before), found one");
    }
    if (action != null && action.captureNs() > captureNs) {
      throw new IllegalArgumentException(
          "message action: wanted a plan from "
              + captureNs
              + " ns or before, found "
              + action.captureNs());
    }
    if (kind == Kind.FRESH && action != null && action.captureNs() != captureNs) {
      throw new IllegalArgumentException(
          "fresh message: wanted an action of its own capture "
              + captureNs
              + ", found "
              + action.captureNs());
    }
    sensorsUsed = List.copyOf(sensorsUsed);
    sensorsMissing = List.copyOf(sensorsMissing);
  }

  /**
   * Whether the action was decided on this message's own capture by the model: only such a message
   * is a reaction.
   */
  public boolean decidedByModel() {
    return (kind == Kind.FRESH || kind == Kind.CUT_SHORT)
        && action != null
        && action.captureNs() == captureNs;
  }

  /** Starts a message; what is not set stays at "nothing seen". */
  public static Builder about(long seq, long captureNs) {
    return new Builder(seq, captureNs);
  }

  /** Collects the fields of one message; one thread, one message. */
  public static final class Builder {
    private final long seq;
    private final long captureNs;
    private long publishedNs;
    private long validUntilNs;
    private Kind kind = Kind.STARTING;
    private int degradeLevel;
    private List<String> used = List.of();
    private List<String> missing = List.of();
    private EgoSource egoSource = EgoSource.NONE;
    private long egoStampNs;
    private int tokensKept;
    private int tokensTotal;
    private int exitLayer;
    private double confidence;
    private @Nullable ActionChunk action;
    private SceneDescription scene = SceneDescription.NOTHING_SAID;
    private Effort effort = Effort.NONE;
    private String reason = "";

    private Builder(long seq, long captureNs) {
      this.seq = seq;
      this.captureNs = captureNs;
      this.publishedNs = captureNs;
      this.validUntilNs = captureNs;
    }

    public Builder kind(Kind value, String why) {
      kind = value;
      reason = why;
      return this;
    }

    public Builder publishedNs(long value) {
      publishedNs = value;
      return this;
    }

    public Builder degradeLevel(int value) {
      degradeLevel = value;
      return this;
    }

    public Builder sensors(List<String> sensorsUsed, List<String> sensorsMissing) {
      used = sensorsUsed;
      missing = sensorsMissing;
      return this;
    }

    /**
     * What the ego motion was worth.
     *
     * @param stampNs instant it is of; passed over for {@link EgoSource#NONE}
     */
    public Builder ego(EgoSource source, long stampNs) {
      egoSource = source;
      egoStampNs = stampNs;
      return this;
    }

    public Builder tokens(int kept, int total) {
      tokensKept = kept;
      tokensTotal = total;
      return this;
    }

    public Builder exit(int layer, double maneuverConfidence) {
      exitLayer = layer;
      confidence = maneuverConfidence;
      return this;
    }

    public Builder action(@Nullable ActionChunk chunk, long validUntil) {
      action = chunk;
      validUntilNs = validUntil;
      return this;
    }

    public Builder effort(Effort value) {
      effort = value;
      return this;
    }

    public Builder scene(SceneDescription value) {
      scene = value;
      return this;
    }

    /**
     * The message.
     *
     * @throws IllegalArgumentException naming the field, the value found and the value wanted
     */
    public PlannerMessage build() {
      return new PlannerMessage(
          seq,
          captureNs,
          publishedNs,
          BASE_LINK,
          publishedNs - captureNs,
          validUntilNs,
          kind,
          degradeLevel,
          used,
          missing,
          egoSource,
          egoSource == EgoSource.NONE ? -1 : Math.max(0, publishedNs - egoStampNs),
          tokensKept,
          tokensTotal,
          exitLayer,
          confidence,
          action,
          scene,
          effort,
          reason);
    }
  }
}
