package saccade.nodes.pipeline;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteOrder;
import saccade.nodes.sensor.SensorInlets;

/**
 * Set-up only. A sweep as long as a sensor can give, so that its first real one is not the slow
 * one.
 */
final class WarmSweep {
  private static final ValueLayout.OfFloat F32 =
      ValueLayout.JAVA_FLOAT_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);

  private WarmSweep() {}

  /** Points all around from 2 m to 50 m, between 2 m below the LiDAR and 1 m above it. */
  static MemorySegment of(Arena arena, int points) {
    MemorySegment sweep = arena.allocate((long) SensorInlets.POINT_BYTES * points, 64);
    for (int i = 0; i < points; i++) {
      double turn = i * 2.399963; // golden angle: even without order
      double range = 2 + 48.0 * i / points;
      long at = (long) SensorInlets.POINT_BYTES * i;
      sweep.set(F32, at, (float) (range * Math.cos(turn)));
      sweep.set(F32, at + 4, (float) (range * Math.sin(turn)));
      sweep.set(F32, at + 8, (float) (i % 31 * 0.1 - 2));
      sweep.set(F32, at + 12, 0.5f);
    }
    return sweep;
  }
}
