package saccade.nodes.play;

import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.BiConsumer;
import java.util.function.LongUnaryOperator;
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
 * Plays one track. Frames are read and decoded ahead of time, so that what the pipeline sees at the
 * due time is what a driver would give it; the copy into the slot is the only work then. One thread
 * loads, one pushes.
 */
final class TrackPlayer {
  private static final int AHEAD = 8;
  private static final int STRIPES = 8; // of a picture, top to bottom
  private static final int AS_IT_IS = -1; // no stripe

  /**
   * A frame in memory; without payload when it could not be read.
   *
   * @param payload BGR picture (height, width, 3), or points of 16 bytes
   * @param points of a sweep
   */
  private record Loaded(Frame frame, byte @Nullable [] payload, int points) {}

  private final Track track;
  private final LongUnaryOperator captureNs; // recorded stamp to the pipeline's domain
  private final BiConsumer<String, String> complain; // (track, line)
  private final AtomicLong framesIn;
  private final ArrayBlockingQueue<Loaded> ahead = new ArrayBlockingQueue<>(AHEAD);
  private @Nullable Loaded taken; // pushing thread only
  private final long lapNs;
  private final long firstStampNs; // of the recording
  private volatile boolean allLoaded;
  private volatile long next; // counted over all laps; pushing thread writes

  /**
   * @param firstStampNs of all tracks, recorded time: where a lap begins
   * @param lapNs from a frame to the same frame of the next lap, recorded time; 0: one lap alone
   */
  TrackPlayer(
      Track track,
      long firstStampNs,
      long lapNs,
      LongUnaryOperator captureNs,
      AtomicLong framesIn,
      BiConsumer<String, String> complain) {
    this.track = track;
    this.firstStampNs = firstStampNs;
    this.lapNs = lapNs;
    this.captureNs = captureNs;
    this.framesIn = framesIn;
    this.complain = complain;
  }

  String name() {
    return track.name();
  }

  boolean ended() {
    return next >= track.frames().size() && (lapNs == 0 || track.frames().isEmpty());
  }

  private Frame nextFrame() {
    return track.frames().get((int) (next % track.frames().size()));
  }

  /** When the next frame is due; the end of time when there is none. */
  long dueNs() {
    return ended()
        ? Long.MAX_VALUE
        : captureNs.applyAsLong(nextFrame().stampNs() + next / track.frames().size() * lapNs);
  }

  // ---- ahead of time ----

  /** Loading thread: reads frame after frame until all are read or it is interrupted. */
  void loadAll() {
    try {
      do {
        for (Frame frame : track.frames()) {
          ahead.put(load(frame));
        }
      } while (lapNs > 0 && !track.frames().isEmpty());
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    } finally {
      allLoaded = true;
    }
  }

  /** Whether as much is in memory as fits. */
  boolean isReady() {
    return allLoaded || ahead.remainingCapacity() == 0;
  }

  private Loaded load(Frame frame) {
    Path file = frame.file();
    if (file == null) {
      return new Loaded(frame, null, 0); // said when the recording was opened
    }
    try {
      return switch (track.content()) {
        case Pictures size ->
            new Loaded(frame, PictureFile.read(file, size.widthPx(), size.heightPx()), 0);
        case Sweeps sweeps -> {
          byte[] points = new byte[sweepBytes(file, sweeps)];
          SweepFile.Sweep sweep = SweepFile.read(file, MemorySegment.ofArray(points), sweeps);
          String complaint = sweep.complaint();
          if (complaint != null) {
            complain.accept(track.name() + " points", complaint);
          }
          yield new Loaded(frame, points, sweep.points());
        }
      };
    } catch (BadInput e) {
      // Whoever closes the source interrupts its reading: that is no fault of the file.
      if (!Thread.currentThread().isInterrupted()) {
        complain.accept(track.name(), String.valueOf(e.getMessage()));
      }
      return new Loaded(frame, null, 0);
    }
  }

  /** The file's size, at most what a sweep may have; the reader judges it. */
  private static int sweepBytes(Path file, Sweeps sweeps) {
    try {
      return (int) Math.min(Files.size(file), 4L * sweeps.floats() * sweeps.maxPoints());
    } catch (IOException e) {
      return 0;
    }
  }

  // ---- at its time ----

