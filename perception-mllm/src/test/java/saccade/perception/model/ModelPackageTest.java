package saccade.perception.model;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.Iterator;
import java.util.function.Consumer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import saccade.perception.TestSets;

class ModelPackageTest {

  @TempDir Path dir;

  @Test
  void shouldReadWhatTheTrainerWrote() {
    ModelPackage model = TestDescription.valid();
    assertEquals("saccade-nano", model.name());
    assertEquals(192, model.decoder().hidden());
    assertEquals(6, model.decoder().layers());
    assertEquals(3, model.decoder().slices());
    assertEquals(56, model.slots().lidar());
    assertEquals(81, model.slots().act());
    assertEquals(88, model.slots().say());
    assertEquals(89, model.slots().facts());
    assertEquals(11, model.grammar().size());
    assertEquals(1792, model.camera().patches());
    assertEquals(24, model.lidar().tokens());
    assertEquals(192, model.lidar().tokenFloats());
    assertEquals(6, model.action().tokens());
    assertEquals(2, model.factIndex("first.kind"));
    assertEquals(-1, model.factIndex("weather"));
    assertTrue(model.exits().get(2).mayDecide(ModelPackage.Exit.ACTION));
    assertFalse(model.exits().get(0).mayDecide(ModelPackage.Exit.ACTION));
    assertEquals(512, model.vocabulary().size());
    assertEquals(2 * 128 + 5 + 1, model.positions().position(2, 5));
    assertTrue(model.inspect().contains("exit after slice 0       road"), model.inspect());
  }

