package saccade.realtime.schedule;

import java.util.Arrays;
import java.util.List;
import org.jspecify.annotations.Nullable;
import saccade.realtime.stats.RecentQuantile;

/**
 * Hot path. What a slice will take: p50 and p99 for each kind and size of work, learnt while it
 * runs. Pure: times come in as numbers, no clock is read. One thread; allocates nothing after
 * construction.
 *
 * <pre>
 *   p50 = level                    median of the last {@value #LEVEL_OF} of this kind and size
 *   p99 = tail x margin            tail:   the lesser of level x 99th percentile of (sample / median around it) and
 *                                          level + 99th percentile of (sample - median around it), last {@value #TAIL_OF} of the kind
 *                                  margin: rises at each sample above p99, sinks at each below, so that 1 in 100 lies above
 * </pre>
 *
 * <p>Why so: an exact quantile of a plain window of 256 would remember a slow time for 256 sets,
 * and one of a short window knows no 99th percentile. Level and shape are apart here: the level
 * follows a change of pace, up or down, within half of {@value #LEVEL_OF} samples; the shape, which
 * a change of pace does not change, is remembered for long, each sample held against the median of
 * its own neighbours so that a step of the level is no tail. As a quotient the shape survives a
 * change of pace, as a difference it survives a kind with two usual times (drafted or not) whose
 * median jumps; the lesser is right for both, but for a few samples. An order statistic needs no
 * distribution (P-square assumes a smooth one and cannot forget). The margin is the online quantile
 * gradient (Gibbs and Candès 2021: long-run coverage whatever the drift).
 *
 * <p><b>Co-running work</b> slows all kinds alike. {@link #pace} is how much slower than usual the
 * kinds are that ran lately; a size that did not run for long is predicted by its usual time and
 * that pace, so that what was left out under load is believed to be cheap again when the rest is.
 *
 * <p>But what is left out is not measured, and what was measured of it last may be the reason why
 * it is left out: a few slow slices at the start, and all that is more than the least would be kept
 * out for ever. So while a size has not run {@value #OWN_AFTER} times it is never believed to take
 * more than what runs shows: less of the same work takes no longer, more of it at most in
 * proportion, and another kind that does the same work ({@link #alike}) takes the same. Behind that
 * many its own time counts, else it would be tried, and be late, again and again. A text has
 * nothing that it could be held against.
 *
 * <p>A size is an amount of work in proportion to which the time grows, roughly (tokens; layers x
 * 8); sizes are told apart in steps of {@value #SIZE_STEP}. A size never seen is scaled from the
 * nearest one that was.
 */
public final class LatencyModel {
  /** Sizes that count as one. */
  public static final int SIZE_STEP = 16;

  /** Steps of size; what is larger counts as the largest. */
  public static final int SIZES = 40;

  private static final int LEVEL_OF = 7;
  private static final int TAIL_OF = 256;
  private static final int TAIL_AFTER = 48; // samples until a kind's own tail is believed
  private static final double SHAPE_UNIT = 1e6;
  private static final double UNKNOWN_TAIL = 1.6;
  private static final double MISSES = 0.01;
  private static final double MARGIN_STEP = 0.05;
  private static final double LEAST_MARGIN = 0.9;
  private static final double MOST_MARGIN = 3;
  private static final double USUAL_STEP = 1.0 / 512;
  private static final int FRESH_ROUNDS = 6; // times the number of kinds, in samples
  private static final int OWN_AFTER = 20; // samples of a size until it is believed whatever runs
  private static final long UNBOUND = Long.MAX_VALUE;
  private static final int JUDGED_AFTER = 20; // samples of a kind

  private final List<String> names;
  private final int kinds;
  private final long[] last; // (cells, LEVEL_OF) ring of the newest times, ns
  private final int[] count; // (cells) samples ever
  private final int[] held; // (cells) samples of this moment, the newest of which are in the ring
  private final long[] level; // (cells) ns, 0 = never seen
  private final double[] usual; // (cells) log ns, slow
  private final long[] seenAt; // (cells) sample number of the model
  private final RecentQuantile[] tails; // (kinds) quotient x SHAPE_UNIT
  private final RecentQuantile[] spreads; // (kinds) difference, ns
  private final double[] seedTail; // (kinds)
  private final double[] seedSpread; // (kinds)
  private final double[] margin; // (kinds)
  private final int[] kindSamples; // (kinds)
  private final long[] kindSeenAt; // (kinds) sample number of the model
  private final long[] scratch = new long[LEVEL_OF];
  private final int[] alike; // (kinds) the next kind that does the same work, round in a ring
  private final double[] unit; // (kinds) work of it, in a unit of all that are alike
  private final int freshFor;
  private long samples;
  private long paceAt = -1;
  private double logPace;

