package saccade.planner.command;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static saccade.planner.command.CommandsTest.MS;
import static saccade.planner.command.CommandsTest.TICK;
import static saccade.planner.command.CommandsTest.chunk;
import static saccade.planner.command.CommandsTest.inPath;
import static saccade.planner.command.CommandsTest.message;

import java.util.Random;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import org.junit.jupiter.api.Test;
import saccade.planner.ExpiryProfile.Phase;
import saccade.planner.Maneuver;
import saccade.planner.PlannerMessage;
import saccade.planner.command.PedalMap.Pedals;
import saccade.planner.command.TwistGate.Limit;

/** The cmd_vel gate: worked numbers, and what it never does whatever comes. */
class TwistGateTest {
  private static final TwistGate.Options ROBOT =
      new TwistGate.Options(1.0, 0.2, 0.5, 1.0, 0.5, -0.3, 500 * MS);

  /** A gate in front of its stream, driven tick by tick. */
  private static final class Rig {
    final MotionStream motion = CommandsTest.stream();
    final TwistGate gate = new TwistGate(ROBOT);
    long now;
    long seq;

    void say(PlannerMessage message) {
      if (motion.offer(message, now).accepted()) {
        gate.see(message, now);
      }
    }

    void plan(Maneuver maneuver, double accel, double... objectsM) {
      saccade.planner.SceneObject[] seen = new saccade.planner.SceneObject[objectsM.length];
      for (int i = 0; i < seen.length; i++) {
        seen[i] = inPath(objectsM[i]);
      }
      say(message(seq++, now, chunk(now, maneuver, accel, 0), seen));
    }

    void tick(double vx, double vy, double wz) {
      now += TICK;
      motion.step(now, Double.NaN);
      gate.step(motion, now);
      gate.limit(vx, vy, wz, true);
    }
  }

  private static Rig released() {
    Rig rig = new Rig();
    rig.motion.step(0, Double.NaN);
    for (int i = 0; i < 30; i++) {
      rig.plan(Maneuver.KEEP, 0);
      for (int k = 0; k < 5; k++) {
        rig.tick(0.8, 0, 0.1);
      }
    }
    return rig;
  }

  @Test
  void nothingPassesBeforeTheFirstMessageThenTheCapRisesSlowly() {
    Rig rig = new Rig();
    rig.tick(0.5, 0, 0.3);
    assertEquals(0, rig.gate.vxMps());
    assertEquals(0, rig.gate.wzRadps());
    assertEquals(Limit.NO_MESSAGE, rig.gate.limit());
    rig.plan(Maneuver.KEEP, 0);
    for (int i = 0; i < 10; i++) {
      rig.tick(0.5, 0, 0.3);
    }
    // 0.2 s of 0.5 m/s^2; the curvature of the twist is kept.
    assertEquals(0.1, rig.gate.vxMps(), 1e-9);
    assertEquals(0.3 / 0.5, rig.gate.wzRadps() / rig.gate.vxMps(), 1e-9);
  }

  @Test
  void passesUntouchedWhenNothingLimits() {
    Rig rig = released();
    assertEquals(Limit.NONE, rig.gate.limit());
    assertEquals(0.8, rig.gate.vxMps());
    assertEquals(0.1, rig.gate.wzRadps());
    rig.plan(Maneuver.KEEP, 0);
    rig.tick(3, 0, 0);
    assertEquals(1.0, rig.gate.vxMps(), 1e-9);
    assertEquals(Limit.MAX_SPEED, rig.gate.limit());
  }

  @Test
  void anObjectInThePathLeavesTheSpeedThatStillStopsBeforeIt() {
    Rig rig = released();
    rig.plan(Maneuver.KEEP, 0, 0.70);
    rig.tick(0.8, 0, 0);
    // A tick of 0.8 m/s is gone from 0.70 m; room to the stop distance 0.184 m, 1 m/s^2.
    assertEquals(Math.sqrt(2 * (0.70 - 0.016 - 0.5)), rig.gate.vxMps(), 1e-9);
    assertEquals(Limit.OBJECT, rig.gate.limit());
    rig.plan(Maneuver.KEEP, 0, 0.45);
    rig.tick(0.8, 0, 0.5);
    assertEquals(0, rig.gate.vxMps());
    assertEquals(0, rig.gate.wzRadps());
    assertEquals(Limit.COLLISION_STOP, rig.gate.limit());
    // A recovery may back away, and turn on the spot.
    rig.tick(-0.2, 0, 0);
    assertEquals(-0.2, rig.gate.vxMps());
    rig.tick(0, 0, 0.5);
    assertEquals(0.5, rig.gate.wzRadps());
    // Gone: the cap was not used up meanwhile.
    rig.plan(Maneuver.KEEP, 0);
    rig.tick(0.8, 0, 0);
    assertEquals(0.8, rig.gate.vxMps());
  }

  @Test
  void aPlanThatBrakesTakesTheSpeedDownFromWhatIsDrivenAndBrakeDoesNotCreep() {
    Rig rig = released();
    rig.plan(Maneuver.BRAKE, -2);
    double before = rig.gate.vxMps();
    for (int i = 0; i < 25; i++) {
      rig.tick(0.8, 0, 0);
      assertTrue(rig.gate.vxMps() <= before);
      before = rig.gate.vxMps();
    }
    assertEquals(0, before);
    assertEquals(Limit.PLAN, rig.gate.limit());
    // It stands and means to: a plan of nearly nothing does not let it creep.
    for (int i = 0; i < 20; i++) {
      rig.plan(Maneuver.BRAKE, -0.01);
      rig.tick(0.8, 0, 0);
      rig.tick(0.8, 0, 0);
      assertEquals(0, rig.gate.vxMps());
    }
    rig.plan(Maneuver.ACCELERATE, 1);
    for (int i = 0; i < 25; i++) {
      rig.tick(0.8, 0, 0);
    }
    assertTrue(rig.gate.vxMps() > 0.2, "released again");
  }

