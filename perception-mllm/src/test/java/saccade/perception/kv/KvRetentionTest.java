package saccade.perception.kv;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.sun.management.ThreadMXBean;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.lang.management.ManagementFactory;
import java.util.List;
import java.util.Random;
import java.util.TreeSet;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import org.junit.jupiter.api.Test;
import saccade.kernels.attention.KvShape;
import saccade.kernels.attention.RotaryTable;
import saccade.perception.engine.TensorStore;
import saccade.perception.kv.KvOptions.Storage;
import saccade.perception.model.ModelPackage;
import saccade.perception.model.TestDescription;

/** The cache under each policy: what stays in memory, gauges, forks, and broken numbers. */
class KvRetentionTest {
  private static final ModelPackage MODEL = TestDescription.sixCameras();
  private static final int CAPACITY = MODEL.decoder().kvCapacity();
  private static final int ACT = MODEL.slots().act();
  private static final int HIDDEN = MODEL.decoder().hidden();
  private static final List<KvPolicy> POLICIES =
      List.of(
          new StreamingVlm(4, 0),
          new StreamingVlm(3, 6),
          new StreamingLlm(4, 400, 12),
          new InfMllm(150, 100, 12, 3, 0.001f),
          new LookM(0.2, 0.1, 12, 2),
          ByteCap.of(new StreamingVlm(12, 0), 1 << 20, KvCache.bytesPerRow(MODEL), 231));

  private static KvCache cache(TensorStore store, KvPolicy policy) {
    return new KvCache(MODEL, store, KvOptions.of(policy), 20 * MODEL.positions().stride());
  }

  /** Feeds a set with random slots; every row's value names its token. */
  private static int[] set(KvCache cache, Random random, int number, int slices) {
    cache.beginSet();
    int[] slots =
        random.ints(0, ACT + 20).distinct().limit(10 + random.nextInt(90)).sorted().toArray();
    for (int slot : slots) {
      if (slot % 17 == 0 && slot < ACT) {
        cache.guard(slot);
      }
    }
    for (int slice = 0; slice < slices; slice++) {
      int first = cache.rows(slice);
      for (int i = 0; i < slots.length; i++) {
        for (int layer = 0; layer < cache.layers(slice); layer++) {
          fill(cache.keys(slice, layer), first + i, random.nextFloat());
          fill(cache.values(slice, layer), first + i, number * 1000 + slots[i]);
        }
      }
      cache.append(slice, slots, slots.length);
    }
    return slots;
  }

  private static void fill(MemorySegment rows, int row, float value) {
    for (int head = 0; head < 2; head++) {
      for (int d = 0; d < 32; d++) {
        rows.setAtIndex(ValueLayout.JAVA_FLOAT, ((long) head * CAPACITY + row) * 32 + d, value);
      }
    }
  }

  private static float value(KvCache cache, int slice, int row) {
    return cache.values(slice, 0).getAtIndex(ValueLayout.JAVA_FLOAT, row * 32L);
  }

  @Property(tries = 24)
  void shouldNeverDropSinksOrGuardedRowsNorRunFullNorMixRowsUp(
      @ForAll @IntRange(max = 5) int which, @ForAll long seed) {
    KvPolicy policy = POLICIES.get(which);
    Random random = new Random(seed);
    try (TensorStore store = new TensorStore()) {
      KvCache cache = cache(store, policy);
      for (int slice = 0; slice < 3; slice++) {
        fill(cache.values(slice, 0), 0, -1);
        cache.appendSink(slice);
      }
      TreeSet<Integer> guarded = new TreeSet<>(); // set x 1000 + slot
      for (int number = 0; number < 40; number++) {
        int set = number;
        for (int slot : set(cache, random, number, 3)) {
          if (slot % 17 == 0 && slot < ACT) {
            guarded.add(number * 1000 + slot);
          }
        }
        boolean cap = policy instanceof ByteCap;
        guarded.removeIf(name -> name / 1000 <= set - policy.mostSets());
        cache.dropText();
        for (int slice = 0; slice < 3; slice++) {
          assertEquals(-1, value(cache, slice, 0), "the sink's row");
          assertTrue(cache.rows(slice) <= CAPACITY);
          if (cap) {
            assertTrue(cache.rows(slice) <= ((ByteCap) policy).mostRows());
          }
          TreeSet<Integer> found = new TreeSet<>();
          for (int row = 1; row < cache.rows(slice); row++) {
            int slot = cache.slotOf(slice, row);
            int age = cache.frame() - cache.frameOf(slice, row);
            int name = (number - age) * 1000 + slot;
            assertTrue(found.add(name), "token " + name + " lies in two rows");
            if (!policy.merges()) { // merged values are averages
              assertEquals(name, value(cache, slice, row), "table and memory");
            }
            assertTrue(slot < ACT || policy.textSets() > 0 || row < policy.sinkRows(), "text");
          }
          if (!cap) {
            assertTrue(found.containsAll(guarded), "guarded rows were dropped");
          }
        }
      }
      assertTrue(cache.evictedRows() > 0);
      assertEquals(policy.merges(), cache.mergedRows() > 0);
      assertTrue(cache.rebases() > 0);
      assertEquals(0, cache.overflowRows());
    }
  }

