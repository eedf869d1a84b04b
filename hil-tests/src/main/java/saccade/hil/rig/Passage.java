package saccade.hil.rig;

import java.util.Arrays;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * One picture's way, by its own code.
 *
 * @param captureNs stamp of its set
 * @param drawnNs when the code was drawn, to the unit
 * @param messageNs when the message with its action was heard
 * @param commandNs when the first command was given that executes it
 */
record Passage(long captureNs, long drawnNs, long messageNs, long commandNs) {

  double latencyMs() {
    return (commandNs - drawnNs) * 1e-6;
  }

  double messageMs() {
    return (messageNs - drawnNs) * 1e-6;
  }

  /**
   * From each code to its command, ms.
   *
   * @param drawn instants of codes, ns
   * @param neverMs of one that no command came of
   */
  static double[] ofEach(List<Long> drawn, List<Passage> passages, double neverMs) {
    Map<Long, Double> byCode = new HashMap<>();
    passages.forEach(p -> byCode.put(TimeCode.unitsOf(p.drawnNs), p.latencyMs()));
    return drawn.stream()
        .mapToDouble(ns -> byCode.getOrDefault(TimeCode.unitsOf(ns), neverMs))
        .toArray();
  }

  /**
   * The figures of ros2_benchmark's basic calculator, by its names; milliseconds and frames a
   * second.
   *
   * @param drawn instants of all codes drawn, ns, in order
   * @param passages those that arrived, in order; not empty
   */
  static Map<String, Double> metrics(List<Long> drawn, List<Passage> passages) {
    Map<String, Double> m = new LinkedHashMap<>();
    double[] ends = passages.stream().mapToDouble(p -> p.commandNs * 1e-6).toArray();
    double[] latency = passages.stream().mapToDouble(Passage::latencyMs).toArray();
    double firstSent = drawn.getFirst() * 1e-6;
    double lastSent = drawn.getLast() * 1e-6;
    double received = ends[ends.length - 1] - ends[0];
    m.put("RECEIVED_DURATION", received);
    m.put("MEAN_PLAYBACK_FRAME_RATE", drawn.size() / ((lastSent - firstSent) / 1000));
    m.put("MEAN_FRAME_RATE", ends.length / (received / 1000));
    m.put("NUM_MISSED_FRAMES", (double) drawn.size() - ends.length);
    m.put("NUM_FRAMES_SENT", (double) drawn.size());
    m.put("FIRST_SENT_RECEIVED_LATENCY", ends[0] - firstSent);
    m.put("LAST_SENT_RECEIVED_LATENCY", ends[ends.length - 1] - lastSent);
    m.put("FIRST_INPUT_LATENCY", latency[0]);
    m.put("LAST_INPUT_LATENCY", latency[latency.length - 1]);
    m.put("MAX_LATENCY", Arrays.stream(latency).max().orElse(Double.NaN));
    m.put("MIN_LATENCY", Arrays.stream(latency).min().orElse(Double.NaN));
    m.put("MEAN_LATENCY", Arrays.stream(latency).average().orElse(Double.NaN));
    if (ends.length > 2) {
      double[] jitter = jitter(ends);
      double mean = Arrays.stream(jitter).average().orElse(Double.NaN);
      double squares = Arrays.stream(jitter).map(j -> (j - mean) * (j - mean)).average().orElse(0);
      m.put("MAX_JITTER", Arrays.stream(jitter).max().orElse(Double.NaN));
      m.put("MIN_JITTER", Arrays.stream(jitter).min().orElse(Double.NaN));
      m.put("MEAN_JITTER", mean);
      m.put("STD_DEV_JITTER", Math.sqrt(squares));
    }
    return m;
  }

  /** By how much each step from one to the next differs from the step before. */
  private static double[] jitter(double[] ends) {
    double[] jitter = new double[ends.length - 2];
    for (int i = 0; i < jitter.length; i++) {
      jitter[i] = Math.abs(ends[i + 2] - 2 * ends[i + 1] + ends[i]);
    }
    return jitter;
  }
}
