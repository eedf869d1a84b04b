package saccade.sim.render;

import saccade.sim.world.Box;

/**
 * Paints the faces of boxes: procedural surfaces by {@link Box.Surface} and kind, from the position
 * on the face. p runs along the face (metres from its middle), q is the height over the ground, or
 * the offset across on a roof. What is finer than a pixel fades into its mean. One per renderer;
 * allocates only when a scene has more boxes than any before.
 */
final class FacePainter {
  static final int FACES = 6;
  static final int TOP = 4;
  static final int BOTTOM = 5;

  private static final int BASIS = 8;
  private static final double STOREY_M = 3.0;
  private static final double WINDOW_M = 2.6;

  /** STOP in 5 rows of 15 dots, most significant bit first. */
  private static final int[] STOP = {
    0b111011101110111, 0b100001001010101, 0b111001001010111, 0b001001001010100, 0b111001001110100
  };

  /** How a box is painted. */
  enum Style {
    FLAT,
    WALL,
    WINDOWS,
    BRICK,
    FOLIAGE,
    STOP_PLATE,
    CONE,
    VEHICLE,
    CABIN,
    PERSON,
    LATTICE,
    WHEEL,
    LAMP
  }

  private final PixelRow row;
  private final float[] p; // [width]
  private final float[] q; // [width]

  // Per box.
  private Style[] style = new Style[64];
  private int[] seed = new int[64];
  private int[] trim = new int[64]; // second colour, 0xRRGGBB
  private float[] low = new float[64]; // height of the underside, metres
  private float[] high = new float[64];

  // Per face.
  private float[] red = new float[64 * FACES]; // light, exposed
  private float[] green = new float[64 * FACES];
  private float[] blue = new float[64 * FACES];
  private float[] lampShare = new float[64 * FACES];
  private float[] basis = new float[64 * FACES * BASIS]; // p and q: by ray x, ray y, 1, minus

  // Of the frame.
  private float litWindows;
  private float litWindow;
  private float skyRed;
  private float skyGreen;
  private float skyBlue;

  // Of the stretch.
  private float lightRed;
  private float lightGreen;
  private float lightBlue;
  private float lampOf;

  FacePainter(PixelRow row) {
    this.row = row;
    p = new float[row.width];
    q = new float[row.width];
  }

  /** Makes room for so many boxes and takes the light of the frame. */
  void prepare(int boxes, Atmosphere air) {
    if (boxes > style.length) {
      int room = boxes + boxes / 2;
      style = new Style[room];
      seed = new int[room];
      trim = new int[room];
      low = new float[room];
      high = new float[room];
      red = new float[room * FACES];
      green = new float[room * FACES];
      blue = new float[room * FACES];
      lampShare = new float[room * FACES];
      basis = new float[room * FACES * BASIS];
    }
    litWindows = air.litWindows;
    litWindow = 0.85f * air.gain;
    skyRed = air.airRed;
    skyGreen = air.airGreen;
    skyBlue = air.airBlue;
  }

  /**
   * Says how box i is painted.
   *
   * @param trimColour colour of pillars and roof of a cabin, 0xRRGGBB
   */
  void box(int i, Box box, Style how, int trimColour) {
    style[i] = how;
    trim[i] = trimColour;
    low[i] = (float) (box.cz() - box.heightM() / 2);
    high[i] = (float) (box.cz() + box.heightM() / 2);
    // The same from frame to frame: nothing that moves goes into it.
    seed[i] =
        Noise.mix(
            Float.floatToIntBits((float) box.lengthM()) * 31
                + Float.floatToIntBits((float) box.heightM())
                + (box.r() << 16 | box.g() << 8 | box.b()));
  }

  Style style(int i) {
    return style[i];
  }

  /** Number of the texture's part that box i has. */
  int grainOf(int i) {
    return seed[i] & 255;
  }

  /** Light on a face: each channel as a factor, and what share of the head lamps it catches. */
  void light(int face, float r, float g, float b, float lamp) {
    red[face] = r;
    green[face] = g;
    blue[face] = b;
    lampShare[face] = lamp;
  }

