package saccade.nodes.graph;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.snakeyaml.engine.v2.api.Load;
import org.snakeyaml.engine.v2.api.LoadSettings;
import org.snakeyaml.engine.v2.exceptions.MarkedYamlEngineException;
import org.snakeyaml.engine.v2.exceptions.YamlEngineException;
import saccade.nodes.cli.BadInput;

/**
 * One mapping of a YAML 1.2 file, read key by key. Every complaint is one line with the value
 * found, the value wanted, the file and the key. Set-up only.
 *
 * <p>A file is bounded: {@value #MAX_BYTES} bytes, no aliases of collections, no duplicate keys.
 * Call {@link #end()} when all keys have been read: what is left over is unknown.
 */
public final class YamlFields {
  /** Longest file that is read. */
  public static final int MAX_BYTES = 1 << 16;

  private final String file;
  private final String path;
  private final Map<?, ?> values;
  private final Set<String> seen = new HashSet<>();
  private final Set<String> asked = new HashSet<>(); // known here, whether in the file or not

  private YamlFields(String file, String path, Map<?, ?> values) {
    this.file = file;
    this.path = path;
    this.values = values;
    for (Object key : values.keySet()) {
      if (!(key instanceof String)) {
        throw new BadInput(
            file + ": expected names as keys" + under() + ", found " + shown(key) + describe(key));
      }
    }
  }

  /**
   * Reads a file whose top is a mapping.
   *
   * @throws BadInput when it is missing, too long, not UTF-8, not YAML or not a mapping
   */
  public static YamlFields read(Path file) {
    String text;
    try {
      if (!Files.isRegularFile(file)) {
        throw new BadInput(file + ": expected a file, found none");
      }
      long size = Files.size(file);
      if (size > MAX_BYTES) {
        throw new BadInput(file + ": expected at most " + MAX_BYTES + " bytes, found " + size);
      }
      text =
          StandardCharsets.UTF_8
              .newDecoder()
              .decode(ByteBuffer.wrap(Files.readAllBytes(file)))
              .toString();
    } catch (CharacterCodingException e) {
      throw new BadInput(file + ": expected UTF-8 text, found other bytes");
    } catch (IOException e) {
      throw new BadInput(file + ": expected a readable file, found " + e.getMessage());
    }
    return parse(file.toString(), text);
  }

  /** As {@link #read}, from text; {@code file} is the name used in complaints. */
  public static YamlFields parse(String file, String text) {
    Object top;
    try {
      LoadSettings settings =
          LoadSettings.builder()
              .setLabel(file)
              .setAllowDuplicateKeys(false)
              .setAllowRecursiveKeys(false)
              .setMaxAliasesForCollections(0)
              .setCodePointLimit(MAX_BYTES)
              .build();
      top = new Load(settings).loadFromString(text);
    } catch (MarkedYamlEngineException e) {
      String where =
          e.getProblemMark()
              .map(mark -> " line " + (mark.getLine() + 1) + " column " + (mark.getColumn() + 1))
              .orElse("");
      throw new BadInput(file + where + ": expected YAML, found: " + oneLine(e.getProblem()));
    } catch (YamlEngineException e) {
      throw new BadInput(file + ": expected YAML, found: " + oneLine(e.getMessage()));
    } catch (StackOverflowError e) {
      throw new BadInput(file + ": expected a flat file, found one nested too deeply");
    }
    if (!(top instanceof Map<?, ?> map)) {
      throw new BadInput(file + ": expected a mapping, found " + describeTop(top));
    }
    return new YamlFields(file, "", map);
  }

  /** The file's name as used in complaints. */
  public String file() {
    return file;
  }

  /** The keys in the order of the file. */
  public List<String> keys() {
    List<String> keys = new ArrayList<>();
    for (Object key : values.keySet()) {
      keys.add((String) key);
    }
    return keys;
  }

  /** Whether the key is there. */
  public boolean has(String key) {
    asked.add(key);
    return values.containsKey(key);
  }

  /** A text that is not empty and has no line break. */
  public String text(String key) {
    Object value = wanted(key, "a text");
    if (value instanceof String text && !text.isBlank() && text.lines().count() == 1) {
      return text;
    }
    throw wrong(key, "a text", value);
  }

  public String text(String key, String absent) {
    return has(key) ? text(key) : absent;
  }

  /** One of the words given. */
  public String word(String key, List<String> words, String absent) {
    if (!has(key)) {
      return absent;
    }
    Object value = wanted(key, "a word");
    if (value instanceof String text && words.contains(text)) {
      return text;
    }
    throw wrong(key, "one of " + String.join(", ", words), value);
  }

  /** A finite number within {@code lo..hi}. */
  public double number(String key, double lo, double hi) {
    String what = "a number from " + plain(lo) + " to " + plain(hi);
    Object value = wanted(key, what);
    if (value instanceof Number number) {
      double found = number.doubleValue();
      if (found >= lo && found <= hi) {
        return found;
      }
    }
    throw wrong(key, what, value);
  }

  public double number(String key, double lo, double hi, double absent) {
    return has(key) ? number(key, lo, hi) : absent;
  }

  /** A whole number within {@code lo..hi}. */
  public long whole(String key, long lo, long hi) {
    String what = "a whole number from " + lo + " to " + hi;
    Object value = wanted(key, what);
    if (value instanceof Integer || value instanceof Long) {
      long found = ((Number) value).longValue();
      if (found >= lo && found <= hi) {
        return found;
      }
    }
    throw wrong(key, what, value);
  }

