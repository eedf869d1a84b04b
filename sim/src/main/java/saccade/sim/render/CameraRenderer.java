package saccade.sim.render;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.Arrays;
import java.util.List;
import org.jspecify.annotations.Nullable;
import saccade.kernels.geometry.CameraModel;
import saccade.kernels.geometry.Pose;
import saccade.sim.world.Box;
import saccade.sim.world.Daylight;
import saccade.sim.world.Scene;

/**
 * Software rasteriser of one pinhole camera: sky, ground plane and cuboids into an rgb8 picture.
 *
 * <p>Boxes are drawn first into a buffer of inverse depths (affine on the screen, so one
 * multiply-add a pixel) and face numbers; one pass over the pixels then shades what is visible. The
 * same scene, seed and frame number give the same bytes. After the first frames of a scene size
 * nothing is allocated. Not thread-safe: one renderer per camera.
 */
public final class CameraRenderer {
  /** Box index of a pixel that shows sky. */
  public static final short SKY = -1;

  /** Box index of a pixel that shows the ground. */
  public static final short GROUND = -2;

  private static final double NEAR_M = 0.1;
  private static final double FAR_GROUND_M = 400;
  private static final float HAZE_M = 650;
  private static final int FACES = 6;
  private static final int BANDS = 3;
  private static final int SKY_STEPS = 256;

  private final CameraModel camera;
  private final int width;
  private final int height;
  private final double fx;
  private final double fy;
  private final double cx;
  private final double cy;
  private final double[] baseFromOptical;
  private final long nameSeed;
  private final GroundSurface ground = new GroundSurface();

  private final float[] inverseDepth; // [height][width], 1/m, 0 = nothing
  private final int[] face; // [height][width], box * FACES + side, -1 = none
  private final byte[] shadow; // [height][width], 1 where a box darkens the ground
  private final byte[] picture; // [height][width][3]
  private final float[] columnX; // [width], x of the ray with z = 1
  private final float[] columnLight; // [width], share of the head lamps' light by direction
  private final int[] treeTop; // [width], backdrop height as a step of the sky table
  private final int[] skyColour = new int[SKY_STEPS]; // by slope of the ray, 0xRRGGBB

  private float[] faceRed = new float[64 * FACES];
  private float[] faceGreen = new float[64 * FACES];
  private float[] faceBlue = new float[64 * FACES];
  private int[] boxPixels = new int[64];
  private float[] dark =
      new float[64 * BANDS]; // per box: z below which it is darker, window from z, to z

  // Optical frame in the world: columns of worldFromOptical and the camera's place, set for each
  // frame.
  private double r00;
  private double r01;
  private double r02;
  private double r10;
  private double r11;
  private double r12;
  private double r20;
  private double r21;
  private double r22;
  private double camX;
  private double camY;
  private double camZ;

  // Light of the frame.
  private float gain;
  private float ambientRed;
  private float ambientGreen;
  private float ambientBlue;
  private float sun;
  private double sunX;
  private double sunY;
  private double sunZ;
  private float headLamp;
  private float shade;
  private float hazeRed;
  private float hazeGreen;
  private float hazeBlue;
  private int grainLuma;
  private int grainChroma;

  // Polygon being drawn, optical frame and screen.
  private final double[] polyX = new double[8];
  private final double[] polyY = new double[8];
  private final double[] polyZ = new double[8];
  private final double[] screenU = new double[8];
  private final double[] screenV = new double[8];
  private final double[] outlineX = new double[4];
  private final double[] outlineY = new double[4];

  /**
   * @param camera where the camera sits and how it projects; its size is the size of the pictures
   */
  public CameraRenderer(CameraModel camera) {
    this.camera = camera;
    width = camera.widthPx();
    height = camera.heightPx();
    fx = camera.fxPx();
    fy = camera.fyPx();
    cx = camera.cxPx();
    cy = camera.cyPx();
    baseFromOptical = camera.baseFromOptical().rotation();
    nameSeed = Noise.mix(camera.name().hashCode());
    int pixels = width * height;
    inverseDepth = new float[pixels];
    face = new int[pixels];
    shadow = new byte[pixels];
    picture = new byte[pixels * 3];
    columnX = new float[width];
    columnLight = new float[width];
    treeTop = new int[width];
    for (int u = 0; u < width; u++) {
      columnX[u] = (float) ((u + 0.5 - cx) / fx);
    }
  }

