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

  /**
   * Packs chosen rows of every head together, in their order; runs of neighbours move at once.
   *
   * @param cache keys or values in the given shape; changed in place
   * @param shape shape of the cache
   * @param rows rows to keep, ascending, each once; the first {@code count} entries
   * @param count rows to keep, 0 allowed
   * @param toRow where the first of them goes, not behind it
   * @throws IllegalArgumentException when rows do not ascend, do not fit the shape, or would move
   *     up
   */
  public static void pack(MemorySegment cache, KvShape shape, int[] rows, int count, int toRow) {
    shape.requireCache(cache.byteSize());
    shape.requireRows(toRow, count);
    if (count > rows.length) {
      throw new IllegalArgumentException(
          "KV pack: wanted " + count + " rows to keep, found " + rows.length);
    }
    int before = toRow - 1;
    for (int i = 0; i < count; i++) {
      if (rows[i] <= before || rows[i] < toRow + i) {
        throw new IllegalArgumentException(
            "KV pack to row "
                + toRow
                + ": wanted ascending rows that move down, found row "
                + rows[i]
                + " at place "
                + i);
      }
      before = rows[i];
    }
    if (count > 0) {
      shape.requireRows(rows[count - 1], 1);
    }
    int i = 0;
    while (i < count) {
      int run = 1;
      while (i + run < count && rows[i + run] == rows[i] + run) {
        run++;
      }
      move(cache, shape, rows[i], toRow + i, run);
      i += run;
    }
  }
}
