package saccade.perception;

import java.util.Arrays;

/**
 * What a set may cost at most, for the next {@link PerceptionSession#begin} and all after it until
 * it is changed. Belongs to the session's caller, on the session's thread; made once, filled anew.
 */
public final class SetLimits {
  /** No limit of its own: what the session's options say. */
  public static final int ALL = Integer.MAX_VALUE;

  final int[] tokens; // (cameras of the rig) most tokens kept; 0 = the camera is left out
  boolean lidar = true;
  int exit = ALL;
  int facts = ALL;

  /** No limits, for a rig with so many cameras. */
  public SetLimits(int cameras) {
    tokens = new int[cameras];
    clear();
  }

  /** Takes every limit back. */
  public void clear() {
    Arrays.fill(tokens, ALL);
    lidar = true;
    exit = ALL;
    facts = ALL;
  }

  /**
   * Most tokens of a camera; 0 leaves it out, and it is not encoded. Protected tokens are kept all
   * the same.
   */
  public void tokens(int camera, int most) {
    tokens[camera] = Math.max(0, most);
  }

  /** Whether the LiDAR is used. */
  public void lidar(boolean used) {
    lidar = used;
  }

  /**
   * Deepest slice of layers; when its exit may not decide the action, the next deeper one that may.
   */
  public void exit(int slice) {
    exit = Math.max(0, slice);
  }

  /** Most facts of the sentence, in the grammar's order; 0 = no sentence. */
  public void facts(int most) {
    facts = Math.max(0, most);
  }
}
