package saccade.hil.faults;

import java.util.ArrayList;
import java.util.List;
import saccade.hil.report.Report;

/**
 * What became of one fault. Times in milliseconds, NaN: it did not happen.
 *
 * @param name of the fault
 * @param seen what the planner saw, one line
 * @param warnMs from the fault to the first message that says that something is wrong
 * @param errorMs as warnMs, for an error
 * @param healthyMs from the fault's end to the first of five healthy messages in a row
 * @param invalid stale or invalid actions that passed the gate
 * @param shown whether the run counted that the fault was there
 * @param survived whether it was shown and what has to happen did
 * @param remarks what else is to be known, a line each
 */
record FaultRow(
    String name,
    String seen,
    double warnMs,
    double errorMs,
    double healthyMs,
    long invalid,
    boolean shown,
    boolean survived,
    List<String> remarks) {

  FaultRow {
    remarks = List.copyOf(remarks);
  }

  /** Name as a part of figures. */
  String key() {
    return name.replaceAll("[^a-zA-Z0-9]+", "_");
  }

  /** The row of the table. */
  List<String> cells() {
    List<String> cells = new ArrayList<>();
    cells.add(name);
    cells.add(ms(warnMs));
    cells.add(ms(errorMs));
    cells.add(ms(healthyMs));
    cells.add(Long.toString(invalid));
    cells.add(survived ? "survived" : shown ? "NOT survived" : "NOT shown");
    cells.add(seen);
    return cells;
  }

  private static String ms(double value) {
    return Double.isNaN(value) ? "-" : Report.number(Math.rint(value));
  }
}
