package saccade.nodes.play;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.awt.image.BufferedImage;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.stream.Stream;
import javax.imageio.ImageIO;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import saccade.kernels.geometry.CameraModel;
import saccade.nodes.cli.BadInput;
import saccade.nodes.graph.Graph;
import saccade.nodes.graph.GraphFile;
import saccade.nodes.pipeline.ModelPerceiver;
import saccade.nodes.pipeline.PipelineCounts;
import saccade.nodes.pipeline.PipelineOptions;
import saccade.nodes.play.Recording.Pictures;
import saccade.nodes.play.Recording.Sweeps;
import saccade.nodes.run.ProjectHome;
import saccade.nodes.sensor.EgoState;
import saccade.perception.SessionOptions;
import saccade.perception.SetInput;
import saccade.planner.PlannerMessage;

/** A data set of two scenes, written by hand in the published layout. */
class NuScenesTest {
  private static final long T0_US = 1_500_000_000_000_000L;

  @TempDir Path root;

  private Path tables;
  private final List<String> data = new ArrayList<>();
  private final List<String> poses = new ArrayList<>();

  @BeforeEach
  void write() throws IOException {
    tables = Files.createDirectories(root.resolve("v1.0-mini"));
    table(
        "scene",
        "{\"token\":\"s0\",\"name\":\"scene-0001\"},{\"token\":\"s1\",\"name\":\"scene-0002\"}");
    table(
        "sensor",
        "{\"token\":\"cf\",\"channel\":\"CAM_FRONT\"},{\"token\":\"cb\",\"channel\":\"CAM_BACK\"},"
            + "{\"token\":\"l\",\"channel\":\"LIDAR_TOP\"},{\"token\":\"r\",\"channel\":\"RADAR_FRONT\"}");
    String camera = ",\"camera_intrinsic\":[[10,0,4],[0,10,3],[0,0,1]]}";
    table(
        "calibrated_sensor",
        "{\"token\":\"kf\",\"sensor_token\":\"cf\",\"translation\":[1.5,0,1.5],\"rotation\":[0.5,-0.5,0.5,-0.5]"
            + camera
            + ",{\"token\":\"kb\",\"sensor_token\":\"cb\",\"translation\":[0,0,1.5],\"rotation\":[0.5,-0.5,-0.5,0.5]"
            + camera
            + ",{\"token\":\"kl\",\"sensor_token\":\"l\",\"translation\":[1,0,1.8],\"rotation\":[0.7071068,0,0,-0.7071068],\"camera_intrinsic\":[]}"
            + ",{\"token\":\"kr\",\"sensor_token\":\"r\",\"translation\":[3,0,0.5],\"rotation\":[1,0,0,0],\"camera_intrinsic\":[]}");
    StringBuilder samples = new StringBuilder();
    for (int i = 0; i < 3; i++) {
      long at = T0_US + i * 500_000L;
      samples
          .append(i == 0 ? "" : ",")
          .append("{\"token\":\"x" + i + "\",\"timestamp\":" + at + ",\"scene_token\":\"s0\"}");
      frame("x" + i, "kf", "CAM_FRONT", at - 35_000, i * 2.0);
      frame("x" + i, "kb", "CAM_BACK", at - 10_000, i * 2.0);
      frame("x" + i, "kl", "LIDAR_TOP", at, i * 2.0);
      frame("x" + i, "kr", "RADAR_FRONT", at, i * 2.0);
    }
    samples.append(",{\"token\":\"y\",\"timestamp\":1,\"scene_token\":\"s1\"}");
    frame("y", "kf", "CAM_FRONT", 1, 0);
    table("sample", samples.toString());
    table("sample_data", String.join(",", data));
    table("ego_pose", String.join(",", poses));
  }

  private void table(String name, String rows) throws IOException {
    Files.writeString(tables.resolve(name + ".json"), "[" + rows + "]");
  }

