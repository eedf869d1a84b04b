package saccade.sim.render;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.List;
import org.jspecify.annotations.Nullable;
import saccade.kernels.geometry.CameraModel;
import saccade.kernels.geometry.Pose;
import saccade.sim.render.FacePainter.Style;
import saccade.sim.world.Box;
import saccade.sim.world.Scene;

/**
 * Software rasteriser of one pinhole camera: sky, ground plane and cuboids into an rgb8 picture, by
 * day, at dusk and at night, in clear air, rain and fog.
 *
 * <p>Boxes are drawn first into buffers of inverse depth and face numbers. Then each row is
 * coloured in stretches that show the same face, so that every loop does one thing to plain arrays:
 * depth, head lamps, surface, air, noise. Crowns of trees, heads, cones, cabins, round lamps and
 * stop plates are drawn in their own shape inside their box; box index and depth follow the shape.
 * The same scene, seed and frame number give the same bytes. After the first frames of a scene size
 * nothing is allocated. Not thread-safe: one renderer per camera.
 */
public final class CameraRenderer {
  /** Box index of a pixel that shows sky. */
  public static final short SKY = -1;

  /** Box index of a pixel that shows the ground. */
  public static final short GROUND = -2;

  private static final int FACES = FacePainter.FACES;
  private static final double SHADOW_REACH_M = 70;
  private static final double BACKDROP_M = 350;
  private static final double EGO_LAMPS_M = 3.4;

  /** Cosines of the corners of an octagon that lies on one of its sides; two later, the sines. */
  private static final double[] OCTAGON = new double[8];

  static {
    for (int i = 0; i < 8; i++) {
      OCTAGON[i] = Math.cos((i + 0.5) * Math.PI / 4);
    }
  }

  private static final int POOLS = 6;
  private static final int POOL_FIELDS = 4;

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
  private final Atmosphere air = new Atmosphere();
  private final Raster raster;
  private final PixelRow row;
  private final FacePainter painter;
  private final LensEffects lens;

  private final byte[] picture; // [height][width][3]
  private final float[] shine; // [width], share of the sky that wet ground mirrors
  private final float[] azimuth; // [width], of the column, from the axis, left positive
  private final int[] treeTop; // [width], backdrop height as a step of the sky table
  private final int[] tones; // [3][width], finished values of a row

  private int[] boxPixels = new int[64];

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

  /**
   * Light of head lamps: the ego's own and the nearest of others. Place from the camera in world
   * axes, and heading.
   */
  private final float[] pools = new float[(POOLS + 1) * POOL_FIELDS];

  /** What each can light of the picture: first and end column, first and end row. */
  private final int[] poolWindow = new int[(POOLS + 1) * POOL_FIELDS];

  private final double[] poolRange = new double[POOLS + 1];
  private int poolCount;

  private final double[] outlineX = new double[4];
  private final double[] outlineY = new double[4];
  private final double[] squash = new double[9];

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
    raster = new Raster(width, height, fx, fy, cx, cy);
    row = new PixelRow(width);
    painter = new FacePainter(row);
    picture = new byte[width * height * 3];
    lens = new LensEffects(picture, raster);
    shine = new float[width];
    azimuth = new float[width];
    treeTop = new int[width];
    tones = new int[3 * width];
    for (int u = 0; u < width; u++) {
      row.rayX[u] = (float) ((u + 0.5 - cx) / fx);
      azimuth[u] = (float) -Math.atan(row.rayX[u]);
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
    air.prepare(scene);
    backdrop(scene);
    ground.prepare(scene);
    List<Box> boxes = scene.boxes;
    int count = boxes.size();
    if (count > boxPixels.length) {
      boxPixels = new int[count + count / 2];
    }
    java.util.Arrays.fill(boxPixels, 0, count, 0);
    painter.prepare(count, air);
    raster.clear();
    poolCount = 0;
    if (air.headLamp > 0) {
      ownPool(scene);
    }
    for (int i = 0; i < count; i++) {
      drawBox(boxes, i);
    }
    for (int i = 0; i < poolCount; i++) {
      setWindow(i);
    }
    long frameSeed = Noise.mix(scene.textureSeed * 31 + scene.frame) ^ nameSeed;
    for (int v = 0; v < height; v++) {
      shadeRow(scene, v, (int) Noise.mix(frameSeed + v));
      if (boxIndex != null || depthM != null) {
        truth(v, boxIndex, depthM);
      }
    }
    for (int i = 0; i < count; i++) {
      if (boxPixels[i] > 0 && boxes.get(i).emissive()) {
        glow(boxes.get(i));
      }
    }
    if (air.rain > 0) {
      lens.rain(air, frameSeed, scene.textureSeed ^ nameSeed, scene.timeS);
    }
    MemorySegment.copy(picture, 0, rgb8, ValueLayout.JAVA_BYTE, 0, picture.length);
  }

  // ---- the frame's constants

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

