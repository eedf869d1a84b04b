package saccade.sim.render;

import saccade.sim.world.Box;

/**
 * What reaches a finished picture on its way through air and lens: glow around lamps, their streaks
 * on wet ground, falling rain, drops on the glass. Works on the bytes of the picture in place,
 * allocates nothing.
 */
final class LensEffects {
  private static final int DROPS = 14;
  private static final double DROP_LIFE_S = 2.5;

  private final byte[] picture; // [height][width][3]
  private final Raster raster;
  private final int width;
  private final int height;

  LensEffects(byte[] picture, Raster raster) {
    this.picture = picture;
    this.raster = raster;
    width = raster.width;
    height = raster.height;
  }

  /** Adds a round glow of a colour around (u, v); radius in pixels. */
  void glow(double u, double v, double radius, float strength, int r, int g, int b) {
    int left = (int) Math.max(0, u - radius);
    int right = (int) Math.min(width - 1.0, u + radius);
    int top = (int) Math.max(0, v - radius);
    int bottom = (int) Math.min(height - 1.0, v + radius);
    float scale = (float) (1 / (radius * radius));
    for (int j = top; j <= bottom; j++) {
      float dv = (float) (j + 0.5 - v);
      for (int i = left; i <= right; i++) {
        float du = (float) (i + 0.5 - u);
        float far = (du * du + dv * dv) * scale;
        if (far < 1) {
          float add = strength * (1 - far) * (1 - far);
          add(j * width + i, add * r, add * g, add * b);
        }
      }
    }
  }

  /**
   * Adds the upright streak that a lamp draws on wet ground.
   *
   * @param v row of the lamp's mirror image
   * @param half half its breadth, pixels
   * @param reach half its length, pixels
   */
  void streak(double u, double v, double half, double reach, float strength, Box box) {
    double length = Math.max(2, Math.min(reach, 90));
    int left = (int) Math.max(0, u - half);
    int right = (int) Math.min(width - 1.0, u + half);
    int top = (int) Math.max(0, v - length);
    int bottom = (int) Math.min(height - 1.0, v + length);
    for (int j = top; j <= bottom; j++) {
      double dv = (j + 0.5 - v) / length;
      float along = (float) (1 - dv * dv);
      for (int i = left; i <= right; i++) {
        int at = j * width + i;
        if (along <= 0 || raster.face[at] >= 0) {
          continue;
        }
        double du = (i + 0.5 - u) / half;
        float add = strength * along * (float) Math.max(0, 1 - du * du);
        add(at, add * box.r(), add * box.g(), add * box.b());
      }
    }
  }

  /**
   * Rain: short bright streaks at other places in every frame, and drops on the glass that stay for
   * a while and show the scene upside down.
   *
   * @param frameSeed other in every frame
   * @param lensSeed the same for a whole run
   */
  void rain(Atmosphere air, long frameSeed, long lensSeed, double timeS) {
    int streaks = (int) (Math.min(420, 60 + air.rain * 11) * width / 448);
    float bright = 0.1f + 0.1f * air.gain;
    for (int k = 0; k < streaks; k++) {
      long hash = Noise.mix(frameSeed * 7 + k);
      int u = (int) ((hash & 0xFFFF) * width >>> 16);
      int v = (int) ((hash >>> 16 & 0xFFFF) * height >>> 16);
      int length = 4 + (int) (hash >>> 32 & 15);
      float slant = ((hash >>> 40 & 15) - 7.5f) * 0.02f;
      float share = bright * (0.4f + (hash >>> 48 & 15) * 0.05f);
      for (int j = 0; j < length && v + j < height; j++) {
        int i = u + (int) (slant * j);
        if (i >= 0 && i < width) {
          blend((v + j) * width + i, share, air.airRed + 40, air.airGreen + 40, air.airBlue + 42);
        }
      }
    }
    int drops = (int) Math.min(DROPS, 3 + air.rain * 0.5);
    for (int k = 0; k < drops; k++) {
      // Each drop lives its own while and is then wiped away and falls elsewhere.
      double age = timeS / DROP_LIFE_S + Noise.unit(lensSeed, 40 + k);
      long hash = Noise.mix(lensSeed + 97L * k + (long) Math.floor(age) * 7919);
      double u = (hash & 0xFFFF) * (width / 65536.0);
      double v = (hash >>> 16 & 0xFFFF) * (height / 65536.0);
      drop(u, v, (2 + (hash >>> 32 & 7) * 0.6) * width / 448);
    }
  }

  private void drop(double u, double v, double radius) {
    int left = (int) Math.max(0, u - radius);
    int right = (int) Math.min(width - 1.0, u + radius);
    int top = (int) Math.max(0, v - radius);
    int bottom = (int) Math.min(height - 1.0, v + radius);
    for (int j = top; j <= bottom; j++) {
      double dv = (j + 0.5 - v) / radius;
      for (int i = left; i <= right; i++) {
        double du = (i + 0.5 - u) / radius;
        double far = du * du + dv * dv;
        if (far >= 1) {
          continue;
        }
        // A lens of water: upside down, and from further out.
        int fromU = Math.clamp((int) (u - du * radius * 5), 0, width - 1);
        int fromV = Math.clamp((int) (v - dv * radius * 5), 0, height - 1);
        int from = (fromV * width + fromU) * 3;
        float share = (float) Math.min(0.75, 1.6 * (1 - far));
        blend(
            j * width + i,
            share,
            picture[from] & 255,
            picture[from + 1] & 255,
            picture[from + 2] & 255);
      }
    }
  }

  private void add(int pixel, float r, float g, float b) {
    int at = pixel * 3;
    picture[at] = (byte) Math.min(255, (picture[at] & 255) + (int) r);
    picture[at + 1] = (byte) Math.min(255, (picture[at + 1] & 255) + (int) g);
    picture[at + 2] = (byte) Math.min(255, (picture[at + 2] & 255) + (int) b);
  }

  private void blend(int pixel, float share, float r, float g, float b) {
    int at = pixel * 3;
    picture[at] = mixed(picture[at], share, r);
    picture[at + 1] = mixed(picture[at + 1], share, g);
    picture[at + 2] = mixed(picture[at + 2], share, b);
  }

  private static byte mixed(byte value, float share, float with) {
    int v = value & 255;
    return (byte) Math.clamp((int) (v + share * (with - v)), 0, 255);
  }
}
