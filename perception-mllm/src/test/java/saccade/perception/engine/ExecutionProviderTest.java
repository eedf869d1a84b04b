package saccade.perception.engine;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import ai.onnxruntime.OrtEnvironment;
import ai.onnxruntime.OrtProvider;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import saccade.perception.TestSets;
import saccade.perception.engine.EngineOptions.Call;
import saccade.perception.model.ModelPackage;

/** What is asked for, what is there, and how the difference is told. */
class ExecutionProviderTest {

  @TempDir Path dir;

  @Test
  void shouldFallBackTowardsTheCpu() {
    assertEquals(
        List.of(ExecutionProvider.TENSORRT, ExecutionProvider.CUDA, ExecutionProvider.CPU),
        ExecutionProvider.TENSORRT.chain());
    assertEquals(List.of(ExecutionProvider.CPU), ExecutionProvider.CPU.chain());
    assertEquals("TensorrtExecutionProvider", ExecutionProvider.TENSORRT.ortName());
    assertEquals("cuda", ExecutionProvider.CUDA.word());
  }

  @Test
  void shouldWriteSettingsInTheRuntimesKeys() {
    EngineOptions options =
        new EngineOptions(
            ExecutionProvider.TENSORRT, 2, 1, Path.of("/var/cache/saccade"), true, Call.DIRECT);
    assertEquals(Map.of(), options.settings(ExecutionProvider.CPU));
    assertEquals(
        Map.of("device_id", "1", "arena_extend_strategy", "kSameAsRequested"),
        options.settings(ExecutionProvider.CUDA));
    assertEquals(
        Map.of(
            "device_id", "1",
            "trt_fp16_enable", "1",
            "trt_engine_cache_enable", "1",
            "trt_engine_cache_path", "/var/cache/saccade",
            "trt_timing_cache_enable", "1",
            "trt_timing_cache_path", "/var/cache/saccade"),
        options.settings(ExecutionProvider.TENSORRT));
    assertEquals(
        Map.of("device_id", "0", "trt_fp16_enable", "0", "trt_engine_cache_enable", "0"),
        EngineOptions.DEFAULT.settings(ExecutionProvider.TENSORRT));
    assertThrows(
        IllegalArgumentException.class,
        () -> new EngineOptions(ExecutionProvider.CPU, 0, 0, null, false, Call.JNI));
  }

  @Test
  void shouldRunOnTheCpuAndSaySoWhereThereIsNoOther() {
    Assumptions.assumeFalse(
        OrtEnvironment.getAvailableProviders().contains(OrtProvider.CUDA),
        "this build of ONNX Runtime has CUDA");
    ModelPackage model = TestSets.model();
    try (LoadedModel loaded =
        LoadedModel.open(model, EngineOptions.DEFAULT.withProvider(ExecutionProvider.TENSORRT))) {
      assertEquals(loaded.placements().size(), loaded.fallbacks());
      GraphPlacement camera = loaded.placement("encoder_camera.onnx");
      assertTrue(camera.fellBack());
      assertEquals(ExecutionProvider.TENSORRT, camera.wanted());
      assertEquals(ExecutionProvider.CPU, camera.ran());
      String line = camera.line();
      assertTrue(line.startsWith("CPUExecutionProvider; not TensorrtExecutionProvider: "), line);
      assertTrue(line.contains("CUDAExecutionProvider: this build of ONNX Runtime has only"), line);
      int all = loaded.placements().size();
      String provider = loaded.provider();
      String fell = "CPUExecutionProvider (%d of %d graphs fell back".formatted(all, all);
      assertTrue(provider.startsWith(fell), provider);
    }
    try (LoadedModel loaded = LoadedModel.open(model)) {
      assertEquals(0, loaded.fallbacks());
      assertFalse(loaded.placement("head_0.onnx").fellBack());
      assertEquals("CPUExecutionProvider", loaded.provider());
      assertEquals("CPUExecutionProvider", loaded.placement("head_0.onnx").line());
    }
  }

  @Test
  void shouldCountWhichProviderRanEachOperator() throws Exception {
    Path packageDir = TestSets.model().dir();
    for (String graph : List.of("decoder_0.onnx", "encoder_camera.onnx")) {
      Map<String, Integer> nodes =
          NodeCensus.count(packageDir.resolve(graph), ExecutionProvider.CPU, EngineOptions.DEFAULT);
      assertEquals(1, nodes.size(), nodes.toString());
      assertTrue(nodes.get("CPUExecutionProvider") > 10, nodes.toString());
    }
  }

  @Test
  void shouldReadTheProfilersEvents() throws IOException {
    Path profile = dir.resolve("profile.json");
    Files.writeString(
        profile,
        """
        [{"cat":"Session","name":"model_loading","args":{"provider":"none"}},
         {"cat":"Node","name":"a_fence_before","args":{"op_name":"Conv"}},
         {"cat":"Node","name":"a_kernel_time","args":{"op_name":"Conv","provider":"X","in":[{"f":[1]}]}},
         {"cat":"Node","name":"a_kernel_time","args":{"provider":"X"}},
         {"cat":"Node","name":"b_kernel_time","args":{"provider":"Y"}}]
        """);
    assertEquals(Map.of("X", 1, "Y", 1), NodeCensus.nodes(profile));
  }
}
