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
 * kinds are that ran lately; a kind that did not run for long is predicted by its usual time and
 * that pace, so that what was left out under load is believed to be cheap again when the rest is.
 * Where another kind does the same work ({@link #alike}) and ran, it takes what that one takes: one
 * slow slice, the last before a kind was left out, would else keep it out.
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
  private final long[] scratch = new long[LEVEL_OF];
  private final int[] alike; // (kinds) the next kind that does the same work, round in a ring
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
    alike = new int[kinds];
    Arrays.setAll(alike, kind -> kind);
    freshFor = FRESH_ROUNDS * Math.max(1, kinds);
  }

  /**
   * Set-up. Two kinds do the same work (one encoder, pictures of one size): where one has not run
   * for long, or never, it is believed to take what the other takes.
   */
  public void alike(int one, int other) {
    for (int kind = alike[one]; kind != one; kind = alike[kind]) {
      if (kind == other) {
        return;
      }
    }
    if (one != other) {
      int next = alike[one];
      alike[one] = alike[other];
      alike[other] = next;
    }
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
    if (level[cell] == 0) {
      int same = alikeTo(cell);
      if (same >= 0) {
        return level[same];
      }
      int near = nearest(kind, cell - kind * SIZES);
      return near < 0 ? 0 : Math.round(believed(near) * scale(cell - kind * SIZES, near % SIZES));
    }
    return believed(cell);
  }

  /** Time that 99 of 100 stay within, ns; 0 while nothing is known of the kind. */
  public long p99Ns(int kind, int size) {
    int cell = cell(kind, size);
    if (level[cell] == 0 || !isFresh(cell)) {
      int same = alikeTo(cell);
      if (same >= 0) {
        return p99Ns(same / SIZES, size);
      }
    }
    double p50 = p50Ns(kind, size);
    return p50 == 0
        ? 0
        : Math.round(Math.max(p50, margin[kind] * Math.min(p50 * tail(kind), p50 + spread(kind))));
  }

  private double spread(int kind) {
    RecentQuantile own = spreads[kind];
    double known = Math.max(0, own.value());
    return own.samples() >= TAIL_AFTER ? known : Math.max(seedSpread[kind], known);
  }

  private long believed(int cell) {
    if (isFresh(cell)) {
      return level[cell];
    }
    int same = alikeTo(cell);
    return same >= 0 ? level[same] : Math.round(Math.exp(usual[cell] + logPace()));
  }

  private boolean isFresh(int cell) {
    return samples - seenAt[cell] <= freshFor;
  }

  /** The slowest cell of the same work and size that ran lately; -1 where none did. */
  private int alikeTo(int cell) {
    int kind = cell / SIZES;
    int slowest = -1;
    for (int other = alike[kind]; other != kind; other = alike[other]) {
      int same = other * SIZES + cell % SIZES;
      if (count[same] > 0 && isFresh(same) && (slowest < 0 || level[same] > level[slowest])) {
        slowest = same;
      }
    }
    return slowest;
  }

  private double tail(int kind) {
    RecentQuantile own = tails[kind];
    double known = own.value() / SHAPE_UNIT;
    return own.samples() >= TAIL_AFTER ? Math.max(1, known) : Math.max(seedTail[kind], known);
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
    if (level[cell] > 0 && !isFresh(cell)) {
      level[cell] = believed(cell); // the times that it remembers are of another moment
      held[cell] = 0;
    }
    double pace = logPace();
    samples++;
    seenAt[cell] = samples;
    kindSamples[kind]++;
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
    usual[cell] =
        count[cell] <= LEVEL_OF ? log - pace : usual[cell] + USUAL_STEP * (log - usual[cell]);
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
        if (count[cell] > 0 && isFresh(cell)) {
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
