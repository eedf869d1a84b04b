package saccade.hil.reaction;

import java.util.ArrayList;
import java.util.List;
import saccade.hil.drive.ControlTrace;
import saccade.hil.drive.ControlTrace.Origin;
import saccade.hil.report.Quantile;
import saccade.hil.report.Report;

/**
 * Reactions to obstacles that appear, and brakings without one.
 *
 * <p>A reaction is the first commanded deceleration of at least {@value #BRAKE_MPS2} m/s^2 that
 * executes a chunk which the model decided on a capture at or after the appearance. A fallback, a
 * hold, a ramp, a continued chunk or the reflex is none. A drive that already braked so hard in the
 * {@value #QUIET_MS} ms before the appearance did not react: it was braking anyway.
 */
public final class ReactionScore {
  /** Commanded deceleration that counts as braking, m/s^2. */
  public static final double BRAKE_MPS2 = 2;

  /** The command must be free of braking this long before the appearance, milliseconds. */
  public static final long QUIET_MS = 300;

  /** A reaction after this is late, milliseconds. */
  public static final double LATE_MS = 300;

  /** A decision to brake after this is late, milliseconds. */
  public static final double DECISION_LATE_MS = 100;

  private final List<Double> reactionsMs = new ArrayList<>(); // infinite = never
  private final List<Double> decisionsMs = new ArrayList<>(); // infinite = never
  private final List<Double> reflexesMs = new ArrayList<>(); // infinite = not before the end
  private int twins;
  private int twinsBraked;
  private int alreadyBraking;

  /**
   * Milliseconds from the appearance to the reaction.
   *
   * @param appearNs capture instant of the first frame that holds the obstacle
   * @return infinite when the drive never reacted, or was braking already
   */
  public static double reactionMs(ControlTrace trace, long appearNs) {
    for (int i = 0; i < trace.size(); i++) {
      long atNs = trace.atNs(i);
      boolean braking = trace.accelMps2(i) <= -BRAKE_MPS2;
      if (!braking) {
        continue;
      }
      if (atNs < appearNs) {
        if (atNs >= appearNs - QUIET_MS * 1_000_000) {
          return Double.POSITIVE_INFINITY;
        }
      } else if (trace.origin(i) == Origin.MODEL && trace.captureNs(i) >= appearNs) {
        return (atNs - appearNs) / 1e6;
      }
    }
    return Double.POSITIVE_INFINITY;
  }

  /**
   * Milliseconds from the capture that first shows the obstacle to the message with the model's
   * decision to brake; what the controller makes of it is {@link #reactionMs}.
   *
   * @return infinite when it never decided so, or braked before
   */
  public static double decisionMs(ControlTrace trace, long appearNs) {
    if (brakedJustBefore(trace, appearNs)) {
      return Double.POSITIVE_INFINITY;
    }
    return trace.decisions().stream()
        .filter(d -> d.captureNs() >= appearNs && d.hardestMps2() <= -BRAKE_MPS2)
        .mapToDouble(d -> (d.atNs() - appearNs) / 1e6)
        .findFirst()
        .orElse(Double.POSITIVE_INFINITY);
  }

  /** Milliseconds until the geometric reflex would brake, or does; infinite when not. */
  public static double reflexMs(ControlTrace trace, long appearNs) {
    return trace.reflexes().stream()
        .filter(r -> r.atNs() >= appearNs && r.neededMps2() >= BRAKE_MPS2)
        .mapToDouble(r -> (r.atNs() - appearNs) / 1e6)
        .findFirst()
        .orElse(Double.POSITIVE_INFINITY);
  }

  private static boolean brakedJustBefore(ControlTrace trace, long appearNs) {
    for (int i = 0; i < trace.size(); i++) {
      if (trace.atNs(i) < appearNs
          && trace.atNs(i) >= appearNs - QUIET_MS * 1_000_000
          && trace.accelMps2(i) <= -BRAKE_MPS2) {
        return true;
      }
    }
    return false;
  }

  /** Whether a twin ever braked from an instant on, whatever made it. */
  public static boolean braked(ControlTrace trace, long fromNs) {
    for (int i = 0; i < trace.size(); i++) {
      if (trace.atNs(i) >= fromNs && trace.accelMps2(i) <= -BRAKE_MPS2) {
        return true;
      }
    }
    return false;
  }

  /** Adds a drive with an obstacle; returns its reaction in milliseconds. */
  public double obstacle(ControlTrace trace, long appearNs) {
    double ms = reactionMs(trace, appearNs);
    reactionsMs.add(ms);
    decisionsMs.add(decisionMs(trace, appearNs));
    reflexesMs.add(reflexMs(trace, appearNs));
    if (Double.isInfinite(ms) && braked(trace, appearNs - QUIET_MS * 1_000_000)) {
      alreadyBraking++;
    }
    return ms;
  }

  /** Adds the twin without the obstacle, judged from an instant on. */
  public void twin(ControlTrace trace, long fromNs) {
    twins++;
    if (braked(trace, fromNs)) {
      twinsBraked++;
    }
  }

  /** Reactions later than {@value #LATE_MS} ms, never included. */
  public int late() {
    return (int) reactionsMs.stream().filter(ms -> !(ms <= LATE_MS)).count();
  }

  /** Drives with an obstacle in which the model never reacted. */
  public int never() {
    return (int) reactionsMs.stream().filter(ms -> ms.isInfinite()).count();
  }

  /** Decisions later than {@value #DECISION_LATE_MS} ms, never included. */
  public int decisionsLate() {
    return (int) decisionsMs.stream().filter(ms -> !(ms <= DECISION_LATE_MS)).count();
  }

  private static double quantile(List<Double> ms, double q) {
    return Quantile.of(ms.stream().mapToDouble(Double::doubleValue).toArray(), q);
  }

  /** Share of the twins that braked, 0..1; NaN without twins. */
  public double twinShare() {
    return twins == 0 ? Double.NaN : (double) twinsBraked / twins;
  }

  /** Quantile of the reactions in milliseconds; infinite when that share never reacted. */
  public double quantileMs(double q) {
    return Quantile.of(reactionsMs.stream().mapToDouble(Double::doubleValue).toArray(), q);
  }

  private long sooner() {
    long count = 0;
    for (int i = 0; i < decisionsMs.size(); i++) {
      count += reflexesMs.get(i) < decisionsMs.get(i) ? 1 : 0;
    }
    return count;
  }

  /** Adds the figures that the bars of {@code hil reaction} name. */
  public void report(Report report) {
    report
        .figure("seeds", reactionsMs.size(), "")
        .figure("reaction_p50", quantileMs(0.5), "ms")
        .figure("reaction_p99", quantileMs(0.99), "ms")
        .figure("reactions_late", late(), "later than " + (int) LATE_MS + " ms or never")
        .figure("reactions_never", never(), "")
        .figure(
            "decision_p50", quantile(decisionsMs, 0.5), "ms, capture to the message that brakes")
        .figure("decision_p99", quantile(decisionsMs, 0.99), "ms")
        .figure(
            "decisions_late",
            decisionsLate(),
            "later than " + (int) DECISION_LATE_MS + " ms or never")
        .figure(
            "reflex_p50", quantile(reflexesMs, 0.5), "ms, the geometric reflex apart: it is off")
        .figure(
            "reflex_first",
            sooner(),
            "drives in which the reflex would have braked before the model decided")
        .figure("braking_but_no_reaction", alreadyBraking, "already braking, or not by the model")
        .figure("twins", twins, "")
        .figure("twins_braking_share", twinShare(), "of the twins");
  }
}
