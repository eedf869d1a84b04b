package saccade.nodes.play;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import picocli.CommandLine;
import saccade.nodes.cli.ExitCode;
import saccade.nodes.cli.Main;
import saccade.planner.ActionChunk;
import saccade.planner.JsonLines;
import saccade.planner.PlannerMessage;

/** What {@code saccade play} says to input it cannot use. */
final class PlayVerbTest {
  @TempDir Path folder;
  private final StringWriter err = new StringWriter();
  private final StringWriter out = new StringWriter();

  private int play(String... words) {
    CommandLine line = Main.commandLine();
    line.setErr(new PrintWriter(err, true));
    line.setOut(new PrintWriter(out, true));
    return line.execute(words);
  }

  private void expectLine(String part) {
    assertTrue(err.toString().contains(part), err.toString());
    assertEquals(1, err.toString().strip().lines().count(), err.toString());
  }

  @Test
  void shouldRefuseAFolderWithoutARecordingInOneLine() {
    assertEquals(ExitCode.BAD_INPUT, play("play", folder.toString()));
    expectLine("expected a recording");
  }

  @Test
  void shouldRefuseAFolderThatIsNotThere() {
    assertEquals(ExitCode.BAD_INPUT, play("play", folder.resolve("x").toString()));
    expectLine("expected the folder of a recording, found nothing");
  }

  @Test
  void shouldRefuseNumbersOutOfRange() {
    assertEquals(ExitCode.BAD_INPUT, play("play", "samples/recording", "--rate", "0"));
    expectLine("--rate: expected 0.01 to 100, found 0.0");
    err.getBuffer().setLength(0);
    assertEquals(ExitCode.BAD_INPUT, play("play", "samples/recording", "--keep", "1.5"));
    expectLine("--keep: expected a share above 0 and up to 1, found 1.5");
    err.getBuffer().setLength(0);
    assertEquals(ExitCode.BAD_INPUT, play("play", "samples/recording", "--speed", "-3"));
    expectLine("--speed: ");
  }

  private void refused(String part, String... words) {
    err.getBuffer().setLength(0);
    String[] all = new String[words.length + 1];
    all[0] = "play";
    System.arraycopy(words, 0, all, 1, words.length);
    assertEquals(ExitCode.BAD_INPUT, play(all), err.toString());
    expectLine(part);
  }

  /** What belongs to the other kind of source is not passed over. */
  @Test
  void shouldRefuseEachOptionThatARecordingCannotHonour() {
    String sample = "samples/recording";
    refused(
        "--hfov: expected a camera, a video or pictures, found the recording",
        sample,
        "--hfov",
        "70");
    refused("--rig: expected a camera, a video or pictures", sample, "--rig", "r.yaml");
    refused("--out: expected pictures to write", sample, "--out", "x", "--pictures", "0");
    refused("--speed: expected a recording without ego motion", sample, "--speed", "12");
    refused("--scene x: expected a nuScenes folder", sample, "--scene", "x");
    refused("--loop: expected --seconds beside --fast or --offline", sample, "--loop", "--fast");
    refused("--seconds: expected 0 to 1000000, found -1.0", sample, "--seconds", "-1");
    refused(
        "--keep: expected no --tokens beside it",
        sample,
        "--keep",
        "0.5",
        "--tokens",
        "pixel-variance@0.5");
  }

  @Test
  void shouldRefuseEachOptionThatACameraCannotHonour() throws IOException {
    String url = "rtsp://127.0.0.1:1/none";
    for (String option : List.of("--scene=x", "--out=x", "--pictures=3", "--fast", "--offline")) {
      refused(option.split("=")[0] + ": expected a recording's folder, found " + url, url, option);
    }
    refused(
        "--rate: expected a recording, a video or pictures, found the live", url, "--rate", "2");
    refused("--loop: expected a recording, a video or pictures, found the live", url, "--loop");
    Path video = Files.write(folder.resolve("a.mp4"), new byte[64]);
    refused("--scene: expected a recording's folder", video.toString(), "--scene", "scene-0001");
    refused(
        "--hfov: expected no --rig beside it",
        video.toString(),
        "--rig",
        "../launch/rigs/front-camera.yaml",
        "--hfov",
        "70");
  }

  /** A folder with one video is that video; with several, they are named. */
  @Test
  void shouldTakeTheOneVideoOfAFolderAndNameSeveral() throws IOException {
    Path one = Files.write(folder.resolve("drive.MP4"), new byte[64]);
    Files.writeString(folder.resolve("README.md"), "a drive");
    refused(one + ": expected a video, found", folder.toString());
    Files.write(folder.resolve("more.avi"), new byte[64]);
    refused("expected one video, found 2; give one of them: " + one, folder.toString());
  }

