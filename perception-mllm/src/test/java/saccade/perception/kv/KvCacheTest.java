package saccade.perception.kv;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import saccade.perception.TestSets;
import saccade.perception.decode.Decoder;
import saccade.perception.engine.LoadedModel;
import saccade.perception.engine.TensorStore;
import saccade.perception.model.ModelPackage;

/** Cache and decoder together on random sensor tokens: what is computed, and what never grows. */
class KvCacheTest {

  private static final int SENSORS = TestSets.SENSORS;
  private static final int STRIDE = TestSets.model().positions().stride();
  private static final int CAPACITY = TestSets.model().decoder().kvCapacity();
  private static final int ONE_SHOT_ROWS = 3 * SENSORS + 1;
  private static ModelPackage model;
  private static LoadedModel loaded;

  @BeforeAll
  static void open() throws Exception {
    model = TestSets.model();
    loaded = LoadedModel.open(model);
  }

  @AfterAll
  static void close() {
    if (loaded != null) {
      loaded.close();
    }
  }

  /** A cache, a decoder and the sets that were fed to it. */
  private static final class Stream implements AutoCloseable {
    final TensorStore store = new TensorStore();
    final KvCache cache;
    final Decoder decoder;

    Stream(int maxPosition) {
      cache = new KvCache(model, store, KvOptions.shipped(model), maxPosition);
      decoder = new Decoder(loaded, cache, store, ONE_SHOT_ROWS);
      decoder.reset();
    }

    Stream() {
      this(model.decoder().maxPosition());
    }

    /** A set of random tokens and the prompt, through the first slices; logits of the prompt. */
    float[] set(long seed, double keep, int slices) {
      cache.beginSet();
      int rows = place(seed, keep, 0, 0);
      decoder.setRow(rows++, model.slots().act(), ModelPackage.ACT_ID);
      for (int slice = 0; slice < slices; slice++) {
        decoder.run(slice, rows);
      }
      float[] logits = copy(decoder.logits(slices - 1, rows - 1));
      cache.dropText();
      return logits;
    }

    /** Sensor tokens of a set that lies {@code back} sets before the newest one. */
    int place(long seed, double keep, int firstRow, int back) {
      Random random = new Random(seed);
      int hidden = model.decoder().hidden();
      MemorySegment token = Arena.ofAuto().allocate(4L * hidden, 64);
      int row = firstRow;
      for (int slot = 0; slot < model.slots().act(); slot++) {
        for (int i = 0; i < hidden; i++) {
          token.setAtIndex(ValueLayout.JAVA_FLOAT, i, (float) random.nextGaussian());
        }
        if (random.nextDouble() < keep) {
          decoder.setRow(row++, slot - back * model.positions().stride(), token, 0);
        }
      }
      return row;
    }

    @Override
    public void close() {
      store.close();
    }
  }

  @Test
  void shouldComputeTheSameInPiecesAsInOneRun() {
    try (Stream pieces = new Stream();
        Stream whole = new Stream()) {
      float[] expected = null;
      for (int t = 0; t < 3; t++) {
        expected = pieces.set(t, 0.7, 3);
        whole.cache.beginSet();
      }
      int rows = 0;
      for (int t = 0; t < 3; t++) {
        rows = whole.place(t, 0.7, rows, 2 - t);
      }
      whole.decoder.setRow(rows++, model.slots().act(), ModelPackage.ACT_ID);
      for (int slice = 0; slice < 3; slice++) {
        whole.decoder.run(slice, rows);
      }
      assertEquals(0, difference(expected, copy(whole.decoder.logits(2, rows - 1))), 1e-3);
    }
  }

  @Test
  void shouldNotCareAboutTheOrderOfPastRows() {
    try (Stream holes = new Stream();
        Stream sorted = new Stream()) {
      int shuffled = 0;
      for (int t = 0; t < 12; t++) {
        float[] a = holes.set(t, 0.6, 3);
        sorted.cache.sortRows();
        float[] b = sorted.set(t, 0.6, 3);
        assertEquals(0, difference(a, b), 1e-4, "set " + t);
        shuffled += holes.cache.isShuffled() ? 1 : 0;
      }
      assertTrue(shuffled >= 7, "rows were out of order in " + shuffled + " of 12 sets");
    }
  }

