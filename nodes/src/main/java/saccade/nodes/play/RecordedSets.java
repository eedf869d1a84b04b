package saccade.nodes.play;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import saccade.kernels.image.PixelFormat;
import saccade.kernels.motion.Standstill;
import saccade.nodes.cli.BadInput;
import saccade.nodes.play.Recording.Frame;
import saccade.nodes.play.Recording.Pictures;
import saccade.nodes.play.Recording.Sweeps;
import saccade.nodes.play.Recording.Track;
import saccade.nodes.play.Recording.Window;
import saccade.nodes.sensor.EgoState;
import saccade.perception.SetInput;

/**
 * The sets of a recording one after another, without a pipeline: frame i of every track belongs to
 * set i. For measuring a model on recorded data. Holds one set; one thread; close it after the
 * last.
 */
public final class RecordedSets implements AutoCloseable {
  private final Recording recording;
  private final Arena arena = Arena.ofConfined();
  private final List<MemorySegment> pictures = new ArrayList<>(); // by sensor
  private final List<EgoState> motion = new ArrayList<>(); // as a drive from the first sample tells
  private MemorySegment points = MemorySegment.NULL;
  private int pointCount;
  private long sweepStampNs;

  public RecordedSets(Recording recording) {
    this.recording = recording;
    recording
        .rig()
        .cameras()
        .forEach(
            camera -> pictures.add(arena.allocate(3L * camera.widthPx() * camera.heightPx(), 64)));
    Standstill standstill = new Standstill();
    for (EgoState state : recording.motion()) {
      standstill.sample(state.stampNs(), state.speedMps());
      motion.add(state.after(standstill));
    }
    for (Track track : recording.tracks()) {
      if (track.content() instanceof Sweeps sweeps) {
        points = arena.allocate(4L * sweeps.floats() * sweeps.maxPoints(), 64);
      }
    }
  }

  /** How many there are. */
  public int sets() {
    return recording.sets();
  }

  /**
   * Puts one set into {@code input}; what a track lacks is absent. The memory stays this object's
   * until the next call.
   *
   * @throws BadInput in one line when a file cannot be read
   */
  public void fill(int set, SetInput input) {
    input.clear();
    pointCount = 0;
    long stampNs = Long.MIN_VALUE;
    for (Track track : recording.tracks()) {
      if (set < track.frames().size()) {
        Frame frame = track.frames().get(set);
        Path file = frame.file();
        stampNs = Math.max(stampNs, frame.stampNs());
        if (file != null) {
          switch (track.content()) {
            case Pictures content -> show(file, content, input);
            case Sweeps content -> {
              pointCount = SweepFile.read(file, points, content).points();
              sweepStampNs = frame.stampNs();
              input.lidar(points, pointCount);
            }
          }
        }
      }
    }
    input.capture(set * recording.periodNs());
    EgoState now = motionAt(stampNs);
    input.ego(
        now.speedMps(),
        now.yawRateRps(),
        now.setSpeedMps(),
        now.accelMps2(),
        now.stoodS(),
        now.drivenM());
  }

  private void show(Path file, Pictures content, SetInput input) {
    byte[] bgr = PictureFile.read(file, content.widthPx(), content.heightPx());
    for (Window window : content.windows()) {
      MemorySegment picture = pictures.get(window.sensor());
      PictureFile.cut(bgr, content.widthPx(), content.heightPx(), window, picture);
      input.camera(
          window.sensor(),
          picture,
          window.widthPx(),
          window.heightPx(),
          3L * window.widthPx(),
          PixelFormat.BGR8);
    }
  }

  private EgoState motionAt(long stampNs) {
    EgoState nearest = EgoState.STANDING;
    long least = Long.MAX_VALUE;
    for (EgoState state : motion) {
      long apart = Math.abs(state.stampNs() - stampNs);
      if (apart < least) {
        least = apart;
        nearest = state;
      }
    }
    return nearest;
  }

  /** Points of the present set: x, y, z, intensity float32 little endian, LiDAR frame. */
  public MemorySegment points() {
    return points;
  }

  /** How many there are; 0 = no sweep. */
  public int pointCount() {
    return pointCount;
  }

  /** Stamp of the present set's sweep, as recorded. */
  public long sweepStampNs() {
    return sweepStampNs;
  }

  @Override
  public void close() {
    arena.close();
  }
}
