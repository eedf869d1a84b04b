package saccade.perception.sparsify;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.Arrays;

/**
 * Hot path. What a sparsifier may look at of one camera's picture, and may rewrite: its normalised
 * pixels, its tokens, the attention between them inside the encoder, and where the vehicle is
 * heading. One a camera and stream, filled anew for each set. What costs time is read when it is
 * first asked for.
 */
public final class CameraSight {
  private final int camera;
  private final int tokens;
  private final int cols;
  private final int dim;
  private final int cells; // of the encoder's attention
  private final int[] tokenOf; // (cells) token that a cell belongs to
  private final int cellsPerToken;
  private final float[] features; // (tokens, dim)
  private final MemorySegment rows; // over features
  private final float[] attention; // (tokens, tokens)
  private final float[] received; // (tokens)
  private final boolean[] nothingGuarded; // (tokens)

  private MemorySegment patches = MemorySegment.NULL;
  private MemorySegment encoded = MemorySegment.NULL;
  private MemorySegment cellAttention = MemorySegment.NULL;
  private boolean[] guarded;
  private double curvature1pm;
  private boolean featuresRead;
  private boolean attentionRead;
  private boolean rewritten;

  /**
   * Memory for one camera.
   *
   * @param camera place in the model
   * @param tokenRows rows of its token grid
   * @param tokenCols columns
   * @param cellsAlong cells of the encoder's attention along each axis of a token
   * @param dim floats of a token
   */
  public CameraSight(int camera, int tokenRows, int tokenCols, int cellsAlong, int dim) {
    this.camera = camera;
    this.tokens = tokenRows * tokenCols;
    this.cols = tokenCols;
    this.dim = dim;
    this.cellsPerToken = cellsAlong * cellsAlong;
    this.cells = tokens * cellsPerToken;
    this.tokenOf = new int[cells];
    int cellCols = tokenCols * cellsAlong;
    for (int cell = 0; cell < cells; cell++) {
      tokenOf[cell] =
          cell / cellCols / cellsAlong * tokenCols + cell % cellCols / cellsAlong; // row-major both
    }
    this.features = new float[tokens * dim];
    this.rows = MemorySegment.ofArray(features);
    this.attention = new float[tokens * tokens];
    this.received = new float[tokens];
    this.nothingGuarded = new boolean[tokens];
    this.guarded = nothingGuarded;
  }

  /**
   * Shows a set's picture.
   *
   * @param patches normalised pixels, float32 (patches, patchFloats)
   * @param encoded tokens, float32 (tokens, dim); only read
   * @param attention of the encoder's last attention, float32 (heads, cells, cells), rows = who
   *     looks; {@link MemorySegment#NULL} where it is not put out
   * @param guarded (tokens) never dropped; of another length: none
   * @param curvature1pm of the path, 1/m, left positive
   */
  public void show(
      MemorySegment patches,
      MemorySegment encoded,
      MemorySegment attention,
      boolean[] guarded,
      double curvature1pm) {
    this.patches = patches;
    this.encoded = encoded;
    this.cellAttention = attention;
    this.guarded = guarded.length == tokens ? guarded : nothingGuarded;
    this.curvature1pm = curvature1pm;
    this.featuresRead = false;
    this.attentionRead = false;
    this.rewritten = false;
  }

  /** Place of the camera in the model. */
  public int camera() {
    return camera;
  }

  public int tokens() {
    return tokens;
  }

  /** Columns of the token grid. */
  public int cols() {
    return cols;
  }

  /** Floats of a token. */
  public int dim() {
    return dim;
  }

  public MemorySegment patches() {
    return patches;
  }

  /** (tokens) never dropped. */
  public boolean[] guarded() {
    return guarded;
  }

  public double curvature1pm() {
    return curvature1pm;
  }

  /** (tokens, dim) tokens of the picture; a compress stage may change those that stay. */
  public float[] features() {
    if (!featuresRead) {
      MemorySegment.copy(encoded, ValueLayout.JAVA_FLOAT, 0, features, 0, features.length);
      featuresRead = true;
    }
    return features;
  }

  /** Whether the encoder's attention is there. */
  public boolean hasAttention() {
    return cellAttention.byteSize() > 0;
  }

  /**
   * (tokens, tokens) how much each token (row) looks at each other one; mean over heads and over
   * the cells of the looking token. Rows sum to 1.
   */
  public float[] attention() {
    if (!attentionRead) {
      readAttention();
    }
    return attention;
  }

  /** (tokens) attention received: mean over who looks. Sums to 1. */
  public float[] received() {
    if (!attentionRead) {
      readAttention();
    }
    return received;
  }

  /** Says that {@link #features} of tokens that stay were changed. */
  public void rewrite() {
    rewritten = true;
  }

  /** What goes to the decoder, float32 (tokens, dim): the encoder's tokens, or those rewritten. */
  public MemorySegment rows() {
    return rewritten ? rows : encoded;
  }

  private void readAttention() {
    long square = (long) cells * cells;
    int heads = (int) (cellAttention.byteSize() / Float.BYTES / square);
    Arrays.fill(attention, 0);
    for (int head = 0; head < heads; head++) {
      for (int from = 0; from < cells; from++) {
        long row = head * square + (long) from * cells;
        int base = tokenOf[from] * tokens;
        for (int to = 0; to < cells; to++) {
          attention[base + tokenOf[to]] +=
              cellAttention.getAtIndex(ValueLayout.JAVA_FLOAT, row + to);
        }
      }
    }
    float scale = 1f / Math.max(1, heads * cellsPerToken);
    Arrays.fill(received, 0);
    for (int i = 0; i < attention.length; i++) {
      attention[i] *= scale;
      received[i % tokens] += attention[i] / tokens;
    }
    attentionRead = true;
  }
}
