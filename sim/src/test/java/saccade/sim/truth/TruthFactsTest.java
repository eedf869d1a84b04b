package saccade.sim.truth;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static saccade.sim.truth.TruthFacts.DAYLIGHT;
import static saccade.sim.truth.TruthFacts.FIRST_BRAKE_LIGHT;
import static saccade.sim.truth.TruthFacts.FIRST_DISTANCE;
import static saccade.sim.truth.TruthFacts.FIRST_KIND;
import static saccade.sim.truth.TruthFacts.FIRST_MOTION;
import static saccade.sim.truth.TruthFacts.LIGHT;
import static saccade.sim.truth.TruthFacts.REASON;
import static saccade.sim.truth.TruthFacts.ROAD;
import static saccade.sim.truth.TruthFacts.SECOND_DISTANCE;
import static saccade.sim.truth.TruthFacts.SECOND_KIND;
import static saccade.sim.truth.TruthFacts.SECOND_SIDE;
import static saccade.sim.truth.TruthFacts.SKIPPED;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.Arrays;
import java.util.List;
import java.util.Objects;
import org.junit.jupiter.api.Test;
import saccade.kernels.geometry.Rig;
import saccade.sim.render.CameraRenderer;
import saccade.sim.render.LidarRenderer;
import saccade.sim.traffic.Ego;
import saccade.sim.traffic.Pedestrian;
import saccade.sim.traffic.TrafficLight;
import saccade.sim.traffic.Vehicle;
import saccade.sim.traffic.World;
import saccade.sim.world.Box;
import saccade.sim.world.Daylight;
import saccade.sim.world.Road;
import saccade.sim.world.Scene;

/** Facts of scenes put together by hand; the ego stands at the origin and looks along the road. */
class TruthFactsTest {
  private static final Rig RIG = Rig.sixCamera();
  private static final List<CameraRenderer> CAMERAS =
      RIG.cameras().stream().map(CameraRenderer::new).toList();
  private static final LidarRenderer LIDAR = new LidarRenderer(Objects.requireNonNull(RIG.lidar()));

  private static final double SPEED = 8;

  private World world = world(new Road(0, 0, 0, 2));

  private static World world(Road road) {
    return new World(road, Daylight.DAY, 7);
  }

  /** The facts; seen by counted pixels and by rays, which have to agree. */
  private int[] facts() {
    Ego ego = new Ego();
    ego.speedMps = SPEED;
    Plan plan = new Expert().plan(world, ego, 9);
    Scene scene = new Scene();
    world.fill(scene, ego, 0);
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
    int[] facts = TruthFacts.of(world, ego, plan, pixels);
    assertArrayEquals(facts, TruthFacts.of(world, ego, plan, new RaySight(RIG, scene)));
    return facts;
  }

  private static String word(int[] facts, int fact) {
    return facts[fact] == SKIPPED ? "-" : TruthFacts.WORDS.get(fact).get(facts[fact]);
  }

  /** A car in the lane whose rear is so far from the ego's front bumper. */
  private Vehicle carAhead(double gapM, double d) {
    Vehicle car = new Vehicle(world.newId(), Vehicle.Kind.CAR, 0, d);
    car.s = Ego.FRONT_M + gapM + car.lengthM / 2;
    car.speedMps = SPEED;
    return world.add(car);
  }

  private Pedestrian pedestrian(double s, double d) {
    return world.add(new Pedestrian(world.newId(), s, d));
  }

  private void wall(double s) {
    world.scenery.add(
        new Box(s, 0, 3, 0, 0.3, 12, 6, 120, 110, 100, false, 0.3, Box.Kind.STRUCTURE, -1));
  }

  @Test
  void anEmptyRoadHasNothingToSay() {
    int[] facts = facts();
    assertArrayEquals(
        new int[] {
          0, 0, 0, 0, SKIPPED, SKIPPED, SKIPPED, 0, SKIPPED, SKIPPED, SKIPPED, 0, 0, 0, 0, 0, 0, 0
        },
        facts);
  }

  @Test
  void carTwelveMetresAhead() {
    carAhead(12.4, 0.2);
    int[] facts = facts();
    assertEquals("car ahead", word(facts, FIRST_KIND));
    assertEquals(
        "at 14 m", word(facts, FIRST_DISTANCE), "the bin 12..15 m is called by its middle");
    assertEquals("steady", word(facts, FIRST_MOTION));
    assertEquals("brake lights off", word(facts, FIRST_BRAKE_LIGHT));
    assertEquals("no other object", word(facts, SECOND_KIND));
    assertEquals("-", word(facts, SECOND_SIDE));
    assertEquals("because of the car", word(facts, REASON));
  }

  @Test
  void motionIsRelative() {
    Vehicle car = carAhead(20, 0);
    car.speedMps = SPEED - 1.2;
    assertEquals("closing", word(facts(), FIRST_MOTION));
    car.speedMps = SPEED + 1.2;
    assertEquals("opening", word(facts(), FIRST_MOTION));
    car.speedMps = SPEED + 0.8;
    assertEquals("steady", word(facts(), FIRST_MOTION));
  }