  // How good the predictions were, each made before the slice ran.
  private long judged;
  private long covered;
  private final RecentQuantile p50Error =
      new RecentQuantile(512, 0.5, RecentQuantile.Forget.BY_WINDOW_ONLY);

  /**
   * A model that knows nothing.
   *
   * @param names of the slice kinds; a kind is its index here
   */
  public LatencyModel(List<String> names) {
    this.names = List.copyOf(names);
    this.kinds = names.size();
    int cells = kinds * SIZES;
    last = new long[cells * LEVEL_OF];
    count = new int[cells];
    held = new int[cells];
    level = new long[cells];
    usual = new double[cells];
    seenAt = new long[cells];
    tails = new RecentQuantile[kinds];
    spreads = new RecentQuantile[kinds];
    for (int i = 0; i < kinds; i++) {
      tails[i] = new RecentQuantile(TAIL_OF, 0.99, RecentQuantile.Forget.BY_WINDOW_ONLY);
      spreads[i] = new RecentQuantile(TAIL_OF, 0.99, RecentQuantile.Forget.BY_WINDOW_ONLY);
    }
    seedSpread = new double[kinds];
    Arrays.fill(seedSpread, Double.POSITIVE_INFINITY);
    seedTail = new double[kinds];
    Arrays.fill(seedTail, UNKNOWN_TAIL);
    margin = new double[kinds];
    Arrays.fill(margin, 1);
    kindSamples = new int[kinds];
    kindSeenAt = new long[kinds];
    alike = new int[kinds];
    Arrays.setAll(alike, kind -> kind);
    unit = new double[kinds];
    Arrays.fill(unit, 1);
    freshFor = FRESH_ROUNDS * Math.max(1, kinds);
  }

  /**
   * Set-up. Two kinds do the same work (one encoder for all cameras; layers of one form): where one
   * has not run for long, or never, it is believed to take no longer than the other.
   *
   * @param work of the one as a multiple of the other's, e.g. 2 for twice as many layers
   */
  public void alike(int one, int other, double work) {
    if (!(work > 0)) {
      throw new IllegalArgumentException("expected work above 0, found " + work);
    }
    for (int kind = alike[one]; kind != one; kind = alike[kind]) {
      if (kind == other) {
        return;
      }
    }
    if (one == other) {
      return;
    }
    double factor = work * unit[other] / unit[one];
    int kind = one;
    do {
      unit[kind] *= factor;
      kind = alike[kind];
    } while (kind != one);
    int next = alike[one];
    alike[one] = alike[other];
    alike[other] = next;
  }

  /**
   * Set-up. Takes over what was measured before on this machine; kinds it does not know are left.
   */
  public void seed(LatencyTable table) {
    for (LatencyTable.Row row : table.rows()) {
      int kind = names.indexOf(row.kind());
      if (kind < 0 || row.p50Ns() <= 0) {
        continue;
      }
      int cell = cell(kind, row.size());
      level[cell] = row.p50Ns();
      usual[cell] = Math.log((double) row.p50Ns());
      seenAt[cell] = samples;
      double tail = Math.max(1, (double) row.p99Ns() / row.p50Ns());
      double spread = row.p99Ns() - row.p50Ns();
      boolean first = seedSpread[kind] == Double.POSITIVE_INFINITY;
      seedTail[kind] = first ? tail : Math.max(seedTail[kind], tail);
      seedSpread[kind] = first ? spread : Math.max(seedSpread[kind], spread);
    }
  }