  /** A line of trees along the horizon. */
  private void backdrop(Scene scene) {
    double phase = Noise.unit(scene.textureSeed, 5) * 200;
    double heading = Math.atan2(r12, r02);
    for (int u = 0; u < width; u++) {
      double at = heading + azimuth[u];
      double tall =
          Noise.smooth(at * 10 + phase, 7.5) * 0.5 + Noise.smooth(at * 60 + phase, 91.5) * 0.25;
      treeTop[u] = (int) (Atmosphere.SKY_STEPS * (0.026 + 0.0005 * tall));
    }
  }

  // ---- boxes

  private void drawBox(List<Box> boxes, int index) {
    Box box = boxes.get(index);
    double dx = box.cx() - camX;
    double dy = box.cy() - camY;
    double dz = box.cz() - camZ;
    double hl = box.lengthM() / 2;
    double hw = box.widthM() / 2;
    double hh = box.heightM() / 2;
    double zc = r02 * dx + r12 * dy + r22 * dz;
    double c = Math.cos(box.yawRad());
    double s = Math.sin(box.yawRad());
    if (box.emissive() && box.kind() == Box.Kind.HEAD_LAMP && air.headLamp > 0) {
      addPool(dx, dy, c, s);
    }
    double reach = Math.sqrt(hl * hl + hw * hw + hh * hh);
    double xc = r00 * dx + r10 * dy + r20 * dz;
    double yc = r01 * dx + r11 * dy + r21 * dz;
    double bottom = box.cz() - hh;
    if (bottom < 0.6 && box.heightM() < 5 && !box.emissive() && zc > -12 && zc < SHADOW_REACH_M) {
      boolean sunny = air.sun > 0.1f;
      drawShadow(dx, dy, c, s, hl, hw, sunny ? Math.min(bottom + box.heightM(), 3) : 0);
    }
    // Out of the picture: behind, or beyond one of its four sides.
    if (zc + reach < Raster.NEAR_M
        || Math.abs(xc) * fx - Math.max(cx, width - cx) * zc > reach * Math.hypot(fx, cx + width)
        || Math.abs(yc) * fy - Math.max(cy, height - cy) * zc
            > reach * Math.hypot(fy, cy + height)) {
      return;
    }
    // The three axes in the optical frame.
    double ax = r00 * c + r10 * s;
    double ay = r01 * c + r11 * s;
    double az = r02 * c + r12 * s;
    double bx = -r00 * s + r10 * c;
    double by = -r01 * s + r11 * c;
    double bz = -r02 * s + r12 * c;
    Style style = styleOf(box, bottom, reach, zc);
    boolean drawn =
        switch (style) {
          case FOLIAGE, PERSON -> {
            if (rounded(box, style, bottom)) {
              yield drawEllipsoid(
                  box, index, style, xc, yc, zc, ax, ay, az, bx, by, bz, hl, hw, hh, reach);
            }
            yield drawCuboid(index, xc, yc, zc, ax, ay, az, bx, by, bz, hl, hw, hh, 0);
          }
          case STOP_PLATE, LAMP ->
              drawDisc(index * FACES, xc, yc, zc, ax, ay, az, bx, by, bz, hl, hw, hh);
          case WHEEL -> drawDisc(index * FACES + 2, xc, yc, zc, bx, by, bz, ax, ay, az, hw, hl, hh);
          case CONE -> drawCone(index, dx, dy, bottom, hw, box.heightM());
          case CABIN -> drawCuboid(index, xc, yc, zc, ax, ay, az, bx, by, bz, hl, hw, hh, 1);
          case VEHICLE -> {
            drawCuboid(index, xc, yc, zc, ax, ay, az, bx, by, bz, hl, hw, hh, 0);
            drawWheels(box, index, xc, yc, zc, ax, ay, az, bx, by, bz, hl, hw, hh);
            yield true; // a wheel may show where nothing of the body does
          }
          default -> drawCuboid(index, xc, yc, zc, ax, ay, az, bx, by, bz, hl, hw, hh, 0);
        };
    if (!drawn) {
      return;
    }
    int trim = box.r() << 16 | box.g() << 8 | box.b();
    if (style == Style.CABIN && index > 0) {
      Box body = boxes.get(index - 1);
      if (body.objectId() == box.objectId()) {
        trim = body.r() << 16 | body.g() << 8 | body.b();
      }
    }
    painter.box(index, box, style, trim);
    light(box, index, style, xc, yc, zc, ax, ay, az, bx, by, bz, c, s);
  }

