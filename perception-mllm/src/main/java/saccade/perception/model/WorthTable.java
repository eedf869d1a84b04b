package saccade.perception.model;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import saccade.realtime.deadline.Sight;
import saccade.realtime.deadline.Worth;

/**
 * Set-up only. What an action and a text of a model are worth at each {@link Sight}, as {@code
 * saccade model worth} measured it: {@value #FILE} in the package, beside its description. A
 * package need not have one; its budget controller then never does less for one set to have time
 * for another.
 *
 * @param model sha256 of the description of the model it was measured with
 * @param measured free text: how
 * @param rows one a sight
 */
public record WorthTable(String model, String measured, List<Row> rows) {
  /** Name of the file in a package directory. */
  public static final String FILE = "worth.json";

  private static final long MOST_BYTES = 1 << 16;
  private static final ObjectMapper JSON =
      new ObjectMapper().enable(DeserializationFeature.FAIL_ON_TRAILING_TOKENS);

  /**
   * Worth at one sight beside that of the whole model, 0..1.
   *
   * @param sight lower-case name of a {@link Sight}
   * @param action of an action
   * @param text of a text with all facts
   * @param brief of a brief one
   */
  public record Row(String sight, double action, double text, double brief) {}

  public WorthTable {
    rows = List.copyOf(rows);
  }

  /**
   * Reads the table of a package; null when it has none.
   *
   * @throws ModelPackageException in one line: damaged, or of another model
   */
  public static @Nullable Worth of(ModelPackage model) throws ModelPackageException {
    Path file = model.dir().resolve(FILE);
    if (!Files.exists(file)) {
      return null;
    }
    try {
      if (Files.size(file) > MOST_BYTES) {
        throw new ModelPackageException(
            "%s: found %d B, wanted at most %d".formatted(file, Files.size(file), MOST_BYTES));
      }
      WorthTable table = parse(file.toString(), Files.readAllBytes(file));
      if (!table.model.equals(model.sha256())) {
        throw new ModelPackageException(
            "%s: found the worth of model %s, wanted that of %s (%s %s); measure it with ./saccade model worth --out %s"
                .formatted(
                    file,
                    brief(table.model),
                    brief(model.sha256()),
                    model.name(),
                    model.version(),
                    file));
      }
      return table.worth(file.toString());
    } catch (ModelPackageException e) {
      throw e;
    } catch (IOException e) {
      throw new ModelPackageException(file + ": cannot be read: " + e.getMessage(), e);
    }
  }

  /**
   * The table that some bytes say.
   *
   * @param where for the complaint
   */
  static WorthTable parse(String where, byte[] json) throws ModelPackageException {
    try {
      WorthTable table = JSON.readValue(json, WorthTable.class);
      if (table == null || table.model == null || table.measured == null) {
        throw new ModelPackageException(
            where + ": found nothing, wanted a worth table with model, measured and rows");
      }
      return table;
    } catch (JsonProcessingException | NullPointerException e) {
      throw new ModelPackageException(
          where
              + ": found no worth table: "
              + String.valueOf(e.getMessage()).lines().findFirst().orElse(""),
          e);
    } catch (ModelPackageException e) {
      throw e;
    } catch (IOException e) {
      throw new ModelPackageException(where + ": cannot be read: " + e.getMessage(), e);
    }
  }

  /** The table's numbers; each sight once, each number 0..1. */
  private Worth worth(String where) throws ModelPackageException {
    Map<Sight, Row> bySight = new EnumMap<>(Sight.class);
    for (Row row : rows) {
      Sight sight = sight(row.sight);
      if (sight == null || !share(row.action) || !share(row.text) || !share(row.brief)) {
        throw new ModelPackageException(
            where + ": found " + row + ", wanted a known sight and numbers 0..1");
      }
      if (bySight.put(sight, row) != null) {
        throw new ModelPackageException(where + ": found " + row.sight + " twice, wanted it once");
      }
    }
    Sight[] sights = Sight.values();
    double[] action = new double[sights.length];
    double[] text = new double[sights.length];
    double[] brief = new double[sights.length];
    for (Sight sight : sights) {
      Row row = bySight.get(sight);
      if (row == null) {
        throw new ModelPackageException(
            where + ": found no row of " + word(sight) + ", wanted one of every sight");
      }
      action[sight.ordinal()] = row.action;
      text[sight.ordinal()] = row.text;
      brief[sight.ordinal()] = row.brief;
    }
    return new Worth(action, text, brief);
  }

  private static @Nullable Sight sight(@Nullable String word) {
    for (Sight sight : Sight.values()) {
      if (word(sight).equals(word)) {
        return sight;
      }
    }
    return null;
  }

  private static String word(Sight sight) {
    return sight.name().toLowerCase(Locale.ROOT);
  }

  private static boolean share(double value) {
    return value >= 0 && value <= 1;
  }

  /**
   * A table to be written.
   *
   * @param measured free text: how
   */
  public static WorthTable from(ModelPackage model, String measured, Worth worth) {
    List<Row> rows = new ArrayList<>();
    for (Sight sight : Sight.values()) {
      int s = sight.ordinal();
      rows.add(
          new Row(
              word(sight),
              hundredths(worth.action()[s]),
              hundredths(worth.text()[s]),
              hundredths(worth.brief()[s])));
    }
    return new WorthTable(model.sha256(), measured, rows);
  }

  /** What is above the whole model's by chance is worth as much as it. */
  private static double hundredths(double share) {
    return Math.round(100 * Math.clamp(share, 0, 1)) / 100.0;
  }

  /** Writes the table. */
  public void write(Path file) throws IOException {
    Files.writeString(file, JSON.writerWithDefaultPrettyPrinter().writeValueAsString(this) + "\n");
  }

  private static String brief(String sha256) {
    return sha256.length() > 12 ? sha256.substring(0, 12) : sha256;
  }
}
