package saccade.sim.truth;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static saccade.sim.truth.TruthFacts.BEHIND_KIND;
import static saccade.sim.truth.TruthFacts.DAYLIGHT;
import static saccade.sim.truth.TruthFacts.FIRST_BRAKE_LIGHT;
import static saccade.sim.truth.TruthFacts.FIRST_DISTANCE;
import static saccade.sim.truth.TruthFacts.FIRST_KIND;
import static saccade.sim.truth.TruthFacts.FIRST_MOTION;
import static saccade.sim.truth.TruthFacts.HAZARD;
import static saccade.sim.truth.TruthFacts.LEFT_KIND;
import static saccade.sim.truth.TruthFacts.LIGHT;
import static saccade.sim.truth.TruthFacts.RIGHT_KIND;
import static saccade.sim.truth.TruthFacts.SECOND_KIND;
import static saccade.sim.truth.TruthFacts.SECOND_MOTION;
import static saccade.sim.truth.TruthFacts.SECOND_SIDE;
import static saccade.sim.truth.TruthFacts.SIGN;
import static saccade.sim.truth.TruthFacts.SKIPPED;
import static saccade.sim.truth.TruthFacts.WEATHER;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.List;
import java.util.Objects;
import org.junit.jupiter.api.Test;
import saccade.kernels.geometry.Rig;
import saccade.sim.render.CameraRenderer;
import saccade.sim.render.LidarRenderer;
import saccade.sim.traffic.Ego;
import saccade.sim.traffic.Pedestrian;
import saccade.sim.traffic.StopSign;
import saccade.sim.traffic.TrafficLight;
import saccade.sim.traffic.Vehicle;
import saccade.sim.traffic.Vehicle.Course;
import saccade.sim.traffic.Vehicle.Kind;
import saccade.sim.traffic.Vehicle.Shift;
import saccade.sim.traffic.Vehicle.When;
import saccade.sim.traffic.World;
import saccade.sim.world.Box;
import saccade.sim.world.Daylight;
import saccade.sim.world.Road;
import saccade.sim.world.Scene;
import saccade.sim.world.Weather;

/** What trucks, riders, cones, signs and traffic around the ego make of the facts. */
class TrafficFactsTest {
  private static final Rig RIG = Rig.sixCamera();
  private static final List<CameraRenderer> CAMERAS =
      RIG.cameras().stream().map(CameraRenderer::new).toList();
  private static final LidarRenderer LIDAR = new LidarRenderer(Objects.requireNonNull(RIG.lidar()));
  private static final double SPEED = 8;

  private World world = world(new Road(0, 0, 0, 2), Daylight.DAY);
  private final Ego ego = new Ego();
  private int[] facts = new int[0];

  private static World world(Road road, Daylight daylight) {
    return new World(road, daylight, 7);
  }

  /** Looks at the world with counted pixels and points, and with rays; both have to agree. */
  private TrafficFactsTest look() {
    ego.speedMps = SPEED;
    Plan plan = new Expert().plan(world, ego, 9);
    Scene scene = new Scene();
    world.fill(scene, ego, 0);
    facts = TruthFacts.of(world, ego, plan, pixels(scene));
    assertArrayEquals(facts, TruthFacts.of(world, ego, plan, new RaySight(RIG, scene)));
    return this;
  }

  private static PixelSight pixels(Scene scene) {
    PixelSight pixels = new PixelSight();
    try (Arena arena = Arena.ofConfined()) {
      for (CameraRenderer camera : CAMERAS) {
        short[] index = new short[camera.camera().widthPx() * camera.camera().heightPx()];
        camera.render(scene, arena.allocate(camera.pictureBytes()), index, null);
        pixels.add(scene, index);
      }
      MemorySegment sweep = arena.allocate((long) LIDAR.maxPoints() * LidarRenderer.POINT_BYTES);
      int points = LIDAR.render(scene, sweep, LIDAR.maxPoints());
      pixels.add(scene, sweep, points, LIDAR.lidar().baseFromLidar());
    }
    return pixels;
  }

  private String word(int fact) {
    return facts[fact] == SKIPPED ? "-" : TruthFacts.WORDS.get(fact).get(facts[fact]);
  }

