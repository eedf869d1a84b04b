package saccade.hil.bars;

import java.io.IOException;
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
import org.snakeyaml.engine.v2.exceptions.YamlEngineException;
import saccade.hil.report.Machine;
import saccade.nodes.cli.BadInput;

/**
 * Reads {@code hil-tests/bars.yaml}: a list of bars, each with name, command, figure, limit, why
 * and optionally quick and noise.
 */
public final class BarsFile {
  private static final Set<String> KEYS =
      Set.of("name", "command", "quick", "figure", "noise", "limit", "why");

  private BarsFile() {}

  /** Where the shipped bars lie. */
  public static Path shipped() {
    return Machine.home().resolve("hil-tests").resolve("bars.yaml");
  }

  /**
   * Reads a file.
   *
   * @throws BadInput in one line: file, bar, key, value found and value wanted
   * @throws IOException when the file cannot be read
   */
  public static List<Bar> read(Path file) throws IOException {
    return parse(Files.readString(file, StandardCharsets.UTF_8), file.toString());
  }

  /** Reads a text; {@code where} names it in messages. */
  public static List<Bar> parse(String yaml, String where) {
    Object root;
    try {
      root = new Load(LoadSettings.builder().setLabel(where).build()).loadFromString(yaml);
    } catch (YamlEngineException e) {
      throw new BadInput(
          where + ": not YAML: " + String.valueOf(e.getMessage()).replaceAll("\\s+", " "));
    }
    if (!(root instanceof List<?> entries) || entries.isEmpty()) {
      throw new BadInput(where + ": wanted a list of bars, found " + kind(root));
    }
    List<Bar> bars = new ArrayList<>();
    Set<String> names = new HashSet<>();
    for (int i = 0; i < entries.size(); i++) {
      Bar bar = bar(entries.get(i), where + ": bar " + (i + 1));
      if (!names.add(bar.name())) {
        throw new BadInput(where + ": two bars are named \"" + bar.name() + "\"");
      }
      bars.add(bar);
    }
    return bars;
  }

  private static Bar bar(@Nullable Object entry, String where) {
    if (!(entry instanceof Map<?, ?> fields)) {
      throw new BadInput(where + ": wanted keys and values, found " + kind(entry));
    }
    for (Object key : fields.keySet()) {
      if (!KEYS.contains(String.valueOf(key))) {
        throw new BadInput(
            where
                + ": unknown key \""
                + key
                + "\"; known: name, command, quick, figure, noise, limit, why");
      }
    }
    String name = text(fields, "name", where);
    String named = where + " (" + name + ")";
    Limit limit;
    try {
      limit = Limit.parse(text(fields, "limit", named));
    } catch (IllegalArgumentException e) {
      throw new BadInput(named + ": limit: " + e.getMessage());
    }
    String noise = fields.containsKey("noise") ? text(fields, "noise", named) : null;
    if (noise != null && limit.sign() != Limit.Sign.AT_MOST) {
      throw new BadInput(
          named + ": a bar with noise is a timing ratio: wanted a limit with <=, found " + limit);
    }
    return new Bar(
        name,
        text(fields, "command", named),
        fields.containsKey("quick") ? text(fields, "quick", named) : null,
        text(fields, "figure", named),
        noise,
        limit,
        text(fields, "why", named));
  }

  private static String text(Map<?, ?> fields, String key, String where) {
    Object value = fields.get(key);
    if (!(value instanceof String text) || text.isBlank()) {
      throw new BadInput(where + ": " + key + ": wanted text, found " + kind(value));
    }
    return text.strip();
  }

  private static String kind(@Nullable Object value) {
    return switch (value) {
      case null -> "nothing";
      case Map<?, ?> map -> "keys " + map.keySet();
      case List<?> list -> "a list of " + list.size();
      default -> "\"" + value + "\"";
    };
  }
}
