package saccade.perception.sparsify;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import saccade.kernels.attention.RotaryTable;
import saccade.perception.model.ModelPackage;

/**
 * Hot path. What a pruner may look at between two slices of the decoder: the rows of a set, where
 * each comes from, their states, and the attention inside the last layer that ran, computed here
 * from its queries and keys for the few rows that are asked for. Attention to sets before is left
 * out, so that of a row sums to 1 over this set. One a stream, filled anew.
 */
public final class DecoderRows {
  private final int hidden;
  private final int heads;
  private final int kvHeads;
  private final int headDim;
  private final int firstText; // slot
  private final int prompt; // slot
  private final int lidar; // slot; those below belong to cameras
  private final RotaryTable rotary; // by slot: only differences matter
  private final float[] keys; // (rows, kvHeads, headDim) turned
  private final float[] query; // (headDim) turned
  private final float[] logits; // (rows)

  private MemorySegment states = MemorySegment.NULL;
  private MemorySegment queries = MemorySegment.NULL;
  private MemorySegment rawKeys = MemorySegment.NULL;
  private int[] slots = new int[0];
  private boolean[] guarded = new boolean[0];
  private int count;
  private boolean keysRead;

  /**
   * Memory for a model's rows.
   *
   * @param mostRows of a set
   */
  public DecoderRows(ModelPackage model, int mostRows) {
    ModelPackage.DecoderShape d = model.decoder();
    this.hidden = d.hidden();
    this.headDim = d.headDim();
    this.heads = d.hidden() / d.headDim();
    this.kvHeads = d.kvHeads();
    this.firstText = model.slots().firstText();
    this.prompt = model.slots().act();
    this.lidar = model.slots().lidar();
    this.rotary = new RotaryTable(model.positions().stride(), headDim, d.ropeTheta());
    this.keys = new float[mostRows * kvHeads * headDim];
    this.query = new float[headDim];
    this.logits = new float[mostRows];
  }

  /**
   * Shows the rows between two slices.
   *
   * @param slots (count) slot of each row, ascending
   * @param guarded (count) rows that are never dropped
   * @param states (count, hidden) float32 after the last slice
   * @param queries (count, heads x headDim) float32 of its last layer, before rotation; {@link
   *     MemorySegment#NULL} where they are not put out
   * @param keys (count, kvHeads x headDim) likewise
   */
  public void show(
      int count,
      int[] slots,
      boolean[] guarded,
      MemorySegment states,
      MemorySegment queries,
      MemorySegment keys) {
    this.count = count;
    this.slots = slots;
    this.guarded = guarded;
    this.states = states;
    this.queries = queries;
    this.rawKeys = keys;
    this.keysRead = false;
  }

  /** Rows of the set: sensors, then text. */
  public int count() {
    return count;
  }

  /** Whether a row is a token of a camera. */
  public boolean isVisual(int row) {
    return slots[row] < lidar;
  }

  /** Whether a row is text: the action prompt, or a drafted token behind it. */
  public boolean isText(int row) {
    return slots[row] >= firstText;
  }

  /** Whether a row must stay. */
  public boolean isGuarded(int row) {
    return guarded[row];
  }

  /** Row of the action prompt, -1 when there is none. */
  public int promptRow() {
    for (int row = count - 1; row >= 0; row--) {
      if (slots[row] == prompt) {
        return row;
      }
    }
    return -1;
  }

  /** Cosine of the states of two rows. */
  public float cosine(int a, int b) {
    double ab = 0;
    double aa = 0;
    double bb = 0;
    for (int d = 0; d < hidden; d++) {
      float x = state(a, d);
      float y = state(b, d);
      ab += x * y;
      aa += x * x;
      bb += y * y;
    }
    return aa == 0 || bb == 0 ? 0 : (float) (ab / Math.sqrt(aa * bb));
  }

  private float state(int row, int d) {
    return states.getAtIndex(ValueLayout.JAVA_FLOAT, (long) row * hidden + d);
  }

  /** Adds a share of one row's state to another's. */
  public void addState(int from, float by, int to) {
    for (int d = 0; d < hidden; d++) {
      states.setAtIndex(
          ValueLayout.JAVA_FLOAT, (long) to * hidden + d, state(to, d) + by * state(from, d));
    }
  }

  /** Multiplies a row's state. */
  public void scaleState(int row, float by) {
    for (int d = 0; d < hidden; d++) {
      states.setAtIndex(ValueLayout.JAVA_FLOAT, (long) row * hidden + d, state(row, d) * by);
    }
  }

  /**
   * Adds how much one row looks at each row up to itself, mean over heads; sums to 1.
   *
   * @param out (rows) added to
   */
  public void addAttention(int from, float[] out) {
    if (!keysRead) {
      for (int row = 0; row < count; row++) {
        for (int head = 0; head < kvHeads; head++) {
          turn(rawKeys, row, head, kvHeads, keys, (row * kvHeads + head) * headDim);
        }
      }
      keysRead = true;
    }
    float scale = (float) (1 / Math.sqrt(headDim));
    for (int head = 0; head < heads; head++) {
      turn(queries, from, head, heads, query, 0);
      int kvHead = head * kvHeads / heads;
      float most = Float.NEGATIVE_INFINITY;
      for (int row = 0; row <= from; row++) {
        logits[row] = scale * Rows.dot(query, 0, keys, (row * kvHeads + kvHead) * headDim, headDim);
        most = Math.max(most, logits[row]);
      }
      float sum = 0;
      for (int row = 0; row <= from; row++) {
        logits[row] = (float) Math.exp(logits[row] - most);
        sum += logits[row];
      }
      for (int row = 0; row <= from; row++) {
        out[row] += logits[row] / (sum * heads);
      }
    }
  }

  /** Turns a head's vector by the position of its row (rotary embedding, halves). */
  private void turn(MemorySegment raw, int row, int head, int headsOfRow, float[] to, int at) {
    long from = ((long) row * headsOfRow + head) * headDim;
    int half = headDim / 2;
    int position = slots[row];
    for (int i = 0; i < half; i++) {
      float x = raw.getAtIndex(ValueLayout.JAVA_FLOAT, from + i);
      float y = raw.getAtIndex(ValueLayout.JAVA_FLOAT, from + i + half);
      float cos = rotary.cos(position, i);
      float sin = rotary.sin(position, i);
      to[at + i] = x * cos - y * sin;
      to[at + i + half] = y * cos + x * sin;
    }
  }
}
