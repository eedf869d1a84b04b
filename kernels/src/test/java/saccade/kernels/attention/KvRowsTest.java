package saccade.kernels.attention;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.Random;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import org.junit.jupiter.api.Test;
import saccade.kernels.Allocation;

class KvRowsTest {
  @Test
  void shouldFillTheHoleInEveryHead() {
    // Two heads of three rows of two floats; row 2 moves to row 0.
    float[] cache = {1, 2, 3, 4, 5, 6, /* head 1 */ 10, 20, 30, 40, 50, 60};
    KvRows.move(MemorySegment.ofArray(cache), new KvShape(2, 3, 2), 2, 0, 1);
    assertArrayEquals(new float[] {5, 6, 3, 4, 5, 6, 50, 60, 30, 40, 50, 60}, cache);
  }

  @Property(tries = 200)
  void shouldEqualARowByRowCopyAlsoWhenRangesOverlap(
      @ForAll @IntRange(min = 1, max = 3) int heads,
      @ForAll @IntRange(min = 1, max = 30) int capacity,
      @ForAll long seed) {
    Random random = new Random(seed);
    KvShape shape = new KvShape(heads, capacity, 6);
    int count = random.nextInt(capacity + 1);
    int from = random.nextInt(capacity - count + 1);
    int to = random.nextInt(capacity - count + 1);
    float[] cache = new float[heads * capacity * 6];
    for (int i = 0; i < cache.length; i++) {
      cache[i] = i;
    }
    float[] wanted = cache.clone();
    for (int head = 0; head < heads; head++) {
      for (int row = 0; row < count; row++) {
        for (int i = 0; i < 6; i++) {
          wanted[(head * capacity + to + row) * 6 + i] =
              cache[(head * capacity + from + row) * 6 + i];
        }
      }
    }
    KvRows.move(MemorySegment.ofArray(cache), shape, from, to, count);
    assertArrayEquals(wanted, cache);
  }

  @Test
  void shouldRefuseRowsOutsideTheCache() {
    MemorySegment cache = MemorySegment.ofArray(new float[12]);
    KvShape shape = new KvShape(2, 3, 2);
    assertThrows(IllegalArgumentException.class, () -> KvRows.move(cache, shape, 2, 0, 2));
    assertThrows(IllegalArgumentException.class, () -> KvRows.move(cache, shape, 0, -1, 1));
    assertThrows(IllegalArgumentException.class, () -> KvRows.move(cache, shape, 0, 1, -1));
    assertThrows(
        IllegalArgumentException.class, () -> KvRows.move(cache, new KvShape(2, 4, 2), 0, 1, 1));
  }

  @Test
  void shouldAllocateNothing() {
    KvShape shape = new KvShape(2, 384, 32);
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment cache = arena.allocate(shape.bytes());
      cache.set(ValueLayout.JAVA_FLOAT, shape.offsetBytes(1, 200), 7f);
      Allocation.assertNone(5_000, () -> KvRows.move(cache, shape, 180, 20, 80));
      assertEquals(7f, cache.get(ValueLayout.JAVA_FLOAT, shape.offsetBytes(1, 40)));
    }
  }

  @Property(tries = 200)
  void shouldPackChosenRowsAsACopyOneByOneWould(
      @ForAll @IntRange(min = 1, max = 3) int heads,
      @ForAll @IntRange(min = 1, max = 30) int capacity,
      @ForAll long seed) {
    Random random = new Random(seed);
    KvShape shape = new KvShape(heads, capacity, 4);
    int[] rows = random.ints(0, capacity).limit(capacity).distinct().sorted().toArray();
    int toRow = random.nextInt(rows[0] + 1);
    float[] cache = new float[heads * capacity * 4];
    for (int i = 0; i < cache.length; i++) {
      cache[i] = i;
    }
    float[] before = cache.clone();
    KvRows.pack(MemorySegment.ofArray(cache), shape, rows, rows.length, toRow);
    for (int head = 0; head < heads; head++) {
      for (int row = 0; row < capacity; row++) {
        int from = row < toRow || row >= toRow + rows.length ? row : rows[row - toRow];
        for (int i = 0; i < 4; i++) {
          assertEquals(
              before[(head * capacity + from) * 4 + i], cache[(head * capacity + row) * 4 + i]);
        }
      }
    }
  }

  @Test
  void shouldRefuseToPackRowsThatDoNotAscendOrMoveUp() {
    MemorySegment cache = MemorySegment.ofArray(new float[24]);
    KvShape shape = new KvShape(2, 3, 4);
    assertThrows(
        IllegalArgumentException.class, () -> KvRows.pack(cache, shape, new int[] {2, 1}, 2, 0));
    assertThrows(
        IllegalArgumentException.class, () -> KvRows.pack(cache, shape, new int[] {0}, 1, 1));
    assertThrows(
        IllegalArgumentException.class, () -> KvRows.pack(cache, shape, new int[] {0, 3}, 2, 0));
    assertThrows(
        IllegalArgumentException.class, () -> KvRows.pack(cache, shape, new int[] {0}, 2, 0));
  }
}