  /** Coordinates on a face from depth and ray: p = depth (px x + py y + pz) - p0, q alike. */
  void basis(
      int face,
      double px,
      double py,
      double pz,
      double p0,
      double qx,
      double qy,
      double qz,
      double q0) {
    int at = face * BASIS;
    basis[at] = (float) px;
    basis[at + 1] = (float) py;
    basis[at + 2] = (float) pz;
    basis[at + 3] = (float) p0;
    basis[at + 4] = (float) qx;
    basis[at + 5] = (float) qy;
    basis[at + 6] = (float) qz;
    basis[at + 7] = (float) q0;
  }

  /**
   * Paints the pixels from..to-1 of the row, which show one face.
   *
   * @param footM extent of a pixel there, metres
   */
  void paint(Box box, int index, int side, int from, int to, float footM) {
    int face = index * FACES + side;
    lightRed = red[face];
    lightGreen = green[face];
    lightBlue = blue[face];
    lampOf = lampShare[face];
    Style how = style[index];
    float r = box.r();
    float g = box.g();
    float b = box.b();
    if (how == Style.FLAT || how == Style.LAMP) {
      for (int u = from; u < to; u++) {
        put(u, r, g, b);
      }
      return;
    }
    coordinates(face, from, to);
    switch (how) {
      case WINDOWS -> {
        if (side < TOP) {
          windows(box, index, side, from, to, footM);
        } else {
          wall(index, from, to, footM, 0.75f * r, 0.75f * g, 0.75f * b);
        }
      }
      case BRICK -> bricks(index, from, to, footM, r, g, b);
      case FOLIAGE -> leaves(index, side, from, to, footM, r, g, b);
      case STOP_PLATE -> plate(box, side, from, to, footM);
      case CONE -> cone(index, from, to);
      case VEHICLE -> vehicle(box, index, side, from, to, footM);
      case CABIN -> cabin(box, index, side, from, to);
      case PERSON -> person(index, side, from, to, footM, r, g, b);
      case WHEEL -> wheel(box, from, to);
      case LATTICE -> lattice(from, to, footM, r, g, b);
      case WALL, FLAT, LAMP -> wall(index, from, to, footM, r, g, b);
    }
  }

  private void coordinates(int face, int from, int to) {
    int at = face * BASIS;
    float y = row.rayY;
    float px = basis[at];
    float p1 = basis[at + 1] * y + basis[at + 2];
    float p0 = basis[at + 3];
    float qx = basis[at + 4];
    float q1 = basis[at + 5] * y + basis[at + 6];
    float q0 = basis[at + 7];
    float[] depth = row.depth;
    float[] rayX = row.rayX;
    for (int u = from; u < to; u++) {
      p[u] = depth[u] * (px * rayX[u] + p1) - p0;
      q[u] = depth[u] * (qx * rayX[u] + q1) - q0;
    }
  }

  private void put(int u, float r, float g, float b) {
    float lamp = lampOf * row.lamp[u];
    row.red[u] = r * (lightRed + lamp);
    row.green[u] = g * (lightGreen + lamp * 0.96f);
    row.blue[u] = b * (lightBlue + lamp * 0.84f);
  }

  /** A plain wall: grain, a little dirt towards the ground. */
  private void wall(int i, int from, int to, float footM, float r, float g, float b) {
    float fine = fade(footM, 0.2f) * 0.0008f;
    float bottom = low[i];
    int shift = seed[i] & 255;
    for (int u = from; u < to; u++) {
      float factor =
          1 + fine * Noise.texel(p[u] * 12 + shift, q[u] * 12) - dirt(q[u] - bottom, bottom);
      put(u, r * factor, g * factor, b * factor);
    }
  }

  private static float dirt(float above, float bottom) {
    return bottom < 0.3f ? 0.16f * Math.max(0, 1 - above * 1.4f) : 0;
  }

  /** 1 where a detail is wider than a pixel, 0 where a pixel hides it. */
  private static float fade(float footM, float detailM) {
    return Math.clamp(1.6f - footM / detailM, 0f, 1f);
  }