  /** The camera this renderer draws for. */
  public CameraModel camera() {
    return camera;
  }

  /** Bytes of one picture: height * width * 3. */
  public long pictureBytes() {
    return picture.length;
  }

  /** Draws the picture alone; see {@link #render(Scene, MemorySegment, short[], float[])}. */
  public void render(Scene scene, MemorySegment rgb8) {
    render(scene, rgb8, null, null);
  }

  /**
   * Draws the scene as the camera sees it now.
   *
   * @param scene only read
   * @param rgb8 receives [height][width][3] bytes from its start; owned by the caller
   * @param boxIndex receives [height][width]: index into {@code scene.boxes}, {@link #GROUND} or
   *     {@link #SKY}
   * @param depthM receives [height][width]: metres along the optical axis, infinite for sky
   * @throws IllegalArgumentException when a buffer is too small
   */
  public void render(
      Scene scene, MemorySegment rgb8, short @Nullable [] boxIndex, float @Nullable [] depthM) {
    int pixels = width * height;
    if (rgb8.byteSize() < picture.length) {
      throw new IllegalArgumentException(
          "camera "
              + camera.name()
              + ": wanted "
              + picture.length
              + " bytes for the picture, found "
              + rgb8.byteSize());
    }
    if (boxIndex != null && boxIndex.length < pixels || depthM != null && depthM.length < pixels) {
      throw new IllegalArgumentException(
          "camera "
              + camera.name()
              + ": wanted "
              + pixels
              + " entries of box index and depth, found "
              + (boxIndex == null ? "none" : boxIndex.length)
              + " and "
              + (depthM == null ? "none" : depthM.length));
    }
    place(scene);
    light(scene);
    backdrop(scene);
    ground.prepare(scene);
    Arrays.fill(inverseDepth, 0);
    Arrays.fill(face, -1);
    Arrays.fill(shadow, (byte) 0);
    List<Box> boxes = scene.boxes;
    int count = boxes.size();
    if (count * FACES > faceRed.length) {
      int room = count + count / 2;
      faceRed = new float[room * FACES];
      faceGreen = new float[room * FACES];
      faceBlue = new float[room * FACES];
      boxPixels = new int[room];
      dark = new float[room * BANDS];
    }
    Arrays.fill(boxPixels, 0);
    for (int i = 0; i < count; i++) {
      drawBox(boxes.get(i), i);
    }
    long frameSeed = Noise.mix(scene.textureSeed * 31 + scene.frame) ^ nameSeed;
    shadePixels((int) frameSeed, boxIndex, depthM);
    for (int i = 0; i < count; i++) {
      if (boxPixels[i] > 0 && boxes.get(i).emissive()) {
        glow(boxes.get(i));
      }
    }
    MemorySegment.copy(picture, 0, rgb8, ValueLayout.JAVA_BYTE, 0, picture.length);
  }

  // ---- the frame's constants
  // -------------------------------------------------------------------------------------

  private void place(Scene scene) {
    double c = Math.cos(scene.egoYawRad);
    double s = Math.sin(scene.egoYawRad);
    double[] r = baseFromOptical;
    r00 = c * r[0] - s * r[3];
    r01 = c * r[1] - s * r[4];
    r02 = c * r[2] - s * r[5];
    r10 = s * r[0] + c * r[3];
    r11 = s * r[1] + c * r[4];
    r12 = s * r[2] + c * r[5];
    r20 = r[6];
    r21 = r[7];
    r22 = r[8];
    Pose pose = camera.baseFromOptical();
    camX = scene.egoX + c * pose.x() - s * pose.y();
    camY = scene.egoY + s * pose.x() + c * pose.y();
    camZ = pose.z();
  }

