package saccade.nodes.sensor;

import java.lang.foreign.MemorySegment;

/**
 * Stands between a sensor and its ring: fault injection, blanking, recording. Called on the
 * source's thread when the payload is complete and before it is published.
 */
@FunctionalInterface
public interface SensorTap {

  /** Lets everything through untouched. */
  SensorTap OPEN = (sensor, captureNs, payload, byteLength) -> true;

  /**
   * Looks at, or changes, one frame.
   *
   * @param sensor index in the rig, cameras first
   * @param captureNs its capture stamp
   * @param payload the slot; may be written during the call only
   * @param byteLength bytes of it that are the frame
   * @return false: the frame is withheld (aborted, counted)
   */
  boolean pass(int sensor, long captureNs, MemorySegment payload, int byteLength);
}