  private void windows(Box box, int i, int side, int from, int to, float footM) {
    double face = side < 2 ? box.widthM() : box.lengthM();
    int columns = Math.max(1, (int) Math.round(face / WINDOW_M));
    float perWindow = (float) (columns / face);
    float half = (float) (face / 2);
    int storeys = Math.max(1, (int) Math.round((high[i] - low[i]) / STOREY_M));
    float perStorey = storeys / (high[i] - low[i]);
    float sharp = Math.max(footM, 0.02f);
    float detail = fade(footM, 0.9f);
    float fine = fade(footM, 0.2f) * 0.0008f;
    float r = box.r();
    float g = box.g();
    float b = box.b();
    int base = seed[i] + side * 7919;
    for (int u = from; u < to; u++) {
      float x = (p[u] + half) * perWindow;
      float y = (q[u] - low[i]) * perStorey;
      int cx = (int) x;
      int cy = (int) y;
      x -= cx;
      y -= cy;
      float inX = (0.27f - Math.abs(x - 0.5f)) / perWindow / sharp + 0.5f;
      float inY = (0.25f - Math.abs(y - 0.55f)) / perStorey / sharp + 0.5f;
      float cover = Math.clamp(Math.min(inX, inY), 0f, 1f);
      cover = 0.27f + detail * (cover - 0.27f);
      int hash = Noise.mix(base + cx * 31 + cy * 1009);
      float tone = 1 + fine * Noise.texel(p[u] * 12, q[u] * 12) - dirt(q[u] - low[i], low[i]);
      if (y > 0.95f) {
        tone *= 0.88f; // ledge
      }
      put(u, r * tone, g * tone, b * tone);
      float glass = 0.25f + (hash & 255) * (0.4f / 255);
      float gr = skyRed * glass;
      float gg = skyGreen * glass;
      float gb = skyBlue * glass;
      if ((hash >>> 8 & 255) < litWindows * 255) {
        float light = litWindow * (0.45f + (hash >>> 16 & 127) * (0.5f / 127));
        gr = 255 * light;
        gg = (185 + (hash >>> 24 & 31)) * light;
        gb = (95 + (hash >>> 23 & 63)) * light;
      }
      row.red[u] += cover * (gr - row.red[u]);
      row.green[u] += cover * (gg - row.green[u]);
      row.blue[u] += cover * (gb - row.blue[u]);
    }
  }

  private void bricks(int i, int from, int to, float footM, float r, float g, float b) {
    float detail = fade(footM, 0.16f);
    float bottom = low[i];
    int shift = seed[i];
    for (int u = from; u < to; u++) {
      float y = q[u] * 5 + 100;
      int course = (int) y;
      float x = p[u] * 2.4f + 200 + (course & 1) * 0.5f;
      int brick = (int) x;
      float tone = 1 - dirt(q[u] - bottom, bottom);
      if (detail > 0) {
        int hash = Noise.mix(shift + course * 997 + brick);
        float own = ((hash & 63) - 32) * 0.0045f;
        if (y - course < 0.14f || x - brick < 0.07f) {
          own = 0.22f;
        }
        tone += detail * own;
      }
      put(u, r * tone, g * tone, b * tone);
    }
  }

  private void leaves(int i, int side, int from, int to, float footM, float r, float g, float b) {
    float fine = 0.0042f * fade(footM, 0.25f);
    float broad = 0.0038f * fade(footM, 1.2f);
    float middle = 0.5f * (low[i] + high[i]);
    float perHeight = 1 / (high[i] - low[i]);
    int shift = seed[i] & 255;
    for (int u = from; u < to; u++) {
      float rise = side < TOP ? (q[u] - middle) * perHeight : 0.4f;
      float tone =
          0.92f
              + 0.42f * rise
              + broad * Noise.texel(p[u] * 2.3f + shift, q[u] * 2.3f)
              + fine * Noise.texel(p[u] * 9 + shift, q[u] * 9);
      put(u, r * tone, g * (tone + 0.03f), b * tone);
    }
  }

