package saccade.perception;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import saccade.kernels.geometry.Rig;
import saccade.perception.FrontierTable.Point;
import saccade.perception.exit.ExitRule;
import saccade.perception.exit.FixedExit;
import saccade.perception.kv.StreamingVlm;
import saccade.perception.model.ModelPackage;
import saccade.perception.model.TestDescription;

class FrontierTableTest {
  private static final ModelPackage MODEL = TestDescription.sixCameras();
  private static final List<Point> POINTS =
      List.of(
          new Point("pixel-variance@0.12/ahead", 1, 2, 20, 0.70),
          new Point("pixel-variance@0.25/ahead", 2, 4, 25, 0.74),
          new Point("none", 2, 4, 40, 0.76));

  @TempDir Path folder;

  private String complaint(String model, Point... points) throws IOException {
    Path file = folder.resolve("frontier.json");
    new FrontierTable(model, "a machine", List.of(points)).write(file);
    return assertThrows(IOException.class, () -> FrontierTable.read(file, MODEL)).getMessage();
  }

  @Test
  void shouldReadWhatItWrote() throws IOException {
    Path file = folder.resolve("deeper/frontier.json");
    FrontierTable table = new FrontierTable(MODEL.sha256(), "a machine", POINTS);
    table.write(file);
    assertEquals(table, FrontierTable.read(file, MODEL));
  }

  @Test
  void shouldTakeTheMostAccurateWayThatIsInTimeElseTheFastest() {
    FrontierTable table = new FrontierTable(MODEL.sha256(), "a machine", POINTS);
    assertEquals(40, table.within(100).millis());
    assertEquals(25, table.within(39.9).millis());
    assertEquals(20, table.within(20).millis());
    assertEquals(20, table.within(1).millis());
  }

  @Test
  void shouldKeepOnlyWhatNoOtherBeats() {
    List<Point> best =
        FrontierTable.frontier(
            List.of(
                new Point("none", 2, 4, 40, 0.76),
                new Point("none", 1, 4, 41, 0.76), // slower, no better
                new Point("none", 0, 4, 20, 0.70),
                new Point("none", 0, 2, 20, 0.69), // as fast, worse
                new Point("none", 0, 1, 30, 0.60))); // slower and worse
    assertEquals(List.of(20.0, 40.0), best.stream().map(Point::millis).toList());
  }

  @Test
  void shouldRefuseATableOfAnotherModelInOneLine() throws IOException {
    String line = complaint("0123456789abcdef0123", POINTS.get(0));
    assertTrue(line.contains("found a frontier table of model 0123456789ab, wanted one of "), line);
    assertTrue(line.contains("./saccade model tune"), line);
    assertEquals(1, line.lines().count());
  }

  @Test
  void shouldRefuseWhatIsNoTableOrDoesNotFit() throws IOException {
    String sha = MODEL.sha256();
    assertTrue(complaint(sha, new Point("none", 3, 4, 1, 0.5)).contains("exit 0..2"));
    assertTrue(complaint(sha, new Point("none", 2, 0, 1, 0.5)).contains("window of 1.."));
    assertTrue(complaint(sha, new Point("magic", 2, 4, 1, 0.5)).contains("magic"));
    assertTrue(complaint(sha, new Point("none", 2, 4, -1, 0.5)).contains("millis > 0"));
    assertTrue(complaint(sha).contains("points"));
    Path file = folder.resolve("broken.json");
    for (String text :
        List.of("", "{", "[]", "null", "{\"model\":1}", "{\"points\":[null]}", "{} {}")) {
      Files.writeString(file, text);
      String line =
          assertThrows(IOException.class, () -> FrontierTable.read(file, MODEL), text).getMessage();
      assertTrue(line.startsWith(file.toString()) && line.lines().count() == 1, line);
    }
    Path none = folder.resolve("none.json");
    assertTrue(
        assertThrows(IOException.class, () -> FrontierTable.read(none, MODEL))
            .getMessage()
            .contains("found no frontier table; write one"));
  }

  @Test
  void shouldMakeOptionsOfAPoint() {
    SessionOptions whole = FrontierTable.options(POINTS.get(2), MODEL, Rig.sixCamera());
    assertEquals(ExitRule.DEEPEST, whole.decode().exits());
    assertEquals(null, whole.decode().kv(), "the model's own window");
    SessionOptions thin = FrontierTable.options(POINTS.get(0), MODEL, Rig.sixCamera());
    assertEquals(new FixedExit(1), thin.decode().exits());
    assertEquals(new StreamingVlm(2, 0), thin.decode().kv().policy());
    assertTrue(!thin.decode().anyExit(), "only what the package lets it decide");
  }
}
