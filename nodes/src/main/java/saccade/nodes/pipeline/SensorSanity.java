package saccade.nodes.pipeline;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import saccade.nodes.sensor.SensorInlets;

/**
 * Hot path, control thread. Whether what a sensor sends can be what it sees. A driver that sends
 * its last picture for ever, with new stamps, is worse than one that sends nothing: nobody knows
 * that it is stale. Looks at {@value #SAMPLES} places of a frame; allocates only when a verdict
 * changes.
 *
 * <pre>
 *   frozen      the same bytes in {@value #SAME_FRAMES} frames in a row while the vehicle moves: real sensors have noise
 *   blank       a picture of one grey level
 *   empty       a sweep without a point: no return from anywhere is no free road
 *   not finite  most points of a sweep are no numbers
 * </pre>
 */
final class SensorSanity {
  /** What is wrong. */
  enum Verdict {
    GOOD(""),
    FROZEN("frozen"),
    BLANK("blank"),
    EMPTY("empty"),
    NOT_FINITE("not finite");

    final String word;

    Verdict(String word) {
      this.word = word;
    }
  }

  private static final int SAMPLES = 509;
  private static final int SAME_FRAMES = 3;
  private static final double MOVING_MPS = 1;
  private static final int LEAST_BYTES = 4096; // a smaller frame says too little to be judged
  private static final int GREY_LEVELS = 2;
  private static final ValueLayout.OfFloat F32 = ValueLayout.JAVA_FLOAT_UNALIGNED;

  private final List<String> names;
  private final int cameras;
  private final long[] lastHash; // (sensors)
  private final int[] sameInRow; // (sensors)
  private final Verdict[] verdicts; // (sensors)
  private long distrusted; // bit i = sensor i
  private String line = "";
  private List<String> badNames = List.of();

  SensorSanity(List<String> names, int cameras) {
    this.names = List.copyOf(names);
    this.cameras = cameras;
    this.lastHash = new long[names.size()];
    this.sameInRow = new int[names.size()];
    this.verdicts = new Verdict[names.size()];
    Arrays.fill(verdicts, Verdict.GOOD);
  }

  /**
   * Looks at a frame.
   *
   * @param payload picture, or points of 16 bytes
   * @param bytes of it that count
   * @param speedMps of the vehicle
   */
  Verdict look(int sensor, MemorySegment payload, int bytes, double speedMps) {
    boolean camera = sensor < cameras;
    Verdict found = Verdict.GOOD;
    if (!camera && bytes < SensorInlets.POINT_BYTES) {
      found = Verdict.EMPTY;
    } else if (!camera && mostlyNotFinite(payload, bytes)) {
      found = Verdict.NOT_FINITE;
    } else if (bytes >= LEAST_BYTES) {
      found = sample(sensor, camera, payload, bytes, speedMps);
    }
    if (found != verdicts[sensor]) {
      enter(sensor, found);
    }
    return found;
  }

  private Verdict sample(
      int sensor, boolean camera, MemorySegment payload, int bytes, double speedMps) {
    int stride = Math.max(1, bytes / SAMPLES | 1); // odd: all channels have their turn
    long hash = bytes;
    int least = 255;
    int most = 0;
    for (int at = 0; at < bytes; at += stride) {
      int value = payload.get(ValueLayout.JAVA_BYTE, at) & 0xff;
      hash = hash * 1_000_003 + value;
      least = Math.min(least, value);
      most = Math.max(most, value);
    }
    sameInRow[sensor] = hash == lastHash[sensor] ? sameInRow[sensor] + 1 : 1;
    lastHash[sensor] = hash;
    if (camera && most - least <= GREY_LEVELS) {
      return Verdict.BLANK;
    }
    boolean was = verdicts[sensor] == Verdict.FROZEN; // standing still is no proof of health
    return sameInRow[sensor] >= SAME_FRAMES && (was || speedMps > MOVING_MPS)
        ? Verdict.FROZEN
        : Verdict.GOOD;
  }

  private static boolean mostlyNotFinite(MemorySegment points, int bytes) {
    int count = bytes / SensorInlets.POINT_BYTES;
    int step = Math.max(1, count / SAMPLES);
    int looked = 0;
    int broken = 0;
    for (int i = 0; i < count; i += step) {
      long at = (long) i * SensorInlets.POINT_BYTES;
      looked++;
      float sum = points.get(F32, at) + points.get(F32, at + 4) + points.get(F32, at + 8);
      broken += Float.isFinite(sum) ? 0 : 1;
    }
    return broken * 2 > looked;
  }

  private void enter(int sensor, Verdict verdict) {
    verdicts[sensor] = verdict;
    distrusted = 0;
    List<String> words = new ArrayList<>();
    List<String> bad = new ArrayList<>();
    for (int i = 0; i < verdicts.length; i++) {
      if (verdicts[i] != Verdict.GOOD) {
        distrusted |= 1L << i;
        bad.add(names.get(i));
        words.add(names.get(i) + " " + verdicts[i].word);
      }
    }
    badNames = List.copyOf(bad);
    line = String.join(", ", words);
  }

  /** Bit i: what sensor i sends is not used. */
  long distrusted() {
    return distrusted;
  }

  /** Their names. */
  List<String> distrustedNames() {
    return badNames;
  }

  /** In words; empty when all is well. */
  String line() {
    return line;
  }
}
