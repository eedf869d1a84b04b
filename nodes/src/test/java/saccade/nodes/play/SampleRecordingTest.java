package saccade.nodes.play;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import saccade.nodes.cli.BadInput;
import saccade.nodes.sensor.EgoState;

/** The recording that lies in the repository, as {@code sim export} wrote it. */
final class SampleRecordingTest {
  private static final Path SAMPLE = Path.of("samples/recording");

  @TempDir Path folder;

  @Test
  void shouldOpenWithoutAnyRemark() throws IOException {
    Recording sample = Recordings.open(SAMPLE, EgoAssumptions.STANDING_IN_TOWN);
    assertEquals(List.of(), sample.remarks());
    assertEquals(3, sample.tracks().size());
    assertEquals(11, sample.sets());
    assertEquals(11, sample.motion().size());
    assertEquals(100_000_000L, sample.periodNs());
    assertEquals("front_wide", sample.rig().cameras().getFirst().name());
    try (Stream<Path> files = Files.walk(SAMPLE)) {
      long bytes =
          files.filter(Files::isRegularFile).mapToLong(file -> file.toFile().length()).sum();
      assertTrue(bytes < 3_000_000, () -> bytes + " bytes in the repository");
    }
  }

  @Test
  void shouldDrawTheSweepsIntoThePictures() throws IOException {
    Recording sample = Recordings.open(SAMPLE, EgoAssumptions.STANDING_IN_TOWN);
    List<Integer> told = new ArrayList<>();
    assertEquals(6, Projections.write(sample, folder, 3, told::add), "three of each camera");
    assertEquals(List.of(1, 2, 3, 4, 5, 6), told);
    assertEquals(
        3 * 224 * (128 + 18),
        PictureFile.read(folder.resolve("projection_front_wide_000003.png"), 224, 128 + 18).length);
  }

  @Test
  void shouldReadOdometryColumnsInAnyOrder() {
    List<EgoState> motion =
        ExportedRecording.odometry(
            "odometry.csv",
            text("speedMps,more,setSpeedMps,accelMps2,yawRateRps,stampNs\n1,x,2,3,4,5\n"));
    assertEquals(List.of(new EgoState(5, 1, 4, 3, 2)), motion);
  }

  @Test
  void shouldNameTheLineOfWrongOdometry() {
    String head = "stampNs,speedMps,yawRateRps,accelMps2,setSpeedMps\n";
    assertTrue(
        complaint(head + "1,2,3,4\n").contains("odometry.csv line 2: expected 5 values, found 4"));
    assertTrue(complaint(head + "1,2,NaN,4,5\n").contains("line 2: expected finite numbers"));
    assertTrue(complaint("a,b\n").contains("expected a column stampNs, found [a, b]"));
    assertTrue(complaint("").contains("found an empty file"));
  }

  @Test
  void shouldPlayOnWithoutASensorWhoseFolderIsGone() throws IOException {
    Path copy = folder.resolve("copy");
    try (Stream<Path> files = Files.walk(SAMPLE)) {
      for (Path file : files.toList()) {
        if (!file.startsWith(SAMPLE.resolve("front_tele"))) {
          Path target = copy.resolve(SAMPLE.relativize(file).toString());
          Files.createDirectories(target.getParent());
          if (Files.isRegularFile(file)) {
            Files.copy(file, target);
          }
        }
      }
    }
    Recording recording = Recordings.open(copy, EgoAssumptions.STANDING_IN_TOWN);
    assertEquals(2, recording.tracks().size());
    assertEquals(2, recording.rig().cameras().size());
    assertTrue(
        recording.remarks().getFirst().contains("front_tele"), recording.remarks().toString());
  }

  @Test
  void shouldNameAPictureThatIsMissing() throws IOException {
    Path copy = folder.resolve("copy");
    try (Stream<Path> files = Files.walk(SAMPLE)) {
      for (Path file : files.filter(Files::isRegularFile).toList()) {
        Path target = copy.resolve(SAMPLE.relativize(file).toString());
        Files.createDirectories(target.getParent());
        Files.copy(file, target);
      }
    }
    Path gone = copy.resolve("front_tele/data/000006.png");
    Files.delete(gone);
    Recording recording = Recordings.open(copy, EgoAssumptions.STANDING_IN_TOWN);
    assertEquals(1, recording.remarks().size(), recording.remarks().toString());
    String remark = recording.remarks().getFirst();
    assertTrue(remark.contains("expected a file for each of 11 time stamps, found 1"), remark);
    assertTrue(remark.endsWith("the first missing file is " + gone), remark);
  }

  private static String complaint(String table) {
    return assertThrows(
            BadInput.class, () -> ExportedRecording.odometry("odometry.csv", text(table)))
        .getMessage();
  }

  private static byte[] text(String text) {
    return text.getBytes(StandardCharsets.US_ASCII);
  }
}
