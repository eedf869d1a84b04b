package saccade.nodes.pipeline;

import java.util.Arrays;
import java.util.List;
import org.jspecify.annotations.Nullable;
import saccade.nodes.graph.Graph;
import saccade.nodes.graph.GraphNode;
import saccade.nodes.graph.GraphNode.Controller;
import saccade.nodes.graph.GraphNode.Planner;
import saccade.nodes.sensor.SensorSource;
import saccade.planner.GeometricReflex;
import saccade.realtime.deadline.BudgetPolicy;
import saccade.realtime.frameset.FrameSetOptions;

/**
 * Numbers a pipeline works by; times in nanoseconds.
 *
 * @param periodNs from one set to the next
 * @param budgetNs from capture to message
 * @param reserveNs part of the budget kept back for making and publishing the message
 * @param setTimeoutNs from an instant's first capture, from which budgetNs counts too, until its
 *     set goes on without the others
 * @param slots payload slots a sensor
 * @param validNs how long after its capture an action may be followed
 * @param maxAgeNs older messages are not acted on
 * @param controlPeriodNs from one command to the next
 * @param reflex whether the geometric reflex may brake
 * @param leastBudgetNs shortest budget that speed and closing time may ask for; equal to budgetNs =
 *     always the same
 * @param degrade whether less is done when time is short
 * @param phasesNs how long after the common instant each sensor measures; empty = together
 */
