package saccade.planner.command;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;
import saccade.planner.ActionChunk;
import saccade.planner.ActionCodecSpec.Range;
import saccade.planner.ExpiryLimits;
import saccade.planner.ExpiryProfile.Phase;
import saccade.planner.Maneuver;
import saccade.planner.PlannerMessage;
import saccade.planner.SceneDescription;
import saccade.planner.SceneObject;
import saccade.planner.Validation;
import saccade.planner.command.PedalMap.Pedals;

/** Worked numbers: messages in, commands out. */
class CommandsTest {
  static final long MS = 1_000_000L;
  static final long TICK = 20 * MS;
  private static final VehicleLimits CAR = VehicleLimits.passengerCar();

  static ActionChunk chunk(long captureNs, Maneuver maneuver, double accel, double curvature) {
    double[] a = new double[10];
    double[] k = new double[10];
    Arrays.fill(a, accel);
    Arrays.fill(k, curvature);
    return new ActionChunk(captureNs, 200 * MS, maneuver, a, k);
  }

  static PlannerMessage message(long seq, long captureNs, ActionChunk chunk, SceneObject... seen) {
    return PlannerMessage.about(seq, captureNs)
        .kind(PlannerMessage.Kind.FRESH, "all slices ran")
        .publishedNs(captureNs + 40 * MS)
        .exit(6, 0.9)
        .action(chunk, captureNs + 500 * MS)
        .scene(
            new SceneDescription(
                SceneDescription.Road.STRAIGHT,
                SceneDescription.Light.NONE,
                SceneDescription.Sign.NONE,
                List.of(seen),
                SceneDescription.Hazard.NONE,
                SceneDescription.Daylight.DAY,
                SceneDescription.Weather.CLEAR,
                SceneDescription.Reason.ROAD_CLEAR,
                "road clear"))
        .build();
  }

  static SceneObject inPath(double distanceM) {
    return new SceneObject(
        SceneObject.Kind.PEDESTRIAN,
        SceneObject.Zone.PATH,
        distanceM + 3.6,
        0,
        distanceM,
        0,
        SceneObject.Motion.STEADY,
        SceneObject.BrakeLights.UNKNOWN);
  }

  static MotionStream stream() {
    return new MotionStream(
        CAR, ExpiryLimits.passengerCar(), 300 * MS, new Range(-8, 3), new Range(-0.15, 0.15));
  }

  @Test
  void steeringFollowsFromCurvatureAndWheelbase() {
    // atan(2.8 * 0.1) = 0.27300; back: tan(0.27300) / 2.8.
    assertEquals(0.27300, CAR.steerRad(0.1), 1e-5);
    assertEquals(-0.27300, CAR.steerRad(-0.1), 1e-5);
    assertEquals(0.1, CAR.curvature1pm(CAR.steerRad(0.1)), 1e-12);
    assertEquals(0.6, CAR.steerRad(10));
    assertEquals(0, CAR.steerRad(Double.NaN));
    assertEquals(-0.6, CAR.steerRad(Double.NEGATIVE_INFINITY));
  }

  @Test
  void speedIsTheIntegralOfTheAccelerationTiedToTheMeasuredOne() {
    MotionStream motion = stream();
    long now = 0;
    motion.step(now, 5);
    assertEquals(5, motion.speedMps());
    // One plan of 1 m/s^2; the profile eases to it with 8 m/s^3: 0.125 s.
    assertEquals(
        Validation.ACCEPTED,
        motion.offer(message(0, now, chunk(now, Maneuver.ACCELERATE, 1, 0.02)), now));
    double expected = 5;
    for (int i = 1; i <= 20; i++) {
      now += TICK;
      assertEquals(Phase.FOLLOWING, motion.step(now, Double.NaN));
      expected += Math.min(1, 8 * i * 0.02) * 0.02;
      assertEquals(expected, motion.speedMps(), 1e-9);
    }
    assertEquals(CAR.steerRad(0.02), motion.steerRad(), 1e-9);
    // The vehicle does not follow: the command stays within 1 m/s of it.
    now += TICK;
    motion.step(now, 3);
    assertEquals(4, motion.speedMps(), 1e-9);
  }

  @Test
  void whenMessagesStopTheStreamHoldsRampsAndStopsAndSaysWhy() {
    MotionStream motion = stream();
    motion.step(0, 10);
    motion.offer(message(0, 0, chunk(0, Maneuver.KEEP, 0, 0)), 0);
    assertEquals("following the plan", motion.why(0));
    long now = 0;
    double speed = 10;
    boolean held = false;
    boolean ramped = false;
    while (motion.phase() != Phase.STOPPED && now < 5_000 * MS) {
      now += TICK;
      Phase phase = motion.step(now, Double.NaN);
      held |= phase == Phase.HOLDING;
      ramped |= phase == Phase.RAMPING;
      assertTrue(motion.speedMps() <= speed, "rises at " + now);
      speed = motion.speedMps();
    }
    assertTrue(held && ramped);
    // 0.5 s valid + 0.2 s hold + 3 m/s^2 at 5 m/s^3 = 0.6 s of ramp, up to a tick each.
    assertEquals(1300, now / MS, 60);
    for (int i = 0; i < 400; i++) {
      now += TICK;
      motion.step(now, Double.NaN);
    }
    assertEquals(0, motion.speedMps());
    assertEquals(-3, motion.accelMps2(), 1e-9);
    assertTrue(motion.standsLatched());
    assertTrue(motion.why(now).startsWith("stopped and latched: last good message "));
    // What comes too late is refused by name, and the stop stays.
    assertEquals(
        Validation.STALE,
        motion.offer(
            message(1, now - 400 * MS, chunk(now - 400 * MS, Maneuver.ACCELERATE, 2, 0)), now));
    assertTrue(motion.why(now).contains("newest refused as STALE"), motion.why(now));
    motion.step(now + TICK, Double.NaN);
    assertEquals(0, motion.speedMps());
  }

