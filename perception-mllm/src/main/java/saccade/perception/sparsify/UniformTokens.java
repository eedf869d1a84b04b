package saccade.perception.sparsify;

/** Hot path. Evenly spread tokens, whatever the picture shows. */
public final class UniformTokens implements Filter {

  public UniformTokens() {}

  @Override
  public boolean choose(CameraSight sight, int kept, int budget, boolean[] keep) {
    Coverage.spread(keep, kept, budget);
    return true;
  }
}
