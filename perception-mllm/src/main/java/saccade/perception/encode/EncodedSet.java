package saccade.perception.encode;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.Arrays;
import saccade.perception.model.ModelPackage;
import saccade.perception.model.ModelPackage.CameraInput;

/**
 * For measuring. Encoder features of one set that several sessions of the same model and rig share:
 * the first one that encodes a sensor leaves its features here, the others copy them. Whoever owns
 * it calls {@link #next} before each set. One thread.
 */
public final class EncodedSet implements AutoCloseable {
  private final Arena arena = Arena.ofConfined();
  private final MemorySegment[] patches; // (places) x (patches, patchFloats)
  private final MemorySegment[] tokens; // (places) x (tokens, hidden)
  private final MemorySegment[] attention; // (places); empty until an encoder puts it out
  private final boolean[] encoded; // (places)
  private final boolean[] attended; // (places) attention is this set's
  private final MemorySegment lidar; // (tokens, hidden)
  private boolean lidarEncoded;
  private int lidarNotFinite;

  /** Memory for every place of a model. */
  public EncodedSet(ModelPackage model) {
    CameraInput input = model.camera();
    int places = input.count();
    patches = new MemorySegment[places];
    tokens = new MemorySegment[places];
    attention = new MemorySegment[places];
    encoded = new boolean[places];
    attended = new boolean[places];
    long hiddenBytes = (long) model.decoder().hidden() * Float.BYTES;
    for (int i = 0; i < places; i++) {
      patches[i] = arena.allocate(input.patchSpec().patchesBytes(), 64);
      tokens[i] = arena.allocate(input.tokens() * hiddenBytes, 64);
      attention[i] = MemorySegment.NULL;
    }
    lidar = arena.allocate(model.lidar().tokens() * hiddenBytes, 64);
  }

  /** Forgets the features: another set comes. */
  public void next() {
    Arrays.fill(encoded, false);
    Arrays.fill(attended, false);
    lidarEncoded = false;
  }

  boolean has(int place, boolean withAttention) {
    return encoded[place] && (!withAttention || attended[place]);
  }

  void put(int place, MemorySegment fromPatches, MemorySegment fromTokens, MemorySegment scores) {
    patches[place].copyFrom(fromPatches);
    tokens[place].copyFrom(fromTokens);
    encoded[place] = true;
    if (scores.byteSize() > 0) {
      if (attention[place].byteSize() == 0) {
        attention[place] = arena.allocate(scores.byteSize(), 64);
      }
      attention[place].copyFrom(scores);
      attended[place] = true;
    }
  }

  void patchesInto(int place, MemorySegment to) {
    to.copyFrom(patches[place]);
  }

  void tokensInto(int place, MemorySegment to, MemorySegment scores) {
    to.copyFrom(tokens[place]);
    if (scores.byteSize() > 0) {
      scores.copyFrom(attention[place]);
    }
  }

  void putLidar(MemorySegment fromTokens, int notFinite) {
    lidar.copyFrom(fromTokens);
    lidarNotFinite = notFinite;
    lidarEncoded = true;
  }

  /** Copies the LiDAR's features; -1 when there are none, else its points that were not finite. */
  int lidarInto(MemorySegment to) {
    if (!lidarEncoded) {
      return -1;
    }
    to.copyFrom(lidar);
    return lidarNotFinite;
  }

  @Override
  public void close() {
    arena.close();
  }
}
