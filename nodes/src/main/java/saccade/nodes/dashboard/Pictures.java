package saccade.nodes.dashboard;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import saccade.kernels.geometry.LidarModel;
import saccade.kernels.geometry.Pose;
import saccade.kernels.geometry.Rig;
import saccade.kernels.image.PixelFormat;
import saccade.nodes.sensor.SensorInlets;
import saccade.realtime.ring.FrameView;

/**
 * Off the hot path, encoder thread. Copies what the page needs of the payloads, thinned out, and
 * compresses it once the leases are back: pictures of at most {@value #WIDEST_PX} px across, at
 * most {@value #MOST_POINTS} points.
 */
final class Pictures {
  static final int WIDEST_PX = 480;
  static final int MOST_POINTS = 4000;

  private static final int JPEG_QUALITY = 75;
  private static final PixelFormat[] FORMATS = PixelFormat.values();
  private static final double FARTHEST_M = 62;
  private static final double ASIDE_M = 45;
  private static final double LOWEST_M = -1;
  private static final double HIGHEST_M = 4;
  private static final ValueLayout.OfFloat F32 =
      ValueLayout.JAVA_FLOAT_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);

  private final Rig rig;
  private final JpegEncoder jpeg = new JpegEncoder(JPEG_QUALITY);
  private final byte[][] pictures; // (cameras) blue, green, red
  private final int[] widths; // (cameras)
  private final int[] heights; // (cameras)
  private final boolean[] there; // (cameras) in this moment
  private final byte[] points = new byte[6 * MOST_POINTS]; // x, y, z int16 LE, centimetres
  private byte[] row = new byte[0]; // one row as it came
  private byte[] chroma = new byte[0]; // the row of the second plane that belongs to it
  private int pointCount;

  Pictures(Rig rig) {
    this.rig = rig;
    this.pictures = new byte[rig.cameras().size()][0];
    this.there = new boolean[pictures.length];
    this.widths = new int[pictures.length];
    this.heights = new int[pictures.length];
  }

  /** Copies; after it the moment's leases may go back. */
  void copy(Moment moment) {
    for (int i = 0; i < pictures.length; i++) {
      FrameView view = moment.view(i);
      there[i] = view.isHeld() && isWhole(view);
      if (there[i]) {
        copyPicture(i, view);
      }
    }
    pointCount = 0;
    LidarModel lidar = rig.lidar();
    if (lidar != null && moment.view(pictures.length).isHeld()) {
      copyPoints(moment.view(pictures.length), lidar.baseFromLidar());
    }
  }

  private static boolean isWhole(FrameView view) {
    if (view.width() < 1 || view.height() < 1 || view.format() >= FORMATS.length) {
      return false;
    }
    PixelFormat format = FORMATS[view.format()];
    return format.fits(view.width(), view.height())
        && view.byteLength()
            >= format.pictureBytes(view.width(), view.height(), format.rowBytes(view.width()));
  }

  private void copyPicture(int camera, FrameView view) {
    int step = (view.width() + WIDEST_PX - 1) / WIDEST_PX;
    int width = view.width() / step;
    int height = view.height() / step;
    PixelFormat format = FORMATS[view.format()];
    widths[camera] = width;
    heights[camera] = height;
    if (pictures[camera].length != 3 * width * height) {
      pictures[camera] = new byte[3 * width * height];
    }
    byte[] bgr = pictures[camera];
    MemorySegment payload = view.payload();
    if (step == 1 && format == PixelFormat.BGR8) {
      MemorySegment.copy(payload, ValueLayout.JAVA_BYTE, 0, bgr, 0, bgr.length);
      return;
    }
    int rowBytes = (int) format.rowBytes(view.width());
    if (row.length < rowBytes) {
      row = new byte[rowBytes];
      chroma = new byte[rowBytes];
    }
    int to = 0;
    for (int y = 0; y < height; y++) {
      long from = (long) y * step * rowBytes;
      MemorySegment.copy(payload, ValueLayout.JAVA_BYTE, from, row, 0, rowBytes);
      if (format == PixelFormat.NV12) {
        long uv = (long) rowBytes * (view.height() + y * step / 2);
        MemorySegment.copy(payload, ValueLayout.JAVA_BYTE, uv, chroma, 0, rowBytes);
      }
      for (int x = 0; x < width; x++, to += 3) {
        pixel(format, x * step, bgr, to);
      }
    }
  }

  /** One pixel of the row that lies here, whatever its format. */
  private void pixel(PixelFormat format, int x, byte[] bgr, int to) {
    int pair = x & ~1;
    switch (format) {
      case BGR8 -> colour(bgr, to, row[3 * x], row[3 * x + 1], row[3 * x + 2]);
      case RGB8 -> colour(bgr, to, row[3 * x + 2], row[3 * x + 1], row[3 * x]);
      case BGRA8 -> colour(bgr, to, row[4 * x], row[4 * x + 1], row[4 * x + 2]);
      case RGBA8 -> colour(bgr, to, row[4 * x + 2], row[4 * x + 1], row[4 * x]);
      case MONO8 -> colour(bgr, to, row[x], row[x], row[x]);
      case UYVY -> luma(bgr, to, row[2 * x + 1], row[2 * pair], row[2 * pair + 2]);
      case YUYV -> luma(bgr, to, row[2 * x], row[2 * pair + 1], row[2 * pair + 3]);
      case NV12 -> luma(bgr, to, row[x], chroma[pair], chroma[pair + 1]);
    }
  }

  private static void colour(byte[] bgr, int to, byte blue, byte green, byte red) {
    bgr[to] = blue;
    bgr[to + 1] = green;
    bgr[to + 2] = red;
  }

  /** ITU-R BT.601, 16..235, as cameras have it. */
  private static void luma(byte[] bgr, int to, byte y, byte u, byte v) {
    float l = 1.164f * ((y & 0xFF) - 16);
    int cb = (u & 0xFF) - 128;
    int cr = (v & 0xFF) - 128;
    colour(
        bgr,
        to,
        (byte) Math.clamp(Math.round(l + 2.017f * cb), 0, 255),
        (byte) Math.clamp(Math.round(l - 0.392f * cb - 0.813f * cr), 0, 255),
        (byte) Math.clamp(Math.round(l + 1.596f * cr), 0, 255));
  }

  private void copyPoints(FrameView view, Pose baseFromLidar) {
    double[] r = baseFromLidar.rotation();
    MemorySegment sweep = view.payload();
    int count = view.byteLength() / SensorInlets.POINT_BYTES;
    int step = Math.max(1, (count + MOST_POINTS - 1) / MOST_POINTS);
    ByteBuffer out = ByteBuffer.wrap(points).order(ByteOrder.LITTLE_ENDIAN);
    for (int i = 0; i < count; i += step) {
      long at = (long) i * SensorInlets.POINT_BYTES;
      double lx = sweep.get(F32, at);
      double ly = sweep.get(F32, at + 4);
      double lz = sweep.get(F32, at + 8);
      double x = r[0] * lx + r[1] * ly + r[2] * lz + baseFromLidar.x();
      double y = r[3] * lx + r[4] * ly + r[5] * lz + baseFromLidar.y();
      double z = r[6] * lx + r[7] * ly + r[8] * lz + baseFromLidar.z();
      if (Math.abs(x) < FARTHEST_M && Math.abs(y) < ASIDE_M && z > LOWEST_M && z < HIGHEST_M) {
        out.putShort((short) Math.round(100 * x))
            .putShort((short) Math.round(100 * y))
            .putShort((short) Math.round(100 * z));
        pointCount++;
      }
    }
  }

  /** A camera's picture as JPEG; empty when this moment is without it. */
  byte[] jpeg(int camera) {
    return there[camera]
        ? jpeg.encode(pictures[camera], widths[camera], heights[camera])
        : new byte[0];
  }

  /** Points in base_link: x, y, z as int16 little-endian, centimetres; only the first count. */
  byte[] points() {
    return points;
  }

  int pointCount() {
    return pointCount;
  }
}
