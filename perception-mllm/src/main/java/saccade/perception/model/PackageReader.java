package saccade.perception.model;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.StreamReadConstraints;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import saccade.kernels.lidar.PaintGrid;
import saccade.kernels.lidar.PillarGrid;
import saccade.perception.model.ModelPackage.ActionCodec;
import saccade.perception.model.ModelPackage.CameraInput;
import saccade.perception.model.ModelPackage.Condition;
import saccade.perception.model.ModelPackage.DecoderShape;
import saccade.perception.model.ModelPackage.EgoInput;
import saccade.perception.model.ModelPackage.Exit;
import saccade.perception.model.ModelPackage.Fact;
import saccade.perception.model.ModelPackage.PositionRule;
import saccade.perception.model.ModelPackage.SlotLayout;
import saccade.perception.model.ModelPackage.Window;

/** Reads {@code saccade-model.json}; every number is bounded before anything is allocated by it. */
final class PackageReader {

  /** Largest description file, bytes. */
  static final int MAX_DESCRIPTION_BYTES = 4 << 20;

  private static final int FORMAT = 1;
  private static final String KIND = "saccade-nano";
  private static final Pattern SHA256 = Pattern.compile("[0-9a-fA-F]{64}");
  private static final Pattern FILE_NAME = Pattern.compile("[A-Za-z0-9_-][A-Za-z0-9_.-]{0,127}");

  private static final ObjectMapper JSON =
      new ObjectMapper(
              JsonFactory.builder()
                  .streamReadConstraints(
                      StreamReadConstraints.builder()
                          .maxDocumentLength(MAX_DESCRIPTION_BYTES)
                          .maxNestingDepth(32)
                          .maxStringLength(1 << 20)
                          .maxNumberLength(64)
                          .build())
                  .build())
          .enable(DeserializationFeature.FAIL_ON_TRAILING_TOKENS);

  private PackageReader() {}

  static ModelPackage load(Path dir) throws ModelPackageException {
    Path file = dir.resolve(ModelPackage.DESCRIPTION_FILE);
    byte[] bytes = description(dir, file);
    ModelPackage model = parse(dir, file.toString(), bytes);
    for (Map.Entry<String, String> entry : model.files().entrySet()) {
      verify(file, dir.resolve(entry.getKey()), entry.getValue());
    }
    return model;
  }

  private static byte[] description(Path dir, Path file) throws ModelPackageException {
    if (!Files.isDirectory(dir)) {
      throw new ModelPackageException(
          dir + ": found no directory, wanted a model package with " + file.getFileName());
    }
    if (!Files.isRegularFile(file)) {
      throw new ModelPackageException(
          file + ": found no such file, wanted the description of a model package (format 1)");
    }
    try (InputStream in = Files.newInputStream(file)) {
      byte[] bytes = in.readNBytes(MAX_DESCRIPTION_BYTES + 1);
      if (bytes.length > MAX_DESCRIPTION_BYTES) {
        throw new ModelPackageException(
            file + ": found more than " + MAX_DESCRIPTION_BYTES + " bytes, wanted at most that");
      }
      return bytes;
    } catch (ModelPackageException e) {
      throw e;
    } catch (IOException e) {
      throw new ModelPackageException(file + ": cannot be read: " + e.getMessage(), e);
    }
  }

