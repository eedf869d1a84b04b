package saccade.perception;

import org.jspecify.annotations.Nullable;
import saccade.perception.exit.ExitRule;
import saccade.perception.kv.KvOptions;
import saccade.perception.kv.VlaSettings;

/**
 * How a session runs the decoder.
 *
 * @param kv which rows later sets see; null: as the model was trained, {@link KvOptions#shipped}
 * @param exits when tokens are decided before the last layer
 * @param anyExit whether exits may decide what the package does not let them; for measuring
 * @param layerSkip whether facts that the set before cannot draft are drafted by the first slice of
 *     layers and checked by the others in one run (LayerSkip)
 * @param skippedSlice slice of layers that is left out everywhere, or {@link #NONE}; not the first
 *     one. The shipped model was not trained for it; for measuring
 * @param vla whether rows of tokens whose pixels did not change are taken over from the set before
 *     (VLA-Cache); null: none are
 */
public record DecodeOptions(
    @Nullable KvOptions kv,
    ExitRule exits,
    boolean anyExit,
    boolean layerSkip,
    int skippedSlice,
    @Nullable VlaSettings vla) {

  public static final int NONE = -1;

  /** The model's window, all layers unless limits or the deadline say otherwise. */
  public static final DecodeOptions SHIPPED =
      new DecodeOptions(null, ExitRule.DEEPEST, false, false, NONE, null);

  public DecodeOptions {
    if (skippedSlice != NONE && skippedSlice < 1) {
      throw new IllegalArgumentException(
          "skippedSlice: expected " + NONE + " or 1 and above, found " + skippedSlice);
    }
  }

  public DecodeOptions withKv(KvOptions newKv) {
    return new DecodeOptions(newKv, exits, anyExit, layerSkip, skippedSlice, vla);
  }

  /**
   * Another rule.
   *
   * @param anywhere whether it may leave where the package does not let the action be decided
   */
  public DecodeOptions withExits(ExitRule newExits, boolean anywhere) {
    return new DecodeOptions(kv, newExits, anywhere, layerSkip, skippedSlice, vla);
  }

  public DecodeOptions withLayerSkip(boolean newLayerSkip) {
    return new DecodeOptions(kv, exits, anyExit, newLayerSkip, skippedSlice, vla);
  }

  public DecodeOptions withSkippedSlice(int slice) {
    return new DecodeOptions(kv, exits, anyExit, layerSkip, slice, vla);
  }

  public DecodeOptions withVla(VlaSettings settings) {
    return new DecodeOptions(kv, exits, anyExit, layerSkip, skippedSlice, settings);
  }
}