  private Style styleOf(Box box, double bottom, double reach, double zc) {
    Box.Kind kind = box.kind();
    boolean fine = reach * fx > 2.5 * zc; // more than a few pixels
    return switch (box.surface()) {
      case WINDOWS -> Style.WINDOWS;
      case BRICK -> Style.BRICK;
      case FOLIAGE -> Style.FOLIAGE;
      case STOP_PLATE -> fine ? Style.STOP_PLATE : Style.FLAT;
      case CONE_BANDS -> fine ? Style.CONE : Style.FLAT;
      case LATTICE -> kind == Box.Kind.CYCLIST ? Style.WHEEL : Style.LATTICE;
      case PANEL, PLAIN ->
          switch (kind) {
            case CAR, TRUCK -> {
              if (box.emissive() || reach < 0.5) {
                yield Style.FLAT;
              }
              yield kind == Box.Kind.CAR && bottom > 0.6 && box.heightM() < 0.9
                  ? Style.CABIN
                  : Style.VEHICLE;
            }
            case PEDESTRIAN, CYCLIST -> fine ? Style.PERSON : Style.FLAT;
            case LIGHT_RED, LIGHT_AMBER, LIGHT_GREEN -> fine ? Style.LAMP : Style.FLAT;
            case BRAKE_LAMP, INDICATOR, HEAD_LAMP, CONE, STOP_SIGN -> Style.FLAT;
            case STRUCTURE -> box.emissive() || reach < 0.3 ? Style.FLAT : Style.WALL;
          };
    };
  }

  /** Crowns and heads are round; hedges and bodies are not. */
  private static boolean rounded(Box box, Style style, double bottom) {
    double wide = Math.max(box.lengthM(), box.widthM());
    return style == Style.FOLIAGE
        ? wide < 1.8 * Math.min(box.lengthM(), box.widthM())
        : bottom > 0.8 && box.heightM() < 0.36 && wide < 0.4;
  }

  private boolean drawEllipsoid(
      Box box,
      int index,
      Style style,
      double xc,
      double yc,
      double zc,
      double ax,
      double ay,
      double az,
      double bx,
      double by,
      double bz,
      double hl,
      double hw,
      double hh,
      double reach) {
    squash[0] = ax / hl;
    squash[1] = ay / hl;
    squash[2] = az / hl;
    squash[3] = bx / hw;
    squash[4] = by / hw;
    squash[5] = bz / hw;
    squash[6] = r20 / hh;
    squash[7] = r21 / hh;
    squash[8] = r22 / hh;
    int face = index * FACES;
    painter.box(index, box, style, 0);
    // p to the right of the middle as the camera sees it, q the height.
    painter.basis(face, 1, 0, 0, xc, r20, r21, r22, -camZ);
    return raster.ellipsoid(
        face,
        xc,
        yc,
        zc,
        squash,
        reach,
        style == Style.FOLIAGE ? 0.32f : 0,
        painter.grainOf(index));
  }

  /**
   * Draws the faces that look at the camera.
   *
   * @param taper 1 for a cabin: narrower at its top, with slanted screens
   */
  private boolean drawCuboid(
      int index,
      double xc,
      double yc,
      double zc,
      double ax,
      double ay,
      double az,
      double bx,
      double by,
      double bz,
      double hl,
      double hw,
      double hh,
      double taper) {
    int face = index * FACES;
    double la = ax * xc + ay * yc + az * zc;
    double lb = bx * xc + by * yc + bz * zc;
    painter.basis(face, bx, by, bz, lb, r20, r21, r22, -camZ);
    painter.basis(face + 1, bx, by, bz, lb, r20, r21, r22, -camZ);
    painter.basis(face + 2, ax, ay, az, la, r20, r21, r22, -camZ);
    painter.basis(face + 3, ax, ay, az, la, r20, r21, r22, -camZ);
    painter.basis(face + 4, ax, ay, az, la, bx, by, bz, lb);
    painter.basis(face + 5, ax, ay, az, la, bx, by, bz, lb);
    boolean drawn = false;
    double front = taper > 0 ? Math.min(0.55 * hl, 0.6) : 0;
    double rear = taper > 0 ? Math.min(0.35 * hl, 0.4) : 0;
    double in = taper > 0 ? 0.1 : 0;
    for (int side = 0; side < FACES; side++) {
      for (int i = 0; i < 4; i++) {
        // Around the face; a along the length, b across, e up, each -1 or 1.
        boolean first = i == 0 || i == 3;
        boolean second = i < 2;
        double a;
        double b;
        double e;
        if (side < 2) {
          a = side == 0 ? 1 : -1;
          b = first ? 1 : -1;
          e = second ? 1 : -1;
        } else if (side < 4) {
          b = side == 2 ? 1 : -1;
          a = first ? 1 : -1;
          e = second ? 1 : -1;
        } else {
          e = side == 4 ? 1 : -1;
          a = first ? 1 : -1;
          b = second ? 1 : -1;
        }
        double pa = a * hl;
        double pb = b * hw;
        double pe = e * hh;
        if (taper > 0 && e > 0) {
          pa -= a > 0 ? front : -rear;
          pb -= b * in;
        }
        raster.x[i] = xc + ax * pa + bx * pb + r20 * pe;
        raster.y[i] = yc + ay * pa + by * pb + r21 * pe;
        raster.z[i] = zc + az * pa + bz * pb + r22 * pe;
      }
      drawn |= drawFlat(4, face + side, xc, yc, zc);
    }
    return drawn;
  }