  /** Set-up. What it knows now, as a table for the next start. Allocates. */
  public LatencyTable table(String model, String machine) {
    List<LatencyTable.Row> rows = new java.util.ArrayList<>();
    for (int kind = 0; kind < kinds; kind++) {
      for (int step = 0; step < SIZES; step++) {
        int cell = kind * SIZES + step;
        if (count[cell] > 0) {
          int size = step * SIZE_STEP;
          rows.add(
              new LatencyTable.Row(
                  names.get(kind), size, p50Ns(kind, size), p99Ns(kind, size), count[cell]));
        }
      }
    }
    return new LatencyTable(model, machine, rows);
  }

  // ---- prediction ----

  /** Median time expected, ns; 0 while nothing is known of the kind. */
  public long p50Ns(int kind, int size) {
    int cell = cell(kind, size);
    return level[cell] > 0 && isFresh(cell) ? level[cell] : believed(cell);
  }

  /** Time that 99 of 100 stay within, ns; 0 while nothing is known of the kind. */
  public long p99Ns(int kind, int size) {
    double p50 = p50Ns(kind, size);
    if (p50 == 0) {
      return 0;
    }
    int by = shapedLike(kind);
    double tail = Math.min(p50 * tail(by), p50 + spread(by) * unit[kind] / unit[by]);
    return Math.round(Math.max(p50, margin[by] * tail));
  }

  private double spread(int kind) {
    RecentQuantile own = spreads[kind];
    double known = Math.max(0, own.value());
    return own.samples() >= TAIL_AFTER ? known : Math.max(seedSpread[kind], known);
  }

  private double tail(int kind) {
    RecentQuantile own = tails[kind];
    double known = own.value() / SHAPE_UNIT;
    return own.samples() >= TAIL_AFTER ? Math.max(1, known) : Math.max(seedTail[kind], known);
  }

  private boolean isFresh(int cell) {
    return count[cell] > 0 && samples - seenAt[cell] <= freshFor;
  }

  /** Median of a size that did not run lately, ns; 0 while nothing is known. */
  private long believed(int cell) {
    int kind = cell / SIZES;
    int step = cell % SIZES;
    if (level[cell] > 0) {
      long own = Math.round(Math.exp(usual[cell] + logPace()));
      return count[cell] >= OWN_AFTER ? own : Math.min(mostOf(kind, step), own);
    }
    int near = nearest(kind, step);
    if (near >= 0) {
      long known = isFresh(near) ? level[near] : believed(near);
      return Math.min(mostOf(kind, step), Math.round(known * scale(step, near % SIZES)));
    }
    long most = mostOf(kind, step);
    return most == UNBOUND ? 0 : most;
  }

  /** The most that so much work takes, by the kind and those alike; the slowest of them counts. */
  private long mostOf(int kind, int step) {
    long most = bound(kind, step);
    for (int other = alike[kind]; other != kind; other = alike[other]) {
      long bound = bound(other, step);
      if (bound != UNBOUND) {
        long same = Math.round(bound * unit[kind] / unit[other]);
        most = most == UNBOUND ? same : Math.max(most, same);
      }
    }
    return most;
  }

  /** The most that so much work of a kind takes, by the sizes that ran lately, ns. */
  private long bound(int kind, int step) {
    long least = UNBOUND;
    for (int known = 0; known < SIZES; known++) {
      int cell = kind * SIZES + known;
      if (isFresh(cell)) {
        double more = Math.max(1, scale(step, known));
        least = Math.min(least, Math.round(level[cell] * more));
      }
    }
    return least;
  }

  /** The kind whose tail and margin count: itself, or where it did not run lately one alike. */
  private int shapedLike(int kind) {
    if (samples - kindSeenAt[kind] <= freshFor) {
      return kind;
    }
    for (int other = alike[kind]; other != kind; other = alike[other]) {
      if (kindSamples[other] > 0 && samples - kindSeenAt[other] <= freshFor) {
        return other;
      }
    }
    return kind;
  }

  private int nearest(int kind, int step) {
    for (int away = 1; away < SIZES; away++) {
      if (step + away < SIZES && level[kind * SIZES + step + away] > 0) {
        return kind * SIZES + step + away;
      }
      if (step - away >= 0 && level[kind * SIZES + step - away] > 0) {
        return kind * SIZES + step - away;
      }
    }
    return -1;
  }

  private static double scale(int step, int knownStep) {
    return (step + 0.5) / (knownStep + 0.5);
  }

