package saccade.perception;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.sun.management.ThreadMXBean;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.lang.management.ManagementFactory;
import java.util.Arrays;
import java.util.Objects;
import java.util.Random;
import org.junit.jupiter.api.Test;
import saccade.kernels.geometry.Rig;
import saccade.perception.engine.TensorStore;
import saccade.perception.kv.KvCache;
import saccade.perception.model.ModelPackage;
import saccade.perception.model.TestDescription;
import saccade.perception.sparsify.CameraSight;
import saccade.perception.sparsify.DecoderPruner;
import saccade.perception.sparsify.DecoderRows;
import saccade.perception.sparsify.PixelVariance;
import saccade.perception.sparsify.Sparsifier;
import saccade.perception.sparsify.TokenPolicy;
import saccade.perception.tokens.Grammar;
import saccade.perception.tokens.TokenChoice;

/** All that a set does on the hot path outside ONNX Runtime's own calls makes no garbage at all. */
class HotPathAllocationTest {

  private static final int CYCLES = 10_000;

  private final ModelPackage model = TestDescription.sixCameras();
  private final int sensors = model.slots().act();
  private final ThreadMXBean threads = (ThreadMXBean) ManagementFactory.getThreadMXBean();

  @Test
  void shouldAllocateNothingInCacheGrammarChoiceSparsifierAndCost() {
    try (TensorStore store = new TensorStore()) {
      Path path = new Path(new KvCache(model, store));
      for (int i = 0; i < CYCLES; i++) {
        path.cycle();
      }
      long evictedBefore = path.cache.evictedRows();
      long rebasesBefore = path.cache.rebases();
      long before = threads.getCurrentThreadAllocatedBytes();
      for (int i = 0; i < CYCLES; i++) {
        path.cycle();
      }
      long bytes = threads.getCurrentThreadAllocatedBytes() - before;
      assertEquals(
          3L * sensors * CYCLES, path.cache.evictedRows() - evictedBefore, "work was done");
      assertTrue(path.cache.rebases() - rebasesBefore > 50, "rebases happened");
      assertTrue(path.spoken >= 2L * CYCLES * 6, "facts were chosen");
      assertTrue(path.kept == 2L * CYCLES * 14, "tokens were kept");
      // The JIT may book a few hundred bytes to any thread; a single object a cycle would be 160
      // kB.
      assertTrue(bytes < 4096, "allocated " + bytes + " B in " + CYCLES + " sets");
    }
  }

  @Test
  void shouldAllocateNothingInAnySparsifier() {
    CameraSight sight = new CameraSight(0, 4, 7, 2, model.decoder().hidden());
    Random random = new Random(3);
    MemorySegment patches = noise(random, 1792 * 48);
    MemorySegment encoded = noise(random, 28 * model.decoder().hidden());
    MemorySegment attention = noise(random, 4 * 112 * 112);
    boolean[] keep = new boolean[28];
    boolean[] guard = new boolean[28];
    for (String name : TokenPolicy.SPARSIFIERS) {
      Sparsifier sparsifier =
          TokenPolicy.parse("vts+" + name + "@0.25").sparsifier(model, Rig.sixCamera());
      long kept = 0;
      long before = 0;
      int cycles = 400;
      for (int i = -cycles; i < cycles; i++) {
        before = i == 0 ? threads.getCurrentThreadAllocatedBytes() : before;
        sight.show(patches, encoded, attention, guard, 0.01);
        kept += sparsifier.encodes(sight) ? 1 : 0;
        kept += sparsifier.select(sight, 10, keep);
      }
      long bytes = threads.getCurrentThreadAllocatedBytes() - before;
      assertTrue(kept > 7L * 2 * cycles, name);
      assertTrue(bytes < 2048, name + " allocated " + bytes + " B in " + cycles + " sets");
    }
  }

