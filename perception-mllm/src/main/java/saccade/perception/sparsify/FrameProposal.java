package saccade.perception.sparsify;

import java.util.Arrays;

/**
 * Hot path. Which pictures are encoded at all; a camera whose picture is not gives the set no new
 * tokens. Tokens of those that are, key frames, are chosen by another sparsifier.
 *
 * <p>What stands in for a skipped picture: the tokens of its camera's key frame, which lie in the
 * window as long as that goes back so far; or, where the proposal holds, the same tokens given to
 * the decoder again as this set's. One that is held is older than its set says, by less than the
 * sets from key frame to key frame.
 */
public abstract class FrameProposal implements Sparsifier {
  /** Camera places that look ahead; the others look aside and behind. */
  protected static final int LOOKING_AHEAD = 2;

  /** Most sets that may be asked for from key frame to key frame. */
  public static final int LONGEST = 8;

  private static final int NEVER = Integer.MAX_VALUE / 2;

  private final Sparsifier inner;
  private final boolean holds;
  private final int[] age; // (camera places) sets since the key frame
  private long skipped;

  /**
   * A proposal that has seen nothing.
   *
   * @param places camera places of the model
   * @param holds whether the key frame's tokens are given again
   * @param inner chooses among the tokens of a picture
   */
  protected FrameProposal(int places, boolean holds, Sparsifier inner) {
    this.inner = inner;
    this.holds = holds;
    this.age = new int[places];
    Arrays.fill(age, NEVER);
  }

  /** Sets since a camera's key frame, 1 in the set behind it; more than any limit without one. */
  protected final int age(int camera) {
    return age[camera];
  }

  /** This set's picture of a camera is its key frame from now on. */
  protected final boolean key(CameraSight sight) {
    age[sight.camera()] = 0;
    return inner.encodes(sight);
  }

  /** This set's picture of a camera is skipped. */
  protected final boolean skip() {
    skipped++;
    return false;
  }

  /** Pictures that were skipped since construction. */
  public final long skipped() {
    return skipped;
  }

  @Override
  public void nextSet() {
    for (int i = 0; i < age.length; i++) {
      age[i] = Math.min(NEVER, age[i] + 1);
    }
    inner.nextSet();
  }

  @Override
  public final boolean holds() {
    return holds;
  }

  @Override
  public final void lost() {
    for (int i = 0; i < age.length; i++) {
      age[i] = age[i] == 0 ? NEVER : age[i];
    }
    inner.lost();
  }

  @Override
  public final int select(CameraSight sight, int most, boolean[] keep) {
    return inner.select(sight, most, keep);
  }

  @Override
  public final int most(int camera, int tokens) {
    return inner.most(camera, tokens);
  }

  @Override
  public final boolean needsAttention() {
    return inner.needsAttention();
  }

  @Override
  public final long degraded() {
    return inner.degraded();
  }

  @Override
  public final void forget() {
    Arrays.fill(age, NEVER);
    inner.forget();
  }

  /** How it is written in a policy, with what it is put before. */
  protected final String name(String word, int ahead, int elsewhere) {
    return "%s%s:%d/%d+%s".formatted(holds ? "hold+" : "", word, ahead, elsewhere, inner.name());
  }
}
