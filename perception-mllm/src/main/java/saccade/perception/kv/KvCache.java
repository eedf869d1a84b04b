package saccade.perception.kv;

import ai.onnxruntime.OnnxTensor;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import saccade.kernels.attention.KvRows;
import saccade.kernels.attention.KvShape;
import saccade.kernels.attention.RotaryShift;
import saccade.kernels.attention.RotaryTable;
import saccade.perception.engine.TensorStore;
import saccade.perception.model.ModelPackage;
import saccade.perception.model.ModelPackage.PositionRule;

/**
 * Hot path. Keys and values of one stream: a sink, a sliding window of sets, and the text of the
 * newest set. One thread at a time.
 *
 * <p>Each slice of layers has its own length and its own table of what lies in which row: a set
 * that left at an early exit has no rows above it. Attention does not care about the order of past
 * rows, because each key carries the rotation of its own position; so eviction copies the last rows
 * into the holes of the evicted ones and costs as much as was evicted (StreamingLLM's windows
 * without moving the window). Positions are absolute and never counted anew after a token was
 * dropped.
 *
 * <pre>
 * rows of one slice, before and after set 4 begins (window of 4 sets)
 *   | sink | set 0 | set 1 | set 2 | set 3 |
 *   | sink | set 3 | set 1 | set 2 |          + rows of set 4, then its text
 * </pre>
 *
 * <p>The sink is turned to the position of the oldest set in the window, always from its unturned
 * key, so that no rounding piles up. Near the end of the rotary table all positions are lowered
 * once (rebase).
 */
public final class KvCache {

  private static final int SINK_FRAME = -1;

  private final PositionRule rule;
  private final KvShape shape;
  private final int windowSets;
  private final int firstTextSlot;
  private final int maxPosition;
  private final Slice[] slices;
  private final RotaryShift rotary;
  private final long bytes;
  private int frame = -1; // position counter of the newest set; lowered by a rebase
  private long evictedRows;
  private long rebases;

  /** A cache for the package's window; memory comes from and belongs to {@code store}. */
  public KvCache(ModelPackage model, TensorStore store) {
    this(model, store, model.decoder().maxPosition());
  }

  /**
   * As the other constructor, with an earlier rebase.
   *
   * @param maxPosition positions stay below this; at most the rows of the model's rotary table
   */
  public KvCache(ModelPackage model, TensorStore store, int maxPosition) {
    ModelPackage.DecoderShape d = model.decoder();
    if (maxPosition > d.maxPosition()
        || maxPosition < (model.window().sets() + 1) * model.positions().stride()) {
      throw new IllegalArgumentException(
          "maxPosition: expected %d..%d, found %d"
              .formatted(
                  (model.window().sets() + 1) * model.positions().stride(),
                  d.maxPosition(),
                  maxPosition));
    }
    this.rule = model.positions();
    this.shape = new KvShape(d.kvHeads(), d.kvCapacity(), d.headDim());
    this.windowSets = model.window().sets();
    this.firstTextSlot = model.slots().firstText();
    this.maxPosition = maxPosition;
    this.rotary =
        new RotaryShift(new RotaryTable(d.maxPosition(), d.headDim(), d.ropeTheta()), shape);
    this.slices = new Slice[d.slices()];
    int layer = 0;
    for (int s = 0; s < slices.length; s++) {
      slices[s] = new Slice(store, shape, d.layersPerSlice()[s], layer);
      layer += d.layersPerSlice()[s];
    }
    this.bytes = 2L * layer * shape.bytes();
  }

  /** Slices of layers. */
  public int slices() {
    return slices.length;
  }

  /** Rows in use of one slice. */
  public int rows(int slice) {
    return slices[slice].length;
  }

  /** Most rows a slice can hold. */
  public int capacity() {
    return shape.capacity();
  }

  /** Rows in use, all slices together. */
  public int rows() {
    int sum = 0;
    for (Slice slice : slices) {
      sum += slice.length;
    }
    return sum;
  }

  /** Bytes of keys and values; fixed at construction. */
  public long bytes() {
    return bytes;
  }

  /** Rows dropped by the window since construction, all slices together. */
  public long evictedRows() {
    return evictedRows;
  }

  /** How often positions were lowered. */
  public long rebases() {
    return rebases;
  }

  /** Rotary position of a slot of the newest set. */
  public long position(int slot) {
    return rule.position(frame, slot);
  }

  /** Set counter that positions are made of; lowered by a rebase. */
  public int frame() {
    return frame;
  }

  /** Layers of a slice. */
  public int layers(int slice) {
    return slices[slice].keys.length;
  }

  /** Index of a slice's first layer in the whole decoder. */
  public int firstLayer(int slice) {
    return slices[slice].firstLayer;
  }

  /** Tensor float32 (1, kvHeads, capacity, headDim); past and present at once. */
  public OnnxTensor keyTensor(int slice, int layer) {
    return slices[slice].keyTensors[layer];
  }