  private void light(Scene scene) {
    long seed = scene.textureSeed;
    double azimuth = Noise.unit(seed, 1) * 2 * Math.PI;
    gain = (float) (0.88 + 0.24 * Noise.unit(seed, 2));
    double warmth = 0.04 * (Noise.unit(seed, 3) - 0.5);
    double elevation = 0.5 + 0.5 * Noise.unit(seed, 4);
    sunX = Math.cos(azimuth) * Math.cos(elevation);
    sunY = Math.sin(azimuth) * Math.cos(elevation);
    sunZ = Math.sin(elevation);
    if (scene.daylight == Daylight.DAY) {
      ambientRed = (float) (0.62 + warmth);
      ambientGreen = 0.63f;
      ambientBlue = (float) (0.66 - warmth);
      sun = 0.42f;
      headLamp = 0;
      shade = 0.55f;
      hazeRed = 186;
      hazeGreen = 202;
      hazeBlue = 220;
      grainLuma = 3;
      grainChroma = 9;
    } else {
      ambientRed = (float) (0.27 + warmth);
      ambientGreen = 0.24f;
      ambientBlue = (float) (0.31 - warmth);
      sun = 0.03f;
      headLamp = 0.32f;
      shade = 0.75f;
      hazeRed = 118;
      hazeGreen = 76;
      hazeBlue = 74;
      grainLuma = 5;
      grainChroma = 13;
    }
    for (int u = 0; u < width; u++) {
      float away = Math.abs(columnX[u]) / 0.85f;
      columnLight[u] = headLamp / (1 + away * away * away * away);
    }
  }

  /** Colours of the sky by slope, and a line of trees along the horizon. */
  private void backdrop(Scene scene) {
    boolean day = scene.daylight == Daylight.DAY;
    for (int i = 0; i < SKY_STEPS; i++) {
      float t = (float) Math.sqrt(i / (SKY_STEPS - 1.0));
      float r = day ? 198 - 108 * t : 226 - 190 * t;
      float g = day ? 216 - 70 * t : 124 - 90 * t;
      float b = day ? 232 - 12 * t : 70 + 6 * t;
      skyColour[i] = pack(r * gain, g * gain, b * gain);
    }
    double phase = Noise.unit(scene.textureSeed, 5) * 200;
    double heading = Math.atan2(r12, r02);
    for (int u = 0; u < width; u++) {
      double azimuth = heading - Math.atan(columnX[u]);
      double tall =
          Noise.smooth(azimuth * 10 + phase, 7.5) * 0.5
              + Noise.smooth(azimuth * 60 + phase, 91.5) * 0.25;
      treeTop[u] = (int) (SKY_STEPS * (0.026 + 0.0005 * tall));
    }
  }

  // ---- boxes
  // -----------------------------------------------------------------------------------------------------

  private void drawBox(Box box, int index) {
    double dx = box.cx() - camX;
    double dy = box.cy() - camY;
    double dz = box.cz() - camZ;
    double hl = box.lengthM() / 2;
    double hw = box.widthM() / 2;
    double hh = box.heightM() / 2;
    double zc = r02 * dx + r12 * dy + r22 * dz;
    double reach = Math.sqrt(hl * hl + hw * hw + hh * hh);
    if (zc + reach < NEAR_M) {
      return;
    }
    double xc = r00 * dx + r10 * dy + r20 * dz;
    double yc = r01 * dx + r11 * dy + r21 * dz;
    double c = Math.cos(box.yawRad());
    double s = Math.sin(box.yawRad());
    double bottom = box.cz() - hh;
    if (bottom < 0.6 && box.heightM() < 5 && !box.emissive()) {
      drawShadow(dx, dy, c, s, hl, hw, sun > 0.1f ? Math.min(bottom + box.heightM(), 3) : 0);
    }
    // The three half axes in the optical frame.
    double ax = (r00 * c + r10 * s) * hl;
    double ay = (r01 * c + r11 * s) * hl;
    double az = (r02 * c + r12 * s) * hl;
    double bx = (-r00 * s + r10 * c) * hw;
    double by = (-r01 * s + r11 * c) * hw;
    double bz = (-r02 * s + r12 * c) * hw;
    double ex = r20 * hh;
    double ey = r21 * hh;
    double ez = r22 * hh;
    double lit = sunX * c + sunY * s;
    double litSide = sunY * c - sunX * s;
    boolean drawn = false;
    drawn |= drawFace(index, 0, xc, yc, zc, ax, ay, az, hl, bx, by, bz, ex, ey, ez);
    drawn |= drawFace(index, 1, xc, yc, zc, -ax, -ay, -az, hl, bx, by, bz, ex, ey, ez);
    drawn |= drawFace(index, 2, xc, yc, zc, bx, by, bz, hw, ax, ay, az, ex, ey, ez);
    drawn |= drawFace(index, 3, xc, yc, zc, -bx, -by, -bz, hw, ax, ay, az, ex, ey, ez);
    drawn |= drawFace(index, 4, xc, yc, zc, ex, ey, ez, hh, ax, ay, az, bx, by, bz);
    drawn |= drawFace(index, 5, xc, yc, zc, -ex, -ey, -ez, hh, ax, ay, az, bx, by, bz);
    if (!drawn) {
      return;
    }
    setBands(box, index, bottom);
    float depth = (float) Math.max(zc, 1);
    float lamp = headLampAt(xc, zc, depth);
    paintFace(box, index, 0, lit, depth, lamp);
    paintFace(box, index, 1, -lit, depth, lamp);
    paintFace(box, index, 2, litSide, depth, lamp);
    paintFace(box, index, 3, -litSide, depth, lamp);
    paintFace(box, index, 4, sunZ, depth, lamp * 0.4f);
    paintFace(box, index, 5, -1, depth, lamp * 0.4f);
  }

