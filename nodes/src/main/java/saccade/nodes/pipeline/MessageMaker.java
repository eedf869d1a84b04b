package saccade.nodes.pipeline;

import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;
import saccade.nodes.sensor.EgoState;
import saccade.perception.CutReason;
import saccade.perception.PerceptionOutput;
import saccade.perception.SensorStatus;
import saccade.perception.model.ModelPackage;
import saccade.planner.ActionChunk;
import saccade.planner.ActionCodec;
import saccade.planner.ActionCodecSpec;
import saccade.planner.ActionCodecSpec.Range;
import saccade.planner.DecodeOutcome;
import saccade.planner.FactsToScene;
import saccade.planner.OutputCodec;
import saccade.planner.PlannerMessage;
import saccade.planner.PlannerMessage.Kind;
import saccade.planner.SceneDescription;
import saccade.realtime.deadline.DegradeLevel;

/**
 * What the model said to what a planner reads. Knows the last action, so that a cut or a failure
 * falls back on it while it is valid. One thread; makes one message's worth of garbage a call.
 */
final class MessageMaker {
  private static final double LONGEST_CURVATURE = 0.15;

  /** In the reason of every message whose set had no picture of what lies ahead. */
  static final String NO_CAMERA_AHEAD = "no camera ahead";

  /** In the reason of a message whose text was not begun. */
  static final String NO_ROOM =
      "no text: it would not be in time behind what other streams have on the lane";

  private static final String IN_TIME = "in time";
  private static final String AHEAD = IN_TIME + "; its description follows";

  private final ActionCodec codec;
  private final FactsToScene facts;
  private final long validNs;
  private final List<String> sensors;
  private final List<String> ahead;
  private long nextSeq;
  private @Nullable ActionChunk lastAction;
  private long lastValidUntilNs;
  private long sinceNs = Long.MIN_VALUE; // an action of before is of another world
  private int level;
  private String distrust = "";
  private List<String> distrustedNames = List.of();
  private List<String> stoodInNames = List.of();
  private String standIns = "";
  private boolean textRefused;
  private PlannerMessage.Effort effort = PlannerMessage.Effort.NONE;

  /**
   * @param sensors of the rig
   * @param ahead those of its cameras that look ahead
   */
  MessageMaker(OutputCodec codec, List<String> sensors, List<String> ahead, long validNs) {
    this.codec = new ActionCodec(codec.action());
    this.facts = codec.facts();
    this.sensors = List.copyOf(sensors);
    this.ahead = List.copyOf(ahead);
    this.validNs = validNs;
  }

  /**
   * What the next messages say about what was spent on them.
   *
   * @param held level of the degrade ladder
   * @param budgetNs from capture to message
   * @param decision about their set; empty without one
   * @param stages those that are out
   * @param distrusted sensors whose frames are not used, and why; empty when all are
   * @param names of those
   */
  void effort(
      DegradeLevel held,
      long budgetNs,
      String decision,
      String stages,
      String distrusted,
      List<String> names) {
    level = held.ordinal();
    distrust = distrusted.isEmpty() ? "" : "; not used: " + distrusted;
    distrustedNames = names;
    effort = new PlannerMessage.Effort(held.word(), budgetNs, decision, stages);
  }

  /**
   * Cameras of the next messages' set whose view was taken from another one's picture: missing
   * still, and said.
   *
   * @param names of those; empty without any
   * @param line which was seen in which; empty without any
   */
  void stoodIn(List<String> names, String line) {
    stoodInNames = names;
    standIns = line.isEmpty() ? "" : "; " + line;
  }

  /** From this capture on frames show another world: no action of before it goes on. */
  void beginAnew(long captureNs) {
    sinceNs = captureNs;
  }

  /** Whether the text of the next messages' set found no room on the lane. */
  void textRefused(boolean refused) {
    textRefused = refused;
  }

  /** What the tokens of a model package mean, by its numbers and words. */
  static OutputCodec codecOf(ModelPackage model) {
    List<FactsToScene.Fact> facts = new ArrayList<>();
    for (ModelPackage.Fact fact : model.grammar()) {
      List<String> words = new ArrayList<>();
      for (int id : fact.values()) {
        words.add(model.vocabulary().get(id));
      }
      facts.add(new FactsToScene.Fact(fact.name(), words));
    }
    return new OutputCodec(actionOf(model), FactsToScene.of(facts));
  }

