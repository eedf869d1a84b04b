package saccade.sim.render;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteOrder;
import java.util.Arrays;
import java.util.List;
import saccade.kernels.geometry.LidarModel;
import saccade.kernels.geometry.Pose;
import saccade.sim.world.Box;
import saccade.sim.world.Scene;
import saccade.sim.world.Weather;

/**
 * Ray caster of one spinning LiDAR: every beam of every column against the ground plane and the
 * boxes, nearest hit.
 *
 * <p>Boxes are first sorted into the columns whose azimuth they may cover, so a ray meets only a
 * few. Column c looks along azimuth -pi + (c + 0.5) 2 pi / columns in the LiDAR frame; beam b's
 * elevation rises evenly from the lowest to the highest. The whole turn is taken at one instant.
 * Echoes weaken with distance, dark and grazed surfaces, rain and fog, and get lost by chance. The
 * same scene, seed and frame number give the same bytes. After the first frames of a scene size
 * nothing is allocated. Not thread-safe: one renderer per LiDAR.
 */
public final class LidarRenderer {
  /** Bytes of one point: float32 x, y, z, intensity, little endian. */
  public static final int POINT_BYTES = 16;

  private static final ValueLayout.OfFloat FLOAT =
      ValueLayout.JAVA_FLOAT_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);
  private static final double MIN_RANGE_M = 0.5;
  // The ego's own body in base_link: nothing inside is reported.
  private static final double EGO_REAR_M = -1.2;
  private static final double EGO_FRONT_M = 3.9;
  private static final double EGO_SIDE_M = 1.1;
  private static final int BOX_FIELDS = 15;

  /** In place of a box: a drop in the air. */
  private static final int AIR = -3;

  private static final long LOSS = 0x10557L;

  /** Extinction of light at 905 nm is near that of daylight: ln 20 over the optical range. */
  private static final double MOR = 2.9957;

  private static final double RAIN_MM_PER_H = 8;
  private static final double FOG_VISIBILITY_M = 120;

  /** Where drops in the air send something back, metres. */
  private static final double AIR_ECHO_M = 14;

  private final LidarModel lidar;
  private final LidarNoise noise;
  private final int beams;
  private final int columns;
  private final double[] baseFromLidar;
  private final double[] columnCos; // [columns]
  private final double[] columnSin; // [columns]
  private final double[] beamCos; // [beams]
  private final double[] beamSin; // [beams]
  private final long nameSeed;
  private final GroundSurface ground = new GroundSurface();

  private final int[] head; // [columns], first entry of the column's list or -1
  private int[] next = new int[4096];
  private int[] entryBox = new int[4096];
  private int entries;
  // Per box: LiDAR in the box frame (3), half extents (3), box-from-LiDAR rotation (9).
  private double[] boxData = new double[64 * BOX_FIELDS];
  private double[] candidate = new double[64 * BOX_FIELDS];
  private int[] candidateBox = new int[64];

  // The air of the frame.
  private double extinction;
  private double airEcho;
  private double rainLoss;
  private double wetDark;

  /** A sensor with {@link LidarNoise#DEFAULT}. */
  public LidarRenderer(LidarModel lidar) {
    this(lidar, LidarNoise.DEFAULT);
  }

  public LidarRenderer(LidarModel lidar, LidarNoise noise) {
    this.lidar = lidar;
    this.noise = noise;
    beams = lidar.beams();
    columns = lidar.columns();
    baseFromLidar = lidar.baseFromLidar().rotation();
    nameSeed = Noise.mix(lidar.name().hashCode());
    columnCos = new double[columns];
    columnSin = new double[columns];
    for (int c = 0; c < columns; c++) {
      double azimuth = -Math.PI + (c + 0.5) * 2 * Math.PI / columns;
      columnCos[c] = Math.cos(azimuth);
      columnSin[c] = Math.sin(azimuth);
    }
    beamCos = new double[beams];
    beamSin = new double[beams];
    for (int b = 0; b < beams; b++) {
      double share = beams == 1 ? 0 : (double) b / (beams - 1);
      double elevation =
          lidar.minElevationRad() + share * (lidar.maxElevationRad() - lidar.minElevationRad());
      beamCos[b] = Math.cos(elevation);
      beamSin[b] = Math.sin(elevation);
    }
    head = new int[columns];
  }

  /** The LiDAR this renderer draws for. */
  public LidarModel lidar() {
    return lidar;
  }

  /** How it falls short. */
  public LidarNoise noise() {
    return noise;
  }

  /** Most points one sweep can have: beams * columns. */
  public int maxPoints() {
    return beams * columns;
  }

  /**
   * Takes one sweep of the scene.
   *
   * @param scene only read
   * @param points16B receives the points from its start, {@link #POINT_BYTES} each, in the LiDAR
   *     frame (metres, intensity 0..1), column by column; rays without a return leave none; owned
   *     by the caller
   * @param maxPoints the sweep ends early when it has this many
   * @return number of points written
   * @throws IllegalArgumentException when the segment is smaller than {@code maxPoints} points
   */
  public int render(Scene scene, MemorySegment points16B, int maxPoints) {
    if (points16B.byteSize() < (long) maxPoints * POINT_BYTES) {
      throw new IllegalArgumentException(
          "lidar "
              + lidar.name()
              + ": wanted "
              + (long) maxPoints * POINT_BYTES
              + " bytes for "
              + maxPoints
              + " points, found "
              + points16B.byteSize());
    }
    ground.prepare(scene);
    weather(scene);
    double c = Math.cos(scene.egoYawRad);
    double s = Math.sin(scene.egoYawRad);
    double[] r = baseFromLidar;
    double r00 = c * r[0] - s * r[3];
    double r01 = c * r[1] - s * r[4];
    double r02 = c * r[2] - s * r[5];
    double r10 = s * r[0] + c * r[3];
    double r11 = s * r[1] + c * r[4];
    double r12 = s * r[2] + c * r[5];
    Pose pose = lidar.baseFromLidar();
    double originX = scene.egoX + c * pose.x() - s * pose.y();
    double originY = scene.egoY + s * pose.x() + c * pose.y();
    double originZ = pose.z();
    sortBoxes(scene, originX, originY, originZ, r00, r01, r02, r10, r11, r12);

    long frameSeed = Noise.mix(scene.textureSeed * 31 + scene.frame) ^ nameSeed;
    double maxRange = lidar.maxRangeM();
    int count = 0;
    for (int column = 0; column < columns; column++) {
      double ca = columnCos[column];
      double sa = columnSin[column];
      int candidates = gather(column, ca, sa);
      for (int beam = 0; beam < beams; beam++) {
        double ce = beamCos[beam];
        double se = beamSin[beam];
        double range = maxRange;
        int hit = -1;
        double up = ce * (r[6] * ca + r[7] * sa) + se * r[8];
        if (up < -1e-9 && originZ > 0) {
          double t = -originZ / up;
          if (t < range) {
            range = t;
            hit = -2;
          }
        }
        for (int i = 0; i < candidates; i++) {
          double t = enter(i * BOX_FIELDS, ce, se, range);
          if (t < range) {
            range = t;
            hit = candidateBox[i];
          }
        }
        long hash = Noise.mix(frameSeed + ((long) column * beams + beam));
        double dx = ce * ca;
        double dy = ce * sa;
        double intensity = 0;
        if (airEcho > 0 && (hash & 0xFFFFF) < airEcho * 0x100000) {
          // A drop near the sensor answers first.
          double echo = 1 + (AIR_ECHO_M - 1) * Math.pow((hash >>> 20 & 0xFFFF) / 65536.0, 1.6);
          if (echo < range) {
            range = echo;
            hit = AIR;
            intensity = 0.02 + 0.03 * ((hash >>> 36 & 255) / 255.0);
          }
        }
        if (hit == -1 || range < MIN_RANGE_M) {
          continue;
        }
        double bx = range * (r[0] * dx + r[1] * dy + r[2] * se) + pose.x();
        double by = range * (r[3] * dx + r[4] * dy + r[5] * se) + pose.y();
        if (bx > EGO_REAR_M && bx < EGO_FRONT_M && Math.abs(by) < EGO_SIDE_M && range < 4) {
          continue;
        }
        if (hit != AIR) {
          double squarely = 1;
          if (hit == -2) {
            intensity =
                ground.reflectivity(scene.egoX + c * bx - s * by, scene.egoY + s * bx + c * by);
            squarely = Math.min(1, -4 * up);
          } else {
            intensity = scene.boxes.get(hit).reflectivity() * wetDark;
          }
          if (lost(intensity * squarely, range, maxRange, Noise.mix(hash ^ LOSS))) {
            continue;
          }
        }
        double measured = range + noise.rangeSigmaM() * Noise.normal(hash);
        double flicker = 1 + noise.intensitySigma() * Noise.normal(Noise.mix(hash));
        if (count == maxPoints) {
          return count;
        }
        long at = (long) count++ * POINT_BYTES;
        points16B.set(FLOAT, at, (float) (measured * dx));
        points16B.set(FLOAT, at + 4, (float) (measured * dy));
        points16B.set(FLOAT, at + 8, (float) (measured * se));
        points16B.set(FLOAT, at + 12, (float) Math.max(0, Math.min(1, intensity * flicker)));
      }
    }
    return count;
  }

  private void weather(Scene scene) {
    extinction = 0;
    airEcho = 0;
    rainLoss = 0;
    wetDark = 1;
    if (!noise.weather() || scene.weather == Weather.CLEAR) {
      return;
    }
    double visibility = scene.visibilityM;
    if (scene.weather == Weather.RAIN) {
      double rain = scene.rainMmPerH > 0 ? scene.rainMmPerH : RAIN_MM_PER_H;
      extinction = MOR / visibility + 0.0004 * rain;
      airEcho = Math.min(0.03, 0.0006 * rain);
      rainLoss = Math.min(0.25, 0.006 * rain);
      wetDark = 0.8;
    } else {
      extinction = MOR / (Double.isInfinite(visibility) ? FOG_VISIBILITY_M : visibility);
      airEcho = Math.min(0.06, extinction);
    }
  }

  /** Whether an echo is too weak to be told from noise, or just does not come. */
  private boolean lost(double reflectivity, double range, double maxRange, long hash) {
    double chance = noise.dropOut() + rainLoss;
    if (chance > 0 && (hash & 0xFFFFF) < chance * 0x100000) {
      return true;
    }
    if (noise.weakest() == 0) {
      return false;
    }
    double far = maxRange / range;
    double strength = reflectivity * far * far / noise.weakest();
    if (extinction > 0) {
      strength *= Math.exp(-2 * extinction * range);
    }
    if (strength > 40) {
      return false; // seen but for one in a thousand
    }
    double square = strength * strength;
    return (hash >>> 20 & 0xFFFFF) >= 0x100000 * (square / (1 + square));
  }

  /** Fills the columns' lists with the boxes that they may meet. */
  private void sortBoxes(
      Scene scene,
      double originX,
      double originY,
      double originZ,
      double r00,
      double r01,
      double r02,
      double r10,
      double r11,
      double r12) {
    double[] r = baseFromLidar;
    List<Box> boxes = scene.boxes;
    int count = boxes.size();
    if (count * BOX_FIELDS > boxData.length) {
      int room = count + count / 2;
      boxData = new double[room * BOX_FIELDS];
      candidate = new double[room * BOX_FIELDS];
      candidateBox = new int[room];
    }
    Arrays.fill(head, -1);
    entries = 0;
    double perColumn = columns / (2 * Math.PI);
    for (int i = 0; i < count; i++) {
      Box box = boxes.get(i);
      double hl = box.lengthM() / 2;
      double hw = box.widthM() / 2;
      double hh = box.heightM() / 2;
      double ox = originX - box.cx();
      double oy = originY - box.cy();
      double oz = originZ - box.cz();
      double reach = Math.sqrt(hl * hl + hw * hw + hh * hh);
      if (Math.sqrt(ox * ox + oy * oy + oz * oz) - reach > lidar.maxRangeM()) {
        continue;
      }
      double c = Math.cos(box.yawRad());
      double s = Math.sin(box.yawRad());
      int at = i * BOX_FIELDS;
      boxData[at] = c * ox + s * oy;
      boxData[at + 1] = c * oy - s * ox;
      boxData[at + 2] = oz;
      boxData[at + 3] = hl;
      boxData[at + 4] = hw;
      boxData[at + 5] = hh;
      boxData[at + 6] = c * r00 + s * r10;
      boxData[at + 7] = c * r01 + s * r11;
      boxData[at + 8] = c * r02 + s * r12;
      boxData[at + 9] = c * r10 - s * r00;
      boxData[at + 10] = c * r11 - s * r01;
      boxData[at + 11] = c * r12 - s * r02;
      boxData[at + 12] = r[6];
      boxData[at + 13] = r[7];
      boxData[at + 14] = r[8];
      // Azimuths of the corners around that of the centre, all in the LiDAR frame.
      double centreX = -(r00 * ox + r10 * oy + r[6] * oz);
      double centreY = -(r01 * ox + r11 * oy + r[7] * oz);
      if (Math.hypot(centreX, centreY) <= reach) {
        addTo(i, 0, columns - 1);
        continue;
      }
      double middle = Math.atan2(centreY, centreX);
      double low = 0;
      double high = 0;
      for (int corner = 0; corner < 8; corner++) {
        double a = (corner & 1) == 0 ? hl : -hl;
        double b = (corner & 2) == 0 ? hw : -hw;
        double e = (corner & 4) == 0 ? hh : -hh;
        double x = centreX + boxData[at + 6] * a + boxData[at + 9] * b + boxData[at + 12] * e;
        double y = centreY + boxData[at + 7] * a + boxData[at + 10] * b + boxData[at + 13] * e;
        double off = Math.atan2(y * centreX - x * centreY, x * centreX + y * centreY);
        low = Math.min(low, off);
        high = Math.max(high, off);
      }
      // Column c's direction is (c + 0.5) / perColumn - pi.
      int first = (int) Math.ceil((middle + low + Math.PI) * perColumn - 0.5 - 1e-6);
      int last = (int) Math.floor((middle + high + Math.PI) * perColumn - 0.5 + 1e-6);
      addTo(i, first, Math.min(last, first + columns - 1));
    }
  }

  private void addTo(int box, int first, int last) {
    for (int c = first; c <= last; c++) {
      int column = Math.floorMod(c, columns);
      if (entries == next.length) {
        next = Arrays.copyOf(next, entries * 2);
        entryBox = Arrays.copyOf(entryBox, entries * 2);
      }
      next[entries] = head[column];
      entryBox[entries] = box;
      head[column] = entries++;
    }
  }

  /**
   * Copies the column's boxes together, with the ray's direction split into its cos and sin of
   * elevation parts.
   */
  private int gather(int column, double ca, double sa) {
    int n = 0;
    for (int e = head[column]; e >= 0; e = next[e]) {
      int from = entryBox[e] * BOX_FIELDS;
      int to = n * BOX_FIELDS;
      for (int k = 0; k < 3; k++) {
        candidate[to + k] = boxData[from + k];
        candidate[to + 3 + k] = boxData[from + 3 + k];
        candidate[to + 6 + k] = boxData[from + 6 + 3 * k] * ca + boxData[from + 7 + 3 * k] * sa;
        candidate[to + 9 + k] = boxData[from + 8 + 3 * k];
      }
      candidateBox[n++] = entryBox[e];
    }
    return n;
  }

  /**
   * Where the ray enters candidate {@code at}, metres, or {@code limit} when it does not before
   * that.
   */
  private double enter(int at, double ce, double se, double limit) {
    double near = 0;
    double far = limit;
    for (int k = 0; k < 3; k++) {
      double direction = ce * candidate[at + 6 + k] + se * candidate[at + 9 + k];
      double origin = candidate[at + k];
      double half = candidate[at + 3 + k];
      if (Math.abs(direction) < 1e-12) {
        if (Math.abs(origin) > half) {
          return limit;
        }
        continue;
      }
      double inverse = 1 / direction;
      double t0 = (-half - origin) * inverse;
      double t1 = (half - origin) * inverse;
      near = Math.max(near, Math.min(t0, t1));
      far = Math.min(far, Math.max(t0, t1));
      if (near > far) {
        return limit;
      }
    }
    return near > 0 ? near : limit;
  }
}
