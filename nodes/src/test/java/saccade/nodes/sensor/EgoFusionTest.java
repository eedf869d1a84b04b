package saccade.nodes.sensor;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.sun.management.ThreadMXBean;
import java.lang.management.ManagementFactory;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.Size;
import org.junit.jupiter.api.Test;
import saccade.planner.EgoSource;
import saccade.realtime.ledger.DropReason;
import saccade.sim.Imu;
import saccade.sim.MotionSensors;
import saccade.sim.Odometry;

class EgoFusionTest {
  private static final long MS = 1_000_000L;
  private static final long IMU_NS = 10 * MS;
  private static final long WHEELS_NS = 50 * MS;

  private final EgoInlet inlet = new EgoInlet();
  private final EgoFusion fusion = new EgoFusion(inlet);
  private long nowNs = 1_000 * MS;
  private double trueSpeed = 8;
  private long samples;

  /** A drive that speeds up, slows down and turns. */
  private Odometry truth() {
    double t = nowNs * 1e-9;
    return new Odometry(trueSpeed, 0.2 * Math.sin(0.5 * t), Math.sin(0.7 * t));
  }

  /** Lives through a time, with or without each sensor. */
  private void drive(MotionSensors sensors, long ns, boolean inertial, boolean wheels) {
    for (long end = nowNs + ns; nowNs < end; ) {
      nowNs += IMU_NS;
      Odometry truth = truth();
      trueSpeed += truth.accelMps2() * IMU_NS * 1e-9;
      truth = new Odometry(trueSpeed, truth.yawRateRps(), truth.accelMps2());
      if (inertial) {
        Imu sample = sensors.imu(truth, samples);
        assertNull(fusion.imu(nowNs, sample.yawRateRps(), sample.accelMps2(), nowNs));
      }
      if (wheels && nowNs % WHEELS_NS == 0) {
        Odometry read = sensors.wheels(truth, samples);
        assertNull(
            fusion.wheels(nowNs, read.speedMps(), read.yawRateRps(), read.accelMps2(), nowNs));
      }
      samples++;
    }
  }

  private static MotionSensors car(long seed) {
    return MotionSensors.passengerCar(seed);
  }

  /** Over many seeds, while it drives and turns. */
  @Test
  void findsTheBiasesThatTheSeedHasDrawn() {
    for (long seed = 1; seed <= 20; seed++) {
      EgoFusionTest one = new EgoFusionTest();
      one.drive(car(seed), 60_000 * MS, true, true);
      assertEquals(car(seed).drawnGyroBiasRps(), one.fusion.gyroBiasRps(), 0.002, "seed " + seed);
      assertEquals(
          car(seed).drawnAccelBiasMps2(), one.fusion.accelBiasMps2(), 0.08, "seed " + seed);
      EgoState state = one.fusion.state();
      assertEquals(EgoSource.FUSED, state.source());
      assertEquals(one.trueSpeed, state.speedMps(), 0.1);
      assertEquals(one.truth().yawRateRps(), state.yawRateRps(), 0.012);
      assertEquals(one.truth().accelMps2(), state.accelMps2(), 0.25);
      assertEquals(one.nowNs, state.stampNs());
    }
  }

  @Test
  void standingWheelsTellTheGyroscopesBiasAtOnce() {
    for (int i = 0; i < 100; i++) {
      nowNs += IMU_NS;
      fusion.imu(nowNs, 0.03, 0.4, nowNs);
      fusion.wheels(nowNs, 0, 0, 0, nowNs);
    }
    assertEquals(0.03, fusion.gyroBiasRps(), 1e-3);
    assertEquals(0, fusion.state().yawRateRps(), 1e-3);
    assertEquals(0, fusion.state().speedMps(), 0.01);
  }