  private static ActionCodecSpec actionOf(ModelPackage model) {
    ModelPackage.ActionCodec stated = model.action();
    ActionCodecSpec nano = ActionCodecSpec.saccadeNano();
    return new ActionCodecSpec(
        stated.stepS(),
        stated.steps(),
        ranges(stated.accelRanges()),
        ranges(stated.curvatureRanges()),
        stated.bins(),
        stated.accelBase(),
        stated.curvatureBase(),
        stated.brakeId(),
        stated.keepId(),
        stated.accelerateId(),
        nano.accelLimits(),
        nano.curvatureLimits());
  }

  private static List<Range> ranges(double[][] stated) {
    List<Range> ranges = new ArrayList<>();
    for (double[] range : stated) {
      ranges.add(new Range(range[0], range[1]));
    }
    return ranges;
  }

  /** Nothing has been seen yet. */
  PlannerMessage starting(long nowNs) {
    return PlannerMessage.about(nextSeq++, nowNs)
        .publishedNs(nowNs)
        .kind(Kind.STARTING, "no set yet")
        .effort(effort)
        .sensors(List.of(), sensors)
        .build();
  }

  /**
   * Nothing in time: the last action while it is valid.
   *
   * @param captureNs the instant it stands for
   * @param lacking sensors known to have sent nothing for it
   * @param ego newest motion
   */
  PlannerMessage fallback(
      long captureNs, long nowNs, String why, List<String> lacking, EgoState ego) {
    PlannerMessage.Builder message =
        PlannerMessage.about(nextSeq++, captureNs)
            .publishedNs(nowNs)
            .degradeLevel(level)
            .effort(effort)
            .ego(ego.source(), ego.stampNs())
            .sensors(List.of(), missing(lacking, ego));
    if (level == DegradeLevel.MINIMAL_RISK.ordinal()) {
      return message.kind(Kind.FALLBACK, "minimal risk, no action: " + why + remarks(ego)).build();
    }
    follow(message, captureNs, nowNs);
    return message.kind(Kind.FALLBACK, why + remarks(ego)).build();
  }

  /**
   * The scene of a set whose action went ahead.
   *
   * @param output null when the set broke after its action
   * @param why what broke it; not read otherwise
   * @param ego the motion it was told
   */
  PlannerMessage description(
      long captureNs, @Nullable PerceptionOutput output, String why, EgoState ego, long nowNs) {
    PlannerMessage.Builder message =
        PlannerMessage.about(nextSeq++, captureNs)
            .publishedNs(nowNs)
            .degradeLevel(level)
            .ego(ego.source(), ego.stampNs())
            .effort(effort);
    if (output == null) {
      return message.kind(Kind.DESCRIPTION, why).build();
    }
    DecodeOutcome decoded =
        output.hasAction() ? codec.decode(output.actionIds(), output.captureNs()) : null;
    boolean whole = output.kind() == PerceptionOutput.Kind.COMPLETE;
    return message
        .sensors(used(output.sensorsUsed()), missing(output, ego))
        .tokens(output.tokensKept(), output.tokensTotal())
        .exit(output.exitLayer(), maneuverConfidence(output))
        .scene(scene(output, decoded))
        .kind(Kind.DESCRIPTION, whole ? whole(output) : cut(output))
        .build();
  }

