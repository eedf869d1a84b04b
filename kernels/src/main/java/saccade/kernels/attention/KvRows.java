package saccade.kernels.attention;

import java.lang.foreign.MemorySegment;

/**
 * Hot path. Moves of rows within a cache of keys or values, to fill the holes of evicted tokens.
 */
public final class KvRows {
  private KvRows() {}

  /**
   * Copies rows to another place in every head; the source rows keep their bytes unless the ranges
   * overlap, which is allowed.
   *
   * @param cache keys or values in the given shape; changed in place
   * @param shape shape of the cache
   * @param fromRow first row to copy
   * @param toRow first row to overwrite
   * @param count rows to copy, 0 allowed
   * @throws IllegalArgumentException when rows or cache do not fit the shape
   */
  public static void move(MemorySegment cache, KvShape shape, int fromRow, int toRow, int count) {
    shape.requireCache(cache.byteSize());
    shape.requireRows(fromRow, count);
    shape.requireRows(toRow, count);
    if (fromRow == toRow || count == 0) {
      return;
    }
    long bytes = count * shape.rowBytes();
    for (int head = 0; head < shape.kvHeads(); head++) {
      MemorySegment.copy(
          cache, shape.offsetBytes(head, fromRow), cache, shape.offsetBytes(head, toRow), bytes);
    }
  }
}