  /** Gravity along a slope is a bias that comes and goes. */
  @Test
  void gravityOnASlopeIsNoAcceleration() {
    double g = 9.81 * Math.sin(Math.toRadians(4));
    for (int i = 0; i < 2000; i++) {
      nowNs += IMU_NS;
      fusion.imu(nowNs, 0, i < 1000 ? 0 : g, nowNs);
      if (i % 5 == 0) {
        fusion.wheels(nowNs, 10, 0, 0, nowNs);
      }
    }
    assertEquals(g, fusion.accelBiasMps2(), 0.1);
    assertEquals(0, fusion.state().accelMps2(), 0.1);
    assertEquals(10, fusion.state().speedMps(), 0.05);
  }

  /** The filter is worth its while: between wheel samples and against their noise. */
  @Test
  void isCloserToTheTruthThanWheelsAlone() {
    MotionSensors noisy = new MotionSensors(3, 0.01, 0.002, 0.2, 0.05, 0.02, 0.004);
    drive(noisy, 30_000 * MS, true, true);
    double fused = 0;
    double alone = 0;
    for (int i = 0; i < 200; i++) {
      drive(noisy, WHEELS_NS, true, true);
      double wheels = noisy.wheels(new Odometry(trueSpeed, 0, 0), samples - 1).speedMps();
      fused += Math.pow(fusion.state().speedMps() - trueSpeed, 2);
      alone += Math.pow(wheels - trueSpeed, 2);
    }
    assertTrue(fused < 0.5 * alone, Math.sqrt(fused / 200) + " and " + Math.sqrt(alone / 200));
  }

  @Test
  void aSilentInertialUnitLeavesTheWheelsAloneUntilItIsBack() {
    MotionSensors car = car(7);
    drive(car, 20_000 * MS, true, true);
    assertEquals(EgoSource.FUSED, fusion.state().source());
    double bias = fusion.gyroBiasRps();
    drive(car, 1_000 * MS, false, true);
    EgoState alone = fusion.state();
    assertEquals(EgoSource.ODOMETRY_WITHOUT_IMU, alone.source());
    assertEquals("imu", alone.source().missing());
    assertEquals(trueSpeed, alone.speedMps(), 0.2);
    assertEquals(nowNs, alone.stampNs());
    assertEquals(1, fusion.imuDropOuts());
    fusion.state();
    assertEquals(1, fusion.imuDropOuts(), "one silence is one");
    drive(car, 200 * MS, true, true);
    assertEquals(EgoSource.FUSED, fusion.state().source());
    assertEquals(bias, fusion.gyroBiasRps(), 0.003, "not learnt anew");
    assertEquals(trueSpeed, fusion.state().speedMps(), 0.2);
    drive(car, 1_000 * MS, false, true);
    fusion.state();
    assertEquals(2, fusion.imuDropOuts());
  }

  @Test
  void withoutWheelsTheFilterGoesOnForAWhileAndThenGrowsOld() {
    MotionSensors car = car(5);
    drive(car, 30_000 * MS, true, true);
    long lostNs = nowNs;
    drive(car, 1_000 * MS, true, false);
    EgoState alone = fusion.state();
    assertEquals(EgoSource.IMU_WITHOUT_ODOMETRY, alone.source());
    assertEquals(nowNs, alone.stampNs());
    assertEquals(trueSpeed, alone.speedMps(), 0.3);
    assertEquals(1, fusion.wheelDropOuts());
    drive(car, 4_000 * MS, true, false);
    EgoState old = fusion.state();
    assertTrue(old.stampNs() - lostNs <= EgoFusion.ALONE_NS && old.stampNs() < nowNs - 1_000 * MS);
    drive(car, 300 * MS, true, true);
    assertEquals(EgoSource.FUSED, fusion.state().source());
    assertEquals(trueSpeed, fusion.state().speedMps(), 0.3);
    assertEquals(nowNs, fusion.state().stampNs());
  }

  @Test
  void wheelsThatNeverHadACompanionGoThroughAsTheyAre() {
    assertSame(EgoState.STANDING, fusion.state());
    fusion.push();
    assertEquals(0, inlet.ledger().offered());
    fusion.setSpeed(12);
    fusion.wheels(5 * MS, 3.25, -0.125, 0.5, 6 * MS);
    fusion.push();
    assertEquals(new EgoState(5 * MS, 3.25, -0.125, 0.5, 12), inlet.latest());
  }

