package saccade.perception.engine;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import ai.onnxruntime.OnnxTensorLike;
import ai.onnxruntime.OrtEnvironment;
import ai.onnxruntime.OrtSession;
import com.sun.management.ThreadMXBean;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.lang.management.ManagementFactory;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import saccade.perception.TestSets;
import saccade.perception.engine.EngineOptions.Call;
import saccade.perception.kv.KvCache;
import saccade.perception.model.ModelPackage;

/** The direct call beside the Java API's: same bits, no garbage, and a named way back. */
class DirectCallsTest {

  private static final int RUNS = 2000;
  private static ModelPackage model;
  private static LoadedModel direct;
  private static LoadedModel jni;

  @BeforeAll
  static void open() {
    model = TestSets.model();
    direct = LoadedModel.open(model);
    jni = LoadedModel.open(model, EngineOptions.DEFAULT.withCall(Call.JNI));
  }

  @AfterAll
  static void close() {
    direct.close();
    jni.close();
  }

  /** The head of the first exit on seeded numbers. */
  private static final class Head implements AutoCloseable {
    final TensorStore store = new TensorStore();
    final int hidden = model.decoder().hidden();
    final MemorySegment in = store.floats(hidden);
    final MemorySegment out = store.floats(model.vocabulary().size());
    final SliceRunner runner;

    Head(LoadedModel loaded) {
      runner =
          loaded.runner(
              "head_0.onnx",
              store,
              Map.of("hidden", store.floatTensor(in, 1, 1, hidden)),
              Map.of("logits", store.floatTensor(out, 1, 1, model.vocabulary().size())));
    }

    float[] run(long seed) {
      Random random = new Random(seed);
      for (int i = 0; i < hidden; i++) {
        in.setAtIndex(ValueLayout.JAVA_FLOAT, i, (float) random.nextGaussian());
      }
      runner.run();
      return out.toArray(ValueLayout.JAVA_FLOAT);
    }

    @Override
    public void close() {
      store.close();
    }
  }

  /** A decoder slice with keys and values updated in place: one row after another. */
  private static float[] threeRows(LoadedModel loaded) {
    try (TensorStore store = new TensorStore()) {
      KvCache cache = new KvCache(model, store);
      saccade.perception.decode.Decoder decoder =
          new saccade.perception.decode.Decoder(loaded, cache, store, 3);
      decoder.reset();
      cache.beginSet();
      for (int row = 0; row < 3; row++) {
        decoder.setRow(row, model.slots().act() + row, 1 + row);
      }
      for (int slice = 0; slice < model.decoder().slices(); slice++) {
        decoder.run(slice, 3);
      }
      return decoder
          .logits(model.decoder().slices() - 1, 2)
          .toArray(ValueLayout.JAVA_FLOAT)
          .clone();
    }
  }

  @Test
  void shouldBeUsedWithTheShippedRuntimeAndGiveTheSameBits() {
    assertEquals("", DirectCalls.missing());
    assertEquals("direct calls", direct.call());
    assertEquals("calls through JNI (configured)", jni.call());
    try (Head a = new Head(direct);
        Head b = new Head(jni)) {
      for (int seed = 0; seed < 5; seed++) {
        assertArrayEquals(a.run(seed), b.run(seed));
      }
    }
    assertArrayEquals(threeRows(direct), threeRows(jni));
  }

  @Test
  void shouldAllocateNothingInARun() {
    ThreadMXBean threads = (ThreadMXBean) ManagementFactory.getThreadMXBean();
    try (Head head = new Head(direct)) {
      for (int i = 0; i < RUNS; i++) {
        head.runner.run();
      }
      long before = threads.getCurrentThreadAllocatedBytes();
      for (int i = 0; i < RUNS; i++) {
        head.runner.run();
      }
      long bytes = threads.getCurrentThreadAllocatedBytes() - before;
      // The JIT may book a few hundred bytes to any thread; one object a run would be 32 kB.
      assertTrue(bytes < 4096, "allocated " + bytes + " B in " + RUNS + " runs");
    }
  }

  @Test
  void shouldSayWhatTheRuntimeSaysWhenARunFails() {
    try (TensorStore store = new TensorStore()) {
      int hidden = model.decoder().hidden();
      MemorySegment memory = store.floats(2L * hidden + model.vocabulary().size());
      SliceRunner twoRows =
          direct.runner(
              "head_0.onnx",
              store,
              Map.of("hidden", store.floatTensor(memory, 1, 2, hidden)),
              Map.of("logits", store.floatTensor(memory, 1, 1, model.vocabulary().size())));
      EngineException e = assertThrows(EngineException.class, twoRows::run);
      assertTrue(
          e.getMessage().startsWith("head_0.onnx: ONNX Runtime failed: Got invalid dimensions"),
          e.getMessage());
      assertThrows(EngineException.class, twoRows::run, "the first status was freed");
    }
  }

  @Test
  void shouldStopWhenToldAndRunAgainAfterwards() {
    for (LoadedModel loaded : List.of(direct, jni)) {
      try (Head head = new Head(loaded)) {
        float[] before = head.run(3);
        head.store.stopRuns(true);
        EngineException e = assertThrows(EngineException.class, () -> head.run(4));
        assertTrue(e.getMessage().contains("terminate flag"), e.getMessage());
        head.store.stopRuns(false);
        assertArrayEquals(before, head.run(3));
      }
    }
  }

  @Test
  void shouldRefuseToRunWhatIsClosed() {
    LoadedModel gone = LoadedModel.open(model);
    Head ofAModel = new Head(gone);
    gone.close();
    assertEquals(
        "head_0.onnx: found a closed model",
        assertThrows(EngineException.class, ofAModel.runner::run).getMessage());
    ofAModel.close();
    Head ofAStream = new Head(direct);
    ofAStream.close();
    assertEquals(
        "head_0.onnx: found a closed stream",
        assertThrows(EngineException.class, ofAStream.runner::run).getMessage());
  }

  @Test
  void shouldNameWhatIsNotAsExpected() throws Exception {
    Class<?> runtime = Class.forName("ai.onnxruntime.OnnxRuntime");
    String version = OrtEnvironment.getEnvironment().getVersion();
    List<Class<?>> handles = List.of(OrtSession.class, OnnxTensorLike.class);
    assertEquals("", DirectCalls.missing(version, runtime, handles));
    assertEquals(
        "found ONNX Runtime 2.0.0, tested with [1.29.]",
        DirectCalls.missing("2.0.0", runtime, handles));
    assertEquals(
        "found no field String.ortApiHandle", DirectCalls.missing(version, String.class, handles));
    assertEquals(
        "found OtherLayout.nativeHandle of type Object, wanted long",
        DirectCalls.missing(version, runtime, List.of(OrtSession.class, OtherLayout.class)));
    assertEquals(
        "found no function table, wanted an initialised ONNX Runtime",
        DirectCalls.missing(version, NotInitialised.class, List.of()));
  }

  private static final class OtherLayout {
    Object nativeHandle;
  }

  private static final class NotInitialised {
    static long ortApiHandle;
  }
}
