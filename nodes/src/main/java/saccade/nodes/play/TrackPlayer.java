package saccade.nodes.play;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.BiConsumer;
import org.jspecify.annotations.Nullable;
import saccade.nodes.cli.BadInput;
import saccade.nodes.play.Recording.Frame;
import saccade.nodes.play.Recording.Pictures;
import saccade.nodes.play.Recording.Sweeps;
import saccade.nodes.play.Recording.Track;
import saccade.nodes.play.Recording.Window;
import saccade.nodes.sensor.SensorInlets;
import saccade.realtime.ledger.DropReason;
import saccade.realtime.ring.FrameRing;

/**
 * Plays one track. A frame is read and decoded before it is due, so that what the pipeline sees at
 * the due time is what a driver would give it; the copy into the slot is the only work then. One
 * thread.
 */
final class TrackPlayer {
  private final Track track;
  private final Timeline timeline;
  private final BiConsumer<String, String> complain; // (track, line)
  private final AtomicLong framesIn;
  private final MemorySegment sweep; // one sweep; empty for pictures
  private byte @Nullable [] picture; // (height, width, 3) BGR of the frame that is next
  private int points;
  private boolean loaded;
  private boolean usable;
  private int next;

  /** Recorded stamps to the domain of the pipeline's clock. */
  interface Timeline {
    long captureNs(long stampNs);
  }

  /**
   * @param arena owns one sweep's memory
   */
  TrackPlayer(
      Track track,
      Arena arena,
      Timeline timeline,
      AtomicLong framesIn,
      BiConsumer<String, String> complain) {
    this.track = track;
    this.timeline = timeline;
    this.framesIn = framesIn;
    this.complain = complain;
    this.sweep =
        track.content() instanceof Sweeps sweeps
            ? arena.allocate((long) SweepFile.POINT_BYTES * sweeps.maxPoints(), 64)
            : MemorySegment.NULL;
  }

  String name() {
    return track.name();
  }

  boolean ended() {
    return next >= track.frames().size();
  }

  /** When the next frame is due; the end of time when there is none. */
  long dueNs() {
    return ended() ? Long.MAX_VALUE : timeline.captureNs(track.frames().get(next).stampNs());
  }

  /** Reads and decodes the next frame, if that is not done yet. */
  void load() {
    if (loaded || ended()) {
      return;
    }
    loaded = true;
    usable = false;
    Frame frame = track.frames().get(next);
    if (frame.file() == null) {
      return; // said when the recording was opened
    }
    try {
      switch (track.content()) {
        case Pictures size ->
            picture = PictureFile.read(frame.file(), size.widthPx(), size.heightPx());
        case Sweeps sweeps -> {
          SweepFile.Sweep read = SweepFile.read(frame.file(), sweep);
          points = read.points();
          String complaint = read.complaint();
          if (complaint != null) {
            complain.accept(track.name() + " points", complaint);
          }
        }
      }
      usable = true;
    } catch (BadInput e) {
      complain.accept(track.name(), String.valueOf(e.getMessage()));
    }
  }

  /**
   * Pushes the next frame to all its sensors, or counts it as dropped, and goes on to the one
   * after.
   */
  void push(SensorInlets inlets) {
    load();
    long captureNs = dueNs();
    switch (track.content()) {
      case Pictures size -> {
        for (Window window : size.windows()) {
          pushPicture(inlets, size, window, captureNs);
        }
      }
      case Sweeps sweeps -> pushSweep(inlets, sweeps.sensor(), captureNs);
    }
    loaded = false;
    next++;
  }

  private void pushPicture(SensorInlets inlets, Pictures size, Window window, long captureNs) {
    FrameRing ring = inlets.ring(window.sensor());
    long handle = claim(ring, inlets);
    byte[] bgr = picture;
    if (handle < 0) {
      return;
    }
    if (!usable || bgr == null) {
      ring.abort(handle, DropReason.UNREADABLE);
      return;
    }
    PictureFile.cut(bgr, size.widthPx(), size.heightPx(), window, ring.slot(handle));
    ring.publish(
        handle,
        captureNs,
        3 * window.widthPx() * window.heightPx(),
        window.widthPx(),
        window.heightPx(),
        SensorInlets.BGR8,
        inlets.clock().nanoTime());
  }

  private void pushSweep(SensorInlets inlets, int sensor, long captureNs) {
    FrameRing ring = inlets.ring(sensor);
    long handle = claim(ring, inlets);
    if (handle < 0) {
      return;
    }
    if (!usable) {
      ring.abort(handle, DropReason.UNREADABLE);
      return;
    }
    int bytes = points * SensorInlets.POINT_BYTES;
    MemorySegment.copy(sweep, 0, ring.slot(handle), 0, bytes);
    ring.publish(handle, captureNs, bytes, points, 1, SensorInlets.XYZI, inlets.clock().nanoTime());
  }

  private long claim(FrameRing ring, SensorInlets inlets) {
    framesIn.incrementAndGet();
    return ring.tryClaim(inlets.clock().nanoTime());
  }
}
