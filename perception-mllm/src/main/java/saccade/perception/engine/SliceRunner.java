package saccade.perception.engine;

import ai.onnxruntime.OnnxTensorLike;
import ai.onnxruntime.OnnxValue;
import ai.onnxruntime.OrtException;
import ai.onnxruntime.OrtSession;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Set;

/**
 * Hot path. One graph with fixed input and output tensors: {@link #run} is the only place of the
 * product that calls ONNX Runtime. Inputs are changed by writing their memory between runs; outputs
 * are pinned, so that nothing is copied; a tensor that is both input and output is updated in
 * place.
 *
 * <p>The call goes through JNI and makes 0.4..1.2 kB of garbage inside ONNX Runtime's Java API.
 */
public final class SliceRunner {

  private static final Set<String> ONLY_PINNED = Set.of();

  private final String name;
  private final OrtSession session;
  private final Map<String, OnnxTensorLike> inputs;
  private final Map<String, OnnxValue> outputs;

  /**
   * Binds a session to tensors. The tensors stay owned by their {@link TensorStore}.
   *
   * @param name graph name for messages
   */
  public SliceRunner(
      String name,
      OrtSession session,
      Map<String, ? extends OnnxTensorLike> inputs,
      Map<String, ? extends OnnxValue> outputs) {
    this.name = name;
    this.session = session;
    this.inputs = new LinkedHashMap<>(inputs);
    this.outputs = new LinkedHashMap<>(outputs);
  }

  /**
   * Runs the graph once; returns when the outputs are written.
   *
   * @throws EngineException when ONNX Runtime fails; the outputs are then undefined
   */
  public void run() {
    try {
      session.run(inputs, ONLY_PINNED, outputs).close();
    } catch (OrtException | IllegalStateException e) {
      throw new EngineException(name + ": ONNX Runtime failed: " + e.getMessage(), e);
    }
  }
}
