package saccade.nodes.run;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import saccade.nodes.cli.BadInput;
import saccade.planner.PlannerMessage;
import saccade.realtime.overload.RecordedRun;

/** Traces of this program's runs, with the kinds of messages as it numbers them. */
public final class RecordedRuns {
  private static final RecordedRun.Codes CODES =
      new RecordedRun.Codes(
          PlannerMessage.Kind.STARTING.ordinal(),
          PlannerMessage.Kind.DESCRIPTION.ordinal(),
          PlannerMessage.Kind.FRESH.ordinal(),
          PlannerMessage.Kind.FALLBACK.ordinal());

  private RecordedRuns() {}

  /**
   * Reads a trace.
   *
   * @throws BadInput in one line when there is none, or it is damaged, or of an older version
   */
  public static RecordedRun read(Path trace) {
    if (Files.isDirectory(trace)) {
      throw new BadInput(trace + ": expected a trace, found a folder");
    }
    try {
      return RecordedRun.read(trace, CODES);
    } catch (NoSuchFileException e) {
      throw new BadInput(trace + ": expected a trace, found no such file; record one with --trace");
    } catch (IOException e) {
      throw new BadInput(trace + ": expected a trace that can be read, found " + e.getMessage());
    } catch (IllegalArgumentException e) {
      throw new BadInput(String.valueOf(e.getMessage()));
    }
  }
}
