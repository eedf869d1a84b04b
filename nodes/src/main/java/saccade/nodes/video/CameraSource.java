package saccade.nodes.video;

import java.io.IOException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.locks.LockSupport;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import saccade.kernels.geometry.CameraModel;
import saccade.kernels.geometry.Pose;
import saccade.kernels.geometry.Rig;
import saccade.nodes.cli.BadInput;
import saccade.nodes.sensor.EgoState;
import saccade.nodes.sensor.SensorClock;
import saccade.nodes.sensor.SensorInlets;
import saccade.nodes.sensor.SensorSource;
import saccade.planner.EgoSource;
import saccade.realtime.os.ThreadEnd;

/**
 * Cameras by URL as a source of frames: video files, image folders (a pattern like {@code
 * dir/%06d.png}), USB cameras and network streams. Each camera has a thread; one that is not there
 * is tried again and again while the others go on.
 */
public final class CameraSource implements SensorSource {
  /** A stream that gives nothing for so long is opened anew. */
  public static final long STALL_NS = 2_000_000_000L;

  private static final String PICTURES = "(?i).*\\.(png|jpe?g|bmp)";
  private static final String VIDEOS =
      "(?i).*\\.(mp4|m4v|mov|mkv|webm|avi|mpe?g|m2?ts|ogv|wmv|flv|h26[45]|mjpe?g)";
  private static final int MOST_NAMED = 8;

  private final String name;
  private final Rig rig;
  private final long periodNs;
  private final EgoState ego;
  private final AtomicLong framesIn = new AtomicLong();
  private final List<CameraFeed> feeds = new ArrayList<>();
  private final List<Thread> threads = new ArrayList<>();
  private volatile boolean stopped;

  /**
   * What became of one camera.
   *
   * @param camera its name
   * @param opened times it was opened
   * @param failures times it could not be opened, broke or stalled
   * @param pictures published
   * @param thinned left out: faster than the sets
   * @param clockJumps of the stream's stamps
   */
  public record Health(
      String camera, long opened, long failures, long pictures, long thinned, long clockJumps) {
    /** One line for people. */
    public String line() {
      return String.format(
          Locale.ROOT,
          "%s: opened %d times, %d failures, %d pictures, %d left out as faster than the sets, %d clock jumps",
          camera,
          opened,
          failures,
          pictures,
          thinned,
          clockJumps);
    }
  }

  /**
   * @param urls by camera name; every camera of the rig has one
   * @param rateHz sets a second; faster cameras are thinned out
   * @param speed of playing files, 1 = as recorded
   * @param loop whether files begin again
   * @param ego stands in for ego motion
   * @param complaints told of each new fault, on a feed's thread
   * @throws BadInput when a camera has no URL or a URL no camera
   */
  public CameraSource(
      Rig rig,
      Map<String, String> urls,
      double rateHz,
      double speed,
      boolean loop,
      EgoState ego,
      Consumer<String> complaints) {
    this.rig = rig;
    this.periodNs = Math.round(1e9 / rateHz);
    this.ego = ego;
    List<String> known = rig.cameras().stream().map(CameraModel::name).toList();
    for (String camera : urls.keySet()) {
      if (!known.contains(camera)) {
        throw new BadInput("urls: expected cameras of the rig (" + known + "), found " + camera);
      }
    }
    for (int i = 0; i < rig.cameras().size(); i++) {
      CameraModel camera = rig.cameras().get(i);
      String url = urls.get(camera.name());
      if (url == null) {
        throw new BadInput("urls: expected a URL for each camera, found none for " + camera.name());
      }
      CameraFeed.Pace pace =
          isLive(url) ? CameraFeed.Pace.LIVE : loop ? CameraFeed.Pace.LOOP : CameraFeed.Pace.FILE;
      feeds.add(
          new CameraFeed(
              i,
              camera,
              url,
              pace,
              speed,
              periodNs,
              STALL_NS,
              framesIn,
              complaints,
              () -> stopped));
    }
    this.name =
        feeds.size() == 1 ? urls.values().iterator().next() : feeds.size() + " cameras by URL";
  }