  /**
   * What the model said about a set, whole or not.
   *
   * @param ego the motion it was told
   * @param ahead the action alone is there in time, its set goes on
   */
  PlannerMessage answer(PerceptionOutput output, EgoState ego, boolean ahead, long nowNs) {
    DecodeOutcome decoded =
        output.hasAction() ? codec.decode(output.actionIds(), output.captureNs()) : null;
    SceneDescription scene = scene(output, decoded);
    PlannerMessage.Builder message =
        PlannerMessage.about(nextSeq++, output.captureNs())
            .publishedNs(nowNs)
            .sensors(used(output.sensorsUsed()), missing(output, ego))
            .ego(ego.source(), ego.stampNs())
            .tokens(output.tokensKept(), output.tokensTotal())
            .exit(output.exitLayer(), maneuverConfidence(output))
            .scene(scene)
            .effort(effort)
            .degradeLevel(level);
    if (decoded instanceof DecodeOutcome.Plan plan) {
      long validUntil = Math.min(plan.chunk().endNs(), output.captureNs() + validNs);
      lastAction = plan.chunk();
      lastValidUntilNs = validUntil;
      // An action whose text was left out is as whole as one whose text was never asked for.
      boolean alone = textRefused && output.kind() == PerceptionOutput.Kind.CUT_SHORT_WITH_ACTION;
      boolean whole = ahead || alone || output.kind() == PerceptionOutput.Kind.COMPLETE;
      String why =
          ahead ? AHEAD : alone ? IN_TIME + "; " + NO_ROOM : whole ? whole(output) : cut(output);
      message
          .kind(whole ? Kind.FRESH : Kind.CUT_SHORT, why + remarks(ego))
          .action(plan.chunk(), validUntil);
      return message.build();
    }
    String why =
        decoded instanceof DecodeOutcome.BadTokens bad
            ? "action token " + bad.index() + " is no action: " + bad.found()
            : cut(output);
    boolean previous = follow(message, output.captureNs(), nowNs);
    boolean deadline =
        output.cutReason() == CutReason.DEADLINE || output.cutReason() == CutReason.REQUESTED;
    message.kind(
        previous && deadline ? Kind.CUT_SHORT : Kind.FALLBACK,
        why + (previous ? "; previous action goes on" : "; no action is left") + remarks(ego));
    return message.build();
  }

  /** Whether every camera that looks ahead was late, absent or refused for the model. */
  boolean missesAllAhead(PerceptionOutput output) {
    return output.sensorsMissing().containsAll(ahead);
  }

  /**
   * The model saw nothing of what lies ahead: what it decided is not taken, and what it says is not
   * told. The last action that was decided with a camera goes on while it is valid.
   *
   * @param ego the motion it was told
   */
  PlannerMessage unseeing(PerceptionOutput output, EgoState ego, long nowNs) {
    PlannerMessage.Builder message =
        PlannerMessage.about(nextSeq++, output.captureNs())
            .publishedNs(nowNs)
            .sensors(used(output.sensorsUsed()), missing(output, ego))
            .ego(ego.source(), ego.stampNs())
            .tokens(output.tokensKept(), output.tokensTotal())
            .exit(output.exitLayer(), 0)
            .effort(effort)
            .degradeLevel(level);
    return unseeing(message, output.captureNs(), ego, nowNs);
  }

  /**
   * A set without a camera ahead, which the model was not shown.
   *
   * @param lacking sensors that it came without
   * @param ego newest motion
   */
  PlannerMessage unseeing(long captureNs, List<String> lacking, EgoState ego, long nowNs) {
    PlannerMessage.Builder message =
        PlannerMessage.about(nextSeq++, captureNs)
            .publishedNs(nowNs)
            .sensors(List.of(), missing(lacking, ego))
            .ego(ego.source(), ego.stampNs())
            .effort(effort)
            .degradeLevel(level);
    return unseeing(message, captureNs, ego, nowNs);
  }

  private PlannerMessage unseeing(
      PlannerMessage.Builder message, long captureNs, EgoState ego, long nowNs) {
    if (level == DegradeLevel.MINIMAL_RISK.ordinal()) {
      return message
          .kind(Kind.FALLBACK, "minimal risk, no action: " + NO_CAMERA_AHEAD + remarks(ego))
          .build();
    }
    boolean previous = follow(message, captureNs, nowNs);
    String then = previous ? "; previous action goes on" : "; no action is left";
    return message.kind(Kind.FALLBACK, NO_CAMERA_AHEAD + then + remarks(ego)).build();
  }

  /** Puts the last action in while it is valid; whether it was. */
  private boolean follow(PlannerMessage.Builder message, long captureNs, long nowNs) {
    ActionChunk action = lastAction;
    if (action == null
        || lastValidUntilNs < nowNs
        || action.captureNs() > captureNs
        || action.captureNs() < sinceNs) {
      return false;
    }
    message.action(action, lastValidUntilNs);
    return true;
  }

