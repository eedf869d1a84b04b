package saccade.sim.truth;

import java.util.Arrays;
import saccade.sim.world.Box;
import saccade.sim.world.Scene;

/**
 * Sight by counting rendered pixels: an object is seen from 8 pixels on, a lit lamp from one.
 * Reused frame by frame.
 */
public final class PixelSight implements Sight {
  private static final int SEEN_PIXELS = 8;

  private int[] any = new int[64];
  private int[] wide = new int[64];
  private int[] lamp = new int[64];
  private int[] perBox = new int[256];

  public PixelSight() {}

  /** Forgets the last frame. */
  public void clear() {
    Arrays.fill(any, 0);
    Arrays.fill(wide, 0);
    Arrays.fill(lamp, 0);
  }

  /**
   * Counts one camera's picture.
   *
   * @param boxIndex per pixel the index of the box of the scene, negative for sky and ground
   * @param isWide whether this is the wide camera
   */
  public void add(Scene scene, short[] boxIndex, boolean isWide) {
    int boxes = scene.boxes.size();
    if (perBox.length < boxes) {
      perBox = new int[boxes * 2];
    }
    Arrays.fill(perBox, 0);
    for (short index : boxIndex) {
      if (index >= 0) {
        perBox[index]++;
      }
    }
    for (int i = 0; i < boxes; i++) {
      Box box = scene.boxes.get(i);
      int id = box.objectId();
      if (id < 0 || perBox[i] == 0) {
        continue;
      }
      if (id >= any.length) {
        any = Arrays.copyOf(any, id * 2);
        wide = Arrays.copyOf(wide, id * 2);
        lamp = Arrays.copyOf(lamp, id * 2);
      }
      any[id] += perBox[i];
      if (isWide) {
        wide[id] += perBox[i];
      }
      if (box.emissive()
          && (box.kind() == Box.Kind.LIGHT_RED || box.kind() == Box.Kind.LIGHT_GREEN)) {
        lamp[id] += perBox[i];
      }
    }
  }

  @Override
  public boolean any(int objectId) {
    return objectId < any.length && any[objectId] >= SEEN_PIXELS;
  }

  @Override
  public boolean wide(int objectId) {
    return objectId < wide.length && wide[objectId] >= SEEN_PIXELS;
  }

  @Override
  public boolean lamp(int objectId) {
    return objectId >= 0 && objectId < lamp.length && lamp[objectId] >= 1;
  }
}
