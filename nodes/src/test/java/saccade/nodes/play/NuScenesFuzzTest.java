package saccade.nodes.play;

import com.code_intelligence.jazzer.junit.FuzzTest;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.params.provider.MethodSource;
import saccade.nodes.cli.BadInput;

/**
 * Whatever stands in a table of nuScenes, a scene opens or is refused in one line. The seeds are
 * made here: each table as it should be, cut off, and with one value of another kind.
 */
class NuScenesFuzzTest {
  private static final String POSE = "\"rotation\":[1,0,0,0],\"translation\":[1,2,0]";

  /** A whole data set of one camera frame, one sweep and one box; tables in order of name. */
  private static final Map<String, String> TABLES =
      new TreeMap<>(
          Map.of(
              "scene",
              "[{\"token\":\"s\",\"name\":\"scene-0001\"}]",
              "sample",
              "[{\"token\":\"x\",\"timestamp\":1500000000000000,\"scene_token\":\"s\"}]",
              "sensor",
              "[{\"token\":\"c\",\"channel\":\"CAM_FRONT\"},{\"token\":\"l\",\"channel\":\"LIDAR_TOP\"}]",
              "calibrated_sensor",
              "[{\"token\":\"kc\",\"sensor_token\":\"c\","
                  + POSE
                  + ",\"camera_intrinsic\":[[10,0,4],[0,10,3],[0,0,1]]},{\"token\":\"kl\",\"sensor_token\":\"l\","
                  + POSE
                  + ",\"camera_intrinsic\":[]}]",
              "sample_data",
              "["
                  + frame("kc", 1_500_000_000_000_000L, "samples/CAM_FRONT/a.jpg", 8, 6)
                  + ","
                  + frame("kl", 1_500_000_000_040_000L, "samples/LIDAR_TOP/a.pcd.bin", 0, 0)
                  + ","
                  + frame("kl", 1_500_000_000_090_000L, "samples/LIDAR_TOP/b.pcd.bin", 0, 0)
                  + "]",
              "ego_pose",
              "[{\"token\":\"p1500000000000000\","
                  + POSE
                  + "},"
                  + "{\"token\":\"p1500000000040000\","
                  + POSE
                  + "},"
                  + "{\"token\":\"p1500000000090000\","
                  + POSE.replace("[1,2", "[2,2")
                  + "}]",
              "category",
              "[{\"token\":\"k\",\"name\":\"car\"}]",
              "instance",
              "[{\"token\":\"i\",\"category_token\":\"k\"}]",
              "sample_annotation",
              "[{\"token\":\"a\",\"sample_token\":\"x\",\"instance_token\":\"i\",\"num_lidar_pts\":9,\"size\":[2,4,1.5],"
                  + POSE
                  + "}]"));

  private static final List<String> NAMES = List.copyOf(TABLES.keySet());

  private static Path root;

  private static String frame(String calibration, long us, String file, int width, int height) {
    return "{\"token\":\"d"
        + us
        + "\",\"sample_token\":\"x\",\"ego_pose_token\":\"p"
        + us
        + "\",\"calibrated_sensor_token\":\""
        + calibration
        + "\",\"timestamp\":"
        + us
        + ",\"filename\":\""
        + file
        + "\",\"width\":"
        + width
        + ",\"height\":"
        + height
        + "}";
  }

  private static synchronized Path tables() throws IOException {
    if (root == null) {
      root = Files.createTempDirectory("saccade-nuscenes-fuzz");
      Files.createDirectory(root.resolve("v1.0-mini"));
      for (Map.Entry<String, String> table : TABLES.entrySet()) {
        Files.writeString(
            root.resolve("v1.0-mini").resolve(table.getKey() + ".json"), table.getValue());
      }
    }
    return root.resolve("v1.0-mini");
  }

  @AfterAll
  static void clean() throws IOException {
    if (root != null) {
      try (Stream<Path> all = Files.walk(root)) {
        for (Path file : all.sorted((a, b) -> b.compareTo(a)).toList()) {
          Files.delete(file);
        }
      }
      root = null;
    }
  }

  /** The first byte says which table, the rest is the table. */
  static Stream<byte[]> tablesWholeAndDamaged() {
    List<byte[]> seeds = new ArrayList<>();
    for (int table = 0; table < NAMES.size(); table++) {
      String whole = TABLES.get(NAMES.get(table));
      for (String text :
          List.of(
              whole,
              whole.substring(0, whole.length() / 2),
              "",
              "{}",
              "[{}]",
              "[[[[[[[[[[[[",
              whole.replace("\"token\"", "\"other\""),
              whole.replace("1500000000000000", "9223372036854775807"),
              whole.replace("1500000000040000", "1.5"),
              whole.replace("[1,0,0,0]", "[0,0,0,0]"),
              whole.replace("[1,2,0]", "[1e308,-1e308,1e-320]"),
              whole.replace("[2,2,0]", "[-99999999,2,0]"),
              whole.replace("samples/CAM_FRONT", "../../etc"),
              whole.replace("a.pcd.bin", "\\u0000"),
              whole.replace(":8,", ":4294967304,"),
              whole.replace("[[10,0,4]", "[[0,0,4]"),
              whole.replace("[2,4,1.5]", "[1e308,1e308,1e308]"),
              whole.replace("\"name\":\"", "\"name\":\"" + "x".repeat(5000)))) {
        byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
        byte[] seed = new byte[bytes.length + 1];
        seed[0] = (byte) table;
        System.arraycopy(bytes, 0, seed, 1, bytes.length);
        seeds.add(seed);
      }
    }
    return seeds.stream();
  }

  @FuzzTest(maxDuration = "60s")
  @MethodSource("tablesWholeAndDamaged")
  void anyTable(byte[] bytes) throws IOException {
    if (bytes.length == 0) {
      return;
    }
    String name = NAMES.get(Math.floorMod(bytes[0], NAMES.size()));
    Path file = tables().resolve(name + ".json");
    Files.write(file, java.util.Arrays.copyOfRange(bytes, 1, bytes.length));
    try {
      Recording recording = Recordings.open(root, null, EgoAssumptions.STANDING_IN_TOWN);
      if (recording.tracks().isEmpty() || recording.sets() < 1) {
        throw new AssertionError(name + ": opened, and has nothing to play");
      }
      for (Recording.Track track : recording.tracks()) {
        for (Recording.Frame frame : track.frames()) {
          if (frame.file() != null && !frame.file().startsWith(root)) {
            throw new AssertionError(name + ": a file outside the data set: " + frame.file());
          }
        }
      }
    } catch (BadInput e) {
      expectOneLine(e);
    }
    try {
      Recordings.boxes(root, null);
    } catch (BadInput e) {
      expectOneLine(e);
    } finally {
      Files.writeString(file, TABLES.get(name));
    }
  }

  /** A table of any bytes gives rows or one line of complaint. */
  @FuzzTest(maxDuration = "30s")
  void table(byte[] bytes) {
    try {
      NuScenes.parse(
          "table.json",
          bytes,
          row -> {
            row.text("token");
            row.whole("timestamp");
            row.numbers("rotation", 4, 4);
          });
    } catch (BadInput e) {
      expectOneLine(e);
    }
  }

  private static void expectOneLine(BadInput e) {
    if (e.getMessage() == null || e.getMessage().lines().count() != 1) {
      throw new AssertionError("expected one line, found " + e.getMessage(), e);
    }
  }
}