  @Test
  void shouldDropTheOldestRowsOfAPolicyThatKeepsTooMuch() {
    try (TensorStore store = new TensorStore()) {
      KvCache cache = new KvCache(MODEL, store, KvOptions.of(new StreamingVlm(60, 0)));
      int[] slots = new int[ACT];
      for (int slot = 0; slot < ACT; slot++) {
        slots[slot] = slot;
      }
      cache.appendSink(0);
      for (int set = 0; set < 20; set++) {
        cache.beginSet();
        cache.append(0, slots, ACT);
      }
      assertTrue(cache.rows(0) <= CAPACITY, "rows " + cache.rows(0));
      assertTrue(cache.overflowRows() > 0);
    }
  }

  @Test
  void shouldRefuseAPolicyOfMoreSetsThanPositions() {
    try (TensorStore store = new TensorStore()) {
      IllegalArgumentException e =
          assertThrows(
              IllegalArgumentException.class,
              () -> new KvCache(MODEL, store, KvOptions.of(new StreamingVlm(80, 0))));
      assertTrue(e.getMessage().contains("80 visible sets"), e.getMessage());
    }
  }

  // ---- attention ----

  @Test
  void shouldWeighRowsAsSoftmaxOfTurnedQueriesOnKeys() {
    // Two kv heads, four query heads. Keys are e0 in every row but row 2, which is 2 e0; queries e0
    // at position 0, so that logits are 1 / sqrt(2) and 2 / sqrt(2).
    KvShape shape = new KvShape(2, 4, 2);
    AttentionScore score = new AttentionScore(new RotaryTable(16, 2, 10000), shape);
    float[] rows = new float[2 * 4 * 2];
    for (int i = 0; i < 8; i++) {
      rows[2 * i] = i % 4 == 2 ? 2 : 1;
    }
    float[] queries = {1, 0, 1, 0, 1, 0, 1, 0};
    float[] weights = new float[4];
    assertTrue(score.weigh(segment(queries), 0, 4, 0, segment(rows), 3, weights));
    double big = Math.exp(2 / Math.sqrt(2));
    double small = Math.exp(1 / Math.sqrt(2));
    assertEquals(small / (2 * small + big), weights[0], 1e-6);
    assertEquals(big / (2 * small + big), weights[2], 1e-6);
    queries[3] = Float.NaN;
    assertFalse(score.weigh(segment(queries), 0, 4, 0, segment(rows), 3, weights));
    assertEquals(1, AttentionScore.evenness(new float[] {0.25f, 0.25f, 0.25f, 0.25f}, 4), 1e-6);
    assertEquals(0, AttentionScore.evenness(new float[] {1, 0, 0}, 3), 1e-6);
  }