  /**
   * Sills and wheels of a car, the window of a van, a walker's trousers: darker bands by height
   * over the ground.
   */
  private void setBands(Box box, int index, double bottom) {
    int band = index * BANDS;
    dark[band + 2] = 0;
    if (box.emissive() || bottom > 0.4) {
      return;
    }
    double top = bottom + box.heightM();
    if (box.kind() == Box.Kind.PEDESTRIAN) {
      dark[band] = (float) (0.55 * top);
      dark[band + 1] = (float) top;
      dark[band + 2] = (float) top;
    } else if (box.kind() == Box.Kind.CAR) {
      dark[band] = (float) Math.min(0.36, 0.5 * top);
      // The body of a car with a cabin box ends lower.
      dark[band + 1] = (float) (top > 1.3 ? 0.58 * top : top);
      dark[band + 2] = (float) (top > 1.3 ? 0.86 * top : top);
    }
  }

  private float headLampAt(double xc, double zc, float depth) {
    double away = zc > 0 ? Math.abs(xc / zc) / 0.85 : 2;
    return (float) (headLamp / (1 + away * away * away * away)) * nearLight(depth) * 1.1f;
  }

  /** How much of the head lamps' light arrives at a depth, 0..1. */
  private static float nearLight(float depth) {
    float x = depth * (1 / 22f);
    return 1 / (1 + x * x);
  }

  /** Light of one side, fixed for the frame; haze by the distance of the box's centre. */
  private void paintFace(Box box, int index, int side, double towardsSun, float depth, float lamp) {
    int at = index * FACES + side;
    if (box.emissive()) {
      faceRed[at] = box.r();
      faceGreen[at] = box.g();
      faceBlue[at] = box.b();
      return;
    }
    float direct = sun * (float) Math.max(0, towardsSun);
    // Seen from below the sky is hidden.
    float open = side == 5 ? 0.5f : side == 4 ? 1 : 0.88f;
    float haze = depth / (depth + HAZE_M);
    float clear = (1 - haze) * gain;
    float red = ambientRed * open + direct + lamp;
    float green = ambientGreen * open + direct + lamp * 0.96f;
    float blue = ambientBlue * open + direct + lamp * 0.84f;
    faceRed[at] = box.r() * red * clear + hazeRed * haze;
    faceGreen[at] = box.g() * green * clear + hazeGreen * haze;
    faceBlue[at] = box.b() * blue * clear + hazeBlue * haze;
  }