  private static int cell(int kind, int size) {
    return kind * SIZES + Math.clamp(size / SIZE_STEP, 0, SIZES - 1);
  }

  // ---- learning ----

  /**
   * Takes one measured slice in, and holds the prediction that stood for it against it.
   *
   * @param tookNs above 0; anything else (a clock that was set back) is left out
   */
  public void observe(int kind, int size, long tookNs) {
    if (tookNs <= 0) {
      return;
    }
    int cell = cell(kind, size);
    judge(kind, size, tookNs);
    double pace = logPace();
    if (level[cell] > 0 && !isFresh(cell)) {
      level[cell] = believed(cell); // the times that it remembers are of another moment
      held[cell] = 0;
    }
    samples++;
    seenAt[cell] = samples;
    kindSamples[kind]++;
    kindSeenAt[kind] = samples;
    count[cell]++;
    int at = cell * LEVEL_OF;
    last[at + held[cell] % LEVEL_OF] = tookNs;
    held[cell]++;
    int known = Math.min(held[cell], LEVEL_OF);
    System.arraycopy(last, at, scratch, 0, known);
    Arrays.sort(scratch, 0, known);
    long median = scratch[known / 2];
    if (known < 3 && level[cell] > 0) {
      level[cell] = Math.max(level[cell] / 2, median); // a table's value is not thrown away for one
    } else {
      level[cell] = median;
    }
    double log = Math.log((double) level[cell]);
    if (count[cell] <= LEVEL_OF) {
      usual[cell] = log - pace;
    } else { // beside the others it settles as a mean does; what all have in common moves slowly
      double step = Math.max(USUAL_STEP, 1.0 / count[cell]);
      usual[cell] += step * (log - pace - usual[cell]) + USUAL_STEP * pace;
    }
    if (known == LEVEL_OF) {
      long middle = last[at + Math.floorMod(held[cell] - 1 - LEVEL_OF / 2, LEVEL_OF)];
      tails[kind].record(Math.round(SHAPE_UNIT * middle / median));
      spreads[kind].record(middle - median);
    }
  }

  private void judge(int kind, int size, long tookNs) {
    long p99 = p99Ns(kind, size);
    if (p99 == 0 || kindSamples[kind] < JUDGED_AFTER) {
      return;
    }
    judged++;
    boolean within = tookNs <= p99;
    covered += within ? 1 : 0;
    double step = within ? -MARGIN_STEP * MISSES : MARGIN_STEP * (1 - MISSES);
    margin[kind] = Math.clamp(margin[kind] * (1 + step), LEAST_MARGIN, MOST_MARGIN);
    long p50 = p50Ns(kind, size);
    p50Error.record(Math.round(1e4 * Math.abs(tookNs - p50) / p50));
  }

  // ---- what is published ----

  /** How much slower than usual work is now, 1 = as usual: the factor for co-running work. */
  public double pace() {
    return Math.exp(logPace());
  }

  private double logPace() {
    if (paceAt != samples) {
      double sum = 0;
      int fresh = 0;
      for (int cell = 0; cell < level.length; cell++) {
        if (isFresh(cell)) {
          sum += Math.log((double) level[cell]) - usual[cell];
          fresh++;
        }
      }
      logPace = fresh == 0 ? 0 : sum / fresh;
      paceAt = samples;
    }
    return logPace;
  }

  /** Slices whose p99 had been predicted when they ran. */
  public long judged() {
    return judged;
  }

  /** Of those, the ones that stayed within it. */
  public long covered() {
    return covered;
  }

  /** Share of slices within their predicted p99, 0..1; 1 before the first. */
  public double coverage() {
    return judged == 0 ? 1 : (double) covered / judged;
  }

  /** Median distance of a slice from its predicted p50, as a part of that, last 512 slices. */
  public double p50Error() {
    return p50Error.value() / 1e4;
  }

  /** Slices learnt from. */
  public long samples() {
    return samples;
  }

  /** Name of a kind. */
  public String name(int kind) {
    return names.get(kind);
  }

  /** Number of kinds. */
  public int kinds() {
    return kinds;
  }

  /** Index of a kind by name, -1 when there is none. Set-up only. */
  public int kind(@Nullable String name) {
    return name == null ? -1 : names.indexOf(name);
  }
}