  private void frame(String sample, String calibration, String channel, long stampUs, double x)
      throws IOException {
    boolean camera = channel.startsWith("CAM");
    String file = "samples/" + channel + "/" + stampUs + (camera ? ".jpg" : ".pcd.bin");
    String pose = "p" + poses.size();
    poses.add(
        "{\"token\":\""
            + pose
            + "\",\"timestamp\":"
            + stampUs
            + ",\"rotation\":[1,0,0,0],\"translation\":["
            + x
            + ",7,0]}");
    data.add(
        "{\"token\":\"d\",\"sample_token\":\""
            + sample
            + "\",\"ego_pose_token\":\""
            + pose
            + "\",\"calibrated_sensor_token\":\""
            + calibration
            + "\",\"timestamp\":"
            + stampUs
            + ",\"is_key_frame\":true,\"height\":"
            + (camera ? 6 : 0)
            + ",\"width\":"
            + (camera ? 8 : 0)
            + ",\"filename\":\""
            + file
            + "\",\"prev\":\"\"}");
    Path path = root.resolve(file);
    Files.createDirectories(path.getParent());
    if (camera) {
      ImageIO.write(new BufferedImage(8, 6, BufferedImage.TYPE_3BYTE_BGR), "jpg", path.toFile());
    } else {
      ByteBuffer points = ByteBuffer.allocate(40).order(ByteOrder.LITTLE_ENDIAN);
      for (float value : new float[] {1, 2, 3, 255, 31, 4, 5, Float.NaN, 51, 0}) {
        points.putFloat(value);
      }
      Files.write(path, points.array());
    }
  }

  private Recording open(String scene) {
    return Recordings.open(root, scene, EgoAssumptions.STANDING_IN_TOWN);
  }

  @Test
  void readsSensorsPlacesAndStampsOfTheChosenScene() {
    Recording recording = open("scene-0001");
    assertEquals("nuScenes scene-0001", recording.name());
    assertEquals(
        List.of("cam_front", "cam_back"),
        recording.rig().cameras().stream().map(CameraModel::name).toList());
    assertEquals(3, recording.sets());
    assertEquals(500_000_000L, recording.periodNs());
    assertEquals(List.of(-35_000_000L, -10_000_000L, 0L), recording.phasesNs());
    double[] uvDepth = new double[3];
    assertTrue(recording.rig().cameras().get(0).project(11.5, 0, 1.5, uvDepth));
    assertEquals(10, uvDepth[2], 1e-9, "CAM_FRONT looks ahead");
    assertTrue(recording.rig().cameras().get(1).project(-10, 0, 1.5, uvDepth));
    assertEquals(10, uvDepth[2], 1e-9, "CAM_BACK looks back");
    assertTrue(
        recording.remarks().stream().anyMatch(line -> line.startsWith("cam_front_left: left out")),
        recording.remarks().toString());
  }

  @Test
  void egoMotionComesFromThePoses() {
    List<EgoState> motion = open(null).motion();
    assertEquals(2, motion.size());
    assertEquals(4, motion.get(0).speedMps(), 1e-9, "2 m in half a second");
    assertEquals(0, motion.get(1).accelMps2(), 1e-9);
  }

