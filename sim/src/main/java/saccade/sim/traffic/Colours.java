package saccade.sim.traffic;

import java.util.random.RandomGenerator;

/** Colours as 0xRRGGBB. */
final class Colours {
  private Colours() {}

  /** The colour with each channel moved by up to {@code by}. */
  static int vary(RandomGenerator random, int colour, int by) {
    int out = 0;
    for (int shift = 16; shift >= 0; shift -= 8) {
      int c = Math.clamp((colour >> shift & 255) + random.nextInt(-by, by + 1), 0, 255);
      out |= c << shift;
    }
    return out;
  }
}
