package saccade.nodes.play;

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
import saccade.nodes.cli.BadInput;
import saccade.nodes.play.Recording.Frame;
import saccade.nodes.play.Recording.Pictures;
import saccade.nodes.play.Recording.Sweeps;
import saccade.nodes.play.Recording.Track;
import saccade.nodes.play.Recording.Window;

/**
 * Writes {@code projection_NNNNNN.png} for frames of a recording: the sweep nearest in time drawn
 * into the picture. Reads the files again, off every hot path.
 */
public final class Projections {
  private Projections() {}

  /**
   * Writes at most {@code most} pictures, spread over the recording.
   *
   * @param folder exists
   * @param written is told how many are done
   * @return pictures written; 0 when the recording lacks a camera or a LiDAR
   * @throws IOException when the folder cannot be written
   */
  public static int write(Recording recording, Path folder, int most, IntConsumer written)
      throws IOException {
    CameraModel camera = recording.overview();
    LidarModel lidar = recording.rig().lidar();
    Track pictures = null;
    Track sweeps = null;
    for (Track track : recording.tracks()) {
      if (track.content() instanceof Pictures && pictures == null) {
        pictures = track;
      } else if (track.content() instanceof Sweeps) {
        sweeps = track;
      }
    }
    if (camera == null || lidar == null || pictures == null || sweeps == null || most < 1) {
      return 0;
    }
    int frames = pictures.frames().size();
    int count = Math.min(most, frames);
    int done = 0;
    ProjectionPicture drawing = new ProjectionPicture(camera, lidar.baseFromLidar());
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment points =
          arena.allocate((long) SweepFile.POINT_BYTES * ((Sweeps) sweeps.content()).maxPoints());
      for (int i = 0; i < count; i++) {
        Frame frame = pictures.frames().get((int) ((long) i * frames / count));
        Frame sweep = nearest(sweeps.frames(), frame.stampNs(), recording.periodNs());
        if (sweep != null && draw(drawing, pictures, frame, sweep, points)) {
          String name = String.format(Locale.ROOT, "projection_%06d.png", frame.number());
          Files.write(folder.resolve(name), drawing.png());
          done++;
          written.accept(done);
        }
      }
    }
    return done;
  }

  private static boolean draw(
      ProjectionPicture drawing, Track pictures, Frame frame, Frame sweep, MemorySegment points) {
    Path pictureFile = frame.file();
    Path sweepFile = sweep.file();
    if (pictureFile == null || sweepFile == null) {
      return false;
    }
    Pictures size = (Pictures) pictures.content();
    try {
      byte[] bgr = PictureFile.read(pictureFile, size.widthPx(), size.heightPx());
      int count = SweepFile.read(sweepFile, points).points();
      List<Window> parts =
          size.windows().stream().filter(window -> window.widthPx() < size.widthPx()).toList();
      drawing.draw(bgr, points, count, parts);
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
