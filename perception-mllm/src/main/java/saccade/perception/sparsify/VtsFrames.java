package saccade.perception.sparsify;

import java.lang.foreign.ValueLayout;
import java.util.Arrays;
import saccade.kernels.image.PatchSpec;
import saccade.perception.model.ModelPackage.CameraInput;

/**
 * Hot path. VTS frame proposal: each camera's picture of a set is a key frame, or it is skipped.
 * The card's proposal network is replaced by what it looks for: how much the picture changed since
 * the key frame, on a coarse grid. After so many sets there is a key frame anyway.
 */
public final class VtsFrames extends FrameProposal {
  /** Most sets from key frame to key frame where nothing else is said; the window is longer. */
  public static final int SETS = 3;

  /**
   * Mean change of a cell that makes a key frame, in units of a normalised pixel (0.25 of 0..1).
   */
  public static final float CHANGE = 0.16f;

  private final PatchSpec spec;
  private final int tokenRows;
  private final int tokenCols;
  private final int ahead;
  private final int elsewhere;
  private final float[][] key; // (cameras) x (tokens) mean of a cell in the key frame
  private final float[] now; // (tokens)

  /**
   * Proposes frames for another sparsifier.
   *
   * @param ahead most sets from key frame to key frame of a camera that looks ahead
   * @param elsewhere the same for the others
   * @param holds whether the key frame's tokens are given again
   */
  public VtsFrames(CameraInput camera, int ahead, int elsewhere, boolean holds, Sparsifier inner) {
    super(camera.count(), holds, inner);
    this.spec = camera.patchSpec();
    this.tokenRows = camera.tokenRows();
    this.tokenCols = camera.tokenCols();
    this.ahead = ahead;
    this.elsewhere = elsewhere;
    this.key = new float[camera.count()][camera.tokens()];
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
    if (same && age(camera) < (camera < LOOKING_AHEAD ? ahead : elsewhere)) {
      return skip();
    }
    System.arraycopy(now, 0, key[camera], 0, now.length);
    return key(sight);
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

  @Override
  public String name() {
    return name("vts", ahead, elsewhere);
  }
}