  @Test
  void badAndMissingTwistsAreStops() {
    Rig rig = released();
    rig.gate.limit(Double.NaN, 0, 0, true);
    assertEquals(0, rig.gate.vxMps());
    assertEquals(Limit.BAD_INPUT, rig.gate.limit());
    rig.gate.limit(0.3, 0, 0, false);
    assertEquals(0, rig.gate.vxMps());
    assertEquals(Limit.NO_INPUT, rig.gate.limit());
  }

  @Property(tries = 200)
  void neverFasterNeverTurnedRoundNeverNaNAndAStopStays(@ForAll long seed) {
    Random random = new Random(seed);
    Rig rig = new Rig();
    PedalMap map = new PedalMap();
    boolean latched = false;
    double speedAtLatch = 0;
    for (int i = 0; i < 300; i++) {
      if (random.nextInt(5) == 0 && (i / 60) % 3 != 1) {
        double[] objects =
            random.nextInt(3) == 0 ? new double[] {random.nextDouble(3)} : new double[0];
        rig.plan(Maneuver.values()[random.nextInt(3)], random.nextDouble() * 11 - 8, objects);
        latched &= rig.motion.phase() == Phase.STOPPED;
      }
      double vx = twist(random);
      double vy = twist(random);
      double wz = twist(random);
      rig.now += TICK * (1 + random.nextInt(3)) - TICK;
      rig.tick(vx, vy, wz);
      TwistGate gate = rig.gate;
      assertTrue(Double.isFinite(gate.vxMps() + gate.vyMps() + gate.wzRadps()));
      if (Double.isFinite(vx) && Double.isFinite(vy) && Double.isFinite(wz)) {
        assertTrue(Math.abs(gate.vxMps()) <= Math.abs(vx) && gate.vxMps() * vx >= 0);
        assertTrue(Math.abs(gate.vyMps()) <= Math.abs(vy) && gate.vyMps() * vy >= 0);
        assertTrue(Math.abs(gate.wzRadps()) <= Math.abs(wz) && gate.wzRadps() * wz >= 0);
        assertTrue(Math.hypot(gate.vxMps(), gate.vyMps()) <= ROBOT.maxSpeedMps() + 1e-9);
      } else {
        assertEquals(0, Math.abs(gate.vxMps()) + Math.abs(gate.vyMps()) + Math.abs(gate.wzRadps()));
      }
      if (rig.motion.phase() == Phase.STOPPED) {
        double speed = Math.hypot(gate.vxMps(), gate.vyMps());
        if (latched) {
          assertTrue(gate.capMps() <= speedAtLatch + 1e-12, "cap rises while a stop is latched");
        }
        latched = true;
        speedAtLatch = gate.capMps();
        assertTrue(speed <= speedAtLatch + 1e-12);
      } else {
        latched = false;
      }
      double measured = twist(random);
      map.set(
          Pedals.carlaCar(),
          twist(random),
          Math.abs(twist(random)),
          twist(random),
          measured,
          latched);
      assertTrue(map.throttle() >= 0 && map.throttle() <= 1, "throttle " + map.throttle());
      assertTrue(map.brake() >= 0 && map.brake() <= 1, "brake " + map.brake());
      assertTrue(map.steer() >= -1 && map.steer() <= 1, "steer " + map.steer());
      assertTrue(map.throttle() == 0 || map.brake() == 0);
      assertTrue(!latched || map.throttle() == 0);
    }
  }

  /** Mostly plain numbers; sometimes nothing, or none. */
  private static double twist(Random random) {
    return switch (random.nextInt(20)) {
      case 0 -> 0;
      case 1 -> Double.NaN;
      case 2 -> random.nextBoolean() ? Double.POSITIVE_INFINITY : Double.NEGATIVE_INFINITY;
      case 3 -> random.nextGaussian() * 1e300;
      default -> random.nextGaussian();
    };
  }

  @Property(tries = 100)
  void aStreamNeverRisesOutsideOfFollowing(@ForAll long seed) {
    Random random = new Random(seed);
    MotionStream motion = CommandsTest.stream();
    long now = 0;
    long seq = 0;
    double before = 0;
    motion.step(now, 5);
    before = motion.speedMps();
    for (int i = 0; i < 300; i++) {
      now += TICK;
      if (random.nextInt(4) == 0 && (i / 70) % 3 != 1) {
        motion.offer(
            message(
                seq++,
                now,
                chunk(
                    now,
                    Maneuver.KEEP,
                    random.nextDouble() * 11 - 8,
                    random.nextDouble() * 0.2 - 0.1)),
            now);
      }
      double measured = random.nextInt(3) == 0 ? twist(random) : Double.NaN;
      Phase phase = motion.step(now, measured);
      assertTrue(
          Double.isFinite(
              motion.speedMps() + motion.accelMps2() + motion.steerRad() + motion.jerkMps3()));
      assertTrue(motion.speedMps() >= 0 && motion.speedMps() <= 20);
      if (phase != Phase.FOLLOWING && phase != Phase.STARTING) {
        assertTrue(motion.speedMps() <= before, phase + " rises");
      }
      before = motion.speedMps();
    }
  }
}
