package saccade.nodes.play;

import static java.util.Objects.requireNonNull;

import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.function.IntConsumer;
import org.jspecify.annotations.Nullable;
import saccade.kernels.geometry.CameraModel;
import saccade.kernels.geometry.LidarModel;
import saccade.kernels.geometry.Pose;
import saccade.nodes.cli.BadInput;
import saccade.nodes.play.Recording.Frame;
import saccade.nodes.play.Recording.Pictures;
import saccade.nodes.play.Recording.Sweeps;
import saccade.nodes.play.Recording.Track;
import saccade.nodes.play.Recording.Window;

/**
 * Writes {@code projection_NNNNNN.png} (with several cameras {@code projection_CAMERA_NNNNNN.png})
 * for frames of a recording: the sweep nearest in time drawn into the picture. Where the recording
 * says where the vehicle was (nuScenes' ego_pose), points go from its place at the sweep's stamp to
 * its place at the picture's; else both are taken as of one instant. Reads the files again, off
 * every hot path.
 */
public final class Projections {
  private Projections() {}

  /**
   * Writes at most {@code most} pictures of each camera, spread over the recording.
   *
   * @param folder exists
   * @param written is told how many are done
   * @return pictures written; 0 when the recording lacks a camera or a LiDAR
   * @throws IOException when the folder cannot be written
   */
  public static int write(Recording recording, Path folder, int most, IntConsumer written)
      throws IOException {
    LidarModel lidar = recording.rig().lidar();
    List<Track> cameras = cameras(recording);
    Track sweeps = sweeps(recording);
    if (lidar == null || cameras.isEmpty() || sweeps == null || most < 1) {
      return 0;
    }
    int done = 0;
    Sweeps form = (Sweeps) sweeps.content();
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment points = arena.allocate(4L * form.floats() * form.maxPoints());
      for (Track pictures : cameras) {
        CameraModel camera = requireNonNull(((Pictures) pictures.content()).camera());
        ProjectionPicture drawing = new ProjectionPicture(camera, lidar.baseFromLidar());
        int frames = pictures.frames().size();
        int count = Math.min(most, frames);
        for (int i = 0; i < count; i++) {
          Frame frame = pictures.frames().get((int) ((long) i * frames / count));
          Frame sweep = nearest(sweeps.frames(), frame.stampNs(), recording.periodNs());
          if (sweep != null && draw(drawing, recording, pictures, frame, sweep, points, form)) {
            String name =
                cameras.size() == 1
                    ? String.format(Locale.ROOT, "projection_%06d.png", frame.number())
                    : String.format(
                        Locale.ROOT, "projection_%s_%06d.png", pictures.name(), frame.number());
            Files.write(folder.resolve(name), drawing.png());
            written.accept(++done);
          }
        }
      }
    }
    return done;
  }

  /**
   * How many pictures {@link #write} goes for; files that cannot be read are fewer then.
   *
   * @param most of each camera
   */
  public static int wanted(Recording recording, int most) {
    return recording.rig().lidar() == null || sweeps(recording) == null
        ? 0
        : cameras(recording).stream()
            .mapToInt(track -> Math.min(most, track.frames().size()))
            .sum();
  }

  private static List<Track> cameras(Recording recording) {
    return recording.tracks().stream()
        .filter(track -> track.content() instanceof Pictures size && size.camera() != null)
        .toList();
  }

  private static @Nullable Track sweeps(Recording recording) {
    Track last = null;
    for (Track track : recording.tracks()) {
      last = track.content() instanceof Sweeps ? track : last;
    }
    return last;
  }

  private static boolean draw(
      ProjectionPicture drawing,
      Recording recording,
      Track pictures,
      Frame frame,
      Frame sweep,
      MemorySegment points,
      Sweeps form) {
    Path pictureFile = frame.file();
    Path sweepFile = sweep.file();
    if (pictureFile == null || sweepFile == null) {
      return false;
    }
    Pictures size = (Pictures) pictures.content();
    try {
      byte[] bgr = PictureFile.read(pictureFile, size.widthPx(), size.heightPx());
      int count = SweepFile.read(sweepFile, points, form).points();
      List<Window> parts =
          size.windows().stream().filter(window -> window.widthPx() < size.widthPx()).toList();
      Pose moved = recording.baseAt(frame.stampNs(), sweep.stampNs());
      drawing.draw(bgr, points, count, moved == null ? Pose.IDENTITY : moved, parts);
      return true;
    } catch (BadInput e) {
      return false; // the player has said so
    }
  }

  /** The frame within half a period of a stamp. */
  private static @Nullable Frame nearest(List<Frame> frames, long stampNs, long periodNs) {
    Frame best = null;
    long bestNs = periodNs / 2 + 1;
    for (Frame frame : frames) {
      long apartNs = Math.abs(frame.stampNs() - stampNs);
      if (apartNs < bestNs) {
        best = frame;
        bestNs = apartNs;
      }
    }
    return best;
  }
}
