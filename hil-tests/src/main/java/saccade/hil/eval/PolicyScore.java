package saccade.hil.eval;

import java.util.ArrayList;
import java.util.List;
import saccade.hil.report.PairedRatio;
import saccade.perception.PerceptionOutput;
import saccade.perception.model.ModelPackage;
import saccade.planner.ActionChunk;
import saccade.planner.ActionCodec;
import saccade.planner.DecodeOutcome;
import saccade.sim.truth.Plan;
import saccade.sim.truth.TruthFacts;

/** Right answers of one way to run the model: maneuver, facts, and how far off its steering is. */
final class PolicyScore {
  /** Name of each question: the maneuver, then the facts. */
  static final List<String> QUESTIONS = questions();

  private final List<AnswerScore> scores = new ArrayList<>();
  private final List<Double> k0Errors = new ArrayList<>();
  private final List<Double> accelErrors = new ArrayList<>();

  PolicyScore() {
    QUESTIONS.forEach(question -> scores.add(new AnswerScore()));
  }

  private static List<String> questions() {
    List<String> all = new ArrayList<>(List.of("maneuver"));
    all.addAll(TruthFacts.NAMES);
    return List.copyOf(all);
  }

  void add(HeldOut truth, PerceptionOutput output, ModelPackage shape, ActionCodec codec) {
    add(truth.plan(), truth.facts(), output, shape, codec);
  }

  /** Scores a frame by the expert's plan and the true facts. */
  void add(Plan plan, int[] facts, PerceptionOutput output, ModelPackage shape, ActionCodec codec) {
    int said = output.hasAction() ? maneuver(output.actionIds()[0], shape) : -1;
    scores.getFirst().add(plan.maneuver().ordinal(), said);
    for (int i = 0; i < TruthFacts.FACTS; i++) {
      int answer = shape.factIndex(TruthFacts.NAMES.get(i));
      if (answer >= 0) {
        scores.get(i + 1).add(facts[i], output.factValues()[answer]);
      }
    }
    if (output.hasAction()
        && codec.decode(output.actionIds(), 0) instanceof DecodeOutcome.Plan decoded) {
      ActionChunk chunk = decoded.chunk();
      double curvature = 0;
      double accel = 0;
      int steps = plan.curvature1pm().length;
      for (int step = 0; step < steps; step++) {
        curvature += (chunk.curvature(step) - plan.curvature1pm()[step]) / steps;
        accel += (chunk.accel(step) - plan.accelMps2()[step]) / steps;
      }
      k0Errors.add(Math.abs(curvature));
      accelErrors.add(Math.abs(accel));
    }
  }

  static int maneuver(int tokenId, ModelPackage shape) {
    ModelPackage.ActionCodec action = shape.action();
    return tokenId == action.brakeId()
        ? Plan.Maneuver.BRAKE.ordinal()
        : tokenId == action.keepId()
            ? Plan.Maneuver.KEEP.ordinal()
            : tokenId == action.accelerateId() ? Plan.Maneuver.ACCELERATE.ordinal() : -1;
  }

  /** Mean of all questions that were asked, 0..1. */
  double mean() {
    return scores.stream()
        .filter(score -> score.asked() > 0)
        .mapToDouble(AnswerScore::accuracy)
        .average()
        .orElse(Double.NaN);
  }

  /** Answers to one question. */
  AnswerScore scoreOf(int question) {
    return scores.get(question);
  }

  /** Share of right answers; NaN when never asked. */
  double accuracy(int question) {
    return scores.get(question).accuracy();
  }

  /** What always giving the commonest answer would reach, mean of all questions. */
  double majority() {
    return scores.stream()
        .filter(score -> score.asked() > 0)
        .mapToDouble(AnswerScore::majority)
        .average()
        .orElse(Double.NaN);
  }

  /** Median of |mean curvature of the plan - the expert's|, 1/m: coefficient 0 of the steering. */
  double k0Error() {
    return median(k0Errors);
  }

  /** Likewise of the acceleration, m/s^2. */
  double accelError() {
    return median(accelErrors);
  }

  private static double median(List<Double> values) {
    double[] array = values.stream().mapToDouble(Double::doubleValue).toArray();
    return array.length == 0 ? Double.NaN : PairedRatio.median(array, array.length);
  }
}