  private void plate(Box box, int side, int from, int to, float footM) {
    if (side != 1) {
      for (int u = from; u < to; u++) {
        put(u, 138, 140, 142); // its back
      }
      return;
    }
    float half = (float) (Math.max(box.widthM(), box.heightM()) / 2);
    float middle = (float) box.cz();
    float detail = fade(footM, 0.11f);
    for (int u = from; u < to; u++) {
      float x = -p[u] / half;
      float y = (q[u] - middle) / half;
      float edge =
          Math.max(Math.max(Math.abs(x), Math.abs(y)), (Math.abs(x) + Math.abs(y)) * 0.7071f);
      float white = edge > 0.88f ? 1 : 0;
      if (Math.abs(x) < 0.7f && Math.abs(y) < 0.26f) {
        int column = (int) ((x + 0.7f) * (15 / 1.4f));
        int line = (int) ((0.26f - y) * (5 / 0.52f));
        boolean dot = (STOP[Math.min(line, 4)] >> (14 - Math.min(column, 14)) & 1) != 0;
        white = detail * (dot ? 1 : 0) + (1 - detail) * 0.42f;
      }
      put(
          u,
          box.r() + white * (240 - box.r()),
          white * 240 + (1 - white) * box.g(),
          white * 240 + (1 - white) * box.b());
    }
  }

  private void cone(int i, int from, int to) {
    float perHeight = 1 / (high[i] - low[i]);
    for (int u = from; u < to; u++) {
      float rise = (q[u] - low[i]) * perHeight;
      if (rise > 0.42f && rise < 0.84f) {
        put(u, 235, 235, 232);
      } else {
        put(u, 236, 92, 26);
      }
    }
  }

  /** A bicycle's wheel: tyre, spokes too thin to see, hub. */
  private void wheel(Box box, int from, int to) {
    float middle = (float) box.cz();
    float perRadius = (float) (2 / box.heightM());
    for (int u = from; u < to; u++) {
      float x = p[u] * perRadius;
      float y = (q[u] - middle) * perRadius;
      float away = x * x + y * y;
      if (away > 0.68f || away < 0.02f) {
        put(u, box.r(), box.g(), box.b());
      } else {
        put(u, 104, 106, 104);
      }
    }
  }

  /**
   * Body of a car, van or truck: wheels, sill, grille, plates; a band of glass where it is tall.
   */
  private void vehicle(Box box, int i, int side, int from, int to, float footM) {
    float r = box.r();
    float g = box.g();
    float b = box.b();
    if (side >= TOP) {
      wall(i, from, to, footM, r, g, b);
      return;
    }
    if (low[i] > 0.7f) {
      cargo(side, from, to, footM, r, g, b);
      return;
    }
    boolean truck = box.kind() == Box.Kind.TRUCK;
    float top = high[i];
    float bottom = low[i];
    boolean flank = side >= 2;
    float half = (float) (flank ? box.lengthM() : box.widthM()) / 2;
    boolean glazed =
        bottom < 0.5f
            && top > 1.3f
            && (box.surface() == Box.Surface.PANEL || box.kind() == Box.Kind.CAR);
    float glassLow = truck ? 0.52f * top : 0.58f * top;
    float glassHigh = truck ? 0.84f * top : 0.86f * top;
    // A long body has glass at its front only; the rear of it a little.
    float glassFrom = flank && half > 2.3f ? half - 2.0f : -half;
    float wheel = truck ? 0.48f : 0.33f;
    float axle = half * (truck ? 0.66f : 0.62f);
    float detail = fade(footM, 0.3f);
    boolean wheels = half > 1.4f;
    boolean mirrored = side == 3;
    for (int u = from; u < to; u++) {
      float x = p[u];
      float y = q[u];
      float tone = 0.94f + 0.1f * (y - bottom) / (top - bottom);
      float rr = r;
      float gg = g;
      float bb = b;
      if (flank) {
        if (wheels) {
          float dx = Math.abs(x) - axle;
          float dy = y - wheel;
          float away = (dx * dx + dy * dy) / (wheel * wheel);
          if (away < 1) {
            boolean hub = away < 0.3f && footM < 0.12f;
            put(u, hub ? 120 : 24, hub ? 120 : 24, hub ? 124 : 26);
            continue;
          }
          if (away < 1.35f) {
            tone *= 0.55f; // wheel arch
          }
        }
        float seam = Math.abs(x - 0.04f * half);
        if (seam < 0.02f && y > bottom + 0.15f) {
          tone *= 1 - 0.45f * detail;
        }
      } else {
        float ax = Math.abs(x);
        if (ax < 0.27f && Math.abs(y - (bottom + 0.32f)) < 0.065f) {
          put(u, 226, 226, 214);
          continue;
        }
        if (side == 0 && ax < 0.6f * half && y > bottom + 0.16f && y < bottom + 0.42f) {
          tone *= 0.35f;
        }
        if (y < bottom + 0.14f) {
          tone *= 0.5f;
        }
      }
      if (y < bottom + 0.12f) {
        tone *= 0.45f;
      }
      if (glazed && y > glassLow && y < glassHigh) {
        boolean pane =
            flank
                ? x > glassFrom && Math.abs(x) < half - 0.12f
                : Math.abs(x) < half - 0.14f && (side == 0 || half < 1.05f);
        if (pane) {
          rr = 34;
          gg = 40;
          bb = 46;
          tone = 1 + (mirrored ? 0.2f : 0.35f) * (y - glassLow);
        }
      }
      put(u, rr * tone, gg * tone, bb * tone);
    }
  }

