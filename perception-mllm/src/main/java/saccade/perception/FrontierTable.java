package saccade.perception;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.ObjectWriter;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.List;
import org.jspecify.annotations.Nullable;
import saccade.kernels.geometry.Rig;
import saccade.perception.exit.ExitRule;
import saccade.perception.exit.FixedExit;
import saccade.perception.kv.KvOptions;
import saccade.perception.kv.StreamingVlm;
import saccade.perception.model.ModelPackage;
import saccade.perception.sparsify.TokenPolicy;

/**
 * Set-up only. What {@code saccade model tune} found on one machine with one model: ways to run it
 * that are the most accurate for their time. Written as JSON, read before a stream is opened.
 *
 * @param model sha256 of the description of the model it was measured with
 * @param machine free text: where
 * @param points fastest first; each more accurate than those before
 */
public record FrontierTable(String model, String machine, List<Point> points) {
  private static final long MOST_BYTES = 1 << 20;
  private static final int MOST_POINTS = 1000;
  private static final ObjectMapper JSON =
      new ObjectMapper().enable(DeserializationFeature.FAIL_ON_TRAILING_TOKENS);

  /**
   * One way to run the model.
   *
   * @param tokens token policy, see {@link TokenPolicy}
   * @param exit slice of layers after which the action is decided, if that exit may
   * @param windowSets sets that are seen
   * @param millis processor time of a set with its encoders, ms, p50
   * @param accuracy mean share of right answers, 0..1
   */
  public record Point(String tokens, int exit, int windowSets, double millis, double accuracy) {}

  public FrontierTable {
    points = List.copyOf(points);
  }

  /**
   * Reads a table for a model.
   *
   * @throws IOException in one line: the file cannot be read or is damaged, it is of another model,
   *     or a point does not fit the model
   */
  public static FrontierTable read(Path file, ModelPackage model) throws IOException {
    if (!Files.isRegularFile(file)) {
      throw new IOException(
          file + ": found no frontier table; write one with ./saccade model tune --out " + file);
    }
    if (Files.size(file) > MOST_BYTES) {
      throw new IOException(
          "%s: wanted at most %d B, found %d B".formatted(file, MOST_BYTES, Files.size(file)));
    }
    FrontierTable table = parse(file.toString(), Files.readAllBytes(file));
    if (!table.model.equals(model.sha256())) {
      throw new IOException(
          "%s: found a frontier table of model %s, wanted one of %s (%s %s); write one with ./saccade model tune"
              .formatted(
                  file, brief(table.model), brief(model.sha256()), model.name(), model.version()));
    }
    for (Point point : table.points) {
      table.check(file, point, model);
    }
    return table;
  }

  /**
   * The table that some bytes say.
   *
   * @param where for the complaint
   * @throws IOException in one line
   */
  static FrontierTable parse(String where, byte[] json) throws IOException {
    FrontierTable table;
    try {
      table = JSON.readValue(json, FrontierTable.class);
    } catch (JsonProcessingException | IllegalArgumentException e) {
      throw new IOException(
          where
              + ": found no frontier table: "
              + String.valueOf(e.getMessage()).lines().findFirst().orElse(""),
          e);
    } catch (NullPointerException e) {
      throw new IOException(where + ": found a frontier table without points", e);
    }
    if (table == null
        || table.points.isEmpty()
        || table.points.size() > MOST_POINTS
        || table.model == null
        || table.machine == null) {
      throw new IOException(
          where
              + ": wanted a frontier table with model, machine and 1.."
              + MOST_POINTS
              + " points");
    }
    for (Point point : table.points) {
      if (point.tokens == null
          || !(point.millis > 0 && point.millis < 1e6)
          || !(point.accuracy >= 0 && point.accuracy <= 1)) {
        throw new IOException(
            where + ": wanted points with tokens, millis > 0 and accuracy 0..1, found " + point);
      }
    }
    return table;
  }

  private void check(Path file, Point point, ModelPackage model) throws IOException {
    int stride = model.positions().stride();
    int mostSets = model.decoder().maxPosition() / stride - 1;
    if (point.exit < 0
        || point.exit >= model.decoder().slices()
        || point.windowSets < 1
        || point.windowSets > mostSets) {
      throw new IOException(
          "%s: wanted an exit 0..%d and a window of 1..%d sets, found %s"
              .formatted(file, model.decoder().slices() - 1, mostSets, point));
    }
    try {
      TokenPolicy.parse(point.tokens);
    } catch (IllegalArgumentException e) {
      throw new IOException(file + ": " + e.getMessage(), e);
    }
  }

  /** Writes the table. */
  public void write(Path file) throws IOException {
    Path folder = file.toAbsolutePath().getParent();
    if (folder != null) {
      Files.createDirectories(folder);
    }
    ObjectWriter writer = JSON.writerWithDefaultPrettyPrinter();
    Files.writeString(file, writer.writeValueAsString(this) + "\n");
  }

  /** The most accurate way that takes at most so long, else the fastest one. */
  public Point within(double millis) {
    return points.stream()
        .filter(point -> point.millis <= millis)
        .max(Comparator.comparingDouble(Point::accuracy))
        .orElseGet(this::fastest);
  }

  private Point fastest() {
    return points.stream().min(Comparator.comparingDouble(Point::millis)).orElseThrow();
  }

  /** The points of which no other is both faster and at least as accurate, fastest first. */
  public static List<Point> frontier(List<Point> all) {
    List<Point> sorted =
        all.stream()
            .sorted(
                Comparator.comparingDouble(Point::millis)
                    .thenComparing(Comparator.comparingDouble(Point::accuracy).reversed()))
            .toList();
    List<Point> best = new java.util.ArrayList<>();
    double reached = Double.NEGATIVE_INFINITY;
    for (Point point : sorted) {
      if (point.accuracy > reached) {
        best.add(point);
        reached = point.accuracy;
      }
    }
    return best;
  }

  /**
   * Options of a stream that is run so.
   *
   * @param rig into whose cameras a policy may project the planned path
   * @throws IllegalArgumentException in one line when the model cannot do that
   */
  public static SessionOptions options(Point point, ModelPackage model, Rig rig) {
    boolean deepest = point.exit >= model.decoder().slices() - 1;
    ExitRule exits = deepest ? ExitRule.DEEPEST : new FixedExit(point.exit);
    @Nullable KvOptions kv =
        point.windowSets == model.window().sets()
            ? null
            : KvOptions.of(new StreamingVlm(point.windowSets, 0));
    DecodeOptions decode = DecodeOptions.SHIPPED.withExits(exits, false);
    return SessionOptions.of(model, rig, TokenPolicy.parse(point.tokens))
        .withDecode(kv == null ? decode : decode.withKv(kv));
  }

  private static String brief(String sha256) {
    return sha256.length() > 12 ? sha256.substring(0, 12) : sha256;
  }
}