  @Test
  void aCeilingBrakesHarderNeverSofter() {
    MotionStream motion = stream();
    motion.step(0, 10);
    motion.offer(message(0, 0, chunk(0, Maneuver.KEEP, 0, 0)), 0);
    motion.ceiling(-4, 100 * MS);
    motion.step(TICK, Double.NaN);
    assertEquals(-4, motion.accelMps2());
    motion.ceiling(2, 100 * MS);
    motion.step(2 * TICK, Double.NaN);
    assertEquals(0, motion.accelMps2(), 1e-9);
  }

  @Test
  void pedalsByWorkedNumbers() {
    Pedals pedals = new Pedals(4.5, 8.3, 0.3, 0.5, 0, 1.2);
    PedalMap map = new PedalMap();
    map.set(pedals, 1.5, 10, 0.3, Double.NaN, false);
    assertEquals(1.8 / 4.8, map.throttle(), 1e-12);
    assertEquals(0, map.brake());
    assertEquals(-0.25, map.steer(), 1e-12); // left at the wheel is negative for CARLA
    map.set(pedals, -0.3, 10, 0, Double.NaN, false);
    assertEquals(0, map.throttle(), 1e-12);
    assertEquals(0, map.brake());
    map.set(pedals, -4.3, 10, -2, Double.NaN, false);
    assertEquals(0, map.throttle());
    assertEquals(0.5, map.brake(), 1e-12);
    assertEquals(1, map.steer());
    map.set(pedals, -20, 10, 0, Double.NaN, false);
    assertEquals(1, map.brake());
    // At rest the vehicle is held; parked the hand brake comes on once it stands.
    map.set(pedals, 0, 0, 0, 0, false);
    assertEquals(0, map.throttle());
    assertEquals(0.5, map.brake());
    assertFalse(map.handBrake());
    map.set(pedals, -3, 0, 0, 4, true);
    assertFalse(map.handBrake());
    map.set(pedals, -3, 0, 0, 0.02, true);
    assertTrue(map.handBrake());
  }

  @Test
  void tooSlowAVehicleGetsMoreThrottleButNeverWhileItIsToBrake() {
    Pedals pedals = new Pedals(4.5, 8.3, 0.3, 0.5, 0.5, 1.2);
    PedalMap map = new PedalMap();
    map.set(pedals, 1, 10, 0, 9, false);
    assertEquals((1 + 0.5 + 0.3) / 4.8, map.throttle(), 1e-12);
    map.set(pedals, -1, 10, 0, 5, false);
    assertEquals(0, map.throttle());
    map.set(pedals, -1, 10, 0, 11, false);
    assertEquals(1.2 / 8, map.brake(), 1e-12);
  }

  @Test
  void rolloutOfAnArcEndsWhereTheCircleSaysAndABrakingPlanStands() {
    VehicleLimits wide = new VehicleLimits(2.8, 1.2, 5, 60, 3, 8);
    TrajectoryRollout way = new TrajectoryRollout(11, 100 * MS);
    way.plan(chunk(0, Maneuver.KEEP, 0, 0.1), wide, 0, 10, 0, 0, 0);
    // 10 m on a circle of radius 10: x = 10 sin 1, y = 10 (1 - cos 1), heading 1 rad.
    assertEquals(10 * Math.sin(1), way.x(10), 1e-9);
    assertEquals(10 * (1 - Math.cos(1)), way.y(10), 1e-9);
    assertEquals(1, way.yaw(10), 1e-9);
    // From another pose: the same, turned and moved.
    way.plan(chunk(0, Maneuver.KEEP, 0, 0.1), wide, 0, 10, 100, 50, Math.PI / 2);
    assertEquals(100 - 10 * (1 - Math.cos(1)), way.x(10), 1e-9);
    assertEquals(50 + 10 * Math.sin(1), way.y(10), 1e-9);

    way.plan(chunk(0, Maneuver.BRAKE, -5, 0), wide, 0, 2, 0, 0, 0);
    assertEquals(0, way.speed(10));
    assertEquals(2 * 2 / (2 * 5.0), way.x(10), 1e-9);
    assertEquals(0, way.accel(10));
    way.stop(4, 0, 2, 0, 0, 0);
    assertEquals(0.5, way.x(10), 1e-9);
  }

  @Test
  void limitsThatMakeNoSenseAreNamed() {
    String said =
        assertThrows(IllegalArgumentException.class, () -> new VehicleLimits(0, 0.6, 0.7, 20, 3, 8))
            .getMessage();
    assertEquals("wheelbase m: wanted 0.05 to 20.0, found 0.0", said);
    assertThrows(IllegalArgumentException.class, () -> new Pedals(4, 0.1, 0.3, 0, 0, 1));
  }
}
