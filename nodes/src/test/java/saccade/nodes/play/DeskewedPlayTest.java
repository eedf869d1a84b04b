package saccade.nodes.play;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import picocli.CommandLine;
import saccade.kernels.geometry.CameraModel;
import saccade.kernels.geometry.LidarModel;
import saccade.kernels.geometry.Pose;
import saccade.kernels.geometry.Rig;
import saccade.kernels.geometry.SweepTiming;
import saccade.kernels.lidar.Deskew;
import saccade.nodes.cli.ExitCode;
import saccade.nodes.cli.Main;
import saccade.nodes.graph.RigFile;
import saccade.nodes.sensor.EgoState;
import saccade.nodes.sensor.RecordingWriter;
import saccade.nodes.sensor.SensorInlets;
import saccade.perception.SetInput;
import saccade.planner.JsonLines;
import saccade.planner.PlannerMessage;
import saccade.sim.Odometry;
import saccade.sim.Scenario;
import saccade.sim.Simulation;

/**
 * A vehicle drives round a bend while its LiDAR turns: each of forty-one parts of a turn sees the
 * world from another place. Recorded three times from one drive: as a LiDAR that turns gives it,
 * with {@code sweep} in the rig file; the same points without that word; and the truth, a whole
 * sweep at the set's instant.
 */
