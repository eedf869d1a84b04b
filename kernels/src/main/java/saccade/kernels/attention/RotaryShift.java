package saccade.kernels.attention;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import saccade.kernels.Lanes;

/**
 * Hot path. Turns cached keys to other positions, without the model.
 *
 * <p>A cached key already carries the rotation of its position p. Rotations of the same pair add
 * up, so turning it by delta gives exactly the key at p + delta. Pairs are half-split (i, i +
 * headDim / 2), as in com.microsoft GroupQueryAttention with rotary_interleaved 0. The plain and
 * the vector twin give equal bits. Holds scratch memory: one instance a thread. PLAIN calls
 * allocate nothing.
 */
public final class RotaryShift {
  private static final ValueLayout.OfFloat F32 = ValueLayout.JAVA_FLOAT_UNALIGNED;
  private static final int CHUNK_ROWS = 16;

  private final RotaryTable table;
  private final KvShape shape;
  private final Lanes lanes;
  private final float[] cos; // (headDim / 2)
  private final float[] sin; // (headDim / 2)
  private final float[] rows; // (CHUNK_ROWS, headDim)

  /** As the full constructor with {@link Lanes#PLAIN}. */
  public RotaryShift(RotaryTable table, KvShape shape) {
    this(table, shape, Lanes.PLAIN);
  }

  /**
   * Prepares shifts of keys of one shape.
   *
   * @throws IllegalArgumentException when table and shape disagree about headDim
   * @throws IllegalStateException when this JVM cannot run the asked lanes
   */
  public RotaryShift(RotaryTable table, KvShape shape, Lanes lanes) {
    if (table.headDim() != shape.headDim()) {
      throw new IllegalArgumentException(
          "rotary shift: wanted a table of headDim "
              + shape.headDim()
              + " as in the cache, found "
              + table.headDim());
    }
    this.table = table;
    this.shape = shape;
    this.lanes = lanes.require();
    this.cos = new float[shape.headDim() / 2];
    this.sin = new float[shape.headDim() / 2];
    this.rows = new float[CHUNK_ROWS * shape.headDim()];
  }

  /**
   * Turns rows of every head by delta positions.
   *
   * @param keys f32 keys in the shape given to the constructor; changed in place
   * @param fromRow first row
   * @param count rows, 0 allowed
   * @param delta positions to add, may be negative; |delta| &lt; table.maxPositions()
   * @throws IllegalArgumentException when rows, keys or delta do not fit
   */
  public void rotate(MemorySegment keys, int fromRow, int count, int delta) {
    shape.requireCache(keys.byteSize());
    shape.requireRows(fromRow, count);
    table.turn(delta, cos, sin);
    if (delta == 0) {
      return;
    }
    int dim = shape.headDim();
    for (int head = 0; head < shape.kvHeads(); head++) {
      for (int done = 0; done < count; done += CHUNK_ROWS) {
        int n = Math.min(CHUNK_ROWS, count - done);
        long offset = shape.offsetBytes(head, fromRow + done);
        MemorySegment.copy(keys, F32, offset, rows, 0, n * dim);
        switch (lanes) {
          case PLAIN -> PlainTurn.rows(rows, n, dim, cos, sin);
          case VECTOR -> VectorTurn.rows(rows, n, dim, cos, sin);
        }
        MemorySegment.copy(rows, 0, keys, F32, offset, n * dim);
      }
    }
  }
}
