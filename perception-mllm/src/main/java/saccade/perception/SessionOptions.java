package saccade.perception;

import org.jspecify.annotations.Nullable;
import saccade.kernels.geometry.Rig;
import saccade.perception.model.ModelPackage;
import saccade.perception.sparsify.DecoderPruner;
import saccade.perception.sparsify.KeepAll;
import saccade.perception.sparsify.PixelVariance;
import saccade.perception.sparsify.Sparsifier;
import saccade.perception.sparsify.TokenPolicy;

/**
 * How a session treats its sets.
 *
 * @param sparsifier which visual tokens go on to the decoder; belongs to one session
 * @param forcedExit {@link #NO_FORCED_EXIT}, or the index of the slice after which every token is
 *     decided, whatever the package allows; for measuring exits
 * @param costQuantile which quantile of the measured slice times predicts the next one, 0..1
 * @param drafts whether what the set before said is tried first, in fewer runs; never changes what
 *     is said
 * @param pruner drops visual tokens inside the decoder; belongs to one session; null: none
 * @param decode how the decoder is run: cache, exits, drafts from below
 * @param int8Encoder whether cameras are encoded by the package's int8 graph
 */
public record SessionOptions(
    Sparsifier sparsifier,
    int forcedExit,
    double costQuantile,
    boolean drafts,
    @Nullable DecoderPruner pruner,
    DecodeOptions decode,
    boolean int8Encoder) {

  public static final int NO_FORCED_EXIT = -1;

  /** Every token, every exit that the package allows; for measuring. */
  public static final SessionOptions DEFAULT =
      new SessionOptions(
          new KeepAll(), NO_FORCED_EXIT, 0.9, true, null, DecodeOptions.SHIPPED, false);

  /**
   * Places that look ahead keep all their tokens, the others this many: what is beside and behind
   * is asked for coarsely.
   */
  private static final int LOOKING_AHEAD = 2;

  private static final int TOKENS_ELSEWHERE = 10;

  /** What a model runs with unless somebody says otherwise: a budget of tokens for each camera. */
  public static SessionOptions shipped(ModelPackage model) {
    int[] budgets = new int[model.camera().count()];
    for (int i = 0; i < budgets.length; i++) {
      int all = model.camera().tokens();
      budgets[i] = i < LOOKING_AHEAD ? all : Math.min(all, TOKENS_ELSEWHERE);
    }
    return DEFAULT.withSparsifier(PixelVariance.budgets(model.camera(), budgets));
  }

  /**
   * As a token policy says, see {@link TokenPolicy}; otherwise as {@link #DEFAULT}.
   *
   * @throws IllegalArgumentException in one line when the model cannot do that
   */
  public static SessionOptions of(ModelPackage model, Rig rig, TokenPolicy tokens) {
    return DEFAULT
        .withSparsifier(tokens.sparsifier(model, rig))
        .withPruner(tokens.pruner(model))
        .withInt8Encoder(tokens.encodesInInt8(model));
  }

  public SessionOptions {
    if (forcedExit < NO_FORCED_EXIT) {
      throw new IllegalArgumentException(
          "forcedExit: expected " + NO_FORCED_EXIT + " or a slice index, found " + forcedExit);
    }
    if (!(costQuantile > 0 && costQuantile <= 1)) {
      throw new IllegalArgumentException("costQuantile: expected in (0, 1], found " + costQuantile);
    }
  }

  public SessionOptions withSparsifier(Sparsifier newSparsifier) {
    return new SessionOptions(
        newSparsifier, forcedExit, costQuantile, drafts, pruner, decode, int8Encoder);
  }

  public SessionOptions withForcedExit(int slice) {
    return new SessionOptions(sparsifier, slice, costQuantile, drafts, pruner, decode, int8Encoder);
  }

  public SessionOptions withDrafts(boolean newDrafts) {
    return new SessionOptions(
        sparsifier, forcedExit, costQuantile, newDrafts, pruner, decode, int8Encoder);
  }

  public SessionOptions withPruner(@Nullable DecoderPruner newPruner) {
    return new SessionOptions(
        sparsifier, forcedExit, costQuantile, drafts, newPruner, decode, int8Encoder);
  }

  public SessionOptions withDecode(DecodeOptions newDecode) {
    return new SessionOptions(
        sparsifier, forcedExit, costQuantile, drafts, pruner, newDecode, int8Encoder);
  }

  public SessionOptions withInt8Encoder(boolean newInt8Encoder) {
    return new SessionOptions(
        sparsifier, forcedExit, costQuantile, drafts, pruner, decode, newInt8Encoder);
  }
}
