package saccade.realtime.ledger;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.util.function.LongSupplier;

/**
 * Hot path. The account of one boundary: {@code offered = delivered + dropped(reason) + in flight}.
 * Any thread may count.
 *
 * <p>What is in flight is not the remainder of the other three, which would balance by definition;
 * whoever owns the boundary counts it in its own structures. The account is exact while nobody
 * moves; read it amid traffic and it may be off by what moved between two reads.
 */
public final class DropLedger {

  private static final DropReason[] REASONS = DropReason.values();
  private static final VarHandle CELL = MethodHandles.arrayElementVarHandle(long[].class);

  /**
   * Producer and consumer count at the same time: their cells lie 128 bytes apart (a line and its
   * neighbour).
   */
  private static final int OFFERED = 16;

  private static final int DELIVERED = 32;
  private static final int DROPPED = 48;

  private final String boundary;
  private final LongSupplier ownOffered;
  private final LongSupplier ownDelivered;
  private final LongSupplier inFlight;
  private final long[] cells = new long[DROPPED + REASONS.length + 16];

  /**
   * @param boundary name as printed, e.g. {@code ring.front_wide}
   * @param inFlight how many are inside at this moment, counted apart from this ledger
   */
  public DropLedger(String boundary, LongSupplier inFlight) {
    this(boundary, DropLedger::none, DropLedger::none, inFlight);
  }

  /** An account of a boundary that holds nothing between two calls: in flight is always 0. */
  public DropLedger(String boundary) {
    this(boundary, DropLedger::none);
  }

  /**
   * An account whose owner counts offers and deliveries itself, one thread each, because an atomic
   * addition is too dear there; what is counted here comes on top.
   */
  public DropLedger(
      String boundary, LongSupplier ownOffered, LongSupplier ownDelivered, LongSupplier inFlight) {
    this.boundary = boundary;
    this.ownOffered = ownOffered;
    this.ownDelivered = ownDelivered;
    this.inFlight = inFlight;
  }

  private static long none() {
    return 0;
  }

  /** One was offered. */
  public void offer() {
    CELL.getAndAdd(cells, OFFERED, 1L);
  }

  /** One went on. */
  public void deliver() {
    deliver(1);
  }

  /** {@code count} went on. */
  public void deliver(long count) {
    CELL.getAndAdd(cells, DELIVERED, count);
  }

  /** One did not. */
  public void drop(DropReason reason) {
    drop(reason, 1);
  }

  /** {@code count} did not. */
  public void drop(DropReason reason, long count) {
    CELL.getAndAdd(cells, DROPPED + reason.ordinal(), count);
  }

  /** Name as printed. */
  public String boundary() {
    return boundary;
  }

  public long offered() {
    return (long) CELL.getVolatile(cells, OFFERED) + ownOffered.getAsLong();
  }

  public long delivered() {
    return (long) CELL.getVolatile(cells, DELIVERED) + ownDelivered.getAsLong();
  }

  public long dropped(DropReason reason) {
    return (long) CELL.getVolatile(cells, DROPPED + reason.ordinal());
  }

  /** Sum over all reasons. */
  public long dropped() {
    long sum = 0;
    for (DropReason reason : REASONS) {
      sum += dropped(reason);
    }
    return sum;
  }

  public long inFlight() {
    return inFlight.getAsLong();
  }

  /** {@code offered - delivered - dropped - in flight}: 0 when the account is right. */
  public long balance() {
    return offered() - delivered() - dropped() - inFlight();
  }

  /**
   * Throws when the account is wrong. Call it while nobody moves (shutdown, tests).
   *
   * @throws IllegalStateException with the whole account
   */
  public void assertBalanced() {
    long balance = balance();
    if (balance != 0) {
      throw new IllegalStateException("drop ledger out of balance by " + balance + ": " + report());
    }
  }

  /**
   * Off the hot path. One line, e.g. {@code ring.front_wide: offered 200 = delivered 190 + dropped
   * 9 (SUPERSEDED 9) + in flight 1}.
   */
  public String report() {
    StringBuilder line = new StringBuilder(boundary);
    line.append(": offered ")
        .append(offered())
        .append(balance() == 0 ? " = " : " != ")
        .append("delivered ");
    line.append(delivered()).append(" + dropped ").append(dropped());
    String separator = " (";
    for (DropReason reason : REASONS) {
      long count = dropped(reason);
      if (count != 0) {
        line.append(separator).append(reason).append(' ').append(count);
        separator = ", ";
      }
    }
    if (separator.equals(", ")) {
      line.append(')');
    }
    return line.append(" + in flight ").append(inFlight()).toString();
  }

  @Override
  public String toString() {
    return report();
  }
}
