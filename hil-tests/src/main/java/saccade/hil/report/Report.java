package saccade.hil.report;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonGenerator;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.io.UncheckedIOException;
import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.regex.Pattern;

/**
 * What one bench or hil run found: text for people, then a table of figures, then one JSON line.
 * Figure names are stable: bars refer to them. One thread.
 */
public final class Report {
  private static final Pattern NUMBER = Pattern.compile("[-+]?[0-9.]+|inf|-inf|none|-|");

  private final String command;
  private final List<String> text = new ArrayList<>();
  private final Map<String, Double> figures = new LinkedHashMap<>();
  private final Map<String, String> units = new LinkedHashMap<>();
  private final Map<String, String> facts = new LinkedHashMap<>();

  /**
   * An empty report.
   *
   * @param command the verb without its options, e.g. {@code bench ring}
   */
  public Report(String command) {
    this.command = command;
  }

  /** The verb, without its options. */
  public String command() {
    return command;
  }

  /** Adds a line of text for people. */
  public Report line(String line) {
    text.add(line);
    return this;
  }

  /** Adds aligned columns for people; the first row is the heading. */
  public Report table(List<List<String>> rows) {
    text.addAll(columns(rows));
    return this;
  }

  /**
   * Adds a figure.
   *
   * @param name stable name, words joined by underscores
   * @param value may be NaN: there was nothing to measure
   * @param unit for the table; empty for a pure number
   */
  public Report figure(String name, double value, String unit) {
    if (figures.put(name, value) != null) {
      throw new IllegalArgumentException("figure " + name + " is reported twice");
    }
    units.put(name, unit);
    return this;
  }

  /** Adds a count; exact up to 2^53. */
  public Report figure(String name, long value, String unit) {
    return figure(name, (double) value, unit);
  }

  /** Adds a figure that stands in a table already: JSON line only. */
  public Report detail(String name, double value) {
    figure(name, value, "");
    units.remove(name);
    return this;
  }

  /** Adds a word that belongs to the run, e.g. {@code model} and its hash. */
  public Report fact(String name, String value) {
    facts.put(name, value);
    return this;
  }

  /** Value of each figure by name, in the order reported. */
  public Map<String, Double> figures() {
    return Collections.unmodifiableMap(figures);
  }

  /** Prints everything; the JSON line comes last. */
  public void print(PrintWriter out, Machine machine) {
    text.forEach(out::println);
    if (!text.isEmpty()) {
      out.println();
    }
    List<List<String>> rows = new ArrayList<>();
    rows.add(List.of("figure", "value", "unit"));
    units.forEach(
        (name, unit) ->
            rows.add(List.of(name, number(figures.getOrDefault(name, Double.NaN)), unit)));
    columns(rows).forEach(out::println);
    out.println();
    out.println(json(machine));
    out.flush();
  }

  /** The run as one JSON object without line breaks; a figure that is not finite is null. */
  public String json(Machine machine) {
    StringWriter line = new StringWriter();
    try (JsonGenerator json = new JsonFactory().createGenerator(line)) {
      json.writeStartObject();
      json.writeStringField("command", command);
      json.writeStringField("commit", machine.commit());
      json.writeObjectFieldStart("machine");
      json.writeStringField("cpu", machine.cpu());
      json.writeNumberField("cores", machine.cores());
      json.writeStringField("os", machine.os());
      json.writeEndObject();
      json.writeStringField("jdk", machine.jdk());
      for (Map.Entry<String, String> fact : facts.entrySet()) {
        json.writeStringField(fact.getKey(), fact.getValue());
      }
      json.writeObjectFieldStart("figures");
      for (Map.Entry<String, Double> figure : figures.entrySet()) {
        double value = figure.getValue();
        if (!Double.isFinite(value)) {
          json.writeNullField(figure.getKey());
        } else if (value == Math.rint(value) && Math.abs(value) < 1e15) {
          json.writeNumberField(figure.getKey(), (long) value);
        } else {
          json.writeNumberField(figure.getKey(), value);
        }
      }
      json.writeEndObject();
      json.writeEndObject();
    } catch (IOException e) {
      throw new UncheckedIOException(e); // a StringWriter does not fail
    }
    return line.toString();
  }

  /** A figure for people: whole numbers plain, others with four significant digits. */
  public static String number(double value) {
    if (!Double.isFinite(value)) {
      return Double.isNaN(value) ? "none" : value > 0 ? "inf" : "-inf";
    }
    if (value == Math.rint(value) && Math.abs(value) < 1e12) {
      return Long.toString((long) value);
    }
    double size = Math.abs(value);
    int decimals = size >= 1000 ? 0 : size >= 100 ? 1 : size >= 10 ? 2 : size >= 1 ? 3 : 4;
    return String.format(Locale.ROOT, "%." + decimals + "f", value);
  }

  /**
   * Rows as lines with aligned columns, the first row being the heading: numbers right, words left.
   */
  public static List<String> columns(List<List<String>> rows) {
    int columns = rows.stream().mapToInt(List::size).max().orElse(0);
    int[] width = new int[columns];
    boolean[] words = new boolean[columns];
    for (int r = 0; r < rows.size(); r++) {
      List<String> row = rows.get(r);
      for (int c = 0; c < row.size(); c++) {
        width[c] = Math.max(width[c], row.get(c).length());
        words[c] |= r > 0 && !NUMBER.matcher(row.get(c)).matches();
      }
    }
    List<String> lines = new ArrayList<>();
    for (List<String> row : rows) {
      StringBuilder line = new StringBuilder();
      for (int c = 0; c < row.size(); c++) {
        String cell = row.get(c);
        String pad = " ".repeat(width[c] - cell.length());
        line.append(c == 0 ? "" : "  ").append(words[c] ? cell + pad : pad + cell);
      }
      lines.add(line.toString().stripTrailing());
    }
    return lines;
  }
}
