package saccade.perception.engine;

import ai.onnxruntime.NodeInfo;
import ai.onnxruntime.OnnxTensor;
import ai.onnxruntime.OrtEnvironment;
import ai.onnxruntime.OrtException;
import ai.onnxruntime.OrtSession;
import ai.onnxruntime.TensorInfo;
import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;

/**
 * Which provider really runs each operator of a graph: runs it once on zeros with ONNX Runtime's
 * profiler and counts. Set-up only, opens a session of its own.
 */
final class NodeCensus {

  private static final JsonFactory JSON = new JsonFactory();
  private static final long MAX_INPUT_BYTES = 1L << 28;

  private NodeCensus() {}

  /** Operators by the name of the provider that ran them. */
  static Map<String, Integer> count(Path graph, ExecutionProvider provider, EngineOptions options)
      throws OrtException {
    Path profile = null;
    try (OrtSession.SessionOptions session = OpenGraph.sessionOptions(provider, options)) {
      Path folder = Files.createTempDirectory("saccade-profile");
      session.enableProfiling(folder.resolve("nodes").toString());
      try (OrtSession open =
          RuntimeEnvironment.open(ort -> ort.createSession(graph.toString(), session))) {
        runOnZeros(open);
        profile = Path.of(open.endProfiling());
      }
      Map<String, Integer> nodes = nodes(profile);
      Files.deleteIfExists(profile);
      Files.deleteIfExists(folder);
      return nodes;
    } catch (IOException e) {
      throw new EngineException(graph + ": cannot profile it: " + e.getMessage(), e);
    }
  }

  private static void runOnZeros(OrtSession session) throws OrtException {
    Map<String, OnnxTensor> inputs = new HashMap<>();
    try {
      for (Map.Entry<String, NodeInfo> input : session.getInputInfo().entrySet()) {
        if (input.getValue().getInfo() instanceof TensorInfo info) {
          inputs.put(input.getKey(), zeros(input.getKey(), info));
        }
      }
      session.run(inputs).close();
    } finally {
      inputs.values().forEach(OnnxTensor::close);
    }
  }

  private static OnnxTensor zeros(String name, TensorInfo info) throws OrtException {
    long[] shape = info.getShape();
    long bytes = info.type.size;
    for (int i = 0; i < shape.length; i++) {
      shape[i] = Math.max(shape[i], 1);
      bytes *= shape[i];
    }
    if (bytes > MAX_INPUT_BYTES) {
      throw new EngineException(
          "input %s: found %d bytes, wanted at most %d".formatted(name, bytes, MAX_INPUT_BYTES));
    }
    ByteBuffer memory = ByteBuffer.allocateDirect((int) bytes).order(ByteOrder.nativeOrder());
    if (name.equals("total_sequence_length")) {
      memory.putInt(0, 1); // one token, the first of its sequence
    }
    return OnnxTensor.createTensor(OrtEnvironment.getEnvironment(), memory, shape, info.type);
  }

  /** Reads the profiler's events; an operator that ran is one event of category Node. */
  static Map<String, Integer> nodes(Path profile) throws IOException {
    Map<String, Set<String>> seen = new TreeMap<>();
    try (JsonParser in = JSON.createParser(profile.toFile())) {
      String field = "";
      String category = "";
      String name = "";
      String provider = "";
      int depth = 0;
      for (JsonToken token = in.nextToken(); token != null; token = in.nextToken()) {
        switch (token) {
          case START_OBJECT -> {
            depth++;
            if (depth == 1) {
              category = "";
              name = "";
              provider = "";
            }
          }
          case FIELD_NAME -> field = in.currentName();
          case VALUE_STRING -> {
            category = depth == 1 && field.equals("cat") ? in.getText() : category;
            name = depth == 1 && field.equals("name") ? in.getText() : name;
            provider = depth == 2 && field.equals("provider") ? in.getText() : provider;
          }
          case END_OBJECT -> {
            depth--;
            if (depth == 0 && category.equals("Node") && !provider.isEmpty()) {
              seen.computeIfAbsent(provider, p -> new HashSet<>()).add(name);
            }
          }
          default -> {}
        }
      }
    }
    Map<String, Integer> counts = new TreeMap<>();
    seen.forEach((provider, names) -> counts.put(provider, names.size()));
    return counts;
  }
}
