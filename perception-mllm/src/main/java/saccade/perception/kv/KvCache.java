package saccade.perception.kv;

import ai.onnxruntime.OnnxTensor;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;
import saccade.kernels.attention.KvRows;
import saccade.kernels.attention.KvShape;
import saccade.kernels.attention.RotaryShift;
import saccade.kernels.attention.RotaryTable;
import saccade.perception.engine.TensorStore;
import saccade.perception.model.ModelPackage;
import saccade.perception.model.ModelPackage.PositionRule;

/**
 * Hot path. Keys and values of one stream: sinks, the sets that the {@link KvPolicy} keeps, and the
 * text of the newest set. One thread at a time.
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
 * <p>Sinks are turned to the position of the oldest set in the window, always from their unturned
 * keys, so that no rounding piles up. Near the end of the rotary table all positions are lowered
 * once (rebase).
 *
 * <p>Whatever a policy asks for, rows older than it says are dropped, and so are the oldest rows
 * beyond what leaves room for a whole set: a stream cannot run full. Attention that is not finite
 * is not counted, and the set that it belongs to has no vote.
 */
public final class KvCache {

  private static final int SINK_FRAME = -1;

  private final PositionRule rule;
  private final KvOptions options;
  private final KvPolicy policy;
  private final int mostIncoming; // rows of a whole set
  private final @Nullable AttentionScore attention;
  private final @Nullable RowMerge merge;
  private final boolean[] guardedSlots; // (stride) of the newest set
  private final boolean[] keep; // (capacity) scratch
  private final boolean[] fixed; // (capacity) scratch
  private final int[] positions; // (capacity) scratch
  private final int[] rowOfSlot; // (stride) scratch
  final KvShape shape;
  private final int windowSets;
  private final int firstTextSlot;
  private final int maxPosition;
  final Slice[] slices;
  private final RotaryShift rotary;
  private final long bytes;
  int frame = -1; // position counter of the newest set; lowered by a rebase
  private long evictedRows;
  private long mergedRows;
  private long reusedRows;
  private long overflowRows;
  private long degraded;
  private long rebases;

  /** A cache for the package's window; memory comes from and belongs to {@code store}. */
  public KvCache(ModelPackage model, TensorStore store) {
    this(model, store, KvOptions.shipped(model), model.decoder().maxPosition());
  }

  /** A cache with another policy or storage. */
  public KvCache(ModelPackage model, TensorStore store, KvOptions options) {
    this(model, store, options, model.decoder().maxPosition());
  }

  /**
   * As the other constructors, with an earlier rebase.
   *
   * @param maxPosition positions stay below this; at most the rows of the model's rotary table
   * @throws IllegalArgumentException when the policy's sets do not fit below it, or a set does not
   *     fit into the cache
   */
  public KvCache(ModelPackage model, TensorStore store, KvOptions options, int maxPosition) {
    ModelPackage.DecoderShape d = model.decoder();
    this.options = options;
    this.policy = options.policy();
    int sets = Math.max(model.window().sets(), policy.mostSets());
    int stride = model.positions().stride();
    if (maxPosition > d.maxPosition() || maxPosition < (sets + 1L) * stride) {
      throw new IllegalArgumentException(
          "maxPosition: expected %d..%d for %d visible sets, found %d"
              .formatted((sets + 1L) * stride, d.maxPosition(), sets, maxPosition));
    }
    this.mostIncoming = mostIncoming(model);
    if (policy.sinkRows() + mostIncoming > d.kvCapacity()) {
      throw new IllegalArgumentException(
          "%s: expected sinks and a set of %d rows within %d rows, found %d sinks"
              .formatted(policy.name(), mostIncoming, d.kvCapacity(), policy.sinkRows()));
    }
    this.rule = model.positions();
    this.shape = new KvShape(d.kvHeads(), d.kvCapacity(), d.headDim());
    this.windowSets = model.window().sets();
    this.firstTextSlot = model.slots().firstText();
    this.maxPosition = maxPosition;
    RotaryTable table = new RotaryTable(d.maxPosition(), d.headDim(), d.ropeTheta());
    this.rotary = new RotaryShift(table, shape);
    this.attention = options.votes() > 0 ? new AttentionScore(table, shape) : null;
    this.merge = policy.merges() ? new RowMerge(table, shape) : null;
    this.guardedSlots = new boolean[stride];
    this.keep = new boolean[shape.capacity()];
    this.fixed = new boolean[shape.capacity()];
    this.positions = new int[shape.capacity()];
    this.rowOfSlot = new int[stride];
    this.slices = new Slice[d.slices()];
    int layer = 0;
    for (int s = 0; s < slices.length; s++) {
      slices[s] = new Slice(store, shape, d.layersPerSlice()[s], layer, policy);
      layer += d.layersPerSlice()[s];
    }
    this.bytes = 2L * layer * shape.bytes();
  }