  /**
   * Draws the polygon set up in the raster when its plane looks away from the given inner point.
   */
  private boolean drawFlat(int corners, int faceAt, double xc, double yc, double zc) {
    double[] x = raster.x;
    double[] y = raster.y;
    double[] z = raster.z;
    double ux = x[1] - x[0];
    double uy = y[1] - y[0];
    double uz = z[1] - z[0];
    double vx = x[2] - x[0];
    double vy = y[2] - y[0];
    double vz = z[2] - z[0];
    double nx = uy * vz - uz * vy;
    double ny = uz * vx - ux * vz;
    double nz = ux * vy - uy * vx;
    double plane = nx * x[0] + ny * y[0] + nz * z[0];
    double inner = nx * xc + ny * yc + nz * zc;
    // The camera at the origin must lie on the other side of the plane than the box.
    double length = Math.sqrt(nx * nx + ny * ny + nz * nz);
    if (inner < plane ? plane > -1e-9 * length : plane < 1e-9 * length) {
      return false;
    }
    return raster.draw(corners, faceAt, nx, ny, nz, plane);
  }

  /**
   * An octagon on both sides of a thin box: lamp, plate of a stop sign, wheel.
   *
   * @param face the first of the two faces
   * @param nx first component of its axis in the optical frame, half as thick as {@code hn}
   * @param px first component of the axis along it, half as long as {@code hp}
   */
  private boolean drawDisc(
      int face,
      double xc,
      double yc,
      double zc,
      double nx,
      double ny,
      double nz,
      double px,
      double py,
      double pz,
      double hn,
      double hp,
      double hh) {
    double p0 = px * xc + py * yc + pz * zc;
    boolean drawn = false;
    for (int side = 0; side < 2; side++) {
      double out = side == 0 ? hn : -hn;
      painter.basis(face + side, px, py, pz, p0, r20, r21, r22, -camZ);
      octagon(xc + nx * out, yc + ny * out, zc + nz * out, px, py, pz, 1.0824 * hp, 1.0824 * hh);
      drawn |= drawFlat(8, face + side, xc, yc, zc);
    }
    return drawn;
  }

  /** Sets the raster's polygon to an upright octagon. */
  private void octagon(
      double x, double y, double z, double px, double py, double pz, double hp, double hh) {
    for (int i = 0; i < 8; i++) {
      double along = OCTAGON[i] * hp;
      double up = OCTAGON[i + 6 & 7] * hh;
      raster.x[i] = x + px * along + r20 * up;
      raster.y[i] = y + py * along + r21 * up;
      raster.z[i] = z + pz * along + r22 * up;
    }
  }

  /** A cone, or one of the parts it is stacked from, as an upright shape that faces the camera. */
  private boolean drawCone(
      int index, double dx, double dy, double bottom, double hw, double heightM) {
    double away = Math.hypot(dx, dy);
    if (away < 0.3) {
      return false;
    }
    double sideX = -dy / away;
    double sideY = dx / away;
    int face = index * FACES;
    double px = r00 * sideX + r10 * sideY;
    double py = r01 * sideX + r11 * sideY;
    double pz = r02 * sideX + r12 * sideY;
    painter.basis(face, px, py, pz, dx * sideX + dy * sideY, r20, r21, r22, -camZ);
    for (int i = 0; i < 4; i++) {
      double out = (i == 0 || i == 3 ? hw : -hw) * (i < 2 ? 0.5 : 1);
      worldCorner(i, dx + out * sideX, dy + out * sideY, bottom + (i < 2 ? heightM : 0) - camZ);
    }
    // The plane is upright, so any point beyond it serves as the inner one.
    double xb = 2 * (r00 * dx + r10 * dy);
    double yb = 2 * (r01 * dx + r11 * dy);
    return drawFlat(4, face, xb, yb, 2 * (r02 * dx + r12 * dy));
  }

  /** Wheels that reach below the body, as octagons a finger's breadth proud of its flanks. */
  private void drawWheels(
      Box box,
      int index,
      double xc,
      double yc,
      double zc,
      double ax,
      double ay,
      double az,
      double bx,
      double by,
      double bz,
      double hl,
      double hw,
      double hh) {
    double bottom = box.cz() - hh;
    boolean truck = box.kind() == Box.Kind.TRUCK;
    if (bottom > 0.7 || bottom < 0.02 || zc > 60 || hl < 1.4) {
      return;
    }
    double wheel = truck ? 0.48 : 0.33;
    double middle = wheel - box.cz();
    for (int side = 2; side < 4; side++) {
      double pb = (hw + 0.02) * (side == 2 ? 1 : -1);
      for (int axle = -1; axle <= 1; axle += 2) {
        double at = axle * hl * (truck ? 0.66 : 0.62);
        octagon(
            xc + ax * at + bx * pb + r20 * middle,
            yc + ay * at + by * pb + r21 * middle,
            zc + az * at + bz * pb + r22 * middle,
            ax,
            ay,
            az,
            wheel,
            wheel);
        drawFlat(8, index * FACES + side, xc, yc, zc);
      }
    }
  }