  @Test
  void shouldCountAVoteThatIsNotFiniteAndGoOnWithoutIt() {
    try (TensorStore store = new TensorStore()) {
      KvCache cache = cache(store, new InfMllm(4, 2, 12, 2, 0));
      cache.appendSink(0);
      float[] queries = new float[192];
      int[] slots = {0, 1, 2, 3, 4, 5, 6, 7};
      for (int set = 0; set < 4; set++) {
        cache.beginSet();
        cache.append(0, slots, 8);
        queries[7] = set % 2 == 0 ? Float.POSITIVE_INFINITY : 1;
        assertEquals(set % 2 == 1, cache.look(0, segment(queries), 0, 6, ACT));
        assertEquals(1 + 8 + Math.min(set, 1) * 6, cache.rows(0), "set " + set);
      }
      assertEquals(2, cache.degraded());
      float[] bySlot = new float[ACT];
      double evenness = cache.attentionBySlot(0, bySlot);
      assertEquals(1, evenness, 1e-6, "all keys are 0, so it looks everywhere alike");
      assertEquals(1f / 15, bySlot[3], 1e-6);
    }
  }

  // ---- merge ----

  @Test
  void shouldMergeADroppedRowIntoTheMostSimilarKey() {
    // Keys e0 and e1 stay, 3 e0 goes: K_0 <- (e0 + (3 e0 + e0) / 2) / 2 = 1.5 e0; V likewise:
    // (10 + (30 + 10) / 2) / 2 = 15. Positions 0: nothing is turned.
    KvShape shape = new KvShape(1, 4, 2);
    RowMerge merge = new RowMerge(new RotaryTable(16, 2, 10000), shape);
    MemorySegment keys = segment(1, 0, 0, 1, 3, 0, 0, 0);
    MemorySegment values = segment(10, 0, 20, 0, 30, 0, 0, 0);
    boolean[] keep = {true, true, false, false};
    assertEquals(1, merge.merge(keys, values, 3, keep, new boolean[4], new int[4]));
    assertArrayEquals(
        new float[] {1.5f, 0, 0, 1, 3, 0, 0, 0}, keys.toArray(ValueLayout.JAVA_FLOAT), 1e-6f);
    assertArrayEquals(
        new float[] {15, 0, 20, 0, 30, 0, 0, 0}, values.toArray(ValueLayout.JAVA_FLOAT), 1e-6f);
  }

  @Test
  void shouldMergeKeysByWhatTheyAreAndNotByWhereTheyLie() {
    // The row that goes is the pivot's own key a quarter turn on: without rotation they are equal.
    KvShape shape = new KvShape(1, 2, 2);
    RowMerge merge = new RowMerge(new RotaryTable(16, 2, 10000), shape);
    float c = (float) Math.cos(3);
    float s = (float) Math.sin(3);
    MemorySegment keys = segment(1, 0, c, s);
    MemorySegment values = segment(4, 0, 4, 0);
    merge.merge(keys, values, 2, new boolean[] {true, false}, new boolean[2], new int[] {0, 3});
    assertEquals(1, keys.getAtIndex(ValueLayout.JAVA_FLOAT, 0), 1e-6);
    assertEquals(0, keys.getAtIndex(ValueLayout.JAVA_FLOAT, 1), 1e-6);
    assertEquals(4, values.getAtIndex(ValueLayout.JAVA_FLOAT, 0), 1e-6);
  }

  // ---- reuse ----

  @Test
  void shouldTakeRowsOverFromTheSetBeforeTurnedByASet() {
    try (TensorStore store = new TensorStore()) {
      KvCache cache = cache(store, new StreamingVlm(4, 0));
      cache.appendSink(0);
      set(cache, new Random(1), 0, 1);
      cache.dropText();
      int slot = cache.slotOf(0, 3);
      cache.beginSet();
      assertTrue(cache.canReuse(slot, 0));
      assertFalse(cache.canReuse(slot, 1), "slice 1 has no rows");
      int row = cache.rows(0);
      cache.reuse(0, new int[] {slot}, 1);
      assertEquals(row + 1, cache.rows(0));
      assertEquals(1, cache.frameOf(0, row));
      assertEquals(value(cache, 0, 3), value(cache, 0, row));
      // The fastest pair turns by one radian a position: by 256 from set to set.
      float a = cache.keys(0, 0).getAtIndex(ValueLayout.JAVA_FLOAT, 3 * 32L);
      float b = cache.keys(0, 0).getAtIndex(ValueLayout.JAVA_FLOAT, 3 * 32L + 16);
      assertEquals(
          a * Math.cos(256) - b * Math.sin(256),
          cache.keys(0, 0).getAtIndex(ValueLayout.JAVA_FLOAT, row * 32L),
          1e-4);
      assertEquals(1, cache.reusedRows());
      assertThrows(IllegalStateException.class, () -> cache.reuse(0, new int[] {ACT - 1}, 1));
    }
  }