  /**
   * Parses the description alone; no other file is touched.
   *
   * @param where shown in messages
   * @param bytes UTF-8 JSON, at most {@link #MAX_DESCRIPTION_BYTES}
   */
  static ModelPackage parse(Path dir, String where, byte[] bytes) throws ModelPackageException {
    JsonFields root = JsonFields.root(where, tree(where, bytes));
    if (root.integer("format", 0, Integer.MAX_VALUE) != FORMAT) {
      throw root.wrong("format", root.node().get("format"), FORMAT + " (this runtime's format)");
    }
    String kind = root.text("kind");
    if (!kind.equals(KIND)) {
      throw root.wrong("kind", kind, KIND);
    }
    List<String> vocabulary = root.texts("vocabulary", 4, 1 << 16);
    DecoderShape decoder = decoder(root);
    CameraInput camera = camera(root.object("cameras"));
    PillarGrid lidar = lidar(root.object("lidar"));
    ActionCodec action = action(root.object("actionCodec"), vocabulary.size());
    PositionRule positions = positions(root.object("positionRule"));
    SlotLayout slots = slots(root, camera, lidar, action, positions.stride());
    List<Fact> grammar = grammar(root, vocabulary.size(), slots, positions.stride());
    Window window = new Window(root.object("window").integer("sets", 1, 64));
    int rows =
        positions.sinkRows()
            + window.sets() * slots.firstText()
            + 1
            + action.tokens()
            + 1
            + grammar.size();
    if (rows > decoder.kvCapacity()) {
      throw root.wrong(
          "kvCapacity",
          decoder.kvCapacity(),
          "at least " + rows + " rows (sink + window x sensor tokens + text of one set)");
    }
    if ((window.sets() + 2L) * positions.stride() > decoder.maxPosition()) {
      throw root.wrong(
          "maxPosition",
          decoder.maxPosition(),
          "at least " + (window.sets() + 2L) * positions.stride() + " (window + 2 sets)");
    }
    JsonNode trained = root.node().get("trained");
    return new ModelPackage(
        dir,
        root.text("name"),
        version(root),
        kind,
        root.text("license"),
        HexFormat.of().formatHex(sha256().digest(bytes)),
        decoder,
        positions,
        window,
        camera,
        lidar,
        ego(root.object("ego")),
        slots,
        vocabulary,
        grammar,
        action,
        exits(root, decoder.slices()),
        files(root.object("files"), decoder.slices()),
        trained == null ? "{}" : trained.toString());
  }

  private static JsonNode tree(String where, byte[] bytes) throws ModelPackageException {
    try {
      JsonNode node = JSON.readTree(bytes);
      if (node == null || node.isMissingNode()) {
        throw new ModelPackageException(where + ": found an empty file, wanted a JSON object");
      }
      return node;
    } catch (JsonProcessingException e) {
      throw new ModelPackageException(
          where
              + ": found broken JSON near byte "
              + (e.getLocation() == null ? 0 : e.getLocation().getByteOffset())
              + ", wanted a JSON object ("
              + firstLine(e.getOriginalMessage())
              + ")",
          e);
    } catch (IOException e) {
      throw new ModelPackageException(where + ": cannot be read: " + firstLine(e.getMessage()), e);
    }
  }

  private static String firstLine(@org.jspecify.annotations.Nullable String message) {
    String text = message == null ? "no detail" : message;
    int end = text.indexOf('\n');
    return end < 0 ? text : text.substring(0, end);
  }

  private static String version(JsonFields root) throws ModelPackageException {
    JsonNode version = root.node().get("version");
    return version != null && version.isNumber() ? version.asText() : root.text("version");
  }

  private static DecoderShape decoder(JsonFields root) throws ModelPackageException {
    return new DecoderShape(
        root.integer("hidden", 1, 1 << 14),
        root.integers("layersPerSlice", 1, 64, 1, 256),
        root.integer("kvHeads", 1, 256),
        evenHeadDim(root),
        root.integer("kvCapacity", 1, 1 << 16),
        root.number("ropeTheta", 1, 1e9),
        root.integer("maxPosition", 1, 1 << 24));
  }

  private static int evenHeadDim(JsonFields root) throws ModelPackageException {
    int headDim = root.integer("headDim", 2, 1024);
    if (headDim % 2 != 0) {
      throw root.wrong("headDim", headDim, "an even number (rotary halves)");
    }
    return headDim;
  }

  private static PositionRule positions(JsonFields rule) throws ModelPackageException {
    return new PositionRule(
        rule.integer("stride", 1, 1 << 16),
        rule.integer("sink", 0, 1),
        rule.integer("offset", 0, 64));
  }

