package saccade.nodes.play;

import java.nio.file.Path;
import java.util.List;
import org.jspecify.annotations.Nullable;
import saccade.kernels.geometry.CameraModel;
import saccade.kernels.geometry.Pose;
import saccade.kernels.geometry.Rig;
import saccade.nodes.sensor.EgoState;
import saccade.planner.EgoSource;

/**
 * A recording whose calibration and time stamps have been read; pictures and sweeps are read when
 * they are played.
 *
 * @param name for people, e.g. {@code KITTI 2011_09_26_drive_0001_sync}
 * @param rig sensors as the pipeline gets them; cameras may be windows of one picture
 * @param tracks one a folder of files, with at least one frame in all
 * @param motion ego motion in order of time, in the domain of the frames' stamps
 * @param imu samples of an inertial unit, as motion; empty = the recording has none apart
 * @param periodNs from one set to the next at the recorded speed
 * @param phasesNs how long after the common instant each sensor of the rig measures, at the
 *     recorded speed; empty = together
 * @param remarks what is wrong with it or was assumed, one line each
 * @param places where the vehicle was at the frames' stamps; empty = not recorded
 */
public record Recording(
    String name,
    Rig rig,
    List<Track> tracks,
    List<EgoState> motion,
    List<Inertial> imu,
    long periodNs,
    List<Long> phasesNs,
    List<String> remarks,
    List<Place> places) {

  public Recording {
    phasesNs = List.copyOf(phasesNs);
    tracks = List.copyOf(tracks);
    motion = List.copyOf(motion);
    imu = List.copyOf(imu);
    remarks = List.copyOf(remarks);
    places = List.copyOf(places);
  }

  /** A recording that does not say where the vehicle was. */
  public Recording(
      String name,
      Rig rig,
      List<Track> tracks,
      List<EgoState> motion,
      List<Inertial> imu,
      long periodNs,
      List<Long> phasesNs,
      List<String> remarks) {
    this(name, rig, tracks, motion, imu, periodNs, phasesNs, remarks, List.of());
  }

  /** A recording without an inertial unit. */
  public Recording(
      String name,
      Rig rig,
      List<Track> tracks,
      List<EgoState> motion,
      long periodNs,
      List<Long> phasesNs,
      List<String> remarks) {
    this(name, rig, tracks, motion, List.of(), periodNs, phasesNs, remarks);
  }

  /** The same, with where the vehicle was. */
  public Recording withPlaces(List<Place> known) {
    return new Recording(name, rig, tracks, motion, imu, periodNs, phasesNs, remarks, known);
  }

  /**
   * Where the vehicle was.
   *
   * @param stampNs as recorded
   * @param worldFromBase base_link in a frame that does not move
   */
  public record Place(long stampNs, Pose worldFromBase) {}

  /**
   * base_link at one recorded instant seen from base_link at another: takes what stands still from
   * where it was measured to where it is then.
   *
   * @param toNs stamp of a frame
   * @param fromNs stamp of another
   * @return null when the vehicle's place at one of them is not recorded
   */
  public @Nullable Pose baseAt(long toNs, long fromNs) {
    Pose to = worldFromBase(toNs);
    Pose from = worldFromBase(fromNs);
    return to == null || from == null ? null : to.inverse().then(from);
  }

  private @Nullable Pose worldFromBase(long stampNs) {
    for (Place place : places) {
      if (place.stampNs() == stampNs) {
        return place.worldFromBase();
      }
    }
    return null;
  }

  /**
   * A sample of an inertial unit.
   *
   * @param stampNs as recorded
   * @param yawRateRps about base_link z, rad/s, left positive; may be anything, even not a number
   * @param accelMps2 along base_link x, m/s^2, gravity and bias in it; as above
   */
  public record Inertial(long stampNs, double yawRateRps, double accelMps2) {}

  /** The files of one sensor. */
  public record Track(String name, List<Frame> frames, Content content) {
    public Track {
      frames = List.copyOf(frames);
    }
  }

  /**
   * One frame.
   *
   * @param number counted from 0 as in the file's name
   * @param stampNs as recorded; any origin
   * @param file null when there is a time stamp but no file
   */
  public record Frame(int number, long stampNs, @Nullable Path file) {}

  /** What the files of a track hold. */
  public sealed interface Content {}

  /**
   * PNG or JPEG pictures of one size.
   *
   * @param windows what is cut out of each, one a sensor
   * @param camera of the whole picture; null when its calibration is not known
   */
  public record Pictures(
      int widthPx, int heightPx, List<Window> windows, @Nullable CameraModel camera)
      implements Content {
    public Pictures {
      windows = List.copyOf(windows);
    }
  }

  /**
   * A part of a picture that is a sensor of its own. What lies beyond the picture is black.
   *
   * @param sensor index in the rig
   * @param x left edge in the picture, pixels; may be negative
   * @param y upper edge in the picture, pixels; may be negative
   */
  public record Window(int sensor, int x, int y, int widthPx, int heightPx) {}

  /**
   * Sweeps of float32 little endian points that begin with x, y, z, intensity.
   *
   * @param sensor index in the rig
   * @param maxPoints larger sweeps are refused
   * @param floats a point has, 4 or more; those after the fourth are passed over
   * @param intensityScale brings the recorded intensity to 0..1
   */
  public record Sweeps(int sensor, int maxPoints, int floats, float intensityScale)
      implements Content {
    /** Points of x, y, z, intensity 0..1. */
    public Sweeps(int sensor, int maxPoints) {
      this(sensor, maxPoints, 4, 1);
    }
  }

  /** The earliest stamp of all tracks, ns. */
  public long firstStampNs() {
    long first = Long.MAX_VALUE;
    for (Track track : tracks) {
      if (!track.frames().isEmpty()) {
        first = Math.min(first, track.frames().getFirst().stampNs());
      }
    }
    return first;
  }

  /**
   * From a frame to the same one of the next lap, where it is played again and again, ns: the
   * longest series of frames or samples and one of its own steps, so that instants go on at the
   * recording's pace across the seam. What its sensors measure apart does not count.
   */
  public long lapNs() {
    long lap = 0;
    for (Track track : tracks) {
      lap = Math.max(lap, lap(track.frames().stream().mapToLong(Frame::stampNs).toArray()));
    }
    lap = Math.max(lap, lap(motion.stream().mapToLong(EgoState::stampNs).toArray()));
    return Math.max(lap, lap(imu.stream().mapToLong(Inertial::stampNs).toArray()));
  }

  private long lap(long[] stamps) {
    if (stamps.length == 0) {
      return 0;
    }
    long span = stamps[stamps.length - 1] - stamps[0];
    return span + (stamps.length == 1 ? periodNs : span / (stamps.length - 1));
  }

  /** Whether nobody recorded the vehicle's motion. */
  public boolean isMotionAssumed() {
    return motion.stream().allMatch(state -> state.source() == EgoSource.ASSUMED);
  }

  /** Instants in the longest track. */
  public int sets() {
    return tracks.stream().mapToInt(track -> track.frames().size()).max().orElse(0);
  }
}
