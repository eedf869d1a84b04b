package saccade.realtime.overload;

import java.util.List;
import org.jspecify.annotations.Nullable;
import saccade.realtime.deadline.Decision;
import saccade.realtime.deadline.Sight;
import saccade.realtime.deadline.WorkShape;
import saccade.realtime.schedule.Criticality;
import saccade.realtime.schedule.LatencyModel;

/**
 * The six policies that the product's is compared with. All publish an action before its text, as
 * the product does, and all but the last run sets in full.
 */
public final class Baselines {
  private static final int DEPTH = 10;
  private static final int NTH = 3;

  private Baselines() {}

  /**
   * All six. The lowest level is the ladder's, {@link
   * saccade.realtime.deadline.DegradeLevel#ESSENTIAL}.
   *
   * @param stageNs (stages) what each stage of a full set usually takes, ns; for static deadlines
   */
  public static List<Policy> all(WorkShape shape, long[] stageNs) {
    return List.of(
        new Fifo(shape),
        new LatestOnly(shape, "latest-only", Sight.WHOLE, shape.facts()),
        new EveryNth(shape),
        new StaticDeadlines(shape, stageNs),
        new PlainEdf(shape),
        new LatestOnly(shape, "always-lowest", Sight.LEAST, 0));
  }

  /** What each stage of a full set usually takes, by prediction, ns; for {@link #all}. */
  public static long[] stageNs(WorkShape shape, LatencyModel model) {
    long[] ns = new long[Policy.Stage.values().length];
    int rows = shape.ownTokens();
    for (int i = 0; i < shape.sensors(); i++) {
      ns[Policy.Stage.ENCODE.ordinal()] += model.p50Ns(shape.encodeKinds()[i], 0);
      rows += shape.fullTokens()[i];
    }
    for (int block = 0; block <= shape.deepest(); block++) {
      ns[Policy.Stage.LAYERS.ordinal()] += model.p50Ns(shape.layerKinds()[block], rows);
    }
    int size = shape.layersUpTo(shape.deepest()) * WorkShape.SIZE_PER_LAYER;
    ns[Policy.Stage.ACTION.ordinal()] = model.p50Ns(shape.actionKind(), size);
    ns[Policy.Stage.TEXT.ordinal()] = shape.textNs(model, shape.facts(), shape.deepest());
    return ns;
  }

  private abstract static class Full implements Policy {
    final WorkShape shape;
    final String name;

    Full(WorkShape shape, String name) {
      this.shape = shape;
      this.name = name;
    }

    @Override
    public String name() {
      return name;
    }

    @Override
    public @Nullable Criticality reflexClass() {
      return null;
    }

    int full(Arrivals arrivals, int set, long nowNs, Decision out) {
      return settle(arrivals, set, nowNs, Sight.WHOLE, shape.facts(), out);
    }

    int settle(Arrivals arrivals, int set, long nowNs, Sight sight, int facts, Decision out) {
      long budgetNs = arrivals.budgetNs()[set];
      long leftNs = arrivals.captureNs()[set] + budgetNs - nowNs;
      out.settle(shape, sight, facts, arrivals.present()[set], budgetNs, leftNs);
      return set;
    }
  }

  /** First come, first run; a queue of 10 that drops the oldest, as ROS's KEEP_LAST does. */
  private static class Fifo extends Full {
    Fifo(WorkShape shape) {
      this(shape, "fifo-10");
    }

    Fifo(WorkShape shape, String name) {
      super(shape, name);
    }

    @Override
    public void arrived(Arrivals arrivals, int set, Waiting waiting, long nowNs) {
      while (waiting.size() > DEPTH) {
        waiting.removeOldest();
      }
    }

    @Override
    public int take(Arrivals arrivals, Waiting waiting, long nowNs, Decision out) {
      return full(arrivals, waiting.removeOldest(), nowNs, out);
    }
  }

  /** The newest, all others are dropped; always at the same level. */
  private static final class LatestOnly extends Full {
    private final Sight sight;
    private final int facts;

    LatestOnly(WorkShape shape, String name, Sight sight, int facts) {
      super(shape, name);
      this.sight = sight;
      this.facts = facts;
    }

    @Override
    public int take(Arrivals arrivals, Waiting waiting, long nowNs, Decision out) {
      return settle(arrivals, waiting.takeNewest(), nowNs, sight, facts, out);
    }
  }

  /** One in three, the others are dropped as they come; then first come, first run. */
  private static final class EveryNth extends Fifo {
    EveryNth(WorkShape shape) {
      super(shape, "every-3rd");
    }

    @Override
    public void arrived(Arrivals arrivals, int set, Waiting waiting, long nowNs) {
      if (set % NTH != 0) {
        waiting.removeNewest();
      } else {
        super.arrived(arrivals, set, waiting, nowNs);
      }
    }
  }

  /**
   * Each stage has a deadline of its own, set once: the budget less 1.2 times what the stages after
   * it usually take. A set that is late at the end of one is dropped. First come, first run.
   */
  private static final class StaticDeadlines extends Fifo {
    private static final double MARGIN = 1.2;

    private final long[] afterNs = new long[Stage.values().length]; // (stages)

    StaticDeadlines(WorkShape shape, long[] stageNs) {
      super(shape, "static");
      for (int i = afterNs.length - 2; i >= 0; i--) {
        afterNs[i] = afterNs[i + 1] + Math.round(MARGIN * stageNs[i + 1]);
      }
    }

    @Override
    public int take(Arrivals arrivals, Waiting waiting, long nowNs, Decision out) {
      while (waiting.size() > 0) {
        int set = waiting.removeOldest();
        if (nowNs <= dueNs(Stage.WAIT, arrivals.captureNs()[set], arrivals.budgetNs()[set])) {
          return full(arrivals, set, nowNs, out);
        }
      }
      return -1;
    }

    @Override
    public long dueNs(Stage stage, long captureNs, long budgetNs) {
      return captureNs + budgetNs - afterNs[stage.ordinal()];
    }
  }

  /**
   * Earliest deadline first over all work, reflex, actions and texts alike, at slice boundaries;
   * what is past its deadline is dropped. No classes, no admission, no levels.
   */
  private static final class PlainEdf extends Full {
    PlainEdf(WorkShape shape) {
      super(shape, "plain-edf");
    }

    @Override
    public Criticality reflexClass() {
      return Criticality.ACTION;
    }

    @Override
    public int take(Arrivals arrivals, Waiting waiting, long nowNs, Decision out) {
      while (waiting.size() > 0) {
        int set = waiting.removeOldest();
        if (nowNs <= arrivals.captureNs()[set] + arrivals.budgetNs()[set]) {
          return full(arrivals, set, nowNs, out);
        }
      }
      return -1;
    }

    @Override
    public long dueNs(Stage stage, long captureNs, long budgetNs) {
      return captureNs + budgetNs;
    }
  }
}
