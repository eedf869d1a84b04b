package saccade.perception.sparsify;

import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/**
 * Hot path. A sparsifier of three stages, any of which may come from another method: filter (who
 * stays), correlate (where the others go), compress (what those that stay become). Scores that are
 * not finite make it spread tokens evenly and merge nothing; that is counted.
 */
public final class StagedSparsifier implements Sparsifier {
  private final String name;
  private final TokenBudgets budgets;
  private final Filter filter;
  private final @Nullable Correlate correlate;
  private final @Nullable Compress compress;
  private final float[] share; // (tokens, tokens)
  private long degraded;

  /**
   * Puts stages together.
   *
   * @param tokens of a camera
   * @param correlate with {@code compress}; null: what is dropped is gone
   */
  public StagedSparsifier(
      String name,
      int tokens,
      TokenBudgets budgets,
      Filter filter,
      @Nullable Correlate correlate,
      @Nullable Compress compress) {
    if ((correlate == null) != (compress == null)) {
      throw new IllegalArgumentException(
          name + ": wanted correlate and compress together, found one without the other");
    }
    this.name = name;
    this.budgets = budgets;
    this.filter = filter;
    this.correlate = correlate;
    this.compress = compress;
    this.share = correlate == null ? new float[0] : new float[tokens * tokens];
  }

  @Override
  public int select(CameraSight sight, int most, boolean[] keep) {
    int guarded = Coverage.guarded(sight.guarded(), keep);
    int wanted = budgets.wanted(sight.camera(), most, guarded);
    if (wanted >= keep.length) {
      filter.observe(sight);
      return Sparsifier.all(keep);
    }
    if (!filter.choose(sight, guarded, wanted, keep)) {
      degraded++;
      Coverage.guarded(sight.guarded(), keep);
      return Coverage.spread(keep, guarded, wanted);
    }
    Correlate relating = correlate;
    Compress compressing = compress;
    if (relating != null && compressing != null) {
      Arrays.fill(share, 0);
      relating.relate(sight, keep, share);
      compressing.into(sight, keep, share);
      sight.rewrite();
    }
    return wanted;
  }

  @Override
  public int most(int camera, int tokens) {
    return budgets.wanted(camera, tokens, 0);
  }

  @Override
  public boolean needsAttention() {
    Correlate relating = correlate;
    return filter.needsAttention() || (relating != null && relating.needsAttention());
  }

  @Override
  public long degraded() {
    return degraded;
  }

  @Override
  public void forget() {
    filter.forget();
  }

  @Override
  public String name() {
    return name + " " + budgets;
  }
}
