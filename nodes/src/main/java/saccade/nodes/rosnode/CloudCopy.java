package saccade.nodes.rosnode;

import static java.lang.foreign.ValueLayout.JAVA_BYTE;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteOrder;
import org.jspecify.annotations.Nullable;
import saccade.nodes.cdr.PointCloud2View;
import saccade.nodes.sensor.SensorInlets;

/**
 * Copies the points of a sensor_msgs/PointCloud2 of any layout into a slot of float32 x, y, z,
 * intensity: fields at any offset and of any datatype, rows with gaps, either byte order. Points
 * that are not finite, or lie at the origin (drivers' mark of no return), are left out; a cloud
 * larger than the slot is thinned evenly. Hot path: allocates nothing. One thread.
 */
final class CloudCopy {
  private static final ValueLayout.OfFloat F32 =
      ValueLayout.JAVA_FLOAT_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);
  private static final ValueLayout.OfShort I16 =
      ValueLayout.JAVA_SHORT_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);
  private static final ValueLayout.OfInt I32 =
      ValueLayout.JAVA_INT_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);
  private static final ValueLayout.OfLong I64 =
      ValueLayout.JAVA_LONG_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);
  private static final String[] INTENSITY = {"intensity", "i", "reflectivity", "intensities"};

  private final float intensityScale;
  private long leftOut;
  private int thinnedBy = 1;

  /**
   * @param intensityMax the value that means 1
   */
  CloudCopy(double intensityMax) {
    this.intensityScale = (float) (1 / intensityMax);
  }

  /** Points left out of the last cloud: not finite, or no return. */
  long leftOut() {
    return leftOut;
  }

  /** Every how-manieth point of the last cloud was taken. */
  int thinnedBy() {
    return thinnedBy;
  }

  /** Why a cloud cannot be read, one line; null when it can. Allocates only then. */
  static @Nullable String fault(PointCloud2View view) {
    if (!view.sizesAgree()) {
      return "point_step %d x width %d = %d, row_step %d, height %d, data of %d bytes: wanted a row_step of at least point_step x width, and row_step x height = data"
          .formatted(
              view.pointStep(),
              view.width(),
              (long) view.pointStep() * view.width(),
              view.rowStep(),
              view.height(),
              view.dataBytes());
    }
    for (int axis = 0; axis < 3; axis++) {
      String name = axis == 0 ? "x" : axis == 1 ? "y" : "z";
      int field = view.field(name);
      if (field < 0) {
        return "fields " + fields(view) + ": wanted x, y and z, found no " + name;
      }
      if (!view.fieldFits(field)) {
        return "field %s of datatype %d at offset %s does not fit a point_step of %d"
            .formatted(
                name,
                view.fieldType(field),
                Integer.toUnsignedString(view.fieldOffset(field)),
                view.pointStep());
      }
    }
    return null;
  }

  private static String fields(PointCloud2View view) {
    StringBuilder names = new StringBuilder();
    for (int i = 0; i < view.fields(); i++) {
      names.append(i == 0 ? "" : ", ").append(view.fieldName(i));
    }
    return names.toString();
  }

  /**
   * Copies a cloud that has no fault.
   *
   * @return points in the slot
   */
  int copy(PointCloud2View view, MemorySegment slot) {
    int x = view.field("x");
    int y = view.field("y");
    int z = view.field("z");
    int intensity = -1;
    for (int i = 0; i < INTENSITY.length && intensity < 0; i++) {
      intensity = view.field(INTENSITY[i]);
    }
    if (intensity >= 0 && !view.fieldFits(intensity)) {
      intensity = -1;
    }
    int capacity = (int) Math.min(Integer.MAX_VALUE, slot.byteSize() / SensorInlets.POINT_BYTES);
    long points = (long) view.width() * view.height();
    thinnedBy = (int) Math.max(1, (points + capacity - 1) / Math.max(1, capacity));
    leftOut = 0;
    MemorySegment data = view.payload();
    int written = 0;
    boolean plain =
        !view.bigEndianPoints()
            && view.fieldType(x) == 7
            && view.fieldType(y) == 7
            && view.fieldType(z) == 7
            && (intensity < 0 || view.fieldType(intensity) == 7);
    int xAt = view.fieldOffset(x);
    int yAt = view.fieldOffset(y);
    int zAt = view.fieldOffset(z);
    int iAt = intensity < 0 ? -1 : view.fieldOffset(intensity);
    boolean big = view.bigEndianPoints();
    long index = 0;
    for (int row = 0; row < view.height(); row++) {
      long at = view.dataOffset() + (long) row * view.rowStep();
      for (int column = 0; column < view.width(); column++, at += view.pointStep(), index++) {
        if (thinnedBy > 1 && index % thinnedBy != 0) {
          continue;
        }
        float px;
        float py;
        float pz;
        float pi;
        if (plain) {
          px = data.get(F32, at + xAt);
          py = data.get(F32, at + yAt);
          pz = data.get(F32, at + zAt);
          pi = iAt < 0 ? 0 : data.get(F32, at + iAt);
        } else {
          px = value(data, at + xAt, view.fieldType(x), big);
          py = value(data, at + yAt, view.fieldType(y), big);
          pz = value(data, at + zAt, view.fieldType(z), big);
          pi = iAt < 0 ? 0 : value(data, at + iAt, view.fieldType(intensity), big);
        }
        // One test for all three: what is not finite makes the sum so.
        if (!Float.isFinite(px + py + pz) || px == 0 && py == 0 && pz == 0) {
          leftOut++;
          continue;
        }
        long to = (long) written * SensorInlets.POINT_BYTES;
        slot.set(F32, to, px);
        slot.set(F32, to + 4, py);
        slot.set(F32, to + 8, pz);
        slot.set(F32, to + 12, Float.isFinite(pi) ? pi * intensityScale : 0f);
        written++;
      }
    }
    return written;
  }

  private static float value(MemorySegment data, long at, int type, boolean big) {
    return switch (type) {
      case 1 -> data.get(JAVA_BYTE, at);
      case 2 -> data.get(JAVA_BYTE, at) & 0xff;
      case 3 -> int16(data, at, big);
      case 4 -> int16(data, at, big) & 0xffff;
      case 5 -> int32(data, at, big);
      case 6 -> int32(data, at, big) & 0xffff_ffffL;
      case 7 -> Float.intBitsToFloat(int32(data, at, big));
      default -> (float) Double.longBitsToDouble(int64(data, at, big));
    };
  }

  private static short int16(MemorySegment data, long at, boolean big) {
    short value = data.get(I16, at);
    return big ? Short.reverseBytes(value) : value;
  }

  private static int int32(MemorySegment data, long at, boolean big) {
    int value = data.get(I32, at);
    return big ? Integer.reverseBytes(value) : value;
  }

  private static long int64(MemorySegment data, long at, boolean big) {
    long value = data.get(I64, at);
    return big ? Long.reverseBytes(value) : value;
  }
}
