package saccade.perception.kv;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import saccade.kernels.attention.KvShape;

/**
 * Hot path. Rows of keys or values as bytes, with a range for each head and channel over the rows
 * packed together (CalibQuant's form at 8 bit, whose ranges are not clipped): code = round((x - lo)
 * / (hi - lo) x 255). A quarter of the bytes; an error of at most half a step, (hi - lo) / 510.
 */
public final class Int8Rows {
  private static final ValueLayout.OfFloat F32 = ValueLayout.JAVA_FLOAT_UNALIGNED;
  private static final int STEPS = 255;

  private final KvShape shape;
  private final byte[] codes; // (kvHeads, most, headDim)
  private final float[] low; // (kvHeads, headDim)
  private final float[] step; // (kvHeads, headDim)
  private final float[] row; // (headDim) scratch
  private final int most;
  private int count;

  /**
   * Room for rows of one layer's keys or values.
   *
   * @param most most rows
   */
  public Int8Rows(KvShape shape, int most) {
    if (most < 1 || most > shape.capacity()) {
      throw new IllegalArgumentException(
          "int8 rows: wanted 1..%d rows, found %d".formatted(shape.capacity(), most));
    }
    this.shape = shape;
    this.most = most;
    this.codes = new byte[shape.kvHeads() * most * shape.headDim()];
    this.low = new float[shape.kvHeads() * shape.headDim()];
    this.step = new float[shape.kvHeads() * shape.headDim()];
    this.row = new float[shape.headDim()];
  }

  /**
   * Packs neighbouring rows of every head; what was packed before is overwritten.
   *
   * @param cache float32 (kvHeads, capacity, headDim)
   * @return false when a number is not finite; nothing is packed then
   */
  public boolean pack(MemorySegment cache, int fromRow, int rows) {
    if (rows < 0 || rows > most || fromRow < 0 || fromRow + rows > shape.capacity()) {
      throw new IllegalArgumentException(
          "int8 rows: wanted at most %d rows within 0..%d, found %d from %d"
              .formatted(most, shape.capacity(), rows, fromRow));
    }
    count = 0;
    int dim = shape.headDim();
    for (int head = 0; head < shape.kvHeads(); head++) {
      for (int d = 0; d < dim; d++) {
        low[head * dim + d] = Float.POSITIVE_INFINITY;
        step[head * dim + d] = Float.NEGATIVE_INFINITY; // the highest, until all are seen
      }
      for (int r = 0; r < rows; r++) {
        MemorySegment.copy(cache, F32, shape.offsetBytes(head, fromRow + r), row, 0, dim);
        for (int d = 0; d < dim; d++) {
          if (!Float.isFinite(row[d])) {
            return false;
          }
          low[head * dim + d] = Math.min(low[head * dim + d], row[d]);
          step[head * dim + d] = Math.max(step[head * dim + d], row[d]);
        }
      }
      for (int d = 0; d < dim; d++) {
        int at = head * dim + d;
        step[at] = (step[at] - low[at]) / STEPS;
      }
      for (int r = 0; r < rows; r++) {
        MemorySegment.copy(cache, F32, shape.offsetBytes(head, fromRow + r), row, 0, dim);
        for (int d = 0; d < dim; d++) {
          int at = head * dim + d;
          int code = step[at] > 0 ? Math.round((row[d] - low[at]) / step[at]) : 0;
          codes[(head * most + r) * dim + d] = (byte) (Math.clamp(code, 0, STEPS) - 128);
        }
      }
    }
    count = rows;
    return true;
  }

  /** Writes the packed rows back, to the same or to other rows. */
  public void unpack(MemorySegment cache, int toRow) {
    int dim = shape.headDim();
    for (int head = 0; head < shape.kvHeads(); head++) {
      for (int r = 0; r < count; r++) {
        for (int d = 0; d < dim; d++) {
          int at = head * dim + d;
          row[d] = low[at] + step[at] * (codes[(head * most + r) * dim + d] + 128);
        }
        MemorySegment.copy(row, 0, cache, F32, shape.offsetBytes(head, toRow + r), dim);
      }
    }
  }

  /** Rows packed. */
  public int count() {
    return count;
  }

  /** Bytes of so many rows of one layer's keys or values, ranges included. */
  public static long bytes(KvShape shape, int rows) {
    return (long) shape.kvHeads() * shape.headDim() * (rows + 2L * Float.BYTES);
  }
}
