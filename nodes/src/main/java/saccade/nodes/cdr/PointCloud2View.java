package saccade.nodes.cdr;

import java.lang.foreign.MemorySegment;

/** sensor_msgs/PointCloud2 read where it lies. */
public final class PointCloud2View extends MessageView {
  /** Most fields a cloud may have. */
  public static final int MAX_FIELDS = 64;

  /** Bytes of the datatypes 1..8 of sensor_msgs/PointField; 0 for what is none. */
  private static final byte[] TYPE_BYTES = {0, 1, 1, 2, 2, 4, 4, 4, 8};

  private final long[] nameAt = new long[MAX_FIELDS];
  private final int[] nameBytes = new int[MAX_FIELDS];
  private final int[] offsets = new int[MAX_FIELDS];
  private final int[] types = new int[MAX_FIELDS];
  private final int[] counts = new int[MAX_FIELDS];
  private int fields;
  private int height;
  private int width;
  private int pointStep;
  private int rowStep;
  private boolean bigEndianPoints;
  private boolean dense;

  public PointCloud2View() {
    super("sensor_msgs/msg/PointCloud2");
  }

  /**
   * Looks at a payload of {@code bytes} bytes, encapsulation header included; the view then shows
   * this message.
   *
   * @return false when it is none, has more than {@value #MAX_FIELDS} fields, or a size of 2^31 or
   *     more; see {@link #fault()}
   */
  public boolean wrap(MemorySegment payload, long bytes) {
    fields = 0;
    if (!begin(payload, bytes)) {
      return false;
    }
    height = int32();
    width = int32();
    int count = int32();
    if (Integer.compareUnsigned(count, MAX_FIELDS) > 0) {
      return lacks("at most 64 fields", Integer.toUnsignedLong(count));
    }
    for (int i = 0; i < count && ok(); i++) {
      nameBytes[i] = string();
      nameAt[i] = textAt;
      offsets[i] = int32();
      types[i] = uint8();
      counts[i] = int32();
    }
    bigEndianPoints = uint8() != 0;
    pointStep = int32();
    rowStep = int32();
    if ((height | width | pointStep | rowStep) < 0) {
      return lacks(
          "height, width, point_step and row_step below 2^31",
          Math.min(Math.min(height, width), Math.min(pointStep, rowStep)));
    }
    data();
    dense = uint8() != 0;
    fields = ok() ? count : 0;
    return ok();
  }

  /** Rows; 1 when the cloud is not organised. */
  public int height() {
    return height;
  }

  /** Points a row. */
  public int width() {
    return width;
  }

  /** Bytes from one point to the next. */
  public int pointStep() {
    return pointStep;
  }

  /** Bytes from one row to the next. */
  public int rowStep() {
    return rowStep;
  }

  /** Whether the points' numbers have the high byte first. */
  public boolean bigEndianPoints() {
    return bigEndianPoints;
  }

  /** Whether all points are finite, by the sender's word. */
  public boolean dense() {
    return dense;
  }

  /** Number of fields. */
  public int fields() {
    return fields;
  }

  /** Index of the field with this ASCII name, -1 without one; allocates nothing. */
  public int field(String ascii) {
    for (int i = 0; i < fields; i++) {
      if (textIs(ascii, nameAt[i], nameBytes[i])) {
        return i;
      }
    }
    return -1;
  }

  public String fieldName(int field) {
    return text(nameAt[field], nameBytes[field]);
  }

  /** Bytes from the start of a point to the field; the bits of a uint32. */
  public int fieldOffset(int field) {
    return offsets[field];
  }

  /** Datatype of sensor_msgs/PointField. */
  public int fieldType(int field) {
    return types[field];
  }

  /** Elements of the field; the bits of a uint32. */
  public int fieldCount(int field) {
    return counts[field];
  }

  /**
   * Whether rows and points lie within the data: row_step × height bytes, a point after another in
   * each row.
   */
  public boolean sizesAgree() {
    return (long) rowStep * height == dataBytes && (long) width * pointStep <= rowStep;
  }

  /**
   * Whether the field has a known datatype and lies within a point; a count of 0 is read as 1, as
   * many drivers mean.
   */
  public boolean fieldFits(int field) {
    int type = types[field];
    if (type < 1 || type >= TYPE_BYTES.length) {
      return false;
    }
    long count = Math.max(1, Integer.toUnsignedLong(counts[field]));
    return Integer.toUnsignedLong(offsets[field]) + count * TYPE_BYTES[type] <= pointStep;
  }

  /**
   * Copies the points without what lies between rows.
   *
   * @param target memory with room for height × width × point_step bytes from {@code targetOffset}
   *     on; only after {@link #sizesAgree}
   */
  public void copyPoints(MemorySegment target, long targetOffset) {
    long row = (long) width * pointStep;
    copyRows(height, rowStep, row, target, targetOffset, row);
  }
}
