package saccade.realtime.deadline;

import saccade.realtime.schedule.LatencyModel;

/**
 * What a set is made of, as slice kinds of a {@link LatencyModel}, so that the cost of doing less
 * can be predicted. Knows no sensor and no model, only how many tokens each gives. The arrays are
 * not to be changed.
 *
 * <pre>
 *   encode of each sensor | assemble | layers, block by block, up to the exit | action, whole | text, whole
 * </pre>
 *
 * @param encodeKinds (sensors) slice kind of its encoder
 * @param fullTokens (sensors) tokens it gives at full level
 * @param leastTokens (sensors) tokens it gives at the coarsest; as many as full: never thinned
 * @param essential (sensors) whether it stays at level ESSENTIAL
 * @param assembleKind slice kind of what comes between sensors and layers
 * @param ownTokens tokens beside the sensors'
 * @param layerKinds (blocks) slice kind of each block of layers
 * @param layers (blocks) layers in each
 * @param mayDecide (blocks) whether the action may be decided after it; true for the last
 * @param actionKind kind under which the action tokens of a set are booked together
 * @param textKind likewise for the text
 * @param facts most facts a text has; 0 = there is none
 * @param briefFacts facts of a brief text
 */
public record WorkShape(
    int[] encodeKinds,
    int[] fullTokens,
    int[] leastTokens,
    boolean[] essential,
    int assembleKind,
    int ownTokens,
    int[] layerKinds,
    int[] layers,
    boolean[] mayDecide,
    int actionKind,
    int textKind,
    int facts,
    int briefFacts) {

  /** Layers to size of work. */
  public static final int SIZE_PER_LAYER = 8;

  /** Size of work of a text of all facts through all layers; see {@link #textSize}. */
  public static final int SIZE_OF_TEXT = 576;

  public WorkShape {
    int sensors = encodeKinds.length;
    if (fullTokens.length != sensors
        || leastTokens.length != sensors
        || essential.length != sensors
        || sensors > Long.SIZE) {
      throw new IllegalArgumentException(
          "expected tokens and essential for each of at most 64 sensors, found "
              + sensors
              + " sensors");
    }
    int blocks = layerKinds.length;
    if (blocks == 0
        || layers.length != blocks
        || mayDecide.length != blocks
        || !mayDecide[blocks - 1]) {
      throw new IllegalArgumentException(
          "expected one block of layers or more, the last of which may decide, found " + blocks);
    }
    for (int count : layers) {
      if (count < 1) {
        throw new IllegalArgumentException(
            "expected one layer or more in each block, found " + count);
      }
    }
    if (briefFacts < 0 || briefFacts > facts) {
      throw new IllegalArgumentException(
          "expected 0 to " + facts + " brief facts, found " + briefFacts);
    }
  }

  /** Number of sensors. */
  public int sensors() {
    return encodeKinds.length;
  }

  /**
   * Set-up. Tells a model which kinds do the same work: the encoders of sensors that can be thinned
   * (which is done behind the encoder), and the blocks, each by its layers. What is left out of
   * them is then judged by what is run.
   */
  void tellAlike(LatencyModel model) {
    int first = -1; // sensor that can be thinned
    for (int i = 0; i < sensors(); i++) {
      if (leastTokens[i] < fullTokens[i]) {
        first = first < 0 ? i : first;
        model.alike(encodeKinds[i], encodeKinds[first], 1);
      }
    }
    for (int block = 1; block < layers.length; block++) {
      model.alike(layerKinds[block], layerKinds[0], (double) layers[block] / layers[0]);
    }
  }

  /** The last block of layers. */
  public int deepest() {
    return layerKinds.length - 1;
  }

  /** The earliest block after which the action may be decided. */
  public int earliest() {
    int block = 0;
    while (!mayDecide[block]) {
      block++;
    }
    return block;
  }

  /** Block after which the action is decided at a sight. */
  public int exit(Sight sight) {
    return sight.early() ? earliest() : deepest();
  }

  /**
   * Tokens of each sensor at a sight. Where {@link Sight#EYES} would leave no sensor it is as
   * {@link Sight#LEAST}.
   *
   * @param present bit i = sensor i is in the set
   * @param into (sensors) filled; 0 = left out
   */
  public void tokens(Sight sight, long present, int[] into) {
    boolean eyes = false;
    for (int i = 0; sight.onlyThinnable() && i < into.length; i++) {
      eyes |= (present >>> i & 1) == 1 && essential[i] && leastTokens[i] < fullTokens[i];
    }
    for (int i = 0; i < into.length; i++) {
      boolean in =
          (present >>> i & 1) == 1
              && (!sight.onlyEssential() || essential[i])
              && (!eyes || leastTokens[i] < fullTokens[i]);
      into[i] =
          !in
              ? 0
              : fullTokens[i] - (fullTokens[i] - leastTokens[i]) * sight.thinning() / Sight.STEPS;
    }
  }

  /** Layers up to and with a block. */
  public int layersUpTo(int exit) {
    int sum = 0;
    for (int block = 0; block <= exit; block++) {
      sum += layers[block];
    }
    return sum;
  }

  /**
   * Predicts a set; what is not known yet counts as nothing. Spreads of slices are added as if they
   * did not depend on each other.
   *
   * @param tokens (sensors) tokens of each, 0 = left out
   * @param exit block after which the action is decided
   * @param into gets p50 and p99, ns
   */
  public void toAction(LatencyModel model, int[] tokens, int exit, Sum into) {
    into.clear();
    int all = ownTokens;
    for (int i = 0; i < encodeKinds.length; i++) {
      if (tokens[i] > 0) {
        into.add(model, encodeKinds[i], 0);
        all += tokens[i];
      }
    }
    into.add(model, assembleKind, 0);
    for (int block = 0; block <= exit; block++) {
      into.add(model, layerKinds[block], all);
    }
    into.add(model, actionKind, layersUpTo(exit) * SIZE_PER_LAYER);
  }

  /** The block up to which there are so many layers; the deepest where none is. */
  public int exitAt(int wantedLayers) {
    int exit = 0;
    while (exit < deepest() && layersUpTo(exit) != wantedLayers) {
      exit++;
    }
    return exit;
  }

  /**
   * A text as an amount of work: each of its facts runs through the layers up to the exit that
   * decided the action, so a text of an early exit is another size than one of the deepest.
   *
   * @param wanted facts of the text
   * @param exit block after which it is decided
   */
  public int textSize(int wanted, int exit) {
    long whole = (long) Math.max(1, facts) * layersUpTo(deepest());
    return (int) ((long) SIZE_OF_TEXT * wanted * layersUpTo(exit) / whole);
  }

  /** Time that a text of so many facts at an exit takes, p50, ns; 0 while unknown. */
  public long textNs(LatencyModel model, int wanted, int exit) {
    return wanted == 0 ? 0 : model.p50Ns(textKind, textSize(wanted, exit));
  }

  /** Adds up slices: medians as they are, spreads by their squares. */
  public static final class Sum {
    private long p50Ns;
    private double spread;

    /** Nothing yet. */
    public Sum() {}

    void clear() {
      p50Ns = 0;
      spread = 0;
    }

    void add(LatencyModel model, int kind, int size) {
      long p50 = model.p50Ns(kind, size);
      double apart = model.p99Ns(kind, size) - p50;
      p50Ns += p50;
      spread += apart * apart;
    }

    /** Median expected, ns. */
    public long p50Ns() {
      return p50Ns;
    }

    /** What 99 of 100 stay within, ns. */
    public long p99Ns() {
      return p50Ns + Math.round(Math.sqrt(spread));
    }
  }
}
