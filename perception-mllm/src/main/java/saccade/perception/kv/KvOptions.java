package saccade.perception.kv;

import saccade.perception.model.ModelPackage;

/**
 * How a stream's keys and values are kept.
 *
 * @param policy which rows later sets see; see {@link #shipped}
 * @param storage how the rows of ended sets are held
 * @param attention whether it is measured where prompts look even when the policy does not ask
 */
public record KvOptions(KvPolicy policy, Storage storage, boolean attention) {

  /** How the rows of ended sets are held. */
  public enum Storage {
    /** As computed. */
    FLOAT32,
    /**
     * Rounded to 8 bit when their set ends. The graphs take float32, so a live stream saves nothing
     * by it: snapshots do, and what it costs in accuracy can be measured.
     */
    INT8
  }

  /** The window that the model was trained with, float32. */
  public static KvOptions shipped(ModelPackage model) {
    return of(new StreamingVlm(model.window().sets(), 0));
  }

  /** A policy with float32. */
  public static KvOptions of(KvPolicy policy) {
    return new KvOptions(policy, Storage.FLOAT32, false);
  }

  public KvOptions withStorage(Storage newStorage) {
    return new KvOptions(policy, newStorage, attention);
  }

  public KvOptions withAttention(boolean newAttention) {
    return new KvOptions(policy, storage, newAttention);
  }

  /** Newest sets whose prompts' attention is kept. */
  int votes() {
    return attention ? Math.max(1, policy.retrievalSets()) : policy.retrievalSets();
  }
}