  // ---- int8 ----

  @Property(tries = 30)
  void shouldRoundByAtMostHalfAStep(
      @ForAll long seed, @ForAll @IntRange(min = 1, max = 40) int rows) {
    KvShape shape = new KvShape(2, 64, 4);
    Random random = new Random(seed);
    float[] data = new float[2 * 64 * 4];
    for (int i = 0; i < data.length; i++) {
      data[i] = (float) random.nextGaussian() * (1 + i % 4);
    }
    MemorySegment cache = segment(data.clone());
    Int8Rows packed = new Int8Rows(shape, 40);
    assertTrue(packed.pack(cache, 3, rows));
    packed.unpack(cache, 3);
    for (int head = 0; head < 2; head++) {
      for (int d = 0; d < 4; d++) {
        float low = Float.POSITIVE_INFINITY;
        float high = Float.NEGATIVE_INFINITY;
        for (int r = 3; r < 3 + rows; r++) {
          low = Math.min(low, data[(head * 64 + r) * 4 + d]);
          high = Math.max(high, data[(head * 64 + r) * 4 + d]);
        }
        for (int r = 0; r < 64; r++) {
          int at = (head * 64 + r) * 4 + d;
          boolean inside = r >= 3 && r < 3 + rows;
          assertEquals(
              data[at],
              cache.getAtIndex(ValueLayout.JAVA_FLOAT, at),
              inside ? (high - low) / 509 + 1e-6 : 0);
        }
      }
    }
  }

  @Test
  void shouldPackTheCardsExample() {
    // b = 8, nothing clipped: of 0, 1, 2.55 the codes are 0, 100, 255; back: the same to 1e-6.
    KvShape shape = new KvShape(1, 3, 2);
    MemorySegment cache = segment(0, 5, 1, 5, 2.55f, 5);
    Int8Rows packed = new Int8Rows(shape, 3);
    assertTrue(packed.pack(cache, 0, 3));
    packed.unpack(cache, 0);
    assertEquals(1, cache.getAtIndex(ValueLayout.JAVA_FLOAT, 2), 1e-6);
    assertEquals(5, cache.getAtIndex(ValueLayout.JAVA_FLOAT, 3), 1e-6, "a constant channel");
    cache.setAtIndex(ValueLayout.JAVA_FLOAT, 2, Float.NaN);
    assertFalse(packed.pack(cache, 0, 3));
    assertEquals(0, packed.count());
  }

  // ---- forks and isolation ----

  @Test
  void shouldGoOnAloneAfterAFork() {
    try (TensorStore store = new TensorStore()) {
      KvCache stream = cache(store, new StreamingVlm(4, 0));
      KvCache branch = cache(store, new StreamingVlm(4, 0));
      Random random = new Random(3);
      for (int slice = 0; slice < 3; slice++) {
        stream.appendSink(slice);
      }
      for (int number = 0; number < 7; number++) {
        set(stream, random, number, 3);
        stream.dropText();
      }
      KvSnapshot exact = new KvSnapshot(stream, Storage.FLOAT32);
      KvSnapshot small = new KvSnapshot(stream, Storage.INT8);
      assertThrows(IllegalStateException.class, () -> exact.restore(branch));
      assertTrue(exact.take(stream));
      assertTrue(small.take(stream));
      KvSnapshot.fork(stream, branch);
      assertSame(stream, branch, 0);
      set(stream, random, 7, 3); // the stream goes on; the branch does not see it
      int rows = branch.rows(2);
      stream.beginSet();
      assertEquals(rows, branch.rows(2));
      exact.restore(stream);
      assertSame(branch, stream, 0);
      small.restore(stream);
      assertSame(branch, stream, 7000.0 / 509);
      assertTrue(
          small.bytes() < 0.3 * exact.bytes(), small.bytes() + " of " + exact.bytes() + " B");
    }
  }

