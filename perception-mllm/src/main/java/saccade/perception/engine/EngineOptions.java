package saccade.perception.engine;

import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * How graphs are run.
 *
 * @param provider what runs them where it can; what cannot falls back by its chain, named and
 *     counted
 * @param threads threads inside one graph's run, 1 or more; 1 because cameras and decoder share the
 *     cores
 * @param device index of the GPU; no meaning for the CPU
 * @param engineCache folder in which TensorRT keeps its engines from run to run; null: none are
 *     kept, so that each start builds them again
 * @param fp16 whether TensorRT may compute in half precision
 * @param call how a run enters ONNX Runtime
 */
public record EngineOptions(
    ExecutionProvider provider,
    int threads,
    int device,
    @Nullable Path engineCache,
    boolean fp16,
    Call call) {

  /** How a run enters ONNX Runtime. */
  public enum Call {
    /**
     * The C function itself: no garbage. JNI where that is not possible, and the report says why.
     */
    DIRECT,
    /** The Java API: about 0.5 kB of garbage a run. */
    JNI
  }

  /** CPU, one thread, direct calls. */
  public static final EngineOptions DEFAULT =
      new EngineOptions(ExecutionProvider.CPU, 1, 0, null, false, Call.DIRECT);

  public EngineOptions {
    if (threads < 1 || threads > 256) {
      throw new IllegalArgumentException("threads: expected 1..256, found " + threads);
    }
    if (device < 0 || device > 63) {
      throw new IllegalArgumentException("device: expected 0..63, found " + device);
    }
  }

  public EngineOptions withProvider(ExecutionProvider newProvider) {
    return new EngineOptions(newProvider, threads, device, engineCache, fp16, call);
  }

  public EngineOptions withCall(Call newCall) {
    return new EngineOptions(provider, threads, device, engineCache, fp16, newCall);
  }

  /** The settings that a provider is given, in ONNX Runtime's own keys; none for the CPU. */
  Map<String, String> settings(ExecutionProvider of) {
    Map<String, String> settings = new LinkedHashMap<>();
    switch (of) {
      case CPU -> {}
      case CUDA -> {
        // Keys and values come from host memory that is written between runs.
        settings.put("device_id", Integer.toString(device));
        settings.put("arena_extend_strategy", "kSameAsRequested");
      }
      case TENSORRT -> {
        settings.put("device_id", Integer.toString(device));
        settings.put("trt_fp16_enable", fp16 ? "1" : "0");
        settings.put("trt_engine_cache_enable", engineCache == null ? "0" : "1");
        if (engineCache != null) {
          settings.put("trt_engine_cache_path", engineCache.toString());
          settings.put("trt_timing_cache_enable", "1");
          settings.put("trt_timing_cache_path", engineCache.toString());
        }
      }
    }
    return settings;
  }
}
