package saccade.hil.eval;

import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.Locale;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import saccade.hil.Measurement;
import saccade.hil.ModelOption;
import saccade.hil.report.Progress;
import saccade.hil.report.Report;
import saccade.kernels.geometry.Rig;
import saccade.nodes.cli.BadInput;
import saccade.nodes.pipeline.ModelPerceiver;
import saccade.perception.PerceptionOutput;
import saccade.perception.PerceptionSession;
import saccade.perception.SessionOptions;
import saccade.perception.SetInput;
import saccade.perception.model.ModelPackage;
import saccade.perception.model.WorthTable;
import saccade.realtime.clock.NanoClock;
import saccade.realtime.deadline.Sight;
import saccade.realtime.deadline.WorkShape;
import saccade.realtime.deadline.Worth;
import saccade.sim.truth.Plan;
import saccade.sim.truth.TruthFacts;

/**
 * {@code saccade model worth}: what an action and a description are worth at each {@link Sight}
 * beside those of the whole model, by accuracy on held-out seeds in the mode that ships. The worth
 * of an action is the mean of the gains over the commonest answer in maneuver and braking; that of
 * a description the mean over all facts of the gain, 0 for a fact that is not said or no better
 * than the commonest. Both as shares of what {@link Sight#WHOLE} reaches. {@code --out} writes them
 * as the package's {@link WorthTable}.
 */
@Command(
    name = "worth",
    mixinStandardHelpOptions = true,
    description = "What an action and a description are worth at each setting of the budget.")
public final class ModelWorth extends Measurement {
  @Mixin private final ModelOption model = new ModelOption();

  @Option(
      names = "--sequences",
      paramLabel = "N",
      description = "Held-out sequences; default 300, with --quick 40.")
  private int sequences;

  @Option(
      names = "--sights",
      split = ",",
      paramLabel = "NAME",
      description = "Only these beside the whole: ${COMPLETION-CANDIDATES}. Default: all.")
  private Sight[] wanted = Sight.values();

  @Option(
      names = "--out",
      paramLabel = "FILE",
      description = "Write the table of all sights there; a package reads " + WorthTable.FILE + ".")
  private @Nullable Path out;

  private static final int FRAMES = 5;

  /** Filled by picocli. */
  public ModelWorth() {}

  private static final class Scores {
    final AnswerScore maneuver = new AnswerScore();
    final AnswerScore braking = new AnswerScore();
    final AnswerScore[] facts = new AnswerScore[TruthFacts.FACTS];

    Scores() {
      for (int i = 0; i < facts.length; i++) {
        facts[i] = new AnswerScore();
      }
    }

    double action() {
      return (clipped(maneuver.gain()) + clipped(braking.gain())) / 2;
    }

    /** Of the first so many facts, as a share of all. */
    double text(int first) {
      double sum = 0;
      for (int i = 0; i < Math.min(first, facts.length); i++) {
        sum += clipped(facts[i].gain());
      }
      return sum / facts.length;
    }
  }

  private static double clipped(double gain) {
    return Double.isNaN(gain) ? 0 : Math.max(0, gain);
  }

