package saccade.sim.render;

import saccade.sim.world.Daylight;
import saccade.sim.world.Scene;
import saccade.sim.world.Weather;

/**
 * Light and air of one instant as a camera exposes them: ambient light, sun, head lamps, sky, and
 * what the air swallows by distance. Filled once a frame, then only read; allocates nothing. One
 * per renderer.
 */
final class Atmosphere {
  /** Steps of the sky table. */
  static final int SKY_STEPS = 256;

  /** Farthest distance of the extinction table, metres; also where the ground ends. */
  static final float FARTHEST_M = 400;

  /** ln 20: over the meteorological optical range contrast falls to 5 %. */
  private static final double MOR = 2.9957;

  private static final double CLEAR_AIR_1PM = 0.0011;
  private static final double FOG_VISIBILITY_M = 120;
  private static final double RAIN_VISIBILITY_M = 1500;
  private static final double RAIN_MM_PER_H = 8;
  private static final int PER_METRE = 4;

  /** Exposure of the run, about 1. */
  float gain;

  float ambientRed;
  float ambientGreen;
  float ambientBlue;

  /** Direct light of the sun; 0 under clouds and at night. */
  float sun;

  double sunX;
  double sunY;
  double sunZ;

  /** Light of the ego's head lamps where they shine brightest. */
  float headLamp;

  /** What a shadow leaves of the light on the ground. */
  float shade;

  /** Colour of the air that hides what is far, exposed, 0..255. */
  float airRed;

  float airGreen;
  float airBlue;

  /** Extinction, 1/m. */
  double extinction;

  /** How wet the road is, 0..1. */
  float wet;

  /** How much a lit lamp spills over its surroundings in the picture. */
  float glow;

  /** Share of windows with light behind them. */
  float litWindows;

  /** Amplitudes of sensor noise, grey levels: common to the channels, and of each. */
  float grainLuma;

  float grainChroma;

  /** Rain rate, mm/h. */
  double rain;

  /** By slope of the ray, 0xRRGGBB, exposed. */
  final int[] sky = new int[SKY_STEPS];

  /** Contrast of clouds in the sky. */
  float clouds;

  private final float[] left = new float[(int) (FARTHEST_M * PER_METRE) + 2];
  private double leftExtinction = -1;

  /** Share of light left after a distance of at most {@link #FARTHEST_M} metres. */
  float left(float distanceM) {
    return left[(int) (distanceM * PER_METRE)];
  }

  /** Writes the share of light left for each distance of a row. */
  void left(float[] distanceM, float[] share, int count) {
    float[] table = left;
    for (int u = 0; u < count; u++) {
      share[u] = table[(int) (distanceM[u] * PER_METRE)];
    }
  }

  /** Reads daylight, weather and texture seed. */
  void prepare(Scene scene) {
    long seed = scene.textureSeed;
    double azimuth = Noise.unit(seed, 1) * 2 * Math.PI;
    gain = (float) (0.88 + 0.24 * Noise.unit(seed, 2));
    float warmth = (float) (0.04 * (Noise.unit(seed, 3) - 0.5));
    double elevation = 0.5 + 0.5 * Noise.unit(seed, 4);
    sunX = Math.cos(azimuth) * Math.cos(elevation);
    sunY = Math.sin(azimuth) * Math.cos(elevation);
    sunZ = Math.sin(elevation);
    boolean fog = scene.weather == Weather.FOG;
    boolean raining = scene.weather == Weather.RAIN;
    rain = raining ? scene.rainMmPerH > 0 ? scene.rainMmPerH : RAIN_MM_PER_H : 0;
    wet = raining ? 1 : 0;
    double visibility = scene.visibilityM;
    if (Double.isInfinite(visibility) && scene.weather != Weather.CLEAR) {
      visibility = fog ? FOG_VISIBILITY_M : RAIN_VISIBILITY_M;
    }
    extinction = CLEAR_AIR_1PM + MOR / visibility;
    switch (scene.daylight) {
      case DAY -> day(fog, raining, warmth);
      case DUSK -> dusk(fog || raining, warmth);
      case NIGHT -> night(fog || raining, (float) Noise.unit(seed, 6));
    }
    // Exposure is not the same in any two frames.
    gain *= (float) (1 + 0.02 * (Noise.unit(seed ^ 0x5EED * scene.frame, 7) - 0.5));
    for (int i = 0; i < SKY_STEPS; i++) {
      sky[i] = skyAt((float) Math.sqrt(i / (SKY_STEPS - 1.0)), scene.daylight, fog, raining);
    }
    airRed *= gain;
    airGreen *= gain;
    airBlue *= gain;
    if (extinction != leftExtinction) {
      leftExtinction = extinction;
      for (int i = 0; i < left.length; i++) {
        left[i] = (float) Math.exp(-extinction * (i + 0.5) / PER_METRE);
      }
    }
  }