  private Vehicle vehicle(Kind kind, double s, double d, double speed) {
    Vehicle v = new Vehicle(world.newId(), kind, s, d);
    v.speedMps = speed;
    if (kind == Kind.TRUCK) {
      v.lengthM = 9;
      v.widthM = 2.4;
      v.heightM = 3.4;
    } else if (kind == Kind.CYCLIST) {
      v.lengthM = 1.75;
      v.widthM = 0.55;
      v.heightM = 1.7;
    }
    return world.add(v);
  }

  private Pedestrian pedestrian(double s, double d, double across) {
    Pedestrian p = new Pedestrian(world.newId(), s, d);
    p.walkD = across;
    return world.add(p);
  }

  @Test
  void aTruckAheadHasBrakeLights() {
    Vehicle truck = vehicle(Kind.TRUCK, 25, 0, SPEED);
    look();
    assertEquals("truck ahead", word(FIRST_KIND));
    assertEquals("at 17 m", word(FIRST_DISTANCE), "16.7 m to its tail");
    assertEquals("steady", word(FIRST_MOTION));
    assertEquals("brake lights off", word(FIRST_BRAKE_LIGHT));
    truck.accelMps2 = -2;
    assertEquals("brake lights on", look().word(FIRST_BRAKE_LIGHT));
  }

  @Test
  void aCyclistAheadHasNoBrakeLights() {
    Vehicle rider = vehicle(Kind.CYCLIST, 20, -0.8, 4);
    rider.accelMps2 = -2;
    look();
    assertEquals("cyclist ahead", word(FIRST_KIND));
    assertEquals("closing", word(FIRST_MOTION));
    assertEquals("-", word(FIRST_BRAKE_LIGHT));
  }

  @Test
  void conesInTheLaneCloseItAndDoNotMove() {
    world.cone(15, -1.5);
    world.cone(18, 0);
    world.cone(21, 1.5);
    look();
    assertEquals("cones ahead", word(FIRST_KIND));
    assertEquals("at 11 m", word(FIRST_DISTANCE));
    assertEquals("-", word(FIRST_MOTION));
    assertEquals("-", word(FIRST_BRAKE_LIGHT));
    assertEquals("lane closed", word(HAZARD));
    assertEquals("no other object", word(SECOND_KIND), "cones are no other object");
  }

  @Test
  void conesBesideTheLaneCloseNothing() {
    world.cone(15, -2.2);
    look();
    assertEquals("nothing ahead", word(FIRST_KIND));
    assertEquals("no hazard", word(HAZARD));
  }

  @Test
  void otherTrucksAndCyclists() {
    vehicle(Kind.TRUCK, 25, 3.5, SPEED);
    look();
    assertEquals("another truck", word(SECOND_KIND));
    assertEquals("on the left", word(SECOND_SIDE));
    assertEquals("keeping pace", word(SECOND_MOTION));
    vehicle(Kind.CYCLIST, 18, -2.6, SPEED + 3);
    look();
    assertEquals("another cyclist", word(SECOND_KIND));
    assertEquals("on the right", word(SECOND_SIDE));
    assertEquals("going away", word(SECOND_MOTION));
  }

  @Test
  void otherObjectsComeNearerOrMoveAcross() {
    Vehicle car = vehicle(Kind.CAR, 30, 3.5, 6);
    car.course = Course.ONCOMING;
    assertEquals("coming nearer", look().word(SECOND_MOTION));
    pedestrian(16, 5, -1.2);
    look();
    assertEquals("another pedestrian", word(SECOND_KIND));
    assertEquals("moving across", word(SECOND_MOTION));
  }

  @Test
  void whatIsFarToTheSideIsNoOtherObject() {
    vehicle(Kind.CAR, 6, 8, SPEED); // 37 degrees from the bumper, 53 from the axle
    assertEquals("another car", look().word(SECOND_KIND));
    world.vehicles.getFirst().d = 12;
    assertEquals("no other object", look().word(SECOND_KIND), "63 degrees");
  }

