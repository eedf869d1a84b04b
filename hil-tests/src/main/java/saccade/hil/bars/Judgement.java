package saccade.hil.bars;

import java.io.PrintWriter;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
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

  /** Prints bar, figure, limit and verdict. */
  public void print(PrintWriter out) {
    List<List<String>> table = new ArrayList<>();
    table.add(List.of("bar", "figure", "limit", "verdict"));
    for (Row row : rows) {
      table.add(
          List.of(
              row.bar.name(),
              Report.number(row.figure),
              row.bar.limit().toString(),
              row.verdict + (row.note.isEmpty() ? "" : " (" + row.note + ")")));
    }
    Report.columns(table).forEach(out::println);
    out.flush();
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