  @Test
  void whatCannotBeIsRefusedAndCounted() {
    drive(car(1), 1_000 * MS, true, true);
    EgoState before = fusion.state();
    double bias = fusion.accelBiasMps2();
    long next = nowNs + IMU_NS;
    for (double bad : new double[] {Double.NaN, Double.POSITIVE_INFINITY, -1e6}) {
      assertEquals(DropReason.UNREADABLE, fusion.imu(next, bad, 0, next));
      assertEquals(DropReason.UNREADABLE, fusion.imu(next, 0, bad, next));
      assertEquals(DropReason.UNREADABLE, fusion.wheels(next, bad, 0, 0, next));
      assertEquals(DropReason.UNREADABLE, fusion.wheels(next, 0, bad, 0, next));
      assertEquals(DropReason.UNREADABLE, fusion.wheels(next, 0, 0, bad, next));
    }
    assertEquals(DropReason.STAMP_ZERO, fusion.imu(0, 0, 0, next));
    assertEquals(DropReason.STAMP_DUPLICATE, fusion.imu(nowNs, 0, 0, next));
    assertEquals(DropReason.STAMP_BACKWARDS, fusion.imu(nowNs - 1, 0, 0, next));
    assertEquals(DropReason.STAMP_FUTURE, fusion.imu(next + 100 * MS, 0, 0, next));
    assertEquals(DropReason.STAMP_STALE, fusion.wheels(next, 1, 0, 0, next + 2_000 * MS));
    assertEquals(before.speedMps(), fusion.state().speedMps());
    assertEquals(before.yawRateRps(), fusion.state().yawRateRps());
    assertEquals(bias, fusion.accelBiasMps2());
    fusion.ledgers().forEach(ledger -> ledger.assertBalanced());
    assertEquals(6, fusion.ledgers().get(0).dropped(DropReason.UNREADABLE));
    assertEquals(9, fusion.ledgers().get(1).dropped(DropReason.UNREADABLE));
  }

  /** Whatever comes in whatever order, the state is a number and its stamp is none from later. */
  @Property(tries = 50)
  void nothingMakesTheStateWild(
      @ForAll @Size(max = 60) long[] stampSteps, @ForAll @Size(max = 20) double[] values) {
    EgoFusion wild = new EgoFusion(new EgoInlet());
    long at = 1_000 * MS;
    long latest = at;
    for (int i = 0; i < stampSteps.length; i++) {
      at += Math.floorMod(stampSteps[i], 400 * MS) - 50 * MS;
      latest = Math.max(latest, at);
      double value = values.length == 0 ? 1 : values[i % values.length];
      if (stampSteps[i] % 3 == 0) {
        wild.wheels(at, value, value / 10, value / 5, at);
      } else {
        wild.imu(at, value / 20, value / 3, at);
      }
      EgoState state = wild.state(); // its constructor refuses what is not finite
      assertTrue(state.stampNs() <= latest);
    }
    wild.ledgers().forEach(ledger -> ledger.assertBalanced());
  }

  @Test
  void samplesAllocateNothing() {
    drive(car(2), 60_000 * MS, true, true);
    ThreadMXBean threads = (ThreadMXBean) ManagementFactory.getThreadMXBean();
    long before = threads.getCurrentThreadAllocatedBytes();
    for (int i = 0; i < 10_000; i++) {
      nowNs += IMU_NS;
      fusion.imu(nowNs, 0.01, 0.1, nowNs);
      fusion.wheels(nowNs, 8, 0, 0, nowNs);
    }
    long spent = threads.getCurrentThreadAllocatedBytes() - before;
    assertTrue(spent < 1_000, spent + " bytes for 20000 samples");
    assertEquals(6_000 + 10_000, fusion.ledgers().getFirst().delivered());
  }
}