  /**
   * Draws the face with centre box + n, half edges p and q; false when it looks away or is out of
   * the picture.
   */
  private boolean drawFace(
      int index,
      int side,
      double xc,
      double yc,
      double zc,
      double nx,
      double ny,
      double nz,
      double half,
      double px,
      double py,
      double pz,
      double qx,
      double qy,
      double qz) {
    double x = xc + nx;
    double y = yc + ny;
    double z = zc + nz;
    // Signed distance of the camera from the face's plane, times -half: negative means in front of
    // it.
    double plane = nx * x + ny * y + nz * z;
    if (plane >= -1e-9 * half) {
      return false;
    }
    polyX[0] = x + px + qx;
    polyY[0] = y + py + qy;
    polyZ[0] = z + pz + qz;
    polyX[1] = x - px + qx;
    polyY[1] = y - py + qy;
    polyZ[1] = z - pz + qz;
    polyX[2] = x - px - qx;
    polyY[2] = y - py - qy;
    polyZ[2] = z - pz - qz;
    polyX[3] = x + px - qx;
    polyY[3] = y + py - qy;
    polyZ[3] = z + pz - qz;
    int corners = toScreen();
    if (corners == 0) {
      return false;
    }
    // 1/z of the plane n.P = plane is affine in u and v.
    double du = nx / (fx * plane);
    double dv = ny / (fy * plane);
    double at0 = nz / plane - du * cx - dv * cy;
    return fill(corners, index * FACES + side, du, dv, at0);
  }

  /**
   * Marks the box's outline on the ground and, with a height above 0, what it sweeps when moved
   * away from the sun.
   */
  private void drawShadow(
      double dx, double dy, double c, double s, double hl, double hw, double heightM) {
    double l = hl + 0.12;
    double w = hw + 0.12;
    for (int i = 0; i < 4; i++) {
      double along = i == 0 || i == 3 ? l : -l;
      double beside = i < 2 ? w : -w;
      outlineX[i] = dx + along * c - beside * s;
      outlineY[i] = dy + along * s + beside * c;
    }
    for (int i = 0; i < 4; i++) {
      groundCorner(i, outlineX[i], outlineY[i]);
    }
    fillShadow();
    if (heightM <= 0) {
      return;
    }
    double shift = 0.45 * heightM / Math.max(0.4, sunZ);
    double moveX = -sunX * shift;
    double moveY = -sunY * shift;
    for (int i = 0; i < 4; i++) {
      groundCorner(i, outlineX[i] + moveX, outlineY[i] + moveY);
    }
    fillShadow();
    for (int i = 0; i < 4; i++) {
      int j = (i + 1) & 3;
      groundCorner(0, outlineX[i], outlineY[i]);
      groundCorner(1, outlineX[j], outlineY[j]);
      groundCorner(2, outlineX[j] + moveX, outlineY[j] + moveY);
      groundCorner(3, outlineX[i] + moveX, outlineY[i] + moveY);
      fillShadow();
    }
  }

  /** Sets corner i of the polygon to a point of the ground, given relative to the camera. */
  private void groundCorner(int i, double gx, double gy) {
    polyX[i] = r00 * gx + r10 * gy - r20 * camZ;
    polyY[i] = r01 * gx + r11 * gy - r21 * camZ;
    polyZ[i] = r02 * gx + r12 * gy - r22 * camZ;
  }

  private void fillShadow() {
    int corners = toScreen();
    if (corners > 0) {
      fill(corners, -1, 0, 0, 0);
    }
  }

  /**
   * Clips the four-cornered polygon at the near plane and projects it; number of corners left, 0 or
   * 3..5.
   */
  private int toScreen() {
    int out = 0;
    int previous = 3;
    for (int i = 0; i < 4; i++) {
      boolean in = polyZ[i] >= NEAR_M;
      boolean wasIn = polyZ[previous] >= NEAR_M;
      if (in != wasIn) {
        double t = (NEAR_M - polyZ[previous]) / (polyZ[i] - polyZ[previous]);
        screenU[out] = fx * (polyX[previous] + t * (polyX[i] - polyX[previous])) / NEAR_M + cx;
        screenV[out++] = fy * (polyY[previous] + t * (polyY[i] - polyY[previous])) / NEAR_M + cy;
      }
      if (in) {
        screenU[out] = fx * polyX[i] / polyZ[i] + cx;
        screenV[out++] = fy * polyY[i] / polyZ[i] + cy;
      }
      previous = i;
    }
    return out;
  }