  /** Most rows that one set of a model appends to a slice: all sensor tokens and its whole text. */
  public static int mostIncoming(ModelPackage model) {
    return model.slots().facts() + model.grammar().size();
  }

  /** Bytes of one row of all layers of a model, as the graphs take them. */
  public static long bytesPerRow(ModelPackage model) {
    ModelPackage.DecoderShape d = model.decoder();
    return 2L * d.layers() * d.kvHeads() * d.headDim() * Float.BYTES;
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

  /** How rows are kept. */
  public KvOptions options() {
    return options;
  }

  /** Rows that stay as sinks. */
  int sinkRows() {
    return policy.sinkRows();
  }

  /** Bytes of the rows in use, as they are stored: 8 bit where the options say so. */
  public long usedBytes() {
    long sum = 0;
    for (Slice slice : slices) {
      sum +=
          2L
              * slice.keys.length
              * (options.storage() == KvOptions.Storage.INT8
                  ? Int8Rows.bytes(shape, slice.length)
                  : (long) slice.length * shape.kvHeads() * shape.rowBytes());
    }
    return sum;
  }

  /** Rows dropped since construction, all slices together; merged ones are among them. */
  public long evictedRows() {
    return evictedRows;
  }

  /** Rows that were merged into others when they were dropped. */
  public long mergedRows() {
    return mergedRows;
  }

  /** Rows that were taken over from the set before instead of being computed. */
  public long reusedRows() {
    return reusedRows;
  }

  /** Rows dropped only because the next set would not have fitted: the policy keeps too much. */
  public long overflowRows() {
    return overflowRows;
  }

  /** Slices of sets whose attention or whose rows were not finite: no vote, no rounding. */
  public long degraded() {
    return degraded;
  }

  /** Text rows in use, all slices together. */
  public int textRows() {
    int sum = 0;
    for (Slice slice : slices) {
      for (int row = 0; row < slice.length; row++) {
        sum += slice.isText(row) ? 1 : 0;
      }
    }
    return sum;
  }

  /** Whether {@link #look} is wanted after each slice of a set's prefill. */
  public boolean wantsAttention() {
    return attention != null;
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

  /** Forgets everything, the sinks too. */
  public void clear() {
    frame = -1;
    Arrays.fill(guardedSlots, false);
    for (Slice slice : slices) {
      slice.length = 0;
      slice.sinks = 0;
      slice.forgetAttention();
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
    s.keepSinks(shape, 1, 0);
  }

  /** Opens the next set: drops what its policy drops, places the sinks, rebases when needed. */
  public void beginSet() {
    frame++;
    Arrays.fill(guardedSlots, false);
    for (Slice slice : slices) {
      retain(slice);
    }
    if (rule.position(frame, rule.stride() - 1) >= maxPosition) {
      rebase(Math.max(0, frame - Math.max(windowSets, policy.mostSets()) + 1));
    }
    placeSinks((int) ((long) oldestFrame() * rule.stride()));
    for (Slice slice : slices) {
      slice.openVote();
    }
  }

  /** Marks a slot of the newest set: its row is not dropped while its set is visible. */
  public void guard(int slot) {
    guardedSlots[slot] = true;
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
      s.guarded[s.length + i] = slots[i] >= 0 && slots[i] < rule.stride() && guardedSlots[slots[i]];
    }
    s.length += count;
    if (s.sinks < policy.sinkRows() && s.sinks > 0) {
      s.keepSinks(shape, Math.min(policy.sinkRows(), s.length), frame);
    }
  }

  /**
   * Whether the set before has a row of a slot in every slice up to one, so that {@link #reuse} can
   * take it over.
   */
  public boolean canReuse(int slot, int lastSlice) {
    for (int slice = 0; slice <= lastSlice; slice++) {
      if (slices[slice].find(frame - 1, slot) < 0) {
        return false;
      }
    }
    return true;
  }

  /**
   * Takes rows of the set before over into the newest one: keys and values are copied and the keys
   * turned by a set, as if the tokens had been computed again and come out the same (VLA-Cache).
   *
   * @param slots (count) slots for which {@link #canReuse} holds
   */
  public void reuse(int slice, int[] slots, int count) {
    Slice s = slices[slice];
    requireRoom(slice, count);
    Arrays.fill(rowOfSlot, -1);
    for (int row = 0; row < s.length; row++) {
      if (s.frameOf[row] == frame - 1 && s.slotOf[row] >= 0) {
        rowOfSlot[s.slotOf[row]] = row;
      }
    }
    int first = s.length;
    for (int i = 0; i < count; i++) {
      int from = rowOfSlot[slots[i]];
      if (from < 0) {
        throw new IllegalStateException(
            "KV cache of slice %d: expected a row of slot %d in the set before, found none"
                .formatted(slice, slots[i]));
      }
      s.move(shape, from, first + i, 1);
    }
    append(slice, slots, count);
    for (MemorySegment keys : s.keys) {
      rotary.rotate(keys, first, count, rule.stride());
    }
    reusedRows += count;
  }

  /**
   * The newest set's prompt votes: how much it looks at each row of a slice, in its last layer.
   *
   * @param queries float32 queries of that layer before rotation
   * @param from float at which the prompt's begin
   * @param heads heads of queries
   * @param slot the prompt's slot
   * @return false when a number was not finite: the set has no vote then, and it is counted
   */
  public boolean look(int slice, MemorySegment queries, long from, int heads, int slot) {
    Slice s = slices[slice];
    AttentionScore score = attention;
    if (score == null) {
      return true;
    }
    float[] vote = s.vote();
    boolean finite =
        score.weigh(
            queries, from, heads, (int) position(slot), s.keys[s.keys.length - 1], s.length, vote);
    if (!finite) {
      Arrays.fill(vote, 0);
      degraded++;
    }
    return finite;
  }

  /**
   * Attention that the newest set's prompt gave to its own sensor tokens in a slice.
   *
   * @param bySlot receives a weight for each slot; 0 for tokens without a row
   * @return how evenly the prompt looked at all rows, 0..1; NaN when it did not vote
   */
  public double attentionBySlot(int slice, float[] bySlot) {
    Slice s = slices[slice];
    Arrays.fill(bySlot, 0);
    if (attention == null || s.length == 0) {
      return Double.NaN;
    }
    float[] vote = s.vote();
    float sum = 0;
    for (int row = 0; row < s.length; row++) {
      sum += vote[row];
      if (s.frameOf[row] == frame && s.slotOf[row] < bySlot.length) {
        bySlot[s.slotOf[row]] = vote[row];
      }
    }
    return sum > 0 ? AttentionScore.evenness(vote, s.length) : Double.NaN;
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

  /** Closes the newest set: its text goes unless the policy keeps it, sensor rows stay. */
  public void dropText() {
    for (Slice slice : slices) {
      while (policy.textSets() == 0
          && slice.length > 0
          && slice.frameOf[slice.length - 1] == frame
          && slice.slotOf[slice.length - 1] >= firstTextSlot) {
        slice.length--;
      }
      if (options.storage() == KvOptions.Storage.INT8 && !slice.round(shape, frame)) {
        degraded++;
      }
    }
  }

  /** Drops all rows of the newest set, sensors too; for a set with broken numbers. */
  public void dropSet() {
    for (Slice slice : slices) {
      int length = slice.length;
      while (length > 0
          && slice.frameOf[length - 1] == frame
          && slice.slotOf[length - 1] != SINK_FRAME) {
        length--;
      }
      slice.shrink(length);
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
      for (int row = slice.sinks; row < slice.length; row++) {
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
      for (int row = slice.sinks + 1; row < slice.length; row++) {
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

  /** Asks the policy, merges, and closes the holes. */
  private void retain(Slice slice) {
    int length = slice.length;
    slice.newest = frame;
    policy.retain(slice, keep);
    for (int row = 0; row < length; row++) {
      boolean old = slice.age(row) >= policy.mostSets();
      if (slice.isSink(row)) {
        keep[row] = true;
      } else if (slice.isText(row)) {
        keep[row] &= slice.age(row) <= policy.textSets();
      } else {
        keep[row] = !old && (keep[row] || slice.guarded[row]);
      }
      fixed[row] =
          slice.isSink(row) || slice.guarded[row] || !keep[row] && (old || slice.isText(row));
    }
    overflowRows += ByteCap.trim(slice, limit(), keep);
    RowMerge merger = merge;
    if (merger != null) {
      for (int row = 0; row < length; row++) {
        positions[row] =
            slice.isSink(row) ? 0 : (int) rule.position(slice.frameOf[row], slice.slotOf[row]);
      }
      int merged = 0;
      for (int layer = 0; layer < slice.keys.length; layer++) {
        merged =
            merger.merge(slice.keys[layer], slice.values[layer], length, keep, fixed, positions);
      }
      mergedRows += merged;
    }
    evict(slice);
  }

  private int limit() {
    return policy instanceof ByteCap cap
        ? Math.min(cap.mostRows(), shape.capacity())
        : shape.capacity();
  }

  private void evict(Slice slice) {
    int length = slice.length;
    int kept = 0;
    for (int row = 0; row < length; row++) {
      kept += keep[row] ? 1 : 0;
    }
    int from = kept; // rows from here on must move down or go
    int hole = 0;
    while (true) {
      while (from < length && !keep[from]) {
        from++;
      }
      if (from == length) {
        break;
      }
      while (keep[hole]) {
        hole++;
      }
      int count = 1;
      while (from + count < length
          && hole + count < kept
          && keep[from + count]
          && !keep[hole + count]) {
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
      int count = slice.length - slice.sinks;
      for (MemorySegment keys : slice.keys) {
        rotary.rotate(keys, slice.sinks, Math.max(0, count), -base * rule.stride());
      }
      for (int row = 0; row < slice.length; row++) {
        slice.frameOf[row] -= row == 0 && rule.sinkRows() == 1 ? 0 : base;
      }
    }
    frame -= base;
    rebases++;
  }

  private void placeSinks(int position) {
    if (rule.sinkRows() == 0) {
      return;
    }
    for (Slice slice : slices) {
      if (slice.length > 0 && slice.sinkPosition != position) {
        for (int layer = 0; layer < slice.keys.length; layer++) {
          slice.restoreSinks(shape, layer);
          for (int sink = 0; sink < slice.sinks; sink++) {
            rotary.rotate(
                slice.keys[layer], sink, 1, slice.sinkTurn(sink, position, rule.stride()));
          }
        }
        slice.sinkPosition = position;
      }
    }
  }

  /** Turns the sinks anew from their unturned keys. */
  void placeSinksAgain() {
    placeSinks((int) ((long) oldestFrame() * rule.stride()));
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
  final class Slice implements CachedRows {
    final int firstLayer;
    final MemorySegment[] keys; // layers x (kvHeads, capacity, headDim)
    final MemorySegment[] values; // layers x (kvHeads, capacity, headDim)
    final OnnxTensor[] keyTensors;
    final OnnxTensor[] valueTensors;
    final float[][] sinkKeys; // (layers, sinks x kvHeads x headDim) as they were computed
    final int[] sinkFrame; // (sinks) position counter with which a sink was computed
    final int[] frameOf; // (capacity)
    final int[] slotOf; // (capacity)
    final boolean[] guarded; // (capacity)
    final float[][] votes; // (retrieval sets, capacity) attention of the newest sets
    final float[] scores; // (capacity) scratch of the policy
    final int[] picks; // (capacity) scratch of the policy
    final @Nullable Int8Rows bytes;
    int length;
    int sinks; // the first rows
    int sinkPosition;
    int newest; // frame of the set about to begin
    int voter; // of the newest set

    Slice(TensorStore store, KvShape shape, int layers, int firstLayer, KvPolicy policy) {
      this.firstLayer = firstLayer;
      keys = new MemorySegment[layers];
      values = new MemorySegment[layers];
      keyTensors = new OnnxTensor[layers];
      valueTensors = new OnnxTensor[layers];
      sinkKeys = new float[layers][policy.sinkRows() * shape.kvHeads() * shape.headDim()];
      sinkFrame = new int[policy.sinkRows()];
      frameOf = new int[shape.capacity()];
      slotOf = new int[shape.capacity()];
      guarded = new boolean[shape.capacity()];
      votes = new float[options.votes()][shape.capacity()];
      scores = new float[shape.capacity()];
      picks = new int[shape.capacity()];
      bytes =
          options.storage() == KvOptions.Storage.INT8
              ? new Int8Rows(shape, Math.min(mostIncoming, shape.capacity()))
              : null;
      long[] size = {1, shape.kvHeads(), shape.capacity(), shape.headDim()};
      for (int layer = 0; layer < layers; layer++) {
        keys[layer] = store.floats(shape.bytes() / Float.BYTES);
        values[layer] = store.floats(shape.bytes() / Float.BYTES);
        keyTensors[layer] = store.floatTensor(keys[layer], size);
        valueTensors[layer] = store.floatTensor(values[layer], size);
      }
    }

    // ---- what a policy sees ----

    @Override
    public int count() {
      return length;
    }

    @Override
    public int incoming() {
      return mostIncoming;
    }

    @Override
    public boolean isSink(int row) {
      return row < sinks;
    }

    @Override
    public boolean isGuarded(int row) {
      return guarded[row] && row >= sinks;
    }

    @Override
    public boolean isText(int row) {
      return row >= sinks && slotOf[row] >= firstTextSlot;
    }

    @Override
    public int age(int row) {
      return newest - frameOf[row];
    }

    @Override
    public int slot(int row) {
      return slotOf[row];
    }

    @Override
    public float attention(int row) {
      float sum = 0;
      for (float[] vote : votes) {
        sum += vote[row];
      }
      return sum;
    }

    @Override
    public float[] scores() {
      return scores;
    }

    @Override
    public int[] picks() {
      return picks;
    }

    // ---- rows ----

    void set(int row, int frame, int slot) {
      frameOf[row] = frame;
      slotOf[row] = slot;
      guarded[row] = false;
      for (float[] vote : votes) {
        vote[row] = 0;
      }
    }

    /** Row of a token, -1 when there is none. */
    int find(int frame, int slot) {
      for (int row = length - 1; row >= sinks; row--) {
        if (frameOf[row] == frame && slotOf[row] == slot) {
          return row;
        }
      }
      return -1;
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
      System.arraycopy(guarded, from, guarded, to, count);
      for (float[] vote : votes) {
        System.arraycopy(vote, from, vote, to, count);
      }
    }

    /** Rounds the newest rows to 8 bit; false when one is not finite. */
    boolean round(KvShape shape, int ofFrame) {
      int first = length;
      while (first > sinks && frameOf[first - 1] == ofFrame) {
        first--;
      }
      Int8Rows packed = bytes;
      if (packed == null || first == length) {
        return true;
      }
      for (int layer = 0; layer < keys.length; layer++) {
        if (!packed.pack(keys[layer], first, length - first)) {
          return false;
        }
        packed.unpack(keys[layer], first);
        if (!packed.pack(values[layer], first, length - first)) {
          return false;
        }
        packed.unpack(values[layer], first);
      }
      return true;
    }

    // ---- votes ----

    /** Votes of the newest set. */
    float[] vote() {
      return votes[voter];
    }

    /** The newest set has not voted yet; who voted longest ago is forgotten. */
    void openVote() {
      if (votes.length > 0) {
        voter = (voter + 1) % votes.length;
        Arrays.fill(vote(), 0);
      }
    }

    void forgetAttention() {
      for (float[] vote : votes) {
        Arrays.fill(vote, 0);
      }
    }

    // ---- sinks ----

    /** Rows were taken back; sinks among them are none any more. */
    void shrink(int newLength) {
      length = newLength;
      sinks = Math.min(sinks, newLength);
    }

    /**
     * How far to turn a sink from where it was computed: the model's own to the begin of the
     * window, tokens of the first set to the set before the window once they have left it.
     */
    int sinkTurn(int sink, int windowPosition, int stride) {
      int frame =
          frameOf[sink] == SINK_FRAME && slotOf[sink] == SINK_FRAME
              ? windowPosition / stride
              : Math.max(frameOf[sink], windowPosition / stride - 1);
      return (frame - sinkFrame[sink]) * stride;
    }

    /** The first rows are sinks from now on; those that are new lie at the positions of a frame. */
    void keepSinks(KvShape shape, int count, int ofFrame) {
      int dim = shape.headDim();
      for (int sink = sinks; sink < count; sink++) {
        sinkFrame[sink] = ofFrame;
        for (int layer = 0; layer < keys.length; layer++) {
          for (int head = 0; head < shape.kvHeads(); head++) {
            MemorySegment.copy(
                keys[layer],
                ValueLayout.JAVA_FLOAT,
                shape.offsetBytes(head, sink),
                sinkKeys[layer],
                (sink * shape.kvHeads() + head) * dim,
                dim);
          }
        }
      }
      if (sinks == 0) {
        sinkPosition = 0;
      }
      sinks = count;
    }

    void restoreSinks(KvShape shape, int layer) {
      int dim = shape.headDim();
      for (int sink = 0; sink < sinks; sink++) {
        for (int head = 0; head < shape.kvHeads(); head++) {
          MemorySegment.copy(
              sinkKeys[layer],
              (sink * shape.kvHeads() + head) * dim,
              keys[layer],
              ValueLayout.JAVA_FLOAT,
              shape.offsetBytes(head, sink),
              dim);
        }
      }
    }
  }
}
