package saccade.nodes.rosnode;

import java.util.List;
import java.util.function.Consumer;
import saccade.nodes.zenoh.Counts;
import saccade.nodes.zenoh.ZenohId;
import saccade.nodes.zenoh.ZenohSession;
import saccade.realtime.clock.NanoClock;

/**
 * Says when a Zenoh session has nobody to talk to: once when no link comes up in the first seconds,
 * at each loss of the last one, and when one is there again. At the end, what was lost meanwhile.
 */
final class LinkWatch implements AutoCloseable {
  /** How long the first link may take, ns. */
  static final long PATIENCE_NS = 3_000_000_000L;

  private static final long EVERY_MS = 250;

  private final ZenohSession session;
  private final String noLink;
  private final long patienceNs;
  private final Consumer<String> console;
  private final Thread thread;
  private volatile boolean closed;

  /**
   * Begins to watch, on a thread of its own.
   *
   * @param session stays the caller's; closed after this
   * @param noLink one line: what was tried and what to change
   * @param console takes lines
   */
  LinkWatch(ZenohSession session, String noLink, long patienceNs, Consumer<String> console) {
    this.session = session;
    this.noLink = noLink;
    this.patienceNs = patienceNs;
    this.console = console;
    thread = Thread.ofVirtual().name("zenoh link watch").start(this::watch);
  }

  private void watch() {
    NanoClock clock = NanoClock.system();
    long endNs = clock.nanoTime() + patienceNs;
    boolean up = false;
    boolean said = false; // that there is none
    try {
      while (!closed) {
        List<ZenohId> peers = session.peers();
        boolean now = !peers.isEmpty();
        if (now && said) {
          console.accept("zenoh    a link is up, to " + peers);
          said = false;
        } else if (!now && up) {
          console.accept("warning  Zenoh: the last link is lost, it is dialled again; " + noLink);
          said = true;
        } else if (!now && !said && clock.nanoTime() > endNs) {
          console.accept("warning  Zenoh: " + noLink);
          said = true;
        }
        up = now;
        Thread.sleep(EVERY_MS);
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    } catch (RuntimeException e) {
      if (!closed) {
        console.accept("warning  Zenoh: its links are not watched any more: " + e.getMessage());
      }
    }
  }

  /** What did not arrive, one line; empty when nothing is to be told. */
  String account() {
    Counts counts = session.counts();
    long unlinked = counts.get(Counts.Of.DROPPED_WITHOUT_LINK);
    long congested = counts.get(Counts.Of.DROPPED_BY_CONGESTION);
    long torn = counts.get(Counts.Of.REASSEMBLY_DROPPED);
    long again = counts.get(Counts.Of.RECONNECTS);
    return (unlinked | congested | torn | again) == 0
        ? ""
        : "zenoh    not sent: %d without a link, %d by congestion; received in part: %d; links again: %d"
            .formatted(unlinked, congested, torn, again);
  }

  @Override
  public void close() {
    if (closed) {
      return;
    }
    closed = true;
    thread.interrupt();
    try {
      thread.join(1000);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
    String account = account();
    if (!account.isEmpty()) {
      console.accept(account);
    }
  }
}