  @Override
  protected Report measure(Progress progress) throws IOException {
    int count = sequences > 0 ? sequences : quick() ? 40 : 300;
    Path file = out;
    if (file != null && EnumSet.copyOf(List.of(wanted)).size() < Sight.values().length) {
      throw new BadInput("--out: wanted a table of all sights, found --sights beside it");
    }
    Report report = new Report("model worth");
    ModelPackage shape = ModelPerceiver.description(model.dir());
    Rig rig = ModelPerceiver.rigFor(shape);
    List<Sight> chosen = new ArrayList<>(List.of(Sight.WHOLE));
    for (Sight sight : wanted) {
      if (!chosen.contains(sight)) {
        chosen.add(sight);
      }
    }
    Sight[] sights = chosen.toArray(Sight[]::new);
    List<ModelPerceiver> models = new ArrayList<>();
    Scores[] scores = new Scores[sights.length];
    try (HeldOut heldOut = new HeldOut(rig, FRAMES)) {
      for (int i = 0; i < sights.length; i++) {
        models.add(
            ModelPerceiver.open(
                model.dir(), rig, NanoClock.system(), SessionOptions.shipped(shape)));
        scores[i] = new Scores();
        settle(models.get(i), sights[i], rig.cameras().size());
      }
      SetInput input = new SetInput(rig.cameras().size());
      for (int sequence = 0; sequence < count; sequence++) {
        heldOut.start(sequence);
        models.forEach(one -> one.session().reset());
        for (int frame = 0; frame < FRAMES; frame++) {
          if (frame > 0) {
            heldOut.next();
          }
          for (int i = 0; i < sights.length; i++) {
            heldOut.fill(input, frame * 100_000_000L);
            PerceptionSession session = models.get(i).session();
            score(scores[i], heldOut, session.run(input, Long.MAX_VALUE / 2, 0), shape);
          }
        }
        progress.at("held-out sequences", sequence + 1, count);
      }
    } finally {
      models.forEach(ModelPerceiver::close);
    }
    Worth worth = write(report, sights, scores, (shape.grammar().size() + 2) / 3);
    if (file != null) {
      String how =
          "saccade model worth --sequences %d: %d frames, rig of %d cameras, streaming, limits as driven"
              .formatted(count, count * FRAMES, rig.cameras().size());
      WorthTable.from(shape, how, worth).write(file);
      report.line("written: " + file);
    }
    return report
        .fact("model", shape.sha256())
        .fact("modelVersion", shape.version())
        .line(count + " held-out sequences of " + FRAMES + " frames, streaming, limits as driven");
  }

  private static void settle(ModelPerceiver model, Sight sight, int cameras) {
    WorkShape shape = model.shape();
    int[] tokens = new int[shape.sensors()];
    shape.tokens(sight, -1L, tokens);
    for (int camera = 0; camera < cameras; camera++) {
      model.session().limits().tokens(camera, tokens[camera]);
    }
    model.session().limits().lidar(tokens.length == cameras || tokens[cameras] > 0);
    model.session().limits().exit(shape.exit(sight));
  }

  private static void score(
      Scores scores, HeldOut heldOut, PerceptionOutput output, ModelPackage shape) {
    for (int i = 0; i < scores.facts.length; i++) {
      int answer = shape.factIndex(TruthFacts.NAMES.get(i));
      scores.facts[i].add(heldOut.facts()[i], answer < 0 ? -1 : output.factValues()[answer]);
    }
    ModelPackage.ActionCodec codec = shape.action();
    int said = output.hasAction() ? output.actionIds()[0] : -1;
    int maneuver =
        said == codec.brakeId()
            ? Plan.Maneuver.BRAKE.ordinal()
            : said == codec.keepId()
                ? Plan.Maneuver.KEEP.ordinal()
                : said == codec.accelerateId() ? Plan.Maneuver.ACCELERATE.ordinal() : -1;
    int brake = Plan.Maneuver.BRAKE.ordinal();
    int truth = heldOut.plan().maneuver().ordinal();
    scores.maneuver.add(truth, maneuver);
    scores.braking.add(truth == brake ? 1 : 0, maneuver < 0 ? -1 : maneuver == brake ? 1 : 0);
  }

  private static Worth write(Report report, Sight[] sights, Scores[] scores, int brief) {
    Scores whole = scores[0];
    int all = Sight.values().length;
    double[] actions = new double[all];
    double[] texts = new double[all];
    double[] briefs = new double[all];
    List<List<String>> table = new ArrayList<>();
    table.add(List.of("sight", "maneuver", "braking", "action worth", "text worth", "brief text"));
    for (int i = 0; i < sights.length; i++) {
      Sight sight = sights[i];
      Scores one = scores[i];
      double action = one.action() / whole.action();
      double text = one.text(one.facts.length) / whole.text(whole.facts.length);
      double few = one.text(brief) / whole.text(whole.facts.length);
      actions[sight.ordinal()] = action;
      texts[sight.ordinal()] = text;
      briefs[sight.ordinal()] = few;
      table.add(
          List.of(
              sight.word(),
              three(one.maneuver.gain()),
              three(one.braking.gain()),
              three(action),
              three(text),
              three(few)));
      String name = sight.name().toLowerCase(Locale.ROOT);
      report.detail(name + "_action", action);
      report.detail(name + "_text", text);
      report.detail(name + "_brief", few);
    }
    report.table(table);
    return new Worth(actions, texts, briefs);
  }

  private static String three(double value) {
    return String.format(Locale.ROOT, "%.3f", value);
  }
}