  /**
   * Light on the faces of a box, fixed for the frame: open sky, sun, and how squarely each face
   * looks at the camera and with it at the ego's head lamps.
   */
  private void light(
      Box box,
      int index,
      Style style,
      double xc,
      double yc,
      double zc,
      double ax,
      double ay,
      double az,
      double bx,
      double by,
      double bz,
      double c,
      double s) {
    int face = index * FACES;
    if (box.emissive()) {
      for (int side = 0; side < FACES; side++) {
        painter.light(face + side, 1, 1, 1, 0);
      }
      return;
    }
    float gain = air.gain;
    double range = Math.sqrt(xc * xc + yc * yc + zc * zc) + 1e-6;
    float ahead = (float) (Math.abs(ax * xc + ay * yc + az * zc) / range);
    float beside = (float) (Math.abs(bx * xc + by * yc + bz * zc) / range);
    double lit = air.sunX * c + air.sunY * s;
    double litSide = air.sunY * c - air.sunX * s;
    boolean mirrors = style == Style.STOP_PLATE || style == Style.CONE;
    for (int side = 0; side < FACES; side++) {
      double towards =
          switch (side) {
            case 0 -> lit;
            case 1 -> -lit;
            case 2 -> litSide;
            case 3 -> -litSide;
            case 4 -> air.sunZ;
            default -> -1;
          };
      float direct = air.sun * (float) Math.max(0, towards);
      // Seen from below the sky is hidden.
      float open = side == FacePainter.BOTTOM ? 0.5f : side == FacePainter.TOP ? 1 : 0.88f;
      if (style == Style.FOLIAGE || style == Style.CONE) {
        direct = air.sun * 0.6f;
      }
      float squarely = side < 2 ? ahead : side < 4 ? beside : 0.25f;
      float lamp = mirrors ? 1.5f : 0.3f + 0.75f * squarely;
      painter.light(
          face + side,
          (air.ambientRed * open + direct) * gain,
          (air.ambientGreen * open + direct) * gain,
          (air.ambientBlue * open + direct) * gain,
          lamp * gain);
    }
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
      worldCorner(i, outlineX[i], outlineY[i], -camZ);
    }
    raster.shade(4);
    if (heightM <= 0) {
      return;
    }
    double shift = 0.45 * heightM / Math.max(0.4, air.sunZ);
    double moveX = -air.sunX * shift;
    double moveY = -air.sunY * shift;
    for (int i = 0; i < 4; i++) {
      worldCorner(i, outlineX[i] + moveX, outlineY[i] + moveY, -camZ);
    }
    raster.shade(4);
    for (int i = 0; i < 4; i++) {
      int j = (i + 1) & 3;
      worldCorner(0, outlineX[i], outlineY[i], -camZ);
      worldCorner(1, outlineX[j], outlineY[j], -camZ);
      worldCorner(2, outlineX[j] + moveX, outlineY[j] + moveY, -camZ);
      worldCorner(3, outlineX[i] + moveX, outlineY[i] + moveY, -camZ);
      raster.shade(4);
    }
  }

  /** Sets corner i of the raster's polygon to a point relative to the camera in world axes. */
  private void worldCorner(int i, double gx, double gy, double gz) {
    raster.x[i] = r00 * gx + r10 * gy + r20 * gz;
    raster.y[i] = r01 * gx + r11 * gy + r21 * gz;
    raster.z[i] = r02 * gx + r12 * gy + r22 * gz;
  }

  private void ownPool(Scene scene) {
    double c = Math.cos(scene.egoYawRad);
    double s = Math.sin(scene.egoYawRad);
    poolRange[0] = 0;
    poolCount = 1;
    setPool(0, scene.egoX + EGO_LAMPS_M * c - camX, scene.egoY + EGO_LAMPS_M * s - camY, c, s);
  }

  /** Remembers a lit head lamp when it is among the nearest that may light what is seen. */
  private void addPool(double dx, double dy, double c, double s) {
    // The middle of the lit ground must not be far behind the camera.
    double midX = dx + 10 * c;
    double midY = dy + 10 * s;
    double range = Math.hypot(midX, midY);
    if (range > 60 || r02 * midX + r12 * midY < -14) {
      return;
    }
    int at = poolCount;
    if (poolCount == POOLS + 1) {
      at = 1;
      for (int i = 2; i <= POOLS; i++) {
        at = poolRange[i] > poolRange[at] ? i : at;
      }
      if (poolRange[at] <= range) {
        return;
      }
    } else {
      poolCount++;
    }
    poolRange[at] = range;
    setPool(at, dx, dy, c, s);
  }

  private void setPool(int i, double dx, double dy, double c, double s) {
    int at = i * POOL_FIELDS;
    pools[at] = (float) dx;
    pools[at + 1] = (float) dy;
    pools[at + 2] = (float) c;
    pools[at + 3] = (float) s;
  }

  /** The part of the picture that shows what a lamp lights: the outline of a wedge of air. */
  private void setWindow(int i) {
    int at = i * POOL_FIELDS;
    double reach = i == 0 ? 75 : 36;
    double wide = i == 0 ? 1.9 : 1.6;
    double minU = width;
    double maxU = 0;
    double minV = height;
    double maxV = 0;
    for (int corner = 0; corner < 8; corner++) {
      double forward = (corner & 1) == 0 ? 0 : reach;
      double aside = wide * (0.62 * forward + 0.5) * ((corner & 2) == 0 ? 1 : -1);
      double dx = pools[at] + forward * pools[at + 2] - aside * pools[at + 3];
      double dy = pools[at + 1] + forward * pools[at + 3] + aside * pools[at + 2];
      double dz = ((corner & 4) == 0 ? 0 : i == 0 ? 7 : 2.4) - camZ;
      double z = r02 * dx + r12 * dy + r22 * dz;
      double x = fx * (r00 * dx + r10 * dy + r20 * dz);
      double y = fy * (r01 * dx + r11 * dy + r21 * dz);
      if (z < 0.5) {
        // Behind: it may reach any border that it lies towards.
        minU = x < 0.3 * fx ? 0 : minU;
        maxU = x > -0.3 * fx ? width : maxU;
        minV = y < 0 ? 0 : minV;
        maxV = height;
      } else {
        minU = Math.min(minU, x / z + cx);
        maxU = Math.max(maxU, x / z + cx);
        minV = Math.min(minV, y / z + cy);
        maxV = Math.max(maxV, y / z + cy);
      }
    }
    poolWindow[at] = (int) Math.max(0, minU);
    poolWindow[at + 1] = (int) Math.min(width, maxU + 1);
    poolWindow[at + 2] = (int) Math.max(0, minV);
    poolWindow[at + 3] = (int) Math.min(height, maxV + 1);
  }

  // ---- rows

  private void shadeRow(Scene scene, int v, int noise) {
    double yn = (v + 0.5 - cy) / fy;
    row.rayY = (float) yn;
    double rowX = r01 * yn + r02;
    double rowY = r11 * yn + r12;
    double rowZ = r21 * yn + r22;
    int at = v * width;
    // Inverse depth of the ground is affine too: gz + gs x.
    float gz = (float) (-rowZ / camZ);
    float gs = (float) (-r20 / camZ);
    depths(at, gz, gs);
    java.util.Arrays.fill(row.lamp, 0);
    for (int i = 0; i < poolCount; i++) {
      lamp(i, v, (float) rowX, (float) rowY, (float) rowZ);
    }
    air.left(row.depth, row.left, width);
    int[] face = raster.face;
    float farthest = 1 / (Atmosphere.FARTHEST_M - 1);
    int u = 0;
    while (u < width) {
      int shown = face[at + u];
      int end = u + 1;
      if (shown >= 0) {
        while (end < width && face[at + end] == shown) {
          end++;
        }
        int box = shown / FACES;
        boxPixels[box] += end - u;
        float foot = row.depth[(u + end) / 2] * (float) (1 / fx);
        painter.paint(scene.boxes.get(box), box, shown - box * FACES, u, end, foot);
      } else {
        boolean onGround = gz + gs * row.rayX[u] > farthest;
        while (end < width
            && face[at + end] < 0
            && gz + gs * row.rayX[end] > farthest == onGround) {
          end++;
        }
        if (onGround) {
          shadeGround(at, u, end, rowX, rowY);
        } else {
          shadeSky(u, end, rowZ);
        }
      }
      u = end;
    }
    finish(at, noise);
  }

  private void depths(int at, float gz, float gs) {
    float[] inverse = raster.inverseDepth;
    float[] depth = row.depth;
    float[] rayX = row.rayX;
    float least = 1 / Atmosphere.FARTHEST_M;
    for (int u = 0; u < depth.length; u++) {
      depth[u] = Math.max(gz + gs * rayX[u], least);
    }
    for (int u = 0; u < depth.length; u++) {
      depth[u] = 1f / Math.max(depth[u], inverse[at + u]);
    }
  }

  /** Adds one vehicle's low beams to the row. */
  private void lamp(int i, int v, float rowX, float rowY, float rowZ) {
    int at = i * POOL_FIELDS;
    if (v < poolWindow[at + 2] || v >= poolWindow[at + 3]) {
      return;
    }
    float c = pools[at + 2];
    float s = pools[at + 3];
    float dx = -pools[at];
    float dy = -pools[at + 1];
    fan(
        poolWindow[at],
        poolWindow[at + 1],
        dx * c + dy * s,
        dy * c - dx * s,
        (float) r00 * c + (float) r10 * s,
        rowX * c + rowY * s,
        (float) r10 * c - (float) r00 * s,
        rowY * c - rowX * s,
        rowZ,
        i == 0 ? air.headLamp : 0.6f * air.headLamp,
        i == 0 ? 1 / 20f : 1 / 10f);
  }

  /**
   * A fan of light ahead of a bumper, fading with distance, to the sides and above the lamps.
   * Forward and left of the lamps are depth times an affine function of the column, plus a start.
   */
  private void fan(
      int from,
      int to,
      float fromX,
      float fromY,
      float xPerColumn,
      float xOfRow,
      float yPerColumn,
      float yOfRow,
      float zOfRow,
      float strength,
      float perReach) {
    float[] forward = row.forward;
    float[] aside = row.aside;
    float[] above = row.above;
    affine(forward, from, to, fromX, xPerColumn, xOfRow);
    affine(aside, from, to, fromY, yPerColumn, yOfRow);
    affine(above, from, to, (float) camZ - 0.75f, (float) r20, zOfRow);
    positive(forward, from, to);
    positive(above, from, to);
    for (int u = from; u < to; u++) {
      float slope = aside[u] / (0.62f * forward[u] + 0.5f);
      slope *= slope;
      aside[u] = 1 + slope * slope;
    }
    for (int u = from; u < to; u++) {
      float far = forward[u] * perReach;
      aside[u] *= (1 + far * far) * (1 + 1.2f * above[u] * above[u]);
    }
    float[] lamp = row.lamp;
    for (int u = from; u < to; u++) {
      lamp[u] += strength * forward[u] / ((forward[u] + 1) * aside[u]);
    }
  }

  /** Start plus depth times an affine function of the column. */
  private void affine(float[] out, int from, int to, float start, float perColumn, float ofRow) {
    float[] depth = row.depth;
    float[] rayX = row.rayX;
    for (int u = from; u < to; u++) {
      out[u] = start + depth[u] * (perColumn * rayX[u] + ofRow);
    }
  }

  /** Negative values become 0; without a comparison, which would not become vector code. */
  private static void positive(float[] values, int from, int to) {
    for (int u = from; u < to; u++) {
      values[u] = 0.5f * (values[u] + Math.abs(values[u]));
    }
  }

  private void shadeGround(int at, int from, int to, double rowX, double rowY) {
    float[] depth = row.depth;
    float[] x = row.groundX;
    float[] y = row.groundY;
    float[] rayX = row.rayX;
    float x0 = (float) camX;
    float y0 = (float) camY;
    float xr = (float) rowX;
    float yr = (float) rowY;
    float xc = (float) r00;
    float yc = (float) r10;
    for (int u = from; u < to; u++) {
      x[u] = x0 + depth[u] * (xc * rayX[u] + xr);
      y[u] = y0 + depth[u] * (yc * rayX[u] + yr);
    }
    double z = depth[(from + to) / 2];
    double sight = Math.hypot(r02, r12);
    double sightCos = sight > 1e-9 ? r02 / sight : 1;
    double sightSin = sight > 1e-9 ? r12 / sight : 0;
    double deep = z * z / (Math.max(camZ, 0.1) * fy);
    ground.colour(row, shine, from, to, z / fx, deep, sightCos, sightSin);
    float gain = air.gain;
    float up = air.sun * (float) air.sunZ;
    float lr = (air.ambientRed + up) * gain;
    float lg = (air.ambientGreen + up) * gain;
    float lb = (air.ambientBlue + up) * gain;
    // Wet asphalt throws the lamps' light away from the driver.
    float lampShare = (air.wet > 0 ? 0.5f : 0.78f) * gain;
    byte[] shadow = raster.shadow;
    float shade = 1 - air.shade;
    for (int u = from; u < to; u++) {
      float open = 1 - shade * shadow[at + u];
      float lamp = row.lamp[u] * lampShare;
      row.red[u] *= lr * open + lamp;
      row.green[u] *= lg * open + lamp * 0.96f;
      row.blue[u] *= lb * open + lamp * 0.84f;
    }
    if (air.wet > 0) {
      // Fresnel's law by Schlick, for water seen at this angle, roughened.
      double sine = camZ / Math.sqrt(camZ * camZ + z * z);
      double off = 1 - sine;
      float mirror = (float) (0.03 + 0.5 * off * off * off * off * off) * air.wet;
      for (int u = from; u < to; u++) {
        float share = mirror * shine[u] * (1 - 0.6f * shade * shadow[at + u]);
        row.red[u] += share * air.airRed;
        row.green[u] += share * air.airGreen;
        row.blue[u] += share * air.airBlue;
      }
    }
  }

  private void shadeSky(int from, int to, double rowZ) {
    float gain = air.gain;
    double heading = Math.atan2(r12, r02);
    float treesLeft = (float) Math.exp(-air.extinction * BACKDROP_M) * 0.8f;
    float treeRed = 78 * air.ambientRed * gain * treesLeft + air.airRed * (1 - treesLeft);
    float treeGreen = 98 * air.ambientGreen * gain * treesLeft + air.airGreen * (1 - treesLeft);
    float treeBlue = 74 * air.ambientBlue * gain * treesLeft + air.airBlue * (1 - treesLeft);
    float cloud = air.clouds * 0.01f;
    float turn = (float) heading + 8;
    for (int u = from; u < to; u++) {
      float down = (float) (r20 * row.rayX[u] + rowZ);
      int step = Math.clamp((int) (down * Atmosphere.SKY_STEPS), 0, Atmosphere.SKY_STEPS - 1);
      row.left[u] = 1;
      if (step < treeTop[u]) {
        row.red[u] = treeRed;
        row.green[u] = treeGreen;
        row.blue[u] = treeBlue;
      } else {
        int colour = air.sky[step];
        float tone =
            1
                + cloud
                    * Math.max(-20, Noise.blotch((turn + azimuth[u]) * 9, down * 22))
                    * Math.min(1, step * 0.03f);
        row.red[u] = (colour >> 16) * tone;
        row.green[u] = (colour >> 8 & 255) * tone;
        row.blue[u] = (colour & 255) * tone;
      }
    }
  }

  /** Air, sensor noise and rounding of a row. */
  private void finish(int at, int noise) {
    int n = width;
    finish(row.red, air.airRed, 0, noise & 8191, noise >>> 13 & 8191);
    finish(row.green, air.airGreen, n, noise & 8191, Noise.mix(noise) & 8191);
    finish(row.blue, air.airBlue, 2 * n, noise & 8191, Noise.mix(noise + 1) & 8191);
    int out = at * 3;
    for (int u = 0; u < n; u++) {
      picture[out] = (byte) tones[u];
      picture[out + 1] = (byte) tones[n + u];
      picture[out + 2] = (byte) tones[2 * n + u];
      out += 3;
    }
  }

  private void finish(float[] value, float haze, int to, int common, int own) {
    float[] left = row.left;
    float[] grains = Noise.GRAINS;
    float luma = air.grainLuma;
    float chroma = air.grainChroma;
    for (int u = 0; u < value.length; u++) {
      value[u] = haze + 0.5f + (value[u] - haze) * left[u];
    }
    for (int u = 0; u < value.length; u++) {
      value[u] += luma * grains[common + u] + chroma * grains[own + u];
    }
    for (int u = 0; u < value.length; u++) {
      tones[to + u] = Math.min(255, Math.max(0, (int) value[u]));
    }
  }

  private void truth(int v, short @Nullable [] boxIndex, float @Nullable [] depthM) {
    double yn = (v + 0.5 - cy) / fy;
    double rowZ = r21 * yn + r22;
    int at = v * width;
    for (int u = 0; u < width; u++, at++) {
      int shown = raster.face[at];
      if (shown >= 0) {
        if (boxIndex != null) {
          boxIndex[at] = (short) (shown / FACES);
        }
        if (depthM != null) {
          depthM[at] = 1 / raster.inverseDepth[at];
        }
        continue;
      }
      double down = r20 * row.rayX[u] + rowZ;
      double depth = down < -1e-9 ? -camZ / down : Double.POSITIVE_INFINITY;
      if (boxIndex != null) {
        boxIndex[at] = depth < Double.POSITIVE_INFINITY ? GROUND : SKY;
      }
      if (depthM != null) {
        depthM[at] = (float) depth;
      }
    }
  }

  // ---- lamps

  /**
   * Light that a lit lamp spills over its surroundings in the picture, and its image in a wet road;
   * boxIndex does not know either.
   */
  private void glow(Box box) {
    double dx = box.cx() - camX;
    double dy = box.cy() - camY;
    double dz = box.cz() - camZ;
    double z = r02 * dx + r12 * dy + r22 * dz;
    if (z < Raster.NEAR_M) {
      return;
    }
    double u = fx * (r00 * dx + r10 * dy + r20 * dz) / z + cx;
    double v = fy * (r01 * dx + r11 * dy + r21 * dz) / z + cy;
    double extent = Math.max(box.heightM(), Math.min(box.lengthM(), box.widthM()) + 0.05);
    boolean head = box.kind() == Box.Kind.HEAD_LAMP;
    boolean dark = air.headLamp > 0;
    float left = air.left((float) Math.min(z, Atmosphere.FARTHEST_M));
    float strength = air.glow * (0.3f + 0.7f * left);
    double spread = head && dark ? 2.6 : 1.1;
    if (head) {
      strength *= 1.3f;
    }
    // Fog and rain carry a lamp's light further.
    double radius = (1.5 + spread * extent * fx / z) * (1 + 0.7 * (1 - left));
    lens.glow(u, v, Math.min(head ? 42 : 30, radius), strength, box.r(), box.g(), box.b());
    if (dark || air.wet > 0) {
      // The lamp mirrored in the ground: the point as far below it.
      double deep = -box.cz() - camZ;
      double mz = r02 * dx + r12 * dy + r22 * deep;
      if (mz > Raster.NEAR_M) {
        double mv = fy * (r01 * dx + r11 * dy + r21 * deep) / mz + cy;
        float share = (air.wet > 0 ? 0.42f : 0.07f) * strength * left;
        lens.streak(u, mv, Math.max(1, 0.6 * radius), 0.45 * (mv - v), share, box);
      }
    }
  }
}
