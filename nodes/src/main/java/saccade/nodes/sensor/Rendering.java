package saccade.nodes.sensor;

import java.lang.foreign.MemorySegment;
import saccade.kernels.geometry.CameraModel;
import saccade.kernels.geometry.Rig;
import saccade.realtime.clock.NanoClock;
import saccade.realtime.ring.FrameRing;
import saccade.sim.Simulator;

/** Hot path. One simulated sensor's frame, rendered straight into its slot. */
public final class Rendering {
  private Rendering() {}

  /**
   * Claims a slot, renders, lets the tap look, publishes. No slot or a withheld frame: counted by
   * the ring.
   *
   * @param sensor index in the rig, cameras first
   * @param captureNs stamp
   * @param clock read for arrival and publication
   */
  public static void push(
      Simulator simulation,
      Rig rig,
      int sensor,
      FrameRing ring,
      long captureNs,
      NanoClock clock,
      SensorTap tap) {
    long handle = ring.tryClaim(clock.nanoTime());
    if (handle < 0) {
      return;
    }
    MemorySegment slot = ring.slot(handle);
    int bytes;
    int width;
    int height;
    int format;
    if (sensor < rig.cameras().size()) {
      CameraModel camera = rig.cameras().get(sensor);
      simulation.renderCamera(sensor, slot);
      width = camera.widthPx();
      height = camera.heightPx();
      bytes = 3 * width * height;
      format = SensorInlets.RGB8;
    } else {
      width = simulation.renderLidar(slot);
      height = 1;
      bytes = width * SensorInlets.POINT_BYTES;
      format = SensorInlets.XYZI;
    }
    if (tap.pass(sensor, captureNs, slot, bytes)) {
      ring.publish(handle, captureNs, bytes, width, height, format, clock.nanoTime());
    } else {
      ring.abort(handle);
    }
  }
}
