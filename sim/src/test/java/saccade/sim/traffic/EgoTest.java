package saccade.sim.traffic;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.SplittableRandom;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** The bicycle model against geometry and sums done by hand. */
class EgoTest {
  @ParameterizedTest
  @CsvSource({"0.05, 8, 1", "-0.05, 8, 1", "0.15, 3, 1", "-0.01, 14, 0.3"})
  void constantCurvatureAndSpeedDriveACircle(double curvature, double speed, double yaw) {
    Ego ego = new Ego();
    ego.x = 3;
    ego.y = -2;
    ego.yawRad = yaw;
    ego.speedMps = speed;
    ego.curvature1pm = curvature;
    ego.command(0, curvature);
    double radius = 1 / curvature;
    double centreX = 3 - radius * Math.sin(yaw);
    double centreY = -2 + radius * Math.cos(yaw);
    int steps = 1000;
    double h = 2 * Math.PI * Math.abs(radius) / speed / steps;
    for (int i = 1; i <= steps; i++) {
      ego.step(h);
      assertEquals(Math.abs(radius), Math.hypot(ego.x - centreX, ego.y - centreY), 1e-9);
      if (i == steps / 2) {
        assertEquals(2 * centreX - 3, ego.x, 1e-9);
        assertEquals(2 * centreY + 2, ego.y, 1e-9);
      }
    }
    assertEquals(3, ego.x, 1e-9);
    assertEquals(-2, ego.y, 1e-9);
    assertEquals(yaw + Math.copySign(2 * Math.PI, curvature), ego.yawRad, 1e-9);
    assertEquals(speed * curvature, ego.yawRateRps(), 1e-12);
    assertEquals(speed, ego.speedMps);
  }

  @Test
  void brakingDistanceIsThatOfALaggingBrake() {
    Ego ego = new Ego();
    ego.speedMps = 10;
    ego.command(-5, 0);
    int steps = 0;
    while (ego.speedMps > 0) {
      ego.step(0.001);
      steps++;
    }
    // v(t) = 10 - 5 (t - tau (1 - e^(-t / tau))): stands at 2 s + tau; x is its integral.
    double tau = Ego.ACCEL_LAG_S;
    double stop = 2 + tau;
    double way = 10 * stop - 5 * (stop * stop / 2 - tau * stop + tau * tau);
    assertEquals(stop, steps * 0.001, 0.003);
    assertEquals(way, ego.x, 0.02);
    assertEquals(0, ego.y);
  }

  @Test
  void curvatureFollowsAtItsRate() {
    Ego ego = new Ego();
    ego.speedMps = 5;
    ego.command(0, 0.1);
    for (int i = 0; i < 20; i++) {
      ego.step(0.01);
    }
    assertEquals(0.2 * Ego.CURVATURE_RATE, ego.curvature1pm, 1e-12);
    for (int i = 0; i < 40; i++) {
      ego.step(0.01);
    }
    assertEquals(0.1, ego.curvature1pm, 1e-12);
  }

  @Property(tries = 200)
  void neverDrivesBackwardsNorBeyondItsLimits(@ForAll long seed) {
    SplittableRandom random = new SplittableRandom(seed);
    Ego ego = new Ego();
    ego.speedMps = random.nextDouble(0, 15);
    for (int i = 0; i < 200; i++) {
      if (i % 10 == 0) {
        ego.command(random.nextDouble(-20, 6), random.nextDouble(-1, 1));
      }
      double x = ego.x;
      double y = ego.y;
      double before = ego.speedMps;
      double h = random.nextDouble(0.001, 0.1);
      ego.step(h);
      double way = Math.hypot(ego.x - x, ego.y - y);
      assertTrue(ego.speedMps >= 0, "speed " + ego.speedMps);
      assertTrue(way <= Math.max(before, ego.speedMps) * h + 1e-9, "moved " + way + " m");
      assertTrue(ego.accelMps2 >= Ego.MIN_ACCEL && ego.accelMps2 <= Ego.MAX_ACCEL);
      assertTrue(Math.abs(ego.curvature1pm) <= Ego.MAX_CURVATURE);
    }
  }

  @Test
  void refusesACommandThatIsNoNumber() {
    Ego ego = new Ego();
    assertThrows(IllegalArgumentException.class, () -> ego.command(Double.NaN, 0));
    assertThrows(IllegalArgumentException.class, () -> ego.command(0, Double.NEGATIVE_INFINITY));
  }
}