  /**
   * Whether this is for us: a video file, a device, a URL, or a folder with nothing but pictures in
   * it.
   */
  public static boolean understands(String url) {
    if (isLive(url)) {
      return true;
    }
    try {
      Path path = Path.of(url);
      if (!Files.isDirectory(path)) {
        return Files.isRegularFile(path);
      }
      try (DirectoryStream<Path> entries = Files.newDirectoryStream(path)) {
        boolean any = false;
        for (Path entry : entries) {
          if (!entry.toString().matches(PICTURES)) {
            return false;
          }
          any = true;
        }
        return any;
      }
    } catch (InvalidPathException | IOException e) {
      return false;
    }
  }

  /**
   * What a folder that is no recording has for us: its one video, else its pictures.
   *
   * @return what to open; null when there is neither
   * @throws BadInput when there are several videos; names them
   */
  public static @Nullable String within(Path folder) {
    List<String> videos = new ArrayList<>();
    boolean pictures = false;
    try (DirectoryStream<Path> entries = Files.newDirectoryStream(folder)) {
      for (Path entry : entries) {
        String name = entry.toString();
        if (name.matches(VIDEOS) && Files.isRegularFile(entry)) {
          videos.add(name);
        }
        pictures |= name.matches(PICTURES);
      }
    } catch (IOException e) {
      throw new BadInput(folder + ": expected a readable folder, found " + e);
    }
    videos.sort(null);
    if (videos.size() > 1) {
      throw new BadInput(
          folder
              + ": expected one video, found "
              + videos.size()
              + "; give one of them: "
              + String.join(", ", videos.subList(0, Math.min(videos.size(), MOST_NAMED)))
              + (videos.size() > MOST_NAMED ? ", ..." : ""));
    }
    return !videos.isEmpty() ? videos.getFirst() : pictures ? folder.toString() : null;
  }

  /** Whether a URL names something that gives pictures by itself. */
  public static boolean isLive(String url) {
    return url.startsWith("/dev/video")
        || url.matches("(?i)(rtsps?|rtmp|udp|tcp|srt|rtp|https?)://.*");
  }

  /**
   * A rig for a single camera that nobody has calibrated: level, forward, where the shipped rig's
   * first camera sits.
   *
   * @param hfovRad assumed horizontal field of view
   * @throws BadInput when the video cannot be opened
   */
  public static Rig uncalibrated(String url, double hfovRad) {
    try (VideoStream probe = VideoStream.open(url, 10, STALL_NS, () -> false)) {
      return new Rig(
          List.of(
              CameraModel.ofHorizontalFov(
                  "front_wide",
                  probe.widthPx(),
                  probe.heightPx(),
                  hfovRad,
                  Pose.of(1.6, 0, 1.5, 0, 0, 0))),
          null);
    } catch (VideoFault e) {
      throw new BadInput(String.valueOf(e.getMessage()));
    }
  }

  @Override
  public String name() {
    return name;
  }

  @Override
  public Rig rig() {
    return rig;
  }

  @Override
  public long periodNs() {
    return periodNs;
  }

  @Override
  public void start(SensorInlets inlets) {
    for (CameraFeed feed : feeds) {
      threads.add(
          Thread.ofPlatform()
              .daemon(true)
              .name("camera " + feed.name())
              .unstarted(() -> feed.run(inlets)));
    }
    threads.add(Thread.ofVirtual().name("ego").unstarted(() -> egoMotion(inlets)));
    threads.forEach(Thread::start);
  }

  private void egoMotion(SensorInlets inlets) {
    while (!stopped && !ended()) {
      inlets
          .ego()
          .push(
              new EgoState(
                  inlets.clock().nanoTime(),
                  ego.speedMps(),
                  ego.yawRateRps(),
                  ego.accelMps2(),
                  ego.setSpeedMps(),
                  EgoSource.ASSUMED));
      LockSupport.parkNanos(this, periodNs / 2);
    }
  }

  /** What became of each camera so far. */
  public List<Health> health() {
    return feeds.stream()
        .map(
            feed ->
                new Health(
                    feed.name(),
                    feed.opened(),
                    feed.failures(),
                    feed.pictures(),
                    feed.thinned(),
                    feed.clockJumps()))
        .toList();
  }

  @Override
  public List<SensorClock> clocks() {
    return feeds.stream().map(CameraFeed::clock).filter(Objects::nonNull).toList();
  }

  @Override
  public boolean ended() {
    return stopped || feeds.stream().allMatch(CameraFeed::ended);
  }

  @Override
  public long framesIn() {
    return framesIn.get();
  }

  @Override
  public void close() {
    stopped = true;
    threads.forEach(LockSupport::unpark);
    ThreadEnd.await(threads);
  }
}
