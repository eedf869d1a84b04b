package saccade.perception.kv;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import saccade.perception.kv.KvOptions.Storage;

/**
 * Hot path after construction. What a stream's cache held at one moment: kept aside to go on from
 * there later (a stream that is parked, a long description that goes on behind newer sets) while
 * the stream itself runs on. A quarter of the bytes where it is kept as {@link Storage#INT8}, for
 * an error of half a step; the sinks are exact.
 *
 * <p>{@link #fork} does without keeping: another cache of the same model goes on from here. Neither
 * sees the other's later rows.
 */
public final class KvSnapshot {
  private final Storage storage;
  private final KvCache like;
  private final int[][] tables; // (slices, 2 x capacity) frame and slot of each row
  private final boolean[][] guarded; // (slices, capacity)
  private final int[][] sinkFrames; // (slices, sinks)
  private final float[][][] sinkKeys; // (slices, layers, sinks x kvHeads x headDim)
  private final int[] lengths; // (slices)
  private final int[] sinks; // (slices)
  private final int[] sinkPositions; // (slices)
  private final float[][][] floats; // (slices, 2 x layers, rows x kvHeads x headDim)
  private final Int8Rows[][] bytes; // (slices, 2 x layers)
  private int frame;
  private boolean taken;

  /** Room for what a cache of this shape can hold; nothing is kept yet. */
  public KvSnapshot(KvCache like, Storage storage) {
    this.like = like;
    this.storage = storage;
    int slices = like.slices();
    int capacity = like.capacity();
    tables = new int[slices][2 * capacity];
    guarded = new boolean[slices][capacity];
    sinkFrames = new int[slices][like.sinkRows()];
    sinkKeys = new float[slices][][];
    lengths = new int[slices];
    sinks = new int[slices];
    sinkPositions = new int[slices];
    floats = new float[slices][][];
    bytes = new Int8Rows[slices][];
    for (int s = 0; s < slices; s++) {
      int tensors = 2 * like.layers(s);
      sinkKeys[s] = new float[like.layers(s)][like.slices[s].sinkKeys[0].length];
      floats[s] =
          storage == Storage.FLOAT32
              ? new float[tensors][(int) (like.shape.bytes() / Float.BYTES)]
              : new float[0][];
      bytes[s] = new Int8Rows[storage == Storage.INT8 ? tensors : 0];
      for (int t = 0; t < bytes[s].length; t++) {
        bytes[s][t] = new Int8Rows(like.shape, capacity);
      }
    }
  }

  /**
   * Keeps what a cache holds now; what was kept before is lost.
   *
   * @return false when a number is not finite and 8 bit were asked for: nothing is kept then
   * @throws IllegalArgumentException when the cache is of another shape
   */
  public boolean take(KvCache cache) {
    requireLike(cache);
    taken = false;
    for (int s = 0; s < lengths.length; s++) {
      KvCache.Slice slice = cache.slices[s];
      for (int t = 0; t < 2 * slice.keys.length; t++) {
        MemorySegment rows = tensor(slice, t);
        if (storage == Storage.INT8) {
          if (!bytes[s][t].pack(rows, 0, slice.length)) {
            return false;
          }
        } else {
          copy(rows, floats[s][t], slice.length, true);
        }
      }
      for (int layer = 0; layer < slice.keys.length; layer++) {
        System.arraycopy(
            slice.sinkKeys[layer], 0, sinkKeys[s][layer], 0, sinkKeys[s][layer].length);
      }
      System.arraycopy(slice.frameOf, 0, tables[s], 0, slice.length);
      System.arraycopy(slice.slotOf, 0, tables[s], cache.capacity(), slice.length);
      System.arraycopy(slice.guarded, 0, guarded[s], 0, slice.length);
      System.arraycopy(slice.sinkFrame, 0, sinkFrames[s], 0, sinkFrames[s].length);
      lengths[s] = slice.length;
      sinks[s] = slice.sinks;
      sinkPositions[s] = slice.sinkPosition;
    }
    frame = cache.frame;
    taken = true;
    return true;
  }

