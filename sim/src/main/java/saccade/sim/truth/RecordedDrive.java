package saccade.sim.truth;

import java.io.BufferedReader;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.StringJoiner;
import saccade.sim.Scenario;
import saccade.sim.Simulation;
import saccade.sim.traffic.Ego;

/**
 * The way that somebody's ego took through a scenario, at 10 Hz. Replayed, it brings back the
 * states that a model reached by its own commands, and what the expert would do there becomes their
 * label, after DAgger (Ross, Gordon and Bagnell 2011). It knows where the ego truly was, so it is
 * no business of a node.
 *
 * <p>As text, a drive a line: scenario, seed and states, with tabs between; a state is x, y (m),
 * heading (rad), speed (m/s), acceleration (m/s^2) and curvature (1/m), with spaces between.
 *
 * @param seed of the scenario
 * @param states (frames, 6), owned by this record
 */
public record RecordedDrive(String scenario, long seed, double[] states) {
  private static final int WIDTH = 6;

  /** No scenario lasts longer than these frames; a longer line is refused before it is read. */
  private static final int MOST_FRAMES = 1200;

  /** Seeds of scenarios from 0 to below this are for judging: no state of theirs is learnt from. */
  public static final long FIRST_SEED = 1L << 40;

  /** The scenarios that may be learnt from: not the demo, nor the two that are kept for judging. */
  public static final List<String> SCENARIOS =
      Scenario.names().stream()
          .filter(
              name -> !Set.of("demo", "child-from-parked", "obstacle-after-curve").contains(name))
          .toList();

  /** Writes down one drive, frame by frame. */
  public static final class Recorder {
    private double[] states = new double[WIDTH * 256];
    private int size;

    /** Nothing is recorded yet. */
    public Recorder() {}

    /** Adds the ego as it is now; 0.1 s after the frame before. */
    public void frame(Simulation simulation) {
      if (size == states.length) {
        states = Arrays.copyOf(states, 2 * size);
      }
      Ego ego = simulation.ego();
      states[size++] = ego.x;
      states[size++] = ego.y;
      states[size++] = ego.yawRad;
      states[size++] = ego.speedMps;
      states[size++] = ego.accelMps2;
      states[size++] = ego.curvature1pm;
    }

    /** What was recorded, as a drive of a scenario. */
    public RecordedDrive of(Scenario scenario, long seed) {
      return new RecordedDrive(scenario.name(), seed, Arrays.copyOf(states, size));
    }
  }

  /** How many frames there are. */
  public int frames() {
    return states.length / WIDTH;
  }

  /** Speed of a frame, m/s. */
  public double speedMps(int frame) {
    return states[WIDTH * frame + 3];
  }

  /** Acceleration of a frame, m/s^2. */
  public double accelMps2(int frame) {
    return states[WIDTH * frame + 4];
  }

  /** Curvature of the way at a frame, 1/m, left positive. */
  public double curvature1pm(int frame) {
    return states[WIDTH * frame + 5];
  }

  /** Puts an ego where this one was, and commands it to what this one did next. */
  @SuppressWarnings("exports")
  public void steer(int frame, Ego ego) {
    int at = WIDTH * Math.min(frame, frames() - 1);
    ego.x = states[at];
    ego.y = states[at + 1];
    ego.yawRad = states[at + 2];
    ego.speedMps = states[at + 3];
    ego.accelMps2 = states[at + 4];
    ego.curvature1pm = states[at + 5];
    int next = Math.min(frame + 1, frames() - 1);
    ego.command(accelMps2(next), curvature1pm(next));
  }

  /** As one line of text. */
  public String line() {
    StringJoiner cells = new StringJoiner(" ");
    for (int i = 0; i < states.length; i++) {
      cells.add(
          String.format(
              Locale.ROOT, i % WIDTH == 2 || i % WIDTH == 5 ? "%.5f" : "%.3f", states[i]));
    }
    return scenario + "\t" + seed + "\t" + cells;
  }

  /**
   * The drives of a file that may be learnt from.
   *
   * @throws IllegalArgumentException in one line, naming the file, when it cannot be read or holds
   *     no drive, and the line too, when that is no drive or one that models are judged by
   */
  public static List<RecordedDrive> read(Path file) {
    List<RecordedDrive> drives = new ArrayList<>();
    try (BufferedReader lines = Files.newBufferedReader(file, StandardCharsets.UTF_8)) {
      for (String line = lines.readLine(); line != null; line = lines.readLine()) {
        RecordedDrive drive = of(line);
        check(drive.scenario, drive.seed);
        drives.add(drive);
      }
    } catch (IOException e) {
      throw new IllegalArgumentException("cannot read " + file + ": " + e, e);
    } catch (IllegalArgumentException e) {
      throw new IllegalArgumentException(
          file + ", line " + (drives.size() + 1) + ": " + e.getMessage(), e);
    }
    if (drives.isEmpty()) {
      throw new IllegalArgumentException(
          file + ": found no drive; 'saccade hil endtoend --record' writes them");
    }
    return drives;
  }

  /**
   * @throws IllegalArgumentException when a drive of this scenario and seed is for judging
   */
  public static void check(String scenario, long seed) {
    if (!SCENARIOS.contains(scenario)) {
      throw new IllegalArgumentException(
          "found scenario "
              + scenario
              + ", which is kept for judging; wanted one of "
              + String.join(", ", SCENARIOS));
    }
    if (seed < FIRST_SEED) {
      throw new IllegalArgumentException(
          "found seed " + seed + ", which is kept for judging; wanted " + FIRST_SEED + " or more");
    }
  }

  private static RecordedDrive of(String line) {
    String[] cells = line.split("\t", 4);
    if (cells.length != 3) {
      throw new IllegalArgumentException(
          "wanted scenario, seed and states with tabs between, found " + cells.length + " cells");
    }
    String[] numbers = cells[2].split(" ", WIDTH * MOST_FRAMES + 1);
    if (numbers.length % WIDTH != 0 || numbers.length > WIDTH * MOST_FRAMES) {
      throw new IllegalArgumentException(
          "wanted %d numbers a frame and at most %d frames, found %d numbers"
              .formatted(WIDTH, MOST_FRAMES, numbers.length));
    }
    double[] states = new double[numbers.length];
    for (int i = 0; i < states.length; i++) {
      try {
        states[i] = Double.parseDouble(numbers[i]);
      } catch (NumberFormatException e) {
        throw new IllegalArgumentException("wanted a number, found " + numbers[i], e);
      }
      if (!(Math.abs(states[i]) < 1e5)) {
        throw new IllegalArgumentException("wanted a number below 100000, found " + numbers[i]);
      }
      if (i % WIDTH == 3 && states[i] < 0) {
        throw new IllegalArgumentException("wanted a speed of 0 or more, found " + numbers[i]);
      }
    }
    try {
      return new RecordedDrive(Scenario.named(cells[0]).name(), Long.parseLong(cells[1]), states);
    } catch (NumberFormatException e) {
      throw new IllegalArgumentException("wanted a seed, found " + cells[1], e);
    }
  }
}
