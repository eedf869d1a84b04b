package saccade.nodes.pipeline;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import picocli.CommandLine;
import saccade.kernels.geometry.CameraModel;
import saccade.kernels.geometry.Lens;
import saccade.kernels.geometry.Rig;
import saccade.kernels.image.PatchSpec;
import saccade.kernels.image.PixelFormat;
import saccade.nodes.cli.ExitCode;
import saccade.nodes.cli.Main;
import saccade.nodes.graph.RigFile;
import saccade.nodes.sensor.RecordingWriter;
import saccade.perception.encode.CameraEncoder;
import saccade.perception.engine.LoadedModel;
import saccade.perception.engine.TensorStore;
import saccade.planner.JsonLines;
import saccade.planner.PlannerMessage;
import saccade.sim.Scenario;
import saccade.sim.Simulation;

/**
 * A camera whose rig file names a calibration in camera_info form is freed of its lens on the way
 * to the model: what the encoder gets is what it gets of the ideal camera's picture.
 */
final class LensTest {
  private static final int WIDTH = 448;
  private static final int HEIGHT = 256;

  @TempDir Path folder;

  private enum Calibration {
    PLUMB_BOB("plumb_bob", -0.18, 0.03, 0.001, -0.001, 0),
    FISHEYE("equidistant", 0.02, -0.005, 0.001, 0);

    final String model;
    final double[] d;

    Calibration(String model, double... d) {
      this.model = model;
      this.d = d;
    }

    String yaml(double f) {
      return String.format(
          Locale.ROOT,
          """
          image_width: %d
          image_height: %d
          camera_name: front_wide
          camera_matrix: {rows: 3, cols: 3, data: [%f, 0, 225.5, 0, %f, 126.5, 0, 0, 1]}
          distortion_model: %s
          distortion_coefficients: {rows: 1, cols: %d, data: %s}
          rectification_matrix: {rows: 3, cols: 3, data: [1, 0, 0, 0, 1, 0, 0, 0, 1]}
          projection_matrix: {rows: 3, cols: 4, data: [224, 0, 224, 0, 0, 224, 128, 0, 0, 0, 1, 0]}
          """,
          WIDTH,
          HEIGHT,
          f,
          f,
          model,
          d.length,
          Arrays.toString(d));
    }
  }

  private Rig rig(Calibration calibration) throws IOException {
    Files.writeString(folder.resolve("front.yaml"), calibration.yaml(210));
    Path file = folder.resolve("rig.yaml");
    Files.writeString(
        file,
        """
        name: bent
        cameras:
          - {name: front_wide, cameraInfo: front.yaml, xyz: [1.6, 0, 1.5], rpyDeg: [0, 0, 0]}
        """);
    return RigFile.read(file);
  }