  private static void assertSame(KvCache a, KvCache b, double error) {
    assertEquals(a.rows(), b.rows());
    assertEquals(a.frame(), b.frame());
    for (int slice = 0; slice < 3; slice++) {
      for (int row = 0; row < a.rows(slice); row++) {
        assertEquals(a.slotOf(slice, row), b.slotOf(slice, row));
        assertEquals(a.frameOf(slice, row), b.frameOf(slice, row));
        assertEquals(value(a, slice, row), value(b, slice, row), error);
        assertEquals(
            a.keys(slice, 0).getAtIndex(ValueLayout.JAVA_FLOAT, row * 32L + 5),
            b.keys(slice, 0).getAtIndex(ValueLayout.JAVA_FLOAT, row * 32L + 5),
            error == 0 ? 1e-6 : 0.01);
      }
    }
  }

  @Test
  void shouldRoundTheRowsOfEndedSetsAndSayWhatTheyTake() {
    try (TensorStore store = new TensorStore()) {
      KvCache cache = new KvCache(MODEL, store, KvOptions.shipped(MODEL).withStorage(Storage.INT8));
      cache.appendSink(0);
      set(cache, new Random(4), 3, 1);
      int row = cache.rows(0) / 2;
      float before = value(cache, 0, row);
      cache.dropText();
      assertEquals(before, value(cache, 0, row), 231.0 / 509);
      assertTrue(cache.usedBytes() < 0.3 * cache.rows() * KvCache.bytesPerRow(MODEL) / 3 + 4096);
      assertEquals(0, cache.degraded());
      set(cache, new Random(4), 4, 1);
      for (int r = 1; r < cache.rows(0); r++) {
        fill(cache.keys(0, 1), r, Float.NaN);
      }
      cache.dropText();
      assertEquals(1, cache.degraded());
    }
  }

  // ---- hot path ----

  @Test
  void shouldAllocateNothing() {
    ThreadMXBean threads = (ThreadMXBean) ManagementFactory.getThreadMXBean();
    int[] slots = new int[60];
    for (int i = 0; i < slots.length; i++) {
      slots[i] = 3 * i;
    }
    int[] last = {slots[59]};
    MemorySegment queries = Arena.ofAuto().allocate(4L * HIDDEN, 64);
    for (KvPolicy policy : POLICIES) {
      try (TensorStore store = new TensorStore()) {
        KvCache cache = cache(store, policy);
        cache.appendSink(0);
        KvSnapshot snapshot = new KvSnapshot(cache, Storage.INT8);
        long before = 0;
        int sets = policy.merges() ? 200 : 2000;
        for (int set = 0; set < 2 * sets; set++) {
          if (set == sets) {
            before = threads.getCurrentThreadAllocatedBytes();
          }
          cache.beginSet();
          int taken = cache.canReuse(last[0], 0) ? 1 : 0;
          cache.reuse(0, last, taken);
          cache.append(0, slots, slots.length - taken);
          if (cache.wantsAttention()) {
            cache.look(0, queries, 0, 6, ACT);
          }
          cache.dropText();
          if (set % 50 == 0) {
            snapshot.take(cache);
            snapshot.restore(cache);
          }
        }
        long bytes = threads.getCurrentThreadAllocatedBytes() - before;
        // The JIT may book some hundred bytes to any thread; one object a set would be 3 kB.
        assertTrue(bytes < 4096, policy.name() + " allocated " + bytes + " B");
        assertTrue(cache.evictedRows() > 0, policy.name() + " did nothing");
        assertTrue(cache.reusedRows() > 0, policy.name() + " reused nothing");
      }
    }
  }

  private static MemorySegment segment(float... values) {
    MemorySegment copy = Arena.ofAuto().allocate(4L * values.length, 64);
    MemorySegment.copy(values, 0, copy, ValueLayout.JAVA_FLOAT, 0, values.length);
    return copy;
  }
}
