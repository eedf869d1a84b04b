package saccade.nodes.video;

import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.locks.LockSupport;
import java.util.function.BooleanSupplier;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import saccade.kernels.geometry.CameraModel;
import saccade.nodes.sensor.SensorClock;
import saccade.nodes.sensor.SensorInlets;
import saccade.realtime.clock.ClockMap;
import saccade.realtime.clock.NanoClock;
import saccade.realtime.ledger.DropReason;
import saccade.realtime.ring.FrameRing;

/**
 * One camera by its URL, on a thread of its own. A stream that breaks, stalls or is not there is
 * opened again after a pause that grows from 0.1 to 2 s; nobody else waits for it. A file is played
 * at its own speed times the rate, from the start again when it is to loop, and ends otherwise.
 */
final class CameraFeed {
  private static final long FIRST_PAUSE_NS = 100_000_000L;
  private static final long LONGEST_PAUSE_NS = 2_000_000_000L;
  private static final long JUMP_NS = 500_000_000L;

  /** How a feed is read. */
  enum Pace {
    /** As it comes; opened again when it ends. */
    LIVE,
    /** By its own stamps; ends. */
    FILE,
    /** By its own stamps; begins again. */
    LOOP
  }

  private final int sensor;
  private final CameraModel camera;
  private final String url;
  private final Pace pace;
  private final double rate;
  private final long periodNs;
  private final long stallNs;
  private final AtomicLong framesIn;
  private final Consumer<String> complaints;
  private final BooleanSupplier stopping;
  private volatile boolean ended;
  private volatile long opened;
  private volatile long failures;
  private volatile long pictures;
  private volatile long thinned;
  private volatile long unstamped;
  private volatile long offsetNs;
  private volatile double driftPpm;
  private volatile @Nullable String lastFault;
  private final ClockMap stampClock = new ClockMap(0, JUMP_NS);

  /**
   * @param periodNs pictures closer to each other than that are left out, counted THINNED
   * @param complaints told of each fault that follows a success, on the feed's thread
   */
  CameraFeed(
      int sensor,
      CameraModel camera,
      String url,
      Pace pace,
      double rate,
      long periodNs,
      long stallNs,
      AtomicLong framesIn,
      Consumer<String> complaints,
      BooleanSupplier stopping) {
    this.sensor = sensor;
    this.camera = camera;
    this.url = url;
    this.pace = pace;
    this.rate = rate;
    this.periodNs = periodNs;
    this.stallNs = stallNs;
    this.framesIn = framesIn;
    this.complaints = complaints;
    this.stopping = stopping;
  }

  /** The thread's work: until the source stops or a file ends. */
  void run(SensorInlets inlets) {
    long pauseNs = FIRST_PAUSE_NS;
    boolean told = false;
    while (!stopping.getAsBoolean()) {
      long before = pictures;
      try (VideoStream stream = VideoStream.open(url, 1e9 / periodNs, stallNs, stopping)) {
        opened++;
        told = false;
        play(stream, inlets);
        if (pace == Pace.FILE) {
          break;
        }
        if (pace == Pace.LIVE) {
          throw new VideoFault(url + ": expected a live stream, found its end");
        }
        continue;
      } catch (VideoFault e) {
        if (stopping.getAsBoolean()) {
          break;
        }
        failures++;
        lastFault = e.getMessage();
        if (!told) {
          told = true;
          complaints.accept(String.valueOf(e.getMessage()));
        }
      }
      if (pace == Pace.FILE && pictures > before) {
        break; // the rest of a damaged file
      }
      pauseNs = pictures > before ? FIRST_PAUSE_NS : Math.min(2 * pauseNs, LONGEST_PAUSE_NS);
      pause(pauseNs);
      if (pace == Pace.FILE && failures >= 3) {
        break;
      }
    }
    ended = true;
  }

  private void pause(long ns) {
    long endNs = NanoClock.system().nanoTime() + ns;
    long leftNs = ns;
    while (leftNs > 0 && !stopping.getAsBoolean()) {
      LockSupport.parkNanos(this, Math.min(leftNs, 50_000_000L));
      leftNs = endNs - NanoClock.system().nanoTime();
    }
  }