  @Test
  void besideTheEgoOnBothSides() {
    look();
    assertEquals("nothing on the left", word(LEFT_KIND));
    assertEquals("nothing on the right", word(RIGHT_KIND));
    for (Kind kind : Kind.values()) {
      world.vehicles.clear();
      vehicle(kind, 2, 3.4, SPEED);
      vehicle(kind, -3, -3.4, SPEED);
      String name = kind.name().toLowerCase(java.util.Locale.ROOT);
      look();
      assertEquals(name + " on the left", word(LEFT_KIND));
      assertEquals(name + " on the right", word(RIGHT_KIND));
    }
    world.vehicles.clear();
    pedestrian(3, 4, 0);
    pedestrian(0, -3, 0);
    look();
    assertEquals("pedestrian on the left", word(LEFT_KIND));
    assertEquals("pedestrian on the right", word(RIGHT_KIND));
  }

  @Test
  void theZonesBesideEndBeforeTheLaneAndAfterSevenMetres() {
    vehicle(Kind.CAR, 9.5, 0.4, SPEED);
    vehicle(Kind.CAR, 12, 3.5, SPEED);
    vehicle(Kind.CAR, -12, -3.5, SPEED);
    vehicle(Kind.CAR, 0, 7.5, SPEED);
    look();
    assertEquals("nothing on the left", word(LEFT_KIND));
    assertEquals("nothing on the right", word(RIGHT_KIND));
    vehicle(Kind.TRUCK, 10, 4, SPEED);
    assertEquals("truck on the left", look().word(LEFT_KIND), "its tail at 5.5 m");
  }

  @Test
  void behind() {
    assertEquals("nothing behind", look().word(BEHIND_KIND));
    vehicle(Kind.CAR, -27, 0.4, SPEED);
    assertEquals("car behind", look().word(BEHIND_KIND));
    vehicle(Kind.TRUCK, -16, 0, SPEED);
    assertEquals("truck behind", look().word(BEHIND_KIND));
    vehicle(Kind.CYCLIST, -7, -0.5, SPEED);
    assertEquals("cyclist behind", look().word(BEHIND_KIND));
    world.vehicles.clear();
    vehicle(Kind.CAR, -31, 0, SPEED);
    vehicle(Kind.CAR, -10, 3.5, SPEED);
    assertEquals("nothing behind", look().word(BEHIND_KIND), "too far, and in the next lane");
  }

  @Test
  void whoIsHiddenBehindTheOneBehindIsNot() {
    vehicle(Kind.TRUCK, -9, 0, SPEED);
    vehicle(Kind.CYCLIST, -18, 0, SPEED);
    assertEquals("truck behind", look().word(BEHIND_KIND));
    world.vehicles.removeFirst();
    assertEquals("cyclist behind", look().word(BEHIND_KIND));
  }

  @Test
  void cutInIsAHazardUntilItIsIn() {
    world = world(new Road(0, 0, 0, 2).withLanes(2), Daylight.DAY);
    Vehicle car = vehicle(Kind.CAR, 14, 3.5, SPEED);
    car.shifts = new Shift[] {new Shift(When.AT_TIME, 0, 0, 3)};
    assertEquals("no hazard", look().word(HAZARD), "blinks only");
    car.beginShift(0.3);
    look();
    assertEquals("cut-in", word(HAZARD));
    assertEquals("nothing ahead", word(FIRST_KIND));
    car.d = 0.5;
    look();
    assertEquals("no hazard", word(HAZARD));
    assertEquals("car ahead", word(FIRST_KIND));
  }

  @Test
  void whoLeavesTheLaneDoesNotCutIn() {
    world = world(new Road(0, 0, 0, 2).withLanes(2), Daylight.DAY);
    Vehicle car = vehicle(Kind.CAR, 14, 0, SPEED);
    car.shifts = new Shift[] {new Shift(When.AT_TIME, 0, 3.5, 3)};
    car.beginShift(0.5);
    assertEquals("no hazard", look().word(HAZARD));
  }

  @Test
  void crossingFromBothSides() {
    world = world(new Road(0, 0, 0, 2).withCrossing(25, 8), Daylight.DAY);
    Vehicle car = vehicle(Kind.CAR, 24, 12, 5);
    car.course = Course.FROM_LEFT;
    assertEquals("crossing from the left", look().word(HAZARD));
    assertEquals("moving across", word(SECOND_MOTION));
    car.course = Course.FROM_RIGHT;
    assertEquals("no hazard", look().word(HAZARD), "it has crossed and drives away");
    car.d = 1;
    look();
    assertEquals("crossing from the right", word(HAZARD));
    assertEquals("car ahead", word(FIRST_KIND));
    assertEquals("crossing", word(FIRST_MOTION));
  }