  @Test
  void brakeLights() {
    Vehicle car = carAhead(15, 0);
    car.accelMps2 = -2;
    assertEquals("brake lights on", word(facts(), FIRST_BRAKE_LIGHT));
    car.accelMps2 = -0.3;
    assertEquals("brake lights off", word(facts(), FIRST_BRAKE_LIGHT), "coasting");
    car.accelMps2 = 0;
    car.speedMps = 0;
    assertEquals("brake lights on", word(facts(), FIRST_BRAKE_LIGHT), "held by the brake");
    car.brokenDown = true;
    assertEquals("brake lights off", word(facts(), FIRST_BRAKE_LIGHT));
  }

  @Test
  void pedestrianInTheLaneIsFirstAndHasNoBrakeLights() {
    pedestrian(Ego.FRONT_M + 10, 0.5);
    int[] facts = facts();
    assertEquals("pedestrian ahead", word(facts, FIRST_KIND));
    assertEquals("at 11 m", word(facts, FIRST_DISTANCE), "9..12 m, halves are rounded up");
    assertEquals("closing", word(facts, FIRST_MOTION));
    assertEquals("-", word(facts, FIRST_BRAKE_LIGHT));
    assertEquals("because of the pedestrian", word(facts, REASON));
  }

  @Test
  void pedestrianOnThePavementIsNotAheadButAnother() {
    pedestrian(16, -3.4);
    int[] facts = facts();
    assertEquals("nothing ahead", word(facts, FIRST_KIND));
    assertEquals("-", word(facts, FIRST_DISTANCE));
    assertEquals("-", word(facts, FIRST_MOTION));
    assertEquals("another pedestrian", word(facts, SECOND_KIND));
    assertEquals("on the right", word(facts, SECOND_SIDE));
    // 12.2 m along and 3.4 m across, less 0.25 m each.
    assertEquals("14 m away", word(facts, SECOND_DISTANCE));
    assertEquals("because the road is clear", word(facts, REASON));
  }

  @Test
  void theNearestOtherObjectIsSecond() {
    carAhead(30, 0);
    pedestrian(20, 6.5);
    Vehicle oncoming = new Vehicle(world.newId(), Vehicle.Kind.CAR, 34, world.road.oncomingD());
    oncoming.course = Vehicle.Course.ONCOMING;
    world.add(oncoming);
    int[] facts = facts();
    assertEquals("car ahead", word(facts, FIRST_KIND));
    assertEquals("another pedestrian", word(facts, SECOND_KIND));
    assertEquals("on the left", word(facts, SECOND_SIDE));
    world.pedestrians.clear();
    facts = facts();
    assertEquals("another car", word(facts, SECOND_KIND));
    assertEquals("on the left", word(facts, SECOND_SIDE), "5.9 degrees");
    oncoming.s = 44;
    facts = facts();
    assertEquals("another car", word(facts, SECOND_KIND));
    assertEquals("in front", word(facts, SECOND_SIDE), "4.5 degrees");
  }

  @Test
  void whatIsHiddenIsNeitherFirstNorSecond() {
    pedestrian(20, 0);
    assertEquals("pedestrian ahead", word(facts(), FIRST_KIND));
    wall(12);
    int[] facts = facts();
    assertEquals("nothing ahead", word(facts, FIRST_KIND));
    assertEquals("no other object", word(facts, SECOND_KIND));
  }

  @Test
  void aVanHidesWhoStandsBehindIt() {
    Vehicle van = carAhead(6, 0);
    van.boxy = true;
    van.widthM = 2.1;
    van.heightM = 2.6;
    pedestrian(van.s + van.lengthM / 2 + 3, 0);
    int[] facts = facts();
    assertEquals("car ahead", word(facts, FIRST_KIND));
    assertEquals("no other object", word(facts, SECOND_KIND));
    assertEquals("because of the car", word(facts, REASON));
  }

  @Test
  void beyondFortyFiveMetresIsNothing() {
    Vehicle car = carAhead(44, 0);
    assertEquals("at 43 m", word(facts(), FIRST_DISTANCE));
    car.s += 2;
    assertEquals("nothing ahead", word(facts(), FIRST_KIND));
  }

  @Test
  void whatHasNotAppearedIsNoFact() {
    Vehicle car = new Vehicle(world.newId(), Vehicle.Kind.CAR, 20, 0);
    car.appearS = 0.5;
    world.add(car);
    assertEquals("nothing ahead", word(facts(), FIRST_KIND));
    Ego ego = new Ego();
    for (int i = 0; i < 50; i++) {
      world.step(0.01, ego);
    }
    assertEquals("car ahead", word(facts(), FIRST_KIND));
  }