  /** Box of a truck: ribs along its sides, a seam between the doors at its back. */
  private void cargo(int side, int from, int to, float footM, float r, float g, float b) {
    float detail = 0.1f * fade(footM, 0.3f);
    for (int u = from; u < to; u++) {
      float x = p[u] * (side < 2 ? 0.9f : 1.7f) + 100.5f;
      float rib = x - (int) x;
      float tone = rib < 0.1f ? 1 - 2 * detail : rib < 0.55f ? 1 : 1 - detail;
      put(u, r * tone, g * tone, b * tone);
    }
  }

  /** Cabin of a car: glass between pillars under a roof of the body's colour. */
  private void cabin(Box box, int i, int side, int from, int to) {
    float tr = trim[i] >> 16 & 255;
    float tg = trim[i] >> 8 & 255;
    float tb = trim[i] & 255;
    float half = (float) (side < 2 ? box.widthM() : box.lengthM()) / 2;
    float height = high[i] - low[i];
    for (int u = from; u < to; u++) {
      float rise = (q[u] - low[i]) / height;
      float x = Math.abs(p[u]);
      // Towards the top the cabin is narrower.
      float edge = half * (side < 2 ? 1 - 0.12f * rise : 1 - 0.42f * rise);
      boolean pillar = x > edge - 0.07f || side >= 2 && x < 0.04f || rise > 0.9f;
      if (side >= TOP || pillar) {
        put(u, tr, tg, tb);
      } else {
        float tone = 0.9f + 0.5f * rise;
        put(u, box.r() * tone, box.g() * tone, box.b() * tone);
      }
    }
  }

  /** Clothes: trousers under a jacket, a gap between the legs, arms at the sides. */
  private void person(int i, int side, int from, int to, float footM, float r, float g, float b) {
    boolean legs = low[i] < 0.4f && high[i] > 0.8f;
    float belt = low[i] + (legs ? 0.5f : 0) * (high[i] - low[i]);
    int hash = seed[i];
    float cloth = 0.32f + (hash & 31) * 0.01f;
    float detail = fade(footM, 0.1f);
    for (int u = from; u < to; u++) {
      float tone = 1;
      float blueish = 0;
      if (side < TOP && q[u] < belt) {
        tone = cloth;
        blueish = 10;
        if (Math.abs(p[u]) < 0.035f && q[u] < belt - 0.1f) {
          tone *= 1 - 0.6f * detail;
        }
        if (q[u] < low[i] + 0.08f) {
          tone *= 0.4f;
        }
      } else if (side < 2 && Math.abs(p[u]) > 0.2f) {
        tone = 0.84f;
      }
      put(u, r * tone, g * tone, b * tone + blueish);
    }
  }

  private void lattice(int from, int to, float footM, float r, float g, float b) {
    float detail = fade(footM, 0.12f);
    for (int u = from; u < to; u++) {
      float x = p[u] * 4 + 400;
      float y = q[u] * 1.4f + 400;
      boolean bar = x - (int) x < 0.3f || y - (int) y < 0.14f;
      float tone = 0.62f + detail * (bar ? 0.38f : -0.34f);
      put(u, r * tone, g * tone, b * tone);
    }
  }
}
