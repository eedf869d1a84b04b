package saccade.perception.kv;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.Arrays;
import saccade.kernels.select.TopK;
import saccade.perception.model.ModelPackage;
import saccade.perception.model.ModelPackage.CameraInput;

/**
 * Hot path. Which tokens of a camera need not go through the decoder again, because their pixels
 * are those of the set before and nobody asks for them (VLA-Cache, Xu et al. 2025):
 *
 * <pre>
 *   static = best {@code mostStatic} of the tokens with cosine(pixels now, pixels before) >= threshold
 *   asked  = best {@code mostAsked} by the attention of the last prompt
 *   reuse  = the first share of (static without asked), most alike first
 * </pre>
 *
 * <p>The share follows how sharply the prompt looked: 1 - evenness of its attention, whose rises
 * count by 0.55. The paper gives each layer its own; here it is one for all, because a token that
 * was not run below has no state to go on with above. Pixels are compared where they are: on a
 * moving vehicle only the sky and what drives along with it stand still. One instance a stream.
 */
public final class VlaCache {
  private static final double RISE = 0.55;

  private final VlaSettings settings;
  private final int tokens;
  private final int tokenCols;
  private final int patchesAcross; // of the picture
  private final int patchRows; // of a token
  private final int patchCols; // of a token
  private final int patchFloats;
  private final float[]
      offset; // (patchFloats) mean of its channel over std: raw = (x + offset) std
  private final float[][] before; // (cameras, patches x patchFloats)
  private final boolean[] seen; // (cameras) before holds a picture
  private final float[] now; // (patches x patchFloats)
  private final float[] alike; // (tokens)
  private final float[] relevance; // (stride)
  private final int[] picks; // (tokens)
  private final boolean[] asked; // (tokens)
  private double share;

  /** Nothing seen yet. */
  public VlaCache(ModelPackage model, VlaSettings settings) {
    CameraInput camera = model.camera();
    this.settings = settings;
    this.tokens = camera.tokens();
    this.tokenCols = camera.tokenCols();
    this.patchesAcross = camera.widthPx() / camera.patchPx();
    this.patchRows = camera.heightPx() / camera.patchPx() / camera.tokenRows();
    this.patchCols = patchesAcross / camera.tokenCols();
    this.patchFloats = 3 * camera.patchPx() * camera.patchPx();
    this.offset = new float[patchFloats];
    for (int i = 0; i < patchFloats; i++) {
      int channel = i % 3;
      offset[i] = (float) (camera.mean()[channel] / camera.std()[channel]);
    }
    this.before = new float[camera.count()][camera.patches() * patchFloats];
    this.seen = new boolean[camera.count()];
    this.now = new float[camera.patches() * patchFloats];
    this.alike = new float[tokens];
    this.relevance = new float[model.positions().stride()];
    this.picks = new int[tokens];
    this.asked = new boolean[tokens];
    forget();
  }

  /** Forgets earlier pictures. */
  public void forget() {
    Arrays.fill(seen, false);
    Arrays.fill(relevance, 0);
    share = 0;
  }

  /**
   * A set ended: where its prompt looked decides about the next.
   *
   * @param cache whose policy measures attention
   * @param slice whose attention counts
   */
  public void look(KvCache cache, int slice) {
    look(cache.attentionBySlot(slice, relevance));
  }

  /** How evenly the prompt looked, 0..1; NaN: it is not known, and nothing is reused. */
  void look(double evenness) {
    share = Double.isNaN(evenness) ? 0 : smooth(share, 1 - evenness);
  }

  /** The next share: rises count by 0.55, falls at once. */
  static double smooth(double share, double found) {
    return found > share ? share + RISE * (found - share) : found;
  }

  /** Share of the tokens that may be reused which are, 0..1. */
  public double share() {
    return share;
  }

  /**
   * Chooses the tokens of a camera, and keeps its picture for the next set.
   *
   * @param camera place in the model
   * @param patches normalised picture, float32 (patches, patchFloats)
   * @param firstSlot slot of the camera's first token
   * @param reuse (tokens) written: true = its rows may be taken over
   * @return how many
   */
  public int select(int camera, MemorySegment patches, int firstSlot, boolean[] reuse) {
    Arrays.fill(reuse, false);
    MemorySegment.copy(patches, ValueLayout.JAVA_FLOAT, 0, now, 0, now.length);
    float[] last = before[camera];
    int count = 0;
    if (seen[camera]) {
      for (int t = 0; t < tokens; t++) {
        alike[t] = cosine(last, t);
        asked[t] = false;
      }
      count = choose(firstSlot, reuse);
    }
    System.arraycopy(now, 0, last, 0, now.length);
    seen[camera] = true;
    return count;
  }

  private int choose(int firstSlot, boolean[] reuse) {
    // The asked ones first: their relevance is looked at in place, slot by slot.
    for (int n = 0; n < Math.min(settings.mostAsked(), tokens); n++) {
      int best = -1;
      for (int t = 0; t < tokens; t++) {
        if (!asked[t]
            && relevance[firstSlot + t] > 0
            && (best < 0 || relevance[firstSlot + t] > relevance[firstSlot + best])) {
          best = t;
        }
      }
      if (best < 0) {
        break;
      }
      asked[best] = true;
    }
    int statics = 0;
    for (int t = 0; t < tokens; t++) {
      boolean still = alike[t] >= settings.threshold(); // false for NaN
      alike[t] = still ? alike[t] : Float.NEGATIVE_INFINITY;
      statics += still ? 1 : 0;
    }
    int chosen = TopK.ascending(alike, tokens, Math.min(settings.mostStatic(), statics), picks);
    int free = 0;
    for (int t = 0; t < tokens; t++) {
      boolean candidate = Arrays.binarySearch(picks, 0, chosen, t) >= 0 && !asked[t];
      alike[t] = candidate ? alike[t] : Float.NEGATIVE_INFINITY;
      free += candidate ? 1 : 0;
    }
    int count = TopK.ascending(alike, tokens, (int) Math.floor(share * free), picks);
    for (int i = 0; i < count; i++) {
      reuse[picks[i]] = true;
    }
    return count;
  }

  /** Of a token's pixels now and before, on a scale from black. */
  private float cosine(float[] last, int token) {
    double both = 0;
    double a2 = 0;
    double b2 = 0;
    int top = token / tokenCols * patchRows;
    int left = token % tokenCols * patchCols;
    for (int r = 0; r < patchRows; r++) {
      int at = ((top + r) * patchesAcross + left) * patchFloats;
      for (int i = 0; i < patchCols * patchFloats; i++) {
        float shift = offset[i % patchFloats];
        float a = now[at + i] + shift;
        float b = last[at + i] + shift;
        both += a * b;
        a2 += a * a;
        b2 += b * b;
      }
    }
    return a2 > 0 && b2 > 0 ? (float) (both / Math.sqrt(a2 * b2)) : a2 == b2 ? 1 : 0;
  }
}
