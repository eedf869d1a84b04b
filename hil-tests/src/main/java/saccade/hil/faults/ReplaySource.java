package saccade.hil.faults;

import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.locks.LockSupport;
import org.jspecify.annotations.Nullable;
import saccade.hil.faults.FrameFault.Frame;
import saccade.kernels.geometry.CameraModel;
import saccade.kernels.geometry.Rig;
import saccade.nodes.sensor.SensorInlets;
import saccade.nodes.sensor.SensorSource;
import saccade.realtime.clock.NanoClock;
import saccade.realtime.ring.FrameRing;

/** Pushes the sets of a {@link SetLoop} in real time, as a driver would; a fault may be on. */
public final class ReplaySource implements SensorSource, Switchable {
  private final Rig rig;
  private final SetLoop loop;
  private final long periodNs;
  private final FrameFault fault;
  private final List<Held> held = new ArrayList<>();
  private volatile boolean on;
  private volatile boolean stopping;
  private volatile boolean ended;
  private volatile long framesIn;
  private @Nullable Thread thread;

  private record Held(Frame frame, long dueNs) {}

  /**
   * @param fault what is done to each frame
   */
  public ReplaySource(Rig rig, SetLoop loop, long periodNs, FrameFault fault) {
    this.rig = rig;
    this.loop = loop;
    this.periodNs = periodNs;
    this.fault = fault;
  }

  /** Any thread: the fault is on. */
  @Override
  public void fault(boolean now) {
    on = now;
  }

  /** Jumps of the sensors' clocks. */
  @Override
  public Map<String, Long> counts() {
    return Map.of(Tally.CLOCK_JUMPS, fault.clockJumps());
  }

  @Override
  public String name() {
    return "sets rendered before";
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
    thread = Thread.ofPlatform().name("replay").daemon(true).start(() -> work(inlets));
  }

  private void work(SensorInlets inlets) {
    NanoClock clock = inlets.clock();
    long startNs = clock.nanoTime();
    for (long set = 0; !stopping; set++) {
      long takenNs = startNs + set * periodNs;
      waitUntil(takenNs, inlets);
      if (clock.nanoTime() - takenNs > periodNs) {
        continue; // no CPU for a whole period, as a camera without a bus
      }
      inlets.ego().push(loop.ego(set, takenNs));
      for (int i = 0; i < loop.sensors() && !stopping; i++) {
        Frame frame = new Frame(i, set, on, takenNs);
        fault.apply(frame);
        framesIn++;
        for (int copy = 0; copy < frame.copies; copy++) {
          if (frame.delayNs > 0) {
            held.add(new Held(frame, clock.nanoTime() + frame.delayNs));
          } else {
            push(inlets, frame);
          }
        }
      }
    }
    ended = true;
  }

  private void waitUntil(long ns, SensorInlets inlets) {
    NanoClock clock = inlets.clock();
    long nowNs = clock.nanoTime();
    do {
      long nextNs = ns;
      for (int i = held.size() - 1; i >= 0; i--) {
        if (held.get(i).dueNs <= nowNs) {
          push(inlets, held.remove(i).frame);
        } else {
          nextNs = Math.min(nextNs, held.get(i).dueNs);
        }
      }
      if (nextNs > nowNs) {
        LockSupport.parkNanos(this, Math.min(nextNs - nowNs, 20_000_000L));
      }
      nowNs = clock.nanoTime();
    } while (nowNs < ns && !stopping);
  }

  private void push(SensorInlets inlets, Frame frame) {
    FrameRing ring = inlets.ring(frame.sensor);
    long handle = ring.tryClaim(inlets.clock().nanoTime());
    if (handle < 0) {
      return; // counted by the ring
    }
    MemorySegment slot = ring.slot(handle);
    int bytes = frame.bytes >= 0 ? frame.bytes : loop.bytes(frame.shows, frame.sensor);
    MemorySegment.copy(loop.frame(frame.shows, frame.sensor), 0, slot, 0, bytes);
    frame.change.make(slot, bytes);
    boolean camera = frame.sensor < rig.cameras().size();
    CameraModel model = camera ? rig.cameras().get(frame.sensor) : null;
    ring.publish(
        handle,
        frame.captureNs,
        bytes,
        model == null ? bytes / SensorInlets.POINT_BYTES : model.widthPx(),
        model == null ? 1 : model.heightPx(),
        model == null ? SensorInlets.XYZI : SensorInlets.RGB8,
        inlets.clock().nanoTime());
  }

  @Override
  public boolean ended() {
    return ended;
  }

  @Override
  public long framesIn() {
    return framesIn;
  }

  @Override
  public void close() {
    stopping = true;
    Thread worker = thread;
    if (worker != null) {
      try {
        worker.join();
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
      }
    }
    ended = true;
  }
}