  @Test
  void shouldReadSixCamerasALidarToTheRearAndMoreFacts() {
    ModelPackage model = TestDescription.sixCameras();
    assertEquals(6, model.camera().count());
    assertEquals(168, model.slots().lidar());
    assertEquals(204, model.slots().ego());
    assertEquals(205, model.slots().act());
    assertEquals(212, model.slots().say());
    assertEquals(213, model.slots().facts());
    assertEquals(18, model.grammar().size());
    assertEquals(36, model.lidar().tokens());
    assertEquals(-24, model.lidar().minX());
    assertEquals(48, model.lidar().maxX());
    assertEquals(896, model.decoder().kvCapacity());
    assertEquals(2 * 256 + 5 + 1, model.positions().position(2, 5));
    assertEquals(16, model.factIndex("weather"));
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "format | 2 | key 'format': found 2, wanted 1",
        "kind | \"llava\" | key 'kind': found llava, wanted saccade-nano",
        "hidden | \"big\" | key 'hidden': found \"big\", wanted an integer in 1..16384",
        "hidden | 1e9 | key 'hidden': found 1.0E9, wanted an integer in 1..16384",
        "hidden | 99999999999999999999 | key 'hidden': found 99999999999999999999, wanted an integer",
        "headDim | 31 | key 'headDim': found 31, wanted an even number",
        "kvCapacity | 300 | key 'kvCapacity': found 300, wanted at least 344 rows",
        "maxPosition | 700 | key 'maxPosition': found 700, wanted at least 768",
        "layersPerSlice | [] | key 'layersPerSlice': found a list of 0 values, wanted a list of 1..64",
        "layersPerSlice | [2, 2, -2] | key 'layersPerSlice[2]': found -2, wanted an integer in 1..256",
        "positionRule | 3 | key 'positionRule': found 3, wanted an object",
        "vocabulary | [1, 2, 3, 4] | key 'vocabulary[0]': found 1, wanted a text",
        "vocabulary | [\"a\", \"b\", \"c\", \"d\"] | wanted an integer in 0..3",
        "license | null | key 'license': found nothing, wanted a text",
        "exits | [] | key 'exits': found a list of 0 values, wanted a list of 3..3 values",
        "grammar | {} | key 'grammar': found an object, wanted a list",
      })
  void shouldNameKeyFoundAndWanted(String key, String value, String message) throws Exception {
    ObjectNode json = TestDescription.json();
    json.set(key, new ObjectMapper().readTree(value));
    assertRefused(json, message);
  }

  @Test
  void shouldNameTheKeyDeepInsideTheFile() {
    assertBroken(
        j -> object(j, "window").put("sets", 0),
        "key 'window.sets': found 0, wanted an integer in");
    assertBroken(
        j -> object(j, "cameras").put("width", 225),
        "key 'cameras.width': found 225, wanted a multiple of 4");
    assertBroken(
        j -> object(j, "lidar").put("cellM", 0), "key 'lidar.cellM': found 0, wanted a number in");
    assertBroken(
        j -> ((ArrayNode) object(j, "ego").get("order")).set(3, "stoood"),
        "key 'ego.order': found stoood, wanted each of these at most once: speed, yawRate, setSpeed,"
            + " acceleration, stood, driven");
    assertBroken(
        j -> ((ArrayNode) object(j, "ego").get("order")).set(1, "speed"),
        "key 'ego.order': found speed, wanted each of these at most once");
    assertBroken(
        j -> ((ArrayNode) object(j, "ego").get("order")).add("stood"),
        "key 'ego.scale': found a list of 4 values, wanted a list of 5..5 values");
    assertBroken(
        j -> object(j, "slots").put("ego", 79), "key 'slots.ego': found 79, wanted first slot 80");
    assertBroken(
        j -> ((ObjectNode) j.get("grammar").get(3)).put("slot", 5),
        "key 'grammar[3].slot': found 5, wanted 92");
    assertBroken(
        j -> ((ObjectNode) j.get("grammar").get(3).get("onlyIf")).putArray("sky").add(1),
        "key 'grammar[3].onlyIf.sky': found sky, wanted the name of an earlier fact");
    assertBroken(
        j -> object(j, "files").put("../../etc/passwd", "0".repeat(64)),
        "key 'files.../../etc/passwd': found ../../etc/passwd, wanted a plain file name");
    assertBroken(
        j -> object(j, "files").put("head_1.onnx", "abc"),
        "key 'files.head_1.onnx': found abc, wanted a sha256 of 64 hex digits");
    assertBroken(
        j -> object(j, "files").remove("decoder_2.onnx"),
        "key 'files.decoder_2.onnx': found nothing, wanted the sha256 of that file");
    assertBroken(
        j -> ((ObjectNode) j.get("exits").get(2)).putArray("decides").add("road"),
        "wanted 'maneuver' in it");
  }

  @Test
  void shouldRefuseTheFileWithAnyKeyMissing() {
    for (Iterator<String> keys = TestDescription.json().fieldNames(); keys.hasNext(); ) {
      String key = keys.next();
      if (key.equals("trained") || key.equals("heads")) {
        continue; // not needed to run the model
      }
      assertBroken(j -> j.remove(key), "'" + key);
    }
  }

  @Test
  void shouldRefuseEveryTruncation() {
    byte[] all = TestDescription.bytes();
    for (int length = 0; length < all.length; length += 61) {
      byte[] part = Arrays.copyOf(all, length);
      ModelPackageException e =
          assertThrows(
              ModelPackageException.class, () -> PackageReader.parse(dir, "model.json", part));
      assertOneLine(e);
    }
  }

  @Test
  void shouldRefuseHugeAndDeepFiles() throws Exception {
    Files.write(
        dir.resolve("saccade-model.json"), new byte[PackageReader.MAX_DESCRIPTION_BYTES + 1]);
    ModelPackageException huge =
        assertThrows(ModelPackageException.class, () -> ModelPackage.load(dir));
    assertTrue(huge.getMessage().contains("found more than 4194304 bytes"), huge.getMessage());
    byte[] deep = "[".repeat(100_000).getBytes(StandardCharsets.UTF_8);
    assertOneLine(
        assertThrows(ModelPackageException.class, () -> PackageReader.parse(dir, "m.json", deep)));
    byte[] digits = ("{\"format\": " + "9".repeat(100_000) + "}").getBytes(StandardCharsets.UTF_8);
    assertOneLine(
        assertThrows(
            ModelPackageException.class, () -> PackageReader.parse(dir, "m.json", digits)));
    byte[] twice = (new String(TestDescription.bytes(), StandardCharsets.UTF_8) + "{}").getBytes();
    assertOneLine(
        assertThrows(ModelPackageException.class, () -> PackageReader.parse(dir, "m.json", twice)));
  }

  @Test
  void shouldSayWhereNothingIs() {
    ModelPackageException noDir =
        assertThrows(ModelPackageException.class, () -> ModelPackage.load(dir.resolve("gone")));
    assertTrue(noDir.getMessage().contains("found no directory"), noDir.getMessage());
    ModelPackageException noFile =
        assertThrows(ModelPackageException.class, () -> ModelPackage.load(dir));
    assertTrue(noFile.getMessage().contains("found no such file"), noFile.getMessage());
  }

  @Test
  void shouldCheckPresenceAndHashOfEveryFile() throws Exception {
    ObjectNode json = TestDescription.json();
    byte[] content = {1, 2, 3};
    String hash = HexFormat.of().formatHex(MessageDigest.getInstance("SHA-256").digest(content));
    for (Iterator<String> names = json.get("files").fieldNames(); names.hasNext(); ) {
      String name = names.next();
      object(json, "files").put(name, hash);
      Files.write(dir.resolve(name), content);
    }
    new ObjectMapper().writeValue(dir.resolve("saccade-model.json").toFile(), json);
    assertEquals("saccade-nano", ModelPackage.load(dir).name());

    Files.write(dir.resolve("head_1.onnx"), new byte[] {1, 2, 4});
    ModelPackageException changed =
        assertThrows(ModelPackageException.class, () -> ModelPackage.load(dir));
    assertTrue(changed.getMessage().contains("head_1.onnx: found sha256 "), changed.getMessage());
    assertTrue(changed.getMessage().contains("wanted " + hash), changed.getMessage());

    Files.delete(dir.resolve("head_1.onnx"));
    ModelPackageException gone =
        assertThrows(ModelPackageException.class, () -> ModelPackage.load(dir));
    assertTrue(gone.getMessage().contains("head_1.onnx: found no such file"), gone.getMessage());
  }

  @Test
  void shouldLoadTheShippedPackage() throws Exception {
    ModelPackage model = TestSets.model();
    assertEquals(64, model.sha256().length());
    assertEquals("Apache-2.0", model.license());
  }

  private static ObjectNode object(ObjectNode json, String key) {
    return (ObjectNode) json.get(key);
  }

  private void assertBroken(Consumer<ObjectNode> change, String message) {
    ObjectNode json = TestDescription.json();
    change.accept(json);
    assertRefused(json, message);
  }

  private void assertRefused(ObjectNode json, String message) {
    byte[] bytes = json.toString().getBytes(StandardCharsets.UTF_8);
    ModelPackageException e =
        assertThrows(
            ModelPackageException.class, () -> PackageReader.parse(dir, "model.json", bytes));
    assertTrue(e.getMessage().startsWith("model.json: "), e.getMessage());
    assertTrue(e.getMessage().contains(message), e.getMessage());
    assertOneLine(e);
  }

  private static void assertOneLine(ModelPackageException e) {
    assertFalse(e.getMessage().contains("\n"), e.getMessage());
    assertTrue(e.getMessage().length() < 1000, e.getMessage());
  }
}