  /**
   * Pushing thread, real time: waits for the next frame to be in memory.
   *
   * @return false when it is not there yet after 50 ms
   */
  boolean awaitNext() throws InterruptedException {
    if (taken == null) {
      taken = ahead.poll(50, TimeUnit.MILLISECONDS);
    }
    return taken != null;
  }

  /** Pushes the next frame to all its sensors, or counts it as dropped, and goes on to the next. */
  void push(SensorInlets inlets) {
    Loaded item = taken;
    taken = null;
    if (item == null) {
      item = load(nextFrame()); // simulated time: nobody loads ahead
    }
    long stampNs = dueNs();
    int frames = track.frames().size();
    if (next >= frames && next % frames == 0) {
      inlets.seam(captureNs.applyAsLong(firstStampNs + next / frames * lapNs));
    }
    framesIn.addAndGet(sensors().length);
    give(item, inlets, stampNs, AS_IT_IS);
    advance();
  }

  /**
   * Set-up. Pushes the first frame in memory that could be read as {@link #push} will, but keeps it
   * and counts nothing; none when none is there. Where no frame could be read, the set hears of it.
   *
   * @param set which stripe of a picture is inverted
   */
  void rehearse(SensorInlets inlets, long stampNs, int set) {
    Loaded first = ahead.peek();
    for (Loaded item : ahead) {
      if (item.payload() != null) {
        first = item;
        break;
      }
    }
    if (first != null) {
      give(first, inlets, stampNs, set % STRIPES);
    }
  }

  /** Inverts a stripe of a picture: wide enough that no resizing smooths it away. */
  private static void invert(MemorySegment picture, Window window, int stripe) {
    int fromRow = stripe * window.heightPx() / STRIPES;
    int toRow = (stripe + 1) * window.heightPx() / STRIPES;
    long end = 3L * window.widthPx() * toRow;
    for (long at = 3L * window.widthPx() * fromRow; at < end; at++) {
      picture.set(ValueLayout.JAVA_BYTE, at, (byte) ~picture.get(ValueLayout.JAVA_BYTE, at));
    }
  }

  /** Sensors that its frames go to; at least one. */
  int[] sensors() {
    return switch (track.content()) {
      case Pictures size -> size.windows().stream().mapToInt(Window::sensor).toArray();
      case Sweeps sweeps -> new int[] {sweeps.sensor()};
    };
  }

  private void give(Loaded item, SensorInlets inlets, long stampNs, int inverted) {
    switch (track.content()) {
      case Pictures size -> {
        for (Window window : size.windows()) {
          pushPicture(inlets, size, window, item, stampNs, inverted);
        }
      }
      case Sweeps sweeps -> pushSweep(inlets, sweeps.sensor(), item, stampNs);
    }
  }

  @SuppressWarnings("NonAtomicVolatileUpdate") // one writer
  private void advance() {
    next++;
  }

  private void pushPicture(
      SensorInlets inlets, Pictures size, Window window, Loaded item, long stampNs, int inverted) {
    FrameRing ring = inlets.ring(window.sensor());
    long handle = ring.tryClaim(inlets.clock().nanoTime());
    byte[] bgr = item.payload();
    if (handle < 0) {
      return;
    }
    if (bgr == null) {
      ring.abort(handle, DropReason.UNREADABLE, stampNs);
      return;
    }
    PictureFile.cut(bgr, size.widthPx(), size.heightPx(), window, ring.slot(handle));
    if (inverted != AS_IT_IS) {
      invert(ring.slot(handle), window, inverted);
    }
    ring.publish(
        handle,
        stampNs,
        3 * window.widthPx() * window.heightPx(),
        window.widthPx(),
        window.heightPx(),
        SensorInlets.BGR8,
        inlets.clock().nanoTime());
  }

  private void pushSweep(SensorInlets inlets, int sensor, Loaded item, long stampNs) {
    FrameRing ring = inlets.ring(sensor);
    long handle = ring.tryClaim(inlets.clock().nanoTime());
    byte[] points = item.payload();
    if (handle < 0) {
      return;
    }
    if (points == null) {
      ring.abort(handle, DropReason.UNREADABLE, stampNs);
      return;
    }
    int bytes = item.points() * SensorInlets.POINT_BYTES;
    MemorySegment.copy(MemorySegment.ofArray(points), 0, ring.slot(handle), 0, bytes);
    ring.publish(
        handle, stampNs, bytes, item.points(), 1, SensorInlets.XYZI, inlets.clock().nanoTime());
  }
}