  /** As {@link #keyTensor}, values. */
  public OnnxTensor valueTensor(int slice, int layer) {
    return slices[slice].valueTensors[layer];
  }

  /** Forgets everything, the sink too. */
  public void clear() {
    frame = -1;
    for (Slice slice : slices) {
      slice.length = 0;
    }
  }

  /** The sink's row of a slice was written at row 0 with position 0; keeps its unturned key. */
  public void appendSink(int slice) {
    Slice s = slices[slice];
    if (s.length != 0 || rule.sinkRows() != 1) {
      throw new IllegalStateException(
          "sink: expected an empty slice and a model with one sink row, found %d rows, %d sink rows"
              .formatted(s.length, rule.sinkRows()));
    }
    s.set(0, SINK_FRAME, SINK_FRAME);
    s.length = 1;
    s.keepSink(shape);
  }

  /** Opens the next set: drops what leaves the window, places the sink, rebases when needed. */
  public void beginSet() {
    frame++;
    int oldest = oldestFrame();
    for (Slice slice : slices) {
      evict(slice, oldest);
    }
    if (rule.position(frame, rule.stride() - 1) >= maxPosition) {
      rebase(oldest);
    }
    placeSink((int) ((long) oldestFrame() * rule.stride()));
  }

  /**
   * Books rows that a run has just written behind the used rows of a slice.
   *
   * @param slots (count) slots of the newest set, ascending
   * @throws IllegalStateException when the rows do not fit
   */
  public void append(int slice, int[] slots, int count) {
    Slice s = slices[slice];
    requireRoom(slice, count);
    for (int i = 0; i < count; i++) {
      s.set(s.length + i, frame, slots[i]);
    }
    s.length += count;
  }

  /**
   * Checks that a slice has room for more rows.
   *
   * @throws IllegalStateException when not
   */
  public void requireRoom(int slice, int count) {
    if (slices[slice].length + count > shape.capacity()) {
      throw new IllegalStateException(
          "KV cache of slice %d: expected room for %d rows, found %d of %d used"
              .formatted(slice, count, slices[slice].length, shape.capacity()));
    }
  }

  /**
   * Takes back the newest text rows of a slice.
   *
   * @throws IllegalStateException when that many rows at the end are not text of the newest set
   */
  public void forgetText(int slice, int count) {
    Slice s = slices[slice];
    for (int i = 0; i < count; i++) {
      int row = s.length - 1;
      if (row < 0 || s.frameOf[row] != frame || s.slotOf[row] < firstTextSlot) {
        throw new IllegalStateException(
            "KV cache of slice %d: expected %d text rows of the newest set at its end, found %d"
                .formatted(slice, count, i));
      }
      s.length--;
    }
  }

  /** Closes the newest set: its text rows go, its sensor rows stay for the window. */
  public void dropText() {
    for (Slice slice : slices) {
      while (slice.length > 0
          && slice.frameOf[slice.length - 1] == frame
          && slice.slotOf[slice.length - 1] >= firstTextSlot) {
        slice.length--;
      }
    }
  }

  /** Drops all rows of the newest set, sensors too; for a set with broken numbers. */
  public void dropSet() {
    for (Slice slice : slices) {
      while (slice.length > 0 && slice.frameOf[slice.length - 1] == frame) {
        slice.length--;
      }
    }
  }

  /** Keys of one layer, float32 (kvHeads, capacity, headDim); for tests. */
  MemorySegment keys(int slice, int layer) {
    return slices[slice].keys[layer];
  }

  /** As {@link #keys}, values; for tests. */
  MemorySegment values(int slice, int layer) {
    return slices[slice].values[layer];
  }

  /** Frame of the token in a row, -1 for the sink; for tests. */
  int frameOf(int slice, int row) {
    return slices[slice].frameOf[row];
  }

  /** Slot of the token in a row; for tests. */
  int slotOf(int slice, int row) {
    return slices[slice].slotOf[row];
  }

  /** Sorts the rows of every slice by age. For tests: what a run computes must not change. */
  void sortRows() {
    for (Slice slice : slices) {
      for (int row = rule.sinkRows(); row < slice.length; row++) {
        int oldest = row;
        for (int other = row + 1; other < slice.length; other++) {
          oldest = slice.key(other) < slice.key(oldest) ? other : oldest;
        }
        swapRows(slice, row, oldest);
      }
    }
  }

  /** Whether rows lie out of order of age; for tests. */
  boolean isShuffled() {
    for (Slice slice : slices) {
      for (int row = rule.sinkRows() + 1; row < slice.length; row++) {
        if (slice.key(row) < slice.key(row - 1)) {
          return true;
        }
      }
    }
    return false;
  }

  private int oldestFrame() {
    return Math.max(0, frame - windowSets + 1);
  }

