package saccade.nodes.play;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.jspecify.annotations.Nullable;
import saccade.nodes.cli.BadInput;

/** The way into a recording of any known layout. Set-up only. */
public final class Recordings {

  private Recordings() {}

  /** Whether a folder has one of the layouts that {@link #open(Path, EgoAssumptions)} reads. */
  public static boolean isThere(Path folder) {
    return Files.isDirectory(folder)
        && (NuScenes.isThere(folder)
            || Files.isRegularFile(folder.resolve("rig.yaml"))
            || KittiRaw.isThere(folder));
  }

  /**
   * Reads calibration and time stamps. What one sensor lacks becomes a remark and that sensor is
   * left out; the others are played.
   *
   * @param path a folder with {@code rig.yaml} (what {@code sim export} writes), of nuScenes, or of
   *     KITTI raw: the root, a date, or a drive
   * @throws BadInput in one line, when nothing there can be played
   */
  public static Recording open(Path path, EgoAssumptions assumed) {
    return open(path, null, assumed);
  }

  /**
   * As {@link #open(Path, EgoAssumptions)}.
   *
   * @param scene which one of a data set with several (nuScenes); null = the first
   */
  public static Recording open(Path path, @Nullable String scene, EgoAssumptions assumed) {
    if (!Files.isDirectory(path)) {
      throw new BadInput(
          path
              + ": expected the folder of a recording, found "
              + (Files.exists(path) ? "a file" : "nothing"));
    }
    if (NuScenes.isThere(path)) {
      return NuScenes.open(path, scene, assumed);
    }
    if (scene != null) {
      throw new BadInput("--scene " + scene + ": expected a nuScenes folder, found " + path);
    }
    return Files.isRegularFile(path.resolve("rig.yaml"))
        ? ExportedRecording.open(path, assumed)
        : KittiRaw.open(path, assumed);
  }

  /**
   * Annotated boxes of a recording; none where its layout has none.
   *
   * @param scene as of {@link #open(Path, String, EgoAssumptions)}
   */
  public static List<RecordedBox> boxes(Path path, @Nullable String scene) {
    return NuScenes.isThere(path) ? NuScenes.boxes(path, scene) : List.of();
  }
}
