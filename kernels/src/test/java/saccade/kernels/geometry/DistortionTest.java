package saccade.kernels.geometry;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import org.junit.jupiter.api.Test;

class DistortionTest {
  private final double[] xy = new double[2];

  @Test
  void plumbBobAsWorkedByHand() {
    // r2 = 0.25 + 0.04 = 0.29; radial = 1 - 0.3 r2 + 0.1 r2^2 + 0.02 r2^3.
    Distortion lens = Distortion.of("plumb_bob", -0.3, 0.1, 0.001, -0.002, 0.02);
    lens.distort(0.5, -0.2, xy);
    double radial = 1 - 0.3 * 0.29 + 0.1 * 0.0841 + 0.02 * 0.024389;
    assertEquals(0.5 * radial + 2 * 0.001 * -0.1 - 0.002 * (0.29 + 0.5), xy[0], 1e-12);
    assertEquals(-0.2 * radial + 0.001 * (0.29 + 0.08) + 2 * -0.002 * -0.1, xy[1], 1e-12);
  }

  @Test
  void rationalPolynomialDividesByItsSecondHalf() {
    Distortion lens = Distortion.of("rational_polynomial", 0.2, 0, 0, 0, 0, 0.5, 0, 0);
    lens.distort(1, 0, xy);
    assertEquals(1.2 / 1.5, xy[0], 1e-12);
    assertEquals(0, xy[1], 1e-12);
  }

  @Test
  void equidistantWithoutCoefficientsMeasuresTheAngle() {
    Distortion lens = Distortion.of("equidistant", 0, 0, 0, 0);
    lens.distort(1, 0, xy);
    assertEquals(Math.PI / 4, xy[0], 1e-12);
    lens.distort(0, 0, xy);
    assertEquals(0, xy[0], 0);
    assertFalse(lens.isNone());
    Distortion.of("equidistant", 0.1, 0, 0, 0).distort(0, 1, xy);
    double t = Math.PI / 4;
    assertEquals(t * (1 + 0.1 * t * t), xy[1], 1e-12);
  }

  @Test
  void namesAndCountsAreThoseOfCameraInfo() {
    assertTrue(Distortion.of("", 0, 0).isNone());
    assertTrue(Distortion.of("plumb_bob", 0, 0, 0, 0, 0, 0, 0).isNone());
    assertEquals(Distortion.Model.EQUIDISTANT, Distortion.of("fisheye", 1).model());
    String message =
        assertThrows(IllegalArgumentException.class, () -> Distortion.of("thin_prism", 1))
            .getMessage();
    assertTrue(message.contains("thin_prism") && message.contains("equidistant"), message);
    assertThrows(
        IllegalArgumentException.class, () -> Distortion.of("plumb_bob", 1, 2, 3, 4, 5, 6));
    assertThrows(IllegalArgumentException.class, () -> Distortion.of("plumb_bob", Double.NaN));
  }
}
