package saccade.nodes.sensor;

import java.lang.foreign.Arena;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ConcurrentLinkedQueue;
import saccade.kernels.geometry.CameraModel;
import saccade.kernels.geometry.LidarModel;
import saccade.kernels.geometry.Rig;
import saccade.kernels.image.PixelFormat;
import saccade.realtime.clock.NanoClock;
import saccade.realtime.ledger.DropLedger;
import saccade.realtime.ring.Doorbell;
import saccade.realtime.ring.FrameRing;
import saccade.realtime.ring.OverrunPolicy;
import saccade.realtime.ring.SlotPool;

/**
 * Where a source pushes: one ring a sensor (one producer thread each), one inlet for ego motion.
 * Hot path after construction.
 *
 * <pre>
 *   camera frame: width x height pixels without padding, format = ordinal of a {@link PixelFormat}
 *   LiDAR sweep:  width = points, height = 1, format = {@link #XYZI}: float32 LE x, y, z, intensity in the LiDAR frame
 * </pre>
 */
public final class SensorInlets {
  /** Largest pixel of any {@link PixelFormat}, bytes; slots are cut for it. */
  public static final int MOST_PIXEL_BYTES = 4;

  /** Format of a camera frame. */
  public static final int BGR8 = PixelFormat.BGR8.ordinal();

  /** Format of a camera frame. */
  public static final int RGB8 = PixelFormat.RGB8.ordinal();

  /** Format of a sweep: 16 bytes a point. */
  public static final int XYZI = 16;

  /** Bytes of one LiDAR point. */
  public static final int POINT_BYTES = 16;

  private final List<String> names = new ArrayList<>();
  private final List<FrameRing> rings = new ArrayList<>();
  private final EgoInlet ego = new EgoInlet();
  private final EgoFusion fusion = new EgoFusion(ego);
  private final NanoClock clock;
  private final Doorbell doorbell;
  private final int cameras;
  private final ConcurrentLinkedQueue<Long> seams = new ConcurrentLinkedQueue<>();
  private long seamNs = Long.MIN_VALUE; // consumer's: the last one it came to

  /**
   * Makes the rings of a rig.
   *
   * @param arena owns all payloads; closed by the caller after every thread has stopped
   * @param slots payload slots a sensor, at least 4
   * @param clock domain of the capture stamps
   * @param doorbell rung at each publish
   */
  public SensorInlets(Arena arena, Rig rig, int slots, NanoClock clock, Doorbell doorbell) {
    this.clock = clock;
    this.doorbell = doorbell;
    this.cameras = rig.cameras().size();
    for (CameraModel camera : rig.cameras()) {
      add(
          arena,
          camera.name(),
          slots,
          (long) MOST_PIXEL_BYTES * camera.widthPx() * camera.heightPx());
    }
    LidarModel lidar = rig.lidar();
    if (lidar != null) {
      add(arena, lidar.name(), slots, (long) POINT_BYTES * lidar.beams() * lidar.columns());
    }
  }

  private void add(Arena arena, String name, int slots, long bytes) {
    names.add(name);
    rings.add(
        new FrameRing(
            rings.size(),
            name,
            new SlotPool(arena, slots, bytes),
            OverrunPolicy.LATEST_WINS,
            doorbell));
  }

  /** How many sensors there are. */
  public int sensors() {
    return rings.size();
  }

  /** How many of them are cameras; they come first. */
  public int cameras() {
    return cameras;
  }

  /** Name of a sensor. */
  public String name(int sensor) {
    return names.get(sensor);
  }

  /** Names of all sensors in order. */
  public List<String> names() {
    return List.copyOf(names);
  }

  /**
   * The way in of one sensor; its slot takes the rig's picture in any {@link PixelFormat}, or its
   * sweep.
   */
  public FrameRing ring(int sensor) {
    return rings.get(sensor);
  }

  /**
   * Where wheel odometry and an inertial unit become ego motion, for sources that have them apart.
   */
  public EgoFusion fusion() {
    return fusion;
  }

  /** The way in of ego motion that is one already. */
  public EgoInlet ego() {
    return ego;
  }

  /** Domain of the capture stamps. */
  public NanoClock clock() {
    return clock;
  }

  /**
   * Source, any of its threads, before it publishes the first frame from there on: frames of this
   * instant and later show another world than those before (a recording or a drive begins again).
   * Each seam may be told by every sensor that comes to it.
   *
   * @param captureNs not after any frame behind the seam, after every frame ahead of it
   */
  public void seam(long captureNs) {
    seams.add(captureNs);
  }

  /**
   * Consumer. Whether a set is the first behind a seam; once a seam.
   *
   * @param captureNs of its oldest frame; never falls
   */
  public boolean isBehindSeam(long captureNs) {
    boolean passed = false;
    for (Long next = seams.peek(); next != null && next <= captureNs; next = seams.peek()) {
      seams.poll();
      passed |= next > seamNs; // others may have told it later
      seamNs = Math.max(seamNs, next);
    }
    return passed;
  }

  /** Consumer. The seam that {@link #isBehindSeam} came to last, ns; the least of longs before. */
  public long seamNs() {
    return seamNs;
  }

  /** Wakes the pipeline; publishing a frame does so by itself. */
  public Doorbell doorbell() {
    return doorbell;
  }

  /** Whether any frame is ready. Allocates nothing. */
  public boolean hasReady() {
    for (int i = 0; i < rings.size(); i++) {
      if (rings.get(i).hasReady()) {
        return true;
      }
    }
    return false;
  }

  /** Whether any frame is ready, or one is known to be lost. Allocates nothing. */
  public boolean hasNews() {
    for (int i = 0; i < rings.size(); i++) {
      if (rings.get(i).hasReady() || rings.get(i).hasLoss()) {
        return true;
      }
    }
    return false;
  }

  /** Set-down, after the source has stopped: what is still inside is dropped, counted. */
  public void shutdown() {
    rings.forEach(FrameRing::shutdown);
    ego.shutdown();
  }

  /** The accounts of all ways in. */
  public List<DropLedger> ledgers() {
    List<DropLedger> all = new ArrayList<>();
    rings.forEach(ring -> all.add(ring.ledger()));
    all.addAll(fusion.ledgers());
    all.add(ego.ledger());
    return all;
  }
}
