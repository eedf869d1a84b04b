package saccade.kernels.lidar;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteOrder;

/**
 * A LiDAR sweep in memory: points one after another, little endian, in the LiDAR frame, as in
 * KITTI.
 *
 * <pre>
 * 0        4        8        12         16 bytes
 * | x f32  | y f32  | z f32  | intensity |    metres; intensity 0..1
 * </pre>
 */
public final class PointLayout {
  /** Bytes of one point. */
  public static final int POINT_BYTES = 16;

  static final int POINT_FLOATS = 4;
  static final int CHUNK_POINTS = 256;
  static final ValueLayout.OfFloat F32_LE =
      ValueLayout.JAVA_FLOAT_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);
  static final ValueLayout.OfFloat F32 = ValueLayout.JAVA_FLOAT_UNALIGNED;

  private PointLayout() {}

  /**
   * Points that a segment holds.
   *
   * @throws IllegalArgumentException when its size is not a multiple of 16 bytes
   */
  public static int pointCount(MemorySegment points) {
    if (points.byteSize() % POINT_BYTES != 0) {
      throw new IllegalArgumentException(
          "LiDAR sweep: wanted a multiple of "
              + POINT_BYTES
              + " B (x, y, z, intensity as f32), found "
              + points.byteSize()
              + " B (truncated sweep?)");
    }
    return Math.toIntExact(points.byteSize() / POINT_BYTES);
  }

  static void requirePoints(MemorySegment points, int count) {
    if (count < 0 || points.byteSize() < (long) count * POINT_BYTES) {
      throw new IllegalArgumentException(
          "LiDAR sweep: wanted "
              + count
              + " points of "
              + POINT_BYTES
              + " B, found room for "
              + points.byteSize() / POINT_BYTES);
    }
  }

  static void requireFloats(String name, MemorySegment out, int floats) {
    if (out.byteSize() < (long) floats * Float.BYTES) {
      throw new IllegalArgumentException(
          name + ": wanted >= " + floats + " f32, found " + out.byteSize() / Float.BYTES);
    }
  }
}