  private void evict(Slice slice, int oldest) {
    int length = slice.length;
    int kept = 0;
    for (int row = 0; row < length; row++) {
      kept += slice.isKept(row, oldest) ? 1 : 0;
    }
    int from = kept; // rows from here on must move down or go
    int hole = 0;
    while (true) {
      while (from < length && !slice.isKept(from, oldest)) {
        from++;
      }
      if (from == length) {
        break;
      }
      while (slice.isKept(hole, oldest)) {
        hole++;
      }
      int count = 1;
      while (from + count < length
          && hole + count < kept
          && slice.isKept(from + count, oldest)
          && !slice.isKept(hole + count, oldest)) {
        count++;
      }
      slice.move(shape, from, hole, count);
      from += count;
      hole += count;
    }
    evictedRows += length - kept;
    slice.length = kept;
  }

  private void rebase(int base) {
    for (Slice slice : slices) {
      int count = slice.length - rule.sinkRows();
      for (MemorySegment keys : slice.keys) {
        rotary.rotate(keys, rule.sinkRows(), Math.max(0, count), -base * rule.stride());
      }
      for (int row = rule.sinkRows(); row < slice.length; row++) {
        slice.frameOf[row] -= base;
      }
    }
    frame -= base;
    rebases++;
  }

  private void placeSink(int position) {
    if (rule.sinkRows() == 0) {
      return;
    }
    for (Slice slice : slices) {
      if (slice.length > 0 && slice.sinkPosition != position) {
        for (int layer = 0; layer < slice.keys.length; layer++) {
          slice.restoreSink(shape, layer);
          rotary.rotate(slice.keys[layer], 0, 1, position);
        }
        slice.sinkPosition = position;
      }
    }
  }

  private void swapRows(Slice slice, int a, int b) {
    if (a == b) {
      return;
    }
    int spare = shape.capacity() - 1;
    if (slice.length > spare) {
      throw new IllegalStateException("swap: expected one free row, found none");
    }
    slice.move(shape, a, spare, 1);
    slice.move(shape, b, a, 1);
    slice.move(shape, spare, b, 1);
  }

  /** Memory and tables of one slice of layers. */
  private static final class Slice {
    final int firstLayer;
    final MemorySegment[] keys; // layers x (kvHeads, capacity, headDim)
    final MemorySegment[] values; // layers x (kvHeads, capacity, headDim)
    final OnnxTensor[] keyTensors;
    final OnnxTensor[] valueTensors;
    final float[][] sinkKeys; // (layers, kvHeads x headDim) at position 0
    final int[] frameOf; // (capacity)
    final int[] slotOf; // (capacity)
    int length;
    int sinkPosition;

    Slice(TensorStore store, KvShape shape, int layers, int firstLayer) {
      this.firstLayer = firstLayer;
      keys = new MemorySegment[layers];
      values = new MemorySegment[layers];
      keyTensors = new OnnxTensor[layers];
      valueTensors = new OnnxTensor[layers];
      sinkKeys = new float[layers][shape.kvHeads() * shape.headDim()];
      frameOf = new int[shape.capacity()];
      slotOf = new int[shape.capacity()];
      long[] size = {1, shape.kvHeads(), shape.capacity(), shape.headDim()};
      for (int layer = 0; layer < layers; layer++) {
        keys[layer] = store.floats(shape.bytes() / Float.BYTES);
        values[layer] = store.floats(shape.bytes() / Float.BYTES);
        keyTensors[layer] = store.floatTensor(keys[layer], size);
        valueTensors[layer] = store.floatTensor(values[layer], size);
      }
    }

    void set(int row, int frame, int slot) {
      frameOf[row] = frame;
      slotOf[row] = slot;
    }

    boolean isKept(int row, int oldest) {
      return frameOf[row] == SINK_FRAME || frameOf[row] >= oldest;
    }

    long key(int row) {
      return ((long) frameOf[row] << 32) + slotOf[row];
    }

    void move(KvShape shape, int from, int to, int count) {
      for (int layer = 0; layer < keys.length; layer++) {
        KvRows.move(keys[layer], shape, from, to, count);
        KvRows.move(values[layer], shape, from, to, count);
      }
      System.arraycopy(frameOf, from, frameOf, to, count);
      System.arraycopy(slotOf, from, slotOf, to, count);
    }

    void keepSink(KvShape shape) {
      sinkPosition = 0;
      for (int layer = 0; layer < keys.length; layer++) {
        for (int head = 0; head < shape.kvHeads(); head++) {
          MemorySegment.copy(
              keys[layer],
              ValueLayout.JAVA_FLOAT,
              shape.offsetBytes(head, 0),
              sinkKeys[layer],
              head * shape.headDim(),
              shape.headDim());
        }
      }
    }

    void restoreSink(KvShape shape, int layer) {
      for (int head = 0; head < shape.kvHeads(); head++) {
        MemorySegment.copy(
            sinkKeys[layer],
            head * shape.headDim(),
            keys[layer],
            ValueLayout.JAVA_FLOAT,
            shape.offsetBytes(head, 0),
            shape.headDim());
      }
    }
  }
}
