package saccade.perception.decode;

import ai.onnxruntime.OnnxTensor;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.function.IntPredicate;
import saccade.perception.engine.LoadedModel;
import saccade.perception.engine.SliceRunner;
import saccade.perception.engine.TensorStore;
import saccade.perception.kv.KvCache;
import saccade.perception.model.ModelPackage;

/**
 * Hot path. The decoder of one stream, slice by slice: rows of tokens go in at slice 0, each slice
 * appends keys and values in place, and after any slice a head can turn one row into logits. All
 * tensors are made at construction, one set for each possible number of rows. One thread at a time.
 *
 * <pre>
 *   hidden 0 (rows, hidden) -> slice 0 -> hidden 1 -> slice 1 -> hidden 2 -> slice 2 -> hidden 3
 *                                          | head 0               | head 1               | head 2
 * </pre>
 */
public final class Decoder {

  private final LoadedModel loaded;
  private final KvCache cache;
  private final int hidden;
  private final MemorySegment[] states; // (slices + 1) x (maxRows, hidden)
  private final MemorySegment positions; // (maxRows) int64
  private final MemorySegment[] lastRow; // slices x (1) int32, rows - 1 after the run
  private final MemorySegment[] totalRows; // slices x scalar int32
  private final SliceRunner[][] runners; // (slices, maxRows)
  private final SliceRunner[] heads; // (slices)
  private final MemorySegment headInput; // (hidden)
  private final MemorySegment logits; // (vocabulary)
  private final int[] slots; // (maxRows)
  private final MemorySegment[] queries; // slices x (maxRows, heads x headDim), or none
  private final MemorySegment[] keys; // slices x (maxRows, kvHeads x headDim), or none
  private final MemorySegment asideStates; // (maxRows, hidden)
  private final int[] asideSlots; // (maxRows)
  private int skipped = -1; // slice that is left out
  private final int[] taken; // (maxRows) slots whose rows are taken over from the set before
  private int takenCount;

  /**
   * Makes all tensors.
   *
   * @param maxRows most rows of one run
   */
  public Decoder(LoadedModel loaded, KvCache cache, TensorStore store, int maxRows) {
    this(loaded, cache, store, maxRows, slice -> false);
  }