  @Test
  void sweepsOfFiveFloatsBecomePointsOfSixteenBytes() {
    Recording recording = open(null);
    Sweeps form = (Sweeps) recording.tracks().get(2).content();
    assertEquals(5, form.floats());
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment into = arena.allocate(40);
      SweepFile.Sweep sweep =
          SweepFile.read(recording.tracks().get(2).frames().getFirst().file(), into, form);
      assertEquals(1, sweep.points(), "the second has no z");
      assertEquals(3f, into.get(ValueLayout.JAVA_FLOAT_UNALIGNED, 8));
      assertEquals(1f, into.get(ValueLayout.JAVA_FLOAT_UNALIGNED, 12), 1e-6f);
    }
  }

  @Test
  void saysWhichScenesThereAre() {
    BadInput bad = assertThrows(BadInput.class, () -> open("scene-0099"));
    assertTrue(
        bad.getMessage()
            .endsWith("expected the scene scene-0099 (--scene), found scene-0001, scene-0002"),
        bad.getMessage());
  }

  @Test
  void aMissingFileIsNamedAndTheOthersArePlayed() throws IOException {
    Files.delete(root.resolve("samples/CAM_BACK/" + (T0_US - 10_000) + ".jpg"));
    Recording recording = open(null);
    assertTrue(
        recording.remarks().stream()
            .anyMatch(
                line ->
                    line.startsWith(
                        "cam_back: expected 3 files, found 2; the first missing one is")),
        recording.remarks().toString());
    assertEquals(List.of("cam_back in set 0"), missingIn(recording));
  }

  @Test
  void damagedFilesOfTheFirstSensorAndOfTheLastCostTheirSetsNothingElse() throws IOException {
    Files.write(
        root.resolve("samples/CAM_FRONT/" + (T0_US + 465_000) + ".jpg"), new byte[] {1, 2, 3});
    Files.write(root.resolve("samples/LIDAR_TOP/" + (T0_US + 1_000_000) + ".pcd.bin"), new byte[7]);
    assertEquals(List.of("cam_front in set 1", "lidar_top in set 2"), missingIn(open(null)));
  }

  /**
   * Plays a recording with the shipped model, each set in 30 ms after it was put together; every
   * set must be answered in time, and by the model where it saw the camera ahead.
   *
   * @return the recording's sensors that a set was answered without
   */
  private static List<String> missingIn(Recording recording) {
    Graph graph = GraphFile.read(ProjectHome.root().resolve("launch/play.yaml"));
    List<String> names = recording.tracks().stream().map(Recording.Track::name).toList();
    List<String> missing = new ArrayList<>();
    List<PlannerMessage> messages = new ArrayList<>();
    try (PlayerSource source = new PlayerSource(recording, 1, line -> {});
        ModelPerceiver model =
            ModelPerceiver.open(
                ProjectHome.shippedModel(), source.rig(), () -> 0L, SessionOptions.DEFAULT);
        SteppedPlay play =
            new SteppedPlay(
                PipelineOptions.of(graph, source),
                source,
                model,
                ModelPerceiver.codecOf(model.session().model()),
                30_000_000L,
                publication -> messages.add(publication.message()))) {
      play.run();
      PipelineCounts counts = play.pipeline().counts();
      assertEquals(recording.sets(), counts.setsAnswered() + counts.setsBlind());
      assertEquals(List.of(), play.pipeline().imbalances());
    }
    messages.removeIf(message -> message.kind() == PlannerMessage.Kind.STARTING);
    assertEquals(recording.sets(), messages.size());
    for (int set = 0; set < messages.size(); set++) {
      PlannerMessage message = messages.get(set);
      boolean ahead = !message.sensorsMissing().contains("cam_front"); // the only one that is
      assertEquals(
          ahead ? PlannerMessage.Kind.FRESH : PlannerMessage.Kind.FALLBACK,
          message.kind(),
          message.reason());
      assertTrue(ahead || message.reason().startsWith("no camera ahead"), message.reason());
      for (String name : names) {
        if (message.sensorsMissing().contains(name)) {
          missing.add(name + " in set " + set);
        }
      }
    }
    return missing;
  }

  @Test
  void aDamagedTableIsOneLine() throws IOException {
    Files.writeString(
        tables.resolve("ego_pose.json"),
        "[{\"token\":\"p0\",\"rotation\":[1,0,0",
        StandardCharsets.UTF_8);
    BadInput bad = assertThrows(BadInput.class, () -> open(null));
    assertTrue(bad.getMessage().contains("ego_pose.json: expected a JSON table"), bad.getMessage());
    assertEquals(1, bad.getMessage().lines().count());
    Files.writeString(tables.resolve("ego_pose.json"), "{}");
    assertTrue(
        assertThrows(BadInput.class, () -> open(null))
            .getMessage()
            .contains("expected a list of rows"));
  }

  @Test
  void boxesLieInTheFrameOfTheirSweep() throws IOException {
    table("category", "{\"token\":\"c\",\"name\":\"car\"}");
    table("instance", "{\"token\":\"i\",\"category_token\":\"c\"}");
    // The ego is at (2, 7) for the second sample; a car of 4 x 2 m stands across the lane at (12,
    // 8).
    table(
        "sample_annotation",
        "{\"token\":\"a\",\"sample_token\":\"x1\",\"instance_token\":\"i\",\"num_lidar_pts\":9,"
            + "\"translation\":[12,8,1],\"size\":[2,4,1.5],\"rotation\":[0.7071068,0,0,0.7071068]},"
            + "{\"token\":\"b\",\"sample_token\":\"y\",\"instance_token\":\"i\",\"num_lidar_pts\":9,"
            + "\"translation\":[0,0,1],\"size\":[2,4,1.5],\"rotation\":[1,0,0,0]}");
    List<RecordedBox> boxes = Recordings.boxes(root, "scene-0001");
    assertEquals(1, boxes.size(), "the other one is of another scene");
    RecordedBox box = boxes.getFirst();
    assertEquals("car", box.kind());
    assertEquals((T0_US + 500_000L) * 1000, box.stampNs());
    assertEquals(9, box.lidarPoints());
    assertEquals(9, box.nearestX(), 1e-5);
    assertEquals(11, box.farthestX(), 1e-5);
    assertEquals(-1, box.leastY(), 1e-5);
    assertEquals(3, box.mostY(), 1e-5);
    assertEquals(List.of(), Recordings.boxes(root.resolve("samples"), null));
  }

  @Test
  void theRealKeyFrameHasBoxesAndOneSet() {
    Path shared = Path.of("../../shared/data/nuscenes-mini");
    assumeTrue(Files.isDirectory(shared), "shared nuScenes sample is not here");
    List<RecordedBox> boxes = Recordings.boxes(shared, null);
    assertEquals(68, boxes.size());
    Recording recording = Recordings.open(shared, null, EgoAssumptions.STANDING_IN_TOWN);
    try (RecordedSets sets = new RecordedSets(recording)) {
      assertEquals(1, sets.sets());
      sets.fill(0, new SetInput(6));
      assertEquals(34_688, sets.pointCount());
      assertEquals(boxes.getFirst().stampNs(), sets.sweepStampNs());
    }
    double nearest =
        boxes.stream()
            .filter(box -> box.leastY() < 1.8 && box.mostY() > -1.8 && box.nearestX() > 0)
            .mapToDouble(RecordedBox::nearestX)
            .min()
            .orElse(0);
    assertEquals(36.56, nearest, 0.01);
  }

  @Test
  void theRealKeyFrameHasSixCamerasAndALidar() {
    Path shared = Path.of("../../shared/data/nuscenes-mini");
    assumeTrue(Files.isDirectory(shared), "shared nuScenes sample is not here");
    Recording recording = Recordings.open(shared, null, EgoAssumptions.STANDING_IN_TOWN);
    assertEquals(6, recording.rig().cameras().size());
    assertEquals(7, recording.tracks().size());
    assertEquals(
        recording.periodNs(),
        recording.lapNs(),
        "again and again: at its pace, though its sensors measure 43 ms apart");
    for (Recording.Track track : recording.tracks()) {
      Path file = track.frames().getFirst().file();
      if (track.content() instanceof Pictures size) {
        assertEquals(
            3 * 1600 * 900, PictureFile.read(file, size.widthPx(), size.heightPx()).length);
      } else if (track.content() instanceof Sweeps form) {
        try (Arena arena = Arena.ofConfined()) {
          MemorySegment into = arena.allocate(4L * form.floats() * form.maxPoints());
          assertEquals(34_688, SweepFile.read(file, into, form).points());
        }
      }
    }
  }

  /** The one set of the published sample, with each of its seven sensors damaged in turn. */
  @Test
  void theRealKeyFrameIsAnsweredWithoutAnyOneOfItsSensors() throws IOException {
    Path shared = Path.of("../../shared/data/nuscenes-mini").toAbsolutePath().normalize();
    assumeTrue(Files.isDirectory(shared), "shared nuScenes sample is not here");
    assertEquals(
        List.of(), missingIn(Recordings.open(shared, null, EgoAssumptions.STANDING_IN_TOWN)));
    List<Path> files;
    try (Stream<Path> all = Files.walk(shared.resolve("samples"))) {
      files = all.filter(Files::isRegularFile).sorted().toList();
    }
    assertEquals(7, files.size());
    for (Path damaged : files) {
      Path copy = Files.createTempDirectory(root, "copy");
      Files.createSymbolicLink(copy.resolve("v1.0-mini"), shared.resolve("v1.0-mini"));
      for (Path file : files) {
        Path target = copy.resolve(shared.relativize(file));
        Files.createDirectories(target.getParent());
        if (file.equals(damaged)) {
          Files.write(target, new byte[] {1, 2, 3});
        } else {
          Files.createSymbolicLink(target, file);
        }
      }
      String name = damaged.getParent().getFileName().toString().toLowerCase(Locale.ROOT);
      assertEquals(
          List.of(name + " in set 0"),
          missingIn(Recordings.open(copy, null, EgoAssumptions.STANDING_IN_TOWN)));
    }
  }
}
