package saccade.perception.encode;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.io.InputStream;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import java.util.Objects;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import saccade.kernels.motion.Standstill;
import saccade.perception.PerceptionOutput;
import saccade.perception.PerceptionSession;
import saccade.perception.SensorStatus;
import saccade.perception.SessionOptions;
import saccade.perception.SetInput;
import saccade.perception.TestSets;
import saccade.perception.engine.LoadedModel;
import saccade.perception.engine.TensorStore;
import saccade.perception.model.EgoFeature;
import saccade.perception.model.ModelPackage;
import saccade.realtime.clock.NanoClock;

/** Which numbers of the own motion a model gets, by its description. */
class EgoEncoderTest {
  private static final double[] MOTION = {7.5, -0.1, 12, -2, 1.3, 4.5}; // by EgoFeature

  @TempDir Path folder;

  private static float[] floats(MemorySegment of) {
    return of.toArray(ValueLayout.JAVA_FLOAT);
  }

  /**
   * The shipped package but for the ego encoder: one whose token is what it was given, then zeros.
   */
  private ModelPackage taking(List<String> order, List<Double> scale) throws Exception {
    Path shipped = TestSets.model().dir().toAbsolutePath();
    try (var files = Files.list(shipped)) {
      for (Path file : files.toList()) {
        Files.copy(file, folder.resolve(file.getFileName()));
      }
    }
    byte[] graph;
    try (InputStream in = EgoEncoderTest.class.getResourceAsStream("ego-of-six.onnx")) {
      graph = Objects.requireNonNull(in).readAllBytes();
    }
    replace("encoder_ego.onnx", graph);
    ObjectMapper json = new ObjectMapper();
    Path description = shipped.resolve(ModelPackage.DESCRIPTION_FILE);
    ObjectNode root = (ObjectNode) json.readTree(Files.readAllBytes(description));
    ObjectNode ego = root.putObject("ego");
    order.forEach(ego.putArray("order")::add);
    scale.forEach(ego.putArray("scale")::add);
    byte[] hash = MessageDigest.getInstance("SHA-256").digest(graph);
    ((ObjectNode) root.get("files")).put("encoder_ego.onnx", HexFormat.of().formatHex(hash));
    replace(ModelPackage.DESCRIPTION_FILE, json.writeValueAsBytes(root));
    return ModelPackage.load(folder);
  }

  private void replace(String name, byte[] bytes) throws IOException {
    Files.delete(folder.resolve(name));
    Files.write(folder.resolve(name), bytes);
  }

  @Test
  void shouldGiveAModelOfFourFeaturesWhatItAlwaysGot() {
    try (LoadedModel loaded = LoadedModel.open(TestSets.model());
        TensorStore store = new TensorStore()) {
      assertEquals(
          List.of("speed", "yawRate", "setSpeed", "acceleration"),
          loaded.model().ego().order().stream().map(EgoFeature::word).toList());
      EgoEncoder encoder = new EgoEncoder(loaded, store);
      encoder.encode(MOTION);
      assertArrayEquals(
          new float[] {(float) (7.5 / 15), (float) (-0.1 / 0.5), (float) (12 / 15.0), -2 / 5f},
          floats(encoder.inputs()));
      float[] tokens = floats(encoder.tokens());
      double[] otherPast = MOTION.clone();
      otherPast[EgoFeature.STOOD.ordinal()] = 0;
      otherPast[EgoFeature.DRIVEN.ordinal()] = Standstill.MOST_M;
      encoder.encode(otherPast);
      assertArrayEquals(tokens, floats(encoder.tokens()), "it knows of no standstill");
    }
  }

  @Test
  void shouldGiveSixFeaturesInTheOrderOfTheDescription() throws Exception {
    ModelPackage six =
        taking(
            List.of("driven", "speed", "stood", "acceleration", "setSpeed", "yawRate"),
            List.of(20.0, 15.0, 3.0, 5.0, 15.0, 0.5));
    float[] wanted = {
      (float) (4.5 / 20),
      7.5f / 15,
      (float) (1.3 / 3),
      -2 / 5f,
      (float) (12 / 15.0),
      (float) (-0.1 / 0.5)
    };
    try (LoadedModel loaded = LoadedModel.open(six);
        TensorStore store = new TensorStore()) {
      EgoEncoder encoder = new EgoEncoder(loaded, store);
      encoder.encode(MOTION);
      float[] tokens = floats(encoder.tokens());
      assertArrayEquals(wanted, Arrays.copyOf(tokens, 6));
      assertArrayEquals(new float[tokens.length - 6], Arrays.copyOfRange(tokens, 6, tokens.length));
    }
  }

  /**
   * A whole session: what a set is told of a standstill arrives, and changes the answer's input.
   */
  @Test
  void shouldRunASessionOnSixFeaturesAndRefuseWhatIsNotFinite() throws Exception {
    ModelPackage six =
        taking(
            List.of("speed", "yawRate", "setSpeed", "acceleration", "stood", "driven"),
            List.of(15.0, 0.5, 15.0, 5.0, 3.0, 20.0));
    try (LoadedModel loaded = LoadedModel.open(six);
        PerceptionSession session =
            new PerceptionSession(
                loaded, TestSets.RIG, NanoClock.system(), SessionOptions.DEFAULT)) {
      SetInput in = new TestSets(4).next();
      in.ego(0, 0, 10, 0, 1.2, 0);
      PerceptionOutput out = session.run(in, Long.MAX_VALUE, 0);
      assertEquals(SensorStatus.USED, out.ego());
      in.ego(0, 0, 10, 0, Double.NaN, 0);
      assertEquals(SensorStatus.INVALID, session.run(in, Long.MAX_VALUE, 0).ego());
    }
  }
}
