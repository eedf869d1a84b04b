package saccade.sim.export;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;
import saccade.kernels.geometry.Rig;
import saccade.kernels.lidar.PillarGrid;
import saccade.sim.render.CameraRenderer;
import saccade.sim.traffic.Car;
import saccade.sim.traffic.Ego;
import saccade.sim.traffic.Pedestrian;
import saccade.sim.traffic.TrafficLight;
import saccade.sim.traffic.World;
import saccade.sim.world.Daylight;
import saccade.sim.world.Road;
import saccade.sim.world.Scene;

/** Rows of scenes put together by hand. */
class FrameTensorsTest {
  private static final Rig RIG = Rig.twoCamera();

  private final FrameTensors tensors = new FrameTensors(RIG, 2, Arena.ofAuto());
  private final World world = new World(new Road(0, 0, 0, 2), Daylight.DAY, 7);
  private final Ego ego = new Ego();

  /** Into row 1, so that a row written at the wrong place shows. */
  private void write() {
    tensors.write(1, world, ego, 9, 2);
  }

  private Car car(double s, double d) {
    return world.add(new Car(world.newId(), s, d));
  }

  private boolean occupied(int token) {
    return tensors.occupancy.get(ValueLayout.JAVA_BYTE, FrameTensors.OCCUPANCY_ROW + token) == 1;
  }

  /** Points that the LiDAR has in a bird's-eye token, back from log1p(n) / 3. */
  private long points(int token) {
    PillarGrid grid = PillarGrid.NANO;
    long points = 0;
    for (int cell = 0; cell < grid.tokenFloats(); cell += PillarGrid.CELL_FEATURES) {
      long at = FrameTensors.BEV_ROW + ((long) token * grid.tokenFloats() + cell) * 4;
      points += Math.round(Math.expm1(tensors.bev.get(ValueLayout.JAVA_FLOAT_UNALIGNED, at) * 3.0));
    }
    return points;
  }

  private Set<Integer> classes(int camera) {
    Set<Integer> classes = new HashSet<>();
    for (int patch = 0; patch < FrameTensors.PATCHES; patch++) {
      classes.add((int) dense(camera, patch));
    }
    return classes;
  }

  private byte dense(int camera, int patch) {
    return tensors.dense.get(ValueLayout.JAVA_BYTE, (2L + camera) * FrameTensors.PATCHES + patch);
  }

  private float depth(int camera, int patch) {
    return tensors.depth.get(
        ValueLayout.JAVA_FLOAT_UNALIGNED, ((2L + camera) * FrameTensors.PATCHES + patch) * 4);
  }

  @Test
  void birdsEyeTokensWithPointsAreOccupiedAndTheOtherWayRound() {
    // No scenery, so that every point above the ground is on a car or a pedestrian.
    car(13, 0.5);
    car(28, 3.5).oncoming = true;
    car(36, -3.0).parked = true;
    world.add(new Pedestrian(world.newId(), 20, -4));
    world.add(new Pedestrian(world.newId(), 22, 8.6));
    ego.yawRad = 0.05;
    write();
    int occupied = 0;
    for (int token = 0; token < FrameTensors.OCCUPANCY_ROW; token++) {
      assertEquals(occupied(token), points(token) > 0, "token " + token);
      occupied += occupied(token) ? 1 : 0;
    }
    assertTrue(occupied >= 5, occupied + " tokens");
  }

  @Test
  void whatIsHiddenIsStillOccupied() {
    car(12, 0).boxy = true;
    world.add(new Pedestrian(world.newId(), 20.5, -1));
    // Token 2 * 4 + 1: 16..24 m ahead, 0..6 m to the right.
    write();
    assertTrue(occupied(9));
  }

