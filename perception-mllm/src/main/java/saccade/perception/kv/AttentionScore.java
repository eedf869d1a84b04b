package saccade.perception.kv;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import saccade.kernels.attention.KvShape;
import saccade.kernels.attention.RotaryTable;

/**
 * Hot path. How much one token looks at each cached row: softmax of its query on the cached keys,
 * averaged over the heads. One row of the attention matrix, computed beside the model, so that its
 * fused attention stays as it is. Holds scratch memory: one instance a stream.
 */
final class AttentionScore {
  private final RotaryTable rotary;
  private final KvShape shape;
  private final float[] query; // (headDim) turned to its position
  private final float[] keys; // (capacity, headDim) of one head
  private final float[] weights; // (capacity) of one head

  AttentionScore(RotaryTable rotary, KvShape shape) {
    this.rotary = rotary;
    this.shape = shape;
    this.query = new float[shape.headDim()];
    this.keys = new float[shape.capacity() * shape.headDim()];
    this.weights = new float[shape.capacity()];
  }

  /**
   * Weighs the first rows of a layer.
   *
   * @param queries float32 (heads x headDim) from float {@code from}, before their rotation; heads
   *     of keys are shared by neighbouring heads of queries
   * @param heads heads of queries
   * @param position rotary position of the query
   * @param layerKeys float32 (kvHeads, capacity, headDim), turned to their positions
   * @param count rows to weigh
   * @param out receives count weights; they sum to 1
   * @return false when a number was not finite; {@code out} is then undefined
   */
  boolean weigh(
      MemorySegment queries,
      long from,
      int heads,
      int position,
      MemorySegment layerKeys,
      int count,
      float[] out) {
    int dim = shape.headDim();
    int shared = heads / shape.kvHeads();
    for (int row = 0; row < count; row++) {
      out[row] = 0;
    }
    float scale = (float) (1 / Math.sqrt(dim));
    for (int kvHead = 0; kvHead < shape.kvHeads(); kvHead++) {
      MemorySegment.copy(
          layerKeys, ValueLayout.JAVA_FLOAT, shape.offsetBytes(kvHead, 0), keys, 0, count * dim);
      for (int h = 0; h < shared; h++) {
        turnedQuery(queries, from + (long) (kvHead * shared + h) * dim, position);
        if (!softmax(count, scale)) {
          return false;
        }
        for (int row = 0; row < count; row++) {
          out[row] += weights[row] / heads;
        }
      }
    }
    return true;
  }

  private void turnedQuery(MemorySegment queries, long from, int position) {
    int half = shape.headDim() / 2;
    for (int i = 0; i < half; i++) {
      float a = queries.getAtIndex(ValueLayout.JAVA_FLOAT, from + i);
      float b = queries.getAtIndex(ValueLayout.JAVA_FLOAT, from + half + i);
      float cos = rotary.cos(position, i);
      float sin = rotary.sin(position, i);
      query[i] = a * cos - b * sin;
      query[half + i] = b * cos + a * sin;
    }
  }

  private boolean softmax(int count, float scale) {
    int dim = shape.headDim();
    float most = Float.NEGATIVE_INFINITY;
    for (int row = 0; row < count; row++) {
      float dot = 0;
      for (int i = 0; i < dim; i++) {
        dot += query[i] * keys[row * dim + i];
      }
      weights[row] = dot * scale;
      if (!Float.isFinite(weights[row])) {
        return false;
      }
      most = Math.max(most, weights[row]);
    }
    float sum = 0;
    for (int row = 0; row < count; row++) {
      weights[row] = (float) Math.exp(weights[row] - most);
      sum += weights[row];
    }
    for (int row = 0; row < count; row++) {
      weights[row] /= sum;
    }
    return true;
  }

  /**
   * How evenly a distribution is spread: its entropy over the largest possible, 0..1; 0 for fewer
   * than two entries.
   */
  static double evenness(float[] weights, int count) {
    double entropy = 0;
    for (int i = 0; i < count; i++) {
      entropy -= weights[i] > 0 ? weights[i] * Math.log(weights[i]) : 0;
    }
    return count < 2 ? 0 : entropy / Math.log(count);
  }
}
