package saccade.kernels.attention;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.lang.foreign.MemorySegment;
import java.util.Random;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import org.junit.jupiter.api.Test;
import saccade.kernels.Allocation;
import saccade.kernels.Lanes;

class RotaryShiftTest {
  private static final KvShape NANO = new KvShape(2, 384, 32);

  @Test
  void shouldTurnByOneRadianAPositionInTheFirstPair() {
    // headDim 2 has one pair of frequency 1: (1, 0) turned by 1 is (cos 1, sin 1).
    KvShape shape = new KvShape(1, 1, 2);
    float[] key = {1, 0};
    var shift = new RotaryShift(new RotaryTable(8, 2, 10000), shape);
    shift.rotate(MemorySegment.ofArray(key), 0, 1, 1);
    assertArrayEquals(new float[] {0.5403023f, 0.84147098f}, key, 1e-6f);
    shift.rotate(MemorySegment.ofArray(key), 0, 1, -1);
    assertArrayEquals(new float[] {1, 0}, key, 1e-6f);
  }

  @Test
  void shouldHoldTheAnglesOfTheDefinition() {
    RotaryTable table = new RotaryTable(16384, 32, 10000);
    // Pair 8 of 16: theta^(-16/32) = 0.01; position 12345 -> 123.45 rad.
    assertEquals(Math.cos(123.45), table.cos(12345, 8), 1e-6);
    assertEquals(Math.sin(123.45), table.sin(12345, 8), 1e-6);
    assertEquals(1f, table.cos(0, 3));
    assertEquals(0f, table.sin(0, 3));
  }

  @Property(tries = 100)
  void shouldGiveTheKeyOfTheNewPositionAndLeaveOtherRowsAlone(
      @ForAll @IntRange(min = 1, max = 3) int heads,
      @ForAll @IntRange(min = 1, max = 40) int capacity,
      @ForAll @IntRange(min = 1, max = 37) int half,
      @ForAll @IntRange(min = 0, max = 500) int position,
      @ForAll @IntRange(min = -500, max = 500) int delta,
      @ForAll long seed) {
    int dim = 2 * half;
    KvShape shape = new KvShape(heads, capacity, dim);
    Random random = new Random(seed);
    int from = random.nextInt(capacity);
    int count = random.nextInt(capacity - from + 1);
    float[] raw = new float[heads * capacity * dim];
    for (int i = 0; i < raw.length; i++) {
      raw[i] = (float) random.nextGaussian();
    }
    float[] plain = at(raw, dim, position);
    float[] before = plain.clone();
    float[] best = plain.clone();
    RotaryTable table = new RotaryTable(501, dim, 10000);
    new RotaryShift(table, shape, Lanes.PLAIN)
        .rotate(MemorySegment.ofArray(plain), from, count, delta);
    new RotaryShift(table, shape, Lanes.quickest())
        .rotate(MemorySegment.ofArray(best), from, count, delta);
    assertArrayEquals(plain, best, 0f);
    float[] wanted = at(raw, dim, position + delta);
    for (int i = 0; i < raw.length; i++) {
      int row = i / dim % capacity;
      if (row >= from && row < from + count) {
        assertEquals(wanted[i], best[i], 5e-6, "row " + row);
      } else {
        assertEquals(before[i], best[i], "row " + row + " was not to change");
      }
    }
  }

  /** Oracle: each pair as a complex number times e^(i angle), in double. */
  private static float[] at(float[] raw, int dim, int position) {
    float[] out = raw.clone();
    int half = dim / 2;
    for (int row = 0; row < raw.length; row += dim) {
      for (int i = 0; i < half; i++) {
        double angle = position / Math.pow(10000, 2.0 * i / dim);
        double a = raw[row + i];
        double b = raw[row + half + i];
        out[row + i] = (float) (a * Math.cos(angle) - b * Math.sin(angle));
        out[row + half + i] = (float) (a * Math.sin(angle) + b * Math.cos(angle));
      }
    }
    return out;
  }

  @Test
  void shouldAllocateNothing() {
    var shift = new RotaryShift(new RotaryTable(512, 32, 10000), NANO);
    float[] keys = new float[2 * 384 * 32];
    keys[383 * 32] = 1;
    MemorySegment segment = MemorySegment.ofArray(keys);
    int[] turns = new int[1];
    Allocation.assertNone(
        500,
        () -> {
          shift.rotate(segment, 0, 384, 3);
          turns[0]++;
        });
    shift.rotate(segment, 383, 1, 1);
    double angle = Math.atan2(keys[383 * 32 + 16], keys[383 * 32]);
    double wanted = Math.IEEEremainder(3.0 * turns[0] + 1, 2 * Math.PI);
    assertEquals(0, Math.IEEEremainder(angle - wanted, 2 * Math.PI), 0.02);
  }

  @Test
  void shouldSayWantedAndFound() {
    RotaryTable table = new RotaryTable(100, 32, 10000);
    MemorySegment keys = MemorySegment.ofArray(new float[2 * 384 * 32]);
    var shift = new RotaryShift(table, NANO);
    assertMessage(
        "wanted |delta| < 100 positions, found -100", () -> shift.rotate(keys, 0, 1, -100));
    assertMessage("found 2 rows from row 383", () -> shift.rotate(keys, 383, 2, 1));
    assertMessage("wanted >= 98304 B", () -> shift.rotate(keys.asSlice(4), 0, 2, 1));
    assertMessage("found 32", () -> new RotaryShift(table, new KvShape(2, 384, 64)));
    assertMessage("even headDim", () -> new KvShape(2, 384, 31));
    assertMessage("even headDim", () -> new RotaryTable(10, 31, 10000));
  }

  private static void assertMessage(String wanted, Runnable call) {
    var error = assertThrows(IllegalArgumentException.class, call::run);
    assertTrue(error.getMessage().contains(wanted), error.getMessage());
  }
}
