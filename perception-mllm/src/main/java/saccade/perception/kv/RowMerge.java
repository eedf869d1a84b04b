package saccade.perception.kv;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.Arrays;
import saccade.kernels.attention.KvShape;
import saccade.kernels.attention.RotaryTable;
import saccade.kernels.select.TokenSimilarity;

/**
 * Hot path. LOOK-M's pivot merge of one layer: every row that goes is averaged with the row that
 * stays and whose key is most like its own, head by head, and a pivot becomes the mean of itself
 * and of all these averages; values follow their keys. Keys are compared and averaged without their
 * rotation, so that what is merged is what was seen and not where. Holds scratch memory.
 *
 * <pre>
 *   pivot p with n rows j:  K_p &lt;- (K_p + sum_j (K_j + K_p) / 2) / (1 + n),  V_p likewise
 * </pre>
 */
final class RowMerge {
  private static final ValueLayout.OfFloat F32 = ValueLayout.JAVA_FLOAT_UNALIGNED;

  private final RotaryTable rotary;
  private final KvShape shape;
  private final TokenSimilarity similarity;
  private final float[] keys; // (rows looked at, headDim) without rotation
  private final float[] values; // (rows looked at, headDim)
  private final float[] sumKeys; // (headDim)
  private final float[] sumValues; // (headDim)
  private final int[] place; // (capacity) row of each entry looked at
  private final int[] pivots; // (capacity) entries that stay
  private final int[] nearest; // (capacity) index into pivots
  private final float[] alike; // (capacity)

  RowMerge(RotaryTable rotary, KvShape shape) {
    this.rotary = rotary;
    this.shape = shape;
    int rows = shape.capacity();
    int dim = shape.headDim();
    similarity = new TokenSimilarity(rows, dim);
    keys = new float[rows * dim];
    values = new float[rows * dim];
    sumKeys = new float[dim];
    sumValues = new float[dim];
    place = new int[rows];
    pivots = new int[rows];
    nearest = new int[rows];
    alike = new float[rows];
  }

  /**
   * Merges rows of one layer.
   *
   * @param layerKeys float32 (kvHeads, capacity, headDim), turned to their positions; changed
   * @param layerValues likewise
   * @param count rows
   * @param keep rows that stay
   * @param fixed rows that are not looked at: neither merged nor merged into
   * @param positions rotary position of each row
   * @return rows that were merged; 0 when nothing stays to merge into
   */
  int merge(
      MemorySegment layerKeys,
      MemorySegment layerValues,
      int count,
      boolean[] keep,
      boolean[] fixed,
      int[] positions) {
    int looked = 0;
    int pivotCount = 0;
    for (int row = 0; row < count; row++) {
      if (!fixed[row]) {
        place[looked] = row;
        if (keep[row]) {
          pivots[pivotCount++] = looked;
        }
        looked++;
      }
    }
    int gone = looked - pivotCount;
    if (pivotCount == 0 || gone == 0) {
      return 0;
    }
    int dim = shape.headDim();
    for (int head = 0; head < shape.kvHeads(); head++) {
      for (int i = 0; i < looked; i++) {
        long at = shape.offsetBytes(head, place[i]);
        MemorySegment.copy(layerKeys, F32, at, keys, i * dim, dim);
        MemorySegment.copy(layerValues, F32, at, values, i * dim, dim);
        turn(keys, i * dim, positions[place[i]], -1);
      }
      similarity.nearest(keys, looked, pivots, pivotCount, nearest, alike);
      for (int p = 0; p < pivotCount; p++) {
        average(head, p, looked, keep, layerKeys, layerValues, positions);
      }
    }
    return gone;
  }

  private void average(
      int head,
      int p,
      int looked,
      boolean[] keep,
      MemorySegment layerKeys,
      MemorySegment layerValues,
      int[] positions) {
    int dim = shape.headDim();
    int pivot = pivots[p];
    Arrays.fill(sumKeys, 0);
    Arrays.fill(sumValues, 0);
    int joined = 0;
    for (int j = 0; j < looked; j++) {
      if (nearest[j] == p && !keep[place[j]]) {
        joined++;
        for (int d = 0; d < dim; d++) {
          sumKeys[d] += (keys[j * dim + d] + keys[pivot * dim + d]) / 2;
          sumValues[d] += (values[j * dim + d] + values[pivot * dim + d]) / 2;
        }
      }
    }
    if (joined == 0) {
      return;
    }
    for (int d = 0; d < dim; d++) {
      sumKeys[d] = (sumKeys[d] + keys[pivot * dim + d]) / (1 + joined);
      sumValues[d] = (sumValues[d] + values[pivot * dim + d]) / (1 + joined);
    }
    turn(sumKeys, 0, positions[place[pivot]], 1);
    long at = shape.offsetBytes(head, place[pivot]);
    MemorySegment.copy(sumKeys, 0, layerKeys, F32, at, dim);
    MemorySegment.copy(sumValues, 0, layerValues, F32, at, dim);
  }

  private void turn(float[] rows, int at, int position, int sign) {
    int half = shape.headDim() / 2;
    for (int i = 0; i < half; i++) {
      float cos = rotary.cos(position, i);
      float sin = sign * rotary.sin(position, i);
      float a = rows[at + i];
      float b = rows[at + half + i];
      rows[at + i] = a * cos - b * sin;
      rows[at + half + i] = b * cos + a * sin;
    }
  }
}
