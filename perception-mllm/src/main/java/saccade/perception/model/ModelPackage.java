package saccade.perception.model;

import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import saccade.kernels.image.PatchSpec;
import saccade.kernels.lidar.PaintGrid;
import saccade.kernels.lidar.PillarGrid;

/**
 * What one model directory promises, read from its {@code saccade-model.json} and checked. Set-up
 * only; immutable.
 *
 * @param dir directory that holds the ONNX files
 * @param name model name, e.g. {@code saccade-nano}
 * @param version version as written by the trainer
 * @param kind which runtime understands it; {@code saccade-nano}
 * @param license SPDX expression of the weights
 * @param sha256 hash of saccade-model.json, which itself holds the hash of every other file
 * @param decoder shape numbers of the decoder
 * @param positions how a slot becomes a rotary position
 * @param window what later sets may see
 * @param camera input of the camera encoder
 * @param lidar input of the LiDAR encoder
 * @param ego input of the ego encoder
 * @param slots place of each token in a set
 * @param vocabulary word of each token id; index = id
 * @param grammar facts in the order in which they are spoken
 * @param action action codec numbers
 * @param exits one per slice of layers, in order
 * @param files sha256 (lower-case hex) by file name
 * @param trained free JSON text: how the weights came about
 */
public record ModelPackage(
    Path dir,
    String name,
    String version,
    String kind,
    String license,
    String sha256,
    DecoderShape decoder,
    PositionRule positions,
    Window window,
    CameraInput camera,
    PillarGrid lidar,
    EgoInput ego,
    SlotLayout slots,
    List<String> vocabulary,
    List<Fact> grammar,
    ActionCodec action,
    List<Exit> exits,
    Map<String, String> files,
    String trained) {

  /** Name of the description file in a package directory. */
  public static final String DESCRIPTION_FILE = "saccade-model.json";

  /** The camera encoder; and the same in int8 with static scales, where a package has it. */
  public static final String CAMERA_ENCODER = "encoder_camera.onnx";

  public static final String CAMERA_ENCODER_INT8 = "encoder_camera.int8.onnx";

  /** Token id of the sink, of the action prompt and of the sentence prompt. */
  public static final int SINK_ID = 0;

  public static final int ACT_ID = 1;
  public static final int SAY_ID = 2;

  public ModelPackage {
    vocabulary = List.copyOf(vocabulary);
    grammar = List.copyOf(grammar);
    exits = List.copyOf(exits);
    files = Map.copyOf(files);
  }

  /**
   * Reads and checks a package: description, presence and sha256 of every file.
   *
   * @throws ModelPackageException in one line: value found, value wanted, file and key
   */
  public static ModelPackage load(Path dir) throws ModelPackageException {
    return PackageReader.load(dir);
  }

  /** Whether cameras can be encoded in int8. */
  public boolean hasInt8Encoder() {
    return files.containsKey(CAMERA_ENCODER_INT8);
  }

  /** Index of the fact with this name, or -1. */
  public int factIndex(String factName) {
    for (int i = 0; i < grammar.size(); i++) {
      if (grammar.get(i).name().equals(factName)) {
        return i;
      }
    }
    return -1;
  }

  /** Readable description, several lines, as {@code saccade model inspect} prints it. */
  public String inspect() {
    StringBuilder text = new StringBuilder(1024);
    line(text, "model", name + " " + version + " (" + kind + "), licence " + license);
    line(text, "directory", dir.toString());
    line(text, "sha256", sha256);
    line(
        text,
        "decoder",
        "%d slices of %s layers, hidden %d, %d kv heads x %d, %d KV rows, theta %.0f"
            .formatted(
                decoder.layersPerSlice().length,
                java.util.Arrays.toString(decoder.layersPerSlice()),
                decoder.hidden(),
                decoder.kvHeads(),
                decoder.headDim(),
                decoder.kvCapacity(),
                decoder.ropeTheta()));
    line(
        text,
        "positions",
        "frame x %d + slot + %d, sink %d, table of %d"
            .formatted(
                positions.stride(),
                positions.offset(),
                positions.sinkRows(),
                decoder.maxPosition()));
    line(text, "window", window.sets() + " sets");
    line(
        text,
        "cameras",
        "%d of %d x %d px, patches of %d px, %d x %d tokens"
            .formatted(
                camera.count(),
                camera.widthPx(),
                camera.heightPx(),
                camera.patchPx(),
                camera.tokenRows(),
                camera.tokenCols()));
    line(text, "lidar", lidar.tokensX() + " x " + lidar.tokensY() + " bird's-eye tokens");
    line(text, "ego", ego.order().stream().map(EgoFeature::word).collect(Collectors.joining(", ")));
    line(
        text,
        "slots",
        "cameras 0..%d, lidar %d..%d, ego %d, act %d, action %d..%d, say %d, facts %d..%d"
            .formatted(
                slots.lidar() - 1,
                slots.lidar(),
                slots.ego() - 1,
                slots.ego(),
                slots.act(),
                slots.action(),
                slots.say() - 1,
                slots.say(),
                slots.facts(),
                slots.facts() + grammar.size() - 1));
    for (Fact fact : grammar) {
      StringBuilder words = new StringBuilder();
      for (int id : fact.values()) {
        words.append(words.isEmpty() ? "" : " | ").append(vocabulary.get(id));
      }
      line(text, "fact " + fact.name(), words.toString());
    }
    for (Exit exit : exits) {
      line(
          text,
          "exit after slice " + exit.afterSlice(),
          exit.decides().isEmpty() ? "decides nothing" : String.join(", ", exit.decides()));
    }
    files.entrySet().stream()
        .sorted(Map.Entry.comparingByKey())
        .forEach(file -> line(text, "file " + file.getKey(), file.getValue()));
    line(text, "trained", trained);
    return text.toString();
  }

  private static void line(StringBuilder text, String key, String value) {
    text.append("%-24s %s%n".formatted(key, value));
  }

  /**
   * Shape numbers of the decoder.
   *
   * @param hidden width of a token vector
   * @param layersPerSlice layers of each slice, bottom first
   * @param kvHeads key/value heads a layer
   * @param headDim width of a head
   * @param kvCapacity rows of the share buffer
   * @param ropeTheta rotary base
   * @param maxPosition rows of the cos/sin table
   */
  public record DecoderShape(
      int hidden,
      int[] layersPerSlice,
      int kvHeads,
      int headDim,
      int kvCapacity,
      double ropeTheta,
      int maxPosition) {

    public int slices() {
      return layersPerSlice.length;
    }

    public int layers() {
      int sum = 0;
      for (int layers : layersPerSlice) {
        sum += layers;
      }
      return sum;
    }
  }

  /**
   * Rotary position of a token = {@code frame * stride + slot + offset}; the sink has position 0.
   */
  public record PositionRule(int stride, int sinkRows, int offset) {

    public long position(long frame, int slot) {
      return frame * stride + slot + offset;
    }
  }

  /** Tokens see the sink and the sensor tokens of this many newest sets, their own included. */
  public record Window(int sets) {}

  /**
   * Ego encoder input.
   *
   * @param order (features) what the encoder takes, each at most once
   * @param scale (features) each is divided by its own, in its own unit
   */
  public record EgoInput(List<EgoFeature> order, double[] scale) {
    public EgoInput {
      order = List.copyOf(order);
    }

    public int features() {
      return order.size();
    }
  }

  /**
   * Camera encoder input; mean and std by channel R, G, B on a 0..1 scale. The painted grid has two
   * cells a token along each axis (a token is a 2x2 merge).
   */
  public record CameraInput(
      int count,
      int widthPx,
      int heightPx,
      int patchPx,
      int tokenRows,
      int tokenCols,
      double[] mean,
      double[] std,
      PaintGrid paint) {

    public int tokens() {
      return tokenRows * tokenCols;
    }

    /** The same numbers as the kernels take them. */
    public PatchSpec patchSpec() {
      return new PatchSpec(
          widthPx,
          heightPx,
          patchPx,
          (float) mean[0],
          (float) mean[1],
          (float) mean[2],
          (float) std[0],
          (float) std[1],
          (float) std[2]);
    }

    /** Patches of the encoder's stem, all rows. */
    public int patches() {
      return (widthPx / patchPx) * (heightPx / patchPx);
    }
  }

  /** First slot of each group; camera i starts at {@code i * cameraTokens}. */
  public record SlotLayout(
      int cameraTokens,
      int lidar,
      int ego,
      int act,
      int action,
      int actionTokens,
      int say,
      int facts) {

    /** Slots below this one hold sensor tokens and stay for later sets; text does not. */
    public int firstText() {
      return act;
    }
  }

  /**
   * One fact of the sentence.
   *
   * @param name e.g. {@code first.kind}
   * @param slot its place in the set
   * @param values allowed token ids
   * @param conditions all must hold for the fact to be spoken
   */
  public record Fact(String name, int slot, int[] values, List<Condition> conditions) {}

  /** Holds when the fact with index {@code fact} was spoken with one of {@code ids}. */
  public record Condition(int fact, int[] ids) {}

  /**
   * Action codec: uniform bins over DCT-II coefficients, see planner-bridge for decoding.
   *
   * @param stepS seconds a step
   * @param steps steps of a plan
   * @param accelRanges (coefficients, 2) of longitudinal acceleration
   * @param curvatureRanges (coefficients, 2) of curvature, companded scale in decoding
   * @param bins bins a coefficient
   * @param accelBase token id of bin 0 of acceleration
   * @param curvatureBase token id of bin 0 of curvature
   * @param brakeId maneuver tokens
   */
  public record ActionCodec(
      double stepS,
      int steps,
      double[][] accelRanges,
      double[][] curvatureRanges,
      int bins,
      int accelBase,
      int curvatureBase,
      int brakeId,
      int keepId,
      int accelerateId) {

    /** Maneuver, then the coefficients. */
    public int tokens() {
      return 1 + accelRanges.length + curvatureRanges.length;
    }
  }

  /** What the head after a slice of layers was calibrated to decide: fact names and "maneuver". */
  public record Exit(int afterSlice, List<String> decides) {

    /** Name in {@link #decides} that stands for all action tokens. */
    public static final String ACTION = "maneuver";

    public Exit {
      decides = List.copyOf(decides);
    }

    public boolean mayDecide(String what) {
      return decides.contains(what);
    }
  }
}
