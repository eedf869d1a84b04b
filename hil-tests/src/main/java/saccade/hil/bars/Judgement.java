package saccade.hil.bars;

import java.io.IOException;
import java.io.PrintWriter;
import java.io.Writer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import javax.xml.stream.XMLOutputFactory;
import javax.xml.stream.XMLStreamException;
import javax.xml.stream.XMLStreamWriter;
import saccade.hil.report.Report;
import saccade.nodes.cli.ExitCode;

/** Bars held against figures, as a table and an exit code. */
public final class Judgement {
  private record Row(Bar bar, double figure, Bar.Verdict verdict, String note) {}

  private final List<Row> rows = new ArrayList<>();

  /** Judges one bar by a run's figures. */
  public void add(Bar bar, Map<String, Double> figures) {
    double value = figures.getOrDefault(bar.figure(), Double.NaN);
    rows.add(new Row(bar, value, bar.judge(figures), ""));
  }

  /** A bar whose run gave no figures; {@code note} says why. */
  public void addFailed(Bar bar, String note) {
    rows.add(new Row(bar, Double.NaN, Bar.Verdict.NO_FIGURE, note));
  }

  /** A bar whose run said that nothing can be measured now. */
  public void addNotMeasurable(Bar bar, String note) {
    rows.add(new Row(bar, Double.NaN, Bar.Verdict.NOT_MEASURABLE, note));
  }

  /** A bar of the same verb that names another run. */
  public void addNotJudged(Bar bar) {
    rows.add(
        new Row(bar, Double.NaN, Bar.Verdict.NOT_JUDGED, "it names ./saccade " + bar.command()));
  }

  /** Prints bar, figure, limit and verdict. */
  public void print(PrintWriter out) {
    List<List<String>> table = new ArrayList<>();
    table.add(List.of("bar", "figure", "limit", "verdict"));
    for (Row row : rows) {
      table.add(
          List.of(
              row.bar.name(),
              row.verdict == Bar.Verdict.NOT_JUDGED ? "-" : Report.number(row.figure),
              row.bar.limit().toString(),
              row.verdict + (row.note.isEmpty() ? "" : " (" + row.note + ")")));
    }
    Report.columns(table).forEach(out::println);
    out.flush();
  }

  /**
   * Writes the verdicts as JUnit XML, for CI servers: a bar is a test case; missed is a failure, no
   * figure an error, not measurable now and not judged are skipped. Without any bar the run itself
   * is the one case.
   *
   * @param suite the verb
   * @param figures of the run, as properties; may be empty
   * @param seconds that the run took
   * @throws IOException when the file cannot be written
   */
  public void writeJunit(Path file, String suite, Map<String, Double> figures, double seconds)
      throws IOException {
    long failures = count(Bar.Verdict.MISSED);
    long errors = count(Bar.Verdict.NO_FIGURE);
    long skipped = count(Bar.Verdict.NOT_MEASURABLE) + count(Bar.Verdict.NOT_JUDGED);
    try (Writer text = Files.newBufferedWriter(file, StandardCharsets.UTF_8)) {
      XMLStreamWriter xml = XMLOutputFactory.newInstance().createXMLStreamWriter(text);
      xml.writeStartDocument("UTF-8", "1.0");
      xml.writeCharacters("\n");
      xml.writeStartElement("testsuite");
      xml.writeAttribute("name", "saccade " + suite);
      xml.writeAttribute("tests", Integer.toString(Math.max(1, rows.size())));
      xml.writeAttribute("failures", Long.toString(failures));
      xml.writeAttribute("errors", Long.toString(errors));
      xml.writeAttribute("skipped", Long.toString(skipped));
      xml.writeAttribute("time", String.format(Locale.ROOT, "%.3f", seconds));
      if (!figures.isEmpty()) {
        xml.writeStartElement("properties");
        for (Map.Entry<String, Double> figure : figures.entrySet()) {
          xml.writeEmptyElement("property");
          xml.writeAttribute("name", figure.getKey());
          xml.writeAttribute("value", Double.toString(figure.getValue()));
        }
        xml.writeEndElement();
      }
      for (Row row : rows) {
        writeCase(xml, suite, row);
      }
      if (rows.isEmpty()) {
        xml.writeEmptyElement("testcase");
        xml.writeAttribute("classname", className(suite));
        xml.writeAttribute("name", "ran to its end");
      }
      xml.writeEndElement();
      xml.writeEndDocument();
      xml.close();
    } catch (XMLStreamException e) {
      throw new IOException("cannot write " + file + ": " + e.getMessage(), e);
    }
  }

  private static void writeCase(XMLStreamWriter xml, String suite, Row row)
      throws XMLStreamException {
    xml.writeStartElement("testcase");
    xml.writeAttribute(
        "classname", className(row.bar.command().isEmpty() ? suite : row.bar.command()));
    xml.writeAttribute("name", row.bar.name());
    String element =
        switch (row.verdict) {
          case HOLDS -> "";
          case MISSED -> "failure";
          case NO_FIGURE -> "error";
          case NOT_MEASURABLE, NOT_JUDGED -> "skipped";
        };
    if (!element.isEmpty()) {
      xml.writeEmptyElement(element);
      xml.writeAttribute(
          "message",
          row.bar.figure()
              + ": wanted "
              + row.bar.limit()
              + ", found "
              + Report.number(row.figure)
              + (row.note.isEmpty() ? "" : " (" + row.note + ")"));
    }
    xml.writeEndElement();
  }

  private static String className(String command) {
    return "saccade." + command.strip().replaceAll("[^A-Za-z0-9]+", ".");
  }

  /** How many bars got a verdict. */
  public long count(Bar.Verdict verdict) {
    return rows.stream().filter(row -> row.verdict == verdict).count();
  }

  /** OK when every bar holds; FAILED when one is missed or has no figure; else NOT_MEASURABLE. */
  public int exitCode() {
    if (count(Bar.Verdict.MISSED) + count(Bar.Verdict.NO_FIGURE) > 0) {
      return ExitCode.FAILED;
    }
    return count(Bar.Verdict.NOT_MEASURABLE) > 0 ? ExitCode.NOT_MEASURABLE : ExitCode.OK;
  }
}
