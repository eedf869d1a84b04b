package saccade.nodes.play;

import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import saccade.nodes.cli.BadInput;

/**
 * A calibration file of KITTI raw: one {@code key: numbers} a line. Only what is asked for is read
 * as numbers.
 *
 * <p>Source: A. Geiger et al., "Vision meets Robotics: The KITTI Dataset", IJRR 2013, and the
 * development kit's readme.
 */
final class KittiCalibration {
  private static final int MAX_BYTES = 1 << 16;
  private static final int MAX_LINES = 256;
  private static final double LARGEST = 1e7;

  private final String where;
  private final Map<String, String> values = new HashMap<>();

  private KittiCalibration(String where) {
    this.where = where;
  }

  /**
   * @throws BadInput when the file is missing, too long or no calibration file
   */
  static KittiCalibration read(Path file) {
    return parse(file.toString(), Lines.bytes(file, MAX_BYTES));
  }

  static KittiCalibration parse(String where, byte[] text) {
    KittiCalibration calibration = new KittiCalibration(where);
    List<String> lines = Lines.of(where, text, MAX_LINES);
    for (int i = 0; i < lines.size(); i++) {
      String line = lines.get(i);
      if (line.isBlank()) {
        continue;
      }
      int colon = line.indexOf(':');
      if (colon < 1) {
        throw new BadInput(
            where + " line " + (i + 1) + ": expected 'key: numbers', found " + Lines.shown(line));
      }
      String key = line.substring(0, colon).strip();
      if (calibration.values.put(key, line.substring(colon + 1).strip()) != null) {
        throw new BadInput(where + " line " + (i + 1) + ": expected key " + key + " once");
      }
    }
    return calibration;
  }

  /**
   * The numbers of a key.
   *
   * @throws BadInput when it is missing, has another number of values or one that is no number
   */
  double[] numbers(String key, int count) {
    String text = values.get(key);
    if (text == null) {
      throw new BadInput(
          where + ": expected key " + key + " with " + count + " numbers, found no such key");
    }
    String[] words = text.isEmpty() ? new String[0] : text.split("\\s+");
    if (words.length != count) {
      throw new BadInput(
          where + ": " + key + ": expected " + count + " numbers, found " + words.length);
    }
    double[] numbers = new double[count];
    for (int i = 0; i < count; i++) {
      numbers[i] = number(key, i, words[i]);
    }
    return numbers;
  }

  private double number(String key, int index, String word) {
    double value;
    try {
      value = Double.parseDouble(word);
    } catch (NumberFormatException e) {
      value = Double.NaN;
    }
    if (!(Math.abs(value) <= LARGEST)) {
      throw new BadInput(
          where
              + ": "
              + key
              + ": expected a finite number up to 1e7 as value "
              + (index + 1)
              + ", found "
              + Lines.shown(word));
    }
    return value;
  }

  /**
   * A rotation matrix, row-major.
   *
   * @throws BadInput as {@link #numbers}, and when it is no rotation
   */
  double[] rotation(String key) {
    double[] r = numbers(key, 9);
    double worst = 0;
    for (int i = 0; i < 3; i++) {
      for (int j = 0; j < 3; j++) {
        double dot =
            r[3 * i] * r[3 * j] + r[3 * i + 1] * r[3 * j + 1] + r[3 * i + 2] * r[3 * j + 2];
        worst = Math.max(worst, Math.abs(dot - (i == j ? 1 : 0)));
      }
    }
    double det =
        r[0] * (r[4] * r[8] - r[5] * r[7])
            - r[1] * (r[3] * r[8] - r[5] * r[6])
            + r[2] * (r[3] * r[7] - r[4] * r[6]);
    if (worst > 1e-3 || det < 0) {
      throw new BadInput(
          where
              + ": "
              + key
              + ": expected a rotation matrix (R R^T = I, det +1), found an error of "
              + worst
              + " and det "
              + det);
    }
    return r;
  }
}