  private static CameraInput camera(JsonFields cameras) throws ModelPackageException {
    CameraInput camera =
        new CameraInput(
            cameras.integer("count", 1, 16),
            cameras.integer("width", 8, 4096),
            cameras.integer("height", 8, 4096),
            cameras.integer("patchPx", 1, 64),
            cameras.integer("tokenRows", 1, 64),
            cameras.integer("tokenCols", 1, 64),
            cameras.numbers("mean", 3, 3, -10, 10),
            cameras.numbers("std", 3, 3, 1e-6, 10),
            paint(cameras.object("paint")));
    requireMultiple(cameras, "width", camera.widthPx(), camera.patchPx());
    requireMultiple(cameras, "height", camera.heightPx(), camera.patchPx());
    requireMultiple(cameras, "width", camera.widthPx(), 2 * camera.tokenCols());
    requireMultiple(cameras, "height", camera.heightPx(), 2 * camera.tokenRows());
    if (camera.paint().rows() != 2 * camera.tokenRows()
        || camera.paint().cols() != 2 * camera.tokenCols()) {
      throw cameras.wrong(
          "paint",
          camera.paint().rows() + " x " + camera.paint().cols() + " cells",
          "two cells a token: " + 2 * camera.tokenRows() + " x " + 2 * camera.tokenCols());
    }
    return camera;
  }

  private static void requireMultiple(JsonFields fields, String key, int value, int divisor)
      throws ModelPackageException {
    if (value % divisor != 0) {
      throw fields.wrong(key, value, "a multiple of " + divisor);
    }
  }

  private static PaintGrid paint(JsonFields paint) throws ModelPackageException {
    int rows = paint.integer("rows", 1, 128);
    int cols = paint.integer("cols", 1, 128);
    double minM = paint.number("minZM", 1e-3, 1e3);
    double maxM = paint.number("maxZM", minM + 1e-3, 1e4);
    double heightM = paint.number("minHeightM", -100, 100);
    return new PaintGrid(rows, cols, minM, maxM, heightM, paint.number("rangeScaleM", 1e-3, 1e4));
  }

  /** Which numbers of the own motion the ego encoder takes. */
  private static EgoInput ego(JsonFields ego) throws ModelPackageException {
    List<EgoFeature> order = new ArrayList<>();
    for (String word : ego.texts("order", 1, EgoFeature.values().length)) {
      EgoFeature feature = EgoFeature.of(word);
      if (feature == null || order.contains(feature)) {
        throw ego.wrong(
            "order",
            word,
            "each of these at most once: "
                + Arrays.stream(EgoFeature.values())
                    .map(EgoFeature::word)
                    .collect(Collectors.joining(", ")));
      }
      order.add(feature);
    }
    return new EgoInput(order, ego.numbers("scale", order.size(), order.size(), 1e-3, 1e3));
  }

  private static PillarGrid lidar(JsonFields lidar) throws ModelPackageException {
    double cellM = lidar.number("cellM", 0.01, 100);
    double minX = lidar.number("xMinM", -1e4, 1e4);
    double minY = lidar.number("yMinM", -1e4, 1e4);
    int cellsX = lidar.integer("cellsX", 1, 64);
    int cellsY = lidar.integer("cellsY", 1, 64);
    double minZ = lidar.number("zMinM", -100, 100);
    double maxZ = lidar.number("zMaxM", minZ + 1e-3, 1000);
    double[] ego = lidar.numbers("egoBoxM", 4, 4, -100, 100);
    if (ego[0] > ego[1] || ego[2] != -ego[3] || ego[3] < 0) {
      throw lidar.wrong("egoBoxM", Arrays.toString(ego), "[minX, maxX, -halfWidth, halfWidth]");
    }
    if (lidar.integer("features", 1, 64) != PillarGrid.CELL_FEATURES) {
      throw lidar.wrong(
          "features", lidar.node().get("features"), String.valueOf(PillarGrid.CELL_FEATURES));
    }
    double maxX = minX + cellM * cellsX * lidar.integer("tokensX", 1, 64);
    double maxY = minY + cellM * cellsY * lidar.integer("tokensY", 1, 64);
    try {
      return new PillarGrid(
          cellM, minX, maxX, minY, maxY, cellsX, cellsY, minZ, maxZ, ego[0], ego[1], ego[3]);
    } catch (IllegalArgumentException e) {
      throw lidar.wrong("cellM", cellM, "a usable grid (" + e.getMessage() + ")");
    }
  }

