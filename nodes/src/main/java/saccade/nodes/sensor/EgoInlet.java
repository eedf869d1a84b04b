package saccade.nodes.sensor;

import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;
import saccade.realtime.ledger.DropLedger;
import saccade.realtime.ledger.DropReason;

/**
 * Latest-wins hand-over of ego motion from a source's thread to the pipeline's. Taking allocates
 * nothing; a state that was replaced before it was taken is a counted drop.
 */
public final class EgoInlet {
  private final AtomicReference<@Nullable EgoState> fresh = new AtomicReference<>();
  private final DropLedger ledger = new DropLedger("odometry", () -> fresh.get() == null ? 0 : 1);
  private EgoState last = EgoState.STANDING; // consumer only

  /** An inlet that nothing has come through. */
  public EgoInlet() {}

  /** Producer. */
  public void push(EgoState state) {
    ledger.offer();
    if (fresh.getAndSet(state) != null) {
      ledger.drop(DropReason.SUPERSEDED);
    }
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
