package saccade.perception.engine;

import ai.onnxruntime.NodeInfo;
import ai.onnxruntime.OnnxTensor;
import ai.onnxruntime.OnnxTensorLike;
import ai.onnxruntime.OnnxValue;
import ai.onnxruntime.OrtEnvironment;
import ai.onnxruntime.OrtException;
import ai.onnxruntime.TensorInfo;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.stream.Collectors;
import saccade.perception.model.ModelPackage;
import saccade.perception.model.ModelPackage.CameraInput;
import saccade.perception.model.ModelPackage.DecoderShape;

/**
 * The open ONNX sessions of one package, shared by all streams of a process, and the table of token
 * embeddings. Set-up only. Thread-safe after construction: streams bring their own tensors. Close
 * it after the last stream.
 *
 * <p>Each session has one intra-op thread unless configured otherwise: cameras and decoder share
 * the cores, and a pool per session would have them spin against each other.
 */
public final class LoadedModel implements AutoCloseable {

  private final ModelPackage model;
  private final EngineOptions options;
  private final String whyJni; // empty: direct calls
  private final Map<String, OpenGraph> graphs = new LinkedHashMap<>();
  private final Map<String, OpenGraph> tapped = new ConcurrentHashMap<>();
  private final Map<String, Tap> taps = new LinkedHashMap<>(); // by graph
  private final float[] embeddings; // (vocabulary, hidden)

  /**
   * A graph that puts out values from inside.
   *
   * @param graph its name for {@link #runner}
   * @param outputs names of the values
   * @param shapes of the values, -1: any size
   */
  public record Tap(String graph, List<String> outputs, List<long[]> shapes) {
    public Tap {
      outputs = List.copyOf(outputs);
      shapes = List.copyOf(shapes);
    }
  }

  static {
    UnpackedRuntime.use();
  }

  private LoadedModel(ModelPackage model, EngineOptions options) {
    this.model = model;
    this.options = options;
    this.whyJni = options.call() == EngineOptions.Call.JNI ? "configured" : DirectCalls.missing();
    this.embeddings = new float[model.vocabulary().size() * model.decoder().hidden()];
  }

  /** As the other one, with {@link EngineOptions#DEFAULT}. */
  public static LoadedModel open(ModelPackage model) {
    return open(model, EngineOptions.DEFAULT);
  }

  /**
   * Opens every graph of the package and checks its signature against the package.
   *
   * @throws EngineException in one line: graph, tensor, found and wanted shape
   * @throws EngineEndingException when the process was told to end meanwhile
   */
  public static LoadedModel open(ModelPackage model, EngineOptions options) {
    RuntimeEnvironment.get(); // first of all: from here on it stays to the end of the process
    LoadedModel loaded = new LoadedModel(model, options);
    try {
      loaded.openSessions();
      loaded.readEmbeddings();
      return loaded;
    } catch (RuntimeException e) {
      loaded.close();
      throw e;
    }
  }

  public ModelPackage model() {
    return model;
  }

  /** Where each graph really runs. */
  public List<GraphPlacement> placements() {
    return graphs.values().stream().map(OpenGraph::placement).toList();
  }

  /**
   * Where one graph really runs.
   *
   * @param file graph of the package, e.g. {@code decoder_0.onnx}
   */
  public GraphPlacement placement(String file) {
    return graph(file).placement();
  }

  /**
   * Which provider really runs each operator: runs every graph once on zeros with ONNX Runtime's
   * profiler, about a second in all.
   */
  public List<GraphPlacement> census() {
    List<GraphPlacement> all = new ArrayList<>();
    for (OpenGraph graph : graphs.values()) {
      GraphPlacement p = graph.placement();
      try {
        all.add(
            new GraphPlacement(
                p.graph(),
                p.wanted(),
                p.ran(),
                p.why(),
                NodeCensus.count(model.dir().resolve(p.graph()), p.ran(), options)));
      } catch (OrtException e) {
        throw new EngineException(p.graph() + ": cannot profile it: " + e.getMessage(), e);
      }
    }
    return all;
  }

  /** Graphs that run on less than was wanted. */
  public long fallbacks() {
    return graphs.values().stream().filter(graph -> graph.placement().fellBack()).count();
  }

  /** Providers that run the graphs, and what was wanted instead, in one line. */
  public String provider() {
    String ran =
        graphs.values().stream()
            .map(graph -> graph.placement().ran().ortName())
            .distinct()
            .collect(Collectors.joining(" and "));
    return graphs.values().stream()
        .map(OpenGraph::placement)
        .filter(GraphPlacement::fellBack)
        .findFirst()
        .map(
            first ->
                "%s (%d of %d graphs fell back from %s: %s)"
                    .formatted(
                        ran, fallbacks(), graphs.size(), first.wanted().ortName(), first.why()))
        .orElse(ran);
  }

