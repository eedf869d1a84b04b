package saccade.hil.drive;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import org.jspecify.annotations.Nullable;
import saccade.kernels.geometry.CameraModel;
import saccade.kernels.geometry.Rig;
import saccade.nodes.sensor.SensorInlets;
import saccade.nodes.sensor.SensorTap;
import saccade.realtime.ring.FrameRing;
import saccade.sim.SensorFaults;

/**
 * Sensors of one drive that misbehave, drawn from its seed: frames that never come, come late or
 * come twice, a LiDAR and one camera that drop out for a while. Stands between the simulator's
 * sensors and their rings; what is late is pushed with its own stamp at the first controller step
 * behind its time. The simulated drive's thread.
 */
final class SensorTrouble implements SensorTap {
  /** Share of all frames that never come. */
  static final double LOST = 0.02;

  /** Share of all frames that come late. */
  static final double LATE = 0.04;

  /** Share of all frames that come twice. */
  static final double TWICE = 0.02;

  /** How long a sensor drops out, ns. */
  static final long OUT_NS = 2_000_000_000L;

  private static final long LATE_LEAST_NS = 40_000_000L;
  private static final long LATE_MOST_NS = 120_000_000L; // its set has left by then
  private static final long OUT_BETWEEN_NS = 8_000_000_000L; // a drop-out begins in the first 8 s

  private final Rig rig;
  private final SensorTap then;
  private final long originNs;
  private final long periodNs;
  private final SensorFaults faults;
  private final SensorFaults again; // its losses are who comes twice
  private final int cameraOut;
  private final long cameraOutNs;
  private final long lidarOutNs;
  private final List<Held> held = new ArrayList<>();
  private @Nullable SensorInlets inlets;
  private long lost;
  private long late;
  private long twice;

  /** A frame that is still to come. */
  private record Held(int sensor, long captureNs, long dueNs, byte[] payload) {}

  /**
   * Trouble of one drive.
   *
   * @param then looks at every frame before this
   * @param originNs stamp of the first set
   */
  SensorTrouble(Rig rig, SensorTap then, long originNs, long periodNs, long seed) {
    this.rig = rig;
    this.then = then;
    this.originNs = originNs;
    this.periodNs = periodNs;
    this.faults = new SensorFaults(seed, 0, 0, 0, LATE, LATE_LEAST_NS, LATE_MOST_NS, LOST);
    this.again = new SensorFaults(~seed, 0, 0, 0, 0, 0, 0, TWICE);
    SplittableRandom random = new SplittableRandom(seed);
    this.cameraOut = random.nextInt(rig.cameras().size());
    this.cameraOutNs = originNs + random.nextLong(OUT_BETWEEN_NS);
    this.lidarOutNs = originNs + random.nextLong(OUT_BETWEEN_NS);
  }

  /** Where late frames go; before the first frame. */
  void into(SensorInlets to) {
    inlets = to;
  }

  @Override
  public boolean pass(int sensor, long captureNs, MemorySegment payload, int byteLength) {
    if (!then.pass(sensor, captureNs, payload, byteLength)) {
      return false;
    }
    long n = (captureNs - originNs) / periodNs;
    boolean camera = sensor < rig.cameras().size();
    boolean out =
        camera
            ? sensor == cameraOut && isOut(captureNs, cameraOutNs)
            : isOut(captureNs, lidarOutNs);
    if (out || faults.lost(sensor, n)) {
      lost++;
      return false;
    }
    long delayNs = faults.delayNs(sensor, n);
    if (delayNs > 0) {
      late++;
      hold(sensor, captureNs, captureNs + delayNs, payload, byteLength);
      return false;
    }
    if (again.lost(sensor, n)) {
      twice++;
      hold(sensor, captureNs, captureNs, payload, byteLength);
    }
    return true;
  }

  private static boolean isOut(long captureNs, long fromNs) {
    return captureNs >= fromNs && captureNs < fromNs + OUT_NS;
  }

  private void hold(int sensor, long captureNs, long dueNs, MemorySegment payload, int bytes) {
    held.add(
        new Held(
            sensor, captureNs, dueNs, payload.asSlice(0, bytes).toArray(ValueLayout.JAVA_BYTE)));
  }

  /** At each controller step: what is due by now comes. */
  void release(long nowNs) {
    SensorInlets to = inlets;
    if (to == null) {
      return;
    }
    for (int i = 0; i < held.size(); ) {
      if (held.get(i).dueNs <= nowNs) {
        push(to, held.remove(i), nowNs);
      } else {
        i++;
      }
    }
  }

  private void push(SensorInlets to, Held frame, long nowNs) {
    FrameRing ring = to.ring(frame.sensor);
    long handle = ring.tryClaim(nowNs);
    if (handle < 0) {
      return; // counted by the ring
    }
    int bytes = frame.payload.length;
    MemorySegment.copy(frame.payload, 0, ring.slot(handle), ValueLayout.JAVA_BYTE, 0, bytes);
    boolean camera = frame.sensor < rig.cameras().size();
    CameraModel model = camera ? rig.cameras().get(frame.sensor) : null;
    ring.publish(
        handle,
        frame.captureNs,
        bytes,
        model == null ? bytes / SensorInlets.POINT_BYTES : model.widthPx(),
        model == null ? 1 : model.heightPx(),
        model == null ? SensorInlets.XYZI : SensorInlets.RGB8,
        nowNs);
  }

  /** Frames that never came. */
  long lost() {
    return lost;
  }

  /** Frames that came late. */
  long late() {
    return late;
  }

  /** Frames that came twice. */
  long twice() {
    return twice;
  }

  /** Frames that were lost, late or came twice. */
  long disturbed() {
    return lost + late + twice;
  }
}
