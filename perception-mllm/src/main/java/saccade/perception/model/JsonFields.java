package saccade.perception.model;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * Typed reading of one JSON object with errors that name file, key, found and wanted value. Set-up
 * only.
 *
 * @param file shown in messages
 * @param path key path of this object, empty for the root
 */
record JsonFields(String file, String path, JsonNode node) {

  /** Longest piece of a found value that an error message quotes, characters. */
  private static final int QUOTE_LIMIT = 60;

  static JsonFields root(String file, JsonNode node) throws ModelPackageException {
    if (!node.isObject()) {
      throw new ModelPackageException(
          file + ": found " + quote(node) + ", wanted a JSON object with the keys of format 1");
    }
    return new JsonFields(file, "", node);
  }

  String text(String key) throws ModelPackageException {
    JsonNode value = required(key, "a text");
    if (!value.isTextual() || value.textValue().isEmpty() || value.textValue().length() > 1024) {
      throw wrong(key, value, "a text of 1..1024 characters");
    }
    return value.textValue();
  }

  String textOr(String key, String fallback) throws ModelPackageException {
    return node.hasNonNull(key) ? text(key) : fallback;
  }

  int integer(String key, int min, int max) throws ModelPackageException {
    return integerOf(key, required(key, "an integer"), min, max);
  }

  double number(String key, double min, double max) throws ModelPackageException {
    return numberOf(key, required(key, "a number"), min, max);
  }

  int[] integers(String key, int minCount, int maxCount, int min, int max)
      throws ModelPackageException {
    JsonNode array = array(key, minCount, maxCount);
    int[] values = new int[array.size()];
    for (int i = 0; i < values.length; i++) {
      values[i] = integerOf(key + "[" + i + "]", array.get(i), min, max);
    }
    return values;
  }

  double[] numbers(String key, int minCount, int maxCount, double min, double max)
      throws ModelPackageException {
    JsonNode array = array(key, minCount, maxCount);
    double[] values = new double[array.size()];
    for (int i = 0; i < values.length; i++) {
      values[i] = numberOf(key + "[" + i + "]", array.get(i), min, max);
    }
    return values;
  }

  List<String> texts(String key, int minCount, int maxCount) throws ModelPackageException {
    JsonNode array = array(key, minCount, maxCount);
    List<String> values = new ArrayList<>();
    for (int i = 0; i < array.size(); i++) {
      JsonNode value = array.get(i);
      if (!value.isTextual() || value.textValue().length() > 256) {
        throw wrong(key + "[" + i + "]", value, "a text of at most 256 characters");
      }
      values.add(value.textValue());
    }
    return List.copyOf(values);
  }

  /** {@code count} ranges as pairs {@code [low, high]} with low below high; (count, 2). */
  double[][] ranges(String key, int minCount, int maxCount) throws ModelPackageException {
    JsonNode array = array(key, minCount, maxCount);
    double[][] ranges = new double[array.size()][2];
    for (int i = 0; i < ranges.length; i++) {
      JsonNode pair = array.get(i);
      String name = key + "[" + i + "]";
      if (!pair.isArray() || pair.size() != 2) {
        throw wrong(name, pair, "a pair [low, high]");
      }
      ranges[i][0] = numberOf(name + "[0]", pair.get(0), -1e6, 1e6);
      ranges[i][1] = numberOf(name + "[1]", pair.get(1), -1e6, 1e6);
      if (ranges[i][0] >= ranges[i][1]) {
        throw wrong(name, pair, "low < high");
      }
    }
    return ranges;
  }

  JsonFields object(String key) throws ModelPackageException {
    JsonNode value = required(key, "an object");
    if (!value.isObject()) {
      throw wrong(key, value, "an object");
    }
    return new JsonFields(file, at(key), value);
  }

  List<JsonFields> objects(String key, int minCount, int maxCount) throws ModelPackageException {
    JsonNode array = array(key, minCount, maxCount);
    List<JsonFields> values = new ArrayList<>();
    for (int i = 0; i < array.size(); i++) {
      if (!array.get(i).isObject()) {
        throw wrong(key + "[" + i + "]", array.get(i), "an object");
      }
      values.add(new JsonFields(file, at(key) + "[" + i + "]", array.get(i)));
    }
    return values;
  }

  /** The keys of this object with their text values, in file order; at most {@code maxCount}. */
  Map<String, String> textMap(int maxCount) throws ModelPackageException {
    Map<String, String> map = new LinkedHashMap<>();
    for (Iterator<String> keys = node.fieldNames(); keys.hasNext(); ) {
      String key = keys.next();
      map.put(key, text(key));
      if (map.size() > maxCount) {
        throw new ModelPackageException(
            where() + ": found more than " + maxCount + " keys, wanted at most " + maxCount);
      }
    }
    return map;
  }

  List<String> keys() {
    List<String> keys = new ArrayList<>();
    node.fieldNames().forEachRemaining(keys::add);
    return keys;
  }

  boolean has(String key) {
    return node.hasNonNull(key);
  }

  ModelPackageException wrong(String key, Object found, String wanted) {
    String shown = found instanceof JsonNode json ? quote(json) : String.valueOf(found);
    return new ModelPackageException(
        file + ": key '" + at(key) + "': found " + shown + ", wanted " + wanted);
  }

  private JsonNode array(String key, int minCount, int maxCount) throws ModelPackageException {
    JsonNode value = required(key, "a list");
    if (!value.isArray() || value.size() < minCount || value.size() > maxCount) {
      String found = value.isArray() ? "a list of " + value.size() + " values" : quote(value);
      throw wrong(key, found, "a list of " + minCount + ".." + maxCount + " values");
    }
    return value;
  }

  private int integerOf(String key, JsonNode value, int min, int max) throws ModelPackageException {
    if (!value.isIntegralNumber()
        || !value.canConvertToInt()
        || value.intValue() < min
        || value.intValue() > max) {
      throw wrong(key, value, "an integer in " + min + ".." + max);
    }
    return value.intValue();
  }

  private double numberOf(String key, JsonNode value, double min, double max)
      throws ModelPackageException {
    double number = value.isNumber() ? value.doubleValue() : Double.NaN;
    if (!(number >= min && number <= max)) {
      throw wrong(key, value, "a number in " + min + ".." + max);
    }
    return number;
  }

  private JsonNode required(String key, String wanted) throws ModelPackageException {
    JsonNode value = node.get(key);
    if (value == null || value.isNull()) {
      throw wrong(key, "nothing", wanted);
    }
    return value;
  }

  private String at(String key) {
    return path.isEmpty() ? key : path + "." + key;
  }

  private String where() {
    return path.isEmpty() ? file : file + ": key '" + path + "'";
  }

  private static String quote(JsonNode node) {
    if (node.isContainerNode()) {
      return node.isArray() ? "a list" : "an object";
    }
    String text = node.toString().replace('\n', ' ').replace('\r', ' ');
    return text.length() <= QUOTE_LIMIT ? text : text.substring(0, QUOTE_LIMIT) + "...";
  }
}