  /** What the ideal camera sees of a street, u8 [height, width, 3]. */
  private static byte[] street(CameraModel camera) {
    Simulation street = new Simulation(new Rig(List.of(camera), null), Scenario.named("demo"), 4);
    street.advance(2);
    byte[] picture = new byte[3 * WIDTH * HEIGHT];
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment pixels = arena.allocate(picture.length);
      street.renderCamera(0, pixels);
      MemorySegment.copy(pixels, ValueLayout.JAVA_BYTE, 0, picture, 0, picture.length);
    }
    return picture;
  }

  /** The picture as the lens would bend it: each pixel's ray found by undoing the distortion. */
  private static byte[] bent(byte[] ideal, CameraModel pinhole, Lens lens) {
    byte[] out = new byte[ideal.length];
    double[] xy = new double[2];
    for (int v = 0; v < HEIGHT; v++) {
      for (int u = 0; u < WIDTH; u++) {
        double wantedX = (u + 0.5 - lens.cxPx()) / lens.fxPx();
        double wantedY = (v + 0.5 - lens.cyPx()) / lens.fyPx();
        double x = wantedX;
        double y = wantedY;
        for (int i = 0; i < 60; i++) {
          lens.distortion().distort(x, y, xy);
          x += wantedX - xy[0];
          y += wantedY - xy[1];
        }
        double column = pinhole.fxPx() * x + pinhole.cxPx() - 0.5;
        double line = pinhole.fyPx() * y + pinhole.cyPx() - 0.5;
        for (int c = 0; c < 3; c++) {
          out[3 * (v * WIDTH + u) + c] = (byte) Math.round(between(ideal, column, line, c));
        }
      }
    }
    return out;
  }

  private static double between(byte[] picture, double column, double line, int channel) {
    double x = Math.clamp(column, 0.0, WIDTH - 1.001);
    double y = Math.clamp(line, 0.0, HEIGHT - 1.001);
    int i = (int) x;
    int j = (int) y;
    double sum = 0;
    for (int k = 0; k < 4; k++) {
      int at = 3 * ((j + k / 2) * WIDTH + i + k % 2) + channel;
      double weight = (k % 2 == 0 ? 1 - (x - i) : x - i) * (k / 2 == 0 ? 1 - (y - j) : y - j);
      sum += weight * (picture[at] & 0xff);
    }
    return sum;
  }

  private static float[] patches(
      LoadedModel model, CameraModel camera, Lens lens, byte[] picture, PatchSpec spec) {
    try (TensorStore store = new TensorStore()) {
      CameraEncoder encoder = new CameraEncoder(model, store, camera, lens, null, false, false);
      encoder.prepare(MemorySegment.ofArray(picture), 3L * WIDTH, PixelFormat.RGB8, null, 0);
      float[] values = new float[(int) (spec.patchesBytes() / Float.BYTES)];
      MemorySegment.copy(encoder.patches(), ValueLayout.JAVA_FLOAT, 0, values, 0, values.length);
      return values;
    }
  }

  /** Mean difference of the pixels that are not within 8 of the border, grey levels. */
  private static double apart(float[] a, float[] b, PatchSpec spec) {
    double sum = 0;
    int n = 0;
    int side = spec.patchPx();
    for (int i = 0; i < a.length; i++) {
      int patch = i / spec.patchFloats();
      int row = patch / spec.patchCols();
      int col = patch % spec.patchCols();
      if (row * side < 8
          || col * side < 8
          || (row + 1) * side > spec.heightPx() - 8
          || (col + 1) * side > spec.widthPx() - 8) {
        continue;
      }
      sum += Math.abs(a[i] - b[i]) * spec.std(i % 3) * 255;
      n++;
    }
    return sum / n;
  }

  @Test
  void theEncoderGetsWhatTheIdealCameraWouldGiveIt() throws IOException {
    try (LoadedModel model =
        ModelPerceiver.load(Path.of("../perception-mllm/models/saccade-nano"))) {
      PatchSpec spec = model.model().camera().patchSpec();
      for (Calibration calibration : Calibration.values()) {
        Rig rig = rig(calibration);
        CameraModel camera = rig.cameras().getFirst();
        Lens lens = rig.lenses().get("front_wide");
        assertNotNull(lens, "the rig file's lens");
        byte[] ideal = street(camera);
        byte[] bent = bent(ideal, camera, lens);
        float[] wanted = patches(model, camera, null, ideal, spec);
        float[] freed = patches(model, camera, lens, bent, spec);
        float[] left = patches(model, camera, null, bent, spec);
        double with = apart(wanted, freed, spec);
        double without = apart(wanted, left, spec);
        assertTrue(with < 2.5, calibration + ": mean " + with + " grey levels apart");
        assertTrue(
            without > 3 * with, calibration + ": " + without + " when the lens is left, " + with);
      }
    }
  }

  /** The same from files: a recording beside a rig with a lens, through the whole program. */
  @Test
  void playTakesARigWithALens() throws IOException {
    Rig rig = rig(Calibration.FISHEYE);
    CameraModel camera = rig.cameras().getFirst();
    byte[] bent = bent(street(camera), camera, rig.lenses().get("front_wide"));
    Path recording = folder.resolve("recording");
    try (RecordingWriter writer = new RecordingWriter(recording, "bent", rig)) {
      for (int i = 0; i < 3; i++) {
        long stampNs = RecordingWriter.EPOCH_NS + i * 100_000_000L;
        writer.frame(0, stampNs, MemorySegment.ofArray(bent), bent.length);
      }
    }
    assertEquals(rig.lenses(), RigFile.read(recording.resolve("rig.yaml")).lenses());
    Path json = folder.resolve("messages.jsonl");
    StringWriter said = new StringWriter();
    CommandLine line = Main.commandLine();
    line.setErr(new PrintWriter(said, true));
    line.setOut(new PrintWriter(said, true));
    int code = line.execute("play", recording.toString(), "--offline", "--json", json.toString());
    assertEquals(ExitCode.OK, code, said.toString());
    List<PlannerMessage> messages = Files.readAllLines(json).stream().map(JsonLines::read).toList();
    assertEquals(3, messages.size());
    for (PlannerMessage message : messages) {
      assertTrue(message.sensorsUsed().contains("front_wide"), message.toString());
    }
  }
}
