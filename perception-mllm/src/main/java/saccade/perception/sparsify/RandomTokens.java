package saccade.perception.sparsify;

/** Hot path. Any tokens: what every other method must beat. Repeatable: the seed decides. */
public final class RandomTokens implements Filter {
  private final long seed;
  private final Ranking ranking;
  private long state;

  public RandomTokens(int tokens, long seed) {
    this.seed = seed;
    this.ranking = new Ranking(tokens);
    forget();
  }

  @Override
  public boolean choose(CameraSight sight, int kept, int budget, boolean[] keep) {
    for (int t = 0; t < keep.length; t++) {
      state += 0x9e3779b97f4a7c15L; // SplitMix64
      long z = (state ^ (state >>> 30)) * 0xbf58476d1ce4e5b9L;
      z = (z ^ (z >>> 27)) * 0x94d049bb133111ebL;
      ranking.scores[t] = (z ^ (z >>> 31)) >>> 40;
    }
    ranking.add(keep, budget - kept);
    return true;
  }

  @Override
  public void forget() {
    state = seed;
  }
}
