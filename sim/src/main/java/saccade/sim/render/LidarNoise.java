package saccade.sim.render;

/**
 * How a LiDAR falls short of a ruler: noise of range and intensity, returns that get lost, and
 * returns from the air.
 *
 * @param rangeSigmaM standard deviation of the range, metres; no sample is more than 3.47 times as
 *     far off
 * @param intensitySigma standard deviation of the intensity, relative
 * @param dropOut share of returns lost by chance, 0..1
 * @param weakest reflectivity of a surface met squarely at the sensor's longest range of which half
 *     the returns are lost; weaker echoes (dark, far, grazed, through rain or fog) are lost more
 *     often; 0 for a sensor that sees all
 * @param weather whether rain and fog weaken echoes and send back some of their own
 */
public record LidarNoise(
    double rangeSigmaM, double intensitySigma, double dropOut, double weakest, boolean weather) {

  /** A good sensor on a roof. */
  public static final LidarNoise DEFAULT = new LidarNoise(0.02, 0.04, 0.003, 0.03, true);

  /** Noise of range and intensity alone: every ray that meets something returns. */
  public static final LidarNoise NO_LOSS = new LidarNoise(0.02, 0.04, 0, 0, false);

  public LidarNoise {
    if (!(rangeSigmaM >= 0 && rangeSigmaM < 1)
        || !(intensitySigma >= 0 && intensitySigma < 1)
        || !(dropOut >= 0 && dropOut <= 1)
        || !(weakest >= 0 && weakest <= 1)) {
      throw new IllegalArgumentException(
          "lidar noise: wanted sigmas in [0, 1) and shares in [0, 1], found "
              + rangeSigmaM
              + ", "
              + intensitySigma
              + ", "
              + dropOut
              + ", "
              + weakest);
    }
  }
}
