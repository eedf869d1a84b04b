package saccade.planner;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.Arrays;
import java.util.List;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.DoubleRange;
import net.jqwik.api.constraints.IntRange;
import net.jqwik.api.constraints.Size;
import org.junit.jupiter.api.Test;
import saccade.planner.ActionCodecSpec.Range;

class ActionCodecTest {
  private final ActionCodecSpec spec = ActionCodecSpec.saccadeNano();
  private final ActionCodec codec = new ActionCodec(spec);

  @Test
  void constantBrakingTakesOnlyTheFirstCoefficient() {
    int[] ids = codec.encode(Messages.constant(0, -4, 0));
    // a0 = -4 sqrt(10) = -12.65 -> bin floor((26 - 12.65) / 36 * 64) = 23; a1 = a2 = 0 -> bin 32
    assertArrayEquals(new int[] {9, 16 + 23, 16 + 32, 16 + 32, 80 + 32, 80 + 32}, ids);
  }

  @Test
  void decodesAgainstAPlainSumOverCosines() {
    int[] ids = {8, 16 + 10, 16 + 50, 16 + 20, 80 + 60, 80 + 5};
    ActionChunk chunk = ((DecodeOutcome.Plan) codec.decode(ids, 7)).chunk();
    double a0 = -26 + 10.5 * 36 / 64;
    double a1 = -12 + 50.5 * 24 / 64;
    double a2 = -8 + 20.5 * 16 / 64;
    double s0 = -1 + 60.5 / 32;
    double s1 = -1 + 5.5 / 32;
    double k0 = s0 * s0 * 0.48;
    double k1 = -s1 * s1 * 0.2;
    for (int i = 0; i < 10; i++) {
      double c1 = Math.sqrt(0.2) * Math.cos(Math.PI * (i + 0.5) / 10);
      double c2 = Math.sqrt(0.2) * Math.cos(2 * Math.PI * (i + 0.5) / 10);
      double a = a0 * Math.sqrt(0.1) + a1 * c1 + a2 * c2;
      double k = k0 * Math.sqrt(0.1) + k1 * c1;
      assertEquals(Math.clamp(a, -8, 0), chunk.accel(i), 1e-12);
      assertEquals(Math.clamp(k, -0.15, 0.15), chunk.curvature(i), 1e-12);
    }
    assertEquals(7, chunk.captureNs());
  }

  @Test
  void aBrakeNeverCreeps() {
    // the bin that holds a0 = 0 has its centre above zero
    int[] ids = codec.encode(Messages.constant(0, 0, 0));
    ids[0] = spec.brakeId();
    ActionChunk chunk = ((DecodeOutcome.Plan) codec.decode(ids, 0)).chunk();
    for (int i = 0; i < 10; i++) {
      assertTrue(chunk.accel(i) <= 0, () -> chunk.toString());
    }
  }

  @Test
  void namesTheTokenThatIsNoAction() {
    assertEquals(
        new DecodeOutcome.BadTokens(3, 80), codec.decode(new int[] {8, 16, 16, 80, 80, 80}, 0));
    assertEquals(
        new DecodeOutcome.BadTokens(0, 11), codec.decode(new int[] {11, 16, 16, 16, 80, 80}, 0));
    assertEquals(new DecodeOutcome.BadTokens(6, 2), codec.decode(new int[] {8, 16}, 0));
  }

  @Test
  void namesAManeuverByItsFirstSecond() {
    double[] brakeLater = {0, 0, 0, 0, 0, -5, -5, -5, -5, -5};
    assertEquals(Maneuver.KEEP, codec.maneuverOf(brakeLater, false));
    assertEquals(Maneuver.BRAKE, codec.maneuverOf(brakeLater, true));
    double[] go = new double[10];
    Arrays.fill(go, 1);
    assertEquals(Maneuver.ACCELERATE, codec.maneuverOf(go, true));
    Arrays.fill(go, -1);
    assertEquals(Maneuver.BRAKE, codec.maneuverOf(go, false));
  }

  @Property
  void coefficientsInsideTheRangesComeBackWithinHalfABin(
      @ForAll @DoubleRange(min = -12, max = 0) double a0,
      @ForAll @DoubleRange(min = -4, max = 4) double a1,
      @ForAll @DoubleRange(min = -2, max = 2) double a2,
      @ForAll @DoubleRange(min = -0.2, max = 0.2) double k0,
      @ForAll @DoubleRange(min = -0.1, max = 0.1) double k1) {
    double[] a = new double[10];
    double[] k = new double[10];
    for (int i = 0; i < 10; i++) {
      double c1 = Math.sqrt(0.2) * Math.cos(Math.PI * (i + 0.5) / 10);
      double c2 = Math.sqrt(0.2) * Math.cos(2 * Math.PI * (i + 0.5) / 10);
      a[i] = a0 * Math.sqrt(0.1) + a1 * c1 + a2 * c2;
      k[i] = k0 * Math.sqrt(0.1) + k1 * c1;
    }
    ActionChunk sent = new ActionChunk(0, 200_000_000L, Maneuver.KEEP, a, k);
    ActionChunk got = ((DecodeOutcome.Plan) codec.decode(codec.encode(sent), 0)).chunk();
    // each basis row is at most sqrt(1/10) or sqrt(2/10); half bins 0.28125, 0.1875, 0.125
    double boundA = 0.28125 * Math.sqrt(0.1) + (0.1875 + 0.125) * Math.sqrt(0.2) + 1e-9;
    double boundK = kHalfBin(k0, 0.48) * Math.sqrt(0.1) + kHalfBin(k1, 0.2) * Math.sqrt(0.2) + 1e-9;
    for (int i = 0; i < 10; i++) {
      double wantedA = Math.clamp(a[i], -8, 3);
      double wantedK = Math.clamp(k[i], -0.15, 0.15);
      assertEquals(wantedA, got.accel(i), boundA);
      assertEquals(wantedK, got.curvature(i), boundK);
    }
  }

  /** Width of the companded bin around k, an upper bound of the error there. */
  private static double kHalfBin(double k, double hi) {
    double s = Math.sqrt(Math.abs(k) / hi);
    double near = s + 1.0 / 64;
    return hi * (near * near - s * s) + hi / 64 / 64;
  }

  @Property
  void encodingWhatWasDecodedGivesTheSameTokensUnlessALimitWasHit(
      @ForAll @IntRange(min = 8, max = 10) int maneuver,
      @ForAll @Size(3) List<@IntRange(min = 16, max = 79) Integer> a,
      @ForAll @Size(2) List<@IntRange(min = 80, max = 143) Integer> k) {
    int[] ids = {maneuver, a.get(0), a.get(1), a.get(2), k.get(0), k.get(1)};
    DecodeOutcome.Plan plan = (DecodeOutcome.Plan) codec.decode(ids, 0);
    for (int i = 0; i < 10; i++) {
      assertTrue(spec.accelLimits().contains(plan.chunk().accel(i)));
      assertTrue(spec.curvatureLimits().contains(plan.chunk().curvature(i)));
    }
    if (plan.clampedSteps() == 0) {
      assertArrayEquals(ids, codec.encode(plan.chunk()));
    }
  }

  @Property
  void anyIdsAtAllDecodeWithinRangeOrAreRefused(@ForAll int[] ids) {
    switch (codec.decode(ids, 0)) {
      case DecodeOutcome.Plan plan -> {
        for (int i = 0; i < 10; i++) {
          assertTrue(new Range(-8, 3).contains(plan.chunk().accel(i)));
        }
      }
      case DecodeOutcome.BadTokens bad -> assertTrue(bad.index() <= spec.tokens());
    }
  }
}