  @Test
  void shouldKeepRowsFlatAndForgetWhatLeftTheWindow() {
    try (Stream old = new Stream()) {
      for (int t = 0; t < 2000; t++) {
        old.cache.beginSet();
        int rows = SENSORS;
        int[] slots = new int[rows];
        for (int slot = 0; slot < rows; slot++) {
          slots[slot] = slot;
        }
        for (int slice = 0; slice < 3; slice++) {
          old.cache.append(slice, slots, rows);
          assertEquals(1 + SENSORS * Math.min(4, t + 1), old.cache.rows(slice), "set " + t);
        }
        old.cache.dropText();
      }
      assertEquals(3 * (2000 - 4) * SENSORS, old.cache.evictedRows());
      assertTrue(old.cache.rebases() > 10, "rebases " + old.cache.rebases());
      assertTrue(old.cache.position(STRIDE - 1) < model.decoder().maxPosition());
      assertEquals(6L * 2 * 2 * CAPACITY * 32 * 4, old.cache.bytes());
    }
  }

  @Test
  void shouldAnswerAlikeOnAnOldAndOnAFreshStreamOnceTheWindowIsFull() {
    // The lowest layers see only the window: a fresh stream fed the last sets has the same rows.
    try (Stream old = new Stream();
        Stream fresh = new Stream()) {
      for (int t = 0; t < 300; t++) {
        old.set(t, 0.2, 1);
      }
      for (int t = 300 - 2 * 4; t < 300; t++) {
        fresh.set(t, 0.2, 1);
      }
      // Two layers: rows of set t depend on sets back to t - 3, so 8 fresh sets are enough.
      assertEquals(0, difference(old.set(300, 0.2, 1), fresh.set(300, 0.2, 1)), 1e-3);
    }
  }

  @Test
  void shouldChangeNothingByRebasing() {
    try (Stream rebased = new Stream(6 * STRIDE);
        Stream plain = new Stream()) {
      for (int t = 0; t < 20; t++) {
        assertEquals(0, difference(rebased.set(t, 0.6, 3), plain.set(t, 0.6, 3)), 1e-3, "set " + t);
      }
      assertTrue(rebased.cache.rebases() >= 5, "rebases " + rebased.cache.rebases());
      assertEquals(0, plain.cache.rebases());
    }
  }

  @Test
  void shouldKeepNoRowsAboveAnEarlyExit() {
    try (Stream stream = new Stream()) {
      stream.set(0, 1, 3);
      stream.set(1, 1, 2);
      assertEquals(1 + 2 * SENSORS, stream.cache.rows(0));
      assertEquals(1 + 2 * SENSORS, stream.cache.rows(1));
      assertEquals(1 + SENSORS, stream.cache.rows(2));
      stream.set(2, 1, 3);
      stream.set(3, 1, 1);
      stream.set(4, 1, 3);
      assertEquals(1 + 4 * SENSORS, stream.cache.rows(0));
      assertEquals(1 + 3 * SENSORS, stream.cache.rows(1), "sets 1, 2 and 4");
      assertEquals(1 + 2 * SENSORS, stream.cache.rows(2), "sets 2 and 4");
    }
  }

