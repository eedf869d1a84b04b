package saccade.hil.eval;

import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import saccade.hil.Measurement;
import saccade.hil.ModelOption;
import saccade.hil.bars.RunName;
import saccade.hil.report.PairedRatio;
import saccade.hil.report.Progress;
import saccade.hil.report.Report;
import saccade.kernels.geometry.CameraModel;
import saccade.kernels.geometry.LidarModel;
import saccade.kernels.geometry.Rig;
import saccade.nodes.cli.BadInput;
import saccade.nodes.pipeline.ModelPerceiver;
import saccade.perception.PerceptionOutput;
import saccade.perception.PerceptionSession;
import saccade.perception.SessionOptions;
import saccade.perception.SetInput;
import saccade.perception.engine.LoadedModel;
import saccade.perception.model.ModelPackage;
import saccade.planner.ActionChunk;
import saccade.planner.ActionCodec;
import saccade.planner.DecodeOutcome;
import saccade.realtime.clock.NanoClock;
import saccade.sim.truth.Plan;
import saccade.sim.truth.TruthFacts;

/**
 * {@code saccade model eval}, two halves. Facts and actions on held-out seeds, in the mode that
 * ships (streaming, sliding window), for each exit and with each sensor removed in turn; always
 * beside the commonest answer. Then whole drives in closed loop, {@link DriveEval}.
 */
@Command(
    name = "eval",
    mixinStandardHelpOptions = true,
    description = {
      "What the model sees: per fact and action, per exit, each sensor removed in turn (--facts).",
      "How it drives: collisions, red lights, completion beside braking by LiDAR threshold, cruising, and itself without"
          + " streaming (--drive; an hour or more on two cores, and it can go on where it was). Default: both."
    })
public final class ModelEval extends Measurement {
  @Mixin private final ModelOption model = new ModelOption();

  @Option(
      names = "--sequences",
      paramLabel = "N",
      description = "Held-out sequences; default 300, with --quick 60.")
  private int sequences;

  @Option(
      names = "--frames",
      paramLabel = "N",
      description = "Frames of each sequence; default ${DEFAULT-VALUE}.")
  private int frames = 5;

  @Option(names = "--facts", description = "Only what the model sees.")
  private boolean onlyFacts;

  @Option(names = "--drive", description = "Only how it drives.")
  private boolean onlyDrive;

  @Option(
      names = "--seeds",
      paramLabel = "N",
      description = "Seeds of each scenario that is driven; default 15, with --quick 1.")
  private int seeds;

  @Option(
      names = "--threads",
      paramLabel = "N",
      description = "Drives at a time; default ${DEFAULT-VALUE}.")
  private int threads = 1;

  @Option(
      names = "--minutes",
      paramLabel = "N",
      description = "After so long no drive is begun any more; default: all are driven.")
  private double minutes = 1e6;

  @Option(
      names = "--log",
      paramLabel = "FILE",
      description = "Keeps every drive that is done; a run with the same file goes on behind them.")
  private @Nullable Path log;

  /** Filled by picocli. */
  public ModelEval() {}

  /** One way to run the model: its own stream, its own scores. */
  private static final class Variant {
    final String name;
    final PerceptionSession session;
    final Consumer<SetInput> change;
    final boolean forgets;
    final AnswerScore[] facts = new AnswerScore[TruthFacts.FACTS];
    final AnswerScore maneuver = new AnswerScore();
    final AnswerScore braking = new AnswerScore();
    final List<Double> accelErrors = new ArrayList<>();
    final List<Double> curvatureErrors = new ArrayList<>();

    Variant(String name, PerceptionSession session, Consumer<SetInput> change, boolean forgets) {
      this.name = name;
      this.session = session;
      this.change = change;
      this.forgets = forgets;
      for (int i = 0; i < facts.length; i++) {
        facts[i] = new AnswerScore();
      }
    }

    /** Scores of all questions: maneuver, braking, then the facts. */
    List<AnswerScore> scores() {
      List<AnswerScore> all = new ArrayList<>(List.of(maneuver, braking));
      all.addAll(List.of(facts));
      return all;
    }
  }

  /** Without either option it does both halves. */
  @Override
  protected List<RunName> parts(RunName run) {
    return onlyFacts || onlyDrive
        ? List.of(run)
        : List.of(run, run.with("--facts"), run.with("--drive"));
  }

