package saccade.nodes.play;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import saccade.kernels.geometry.CameraModel;
import saccade.kernels.geometry.LidarModel;
import saccade.kernels.geometry.Rig;
import saccade.nodes.cli.BadInput;
import saccade.nodes.graph.RigFile;
import saccade.nodes.play.Recording.Frame;
import saccade.nodes.play.Recording.Pictures;
import saccade.nodes.play.Recording.Sweeps;
import saccade.nodes.play.Recording.Track;
import saccade.nodes.play.Recording.Window;
import saccade.nodes.sensor.EgoState;

/**
 * What {@code sim export} writes.
 *
 * <pre>
 *   rig.yaml
 *   {sensor}/timestamps.txt        one stamp a line, nanoseconds or date and time
 *   {sensor}/data/NNNNNN.png|bin   line i of the stamps is file number i
 *   odometry.csv                   stampNs,speedMps,yawRateRps,accelMps2,setSpeedMps
 * </pre>
 */
final class ExportedRecording {
  private static final String ODOMETRY = "odometry.csv";
  private static final long MAX_ODOMETRY_BYTES = 64L << 20;
  private static final List<String> COLUMNS =
      List.of("stampNs", "speedMps", "yawRateRps", "accelMps2", "setSpeedMps");

  private ExportedRecording() {}

  static Recording open(Path folder, EgoAssumptions assumed) {
    Rig rig = RigFile.read(folder.resolve("rig.yaml"));
    List<String> remarks = new ArrayList<>();
    List<Track> tracks = new ArrayList<>();
    for (int i = 0; i < rig.cameras().size(); i++) {
      CameraModel camera = rig.cameras().get(i);
      Window all = new Window(i, 0, 0, camera.widthPx(), camera.heightPx());
      try {
        List<Frame> frames = FrameFiles.of(folder.resolve(camera.name()), "png", remarks);
        tracks.add(
            new Track(
                camera.name(),
                frames,
                new Pictures(camera.widthPx(), camera.heightPx(), List.of(all), camera)));
      } catch (BadInput e) {
        remarks.add(e.getMessage());
      }
    }
    LidarModel lidar = rig.lidar();
    if (lidar != null) {
      try {
        List<Frame> frames = FrameFiles.of(folder.resolve(lidar.name()), "bin", remarks);
        tracks.add(
            new Track(
                lidar.name(),
                frames,
                new Sweeps(rig.cameras().size(), lidar.beams() * lidar.columns())));
      } catch (BadInput e) {
        remarks.add(e.getMessage());
      }
    }
    if (tracks.isEmpty()) {
      throw new BadInput(
          folder
              + ": expected at least one sensor of rig.yaml with frames, found none ("
              + String.join("; ", remarks)
              + ")");
    }
    List<EgoState> motion;
    try {
      Path file = folder.resolve(ODOMETRY);
      motion = odometry(file.toString(), Lines.bytes(file, MAX_ODOMETRY_BYTES));
    } catch (BadInput e) {
      remarks.add(e.getMessage());
      motion = KittiRaw.assumedMotion(tracks.getFirst(), assumed, remarks);
    }
    return new Recording(
        "export " + folder.getFileName(),
        rig,
        tracks,
        motion,
        FrameFiles.periodNs(tracks, remarks),
        List.of(),
        remarks);
  }

  /**
   * Ego motion of a table with named columns, in any order.
   *
   * @throws BadInput in one line
   */
  static List<EgoState> odometry(String where, byte[] text) {
    List<String> lines = Lines.of(where, text, StampFile.MAX_FRAMES + 1);
    if (lines.isEmpty()) {
      throw new BadInput(where + ": expected the columns " + COLUMNS + ", found an empty file");
    }
    List<String> names = Arrays.stream(lines.getFirst().split(",", 64)).map(String::strip).toList();
    int[] at = COLUMNS.stream().mapToInt(names::indexOf).toArray();
    for (int i = 0; i < at.length; i++) {
      if (at[i] < 0) {
        throw new BadInput(
            where + " line 1: expected a column " + COLUMNS.get(i) + ", found " + names);
      }
    }
    List<EgoState> motion = new ArrayList<>(lines.size());
    for (int line = 1; line < lines.size(); line++) {
      String[] cells = lines.get(line).split(",", 65);
      if (cells.length != names.size()) {
        throw new BadInput(
            where
                + " line "
                + (line + 1)
                + ": expected "
                + names.size()
                + " values, found "
                + cells.length);
      }
      try {
        motion.add(
            new EgoState(
                Long.parseLong(cells[at[0]].strip()),
                Double.parseDouble(cells[at[1]].strip()),
                Double.parseDouble(cells[at[2]].strip()),
                Double.parseDouble(cells[at[3]].strip()),
                Double.parseDouble(cells[at[4]].strip())));
      } catch (IllegalArgumentException e) {
        throw new BadInput(
            where
                + " line "
                + (line + 1)
                + ": expected finite numbers, found "
                + Lines.shown(lines.get(line)));
      }
    }
    return motion;
  }
}
