package saccade.realtime.overload;

import org.jspecify.annotations.Nullable;
import saccade.realtime.deadline.BudgetController;
import saccade.realtime.deadline.Decision;
import saccade.realtime.schedule.Criticality;

/**
 * What the product does, by the product's own classes: reflex work first, the newest set, its
 * action within what is left of its budget, its text behind it, levels by ladder and rate.
 */
public final class SaccadePolicy implements Policy {
  private static final int INTERVALS = 4;

  private final BudgetController controller;
  private final long reserveNs;
  private final long everyNs;
  private final @Nullable Others others;
  private long measuredNs;

  /** What other streams of the lane asked for while a set was decided. */
  public interface Others {
    /** From one set to the next on the lane, all streams together, ns. */
    long everyNs(long captureNs);

    /** Predicted time of what went before the action of that set, ns. */
    long aheadNs(long captureNs);
  }

  /**
   * A policy around a controller of its own.
   *
   * @param reserveNs kept back for making the message
   * @param everyNs from set to set; 0 = found out from the last arrivals
   */
  public SaccadePolicy(BudgetController controller, long reserveNs, long everyNs) {
    this.controller = controller;
    this.reserveNs = reserveNs;
    this.everyNs = everyNs;
    this.others = null;
  }

  /** As the other one, on a lane that other streams use. */
  SaccadePolicy(BudgetController controller, long reserveNs, Others others) {
    this.controller = controller;
    this.reserveNs = reserveNs;
    this.everyNs = 0;
    this.others = others;
  }

  @Override
  public String name() {
    return "saccade";
  }

  @Override
  public Criticality reflexClass() {
    return Criticality.REFLEX;
  }

  @Override
  public Criticality setClass(boolean describing) {
    return describing ? Criticality.DESCRIPTION : Criticality.ACTION;
  }

  @Override
  public void arrived(Arrivals arrivals, int set, Waiting waiting, long nowNs) {
    int back = Math.min(INTERVALS, set);
    measuredNs = back == 0 ? 0 : (arrivals.readyNs()[set] - arrivals.readyNs()[set - back]) / back;
  }

  @Override
  public int take(Arrivals arrivals, Waiting waiting, long nowNs, Decision out) {
    int set = waiting.takeNewest();
    long budgetNs = arrivals.budgetNs()[set];
    long captureNs = arrivals.captureNs()[set];
    long dueNs = captureNs + budgetNs - reserveNs;
    long every = everyNs > 0 ? everyNs : measuredNs;
    Others on = others;
    if (on != null) {
      every = on.everyNs(captureNs);
      dueNs -= on.aheadNs(captureNs);
    }
    controller.decide(nowNs, dueNs, budgetNs, arrivals.present()[set], every, out);
    return set;
  }

  @Override
  public long dueNs(Stage stage, long captureNs, long budgetNs) {
    return captureNs + budgetNs - reserveNs;
  }

  @Override
  public long engineDueNs(long captureNs, long budgetNs) {
    return captureNs + budgetNs - reserveNs;
  }

  @Override
  public void learn(int kind, int size, long tookNs) {
    controller.model().observe(kind, size, tookNs);
  }

  @Override
  public void inTime(long nowNs) {
    controller.inTime(nowNs);
  }

  @Override
  public void missed(long nowNs) {
    controller.missed(nowNs);
  }

  @Override
  public void starved(long nowNs) {
    controller.ladder().starved(nowNs);
  }

  /** The controller, for reports. */
  public BudgetController controller() {
    return controller;
  }
}
