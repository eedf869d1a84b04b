package saccade.sim;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import org.junit.jupiter.api.Test;

class MotionSensorsTest {
  private static final Odometry TRUTH = new Odometry(10, 0.2, -1.5);

  @Test
  void theMeanOfManySamplesIsTheTruthAndTheBias() {
    MotionSensors car = MotionSensors.passengerCar(9);
    double turn = 0;
    double accel = 0;
    double square = 0;
    int n = 20_000;
    for (int i = 0; i < n; i++) {
      Imu sample = car.imu(TRUTH, i);
      turn += sample.yawRateRps();
      accel += sample.accelMps2();
      square += Math.pow(sample.accelMps2() + 1.5 - car.drawnAccelBiasMps2(), 2);
    }
    assertEquals(0.2 + car.drawnGyroBiasRps(), turn / n, 1e-4);
    assertEquals(-1.5 + car.drawnAccelBiasMps2(), accel / n, 2e-3);
    assertEquals(0.05, Math.sqrt(square / n), 2e-3, "the deviation asked for");
    assertTrue(Math.abs(car.drawnGyroBiasRps()) <= 0.01);
  }

  @Test
  void aSampleIsTheSeedsWhoeverAsksWhenever() {
    MotionSensors car = MotionSensors.passengerCar(3);
    assertEquals(car.imu(TRUTH, 77), MotionSensors.passengerCar(3).imu(TRUTH, 77));
    assertNotEquals(car.imu(TRUTH, 77), car.imu(TRUTH, 78));
    assertNotEquals(car.imu(TRUTH, 77), MotionSensors.passengerCar(4).imu(TRUTH, 77));
    assertNotEquals(car.drawnGyroBiasRps(), MotionSensors.passengerCar(4).drawnGyroBiasRps());
  }

  @Test
  void standingWheelsSayExactlyZero() {
    Odometry still = new Odometry(0, 0, 0);
    assertEquals(still, MotionSensors.passengerCar(1).wheels(still, 5));
    assertNotEquals(10, MotionSensors.passengerCar(1).wheels(TRUTH, 5).speedMps());
  }

  @Test
  void negativeNoiseIsRefused() {
    assertThrows(IllegalArgumentException.class, () -> new MotionSensors(1, 0, -1, 0, 0, 0, 0));
  }
}