  /**
   * As the other constructor.
   *
   * @param tapped slices whose last layer's queries and keys are put out
   */
  public Decoder(
      LoadedModel loaded, KvCache cache, TensorStore store, int maxRows, IntPredicate tapped) {
    ModelPackage model = loaded.model();
    this.loaded = loaded;
    this.cache = cache;
    this.hidden = model.decoder().hidden();
    int slices = cache.slices();
    this.states = new MemorySegment[slices + 1];
    for (int i = 0; i <= slices; i++) {
      states[i] = store.floats((long) maxRows * hidden);
    }
    this.positions = store.longs(maxRows);
    this.lastRow = new MemorySegment[slices];
    this.totalRows = new MemorySegment[slices];
    this.runners = new SliceRunner[slices][maxRows + 1];
    this.slots = new int[maxRows];
    this.asideStates = store.floats((long) maxRows * hidden);
    this.asideSlots = new int[maxRows];
    this.taken = new int[maxRows];
    OnnxTensor[] positionTensors = new OnnxTensor[maxRows + 1];
    OnnxTensor[][] stateTensors = new OnnxTensor[slices + 1][maxRows + 1];
    for (int rows = 1; rows <= maxRows; rows++) {
      positionTensors[rows] = store.longTensor(positions, 1, rows);
      for (int i = 0; i <= slices; i++) {
        stateTensors[i][rows] = store.floatTensor(states[i], 1, rows, hidden);
      }
    }
    this.queries = new MemorySegment[slices];
    this.keys = new MemorySegment[slices];
    Arrays.fill(queries, MemorySegment.NULL);
    Arrays.fill(keys, MemorySegment.NULL);
    this.heads = new SliceRunner[slices];
    this.headInput = store.floats(hidden);
    this.logits = store.floats(model.vocabulary().size());
    OnnxTensor headIn = store.floatTensor(headInput, 1, 1, hidden);
    OnnxTensor headOut = store.floatTensor(logits, 1, 1, model.vocabulary().size());
    for (int slice = 0; slice < slices; slice++) {
      lastRow[slice] = store.ints(1);
      totalRows[slice] = store.ints(1);
      OnnxTensor last = store.intTensor(lastRow[slice], 1);
      OnnxTensor total = store.intTensor(totalRows[slice]);
      String graph = "decoder_" + slice + ".onnx";
      LoadedModel.Tap tap = tapped.test(slice) ? loaded.queriesAndKeys(slice) : null;
      int keyFloats = model.decoder().kvHeads() * model.decoder().headDim();
      if (tap != null) {
        graph = tap.graph();
        queries[slice] = store.floats((long) maxRows * hidden);
        keys[slice] = store.floats((long) maxRows * keyFloats);
      }
      for (int rows = 1; rows <= maxRows; rows++) {
        Map<String, OnnxTensor> in = new LinkedHashMap<>();
        Map<String, OnnxTensor> out = new LinkedHashMap<>();
        in.put("hidden", stateTensors[slice][rows]);
        in.put("seqlens_k", last);
        in.put("total_sequence_length", total);
        in.put("position_ids", positionTensors[rows]);
        out.put("hidden_out", stateTensors[slice + 1][rows]);
        for (int i = 0; i < cache.layers(slice); i++) {
          int layer = cache.firstLayer(slice) + i;
          // The same tensor in and out: keys and values are appended in place.
          in.put("past_key_values." + layer + ".key", cache.keyTensor(slice, i));
          in.put("past_key_values." + layer + ".value", cache.valueTensor(slice, i));
          out.put("present." + layer + ".key", cache.keyTensor(slice, i));
          out.put("present." + layer + ".value", cache.valueTensor(slice, i));
        }
        if (tap != null) {
          out.put(tap.outputs().get(0), store.floatTensor(queries[slice], 1, rows, (long) hidden));
          out.put(tap.outputs().get(1), store.floatTensor(keys[slice], 1, rows, (long) keyFloats));
        }
        runners[slice][rows] = loaded.runner(graph, store, in, out);
      }
      heads[slice] =
          loaded.runner(
              "head_" + slice + ".onnx",
              store,
              Map.of("hidden", headIn),
              Map.of("logits", headOut));
    }
  }

  /** Empties the cache and writes the sink into all slices. */
  public void reset() {
    cache.clear();
    loaded.embed(ModelPackage.SINK_ID, states[0], 0);
    positions.setAtIndex(ValueLayout.JAVA_LONG, 0, 0);
    for (int slice = 0; slice < cache.slices(); slice++) {
      if (slice == skipped) {
        MemorySegment.copy(states[slice], 0, states[slice + 1], 0, (long) hidden * Float.BYTES);
      } else {
        runSlice(slice, 1);
        cache.appendSink(slice);
      }
    }
  }

  /** Puts encoder output into row {@code row}: {@code hidden} floats from float {@code from}. */
  public void setRow(int row, int slot, MemorySegment tokens, long from) {
    MemorySegment.copy(
        tokens,
        from * Float.BYTES,
        states[0],
        (long) row * hidden * Float.BYTES,
        (long) hidden * Float.BYTES);
    place(row, slot);
  }

  /** Puts a text token into row {@code row}. */
  public void setRow(int row, int slot, int tokenId) {
    loaded.embed(tokenId, states[0], (long) row * hidden);
    place(row, slot);
  }

  /**
   * Leaves a slice of layers out from now on: rows pass it unchanged and it keeps none of them.
   * Call it before {@link #reset}.
   *
   * @param slice not the first one; negative: none
   */
  public void skip(int slice) {
    if (slice == 0 || slice >= runners.length) {
      throw new IllegalArgumentException(
          "skipped slice: expected 1..%d, found %d".formatted(runners.length - 1, slice));
    }
    skipped = slice;
  }

  /** A new set takes nothing over yet. */
  public void beginRows() {
    takenCount = 0;
  }

  /**
   * Takes the rows of a slot over from the set before, in every slice up to one, instead of running
   * the token; where that has them.
   *
   * @return false when it has not
   */
  public boolean takesOver(int slot, int lastSlice) {
    int last = lastSlice == skipped ? lastSlice - 1 : lastSlice;
    if (skipped >= 0 && skipped < last || !cache.canReuse(slot, last)) {
      return false;
    }
    taken[takenCount++] = slot;
    return true;
  }