  /**
   * Fills a convex screen polygon: a pixel belongs to it when its centre does.
   *
   * @param faceAt face to write where its inverse depth is the largest so far, or -1 to mark the
   *     shadow mask
   */
  private boolean fill(int corners, int faceAt, double du, double dv, double at0) {
    double minV = Double.POSITIVE_INFINITY;
    double maxV = Double.NEGATIVE_INFINITY;
    for (int i = 0; i < corners; i++) {
      minV = Math.min(minV, screenV[i]);
      maxV = Math.max(maxV, screenV[i]);
    }
    int top = (int) Math.ceil(Math.max(minV, 0) - 0.5);
    int bottom = (int) Math.ceil(Math.min(maxV, height) - 0.5);
    boolean any = false;
    for (int v = Math.max(top, 0); v < bottom; v++) {
      double vc = v + 0.5;
      double from = Double.POSITIVE_INFINITY;
      double to = Double.NEGATIVE_INFINITY;
      int previous = corners - 1;
      for (int i = 0; i < corners; i++) {
        double v0 = screenV[previous];
        double v1 = screenV[i];
        if ((v0 <= vc) != (v1 <= vc)) {
          double u = screenU[previous] + (vc - v0) / (v1 - v0) * (screenU[i] - screenU[previous]);
          from = Math.min(from, u);
          to = Math.max(to, u);
        }
        previous = i;
      }
      int left = (int) Math.ceil(Math.max(from, 0) - 0.5);
      int right = (int) Math.ceil(Math.min(to, width) - 0.5);
      int row = v * width;
      if (faceAt < 0) {
        for (int u = left; u < right; u++) {
          shadow[row + u] = 1;
        }
        continue;
      }
      double w = at0 + dv * vc + du * (left + 0.5);
      for (int u = left; u < right; u++, w += du) {
        if (w > inverseDepth[row + u]) {
          inverseDepth[row + u] = (float) w;
          face[row + u] = faceAt;
          any = true;
        }
      }
    }
    return any;
  }

  // ---- pixels
  // ----------------------------------------------------------------------------------------------------

  private void shadePixels(int frameSeed, short @Nullable [] boxIndex, float @Nullable [] depthM) {
    double sightLength = Math.hypot(r02, r12);
    double sightCos = sightLength > 1e-9 ? r02 / sightLength : 1;
    double sightSin = sightLength > 1e-9 ? r12 / sightLength : 0;
    double perDeep = 1 / (Math.max(camZ, 0.1) * fy);
    double perWide = 1 / fx;
    float groundRed = ambientRed + sun * (float) sunZ;
    float groundGreen = ambientGreen + sun * (float) sunZ;
    float groundBlue = ambientBlue + sun * (float) sunZ;
    for (int v = 0; v < height; v++) {
      double yn = (v + 0.5 - cy) / fy;
      double rowX = r01 * yn + r02;
      double rowY = r11 * yn + r12;
      double rowZ = r21 * yn + r22;
      int at = v * width;
      for (int u = 0; u < width; u++, at++) {
        double xn = columnX[u];
        float red;
        float green;
        float blue;
        int drawn = face[at];
        if (drawn >= 0) {
          int box = drawn / FACES;
          boxPixels[box]++;
          red = faceRed[drawn];
          green = faceGreen[drawn];
          blue = faceBlue[drawn];
          int band = box * BANDS;
          if (dark[band + 2] > 0) {
            double z = camZ + (r20 * xn + rowZ) / inverseDepth[at];
            if (z < dark[band] || z > dark[band + 1] && z < dark[band + 2]) {
              red *= 0.42f;
              green *= 0.42f;
              blue *= 0.45f;
            }
          }
          if (boxIndex != null) {
            boxIndex[at] = (short) box;
          }
          if (depthM != null) {
            depthM[at] = 1 / inverseDepth[at];
          }
        } else {
          double down = r20 * xn + rowZ;
          double depth = down < -1e-9 ? -camZ / down : Double.POSITIVE_INFINITY;
          if (depth < FAR_GROUND_M) {
            double x = camX + depth * (r00 * xn + rowX);
            double y = camY + depth * (r10 * xn + rowY);
            int colour =
                ground.colour(x, y, depth * perWide, depth * depth * perDeep, sightCos, sightSin);
            float z = (float) depth;
            float lamp = headLamp > 0 ? columnLight[u] * nearLight(z) : 0;
            float haze = z / (z + HAZE_M);
            float clear = (1 - haze) * gain;
            if (shadow[at] != 0) {
              clear *= shade;
            }
            red = (colour >> 16) * (groundRed + lamp) * clear + hazeRed * haze;
            green = (colour >> 8 & 255) * (groundGreen + lamp * 0.96f) * clear + hazeGreen * haze;
            blue = (colour & 255) * (groundBlue + lamp * 0.84f) * clear + hazeBlue * haze;
          } else {
            int step = (int) (down * SKY_STEPS);
            if (step < treeTop[u]) {
              red = 78 * ambientRed * gain + hazeRed * 0.2f;
              green = 98 * ambientGreen * gain + hazeGreen * 0.2f;
              blue = 74 * ambientBlue * gain + hazeBlue * 0.2f;
            } else {
              int colour = skyColour[Math.min(step, SKY_STEPS - 1)];
              red = colour >> 16;
              green = colour >> 8 & 255;
              blue = colour & 255;
            }
          }
          if (boxIndex != null) {
            boxIndex[at] = depth < Double.POSITIVE_INFINITY ? GROUND : SKY;
          }
          if (depthM != null) {
            depthM[at] = (float) depth;
          }
        }
        int h = Noise.mix(at + frameSeed);
        int luma = ((h & 15) + (h >>> 4 & 15) - 15) * grainLuma;
        int out = at * 3;
        picture[out] = channel(red, luma, h >>> 8);
        picture[out + 1] = channel(green, luma, h >>> 14);
        picture[out + 2] = channel(blue, luma, h >>> 20);
      }
    }
  }

