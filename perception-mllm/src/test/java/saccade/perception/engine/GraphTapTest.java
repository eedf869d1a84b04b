package saccade.perception.engine;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import saccade.perception.TestSets;
import saccade.perception.model.ModelPackage;

class GraphTapTest {
  /** ModelProto{graph{node{input a, input b, output y, op_type T}, node{output z, op_type U}}}. */
  private static final byte[] SMALL =
      bytes(":\u0016\n\f\n\u0001a\n\u0001b\u0012\u0001y\"\u0001T\n\u0006\u0012\u0001z\"\u0001U");

  private static byte[] bytes(String latin) {
    return latin.getBytes(StandardCharsets.ISO_8859_1);
  }

  @Test
  void appendsOutputsToTheGraph(@TempDir Path dir) throws IOException {
    Path file = dir.resolve("small.onnx");
    Files.write(file, SMALL);
    GraphTap inputs = GraphTap.of(file, "T", GraphTap.Value.FIRST_INPUTS);
    assertEquals(List.of("a", "b"), inputs.outputs());
    // graph (field 7) of two outputs (field 12), each a value (field 1 = its name).
    byte[] added = bytes(":\nb\u0003\n\u0001ab\u0003\n\u0001b");
    assertArrayEquals(SMALL, Arrays.copyOf(inputs.model(), SMALL.length));
    assertArrayEquals(
        added, Arrays.copyOfRange(inputs.model(), SMALL.length, inputs.model().length));
    assertEquals(List.of("z"), GraphTap.of(file, "U", GraphTap.Value.OUTPUT).outputs());
  }

  @Test
  void complainsInOneLine(@TempDir Path dir) throws IOException {
    Path file = dir.resolve("small.onnx");
    Files.write(file, SMALL);
    for (String type : List.of("V", "U")) { // U has no inputs
      EngineException e =
          assertThrows(
              EngineException.class, () -> GraphTap.of(file, type, GraphTap.Value.FIRST_INPUTS));
      assertTrue(String.valueOf(e.getMessage()).contains("found no operator " + type), e::toString);
    }
    Files.write(file, Arrays.copyOf(SMALL, SMALL.length - 3));
    assertThrows(EngineException.class, () -> GraphTap.of(file, "T", GraphTap.Value.OUTPUT));
    assertThrows(
        EngineException.class,
        () -> GraphTap.of(dir.resolve("none.onnx"), "T", GraphTap.Value.OUTPUT));
  }

  @Property(tries = 300)
  void anyBytesAreReadOrRefused(@ForAll byte[] tail, @ForAll boolean whole) {
    Path file = null;
    try {
      file = Files.createTempFile("tap", ".onnx");
      byte[] bytes = whole ? Arrays.copyOf(SMALL, SMALL.length + tail.length) : tail;
      System.arraycopy(tail, 0, bytes, bytes.length - tail.length, tail.length);
      Files.write(file, bytes);
      assertEquals(List.of("y"), GraphTap.of(file, "T", GraphTap.Value.OUTPUT).outputs());
    } catch (EngineException e) {
      assertTrue(String.valueOf(e.getMessage()).contains("found no "), e::toString);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    } finally {
      if (file != null) {
        assertTrue(file.toFile().delete());
      }
    }
  }

  @Test
  void theModelShowsItsAttention() {
    try (LoadedModel loaded = LoadedModel.open(TestSets.model())) {
      int before = loaded.handles();
      LoadedModel.Tap encoder = loaded.encoderAttention(ModelPackage.CAMERA_ENCODER);
      long[] shape = encoder.shapes().getFirst();
      assertEquals(4, shape.length);
      assertEquals(shape[2], shape[3]);
      LoadedModel.Tap decoder = loaded.queriesAndKeys(0);
      assertEquals(TestSets.model().decoder().hidden(), decoder.shapes().get(0)[2]);
      assertEquals(
          (long) TestSets.model().decoder().kvHeads() * TestSets.model().decoder().headDim(),
          decoder.shapes().get(1)[2]);
      assertEquals(before + 2, loaded.handles());
      assertEquals(encoder, loaded.encoderAttention(ModelPackage.CAMERA_ENCODER), "opened once");
      assertEquals(before + 2, loaded.handles());
    }
  }
}