  /** How runs enter ONNX Runtime, in one line. */
  public String call() {
    return whyJni.isEmpty() ? "direct calls" : "calls through JNI (" + whyJni + ")";
  }

  /** Version of the ONNX Runtime library. */
  public String runtimeVersion() {
    return OrtEnvironment.getEnvironment().getVersion();
  }

  /** Open sessions (native handles). */
  public int handles() {
    return graphs.size() + tapped.size();
  }

  /** Copies the embedding of a token id to float {@code index} of {@code target}. */
  public void embed(int tokenId, MemorySegment target, long index) {
    int hidden = model.decoder().hidden();
    MemorySegment.copy(
        embeddings, tokenId * hidden, target, ValueLayout.JAVA_FLOAT, index * Float.BYTES, hidden);
  }

  /**
   * Binds a graph to tensors of one stream.
   *
   * @param file graph of the package, e.g. {@code decoder_0.onnx}
   * @param store owner of the tensors
   */
  public SliceRunner runner(
      String file,
      TensorStore store,
      Map<String, ? extends OnnxTensorLike> inputs,
      Map<String, ? extends OnnxValue> outputs) {
    return new SliceRunner(graph(file), store, inputs, outputs, whyJni.isEmpty());
  }

  /**
   * A graph beside a camera encoder that also puts out its last attention, float32 (1, heads,
   * cells, cells). Opened when first asked for.
   *
   * @param file the encoder
   * @throws EngineException in one line when the graph has none
   */
  public Tap encoderAttention(String file) {
    return tap(file, "Softmax", GraphTap.Value.OUTPUT);
  }

  /**
   * A graph beside a slice of the decoder that also puts out queries (1, rows, heads x headDim) and
   * keys (1, rows, kvHeads x headDim) of its last layer, before rotation.
   *
   * @throws EngineException in one line when the graph has none
   */
  public Tap queriesAndKeys(int slice) {
    return tap("decoder_" + slice + ".onnx", "GroupQueryAttention", GraphTap.Value.FIRST_INPUTS);
  }

  private Tap tap(String file, String type, GraphTap.Value value) {
    synchronized (taps) {
      Tap made = taps.get(file);
      if (made == null) {
        OpenGraph base = graph(file);
        GraphTap tap = GraphTap.of(model.dir().resolve(file), type, value);
        String name = file + " with " + type;
        OpenGraph open = OpenGraph.open(base, tap, options);
        tapped.put(name, open);
        made = new Tap(name, tap.outputs(), shapes(open, tap.outputs()));
        taps.put(file, made);
      }
      return made;
    }
  }

  private static List<long[]> shapes(OpenGraph open, List<String> outputs) {
    List<long[]> shapes = new ArrayList<>();
    try {
      Map<String, NodeInfo> info = open.session().getOutputInfo();
      for (String output : outputs) {
        NodeInfo node = info.get(output);
        shapes.add(
            node != null && node.getInfo() instanceof TensorInfo tensor
                ? tensor.getShape()
                : new long[0]);
      }
    } catch (OrtException e) {
      throw new EngineException(open.file() + ": cannot read its outputs: " + e.getMessage(), e);
    }
    return shapes;
  }

  private OpenGraph graph(String file) {
    OpenGraph made = tapped.get(file);
    if (made != null) {
      return made;
    }
    OpenGraph graph = graphs.get(file);
    if (graph == null) {
      throw new EngineException(file + ": found no such graph, wanted one of " + graphs.keySet());
    }
    return graph;
  }

  @Override
  public void close() {
    tapped.values().forEach(OpenGraph::close);
    tapped.clear();
    graphs.values().forEach(OpenGraph::close);
    graphs.clear();
  }

