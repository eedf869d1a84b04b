package saccade.nodes.graph;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.code_intelligence.jazzer.junit.FuzzTest;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import saccade.kernels.geometry.CameraModel;
import saccade.kernels.geometry.Distortion;
import saccade.kernels.geometry.Lens;
import saccade.kernels.geometry.Rig;
import saccade.nodes.cli.BadInput;

class CameraInfoFileTest {
  private static final String FILE =
      """
      image_width: 640
      image_height: 480
      camera_name: left
      camera_matrix:
        rows: 3
        cols: 3
        data: [430.1, 0, 306.9, 0, 430.5, 227.2, 0, 0, 1]
      distortion_model: plumb_bob
      distortion_coefficients:
        rows: 1
        cols: 5
        data: [-0.337, 0.111, -0.0007, 0.0005, 0]
      rectification_matrix:
        rows: 3
        cols: 3
        data: [1, 0, 0, 0, 1, 0, 0, 0, 1]
      projection_matrix:
        rows: 3
        cols: 4
        data: [360.0, 0, 310, 0, 0, 390.0, 230, 0, 0, 0, 1, 0]
      """;

  @TempDir Path folder;

  @Test
  void readsWhatTheCalibratorWrites() {
    CameraInfoFile info = CameraInfoFile.parse("left.yaml", FILE);
    assertEquals(640, info.widthPx());
    assertEquals("left", info.camera());
    assertArrayEquals(new double[] {360, 390, 310, 230}, info.pinhole());
    assertEquals(430.1, info.lens().fxPx());
    assertEquals(Distortion.Model.PLUMB_BOB, info.lens().distortion().model());
    assertFalse(info.isIdeal());
  }

  @Test
  void withoutAProjectionThePinholeIsTheCameraMatrix() {
    String bare = FILE.substring(0, FILE.indexOf("rectification_matrix"));
    assertArrayEquals(
        new double[] {430.1, 430.5, 306.9, 227.2}, CameraInfoFile.parse("a", bare).pinhole());
    String fisheye =
        bare.replace("plumb_bob", "equidistant")
            .replace("cols: 5", "cols: 4")
            .replace(", 0]\n", "]\n");
    assertEquals(
        Distortion.Model.EQUIDISTANT,
        CameraInfoFile.parse("a", fisheye).lens().distortion().model());
  }

  @Test
  void aRigFileNamesItAndKeepsTheLens() throws IOException {
    Files.writeString(folder.resolve("left.yaml"), FILE);
    Path rigFile = folder.resolve("rig.yaml");
    Files.writeString(
        rigFile,
        "name: x\ncameras:\n  - {name: front, cameraInfo: left.yaml, xyz: [1, 0, 1.5], rpyDeg: [0, 0, 0]}\n");
    Rig rig = RigFile.read(rigFile);
    CameraModel camera = rig.cameras().getFirst();
    assertEquals(360, camera.fxPx());
    double[] uvDepth = new double[3];
    assertTrue(camera.project(11, 0, 1.5, uvDepth));
    assertEquals(310, uvDepth[0], 1e-9, "the optical axis is the x axis");
    Lens lens = rig.lenses().get("front");
    assertEquals(430.1, lens.fxPx());
    Path copy = folder.resolve("copy.yaml");
    RigFile.write(copy, "copy", rig);
    assertEquals(rig, RigFile.read(copy), "written and read back equal, lens and all");
  }

  @Test
  void saysWhatIsWrong() {
    complains(FILE.replace("640", "0"), "image_width");
    complains(FILE.replace("[430.1, 0,", "[430.1,"), "a list of 9 numbers");
    complains(
        FILE.replace("plumb_bob", "fish"), "wanted plumb_bob, rational_polynomial or equidistant");
    complains(FILE.replace("430.1", "-1"), "positive focal lengths");
    complains(
        FILE.replace("data: [1, 0, 0, 0, 1", "data: [0, 1, 0, 0, 1"), "expected the unit matrix");
    complains("- 1", "expected a mapping");
  }

  private static void complains(String text, String part) {
    BadInput bad = assertThrows(BadInput.class, () -> CameraInfoFile.parse("c.yaml", text));
    String message = String.valueOf(bad.getMessage());
    assertTrue(message.contains(part) && message.startsWith("c.yaml"), message);
    assertEquals(1, message.lines().count());
  }

  /** Any bytes give a calibration or one line of complaint. */
  @FuzzTest(maxDuration = "30s")
  void anyBytes(byte[] bytes) {
    try {
      CameraInfoFile.parse("c.yaml", new String(bytes, StandardCharsets.UTF_8));
    } catch (BadInput e) {
      assertEquals(1, String.valueOf(e.getMessage()).lines().count());
    }
  }
}