  /**
   * Puts what was kept into a cache, whose own rows are lost; it keeps it as well. Votes of earlier
   * prompts are not kept.
   *
   * @throws IllegalStateException when nothing is kept
   */
  public void restore(KvCache cache) {
    requireLike(cache);
    if (!taken) {
      throw new IllegalStateException("KV snapshot: expected one that was taken, found none");
    }
    cache.clear();
    for (int s = 0; s < lengths.length; s++) {
      KvCache.Slice slice = cache.slices[s];
      for (int t = 0; t < 2 * slice.keys.length; t++) {
        MemorySegment rows = tensor(slice, t);
        if (storage == Storage.INT8) {
          bytes[s][t].unpack(rows, 0);
        } else {
          copy(rows, floats[s][t], lengths[s], false);
        }
      }
      for (int layer = 0; layer < slice.keys.length; layer++) {
        System.arraycopy(
            sinkKeys[s][layer], 0, slice.sinkKeys[layer], 0, sinkKeys[s][layer].length);
      }
      System.arraycopy(tables[s], 0, slice.frameOf, 0, lengths[s]);
      System.arraycopy(tables[s], cache.capacity(), slice.slotOf, 0, lengths[s]);
      System.arraycopy(guarded[s], 0, slice.guarded, 0, lengths[s]);
      System.arraycopy(sinkFrames[s], 0, slice.sinkFrame, 0, sinkFrames[s].length);
      slice.length = lengths[s];
      slice.sinks = sinks[s];
      slice.sinkPosition = -1; // to be placed exactly, whatever was rounded
    }
    cache.frame = frame;
    cache.placeSinksAgain();
  }

  /**
   * Another cache goes on from what this one holds now.
   *
   * @throws IllegalArgumentException when the caches differ in shape
   */
  public static void fork(KvCache from, KvCache to) {
    if (!from.shape.equals(to.shape) || from.slices() != to.slices() || from == to) {
      throw new IllegalArgumentException(
          "fork: wanted another cache of " + from.shape + ", found " + to.shape);
    }
    to.clear();
    for (int s = 0; s < from.slices(); s++) {
      KvCache.Slice a = from.slices[s];
      KvCache.Slice b = to.slices[s];
      if (a.sinkFrame.length != b.sinkFrame.length) {
        throw new IllegalArgumentException(
            "fork: wanted a cache with %d sink rows, found %d"
                .formatted(a.sinkFrame.length, b.sinkFrame.length));
      }
      for (int t = 0; t < 2 * a.keys.length; t++) {
        for (int head = 0; head < from.shape.kvHeads(); head++) {
          long at = from.shape.offsetBytes(head, 0);
          MemorySegment.copy(tensor(a, t), at, tensor(b, t), at, a.length * from.shape.rowBytes());
        }
      }
      for (int layer = 0; layer < a.keys.length; layer++) {
        System.arraycopy(a.sinkKeys[layer], 0, b.sinkKeys[layer], 0, a.sinkKeys[layer].length);
      }
      System.arraycopy(a.frameOf, 0, b.frameOf, 0, a.length);
      System.arraycopy(a.slotOf, 0, b.slotOf, 0, a.length);
      System.arraycopy(a.guarded, 0, b.guarded, 0, a.length);
      System.arraycopy(a.sinkFrame, 0, b.sinkFrame, 0, a.sinkFrame.length);
      b.length = a.length;
      b.sinks = a.sinks;
      b.sinkPosition = a.sinkPosition;
    }
    to.frame = from.frame;
  }

  /** Bytes that the rows kept take, ranges and sinks included; 0 when nothing is kept. */
  public long bytes() {
    long sum = 0;
    for (int s = 0; taken && s < lengths.length; s++) {
      int tensors = 2 * sinkKeys[s].length;
      sum +=
          tensors
              * (storage == Storage.INT8
                  ? Int8Rows.bytes(like.shape, lengths[s])
                  : (long) lengths[s] * like.shape.kvHeads() * like.shape.rowBytes());
      sum += (long) sinkKeys[s].length * sinkKeys[s][0].length * Float.BYTES;
    }
    return sum;
  }

  private static MemorySegment tensor(KvCache.Slice slice, int index) {
    int layers = slice.keys.length;
    return index < layers ? slice.keys[index] : slice.values[index - layers];
  }

  private void copy(MemorySegment rows, float[] packed, int count, boolean out) {
    int floatsOfHead = count * like.shape.headDim();
    for (int head = 0; head < like.shape.kvHeads(); head++) {
      long at = like.shape.offsetBytes(head, 0);
      if (out) {
        MemorySegment.copy(
            rows, ValueLayout.JAVA_FLOAT, at, packed, head * floatsOfHead, floatsOfHead);
      } else {
        MemorySegment.copy(
            packed, head * floatsOfHead, rows, ValueLayout.JAVA_FLOAT, at, floatsOfHead);
      }
    }
  }

  private void requireLike(KvCache cache) {
    if (!cache.shape.equals(like.shape)
        || cache.slices() != lengths.length
        || cache.sinkRows() != like.sinkRows()) {
      throw new IllegalArgumentException(
          "KV snapshot: wanted a cache of " + like.shape + ", found " + cache.shape);
    }
  }
}