  private void day(boolean fog, boolean raining, float warmth) {
    boolean cloudy = fog || raining;
    float dim = raining ? 0.84f : fog ? 0.98f : 1;
    ambient((0.62f + warmth) * dim, 0.63f * dim, (0.66f - warmth) * dim);
    sun = cloudy ? 0.03f : 0.42f;
    headLamp = 0;
    shade = cloudy ? 0.74f : 0.55f;
    if (cloudy) {
      air(raining ? 162 : 184, raining ? 168 : 188, raining ? 175 : 191);
    } else {
      air(186, 202, 220);
    }
    grain(3, 9);
    glow = 0.24f;
    litWindows = raining ? 0.06f : 0;
    clouds = fog ? 0.01f : raining ? 0.1f : 0.16f;
  }

  private void dusk(boolean cloudy, float warmth) {
    if (cloudy) {
      ambient(0.25f, 0.25f, 0.29f);
      air(84, 80, 88);
    } else {
      ambient(0.27f + warmth, 0.24f, 0.31f - warmth);
      air(118, 76, 74);
    }
    sun = cloudy ? 0.01f : 0.03f;
    headLamp = 0.34f;
    shade = 0.75f;
    grain(5, 13);
    glow = 0.55f;
    litWindows = 0.3f;
    clouds = cloudy ? 0.05f : 0.12f;
  }

  private void night(boolean cloudy, float street) {
    // From a dark road out of town to one with lamps along it.
    float ambient = 0.08f + 0.1f * street;
    ambient(ambient * (1 + 0.25f * street), ambient, ambient * (1.3f - 0.5f * street));
    if (cloudy) {
      air(26 + 16 * street, 26 + 12 * street, 29 + 8 * street);
    } else {
      air(13 + 9 * street, 13 + 7 * street, 18 + 4 * street);
    }
    sun = 0;
    headLamp = 0.95f;
    shade = 0.8f;
    grain(7, 18);
    glow = 0.75f;
    litWindows = 0.34f;
    clouds = 0.05f;
  }

  private void ambient(float red, float green, float blue) {
    ambientRed = red;
    ambientGreen = green;
    ambientBlue = blue;
  }

  private void air(float red, float green, float blue) {
    airRed = red;
    airGreen = green;
    airBlue = blue;
  }

  private void grain(int luma, int chroma) {
    grainLuma = luma / 16f;
    grainChroma = chroma / 32f;
  }

  /**
   * @param t 0 at the horizon, 1 high above
   */
  private int skyAt(float t, Daylight daylight, boolean fog, boolean raining) {
    float r;
    float g;
    float b;
    if (fog) {
      float rise = 1 + (daylight == Daylight.NIGHT ? -0.3f : 0.06f) * t;
      r = airRed * rise;
      g = airGreen * rise;
      b = airBlue * rise;
    } else if (raining) {
      float fall = 1 - (daylight == Daylight.DAY ? 0.22f : 0.42f) * t;
      r = airRed * fall;
      g = airGreen * fall;
      b = airBlue * (fall + 0.02f * t);
    } else if (daylight == Daylight.DAY) {
      r = 198 - 108 * t;
      g = 216 - 70 * t;
      b = 232 - 12 * t;
    } else if (daylight == Daylight.DUSK) {
      r = 226 - 190 * t;
      g = 124 - 90 * t;
      b = 70 + 6 * t;
    } else {
      float fall = (1 - t) * (1 - t);
      r = 5 + airRed * 1.3f * fall;
      g = 7 + airGreen * 1.1f * fall;
      b = 14 + airBlue * fall;
    }
    return byteOf(r * gain) << 16 | byteOf(g * gain) << 8 | byteOf(b * gain);
  }

  private static int byteOf(float v) {
    return v >= 255 ? 255 : (int) v;
  }
}