  @Test
  void shouldMoveTheRightRowsForAnyPatternOfSets() {
    Random random = new Random(5);
    try (TensorStore store = new TensorStore()) {
      KvCache cache = new KvCache(model, store, KvOptions.shipped(model), 20 * STRIDE);
      for (int slice = 0; slice < 3; slice++) {
        cache.appendSink(slice);
      }
      List<List<Integer>> expected =
          List.of(new ArrayList<>(), new ArrayList<>(), new ArrayList<>());
      for (int t = 0; t < 200; t++) {
        cache.beginSet();
        int set = t;
        int slices = 1 + random.nextInt(3);
        int[] slots =
            random
                .ints(0, SENSORS + 20)
                .distinct()
                .limit(random.nextInt(SENSORS + 4))
                .sorted()
                .toArray();
        for (int slice = 0; slice < 3; slice++) {
          expected.get(slice).removeIf(token -> token / 1000 <= set - 4);
          if (slice < slices) {
            int first = cache.rows(slice);
            cache.append(slice, slots, slots.length);
            for (int i = 0; i < slots.length; i++) {
              mark(cache, slice, first + i, t * 1000 + slots[i]);
              if (slots[i] < SENSORS) {
                expected.get(slice).add(t * 1000 + slots[i]);
              }
            }
          }
        }
        cache.dropText();
        for (int slice = 0; slice < 3; slice++) {
          assertEquals(expected.get(slice), marks(cache, slice), "set " + t + " slice " + slice);
        }
      }
      assertTrue(cache.rebases() > 5);
    }
  }

  @Test
  void shouldDropEveryRowOfABrokenSet() {
    try (Stream stream = new Stream()) {
      stream.set(0, 1, 3);
      stream.cache.beginSet();
      int rows = stream.place(1, 1, 0, 0);
      stream.decoder.run(0, rows);
      stream.cache.dropSet();
      assertEquals(1 + SENSORS, stream.cache.rows(0));
    }
  }

  @Test
  void shouldTakeBackTextButNoSensorRows() {
    try (TensorStore store = new TensorStore()) {
      KvCache cache = new KvCache(model, store);
      cache.appendSink(0);
      cache.beginSet();
      cache.append(0, new int[] {0, 1, SENSORS, SENSORS + 1, SENSORS + 2}, 5);
      cache.forgetText(0, 2);
      assertEquals(1 + 3, cache.rows(0));
      IllegalStateException e =
          assertThrows(IllegalStateException.class, () -> cache.forgetText(0, 2));
      assertTrue(e.getMessage().contains("expected 2 text rows"), e.getMessage());
    }
  }

  @Test
  void shouldRefuseRowsBeyondItsCapacity() {
    try (TensorStore store = new TensorStore()) {
      KvCache cache = new KvCache(model, store);
      cache.beginSet();
      IllegalStateException e =
          assertThrows(
              IllegalStateException.class,
              () -> cache.append(0, new int[CAPACITY + 1], CAPACITY + 1));
      assertTrue(
          e.getMessage()
              .contains("room for %d rows, found 0 of %d".formatted(CAPACITY + 1, CAPACITY)),
          e.getMessage());
    }
  }

  /** Writes a token's name into the values of all heads and layers of a row. */
  private static void mark(KvCache cache, int slice, int row, int token) {
    for (int layer = 0; layer < cache.layers(slice); layer++) {
      for (int head = 0; head < 2; head++) {
        cache
            .values(slice, layer)
            .setAtIndex(ValueLayout.JAVA_FLOAT, ((long) head * CAPACITY + row) * 32 + 31, token);
      }
    }
  }

  /** Names of the tokens in a slice in order of age; table and memory must agree. */
  private static List<Integer> marks(KvCache cache, int slice) {
    List<Integer> tokens = new ArrayList<>();
    for (int row = 1; row < cache.rows(slice); row++) {
      int mark = -1;
      for (int layer = 0; layer < cache.layers(slice); layer++) {
        for (int head = 0; head < 2; head++) {
          long index = ((long) head * CAPACITY + row) * 32 + 31;
          int found = (int) cache.values(slice, layer).getAtIndex(ValueLayout.JAVA_FLOAT, index);
          assertTrue(mark == -1 || mark == found, "heads and layers moved apart");
          mark = found;
        }
      }
      assertEquals(mark % 1000, cache.slotOf(slice, row));
      tokens.add(mark);
    }
    tokens.sort(null);
    return tokens;
  }

  private static float[] copy(MemorySegment logits) {
    return logits.toArray(ValueLayout.JAVA_FLOAT);
  }

  private static double difference(float[] a, float[] b) {
    double most = 0;
    for (int i = 0; i < a.length; i++) {
      most = Math.max(most, Math.abs(a[i] - b[i]));
    }
    return a.length == b.length ? most : Double.POSITIVE_INFINITY;
  }
}
