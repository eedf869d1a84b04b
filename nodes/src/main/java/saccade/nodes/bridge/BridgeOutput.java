package saccade.nodes.bridge;

import java.util.function.BiConsumer;
import saccade.planner.PlannerMessage;
import saccade.planner.command.MotionStream;

/** The part of a bridge that knows one stack's messages. Called by the bridge's thread alone. */
interface BridgeOutput extends AutoCloseable {

  /** A message that the stale gate accepted. */
  default void accepted(PlannerMessage message, long nowNs) {}

  /** Speed that this stack itself reports, m/s; NaN when it does not, or not lately. */
  default double measuredMps(long nowNs) {
    return Double.NaN;
  }

  /**
   * Publishes what holds at {@code nowNs}.
   *
   * @param motion stepped to {@code nowNs}
   * @param measuredMps measured speed, NaN when unknown
   * @param rosNs the same instant for stamps
   */
  void publish(MotionStream motion, double measuredMps, long nowNs, long rosNs);

  /** Publishes a stop on the wheel angle of the last command: the last message of the bridge. */
  void leave(MotionStream motion, long rosNs);

  /** Adds its own values to the diagnostics. */
  default void describe(BiConsumer<String, String> values, long nowNs) {}

  /** A complaint that makes the diagnostics at least a warning; empty when there is none. */
  default String complaint(long nowNs) {
    return "";
  }

  @Override
  void close();
}