  @Test
  void patchesOfACarHaveItsClassAndDepth() {
    Car car = car(18, 0);
    car.speedMps = 5;
    write();
    assertEquals(Set.of(0, 1), classes(0));
    car.accelMps2 = -3;
    write();
    assertTrue(classes(1).contains(5), "a braking tail in the narrow camera");
    float nearest = Float.POSITIVE_INFINITY;
    int seen = 0;
    for (int patch = 0; patch < FrameTensors.PATCHES; patch++) {
      float depth = depth(1, patch);
      if (dense(1, patch) != 0) {
        assertTrue(depth > 0, "an object's patch has a depth");
        nearest = Math.min(nearest, depth);
        seen++;
      }
    }
    assertTrue(seen > 4, seen + " patches");
    // Rear at 15.8 m, lamps 8 cm behind it, camera at 1.6 m.
    assertEquals(15.8 - 0.08 - 1.6, nearest, 0.02);
  }

  @Test
  void pedestriansAndLampsHaveTheirClasses() {
    world.add(new Pedestrian(world.newId(), 12, 0.3));
    world.add(new TrafficLight(18, true, 0.5), -2.8, 2.5, 11, 0.5);
    write();
    assertTrue(classes(0).containsAll(Set.of(2, 3)), classes(0).toString());
    assertFalse(classes(0).contains(4));
    for (int i = 0; i < 60; i++) {
      world.step(0.01, ego);
    }
    write();
    assertTrue(classes(0).containsAll(Set.of(2, 4)), classes(0).toString());
    assertFalse(classes(0).contains(3));
  }

  @Test
  void pictureIsTheMeanOfTwoByTwoPixels() {
    car(14, 0.4);
    write();
    Scene scene = new Scene();
    world.fill(scene, ego, 0);
    MemorySegment large = Arena.ofAuto().allocate(448 * 256 * 3);
    new CameraRenderer(RIG.cameras().get(1)).render(scene, large);
    MemorySegment small =
        tensors.images.asSlice(FrameTensors.IMAGES_ROW + FrameTensors.IMAGE_BYTES);
    for (int v = 0; v < FrameTensors.HEIGHT; v++) {
      for (int u = 0; u < FrameTensors.WIDTH; u++) {
        for (int c = 0; c < 3; c++) {
          int sum = 0;
          for (int k = 0; k < 4; k++) {
            int at = ((2 * v + k / 2) * 448 + 2 * u + k % 2) * 3 + c;
            sum += large.get(ValueLayout.JAVA_BYTE, at) & 255;
          }
          int found = small.get(ValueLayout.JAVA_BYTE, (v * FrameTensors.WIDTH + u) * 3L + c) & 255;
          assertEquals((sum + 2) / 4, found, u + "," + v);
        }
      }
    }
  }

  @Test
  void egoRowIsScaled() {
    ego.speedMps = 7.5;
    ego.curvature1pm = 0.04;
    ego.accelMps2 = -2.5;
    write();
    float[] row = new float[4];
    for (int i = 0; i < 4; i++) {
      row[i] = tensors.ego.get(ValueLayout.JAVA_FLOAT_UNALIGNED, FrameTensors.EGO_ROW + i * 4L);
    }
    assertEquals(List.of(0.5f, 0.6f, 0.6f, -0.5f), List.of(row[0], row[1], row[2], row[3]));
  }

  @Test
  void raysLookAheadFromWhereTheCamerasSit() {
    float[] rays = FrameTensors.rays(RIG);
    assertEquals(2 * 28 * 6, rays.length);
    for (int at = 0; at < rays.length; at += 6) {
      assertEquals(1, Math.hypot(Math.hypot(rays[at], rays[at + 1]), rays[at + 2]), 1e-6);
      assertTrue(rays[at] > 0.6, "forward");
      assertEquals(0.8f, rays[at + 3]);
      assertEquals(0f, rays[at + 4]);
      assertEquals(0.75f, rays[at + 5]);
    }
    assertTrue(rays[1] > 0.5 && rays[2] > 0.2, "the first token is up and left");
    int last = 27 * 6;
    assertTrue(rays[last + 1] < -0.5 && rays[last + 2] < -0.2, "the last is down and right");
  }

  @Test
  void aRigThatIsNotTheModelsIsRefused() {
    Rig one = new Rig(RIG.cameras().subList(0, 1), RIG.lidar());
    String message =
        assertThrows(IllegalArgumentException.class, () -> new FrameTensors(one, 1, Arena.ofAuto()))
            .getMessage();
    assertTrue(message.contains("1 cameras") && message.contains("2"), message);
  }
}
