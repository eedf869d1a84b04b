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

  /**
   * As one word of a graph file: {@code NAME:NUMBER,NUMBER[/int8]}. Set-up only.
   *
   * <pre>
   *   streaming-vlm:SETS[,TEXT_SETS]   streaming-llm:SINKS,ROWS   inf-mllm:RECENT,BEST
   *   look-m:HEAVY,RECENT              byte-cap:BYTES
   * </pre>
   *
   * @throws IllegalArgumentException in one line: found, wanted
   */
  public static KvOptions parse(String text, ModelPackage model) {
    boolean bytes = text.endsWith("/int8");
    String policy = bytes ? text.substring(0, text.length() - "/int8".length()) : text;
    int colon = policy.indexOf(':');
    String name = colon < 0 ? policy : policy.substring(0, colon);
    int window = model.window().sets();
    KvOptions options =
        of(
            switch (name) {
              case "streaming-vlm" -> {
                double[] n = numbers(text, policy, colon, 1, 2);
                yield new StreamingVlm((int) n[0], n.length > 1 ? (int) n[1] : 0);
              }
              case "streaming-llm" -> {
                double[] n = numbers(text, policy, colon, 2, 2);
                yield new StreamingLlm((int) n[0], (int) n[1], 2 * window);
              }
              case "inf-mllm" -> {
                double[] n = numbers(text, policy, colon, 2, 2);
                yield new InfMllm((int) n[0], (int) n[1], 2 * window, window, 0.002f);
              }
              case "look-m" -> {
                double[] n = numbers(text, policy, colon, 2, 2);
                yield new LookM(n[0], n[1], 2 * window, 0);
              }
              case "byte-cap" ->
                  ByteCap.of(
                      new StreamingVlm(window, 0),
                      (long) numbers(text, policy, colon, 1, 1)[0],
                      KvCache.bytesPerRow(model),
                      KvCache.mostIncoming(model));
              default ->
                  throw new IllegalArgumentException(
                      "kv '%s': found '%s', wanted streaming-vlm, streaming-llm, inf-mllm, look-m or byte-cap"
                          .formatted(text, name));
            });
    return bytes ? options.withStorage(Storage.INT8) : options;
  }

  private static double[] numbers(String text, String policy, int colon, int least, int most) {
    String[] words = colon < 0 ? new String[0] : policy.substring(colon + 1).split(",", -1);
    double[] numbers = new double[words.length];
    try {
      for (int i = 0; i < words.length; i++) {
        numbers[i] = Double.parseDouble(words[i]);
      }
    } catch (NumberFormatException e) {
      numbers = new double[0];
    }
    if (numbers.length < least || numbers.length > most) {
      throw new IllegalArgumentException(
          "kv '%s': found '%s', wanted %d to %d numbers with commas after a colon"
              .formatted(text, policy, least, most));
    }
    return numbers;
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
