package saccade.perception.sparsify;

import java.lang.foreign.ValueLayout;
import java.util.Arrays;
import saccade.kernels.image.PatchSpec;
import saccade.perception.model.ModelPackage.CameraInput;

/**
 * Hot path. VTS frame proposal: each camera's picture of a set is a key frame, or it is skipped and
 * not encoded: the tokens of its last key frame are still in the window. The card's proposal
 * network is replaced by what it looks for: how much the picture changed since the key frame, on a
 * coarse grid. A camera is skipped at most {@link #MOST_SKIPPED} sets in a row, so that its key
 * frame never leaves the window, and tokens of key frames are chosen by another sparsifier.
 */
public final class VtsFrames implements Sparsifier {
  /** Sets in a row without a camera. The window of the model is longer. */
  public static final int MOST_SKIPPED = 2;

  /**
   * Mean change of a cell that makes a key frame, in units of a normalised pixel (0.25 of 0..1).
   */
  public static final float CHANGE = 0.16f;

  private final Sparsifier inner;
  private final PatchSpec spec;
  private final int tokenRows;
  private final int tokenCols;
  private final float[][] key; // (cameras) x (tokens) mean of a cell in the key frame
  private final boolean[] hasKey; // (cameras)
  private final int[] age; // (cameras) sets since the key frame
  private final float[] now; // (tokens)
  private long skipped;

  /** Proposes frames for another sparsifier. */
  public VtsFrames(CameraInput camera, Sparsifier inner) {
    this.inner = inner;
    this.spec = camera.patchSpec();
    this.tokenRows = camera.tokenRows();
    this.tokenCols = camera.tokenCols();
    this.key = new float[camera.count()][camera.tokens()];
    this.hasKey = new boolean[camera.count()];
    this.age = new int[camera.count()];
    this.now = new float[camera.tokens()];
  }

  @Override
  public boolean encodes(CameraSight sight) {
    int camera = sight.camera();
    readCells(sight);
    float change = 0;
    for (int t = 0; t < now.length; t++) {
      change += Math.abs(now[t] - key[camera][t]) / now.length;
    }
    boolean same = change < CHANGE; // false for NaN
    if (hasKey[camera] && same && age[camera] < MOST_SKIPPED) {
      age[camera]++;
      skipped++;
      return false;
    }
    System.arraycopy(now, 0, key[camera], 0, now.length);
    hasKey[camera] = true;
    age[camera] = 0;
    return inner.encodes(sight);
  }

  /** Mean of the first pixel of each patch of a cell: a small copy of the picture. */
  private void readCells(CameraSight sight) {
    Arrays.fill(now, 0);
    int down = spec.patchRows() / tokenRows;
    int across = spec.patchCols() / tokenCols;
    for (int patch = 0; patch < spec.patchRows() * spec.patchCols(); patch++) {
      int row = patch / spec.patchCols() / down;
      int col = patch % spec.patchCols() / across;
      long at = (long) patch * spec.patchFloats();
      for (int channel = 0; channel < 3; channel++) {
        now[row * tokenCols + col] +=
            sight.patches().getAtIndex(ValueLayout.JAVA_FLOAT_UNALIGNED, at + channel);
      }
    }
    for (int t = 0; t < now.length; t++) {
      now[t] /= 3 * down * across;
    }
  }

  /** Pictures that were skipped since construction. */
  public long skipped() {
    return skipped;
  }

  @Override
  public int select(CameraSight sight, int most, boolean[] keep) {
    return inner.select(sight, most, keep);
  }

  @Override
  public int most(int camera, int tokens) {
    return inner.most(camera, tokens);
  }

  @Override
  public boolean needsAttention() {
    return inner.needsAttention();
  }

  @Override
  public long degraded() {
    return inner.degraded();
  }

  @Override
  public void forget() {
    Arrays.fill(hasKey, false);
    inner.forget();
  }

  @Override
  public String name() {
    return "vts+" + inner.name();
  }
}
