package saccade.perception.engine;

import ai.onnxruntime.OrtProvider;
import java.util.List;
import java.util.Locale;

/** What runs the graphs. Each falls back on those after it, in {@link #chain} order. */
public enum ExecutionProvider {
  /**
   * NVIDIA TensorRT: builds an engine for the machine at first use, best kept in a cache folder.
   */
  TENSORRT(OrtProvider.TENSOR_RT),
  /** NVIDIA CUDA kernels. */
  CUDA(OrtProvider.CUDA),
  /** The processor; always there. */
  CPU(OrtProvider.CPU);

  private final OrtProvider ort;

  ExecutionProvider(OrtProvider ort) {
    this.ort = ort;
  }

  /** This one and what it falls back on, last the CPU. */
  public List<ExecutionProvider> chain() {
    return List.of(values()).subList(ordinal(), values().length);
  }

  /** The name that ONNX Runtime reports, e.g. {@code CPUExecutionProvider}. */
  public String ortName() {
    return ort.getName();
  }

  /** The word of configuration files, e.g. {@code cpu}. */
  public String word() {
    return name().toLowerCase(Locale.ROOT);
  }

  OrtProvider ort() {
    return ort;
  }
}