  @Override
  protected Report measure(Progress progress) throws IOException, InterruptedException {
    if (frames < 1 || frames > 64) {
      throw new BadInput("--frames: wanted 1 to 64, found " + frames);
    }
    if (seeds < 0 || seeds > 1000 || threads < 1 || threads > 64 || !(minutes > 0)) {
      throw new BadInput(
          "--seeds, --threads, --minutes: wanted 1 to 1000, 1 to 64 and more than 0, found %d, %d and %s"
              .formatted(seeds, threads, minutes));
    }
    boolean half = onlyFacts != onlyDrive;
    Report report = new Report("model eval" + (!half ? "" : onlyFacts ? " --facts" : " --drive"));
    if (!half || onlyFacts) {
      facts(report, progress);
    }
    if (!half || onlyDrive) {
      int each = seeds > 0 ? seeds : quick() ? 1 : 15;
      new DriveEval(model.dir(), each, threads, minutes, log).run(report, progress);
    }
    return report;
  }

  private void facts(Report report, Progress progress) {
    int count = sequences > 0 ? sequences : quick() ? 60 : 300;
    Rig rig = ModelPerceiver.rigFor(ModelPerceiver.description(model.dir()));
    try (LoadedModel loaded = ModelPerceiver.load(model.dir());
        HeldOut heldOut = new HeldOut(rig, frames)) {
      List<Variant> variants = variants(loaded, rig);
      try {
        run(heldOut, variants, loaded.model(), rig, count, progress);
        write(report, variants, loaded.model(), count);
      } finally {
        variants.forEach(variant -> variant.session.close());
      }
    }
  }

  private static List<Variant> variants(LoadedModel loaded, Rig rig) {
    List<Variant> variants = new ArrayList<>();
    int layers = 0;
    int slices = loaded.model().decoder().slices();
    for (int slice = 0; slice < slices; slice++) {
      layers += loaded.model().decoder().layersPerSlice()[slice];
      variants.add(new Variant("exit" + layers, session(loaded, rig, slice), input -> {}, false));
    }
    int last = slices - 1;
    for (int i = 0; i < rig.cameras().size(); i++) {
      int camera = i;
      CameraModel removed = rig.cameras().get(i);
      variants.add(
          new Variant(
              "without_" + removed.name(),
              session(loaded, rig, last),
              input -> input.noCamera(camera),
              false));
    }
    LidarModel lidar = rig.lidar();
    if (lidar != null) {
      variants.add(
          new Variant(
              "without_" + lidar.name(), session(loaded, rig, last), SetInput::noLidar, false));
    }
    variants.add(new Variant("without_ego", session(loaded, rig, last), SetInput::noEgo, false));
    variants.add(new Variant("without_history", session(loaded, rig, last), input -> {}, true));
    return variants;
  }

  private static PerceptionSession session(LoadedModel loaded, Rig rig, int exit) {
    return new PerceptionSession(
        loaded, rig, NanoClock.system(), SessionOptions.DEFAULT.withForcedExit(exit));
  }

  private void run(
      HeldOut heldOut,
      List<Variant> variants,
      ModelPackage shape,
      Rig rig,
      int count,
      Progress progress) {
    SetInput input = new SetInput(rig.cameras().size());
    ActionCodec codec = new ActionCodec(ModelPerceiver.codecOf(shape).action());
    for (int sequence = 0; sequence < count; sequence++) {
      heldOut.start(sequence);
      variants.forEach(variant -> variant.session.reset());
      for (int frame = 0; frame < frames; frame++) {
        if (frame > 0) {
          heldOut.next();
        }
        for (Variant variant : variants) {
          if (variant.forgets) {
            variant.session.reset();
          }
          heldOut.fill(input, frame * 100_000_000L);
          variant.change.accept(input);
          PerceptionOutput output = variant.session.run(input, Long.MAX_VALUE / 2, 0);
          score(variant, heldOut, output, shape, codec);
        }
      }
      progress.at("held-out sequences", sequence + 1, count);
    }
  }

