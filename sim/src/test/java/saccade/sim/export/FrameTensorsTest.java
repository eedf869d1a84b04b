package saccade.sim.export;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
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
import saccade.sim.traffic.Ego;
import saccade.sim.traffic.Pedestrian;
import saccade.sim.traffic.TrafficLight;
import saccade.sim.traffic.Vehicle;
import saccade.sim.traffic.World;
import saccade.sim.world.Daylight;
import saccade.sim.world.Road;
import saccade.sim.world.Scene;

/** Rows of scenes put together by hand. */
class FrameTensorsTest {
  private static final Rig RIG = Rig.twoCamera();

  private final FrameTensors tensors = mounted(RIG);
  private final World world = new World(new Road(0, 0, 0, 2), Daylight.DAY, 7);
  private final Ego ego = new Ego();

  private static FrameTensors mounted(Rig rig) {
    FrameTensors tensors = new FrameTensors(2, Arena.ofAuto());
    tensors.mount(new RigDraw(rig, 0));
    return tensors;
  }

  /** Into row 1, so that a row written at the wrong place shows. */
  private void write() {
    tensors.write(1, new Drive(world, ego, 9, 2, Drive.NOBODY));
  }

  private Vehicle car(double s, double d) {
    return world.add(new Vehicle(world.newId(), Vehicle.Kind.CAR, s, d));
  }

  private boolean occupied(int token) {
    return tensors.occupancy.get(ValueLayout.JAVA_BYTE, FrameTensors.OCCUPANCY_ROW + token) == 1;
  }

  /** Points that the LiDAR has in a bird's-eye token, back from log1p(n) / 3. */
  private long points(int token) {
    PillarGrid grid = PillarGrid.NANO_AROUND;
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
    return tensors.dense.get(ValueLayout.JAVA_BYTE, (6L + camera) * FrameTensors.PATCHES + patch);
  }

  private float depth(int camera, int patch) {
    return tensors.depth.get(
        ValueLayout.JAVA_FLOAT_UNALIGNED, ((6L + camera) * FrameTensors.PATCHES + patch) * 4);
  }

  @Test
  void birdsEyeTokensWithPointsAreOccupiedAndTheOtherWayRound() {
    // No scenery, so that every point above the ground is on a car or a pedestrian.
    car(13, 0.5);
    car(28, 3.5).course = Vehicle.Course.ONCOMING;
    car(36, -3.0).parked = true;
    world.add(new Pedestrian(world.newId(), 20, -4));
    world.add(new Pedestrian(world.newId(), 22, 8.6));
    car(-13, 0.3);
    ego.yawRad = 0.05;
    write();
    int occupied = 0;
    for (int token = 0; token < FrameTensors.OCCUPANCY_ROW; token++) {
      assertEquals(occupied(token), points(token) > 0, "token " + token);
      occupied += occupied(token) ? 1 : 0;
    }
    assertTrue(occupied >= 6, occupied + " tokens");
  }

  @Test
  void whatIsHiddenIsStillOccupied() {
    car(12, 0).boxy = true;
    world.add(new Pedestrian(world.newId(), 20.5, -1));
    // Token 5 * 4 + 1: 16..24 m ahead, 0..6 m to the right.
    write();
    assertTrue(occupied(21));
  }

  @Test
  void patchesOfACarHaveItsClassAndDepth() {
    Vehicle car = car(18, 0);
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
    world.egoStandstill.begin(1.5, 5);
    write();
    float[] row = new float[6];
    for (int i = 0; i < row.length; i++) {
      row[i] = tensors.ego.get(ValueLayout.JAVA_FLOAT_UNALIGNED, FrameTensors.EGO_ROW + i * 4L);
    }
    assertArrayEquals(new float[] {0.5f, 0.6f, 0.6f, -0.5f, 0.5f, 0.25f}, row);
  }

  private float ray(int camera, int at) {
    return tensors.rays.get(ValueLayout.JAVA_FLOAT_UNALIGNED, (camera * 28 * 6 + at) * 4L);
  }

  @Test
  void raysLookAheadFromWhereTheCamerasSit() {
    for (int at = 0; at < 2 * 28 * 6; at += 6) {
      assertEquals(1, Math.hypot(Math.hypot(ray(0, at), ray(0, at + 1)), ray(0, at + 2)), 1e-6);
      assertTrue(ray(0, at) > 0.6, "forward");
      assertEquals(0.8f, ray(0, at + 3));
      assertEquals(0f, ray(0, at + 4));
      assertEquals(0.75f, ray(0, at + 5));
    }
    assertTrue(ray(0, 1) > 0.5 && ray(0, 2) > 0.2, "the first token is up and left");
    int last = 27 * 6;
    assertTrue(ray(0, last + 1) < -0.5 && ray(0, last + 2) < -0.2, "the last is down and right");
  }

  @Test
  void placesWithoutACameraAreEmptyAlsoAfterALargerRig() {
    tensors.mount(new RigDraw(Rig.sixCamera(), 0));
    car(14, 0.4);
    car(-9, 0.4);
    write();
    long place4 = FrameTensors.IMAGES_ROW + 4L * FrameTensors.IMAGE_BYTES;
    assertEquals(1, tensors.places.get(ValueLayout.JAVA_BYTE, 4));
    assertTrue(tensors.images.get(ValueLayout.JAVA_BYTE, place4) != 0);
    assertTrue(classes(4).contains(1) || classes(5).contains(1), "the car behind");
    tensors.mount(new RigDraw(RIG, 0));
    write();
    assertEquals(0, tensors.places.get(ValueLayout.JAVA_BYTE, 4));
    for (int i = 0; i < FrameTensors.IMAGE_BYTES; i++) {
      assertEquals(0, tensors.images.get(ValueLayout.JAVA_BYTE, place4 + i));
    }
    assertEquals(Set.of(0), classes(4));
    assertEquals(0, ray(4, 0));
  }

  @Test
  void lostReturnsThinTheSweep() {
    car(14, 0.4);
    write();
    long all = points(4 * 4 + 2);
    tensors.mount(new RigDraw(RIG, 0.5));
    write();
    long half = points(4 * 4 + 2);
    assertTrue(all > 40, all + " points");
    assertEquals(0.5, (double) half / all, 0.2);
  }

  @Test
  void aRigThatTheModelHasNoPlacesForIsRefused() {
    for (Rig rig : List.of(new Rig(List.of(), RIG.lidar()), new Rig(RIG.cameras(), null))) {
      String message =
          assertThrows(IllegalArgumentException.class, () -> tensors.mount(new RigDraw(rig, 0)))
              .getMessage();
      assertTrue(message.contains("wanted 1 to 6"), message);
    }
  }
}