  /** Rows taken over by the set. */
  public int takenRows() {
    return takenCount;
  }

  /** Puts the rows that are taken over into a slice; before the set's own rows are run there. */
  public void takeOver(int slice) {
    if (takenCount > 0 && slice != skipped) {
      cache.reuse(slice, taken, takenCount);
    }
  }

  /** Runs the first {@code rows} rows through one slice; slices in ascending order. */
  public void run(int slice, int rows) {
    if (slice == skipped) {
      MemorySegment.copy(
          states[slice], 0, states[slice + 1], 0, (long) rows * hidden * Float.BYTES);
      return;
    }
    cache.requireRoom(slice, rows);
    runSlice(slice, rows);
    cache.append(slice, slots, rows);
  }

  /** States of the rows after a slice, float32 (rows, hidden). */
  public MemorySegment states(int slice) {
    return states[slice + 1];
  }

  /** Slots of the rows of the set; only to be read. */
  public int[] slots() {
    return slots;
  }

  /** Queries of a tapped slice's last layer, before rotation, float32 (rows, heads x headDim). */
  public MemorySegment queries(int slice) {
    return queries[slice];
  }

  /** Keys of a tapped slice's last layer, before rotation, float32 (rows, kvHeads x headDim). */
  public MemorySegment keys(int slice) {
    return keys[slice];
  }

  /**
   * Leaves of the rows between a slice and the next only some, in their order; positions stay.
   *
   * @param rows how many there are
   * @param keep (rows) which stay
   * @return how many are left
   */
  public int thin(int slice, int rows, boolean[] keep) {
    int kept = 0;
    long bytes = (long) hidden * Float.BYTES;
    for (int row = 0; row < rows; row++) {
      if (keep[row]) {
        if (kept < row) {
          MemorySegment.copy(
              states[slice + 1], row * bytes, states[slice + 1], kept * bytes, bytes);
          slots[kept] = slots[row];
          positions.setAtIndex(
              ValueLayout.JAVA_LONG, kept, positions.getAtIndex(ValueLayout.JAVA_LONG, row));
        }
        kept++;
      }
    }
    return kept;
  }

  /** Takes back the newest rows of the slices up to one. */
  public void forgetRows(int lastSlice, int count) {
    for (int slice = 0; slice <= lastSlice; slice++) {
      if (slice != skipped) {
        cache.forgetText(slice, count);
      }
    }
  }

  /**
   * Keeps the first rows of the last run aside as they are after a slice, to go on with them later.
   *
   * @param at row among those kept aside
   */
  public void putAside(int slice, int rows, int at) {
    long bytes = (long) hidden * Float.BYTES;
    MemorySegment.copy(states[slice + 1], 0, asideStates, at * bytes, rows * bytes);
    System.arraycopy(slots, 0, asideSlots, at, rows);
  }

  /** The first rows are again those that were put aside after a slice. */
  public void takeBack(int slice, int rows) {
    MemorySegment.copy(asideStates, 0, states[slice + 1], 0, (long) rows * hidden * Float.BYTES);
    for (int row = 0; row < rows; row++) {
      place(row, asideSlots[row]);
    }
  }

  /**
   * Logits of one row after a slice.
   *
   * @param row row of the last run
   * @return (vocabulary) float32, overwritten by the next call; owned by the store
   */
  public MemorySegment logits(int slice, int row) {
    MemorySegment.copy(
        states[slice + 1],
        (long) row * hidden * Float.BYTES,
        headInput,
        0,
        (long) hidden * Float.BYTES);
    heads[slice].run();
    return logits;
  }

  /** Makes the rows before slice 0 not a number, so that tests can see what follows. */
  public void spoilInput() {
    states[0].fill((byte) 0xff);
  }

  private void place(int row, int slot) {
    slots[row] = slot;
    positions.setAtIndex(ValueLayout.JAVA_LONG, row, cache.position(slot));
  }

  private void runSlice(int slice, int rows) {
    int total = cache.rows(slice) + rows;
    lastRow[slice].set(ValueLayout.JAVA_INT, 0, total - 1);
    totalRows[slice].set(ValueLayout.JAVA_INT, 0, total);
    runners[slice][rows].run();
  }
}
