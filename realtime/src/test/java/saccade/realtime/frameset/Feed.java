package saccade.realtime.frameset;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.lang.foreign.Arena;
import org.jspecify.annotations.Nullable;
import saccade.realtime.ledger.DropReason;
import saccade.realtime.ring.Doorbell;
import saccade.realtime.ring.FrameRing;
import saccade.realtime.ring.FrameView;
import saccade.realtime.ring.OverrunPolicy;
import saccade.realtime.ring.SlotPool;

/** Real rings in front of an assembler, so that leases are counted for real. */
final class Feed {

  static final int SLOTS = 64;

  final FrameSetAssembler assembler;
  private final FrameRing[] rings;
  private final FrameView view = new FrameView();

  Feed(FrameSetOptions options) {
    this(options, new long[options.sensors()]);
  }

  Feed(FrameSetOptions options, long[] phaseNs) {
    assembler = new FrameSetAssembler(options, phaseNs);
    rings = new FrameRing[options.sensors()];
    for (int i = 0; i < rings.length; i++) {
      SlotPool pool = new SlotPool(Arena.ofAuto(), SLOTS, 8);
      rings[i] = new FrameRing(i, "s" + i, pool, OverrunPolicy.LATEST_WINS, new Doorbell());
    }
  }

  @Nullable DropReason offer(int sensor, long captureNs, long nowNs) {
    return offer(sensor, captureNs, nowNs, nowNs);
  }

  /** Of a frame that was there before anybody had time to take it. */
  @Nullable DropReason offer(int sensor, long captureNs, long publishedNs, long nowNs) {
    FrameRing ring = rings[sensor];
    ring.publish(ring.tryClaim(publishedNs), captureNs, 8, 0, 0, 0, publishedNs);
    assertTrue(ring.takeNewest(view, nowNs));
    DropReason reason = assembler.offer(sensor, view, nowNs);
    assertTrue(!view.isHeld(), "the lease passes to the assembler in any case");
    return reason;
  }

  int leased() {
    int sum = 0;
    for (FrameRing ring : rings) {
      sum += ring.pool().leasedCount();
    }
    return sum;
  }

  void expectNothingHeld() {
    assertEquals(0, leased());
    assertEquals(0, assembler.inFlight());
    assembler.ledger().assertBalanced();
  }
}