final class DeskewedPlayTest {
  private static final ValueLayout.OfFloat F32 =
      ValueLayout.JAVA_FLOAT_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);
  private static final int SETS = 6;
  private static final int PARTS = 41;
  private static final double TURN_S = 0.1;
  private static final double CURVATURE = 0.045;

  /** Begins behind, turns to the left, stamped when it is over. */
  private static final SweepTiming TIMING = new SweepTiming(TURN_S, true, Math.PI, 1);

  @TempDir static Path folder;

  private static Path rolling;
  private static Path unsaid;
  private static Path truth;

  @BeforeAll
  static void record() throws IOException {
    Rig rig = RigFile.read(Path.of("../launch/rigs/two-camera.yaml"));
    Rig turning = new Rig(rig.cameras(), with(lidar(rig), TIMING));
    rolling = folder.resolve("rolling");
    unsaid = folder.resolve("unsaid");
    truth = folder.resolve("truth");
    Simulation drive = new Simulation(rig, Scenario.named("curve"), 3);
    for (int i = 0; i < 20; i++) {
      drive.command(i < 15 ? 2 : 0, i < 15 ? 0 : CURVATURE);
      drive.advance(0.1);
    }
    try (Arena arena = Arena.ofConfined();
        RecordingWriter asTurned = new RecordingWriter(rolling, "rolling", turning);
        RecordingWriter unnamed = new RecordingWriter(unsaid, "unsaid", rig);
        RecordingWriter atOnce = new RecordingWriter(truth, "truth", rig)) {
      List<RecordingWriter> all = List.of(asTurned, unnamed, atOnce);
      int room = lidar(rig).beams() * lidar(rig).columns() * SensorInlets.POINT_BYTES;
      MemorySegment whole = arena.allocate(room);
      MemorySegment swept = arena.allocate(room);
      for (int set = 0; set < SETS; set++) {
        int kept = 0;
        for (int part = 0; part < PARTS; part++) {
          drive.command(0, CURVATURE);
          drive.advance(TURN_S / PARTS / 2);
          kept = keep(whole, drive.renderLidar(whole), part, swept, kept);
          drive.advance(TURN_S / PARTS / 2);
        }
        long stampNs = Math.round((set + 1) * TURN_S * 1e9);
        Odometry motion = drive.odometry();
        assertTrue(
            motion.speedMps() > 8 && motion.yawRateRps() > 0.3,
            () -> "it drives round a bend: " + motion);
        for (RecordingWriter writer : all) {
          writer.ego(
              new EgoState(
                  stampNs,
                  motion.speedMps(),
                  motion.yawRateRps(),
                  motion.accelMps2(),
                  drive.setSpeedMps()));
        }
        for (int i = 0; i < rig.cameras().size(); i++) {
          CameraModel camera = rig.cameras().get(i);
          MemorySegment picture = arena.allocate(3L * camera.widthPx() * camera.heightPx());
          drive.renderCamera(i, picture);
          for (RecordingWriter writer : all) {
            writer.frame(i, stampNs, picture, (int) picture.byteSize());
          }
        }
        int lidar = rig.cameras().size();
        asTurned.frame(lidar, stampNs, swept, kept * SensorInlets.POINT_BYTES);
        unnamed.frame(lidar, stampNs, swept, kept * SensorInlets.POINT_BYTES);
        int points = drive.renderLidar(whole);
        atOnce.frame(lidar, stampNs, whole, points * SensorInlets.POINT_BYTES);
      }
    }
  }

  private static LidarModel lidar(Rig rig) {
    LidarModel lidar = rig.lidar();
    assertNotNull(lidar);
    return lidar;
  }

  private static LidarModel with(LidarModel lidar, SweepTiming timing) {
    return new LidarModel(
        lidar.name(),
        lidar.baseFromLidar(),
        lidar.beams(),
        lidar.columns(),
        lidar.minElevationRad(),
        lidar.maxElevationRad(),
        lidar.maxRangeM(),
        timing);
  }

  /** Keeps the points that a beam measures in one part of its turn; returns how many there are. */
  private static int keep(
      MemorySegment from, int points, int part, MemorySegment into, int already) {
    int kept = already;
    for (int i = 0; i < points; i++) {
      long at = (long) i * SensorInlets.POINT_BYTES;
      double left =
          (Math.atan2(from.get(F32, at + 4), from.get(F32, at)) - TIMING.startRad())
              / (2 * Math.PI);
      left -= Math.floor(left);
      if (Math.min(PARTS - 1, (int) (left * PARTS)) == part) {
        MemorySegment.copy(
            from, at, into, (long) kept++ * SensorInlets.POINT_BYTES, SensorInlets.POINT_BYTES);
      }
    }
    return kept;
  }

  // ---- where the points land ----

  /** Points above the ground, base_link, (points, 3). */
  private static List<double[]> things(MemorySegment points, int count, Pose baseFromLidar) {
    List<double[]> found = new ArrayList<>();
    for (int i = 0; i < count; i++) {
      long at = (long) i * SensorInlets.POINT_BYTES;
      double[] base =
          baseFromLidar.apply(
              points.get(F32, at), points.get(F32, at + 4), points.get(F32, at + 8));
      if (base[2] > 0.3 && Math.hypot(base[0], base[1]) < 40) {
        found.add(base);
      }
    }
    return found;
  }

  /** Median distance of points from the nearest of the true ones, metres. */
  private static double beside(List<double[]> found, List<double[]> true3d) {
    double[] apart =
        found.stream()
            .mapToDouble(
                point ->
                    Math.sqrt(
                        true3d.stream()
                            .mapToDouble(
                                other -> {
                                  double dx = point[0] - other[0];
                                  double dy = point[1] - other[1];
                                  double dz = point[2] - other[2];
                                  return dx * dx + dy * dy + dz * dz;
                                })
                            .min()
                            .orElse(Double.MAX_VALUE)))
            .sorted()
            .toArray();
    return apart[apart.length / 2];
  }

  @Test
  void pointsLandWhereTheThingsAreByTheRigFilesOwnWord() {
    Recording played = Recordings.open(rolling, EgoAssumptions.STANDING_IN_TOWN);
    LidarModel spinning = lidar(played.rig());
    assertEquals(TIMING, spinning.sweep(), "as the rig file says");
    Deskew deskew = new Deskew(spinning.baseFromLidar(), TIMING);
    try (RecordedSets asTurned = new RecordedSets(played);
        RecordedSets atOnce =
            new RecordedSets(Recordings.open(truth, EgoAssumptions.STANDING_IN_TOWN));
        Arena arena = Arena.ofConfined()) {
      SetInput input = new SetInput(6);
      for (int set = 0; set < SETS; set++) {
        asTurned.fill(set, input);
        atOnce.fill(set, input);
        EgoState motion = played.motion().get(set);
        int count = asTurned.pointCount();
        MemorySegment straight = arena.allocate((long) count * SensorInlets.POINT_BYTES);
        deskew.correct(
            asTurned.points(), count, 0, motion.speedMps(), motion.yawRateRps(), straight);
        Pose place = spinning.baseFromLidar();
        List<double[]> wanted = things(atOnce.points(), atOnce.pointCount(), place);
        assertTrue(wanted.size() > 100, "there is something to see");
        double corrected = beside(things(straight, count, place), wanted);
        double raw = beside(things(asTurned.points(), count, place), wanted);
        assertTrue(raw > 0.15, "the motion within a turn matters: " + raw + " m");
        assertTrue(corrected < 0.07, "set " + set + ": " + corrected + " m beside the truth");
      }
    }
  }

  // ---- what comes out at the other end ----

  private static List<PlannerMessage> play(Path recording) throws IOException {
    Path json = recording.resolve("messages.jsonl");
    StringWriter said = new StringWriter();
    CommandLine line = Main.commandLine();
    line.setOut(new PrintWriter(said));
    line.setErr(new PrintWriter(said));
    int code =
        line.execute(
            "play",
            recording.toString(),
            "--offline",
            "--pictures",
            "0",
            "--json",
            json.toString());
    assertEquals(ExitCode.OK, code, said::toString);
    return Files.readAllLines(json).stream().map(JsonLines::read).toList();
  }

  /**
   * A copy of the rolling recording whose sweeps were straightened before; its rig says nothing.
   */
  private static Path straightened() throws IOException {
    Path target = folder.resolve("straightened");
    try (Stream<Path> files = Files.walk(unsaid)) {
      for (Path file : files.filter(Files::isRegularFile).toList()) {
        Path copy = target.resolve(unsaid.relativize(file).toString());
        Files.createDirectories(copy.getParent());
        Files.copy(file, copy);
      }
    }
    Recording played = Recordings.open(rolling, EgoAssumptions.STANDING_IN_TOWN);
    LidarModel spinning = lidar(played.rig());
    SweepTiming timing = spinning.sweep();
    assertNotNull(timing);
    Deskew deskew = new Deskew(spinning.baseFromLidar(), timing);
    try (RecordedSets sets = new RecordedSets(played);
        Arena arena = Arena.ofConfined()) {
      SetInput input = new SetInput(6);
      for (int set = 0; set < SETS; set++) {
        sets.fill(set, input);
        EgoState motion = played.motion().get(set);
        MemorySegment straight =
            arena.allocate((long) sets.pointCount() * SensorInlets.POINT_BYTES);
        deskew.correct(
            sets.points(), sets.pointCount(), 0, motion.speedMps(), motion.yawRateRps(), straight);
        Files.write(
            target.resolve(spinning.name() + "/data/00000" + set + ".bin"),
            straight.toArray(ValueLayout.JAVA_BYTE));
      }
    }
    return target;
  }

  /** What the model decided in each set, to the last bit. */
  private static List<String> decisions(List<PlannerMessage> messages) {
    return messages.stream()
        .map(
            message ->
                message.confidence() + " " + message.action() + " " + message.scene().sentence())
        .toList();
  }

  @Test
  void theModelGetsTheStraightSweepWhereTheRigFileSaysSoAndOnlyThere() throws IOException {
    List<String> wanted = decisions(play(straightened()));
    assertEquals(SETS, wanted.size());
    assertEquals(wanted, decisions(play(rolling)), "as if it had come straight");
    assertNotEquals(wanted, decisions(play(unsaid)), "the same points without the word sweep");
  }
}
