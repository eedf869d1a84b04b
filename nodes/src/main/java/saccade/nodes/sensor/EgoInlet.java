package saccade.nodes.sensor;

import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;
import saccade.kernels.motion.Standstill;
import saccade.realtime.ledger.DropLedger;
import saccade.realtime.ledger.DropReason;

/**
 * Latest-wins hand-over of ego motion from a source's thread to the pipeline's. Taking allocates
 * nothing; a state that was replaced before it was taken is a counted drop.
 *
 * <p>What goes in is an instant; what comes out also knows the last {@link Standstill}, counted
 * over all that went in, replaced or not.
 */
public final class EgoInlet {
  private final AtomicReference<@Nullable EgoState> fresh = new AtomicReference<>();
  private final DropLedger ledger = new DropLedger("odometry", () -> fresh.get() == null ? 0 : 1);
  private final Standstill standstill = new Standstill(); // producer only
  private EgoState last = EgoState.STANDING; // consumer only

  /** An inlet that nothing has come through. */
  public EgoInlet() {}

  /** Producer, one thread at a time. */
  public void push(EgoState state) {
    push(state, state.stampNs());
  }

  /**
   * Producer: a state of a drive that is shown at another speed than it was driven.
   *
   * @param drivenNs when the vehicle was in this state, by a clock as fast as the drive's own
   */
  public void push(EgoState state, long drivenNs) {
    standstill.sample(drivenNs, state.speedMps());
    ledger.offer();
    if (fresh.getAndSet(state.after(standstill)) != null) {
      ledger.drop(DropReason.SUPERSEDED);
    }
  }

  /** Producer: what comes next is another drive, and no standstill of this one counts there. */
  public void anotherDrive() {
    standstill.forget();
  }

  /** Consumer. The newest state there ever was; {@link EgoState#STANDING} before the first. */
  public EgoState latest() {
    EgoState state = fresh.getAndSet(null);
    if (state != null) {
      last = state;
      ledger.deliver();
    }
    return last;
  }

  /** Set-down, after the producer has stopped. */
  public void shutdown() {
    if (fresh.getAndSet(null) != null) {
      ledger.drop(DropReason.SHUTDOWN);
    }
  }

  /** The account. */
  public DropLedger ledger() {
    return ledger;
  }
}
