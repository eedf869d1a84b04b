package saccade.kernels.motion;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.SplittableRandom;
import java.util.function.DoubleUnaryOperator;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.Size;
import org.junit.jupiter.api.Test;

class StandstillTest {
  private static final long MS = 1_000_000L;

  private final Standstill standstill = new Standstill();
  private long nowNs = 7_000 * MS;

  /** A sample so much later than the last one. */
  private void after(long ms, double mps) {
    nowNs += ms * MS;
    standstill.sample(nowNs, mps);
  }

  /** Samples every 100 ms. */
  private void holds(double seconds, double mps) {
    for (int i = 0; i < Math.round(seconds * 10); i++) {
      after(100, mps);
    }
  }

  private void assertTells(double stoodS, double drivenM) {
    assertEquals(stoodS, standstill.stoodS(), 1e-9, "stood");
    assertEquals(drivenM, standstill.drivenM(), 1e-9, "driven");
  }

  @Test
  void shouldKnowOfNothingBeforeItStands() {
    assertTells(0, 20);
    holds(2, 8);
    assertTells(0, 20);
    holds(1, 8);
    assertTells(0, 20);
  }

  @Test
  void shouldCountFromTheFirstSampleWhenTheVehicleStandsAlready() {
    after(0, 0);
    assertTells(0, 0);
    holds(1.3, 0);
    assertTells(1.3, 0);
  }

  /** 3 m/s to 0 within 1 s: the last 0.05 s of it are slower than 0.15 m/s. Then 2 m/s^2 up. */
  @Test
  void shouldCountAStopAndKeepItWhileDrivingOn() {
    after(0, 3);
    after(1000, 0);
    assertTells(0.05, 0);
    holds(1.5, 0);
    assertTells(1.55, 0);
    after(500, 1);
    assertTells(1.55 + 0.075, 0.5 * 1.15 * 0.425);
    double way = standstill.drivenM();
    holds(1, 1);
    assertTells(1.625, way + 1);
    holds(30, 1);
    assertTells(0, 20);
  }

  @Test
  void shouldTellAtMostThreeSecondsAndBeginAnewFurtherOn() {
    after(0, 0);
    holds(9, 0);
    assertTells(3, 0);
    after(100, 2);
    holds(1, 2);
    after(100, 0);
    holds(0.4, 0);
    assertEquals(0.4, standstill.stoodS(), 0.01, "another standstill, 2 m on");
    assertEquals(0, standstill.drivenM());
  }

  /** A standing vehicle whose wheels report up to 0.3 m/s either way now and then. */
  @Test
  void shouldNotBeginAnewWhenTheOdometryJitters() {
    SplittableRandom random = new SplittableRandom(3);
    after(0, 0);
    for (int i = 0; i < 25; i++) {
      after(
          100,
          random.nextInt(6) == 0 ? random.nextDouble(-0.3, 0.3) : random.nextDouble(-0.1, 0.1));
    }
    after(100, 0);
    assertEquals(2.5, standstill.stoodS(), 0.5);
    assertEquals(0, standstill.drivenM());
  }

  @Test
  void shouldGoOnWithTheStandstillAfterACreepToTheLine() {
    after(0, 0);
    holds(0.7, 0);
    double stood = standstill.stoodS();
    holds(1.5, 0.5);
    assertTrue(standstill.drivenM() > 0.6 && standstill.drivenM() < 0.8, "creeps");
    holds(0.5, 0);
    assertTrue(
        standstill.stoodS() > stood + 0.4, standstill.stoodS() + " s with the creep between");
  }

  @Test
  void shouldNotCountTheTimeOfAGapButKeepTheStandstillThatLastsOverIt() {
    after(0, 0);
    holds(0.5, 0);
    after(4000, 0);
    assertTells(0.5, 0);
    holds(0.5, 0);
    assertTells(1, 0);
  }

  @Test
  void shouldForgetWhereTheVehicleDroveIntoOrOutOfAGap() {
    after(0, 0);
    holds(2, 0);
    after(1500, 4);
    assertTells(0, 20);
    after(1500, 0);
    assertTells(0, 0);
    holds(1, 0);
    assertTells(1, 0);
    holds(0.5, 4);
    after(1100, 4);
    assertTells(0, 20);
  }

  @Test
  void shouldForgetWhenTheClockIsSetBackAndIgnoreWhatIsOutOfOrder() {
    after(0, 0);
    holds(2, 0);
    standstill.sample(nowNs - 300 * MS, 9);
    assertTells(2, 0);
    holds(0.5, 0);
    assertTells(2.5, 0);
    nowNs -= 5_000 * MS;
    standstill.sample(nowNs, 0);
    assertTells(0, 0);
    holds(0.3, 0);
    assertTells(0.3, 0);
  }

  @Test
  void shouldForgetWhenAnotherDriveBegins() {
    after(0, 0);
    holds(2, 0);
    standstill.forget();
    assertTells(0, 20);
    after(100, 0);
    assertTells(0, 0);
  }

  @Test
  void shouldBeginWithAPastThatItWasTold() {
    standstill.begin(0.8, 0);
    after(0, 0);
    holds(0.4, 0);
    assertTells(1.2, 0);
    standstill.begin(1.4, 2.5);
    after(0, 4);
    holds(1, 4);
    assertTells(1.4, 6.5);
    standstill.begin(1.4, 20);
    assertTells(0, 20);
    after(0, 4);
    assertTells(0, 20);
  }

  /** The same drive by an odometry of 100 Hz and one of 10 Hz. */
  @Test
  void shouldHardlyDependOnHowOftenTheOdometrySpeaks() {
    DoubleUnaryOperator speed = t -> Math.max(0, 3 * Math.cos(0.9 * t)); // stands for 3.5 s
    Standstill often = new Standstill();
    for (int ms = 0; ms <= 8000; ms += 10) {
      double mps = speed.applyAsDouble(ms * 1e-3);
      often.sample(ms * MS, mps);
      if (ms % 100 == 0) {
        standstill.sample(ms * MS, mps);
        assertEquals(often.stoodS(), standstill.stoodS(), 0.02, ms + " ms");
        if (ms > 2000) {
          assertEquals(often.drivenM(), standstill.drivenM(), 0.02, ms + " ms");
        }
      }
    }
    assertEquals(3, standstill.stoodS());
    assertTrue(standstill.drivenM() > 2, "drives again");
  }

  @Property(tries = 300)
  void shouldStayInRangeWhateverComes(
      @ForAll @Size(max = 60) long[] stamps, @ForAll @Size(max = 60) double[] speeds) {
    for (int i = 0; i < Math.min(stamps.length, speeds.length); i++) {
      standstill.sample(i % 3 == 0 ? stamps[i] : nowNs + i * 50 * MS, speeds[i] % 8);
      standstill.sample(nowNs + i * 70 * MS, i % 4 < 2 ? 0 : speeds[i]);
      double stood = standstill.stoodS();
      double driven = standstill.drivenM();
      assertTrue(
          stood >= 0 && stood <= 3 && driven >= 0 && driven <= 20, stood + " s, " + driven + " m");
      assertTrue(driven < 20 || stood == 0, "nothing is told of a standstill that is not known");
    }
  }
}