public record PipelineOptions(
    long periodNs,
    long budgetNs,
    long reserveNs,
    long setTimeoutNs,
    int slots,
    long validNs,
    long maxAgeNs,
    long controlPeriodNs,
    GeometricReflex.Mode reflex,
    long leastBudgetNs,
    Degrade degrade,
    List<Long> phasesNs) {

  /** Fewest slots a sensor. */
  public static final int LEAST_SLOTS = 4;

  private static final long REHEARSAL_BUDGET_NS = 1_000_000_000L;

  /** Whether the time left decides tokens, exit, text and sensors. */
  public enum Degrade {
    /** Less is done when time is short. */
    ON,
    /** Every set is run in full, or cut. */
    OFF
  }

  public PipelineOptions {
    phasesNs = List.copyOf(phasesNs);
    if (periodNs <= 0 || budgetNs <= 0 || controlPeriodNs <= 0) {
      throw new IllegalArgumentException(
          "expected period, budget and control period above 0 ns, found "
              + periodNs
              + ", "
              + budgetNs
              + ", "
              + controlPeriodNs);
    }
    if (reserveNs < 0 || reserveNs >= budgetNs) {
      throw new IllegalArgumentException(
          "expected a reserve from 0 ns to less than the budget of "
              + budgetNs
              + " ns, found "
              + reserveNs);
    }
    if (validNs < budgetNs || maxAgeNs < budgetNs) {
      throw new IllegalArgumentException(
          "expected validity and age limit of at least the budget of "
              + budgetNs
              + " ns, found "
              + validNs
              + " and "
              + maxAgeNs);
    }
    if (leastBudgetNs <= reserveNs || leastBudgetNs > budgetNs) {
      throw new IllegalArgumentException(
          "expected a least budget above the reserve of "
              + reserveNs
              + " ns and at most the budget of "
              + budgetNs
              + " ns, found "
              + leastBudgetNs);
    }
    if (slots < LEAST_SLOTS) {
      throw new IllegalArgumentException(
          "expected " + LEAST_SLOTS + " slots a sensor or more, found " + slots);
    }
  }

  /**
   * 10 Hz, commands at 50 Hz, reflex off, as {@code launch/demo.yaml} says; 90 ms budget in every
   * state.
   */
  public static PipelineOptions tenHertz() {
    return new PipelineOptions(
        100_000_000L,
        90_000_000L,
        3_000_000L,
        55_000_000L,
        6,
        500_000_000L,
        300_000_000L,
        20_000_000L,
        GeometricReflex.Mode.OFF,
        90_000_000L,
        Degrade.ON,
        List.of());
  }

  /**
   * The options that a graph states for a source. Budget and time-out of a recording begin with the
   * first capture of a set like any other's, but its sensors were not chosen for them: they are
   * longer by {@link #spreadNs}.
   */
  public static PipelineOptions of(Graph graph, SensorSource source) {
    @Nullable Controller controller = graph.controller();
    PipelineOptions base = tenHertz();
    long spreadNs = graph.source() instanceof GraphNode.Recording ? spreadNs(source.phasesNs()) : 0;
    long budgetNs = graph.perception().budgetNs() + spreadNs;
    return new PipelineOptions(
        source.periodNs(),
        budgetNs,
        Math.min(base.reserveNs, graph.perception().leastBudgetNs() / 10),
        graph.perception().setTimeoutNs() + spreadNs,
        graph.perception().slots(),
        Math.max(graph.planner().validNs(), budgetNs),
        Math.max(graph.planner().maxAgeNs(), budgetNs),
        controller == null ? base.controlPeriodNs : Math.round(1e9 / controller.rateHz()),
        graph.planner().reflex() == Planner.Reflex.ON
            ? GeometricReflex.Mode.ON
            : GeometricReflex.Mode.OFF,
        graph.perception().leastBudgetNs() + spreadNs,
        graph.perception().degrade() ? Degrade.ON : Degrade.OFF,
        Arrays.stream(source.phasesNs()).boxed().toList());
  }

  /** From the first capture of a set to its last, ns; 0 for sensors that measure together. */
  public static long spreadNs(long[] phasesNs) {
    return phasesNs.length == 0
        ? 0
        : Arrays.stream(phasesNs).max().getAsLong() - Arrays.stream(phasesNs).min().getAsLong();
  }

  public PipelineOptions withBudgetNs(long ns) {
    return new PipelineOptions(
        periodNs,
        ns,
        Math.min(reserveNs, ns / 10),
        setTimeoutNs,
        slots,
        Math.max(validNs, ns),
        Math.max(maxAgeNs, ns),
        controlPeriodNs,
        reflex,
        ns,
        degrade,
        phasesNs);
  }

  /**
   * The same for sets that nobody sees: none is late, for behind one that was, less would be done
   * and less be warm; sets that are far apart come a budget after one another; least memory.
   */
  public PipelineOptions forRehearsal() {
    return new PipelineOptions(
        Math.min(periodNs, budgetNs),
        Math.max(budgetNs, REHEARSAL_BUDGET_NS),
        reserveNs,
        setTimeoutNs,
        LEAST_SLOTS,
        Math.max(validNs, REHEARSAL_BUDGET_NS),
        Math.max(maxAgeNs, REHEARSAL_BUDGET_NS),
        controlPeriodNs,
        reflex,
        Math.max(budgetNs, REHEARSAL_BUDGET_NS),
        degrade,
        phasesNs);
  }

  /** Full sets whatever the time, e.g. where the time a set takes is made up. */
  public PipelineOptions withDegrade(Degrade mode) {
    return new PipelineOptions(
        periodNs,
        budgetNs,
        reserveNs,
        setTimeoutNs,
        slots,
        validNs,
        maxAgeNs,
        controlPeriodNs,
        reflex,
        leastBudgetNs,
        mode,
        phasesNs);
  }

  public PipelineOptions withReflex(GeometricReflex.Mode mode) {
    return new PipelineOptions(
        periodNs,
        budgetNs,
        reserveNs,
        setTimeoutNs,
        slots,
        validNs,
        maxAgeNs,
        controlPeriodNs,
        mode,
        leastBudgetNs,
        degrade,
        phasesNs);
  }

  /** How frames become sets. */
  public FrameSetOptions sets(int sensors) {
    return FrameSetOptions.of(sensors, periodNs)
        .withStaleAfterNs(Math.max(periodNs * 10, 2 * setTimeoutNs + 1)) // above the time-out
        .withTimeoutNs(setTimeoutNs);
  }

  /** (sensors) How long after the common instant each sensor measures, ns. */
  public long[] phases(int sensors) {
    return phasesNs.isEmpty()
        ? new long[sensors]
        : phasesNs.stream().mapToLong(Long::longValue).toArray();
  }

  /** The budget as a function of the vehicle's state. */
  public BudgetPolicy budget() {
    return leastBudgetNs == budgetNs
        ? BudgetPolicy.fixed(budgetNs)
        : BudgetPolicy.within(leastBudgetNs, budgetNs);
  }
}
