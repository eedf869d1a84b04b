package saccade.perception.sparsify;

/**
 * Hot path. Visual token withdrawal: above a depth no camera token is left but guarded ones. Needs
 * no scores.
 */
public final class Vtw implements DecoderPruner {
  private final int afterSlice;

  /** Withdraws after a slice of layers. */
  public Vtw(int afterSlice) {
    this.afterSlice = afterSlice;
  }

  @Override
  public boolean actsAfter(int slice) {
    return slice == afterSlice;
  }

  @Override
  public int wanted(int slice, int visual) {
    return 0;
  }

  @Override
  public boolean choose(DecoderRows rows, int slice, int kept, int budget, boolean[] keep) {
    return true;
  }

  @Override
  public boolean needsAttention() {
    return false;
  }

  @Override
  public String name() {
    return "vtw after slice " + afterSlice;
  }
}