  private static SlotLayout slots(
      JsonFields root, CameraInput camera, PillarGrid lidar, ActionCodec action, int stride)
      throws ModelPackageException {
    JsonFields slots = root.object("slots");
    int lidarSlot = camera.count() * camera.tokens();
    int ego = lidarSlot + lidar.tokens();
    int act = ego + 1;
    int say = act + 1 + action.tokens();
    SlotLayout layout =
        new SlotLayout(
            camera.tokens(), lidarSlot, ego, act, act + 1, action.tokens(), say, say + 1);
    requireSlot(slots, "lidar", layout.lidar());
    requireSlot(slots, "ego", layout.ego());
    requireSlot(slots, "act", layout.act());
    requireSlot(slots, "say", layout.say());
    if (say >= stride) {
      throw root.wrong("positionRule.stride", stride, "more than slot " + say + " of <say>");
    }
    return layout;
  }

  /** The layout follows from the counts; what the file says must agree with it. */
  private static void requireSlot(JsonFields slots, String key, int wanted)
      throws ModelPackageException {
    JsonNode found = slots.node().get(key);
    int first =
        found == null
            ? -1
            : found.isArray() && !found.isEmpty() ? found.get(0).asInt(-1) : found.asInt(-1);
    if (first != wanted) {
      throw slots.wrong(
          key,
          found == null ? "nothing" : found,
          "first slot " + wanted + " (cameras, then LiDAR, ego, <act>, action, <say>, facts)");
    }
  }

  private static List<Fact> grammar(
      JsonFields root, int vocabularySize, SlotLayout slots, int stride)
      throws ModelPackageException {
    List<Fact> facts = new ArrayList<>();
    for (JsonFields entry : root.objects("grammar", 1, 64)) {
      String name = entry.text("fact");
      for (Fact earlier : facts) {
        if (earlier.name().equals(name)) {
          throw entry.wrong("fact", name, "a name that no other fact has");
        }
      }
      int slot = entry.integer("slot", 0, stride - 1);
      if (slot != slots.facts() + facts.size()) {
        throw entry.wrong("slot", slot, String.valueOf(slots.facts() + facts.size()));
      }
      int[] values = entry.integers("values", 1, 256, 0, vocabularySize - 1);
      facts.add(new Fact(name, slot, values, conditions(entry, facts)));
    }
    return facts;
  }

  private static List<Condition> conditions(JsonFields entry, List<Fact> earlier)
      throws ModelPackageException {
    List<Condition> conditions = new ArrayList<>();
    if (!entry.has("onlyIf")) {
      return conditions;
    }
    JsonFields onlyIf = entry.object("onlyIf");
    for (String name : onlyIf.keys()) {
      int[] ids = onlyIf.integers(name, 1, 256, 0, Integer.MAX_VALUE);
      int index = -1;
      for (int i = 0; i < earlier.size(); i++) {
        index = earlier.get(i).name().equals(name) ? i : index;
      }
      if (index < 0) {
        throw onlyIf.wrong(name, name, "the name of an earlier fact");
      }
      for (int id : ids) {
        if (indexOf(earlier.get(index).values(), id) < 0) {
          throw onlyIf.wrong(name, id, "token ids that fact '" + name + "' may have");
        }
      }
      conditions.add(new Condition(index, ids));
    }
    return List.copyOf(conditions);
  }

  private static int indexOf(int[] values, int wanted) {
    for (int i = 0; i < values.length; i++) {
      if (values[i] == wanted) {
        return i;
      }
    }
    return -1;
  }

