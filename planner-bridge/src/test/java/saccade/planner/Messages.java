package saccade.planner;

import java.util.Arrays;
import java.util.List;

/** Messages and chunks the tests share. */
final class Messages {
  static final long MS = 1_000_000L;

  private Messages() {}

  static ActionChunk constant(long captureNs, double accel, double curvature) {
    double[] a = new double[10];
    double[] k = new double[10];
    Arrays.fill(a, accel);
    Arrays.fill(k, curvature);
    return new ActionChunk(captureNs, 200 * MS, Maneuver.KEEP, a, k);
  }

  static PlannerMessage fresh(long seq, long captureNs, double accel, double curvature) {
    return fresh(seq, captureNs, constant(captureNs, accel, curvature));
  }

  static PlannerMessage fresh(long seq, long captureNs, ActionChunk chunk) {
    return PlannerMessage.about(seq, captureNs)
        .kind(PlannerMessage.Kind.FRESH, "all slices ran")
        .publishedNs(captureNs + 40 * MS)
        .sensors(List.of("front_wide", "front_tele", "lidar_top"), List.of())
        .tokens(81, 81)
        .exit(6, 0.9)
        .action(chunk, captureNs + 500 * MS)
        .build();
  }

  static PlannerMessage fallback(long seq, long captureNs) {
    return PlannerMessage.about(seq, captureNs)
        .kind(PlannerMessage.Kind.FALLBACK, "the model gave nothing")
        .publishedNs(captureNs + 90 * MS)
        .build();
  }
}
