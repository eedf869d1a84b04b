package saccade.hil.eval;

import java.io.BufferedWriter;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.LinkedHashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import saccade.hil.drive.DriveJudge;
import saccade.hil.drive.DriveOutcome;
import saccade.nodes.cli.BadInput;
import saccade.sim.Scoreboard;

/**
 * Drives that are done, one a line of a file, so that a killed run goes on where it was: a run of
 * some hours on two cores. Without a file they are only remembered. Thread-safe.
 */
final class DriveLog implements AutoCloseable {
  private static final String HEAD = "saccade drives 1";
  private static final int FIELDS = 13;
  private static final long MOST_BYTES = 16 << 20;

  private final Map<Assignment, Drive> drives = new LinkedHashMap<>();
  private final @Nullable BufferedWriter writer;

  /**
   * Who drove what.
   *
   * @param driver name of the driver
   * @param scenario name of the scenario
   * @param seed of it
   */
  record Assignment(String driver, String scenario, long seed) {}

  /**
   * What came of it, beside the truth-driven expert's drive.
   *
   * @param collisions objects hit
   * @param redLights red lights run
   * @param stopSigns stop signs run
   * @param departures times that the lane was left
   * @param falseStop whether it stood for nothing
   * @param complete whether it got about as far as the expert, see {@link DriveJudge}
   * @param clean whether nothing at all was wrong
   * @param metres driven
   * @param expertMetres driven by the expert
   * @param misses deadlines without an answer
   */
  record Drive(
      int collisions,
      int redLights,
      int stopSigns,
      int departures,
      boolean falseStop,
      boolean complete,
      boolean clean,
      double metres,
      double expertMetres,
      long misses) {

    static Drive of(DriveOutcome drive, DriveOutcome expert) {
      Scoreboard score = drive.score();
      boolean stopped = score.falseStops() > 0 || DriveJudge.falseStop(drive, expert);
      boolean complete = DriveJudge.completed(drive, expert);
      return new Drive(
          score.collisions(),
          score.redLightsRun(),
          score.stopSignsRun(),
          score.laneDepartures(),
          stopped,
          complete,
          score.clean() && complete && !stopped,
          score.distanceM(),
          expert.score().distanceM(),
          drive.misses());
    }

    /** Share of the expert's way that was driven, 0..1: nobody gains by going further. */
    double completion() {
      return expertMetres < 1 ? 1 : Math.min(1, metres / expertMetres);
    }
  }

  /**
   * Opens a log and reads what it holds.
   *
   * @param file null: none
   * @param model sha256 of the model that drives
   * @throws BadInput in one line: of another model, damaged
   */
  DriveLog(@Nullable Path file, String model) throws IOException {
    String head = HEAD + "\t" + model;
    if (file == null) {
      writer = null;
      return;
    }
    long wholeBytes = 0; // a run that was killed may have left half a line
    if (Files.exists(file)) {
      if (Files.size(file) > MOST_BYTES) {
        throw new BadInput(
            "%s: found %d B, wanted at most %d".formatted(file, Files.size(file), MOST_BYTES));
      }
      String text = Files.readString(file, StandardCharsets.ISO_8859_1);
      int end = text.lastIndexOf('\n') + 1;
      wholeBytes = end;
      String[] lines = text.substring(0, end).split("\n");
      if (!lines[0].equals(head)) {
        throw new BadInput(
            "%s: found '%s', wanted '%s': a log of drives of this model; give another file"
                .formatted(
                    file, lines[0].length() > 100 ? lines[0].substring(0, 100) : lines[0], head));
      }
      for (int i = 1; i < lines.length; i++) {
        read(file, i + 1, lines[i]);
      }
    }
    if (wholeBytes > 0) {
      try (var channel = Files.newByteChannel(file, StandardOpenOption.WRITE)) {
        channel.truncate(wholeBytes);
      }
    }
    writer =
        Files.newBufferedWriter(
            file,
            StandardCharsets.ISO_8859_1,
            StandardOpenOption.CREATE,
            StandardOpenOption.APPEND);
    if (wholeBytes == 0) {
      put(head);
    }
  }

  private void read(Path file, int number, String line) {
    String[] f = line.split("\t", -1);
    try {
      if (f.length != FIELDS) {
        throw new NumberFormatException(f.length + " fields");
      }
      drives.put(
          new Assignment(f[0], f[1], Long.parseLong(f[2])),
          new Drive(
              count(f[3]),
              count(f[4]),
              count(f[5]),
              count(f[6]),
              count(f[7]) > 0,
              count(f[8]) > 0,
              count(f[9]) > 0,
              metres(f[10]),
              metres(f[11]),
              count(f[12])));
    } catch (NumberFormatException e) {
      throw new BadInput(
          "%s line %d: found %s, wanted driver, scenario, seed and ten numbers; give another file"
              .formatted(file, number, e.getMessage()));
    }
  }

  private static int count(String text) {
    int count = Integer.parseInt(text);
    if (count < 0) {
      throw new NumberFormatException(text);
    }
    return count;
  }

  private static double metres(String text) {
    double metres = Double.parseDouble(text);
    if (!(metres >= 0 && metres < 1e6)) {
      throw new NumberFormatException(text);
    }
    return metres;
  }

  /** What came of a drive; null when it is still to be driven. */
  synchronized @Nullable Drive get(Assignment key) {
    return drives.get(key);
  }

  /** A drive is done; it is in the file when this returns. */
  synchronized void add(Assignment key, Drive drive) throws IOException {
    drives.put(key, drive);
    put(
        String.join(
            "\t",
            key.driver,
            key.scenario,
            Long.toString(key.seed),
            Integer.toString(drive.collisions),
            Integer.toString(drive.redLights),
            Integer.toString(drive.stopSigns),
            Integer.toString(drive.departures),
            drive.falseStop ? "1" : "0",
            drive.complete ? "1" : "0",
            drive.clean ? "1" : "0",
            Double.toString(drive.metres),
            Double.toString(drive.expertMetres),
            Long.toString(drive.misses)));
  }

  private void put(String line) throws IOException {
    BufferedWriter to = writer;
    if (to != null) {
      to.write(line);
      to.write('\n');
      to.flush();
    }
  }

  @Override
  public void close() throws IOException {
    BufferedWriter to = writer;
    if (to != null) {
      to.close();
    }
  }
}
