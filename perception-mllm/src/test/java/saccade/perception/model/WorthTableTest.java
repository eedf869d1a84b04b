package saccade.perception.model;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import saccade.perception.TestSets;
import saccade.realtime.deadline.Sight;
import saccade.realtime.deadline.Worth;

class WorthTableTest {
  private static final int SIGHTS = Sight.values().length;

  @TempDir Path folder;
  private ModelPackage model = TestSets.model();

  @BeforeEach
  void copy() throws IOException {
    try (Stream<Path> files = Files.list(TestSets.model().dir())) {
      for (Path file : files.toList()) {
        if (!file.getFileName().toString().equals(WorthTable.FILE)) {
          Files.copy(file, folder.resolve(file.getFileName()));
        }
      }
    }
    model = ModelPackage.load(folder);
  }

  private static Worth worth(double top) {
    double[] falling = new double[SIGHTS];
    Arrays.setAll(falling, i -> top - 0.05 * i);
    return new Worth(falling, falling, falling);
  }

  private String complaint(String json) throws IOException {
    Files.writeString(folder.resolve(WorthTable.FILE), json);
    String line =
        assertThrows(ModelPackageException.class, () -> WorthTable.of(model)).getMessage();
    assertTrue(line.startsWith(folder.resolve(WorthTable.FILE) + ": "), line);
    assertEquals(1, line.lines().count());
    return line;
  }

  @Test
  void shouldReadWhatItWroteAndBoundWhatChanceGave() throws IOException {
    WorthTable.from(model, "by a test", worth(1.04)).write(folder.resolve(WorthTable.FILE));
    Worth read = WorthTable.of(model);
    assertNotNull(read);
    double[] wanted = worth(1.04).action();
    wanted[0] = 1;
    assertArrayEquals(wanted, read.action(), 1e-9);
    assertArrayEquals(wanted, read.brief(), 1e-9);
  }

  @Test
  void shouldBeNullWhereNobodyMeasured() throws IOException {
    assertNull(WorthTable.of(model));
  }

  @Test
  void shouldKnowTheShippedModelsWorth() throws IOException {
    Worth shipped = WorthTable.of(TestSets.model());
    assertNotNull(shipped);
    assertEquals(1, shipped.ofAction(Sight.WHOLE));
    assertTrue(shipped.ofAction(Sight.EYES) < 1);
  }

  @Test
  void shouldRefuseInOneLine() throws IOException {
    String good = new String(written(model.sha256()), java.nio.charset.StandardCharsets.UTF_8);
    assertTrue(
        complaint(good.replace(model.sha256(), "0123456789abcdef"))
            .contains("found the worth of model 0123456789ab, wanted that of "));
    assertTrue(complaint("{").contains("found no worth table"));
    assertTrue(complaint("null").contains("found nothing"));
    assertTrue(complaint("{}").contains("found no worth table"));
    assertTrue(complaint(good.replace("\"eyes\"", "\"ears\"")).contains("wanted a known sight"));
    assertTrue(complaint(good.replace("\"eyes\"", "\"whole\"")).contains("whole twice"));
    assertTrue(complaint(good.replace(" : 0.6,", " : -0.6,")).contains("numbers 0..1"));
    int last = good.lastIndexOf(", {");
    assertTrue(complaint(good.substring(0, last) + " ]\n}").contains("no row of eyes"));
  }

  private byte[] written(String sha256) throws IOException {
    Path file = folder.resolve("other.json");
    new WorthTable(sha256, "by a test", WorthTable.from(model, "", worth(1)).rows()).write(file);
    return Files.readAllBytes(file);
  }
}