  private static ActionCodec action(JsonFields codec, int vocabularySize)
      throws ModelPackageException {
    int last = vocabularySize - 1;
    JsonFields maneuver = codec.object("maneuver");
    ActionCodec action =
        new ActionCodec(
            codec.number("stepS", 1e-3, 10),
            codec.integer("steps", 1, 1024),
            codec.ranges("aRange", 1, 16),
            codec.ranges("kRange", 1, 16),
            codec.integer("bins", 2, 4096),
            codec.integer("aBase", 0, last),
            codec.integer("kBase", 0, last),
            maneuver.integer("brake", 0, last),
            maneuver.integer("keep", 0, last),
            maneuver.integer("accelerate", 0, last));
    if (action.accelBase() + action.bins() > vocabularySize) {
      throw codec.wrong("aBase", action.accelBase(), "aBase + bins within the vocabulary");
    }
    if (action.curvatureBase() + action.bins() > vocabularySize) {
      throw codec.wrong("kBase", action.curvatureBase(), "kBase + bins within the vocabulary");
    }
    return action;
  }

  private static List<Exit> exits(JsonFields root, int slices) throws ModelPackageException {
    List<Exit> exits = new ArrayList<>();
    for (JsonFields entry : root.objects("exits", slices, slices)) {
      int afterSlice = entry.integer("afterSlice", 0, slices - 1);
      if (afterSlice != exits.size()) {
        throw entry.wrong(
            "afterSlice", afterSlice, exits.size() + " (one exit per slice, in order)");
      }
      exits.add(new Exit(afterSlice, entry.texts("decides", 0, 256)));
    }
    Exit last = exits.getLast();
    if (!last.mayDecide(Exit.ACTION)) {
      throw root.wrong(
          "exits[" + (slices - 1) + "].decides", last.decides(), "'" + Exit.ACTION + "' in it");
    }
    return exits;
  }

  private static Map<String, String> files(JsonFields files, int slices)
      throws ModelPackageException {
    Map<String, String> hashes = new LinkedHashMap<>();
    for (Map.Entry<String, String> entry : files.textMap(1024).entrySet()) {
      if (!FILE_NAME.matcher(entry.getKey()).matches()) {
        throw files.wrong(entry.getKey(), entry.getKey(), "a plain file name inside the package");
      }
      if (!SHA256.matcher(entry.getValue()).matches()) {
        throw files.wrong(entry.getKey(), entry.getValue(), "a sha256 of 64 hex digits");
      }
      hashes.put(entry.getKey(), entry.getValue().toLowerCase(Locale.ROOT));
    }
    List<String> required =
        new ArrayList<>(
            List.of("encoder_camera.onnx", "encoder_lidar.onnx", "encoder_ego.onnx", "embed.onnx"));
    for (int slice = 0; slice < slices; slice++) {
      required.add("decoder_" + slice + ".onnx");
      required.add("head_" + slice + ".onnx");
    }
    for (String name : required) {
      if (!hashes.containsKey(name)) {
        throw files.wrong(name, "nothing", "the sha256 of that file");
      }
    }
    return hashes;
  }

  private static void verify(Path description, Path file, String wanted)
      throws ModelPackageException {
    if (!Files.isRegularFile(file)) {
      throw new ModelPackageException(
          file
              + ": found no such file, wanted sha256 "
              + wanted
              + " (key 'files' of "
              + description
              + ")");
    }
    MessageDigest digest = sha256();
    byte[] buffer = new byte[1 << 16];
    try (InputStream in = Files.newInputStream(file)) {
      for (int n = in.read(buffer); n >= 0; n = in.read(buffer)) {
        digest.update(buffer, 0, n);
      }
    } catch (IOException e) {
      throw new ModelPackageException(file + ": cannot be read: " + e.getMessage(), e);
    }
    String found = HexFormat.of().formatHex(digest.digest());
    if (!found.equals(wanted)) {
      throw new ModelPackageException(
          file
              + ": found sha256 "
              + found
              + ", wanted "
              + wanted
              + " (key 'files' of "
              + description
              + ")");
    }
  }

  private static MessageDigest sha256() {
    try {
      return MessageDigest.getInstance("SHA-256");
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("this JDK has no SHA-256", e);
    }
  }
}