  private void play(VideoStream stream, SensorInlets inlets) throws VideoFault {
    FrameRing ring = inlets.ring(sensor);
    NanoClock clock = inlets.clock();
    stampClock.restart();
    long firstStampNs = -1;
    long beganNs = 0;
    long nextNs = Long.MIN_VALUE;
    long index = 0;
    while (!stopping.getAsBoolean() && stream.next()) {
      long stampNs = stream.stampNs();
      if (stampNs < 0) {
        double hz = stream.rateHz() > 0 ? stream.rateHz() : 25;
        stampNs = Math.round(index * 1e9 / hz);
      }
      index++;
      long captureNs;
      if (pace == Pace.LIVE) {
        captureNs = liveNs(stream.stamped() && stream.stampNs() >= 0, stampNs, clock.nanoTime());
      } else {
        if (firstStampNs < 0) {
          firstStampNs = stampNs;
          beganNs = clock.nanoTime();
          if (pictures > 0) {
            inlets.seam(beganNs); // the file once more
          }
        }
        captureNs = beganNs + Math.round((stampNs - firstStampNs) / rate);
      }
      // A quarter of a picture's jitter must not cost every other one.
      if (captureNs < nextNs) {
        thinned++;
        continue;
      }
      nextNs = captureNs + periodNs * 3 / 4;
      if (pace != Pace.LIVE) {
        waitUntil(captureNs, clock);
        if (stopping.getAsBoolean()) {
          return; // the picture is not due any more
        }
      }
      framesIn.incrementAndGet();
      long handle = ring.tryClaim(clock.nanoTime());
      if (handle < 0) {
        continue; // counted by the ring
      }
      try {
        stream.copyTo(ring.slot(handle), camera.widthPx(), camera.heightPx());
      } catch (VideoFault e) {
        ring.abort(handle, DropReason.UNREADABLE, captureNs);
        throw e;
      }
      ring.publish(
          handle,
          captureNs,
          3 * camera.widthPx() * camera.heightPx(),
          camera.widthPx(),
          camera.heightPx(),
          SensorInlets.BGR8,
          clock.nanoTime());
      pictures++;
    }
  }

  /** A stamp that the camera did not give is worth less than the instant of arrival. */
  private long liveNs(boolean stamped, long stampNs, long arrivedNs) {
    if (!stamped) {
      unstamped++;
      return arrivedNs;
    }
    long captureNs = stampClock.arrived(stampNs, arrivedNs);
    offsetNs = stampClock.offsetNs();
    driftPpm = stampClock.driftPpm();
    return captureNs;
  }

  private void waitUntil(long dueNs, NanoClock clock) {
    long leftNs = dueNs - clock.nanoTime();
    while (leftNs > 0 && !stopping.getAsBoolean()) {
      LockSupport.parkNanos(this, Math.min(leftNs, 50_000_000L));
      leftNs = dueNs - clock.nanoTime();
    }
  }

  String name() {
    return camera.name();
  }

  boolean ended() {
    return ended;
  }

  /** Times the video was opened. */
  long opened() {
    return opened;
  }

  /** Times it could not be opened, broke or stalled. */
  long failures() {
    return failures;
  }

  /** Pictures published. */
  long pictures() {
    return pictures;
  }

  /** Pictures left out because the camera is faster than the sets. */
  long thinned() {
    return thinned;
  }

  /** Jumps of the stream's clock. */
  long clockJumps() {
    return stampClock.jumps();
  }

  /** The camera's clock; null for a file, whose clock is ours. Any thread. */
  @Nullable SensorClock clock() {
    if (pace != Pace.LIVE) {
      return null;
    }
    return unstamped > 0
        ? new SensorClock(camera.name(), SensorClock.Basis.ARRIVAL, 0, 0, 0, unstamped)
        : new SensorClock(
            camera.name(),
            SensorClock.Basis.OWN_STAMPS,
            offsetNs,
            driftPpm,
            stampClock.jumps(),
            stampClock.samples());
  }

  @Nullable String lastFault() {
    return lastFault;
  }
}
