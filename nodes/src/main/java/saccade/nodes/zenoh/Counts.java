package saccade.nodes.zenoh;

import java.util.concurrent.atomic.AtomicLongArray;

/** What a session counted since it was opened; safe to read from any thread. */
public final class Counts {
  /** What is counted. */
  public enum Of {
    /** Data messages handed to at least one link. */
    SENT,
    /** Data messages that came in. */
    RECEIVED,
    /** Data messages that nobody here had subscribed to. */
    UNMATCHED,
    /** Droppable messages that were not sent: the peer did not take them in time. */
    DROPPED_BY_CONGESTION,
    /** Messages not sent: no link was up. */
    DROPPED_WITHOUT_LINK,
    /** Fragments sent. */
    FRAGMENTS_SENT,
    /** Fragments that came in. */
    FRAGMENTS_RECEIVED,
    /** Messages whose fragments did not all come; dropped. */
    REASSEMBLY_DROPPED,
    /** Frames whose number was not the next one. */
    SEQUENCE_GAPS,
    /** Frames with a number that had been there; dropped. */
    FRAMES_REPEATED,
    /** Small messages that went out together with others. */
    BATCHED,
    /** Links that came up. */
    LINKS_OPENED,
    /** Links that came up after another was lost. */
    RECONNECTS,
    /** Calls to a listener that threw. */
    LISTENER_FAILED,
    /** Queries that got no final answer in time. */
    QUERIES_TIMED_OUT,
    /** Answers to queries that were not waiting any more. */
    ANSWERS_UNKNOWN,
    /** Messages with a key expression id that had never been declared; dropped. */
    KEYS_UNKNOWN,
    /** Messages that libzenohc did not take when they were published. */
    REFUSED
  }

  private static final int FAULTS = Of.values().length;

  private final AtomicLongArray values =
      new AtomicLongArray(FAULTS + ZenohFault.Kind.values().length);

  Counts() {}

  void add(Of what) {
    values.getAndIncrement(what.ordinal());
  }

  void add(ZenohFault.Kind fault) {
    values.getAndIncrement(FAULTS + fault.ordinal());
  }

  public long get(Of what) {
    return values.get(what.ordinal());
  }

  /** Links that ended, or did not come to be, for that reason. */
  public long get(ZenohFault.Kind fault) {
    return values.get(FAULTS + fault.ordinal());
  }

  /** All that are not zero. */
  @Override
  public String toString() {
    StringBuilder out = new StringBuilder();
    for (Of what : Of.values()) {
      append(out, what.name(), get(what));
    }
    for (ZenohFault.Kind fault : ZenohFault.Kind.values()) {
      append(out, fault.name(), get(fault));
    }
    return out.toString().strip();
  }

  private static void append(StringBuilder out, String name, long value) {
    if (value != 0) {
      out.append(name).append('=').append(value).append(' ');
    }
  }
}