  @Test
  void theBodyOfWhoCrossesIsInTheWayBeforeItsMiddle() {
    world = world(new Road(0, 0, 0, 2).withCrossing(25, 8), Daylight.DAY);
    Vehicle truck = vehicle(Kind.TRUCK, 25, 5, 4);
    truck.course = Course.FROM_LEFT;
    look();
    assertEquals("truck ahead", word(FIRST_KIND), "its bonnet is 0.5 m from the lane's centre");
    assertEquals("crossing", word(FIRST_MOTION));
  }

  @Test
  void pedestriansCrossToo() {
    pedestrian(18, -3.5, 1.3);
    assertEquals("crossing from the right", look().word(HAZARD));
    world.pedestrians.clear();
    pedestrian(18, 9.5, -1.3);
    assertEquals("no hazard", look().word(HAZARD), "6 s away");
    world.pedestrians.clear();
    pedestrian(18, 3.5, -1.3);
    assertEquals("crossing from the left", look().word(HAZARD));
  }

  @Test
  void oncomingInTheLane() {
    Vehicle car = vehicle(Kind.CAR, 35, 3.5, 8);
    car.course = Course.ONCOMING;
    assertEquals("no hazard", look().word(HAZARD));
    car.d = 0.8;
    look();
    assertEquals("oncoming in the lane", word(HAZARD));
    assertEquals("closing", word(FIRST_MOTION));
  }

  @Test
  void theCorridorGoesWithTheEgoIntoTheNextLane() {
    ego.y = 3.4;
    vehicle(Kind.CYCLIST, 15, -0.3, 4);
    Vehicle car = vehicle(Kind.CAR, 40, 3.5, 8);
    car.course = Course.ONCOMING;
    look();
    assertEquals("car ahead", word(FIRST_KIND));
    assertEquals("oncoming in the lane", word(HAZARD));
    assertEquals("another cyclist", word(SECOND_KIND));
  }

  @Test
  void stopSignWithinFortyFiveMetres() {
    world = world(new Road(0, 0, 0, 2, 34), Daylight.DAY);
    assertEquals("no sign", look().word(SIGN));
    StopSign sign = new StopSign(34);
    world.add(sign, -2.8, 2);
    assertEquals("stop sign", look().word(SIGN));
    ego.x = -16;
    assertEquals("no sign", look().word(SIGN), "46 m");
    ego.x = 32;
    assertEquals("no sign", look().word(SIGN), "the line lies behind");
  }

  @Test
  void amberLight() {
    TrafficLight light = new TrafficLight(30, false, 2);
    world.add(light, -2.8, 2.5, 11, 0.5);
    assertEquals("amber light", look().word(LIGHT));
  }

  @Test
  void nightRainAndFog() {
    world = world(new Road(0, 0, 0, 2), Daylight.NIGHT);
    assertEquals("night", look().word(DAYLIGHT));
    assertEquals("clear", word(WEATHER));
    world.weather = Weather.RAIN;
    assertEquals("rain", look().word(WEATHER));
    world.weather = Weather.FOG;
    assertEquals("fog", look().word(WEATHER));
  }

  @Test
  void whatOnlyTheLidarSeesCountsFromThreeReturnsOn() {
    Scene scene = new Scene();
    scene.boxes.add(
        new Box(-9, 0, 0.9, 0, 0.5, 0.5, 1.8, 90, 90, 90, false, 0.4, Box.Kind.PEDESTRIAN, 5));
    PixelSight sight = new PixelSight();
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment sweep = arena.allocate((long) LIDAR.maxPoints() * LidarRenderer.POINT_BYTES);
      int points = LIDAR.render(scene, sweep, LIDAR.maxPoints());
      sight.add(scene, sweep, points, LIDAR.lidar().baseFromLidar());
      assertTrue(sight.any(5));
      assertTrue(!sight.any(6), "nobody has that number");
      sight.clear();
      assertTrue(!sight.any(5), "forgotten");
    }
    Rig blind = new Rig(List.of(), RIG.lidar());
    assertTrue(new RaySight(blind, scene).any(5));
    assertTrue(!new RaySight(new Rig(List.of(), null), scene).any(5));
  }
}