  @Test
  void shouldAllocateNothingInAnyPruner() {
    int rows = sensors + 1 + 5; // with a drafted action
    int hidden = model.decoder().hidden();
    int keyFloats = model.decoder().kvHeads() * model.decoder().headDim();
    Random random = new Random(4);
    MemorySegment states = noise(random, rows * hidden);
    MemorySegment queries = noise(random, rows * hidden);
    MemorySegment keys = noise(random, rows * keyFloats);
    DecoderRows seen = new DecoderRows(model, rows);
    int[] slots = new int[rows];
    boolean[] guarded = new boolean[rows];
    boolean[] keep = new boolean[rows];
    Arrays.setAll(slots, i -> i);
    for (String name : TokenPolicy.PRUNERS) {
      DecoderPruner pruner = Objects.requireNonNull(TokenPolicy.parse(name).pruner(model));
      int cycles = 30;
      long before = 0;
      for (int i = -cycles; i < cycles; i++) {
        before = i == 0 ? threads.getCurrentThreadAllocatedBytes() : before;
        seen.show(rows, slots, guarded, states, queries, keys);
        for (int row = 0; row < rows; row++) {
          keep[row] = !seen.isVisual(row);
        }
        assertTrue(pruner.choose(seen, 0, 0, 40, keep), name);
      }
      long bytes = threads.getCurrentThreadAllocatedBytes() - before;
      assertTrue(bytes < 2048, name + " allocated " + bytes + " B in " + cycles + " sets");
    }
  }

  private static MemorySegment noise(Random random, int floats) {
    MemorySegment memory = Arena.ofAuto().allocate(4L * floats, 64);
    for (int i = 0; i < floats; i++) {
      memory.setAtIndex(ValueLayout.JAVA_FLOAT, i, random.nextFloat());
    }
    return memory;
  }

  /** One set without its ONNX calls. */
  private final class Path {
    final KvCache cache;
    final Grammar grammar = new Grammar(model);
    final TokenChoice choice = new TokenChoice();
    final CameraSight sight = new CameraSight(0, 4, 7, 2, model.decoder().hidden());
    final MemorySegment encoded = Arena.ofAuto().allocate(28L * model.decoder().hidden() * 4, 64);
    final Sparsifier sparsifier = PixelVariance.share(model.camera(), 0.5);
    final SliceCost cost = new SliceCost(0.9);
    final MemorySegment patches = Arena.ofAuto().allocate(1792L * 48 * 4, 64);
    final MemorySegment logits = Arena.ofAuto().allocate(512 * 4L, 64);
    final boolean[] guard = new boolean[28];
    final boolean[] keep = new boolean[28];
    final int[] slots = new int[sensors + 1];
    final int[] text = {sensors + 1, sensors + 2};
    final int[] ids = new int[model.grammar().size()];
    long spoken;
    long kept;
    int turn;

    Path(KvCache cache) {
      this.cache = cache;
      for (int slice = 0; slice < 3; slice++) {
        cache.appendSink(slice);
      }
      for (int slot = 0; slot < slots.length; slot++) {
        slots[slot] = slot;
      }
    }

    void cycle() {
      turn++;
      logits.setAtIndex(ValueLayout.JAVA_FLOAT, turn * 7 % 512, turn % 100);
      patches.setAtIndex(ValueLayout.JAVA_FLOAT, turn * 31 % 86016, turn % 10);
      cache.beginSet();
      sight.show(patches, encoded, MemorySegment.NULL, guard, 0);
      kept += sparsifier.select(sight, 28, keep);
      for (int slice = 0; slice < 3; slice++) {
        cache.append(slice, slots, slots.length);
        cache.append(slice, text, 2);
      }
      Arrays.fill(ids, Grammar.NOT_SPOKEN);
      int fact = grammar.nextFact(0, ids);
      while (fact < grammar.facts()) {
        if (choice.pick(logits, grammar.allowedFact(fact))) {
          ids[fact] = choice.id();
          spoken++;
        }
        fact = grammar.nextFact(fact + 1, ids);
      }
      cache.dropText();
      cost.add(turn);
    }
  }
}
