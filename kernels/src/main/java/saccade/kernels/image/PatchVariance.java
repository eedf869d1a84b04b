package saccade.kernels.image;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.Arrays;

/**
 * Hot path. Pixel variance of each visual token, as a score of how much there is to see.
 *
 * <p>A token covers a rectangle of patches. Its score is the population variance of the normalised
 * pixel values of a channel, averaged over R, G and B. Holds scratch memory: one instance a thread.
 * A call allocates nothing.
 */
public final class PatchVariance {
  private static final ValueLayout.OfFloat F32 = ValueLayout.JAVA_FLOAT_UNALIGNED;
  private static final int CHANNELS = PixelFormat.CHANNELS;

  private final PatchSpec spec;
  private final int tokenRows;
  private final int tokenCols;
  private final int patchesDown; // patches of a token along y
  private final int runFloats; // floats of one row of a token's patches, contiguous
  private final float[] run; // (runFloats)
  private final float[] sum; // (patchFloats) over the patches of a token, per place in a patch
  private final float[] squares; // (patchFloats)

  /**
   * Prepares scores for one patch grid.
   *
   * @param spec the patches' picture
   * @param tokenRows rows of tokens over the picture, a divisor of the patch rows
   * @param tokenCols columns of tokens over the picture, a divisor of the patch columns
   * @throws IllegalArgumentException when the tokens do not divide the patch grid
   */
  public PatchVariance(PatchSpec spec, int tokenRows, int tokenCols) {
    if (tokenRows <= 0
        || tokenCols <= 0
        || spec.patchRows() % tokenRows != 0
        || spec.patchCols() % tokenCols != 0) {
      throw new IllegalArgumentException(
          "patch variance: wanted tokens that divide the patch grid "
              + spec.patchRows()
              + "x"
              + spec.patchCols()
              + ", found "
              + tokenRows
              + "x"
              + tokenCols);
    }
    this.spec = spec;
    this.tokenRows = tokenRows;
    this.tokenCols = tokenCols;
    this.patchesDown = spec.patchRows() / tokenRows;
    this.runFloats = spec.patchCols() / tokenCols * spec.patchFloats();
    this.run = new float[runFloats];
    this.sum = new float[spec.patchFloats()];
    this.squares = new float[spec.patchFloats()];
  }

  /** Tokens, tokenRows * tokenCols. */
  public int tokens() {
    return tokenRows * tokenCols;
  }

  /**
   * Scores the tokens of one picture.
   *
   * @param patches f32 [patchRows * patchCols, patchFloats] as {@link ResizePatchify} writes them;
   *     only read, during the call
   * @param scores receives one variance a token (&gt;= 0), row-major; at least tokens() entries
   * @throws IllegalArgumentException when patches or scores is too small
   */
  public void scores(MemorySegment patches, float[] scores) {
    if (patches.byteSize() < spec.patchesBytes()) {
      throw new IllegalArgumentException(
          "patch variance: wanted patches of >= "
              + spec.patchesBytes()
              + " B, found "
              + patches.byteSize()
              + " B");
    }
    if (scores.length < tokens()) {
      throw new IllegalArgumentException(
          "patch variance: wanted room for " + tokens() + " scores, found " + scores.length);
    }
    for (int row = 0; row < tokenRows; row++) {
      for (int col = 0; col < tokenCols; col++) {
        scores[row * tokenCols + col] = score(patches, row, col);
      }
    }
  }

  private float score(MemorySegment patches, int tokenRow, int tokenCol) {
    Arrays.fill(sum, 0f);
    Arrays.fill(squares, 0f);
    for (int down = 0; down < patchesDown; down++) {
      long runIndex = (long) (tokenRow * patchesDown + down) * tokenCols + tokenCol;
      MemorySegment.copy(patches, F32, runIndex * runFloats * Float.BYTES, run, 0, runFloats);
      addRun();
    }
    double pixels = (double) patchesDown * runFloats / CHANNELS;
    double variance = 0;
    for (int c = 0; c < CHANNELS; c++) {
      double s = 0;
      double q = 0;
      for (int i = c; i < sum.length; i += CHANNELS) {
        s += sum[i];
        q += squares[i];
      }
      double mean = s / pixels;
      variance += Math.max(0, q / pixels - mean * mean);
    }
    return (float) (variance / CHANNELS);
  }

  private void addRun() {
    int patch = sum.length;
    for (int p = 0; p < runFloats; p += patch) {
      for (int i = 0; i < patch; i++) {
        float v = run[p + i];
        sum[i] += v;
        squares[i] += v * v;
      }
    }
  }
}