  private static void score(
      Variant variant,
      HeldOut heldOut,
      PerceptionOutput output,
      ModelPackage shape,
      ActionCodec codec) {
    for (int i = 0; i < variant.facts.length; i++) {
      int answer = shape.factIndex(TruthFacts.NAMES.get(i));
      if (answer >= 0) {
        variant.facts[i].add(heldOut.facts()[i], output.factValues()[answer]);
      }
    }
    Plan plan = heldOut.plan();
    int said = output.hasAction() ? maneuver(output.actionIds()[0], shape) : -1;
    variant.maneuver.add(plan.maneuver().ordinal(), said);
    int brake = Plan.Maneuver.BRAKE.ordinal();
    variant.braking.add(
        plan.maneuver().ordinal() == brake ? 1 : 0, said < 0 ? -1 : said == brake ? 1 : 0);
    if (output.hasAction()
        && codec.decode(output.actionIds(), 0) instanceof DecodeOutcome.Plan decoded) {
      ActionChunk chunk = decoded.chunk();
      for (int step = 0; step < 5; step++) {
        variant.accelErrors.add(Math.abs(chunk.accel(step) - plan.accelMps2()[step]));
        variant.curvatureErrors.add(Math.abs(chunk.curvature(step) - plan.curvature1pm()[step]));
      }
    }
  }

  private static int maneuver(int tokenId, ModelPackage shape) {
    ModelPackage.ActionCodec action = shape.action();
    return tokenId == action.brakeId()
        ? Plan.Maneuver.BRAKE.ordinal()
        : tokenId == action.keepId()
            ? Plan.Maneuver.KEEP.ordinal()
            : tokenId == action.accelerateId() ? Plan.Maneuver.ACCELERATE.ordinal() : -1;
  }

  private void write(Report report, List<Variant> variants, ModelPackage shape, int count) {
    List<String> questions = new ArrayList<>(List.of("maneuver", "braking"));
    questions.addAll(TruthFacts.NAMES);
    Variant whole = variants.get(shape.decoder().slices() - 1);

    List<List<String>> table = new ArrayList<>();
    List<String> head = new ArrayList<>(List.of("right answers, %", "asked", "majority"));
    variants.forEach(variant -> head.add(variant.name.replace("without_", "-")));
    table.add(head);
    for (int q = 0; q < questions.size(); q++) {
      List<String> row = new ArrayList<>();
      row.add(questions.get(q));
      row.add(Integer.toString(whole.scores().get(q).asked()));
      row.add(percent(whole.scores().get(q).majority()));
      for (Variant variant : variants) {
        row.add(percent(variant.scores().get(q).accuracy()));
      }
      table.add(row);
    }
    report.line(count + " held-out sequences of " + frames + " frames; model " + shape.name());
    report.line(
        "columns: majority, exits by decoder layers, then the whole model less one input; JSON: accuracy minus majority");
    report.table(table);

    double worst = Double.POSITIVE_INFINITY;
    String weakest = "";
    for (int q = 0; q < questions.size(); q++) {
      double above = whole.scores().get(q).aboveMajority();
      if (above < worst) {
        worst = above;
        weakest = questions.get(q);
      }
    }
    report
        .figure("frames", whole.maneuver.asked(), "")
        .figure("worst_above_majority", worst, "accuracy minus majority, whole model")
        .figure("light_gain", whole.facts[TruthFacts.LIGHT].gain(), "of what is possible")
        .figure("braking_gain", whole.braking.gain(), "of what is possible")
        .figure("accel_error_p50", median(whole.accelErrors), "m/s^2, first second")
        .figure("curvature_error_p50", median(whole.curvatureErrors), "1/m, first second");
    for (Variant variant : variants) {
      for (int q = 0; q < questions.size(); q++) {
        report.detail(
            variant.name + "_" + questions.get(q).replace('.', '_'),
            round(variant.scores().get(q).aboveMajority()));
      }
    }
    report.line("weakest against the commonest answer: " + weakest);
    report
        .fact("weakest", weakest)
        .fact("model", shape.sha256())
        .fact("modelVersion", shape.version());
  }

  private static double median(List<Double> values) {
    double[] array = values.stream().mapToDouble(Double::doubleValue).toArray();
    return PairedRatio.median(array, array.length);
  }

  private static double round(double share) {
    return Double.isNaN(share) ? share : Math.round(share * 1e4) / 1e4;
  }

  private static String percent(double share) {
    return Double.isNaN(share) ? "-" : Long.toString(Math.round(share * 100));
  }
}
