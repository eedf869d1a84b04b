package saccade.kernels.attention;

/**
 * Shape of one layer's keys or values: f32 [kvHeads, capacity, headDim], row-major, native order.
 *
 * @param kvHeads heads of keys and values
 * @param capacity rows of a head
 * @param headDim floats of a row
 */
public record KvShape(int kvHeads, int capacity, int headDim) {
  public KvShape {
    if (kvHeads <= 0 || capacity <= 0 || headDim <= 0 || headDim % 2 != 0) {
      throw new IllegalArgumentException(
          "KV shape: wanted heads and capacity > 0 and an even headDim > 0, found ["
              + kvHeads
              + ", "
              + capacity
              + ", "
              + headDim
              + "]");
    }
  }

  /** Bytes of one row of one head. */
  public long rowBytes() {
    return (long) headDim * Float.BYTES;
  }

  /** Bytes of the whole cache. */
  public long bytes() {
    return (long) kvHeads * capacity * rowBytes();
  }

  /** Offset of a row in bytes; nothing checked. */
  public long offsetBytes(int head, int row) {
    return ((long) head * capacity + row) * rowBytes();
  }

  void requireCache(long foundBytes) {
    if (foundBytes < bytes()) {
      throw new IllegalArgumentException(
          "KV cache: wanted >= " + bytes() + " B for " + this + ", found " + foundBytes + " B");
    }
  }

  void requireRows(int from, int count) {
    if (from < 0 || count < 0 || (long) from + count > capacity) {
      throw new IllegalArgumentException(
          "KV rows: wanted rows within 0.."
              + capacity
              + ", found "
              + count
              + " rows from row "
              + from);
    }
  }
}