  private TrafficLight light(double gapM, boolean red) {
    TrafficLight light = new TrafficLight(Ego.FRONT_M + gapM, red);
    world.add(light, -2.8, 2.5, 11, 0.5);
    return light;
  }

  @Test
  void redLightWithinFiftyMetres() {
    light(48, true);
    int[] facts = facts();
    assertEquals("red light", word(facts, LIGHT));
    assertEquals("because of the red light", word(facts, REASON));
    assertEquals("nothing ahead", word(facts, FIRST_KIND), "a light is no object");
  }

  @Test
  void greenLightIsNoReason() {
    light(20, false);
    int[] facts = facts();
    assertEquals("green light", word(facts, LIGHT));
    assertEquals("because the road is clear", word(facts, REASON));
  }

  @Test
  void aLightBeyondFiftyMetresIsNone() {
    light(51, true);
    int[] facts = facts();
    assertEquals("no traffic light", word(facts, LIGHT));
    assertEquals("because the road is clear", word(facts, REASON));
  }

  @Test
  void aLightWhoseLineLiesBehindIsNone() {
    light(-1.5, true);
    assertEquals("no traffic light", word(facts(), LIGHT));
  }

  @Test
  void aHiddenLightIsNone() {
    light(30, true);
    wall(15);
    assertEquals("no traffic light", word(facts(), LIGHT));
  }

  @Test
  void theNearerOfTwoLightsCounts() {
    light(40, true);
    light(12, false);
    assertEquals("green light", word(facts(), LIGHT));
  }

  @Test
  void curves() {
    world = world(new Road(10, 40, 0.02, 2));
    assertEquals("curve left", word(facts(), ROAD));
    world = world(new Road(10, 40, -0.02, 2));
    assertEquals("curve right", word(facts(), ROAD));
    world = world(new Road(28, 40, 0.02, 2));
    assertEquals("straight road", word(facts(), ROAD), "only 2 m of it within 30 m");
    world = world(new Road(10, 40, 0.003, 2));
    assertEquals("straight road", word(facts(), ROAD), "too slight");
  }

  @Test
  void aSharpCurveIsAReason() {
    world = world(new Road(8, 30, 0.06, 2));
    int[] facts = facts();
    assertEquals("because of the curve", word(facts, REASON));
  }

  @Test
  void dusk() {
    world = new World(new Road(0, 0, 0, 2), Daylight.DUSK, 7);
    assertEquals("dusk", word(facts(), DAYLIGHT));
  }

  @Test
  void distanceBins() {
    List<Double> edges = TruthFacts.DISTANCE_EDGES_M;
    assertEquals(13, edges.size());
    for (int i = 0; i < 12; i++) {
      assertEquals(i, TruthFacts.bin(edges.get(i)), "a bin has its lower edge");
      assertEquals(i, TruthFacts.bin(Math.nextDown(edges.get(i + 1))));
    }
    assertEquals(11, TruthFacts.bin(99));
  }

  @Test
  void everyFactHasItsWords() {
    assertEquals(TruthFacts.FACTS, TruthFacts.NAMES.size());
    assertEquals(TruthFacts.FACTS, TruthFacts.WORDS.size());
    for (int distance : new int[] {FIRST_DISTANCE, SECOND_DISTANCE}) {
      List<String> words = TruthFacts.WORDS.get(distance);
      assertEquals(12, words.size());
      for (int i = 0; i < 12; i++) {
        double middle =
            (TruthFacts.DISTANCE_EDGES_M.get(i) + TruthFacts.DISTANCE_EDGES_M.get(i + 1)) / 2;
        assertTrue(words.get(i).contains(Math.round(middle) + " m"), words.get(i));
      }
    }
    assertEquals(Plan.Reason.values().length, TruthFacts.WORDS.get(REASON).size());
  }

  @Test
  void anObjectIsSeenFromEightPixelsOnAndALampFromOne() {
    Scene scene = new Scene();
    scene.boxes.add(new Box(9, 0, 1, 0, 1, 1, 1, 0, 0, 0, false, 0, Box.Kind.CAR, 3));
    scene.boxes.add(new Box(9, 0, 1, 0, 1, 1, 1, 0, 0, 0, true, 0, Box.Kind.LIGHT_RED, 70));
    scene.boxes.add(new Box(9, 0, 1, 0, 1, 1, 1, 0, 0, 0, false, 0, Box.Kind.LIGHT_GREEN, 71));
    short[] index = new short[100];
    Arrays.fill(index, CameraRenderer.SKY);
    Arrays.fill(index, 0, 7, (short) 0);
    index[50] = 1;
    index[51] = 2;
    PixelSight sight = new PixelSight();
    sight.add(scene, index);
    assertFalse(sight.any(3), "seven pixels");
    assertTrue(sight.lamp(70));
    assertFalse(sight.lamp(71), "not lit");
    index[7] = 0;
    sight.clear();
    sight.add(scene, index);
    assertTrue(sight.any(3));
    sight.clear();
    assertFalse(sight.any(3) || sight.lamp(70));
  }
}