  /**
   * One channel with its sensor noise: a common part and six own bits, both triangular around 0.
   */
  private byte channel(float value, int luma, int bits) {
    int own = ((bits & 7) + (bits >>> 3 & 7) - 7) * grainChroma;
    int v = (int) (value + (luma + own) * 0.0625f + 0.5f);
    return (byte) (v <= 0 ? 0 : v >= 255 ? 255 : v);
  }

  /**
   * Light that a lit lamp spills over its surroundings in the picture; boxIndex does not know it.
   */
  private void glow(Box box) {
    double dx = box.cx() - camX;
    double dy = box.cy() - camY;
    double dz = box.cz() - camZ;
    double z = r02 * dx + r12 * dy + r22 * dz;
    if (z < NEAR_M) {
      return;
    }
    double u = fx * (r00 * dx + r10 * dy + r20 * dz) / z + cx;
    double v = fy * (r01 * dx + r11 * dy + r21 * dz) / z + cy;
    double extent = Math.max(box.heightM(), Math.min(box.lengthM(), box.widthM()) + 0.05);
    double radius = Math.min(30, 1.5 + 1.1 * extent * fx / z);
    float strength = headLamp > 0 ? 0.55f : 0.24f;
    int left = (int) Math.max(0, u - radius);
    int right = (int) Math.min(width - 1.0, u + radius);
    int top = (int) Math.max(0, v - radius);
    int bottom = (int) Math.min(height - 1.0, v + radius);
    double scale = 1 / (radius * radius);
    for (int j = top; j <= bottom; j++) {
      double jj = (j + 0.5 - v) * (j + 0.5 - v);
      for (int i = left; i <= right; i++) {
        double far = ((i + 0.5 - u) * (i + 0.5 - u) + jj) * scale;
        if (far >= 1) {
          continue;
        }
        float add = strength * (float) ((1 - far) * (1 - far));
        int out = (j * width + i) * 3;
        picture[out] = brighten(picture[out], add * box.r());
        picture[out + 1] = brighten(picture[out + 1], add * box.g());
        picture[out + 2] = brighten(picture[out + 2], add * box.b());
      }
    }
  }

  private static byte brighten(byte value, float by) {
    return (byte) Math.min(255, (value & 255) + (int) by);
  }

  private static int pack(float r, float g, float b) {
    return (int) Math.min(255, r) << 16 | (int) Math.min(255, g) << 8 | (int) Math.min(255, b);
  }
}
