package saccade.nodes.play;

import java.awt.image.BufferedImage;
import java.awt.image.DataBufferByte;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteOrder;
import java.util.Arrays;
import java.util.List;
import javax.imageio.ImageIO;
import javax.imageio.stream.MemoryCacheImageOutputStream;
import saccade.kernels.geometry.CameraModel;
import saccade.kernels.geometry.Pose;
import saccade.nodes.play.Recording.Window;

/**
 * A picture with the sweep of the same instant drawn into it, coloured by range: where colours
 * change at the edges of things, the calibration is right. Below it the scale in metres. Needs no
 * font and no display.
 */
public final class ProjectionPicture {
  private static final ValueLayout.OfFloat F32 =
      ValueLayout.JAVA_FLOAT_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);
  private static final double NEAREST_M = 3;
  private static final double FARTHEST_M = 60;
  private static final int SCALE_PX = 18;
  private static final int[] TICKS_M = {3, 5, 10, 20, 40, 60};

  /** Digits 0..9, three columns by five rows, row-major from the highest bit. */
  private static final int[] DIGITS = {
    0b111_101_101_101_111,
    0b010_110_010_010_111,
    0b111_001_111_100_111,
    0b111_001_111_001_111,
    0b101_101_111_001_001,
    0b111_100_111_001_111,
    0b111_100_111_101_111,
    0b111_001_010_010_010,
    0b111_101_111_101_111,
    0b111_101_111_001_111
  };

  private final CameraModel camera;
  private final Pose baseFromLidar;
  private final int width;
  private final int height;
  private final byte[] bgr; // (height + scale, width, 3)
  private final float[] depthM; // (height, width) nearest point drawn; infinite where none
  private final BufferedImage image;

  /**
   * @param camera whole picture
   * @param baseFromLidar place of the LiDAR
   */
  public ProjectionPicture(CameraModel camera, Pose baseFromLidar) {
    this.camera = camera;
    this.baseFromLidar = baseFromLidar;
    this.width = camera.widthPx();
    this.height = camera.heightPx();
    this.depthM = new float[width * height];
    this.image = new BufferedImage(width, height + SCALE_PX, BufferedImage.TYPE_3BYTE_BGR);
    this.bgr = ((DataBufferByte) image.getRaster().getDataBuffer()).getData();
  }

  /**
   * Draws one frame.
   *
   * @param picture BGR8 (height, width, 3)
   * @param points x, y, z, intensity, LiDAR frame
   * @param moved base_link when the sweep was measured, seen from base_link when the picture was
   *     taken: sensors look at other instants, and the vehicle drives on between them
   * @param windows outlined; parts of the picture that are sensors of their own
   * @return points that fell into the picture
   */
  public int draw(
      byte[] picture, MemorySegment points, int count, Pose moved, List<Window> windows) {
    Pose opticalFromLidar = camera.baseFromOptical().inverse().then(moved).then(baseFromLidar);
    double[] r = opticalFromLidar.rotation();
    double[] t = {opticalFromLidar.x(), opticalFromLidar.y(), opticalFromLidar.z()};
    System.arraycopy(picture, 0, bgr, 0, 3 * width * height);
    Arrays.fill(depthM, Float.POSITIVE_INFINITY);
    int inside = 0;
    for (int i = 0; i < count; i++) {
      long at = (long) i * SweepFile.POINT_BYTES;
      double x = points.get(F32, at);
      double y = points.get(F32, at + 4);
      double z = points.get(F32, at + 8);
      double depth = r[6] * x + r[7] * y + r[8] * z + t[2];
      if (!(depth > 0.5)) {
        continue;
      }
      double u = camera.fxPx() * (r[0] * x + r[1] * y + r[2] * z + t[0]) / depth + camera.cxPx();
      double v = camera.fyPx() * (r[3] * x + r[4] * y + r[5] * z + t[1]) / depth + camera.cyPx();
      if (u >= 0 && u < width && v >= 0 && v < height) {
        inside++;
        dot((int) u, (int) v, (float) depth);
      }
    }
    windows.forEach(this::outline);
    scale();
    return inside;
  }

  /** What was drawn last, as a PNG file. */
  public byte[] png() throws IOException {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream(1 << 20);
    try (MemoryCacheImageOutputStream out = new MemoryCacheImageOutputStream(bytes)) {
      if (!ImageIO.write(image, "png", out)) {
        throw new IOException("this JDK has no PNG writer");
      }
    }
    return bytes.toByteArray();
  }

  private void dot(int u, int v, float depth) {
    int colour = colour(depth);
    int size = Math.max(2, width / 500); // to be seen when the picture is shrunk to a screen
    for (int y = v; y < Math.min(v + size, height); y++) {
      for (int x = u; x < Math.min(u + size, width); x++) {
        int at = y * width + x;
        if (depth < depthM[at]) {
          depthM[at] = depth;
          set(x, y, colour);
        }
      }
    }
  }

  private void outline(Window window) {
    int right = window.x() + window.widthPx() - 1;
    int bottom = window.y() + window.heightPx() - 1;
    for (int x = window.x(); x <= right; x++) {
      setInside(x, window.y());
      setInside(x, bottom);
    }
    for (int y = window.y(); y <= bottom; y++) {
      setInside(window.x(), y);
      setInside(right, y);
    }
  }

  private void setInside(int x, int y) {
    if (x >= 0 && x < width && y >= 0 && y < height) {
      set(x, y, 0xFFFFFF);
    }
  }

  private void scale() {
    for (int x = 0; x < width; x++) {
      int colour = colour(range((double) x / (width - 1)));
      for (int y = height; y < height + SCALE_PX; y++) {
        set(x, y, y < height + 7 ? colour : 0x101418);
      }
    }
    for (int metres : TICKS_M) {
      int x = (int) Math.round(place(metres) * (width - 1));
      String text = Integer.toString(metres);
      int from = Math.clamp(x - 4L * text.length() + 1, 1, width - 8 * text.length());
      for (int i = 0; i < text.length(); i++) {
        digit(text.charAt(i) - '0', from + 8 * i, height + 8);
      }
    }
  }

  private void digit(int digit, int left, int top) {
    for (int bit = 0; bit < 15; bit++) {
      if ((DIGITS[digit] >> (14 - bit) & 1) != 0) {
        int x = left + bit % 3 * 2;
        int y = top + bit / 3 * 2;
        set(x, y, 0xE8E8E8);
        set(x + 1, y, 0xE8E8E8);
        if (y + 1 < height + SCALE_PX) {
          set(x, y + 1, 0xE8E8E8);
          set(x + 1, y + 1, 0xE8E8E8);
        }
      }
    }
  }

  private void set(int x, int y, int rgb) {
    int at = 3 * (y * width + x);
    bgr[at] = (byte) rgb;
    bgr[at + 1] = (byte) (rgb >> 8);
    bgr[at + 2] = (byte) (rgb >> 16);
  }

  /** 0 near .. 1 far, logarithmic. */
  private static double place(double rangeM) {
    return Math.clamp(Math.log(rangeM / NEAREST_M) / Math.log(FARTHEST_M / NEAREST_M), 0.0, 1.0);
  }

  private static double range(double place) {
    return NEAREST_M * Math.pow(FARTHEST_M / NEAREST_M, place);
  }

  /** Red near, over yellow, green and cyan, to blue far; 0xRRGGBB. */
  static int colour(double rangeM) {
    double hue = 4 * place(rangeM); // 0 red .. 4 blue, sixths of the circle
    double rising = hue - Math.floor(hue);
    int up = (int) Math.round(255 * rising);
    int down = 255 - up;
    return switch ((int) hue) {
      case 0 -> 0xFF0000 | up << 8;
      case 1 -> down << 16 | 0xFF00;
      case 2 -> 0xFF00 | up;
      case 3 -> down << 8 | 0xFF;
      default -> 0xFF;
    };
  }
}
