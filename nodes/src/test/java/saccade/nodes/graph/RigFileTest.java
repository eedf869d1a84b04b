package saccade.nodes.graph;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import saccade.kernels.geometry.Rig;
import saccade.kernels.geometry.SweepTiming;
import saccade.nodes.cli.BadInput;

class RigFileTest {
  private static final Path TWO_CAMERA = Path.of("../launch/rigs/two-camera.yaml");

  @Test
  void shippedFilesEqualTheRigsInCode() {
    assertEquals(Rig.twoCamera(), RigFile.read(TWO_CAMERA));
    assertEquals(Rig.sixCamera(), RigFile.read(Path.of("../launch/rigs/six-camera.yaml")));
  }

  @Test
  void writtenRigIsReadBackEqual(@TempDir Path dir) throws IOException {
    Path file = dir.resolve("rig.yaml");
    RigFile.write(file, "two-camera", Rig.twoCamera());
    Rig back = RigFile.read(file);
    assertEquals(Rig.twoCamera().cameras(), back.cameras());
    assertEquals(Rig.twoCamera().lidar().baseFromLidar(), back.lidar().baseFromLidar());
    assertEquals(Rig.twoCamera().lidar().maxElevationRad(), back.lidar().maxElevationRad(), 1e-12);
  }

  @Test
  void aSpinningLidarStatesTheTimingOfItsSweep(@TempDir Path dir) throws IOException {
    Rig rig = RigFile.parse("rig.yaml", lidar("left, startDeg: 180, stampAt: 0.5"));
    assertEquals(new SweepTiming(0.1, true, Math.PI, 0.5), rig.lidar().sweep());
    RigFile.write(dir.resolve("copy.yaml"), "copy", rig);
    assertEquals(rig.lidar().sweep(), RigFile.read(dir.resolve("copy.yaml")).lidar().sweep());
    complains(lidar("up, startDeg: 180, stampAt: 0.5"), "left (counter-clockwise from above)");
    complains(lidar("left, startDeg: 180, stampAt: 2"), "lidar.sweep.stampAt");
  }

  private static String lidar(String direction) {
    return camera("width: 2, height: 2, hfovDeg: 90")
        + "lidar: {name: top, beams: 2, columns: 2, elevationDeg: [-5, 5], maxRangeM: 9, xyz: [0, 0, 1],"
        + " rpyDeg: [0, 0, 0], sweep: {turnS: 0.1, direction: "
        + direction
        + "}}";
  }

  @Test
  void saysWhatIsWrong() {
    complains("cameras: []\nname: x", "cameras: expected a list of 1 to 16");
    complains(camera("width: 0, height: 2, hfovDeg: 90"), "cameras[0].width");
    complains(camera("width: 2, height: 2"), "cameras[0].hfovDeg: expected a number from 1 to 179");
    complains(camera("width: 2, height: 2, intrinsics: [1, 2, 3]"), "a list of 4 numbers");
    complains(camera("width: 2, height: 2, intrinsics: [0, 2, 3, 4]"), "positive focal");
    complains(
        camera("width: 2, height: 2, hfovDeg: 90, colour: red"), "unknown key cameras[0].colour");
    complains(
        "name: x\ncameras:\n  - {name: a, width: 2, height: 2, hfovDeg: 9, xyz: [0,0,0],"
            + " quatOptical: [2,0,0,0]}",
        "a unit quaternion");
  }

  private static String camera(String fields) {
    return "name: x\ncameras:\n  - {name: a, xyz: [0, 0, 1], rpyDeg: [0, 0, 0], " + fields + "}\n";
  }

  private static void complains(String text, String part) {
    BadInput bad = assertThrows(BadInput.class, () -> RigFile.parse("rig.yaml", text));
    String message = String.valueOf(bad.getMessage());
    assertTrue(message.contains(part), message);
    assertTrue(message.startsWith("rig.yaml"), message);
  }
}