  @Test
  void shouldPlayTheSampleAgainAndAgainUntilTheSecondsAreOver() throws IOException {
    Path json = folder.resolve("messages.jsonl");
    int code =
        play(
            "play",
            "samples/recording",
            "--offline",
            "--loop",
            "--seconds",
            "2.45",
            "--pictures",
            "0",
            "--json",
            json.toString());
    assertEquals(ExitCode.OK, code, err.toString() + out);
    assertTrue(out.toString().contains("11 sets, 10.0 Hz, offline"), out.toString());
    assertTrue(out.toString().contains(", again and again"), out.toString());
    List<PlannerMessage> messages = Files.readAllLines(json).stream().map(JsonLines::read).toList();
    assertEquals(25, messages.size(), "2.4 s at 10 Hz, two laps of 11 sets and some");
    for (int i = 1; i < messages.size(); i++) {
      assertEquals(
          100_000_000L, messages.get(i).captureNs() - messages.get(i - 1).captureNs(), "set " + i);
    }
    for (int i = 11; i < messages.size(); i++) { // a memory of the lap before would change answers
      assertEquals(said(messages.get(i - 11)), said(messages.get(i)), "set " + i);
    }
    assertTrue(out.toString().contains("seams        2: "), out.toString());
    assertTrue(out.toString().contains("balance      every account is right"), out.toString());
  }

  /** What was decided and seen, confidences included, without the instants. */
  private static String said(PlannerMessage message) {
    ActionChunk action = message.action();
    assertNotNull(action);
    StringBuilder text = new StringBuilder(message.scene().sentence());
    text.append(' ').append(message.confidence()).append(' ').append(action.maneuver());
    for (int i = 0; i < action.steps(); i++) {
      text.append(' ').append(action.accel(i)).append(' ').append(action.curvature(i));
    }
    return text.toString();
  }

  /** Pictures are not wanted: nothing is left behind. */
  @Test
  void shouldMakeNoFolderWithoutPictures() throws IOException {
    Set<Path> before = folders();
    assertEquals(
        ExitCode.OK, play("play", "samples/recording", "--offline", "--pictures", "0"), "" + err);
    assertTrue(out.toString().contains("pictures     none"), out.toString());
    Set<Path> after = folders();
    after.removeAll(before);
    for (Path made : after) { // another test's, which draws
      try (Stream<Path> files = Files.list(made)) {
        assertTrue(files.findAny().isPresent(), made.toString());
      }
    }
  }

  private static Set<Path> folders() throws IOException {
    try (Stream<Path> all = Files.list(Path.of(System.getProperty("java.io.tmpdir")))) {
      return all.filter(path -> path.getFileName().toString().startsWith("saccade-play-"))
          .collect(Collectors.toSet());
    }
  }

  /** The shipped model on the recording in the repository, as a user of a fresh clone sees it. */
  @Test
  void shouldPlayTheSampleToItsEndWithASentenceAndAnActionForEachSet() throws IOException {
    Path json = folder.resolve("messages.jsonl");
    int code =
        play(
            "play",
            "samples/recording",
            "--offline",
            "--pictures",
            "2",
            "--out",
            folder.toString(),
            "--json",
            json.toString());
    assertEquals(ExitCode.OK, code, err.toString() + out);
    List<PlannerMessage> messages = Files.readAllLines(json).stream().map(JsonLines::read).toList();
    assertEquals(11, messages.size());
    for (PlannerMessage message : messages) {
      assertEquals(PlannerMessage.Kind.FRESH, message.kind());
      assertNotNull(message.action());
      // The sample was recorded with two cameras; the model has places for six.
      assertEquals(
          List.of("camera 2", "camera 3", "camera 4", "camera 5"), message.sensorsMissing());
      assertTrue(message.scene().sentence().contains(" "), message.scene().sentence());
    }
    assertEquals(11, out.toString().lines().filter(line -> line.matches("set +[0-9]+ .*")).count());
    assertTrue(out.toString().contains("balance      every account is right"), out.toString());
    assertTrue(Files.size(folder.resolve("projection_front_wide_000000.png")) > 1000);
    assertTrue(Files.size(folder.resolve("projection_front_wide_000005.png")) > 1000);
  }

  @Test
  void shouldSayWhichModelIsMissing() {
    assertEquals(
        ExitCode.UNAVAILABLE,
        play("play", "samples/recording", "--fast", "--model", folder.toString()));
    expectLine("expected a model package");
  }
}
