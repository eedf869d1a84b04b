package saccade.perception.engine;

import ai.onnxruntime.OnnxTensorLike;
import ai.onnxruntime.OnnxValue;
import ai.onnxruntime.OrtException;
import java.lang.foreign.MemorySegment;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Set;
import java.util.stream.LongStream;

/**
 * Hot path. One graph with fixed input and output tensors: {@link #run} is the only place of the
 * product that runs ONNX Runtime. Inputs are changed by writing their memory between runs; outputs
 * are pinned, so that nothing is copied; a tensor that is both input and output is updated in
 * place.
 *
 * <p>A direct call makes no garbage; the Java API's, where the direct one is not to be had or not
 * wanted, 0.4..1.2 kB a run. Both give the same bits.
 */
public final class SliceRunner {

  private static final Set<String> ONLY_PINNED = Set.of();

  private final OpenGraph graph;
  private final Map<String, OnnxTensorLike> inputs; // also keeps the tensors reachable
  private final Map<String, OnnxValue> outputs;
  private final TensorStore store;
  private final boolean direct;
  private final long session;
  private final long options;
  private final long inputNames; // (inputs) char*
  private final long inputValues; // (inputs) OrtValue*
  private final long outputNames; // (outputs) char*
  private final long outputValues; // (outputs) OrtValue*

  /** Binds a graph to tensors, which stay owned by {@code store}. */
  SliceRunner(
      OpenGraph graph,
      TensorStore store,
      Map<String, ? extends OnnxTensorLike> inputs,
      Map<String, ? extends OnnxValue> outputs,
      boolean direct) {
    this.graph = graph;
    this.store = store;
    this.inputs = new LinkedHashMap<>(inputs);
    this.outputs = new LinkedHashMap<>(outputs);
    this.direct = direct;
    if (direct) {
      session = DirectCalls.handle(graph.session());
      options = DirectCalls.handle(store.runOptions());
      inputNames = names(this.inputs.keySet()).address();
      inputValues = values(this.inputs.values()).address();
      outputNames = names(this.outputs.keySet()).address();
      outputValues = values(this.outputs.values()).address();
    } else {
      session = options = inputNames = inputValues = outputNames = outputValues = 0;
    }
  }

  /**
   * Runs the graph once; returns when the outputs are written.
   *
   * @throws EngineException when ONNX Runtime fails or was told to stop; the outputs are then
   *     undefined
   */
  public void run() {
    if (!graph.isOpen() || store.isClosed()) {
      throw new EngineException(
          graph.file() + ": found a closed " + (graph.isOpen() ? "stream" : "model"));
    }
    if (direct) {
      long status =
          DirectCalls.run(
              session,
              options,
              inputNames,
              inputValues,
              inputs.size(),
              outputNames,
              outputs.size(),
              outputValues);
      if (status != 0) {
        throw new EngineException(
            graph.file() + ": ONNX Runtime failed: " + DirectCalls.take(status));
      }
    } else {
      runThroughJni();
    }
  }

  private void runThroughJni() {
    try {
      graph.session().run(inputs, ONLY_PINNED, outputs, store.runOptions()).close();
    } catch (OrtException | IllegalStateException e) {
      throw new EngineException(graph.file() + ": ONNX Runtime failed: " + e.getMessage(), e);
    }
  }

  private MemorySegment names(Set<String> of) {
    return store.addresses(of.stream().mapToLong(graph::nameAddress).toArray());
  }

  private MemorySegment values(Iterable<? extends OnnxValue> of) {
    LongStream.Builder handles = LongStream.builder();
    of.forEach(value -> handles.add(DirectCalls.handle(value)));
    return store.addresses(handles.build().toArray());
  }
}