  private SceneDescription scene(PerceptionOutput output, @Nullable DecodeOutcome decoded) {
    double curvature =
        decoded instanceof DecodeOutcome.Plan plan
            ? Math.clamp(plan.chunk().curvature(0), -LONGEST_CURVATURE, LONGEST_CURVATURE)
            : 0;
    return output.factValues().length == facts.facts().size()
        ? facts.scene(output.factValues(), curvature, output.sentence())
        : SceneDescription.NOTHING_SAID;
  }

  private List<String> used(List<String> sensors) {
    return stoodInNames.isEmpty()
        ? sensors
        : sensors.stream().filter(name -> !stoodInNames.contains(name)).toList();
  }

  /** What a cut left out was there: it is named in the reason instead. */
  private List<String> missing(PerceptionOutput output, EgoState ego) {
    List<String> notRun = notRun(output);
    if (notRun.isEmpty()) {
      return missing(output.sensorsMissing(), ego);
    }
    return missing(
        output.sensorsMissing().stream().filter(name -> !notRun.contains(name)).toList(), ego);
  }

  /** Sensors whose encoders a set that was cut before its action never came to. */
  private List<String> notRun(PerceptionOutput output) {
    if (output.hasAction() || output.kind() == PerceptionOutput.Kind.COMPLETE) {
      return List.of();
    }
    List<String> names = new ArrayList<>();
    for (PerceptionOutput.CameraTokens camera : output.cameras()) {
      if (camera.status() == SensorStatus.SKIPPED) {
        names.add(camera.name());
      }
    }
    if (output.lidar() == SensorStatus.SKIPPED) {
      names.add(sensors.getLast());
    }
    if (output.ego() == SensorStatus.SKIPPED) {
      names.add("ego");
    }
    return names;
  }

  /** The half of ego motion that is late or gone is a missing sensor like any other. */
  private List<String> missing(List<String> sensors, EgoState ego) {
    String gone = ego.source().missing();
    if (gone.isEmpty()
        && sensors.containsAll(distrustedNames)
        && sensors.containsAll(stoodInNames)) {
      return sensors;
    }
    List<String> all = new ArrayList<>(sensors);
    addTo(all, distrustedNames);
    addTo(all, stoodInNames);
    if (!gone.isEmpty()) {
      all.add(gone);
    }
    return all;
  }

  private static void addTo(List<String> all, List<String> names) {
    for (String name : names) {
      if (!all.contains(name)) {
        all.add(name);
      }
    }
  }

  private String remarks(EgoState ego) {
    return distrust + standIns + degraded(ego);
  }

  private static String degraded(EgoState ego) {
    return switch (ego.source()) {
      case ODOMETRY_WITHOUT_IMU -> "; imu late: odometry alone";
      case IMU_WITHOUT_ODOMETRY -> "; odometry late: imu alone";
      case NONE, ASSUMED, ODOMETRY, FUSED -> "";
    };
  }

  private static double maneuverConfidence(PerceptionOutput output) {
    float[] confidence = output.actionConfidence();
    return confidence.length == 0 ? 0 : Math.clamp(confidence[0], 0f, 1f);
  }

  private static String whole(PerceptionOutput output) {
    return output.faults().isEmpty() ? IN_TIME : IN_TIME + "; " + output.faults().getFirst();
  }

  private String cut(PerceptionOutput output) {
    String why =
        switch (output.cutReason()) {
          case NONE -> "no action";
          case DEADLINE ->
              "the next slice would not end within " + effort.budgetNs() / 1_000_000 + " ms";
          case REQUESTED -> textRefused ? NO_ROOM : "deadline passed between slices";
          case NO_SENSORS -> "no usable camera or LiDAR";
          case NON_FINITE -> "a logit was not finite";
          case ENGINE -> "ONNX Runtime failed";
        };
    List<String> notRun = notRun(output);
    if (!notRun.isEmpty()) {
      why += "; not run: " + String.join(", ", notRun);
    }
    return output.faults().isEmpty() ? why : why + "; " + output.faults().getFirst();
  }
}
