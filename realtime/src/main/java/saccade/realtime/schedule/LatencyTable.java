package saccade.realtime.schedule;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/**
 * Slice times as one run left them, for the next start: a {@link LatencyModel} that has a table
 * predicts its first set. Set-up only. A text file, one slice kind and size a line, tabs between:
 *
 * <pre>
 * saccade-latency 2
 * model 3f2a...            hash or name of what was measured
 * machine 2 x Xeon, ...    free text
 * encode front_wide  0     2300000  3100000  412      kind, size, p50 ns, p99 ns, samples
 * </pre>
 *
 * @param model what was measured; a table of another model is of no use
 * @param machine where, free text in one line
 * @param rows one for each kind and size
 */
public record LatencyTable(String model, String machine, List<Row> rows) {
  private static final String HEAD = "saccade-latency 2";
  private static final int MOST_ROWS = 4096;
  private static final int MOST_TEXT = 200;
  private static final long MOST_BYTES = 1 << 20;
  private static final long MOST_NS = 3_600_000_000_000L;

  /**
   * One kind and size of work.
   *
   * @param size amount of work, see {@link LatencyModel}
   * @param samples it rests on
   */
  public record Row(String kind, int size, long p50Ns, long p99Ns, long samples) {}

  public LatencyTable {
    rows = List.copyOf(rows);
    model = oneLine(model);
    machine = oneLine(machine);
  }

  private static String oneLine(String text) {
    String line = text.replaceAll("[\\t\\r\\n]", " ").strip();
    return line.length() <= MOST_TEXT ? line : line.substring(0, MOST_TEXT);
  }

  /** As text. */
  public String text() {
    StringBuilder out = new StringBuilder(HEAD).append('\n');
    out.append("model ").append(model).append('\n');
    out.append("machine ").append(machine).append('\n');
    for (Row row : rows) {
      out.append(
          String.format(
              Locale.ROOT,
              "%s\t%d\t%d\t%d\t%d%n",
              oneLine(row.kind),
              row.size,
              row.p50Ns,
              row.p99Ns,
              row.samples));
    }
    return out.toString();
  }

  /** Writes {@link #text} to a file. */
  public void write(Path file) throws IOException {
    Files.writeString(file, text());
  }

  /**
   * Reads a file.
   *
   * @throws IllegalArgumentException in one line: what was found, what was wanted
   * @throws IOException when it cannot be read
   */
  public static LatencyTable read(Path file) throws IOException {
    if (Files.size(file) > MOST_BYTES) {
      throw new IllegalArgumentException(
          file + ": expected at most " + MOST_BYTES + " bytes, found " + Files.size(file));
    }
    return parse(new String(Files.readAllBytes(file), StandardCharsets.UTF_8), file.toString());
  }

  /**
   * Reads a text.
   *
   * @param name of the text, for complaints
   * @throws IllegalArgumentException in one line: what was found, what was wanted
   */
  public static LatencyTable parse(String text, String name) {
    List<String> lines = text.lines().limit(MOST_ROWS + 4L).toList();
    if (lines.size() < 3
        || !lines.get(0).equals(HEAD)
        || !lines.get(1).startsWith("model ")
        || !lines.get(2).startsWith("machine ")) {
      throw new IllegalArgumentException(
          name
              + ": expected \""
              + HEAD
              + "\", a model and a machine line; write one with"
              + " `saccade model bench`");
    }
    if (lines.size() > MOST_ROWS + 3) {
      throw new IllegalArgumentException(name + ": expected at most " + MOST_ROWS + " rows");
    }
    List<Row> rows = new ArrayList<>();
    for (int i = 3; i < lines.size(); i++) {
      rows.add(row(lines.get(i), name + ":" + (i + 1)));
    }
    return new LatencyTable(lines.get(1).substring(6), lines.get(2).substring(8), rows);
  }

  private static Row row(String line, String where) {
    String[] parts = line.split("\t", -1);
    if (parts.length != 5 || parts[0].isBlank() || parts[0].length() > MOST_TEXT) {
      throw new IllegalArgumentException(
          where
              + ": expected kind, size, p50, p99, samples with tabs between, found "
              + parts.length
              + " parts");
    }
    long size = whole(parts[1], 0, 1 << 20, where);
    long p50 = whole(parts[2], 1, MOST_NS, where);
    long p99 = whole(parts[3], p50, MOST_NS, where);
    return new Row(parts[0], (int) size, p50, p99, whole(parts[4], 0, Long.MAX_VALUE, where));
  }

  private static long whole(String text, long lo, long hi, String where) {
    try {
      long value = text.length() > 19 ? -1 : Long.parseLong(text);
      if (value >= lo && value <= hi) {
        return value;
      }
    } catch (NumberFormatException e) {
      // complained about below
    }
    throw new IllegalArgumentException(
        where
            + ": expected a whole number from "
            + lo
            + " to "
            + hi
            + ", found \""
            + (text.length() > 30 ? text.substring(0, 30) + "..." : text)
            + "\"");
  }
}