  private void openSessions() {
    DecoderShape d = model.decoder();
    CameraInput c = model.camera();
    long hidden = d.hidden();
    Map<String, long[]> picture =
        Map.of(
            "patches", shape(1, c.patches(), 3L * c.patchPx() * c.patchPx()),
            "paint", shape(1, (long) c.paint().rows() * c.paint().cols(), 3),
            "rays", shape(1, c.tokens(), 6));
    open(ModelPackage.CAMERA_ENCODER, picture, Map.of("tokens", shape(1, c.tokens(), hidden)));
    if (model.hasInt8Encoder()) {
      open(
          ModelPackage.CAMERA_ENCODER_INT8,
          picture,
          Map.of("tokens", shape(1, c.tokens(), hidden)));
    }
    open(
        "encoder_lidar.onnx",
        Map.of("bev", shape(1, model.lidar().tokens(), model.lidar().tokenFloats())),
        Map.of("tokens", shape(1, model.lidar().tokens(), hidden)));
    open(
        "encoder_ego.onnx",
        Map.of("ego", shape(1, model.ego().features())),
        Map.of("tokens", shape(1, 1, hidden)));
    open("embed.onnx", Map.of("input_ids", shape(1, -1)), Map.of("embeds", shape(1, -1, hidden)));
    int layer = 0;
    for (int slice = 0; slice < d.slices(); slice++) {
      Map<String, long[]> in = new HashMap<>();
      in.put("hidden", shape(1, -1, hidden));
      in.put("seqlens_k", shape(1));
      in.put("total_sequence_length", shape());
      in.put("position_ids", shape(1, -1));
      Map<String, long[]> out = new HashMap<>();
      out.put("hidden_out", shape(1, -1, hidden));
      for (int i = 0; i < d.layersPerSlice()[slice]; i++, layer++) {
        long[] kv = shape(1, d.kvHeads(), d.kvCapacity(), d.headDim());
        in.put("past_key_values." + layer + ".key", kv);
        in.put("past_key_values." + layer + ".value", kv);
        out.put("present." + layer + ".key", kv);
        out.put("present." + layer + ".value", kv);
      }
      open("decoder_" + slice + ".onnx", in, out);
      open(
          "head_" + slice + ".onnx",
          Map.of("hidden", shape(1, 1, hidden)),
          Map.of("logits", shape(1, 1, model.vocabulary().size())));
    }
  }

  private void open(String file, Map<String, long[]> inputs, Map<String, long[]> outputs) {
    OpenGraph graph = OpenGraph.open(model.dir().resolve(file), options);
    graphs.put(file, graph);
    try {
      check(file, "input", graph.session().getInputInfo(), inputs);
      check(file, "output", graph.session().getOutputInfo(), outputs);
    } catch (OrtException e) {
      throw new EngineException(
          model.dir().resolve(file) + ": cannot read its signature: " + e.getMessage(), e);
    }
  }

  private void check(
      String file, String side, Map<String, NodeInfo> found, Map<String, long[]> wanted) {
    if (!found.keySet().equals(wanted.keySet())) {
      throw new EngineException(
          "%s: found %ss %s, wanted %s"
              .formatted(
                  model.dir().resolve(file),
                  side,
                  found.keySet().stream().sorted().toList(),
                  wanted.keySet().stream().sorted().toList()));
    }
    for (Map.Entry<String, NodeInfo> node : found.entrySet()) {
      long[] shape = wanted.getOrDefault(node.getKey(), new long[0]);
      if (!(node.getValue().getInfo() instanceof TensorInfo info)
          || !compatible(info.getShape(), shape)) {
        throw new EngineException(
            "%s: %s '%s': found %s, wanted shape %s (-1: any)"
                .formatted(
                    model.dir().resolve(file),
                    side,
                    node.getKey(),
                    node.getValue().getInfo(),
                    Arrays.toString(shape)));
      }
    }
  }

  /** Equal rank, and equal sizes where both sides state one. */
  private static boolean compatible(long[] found, long[] wanted) {
    if (found.length != wanted.length) {
      return false;
    }
    for (int i = 0; i < found.length; i++) {
      if (found[i] >= 0 && wanted[i] >= 0 && found[i] != wanted[i]) {
        return false;
      }
    }
    return true;
  }

  private static long[] shape(long... sizes) {
    return sizes;
  }

  /** Runs embed.onnx once over the whole vocabulary: a token's embedding is then a plain copy. */
  private void readEmbeddings() {
    int count = model.vocabulary().size();
    int hidden = model.decoder().hidden();
    try (TensorStore store = new TensorStore()) {
      MemorySegment ids = store.longs(count);
      MemorySegment embeds = store.floats((long) count * hidden);
      for (int id = 0; id < count; id++) {
        ids.setAtIndex(ValueLayout.JAVA_LONG, id, id);
      }
      OnnxTensor in = store.longTensor(ids, 1, count);
      OnnxTensor out = store.floatTensor(embeds, 1, count, hidden);
      runner("embed.onnx", store, Map.of("input_ids", in), Map.of("embeds", out)).run();
      MemorySegment.copy(embeds, ValueLayout.JAVA_FLOAT, 0, embeddings, 0, embeddings.length);
    }
  }
}
