package saccade.nodes.dashboard;

import java.awt.image.BufferedImage;
import java.awt.image.DataBufferByte;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import javax.imageio.IIOImage;
import javax.imageio.ImageIO;
import javax.imageio.ImageWriteParam;
import javax.imageio.ImageWriter;
import javax.imageio.stream.MemoryCacheImageOutputStream;
import org.jspecify.annotations.Nullable;
import saccade.kernels.geometry.LidarModel;
import saccade.kernels.geometry.Pose;
import saccade.kernels.geometry.Rig;
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

  private static final float JPEG_QUALITY = 0.75f;
  private static final double FARTHEST_M = 62;
  private static final double ASIDE_M = 45;
  private static final double LOWEST_M = -1;
  private static final double HIGHEST_M = 4;
  private static final ValueLayout.OfFloat F32 =
      ValueLayout.JAVA_FLOAT_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);

  private final Rig rig;
  private final ImageWriter jpeg = ImageIO.getImageWritersByFormatName("jpeg").next();
  private final @Nullable BufferedImage[] pictures; // (cameras)
  private final boolean[] there; // (cameras) in this moment
  private final byte[] points = new byte[6 * MOST_POINTS]; // x, y, z int16 LE, centimetres
  private byte[] row = new byte[0]; // one row of a wide picture
  private int pointCount;

  Pictures(Rig rig) {
    this.rig = rig;
    this.pictures = new BufferedImage[rig.cameras().size()];
    this.there = new boolean[pictures.length];
    ImageIO.setUseCache(false);
  }

  /** Copies; after it the moment's leases may go back. */
  void copy(Moment moment) {
    for (int i = 0; i < pictures.length; i++) {
      FrameView view = moment.view(i);
      there[i] = view.isHeld() && view.width() > 0 && view.height() > 0;
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

  private void copyPicture(int camera, FrameView view) {
    int step = (view.width() + WIDEST_PX - 1) / WIDEST_PX;
    int width = view.width() / step;
    int height = view.height() / step;
    BufferedImage picture = pictures[camera];
    if (picture == null || picture.getWidth() != width || picture.getHeight() != height) {
      picture = new BufferedImage(width, height, BufferedImage.TYPE_3BYTE_BGR);
      pictures[camera] = picture;
    }
    byte[] bgr = ((DataBufferByte) picture.getRaster().getDataBuffer()).getData();
    MemorySegment payload = view.payload();
    if (step == 1) {
      MemorySegment.copy(payload, ValueLayout.JAVA_BYTE, 0, bgr, 0, bgr.length);
    } else {
      thin(payload, view.width(), step, width, height, bgr);
    }
    if (view.format() != SensorInlets.BGR8) {
      for (int i = 0; i + 2 < bgr.length; i += 3) {
        byte red = bgr[i];
        bgr[i] = bgr[i + 2];
        bgr[i + 2] = red;
      }
    }
  }

  /** Every step-th pixel of every step-th row. */
  private void thin(
      MemorySegment payload, int fullWidth, int step, int width, int height, byte[] out) {
    if (row.length < 3 * fullWidth) {
      row = new byte[3 * fullWidth];
    }
    int to = 0;
    for (int y = 0; y < height; y++) {
      long from = 3L * fullWidth * y * step;
      MemorySegment.copy(payload, ValueLayout.JAVA_BYTE, from, row, 0, 3 * fullWidth);
      for (int x = 0; x < width; x++) {
        int at = 3 * x * step;
        out[to++] = row[at];
        out[to++] = row[at + 1];
        out[to++] = row[at + 2];
      }
    }
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
    BufferedImage picture = pictures[camera];
    if (picture == null || !there[camera]) {
      return new byte[0];
    }
    ByteArrayOutputStream bytes = new ByteArrayOutputStream(1 << 16);
    try (MemoryCacheImageOutputStream out = new MemoryCacheImageOutputStream(bytes)) {
      ImageWriteParam quality = jpeg.getDefaultWriteParam();
      quality.setCompressionMode(ImageWriteParam.MODE_EXPLICIT);
      quality.setCompressionQuality(JPEG_QUALITY);
      jpeg.setOutput(out);
      jpeg.write(null, new IIOImage(picture, null, null), quality);
    } catch (IOException e) {
      return new byte[0]; // the page says that there is no picture
    }
    return bytes.toByteArray();
  }

  /** Points in base_link: x, y, z as int16 little-endian, centimetres; only the first count. */
  byte[] points() {
    return points;
  }

  int pointCount() {
    return pointCount;
  }
}
