package saccade.nodes.play;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import saccade.kernels.geometry.CameraModel;
import saccade.kernels.geometry.Pose;
import saccade.nodes.play.Recording.Frame;

/** The real pictures and sweeps; skipped where {@code ../shared/data/kitti-raw} is absent. */
final class SharedKittiTest {
  private Path kitti = Path.of("");
  private Recording recording;

  @BeforeEach
  void find() {
    for (Path up = Path.of("").toAbsolutePath(); up != null; up = up.getParent()) {
      if (Files.isDirectory(up.resolve("shared/data/kitti-raw"))) {
        kitti = up.resolve("shared/data/kitti-raw");
      }
    }
    assumeTrue(kitti.getNameCount() > 1, "no shared/data/kitti-raw above this folder: skipped");
    recording = Recordings.open(kitti, EgoAssumptions.STANDING_IN_TOWN);
  }

  @Test
  void shouldReadEveryPictureAndSweep() {
    assertEquals(8, recording.sets());
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment into = arena.allocate(16L * 64 * 2200);
      for (Frame frame : recording.tracks().get(0).frames()) {
        assertEquals(3 * 1242 * 375, PictureFile.read(frame.file(), 1242, 375).length);
      }
      for (Frame frame : recording.tracks().get(1).frames()) {
        SweepFile.Sweep sweep = SweepFile.read(frame.file(), into);
        assertTrue(sweep.points() > 100_000 && sweep.complaint() == null);
      }
    }
  }

  /**
   * The estate car ahead fills the middle: what projects on it is as far as it, not as the road.
   */
  @Test
  void shouldProjectTheSweepOntoTheCarAhead() {
    CameraModel camera = ((Recording.Pictures) recording.tracks().getFirst().content()).camera();
    Pose lidar = recording.rig().lidar().baseFromLidar();
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment into = arena.allocate(16L * 64 * 2200);
      int points = SweepFile.read(recording.tracks().get(1).frames().get(4).file(), into).points();
      double[] uvDepth = new double[3];
      double[] onCar = new double[points];
      int n = 0;
      int inSky = 0;
      for (int i = 0; i < points; i++) {
        double[] base =
            lidar.apply(
                into.getAtIndex(ValueLayout.JAVA_FLOAT, 4L * i),
                into.getAtIndex(ValueLayout.JAVA_FLOAT, 4L * i + 1),
                into.getAtIndex(ValueLayout.JAVA_FLOAT, 4L * i + 2));
        if (camera.project(base[0], base[1], base[2], uvDepth)) {
          if (uvDepth[0] > 575 && uvDepth[0] < 705 && uvDepth[1] > 265 && uvDepth[1] < 325) {
            onCar[n++] = uvDepth[2];
          }
          inSky += uvDepth[0] < 800 && uvDepth[1] < 25 ? 1 : 0;
        }
      }
      Arrays.sort(onCar, 0, n);
      int found = n;
      assertTrue(n > 200, () -> "points on the car: " + found);
      assertEquals(onCar[n / 10], onCar[9 * n / 10], 0.8, "one flat back");
      assertTrue(onCar[n / 2] > 5 && onCar[n / 2] < 9, () -> onCar[found / 2] + " m");
      assertEquals(0, inSky);
    }
  }
}