  public long whole(String key, long lo, long hi, long absent) {
    return has(key) ? whole(key, lo, hi) : absent;
  }

  /** {@code length} finite numbers. */
  public double[] numbers(String key, int length) {
    String what = "a list of " + length + " numbers";
    Object value = wanted(key, what);
    if (!(value instanceof List<?> list) || list.size() != length) {
      throw wrong(key, what, value);
    }
    double[] found = new double[length];
    for (int i = 0; i < length; i++) {
      if (!(list.get(i) instanceof Number number) || !Double.isFinite(number.doubleValue())) {
        throw wrong(key, what, value);
      }
      found[i] = number.doubleValue();
    }
    return found;
  }

  /** {@code least} to {@code most} whole numbers, each within {@code lo..hi}. */
  public long[] wholes(String key, int least, int most, long lo, long hi) {
    String what = "a list of %d to %d whole numbers from %d to %d".formatted(least, most, lo, hi);
    Object value = wanted(key, what);
    if (!(value instanceof List<?> list) || list.size() < least || list.size() > most) {
      throw wrong(key, what, value);
    }
    long[] found = new long[list.size()];
    for (int i = 0; i < found.length; i++) {
      if (!(list.get(i) instanceof Integer number) || number < lo || number > hi) {
        throw wrong(key, what, value);
      }
      found[i] = number;
    }
    return found;
  }

  /** Up to 64 finite numbers, maybe none. */
  public List<Double> numbers(String key) {
    String what = "a list of numbers";
    Object value = wanted(key, what);
    if (!(value instanceof List<?> list) || list.size() > 64) {
      throw wrong(key, what, value);
    }
    List<Double> found = new ArrayList<>();
    for (Object item : list) {
      if (!(item instanceof Number number) || !Double.isFinite(number.doubleValue())) {
        throw wrong(key, what, value);
      }
      found.add(number.doubleValue());
    }
    return found;
  }

  /** A list of texts, maybe empty. */
  public List<String> texts(String key) {
    Object value = wanted(key, "a list of texts");
    List<String> found = new ArrayList<>();
    if (!(value instanceof List<?> list)) {
      throw wrong(key, "a list of texts", value);
    }
    for (Object item : list) {
      if (!(item instanceof String text)) {
        throw wrong(key, "a list of texts", value);
      }
      found.add(text);
    }
    return found;
  }

  /** A mapping below this one. */
  public YamlFields fields(String key) {
    Object value = wanted(key, "a mapping");
    if (value instanceof Map<?, ?> map) {
      return new YamlFields(file, path(key), map);
    }
    throw wrong(key, "a mapping", value);
  }

  /** A list of mappings of at least one and at most {@code most} entries. */
  public List<YamlFields> list(String key, int most) {
    String what = "a list of 1 to " + most + " mappings";
    Object value = wanted(key, what);
    if (!(value instanceof List<?> list) || list.isEmpty() || list.size() > most) {
      throw wrong(key, what, value);
    }
    List<YamlFields> found = new ArrayList<>();
    for (int i = 0; i < list.size(); i++) {
      if (!(list.get(i) instanceof Map<?, ?> map)) {
        throw wrong(key, what, value);
      }
      found.add(new YamlFields(file, path(key) + "[" + i + "]", map));
    }
    return found;
  }

  /** All keys have been read; complains about the ones nobody asked for. */
  public void end() {
    for (String key : keys()) {
      if (!seen.contains(key)) {
        throw new BadInput(
            file
                + ": unknown key "
                + path(key)
                + "; known here: "
                + String.join(", ", asked.stream().sorted().toList()));
      }
    }
  }

  /** A complaint about a key whose value is of the right type and yet wrong. */
  public BadInput wrong(String key, String wanted, @Nullable Object found) {
    return new BadInput(
        file + ": " + path(key) + ": expected " + wanted + ", found " + describe(found));
  }

  private Object wanted(String key, String what) {
    seen.add(key);
    asked.add(key);
    if (!values.containsKey(key)) {
      throw new BadInput(file + ": " + path(key) + ": expected " + what + ", found nothing");
    }
    Object value = values.get(key);
    if (value == null) {
      throw wrong(key, what, null);
    }
    return value;
  }

  private String path(String key) {
    return path.isEmpty() ? key : path + "." + key;
  }

  private String under() {
    return path.isEmpty() ? "" : " under " + path;
  }

  private static String describeTop(@Nullable Object top) {
    return top == null ? "nothing" : describe(top);
  }

  private static String describe(@Nullable Object value) {
    return switch (value) {
      case null -> "nothing";
      case Map<?, ?> map -> "a mapping of " + map.size();
      case List<?> list -> "a list of " + list.size() + " (" + shown(list) + ")";
      case String text -> "\"" + shown(text) + "\"";
      default -> shown(value);
    };
  }

  private static String shown(Object value) {
    String text = oneLine(String.valueOf(value));
    return text.length() <= 60 ? text : text.substring(0, 57) + "...";
  }

  private static String oneLine(@Nullable String text) {
    return text == null ? "no more is known" : text.replaceAll("\\s+", " ").strip();
  }

  private static String plain(double value) {
    return value == Math.rint(value) && Math.abs(value) < 1e15
        ? Long.toString((long) value)
        : Double.toString(value);
  }
}
