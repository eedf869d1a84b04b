package saccade.realtime.frameset;

import java.util.Arrays;
import saccade.realtime.ring.FrameView;

/**
 * Hot path. Views of one instant: per sensor a leased frame, or the reason why there is none.
 * Preallocated and reused; whoever got it from {@link FrameSetAssembler#poll} reads it and calls
 * {@link #release}, which gives all leases back.
 */
public final class FrameSet {

  private enum Phase {
    IDLE,
    OPEN,
    OUT
  }

  private final FrameView[] views; // (sensors)
  private final Presence[] presence; // (sensors)
  private Phase phase = Phase.IDLE;
  private long number;
  private long referenceNs;
  private long oldestNs;
  private long newestNs;
  private long firstAlignedNs;
  private long lastAlignedNs;
  private long openedNs;
  private long heldUpNs;
  private long instantNs;
  private long leftNs;
  private int present;

  FrameSet(int sensors) {
    views = new FrameView[sensors];
    presence = new Presence[sensors];
    for (int i = 0; i < sensors; i++) {
      views[i] = new FrameView();
      presence[i] = Presence.LATE;
    }
  }

  void open(long anchorNs, long nowNs) {
    phase = Phase.OPEN;
    referenceNs = anchorNs;
    oldestNs = Long.MAX_VALUE;
    newestNs = Long.MIN_VALUE;
    firstAlignedNs = anchorNs;
    lastAlignedNs = anchorNs;
    openedNs = nowNs;
    heldUpNs = Long.MAX_VALUE;
    instantNs = anchorNs;
    present = 0;
    Arrays.fill(presence, Presence.LATE);
  }

  /** Whether a frame of that aligned stamp (capture minus the sensor's phase) belongs here. */
  boolean fits(long alignedNs, long toleranceNs) {
    return Math.max(lastAlignedNs, alignedNs) - Math.min(firstAlignedNs, alignedNs) <= toleranceNs;
  }

  /**
   * @param behindNs how much later than usual the frame came, ns; 0 = not at all
   */
  void join(int sensor, FrameView frame, long alignedNs, long behindNs) {
    heldUpNs = Math.min(heldUpNs, behindNs);
    firstAlignedNs = Math.min(firstAlignedNs, alignedNs);
    lastAlignedNs = Math.max(lastAlignedNs, alignedNs);
    long captureNs = frame.captureNs();
    frame.moveTo(views[sensor]);
    presence[sensor] = Presence.PRESENT;
    present++;
    oldestNs = Math.min(oldestNs, captureNs);
    newestNs = Math.max(newestNs, captureNs);
  }

  void markAbsent(int sensor, Presence why) {
    presence[sensor] = why;
  }

  void leave(long setNumber, long nowNs) {
    number = setNumber;
    leftNs = nowNs;
    phase = Phase.OUT;
  }

  boolean isIdle() {
    return phase == Phase.IDLE;
  }

  /**
   * Gives all leases back and the set to its assembler. Once only for each poll; a second call does
   * nothing.
   */
  public void release() {
    if (phase != Phase.IDLE) {
      for (FrameView view : views) {
        view.release();
      }
      phase = Phase.IDLE;
    }
  }

  /** How many sensors a full set has. */
  public int sensors() {
    return views.length;
  }

  public boolean has(int sensor) {
    return presence[sensor] == Presence.PRESENT;
  }

  /** Whether the sensor is there, or why not. */
  public Presence presence(int sensor) {
    return presence[sensor];
  }

  /**
   * The sensor's frame; stays the set's, valid until {@link #release}. Use {@link
   * FrameView#shareWith} to keep it longer.
   *
   * @throws IllegalStateException when the sensor is absent; ask {@link #has} first
   */
  public FrameView view(int sensor) {
    if (!has(sensor)) {
      throw new IllegalStateException(
          "sensor " + sensor + " is not in this set: " + presence[sensor]);
    }
    return views[sensor];
  }

  /** How many sensors are there. */
  public int present() {
    return present;
  }

  /** Whether all sensors are there. */
  public boolean complete() {
    return present == views.length;
  }

  /** Number of the set, from 0; sets leave in the order of their instants. */
  public long number() {
    return number;
  }

  long firstAlignedNs() {
    return firstAlignedNs;
  }

  long lastAlignedNs() {
    return lastAlignedNs;
  }

  /**
   * Capture stamp of the frame that opened the set, minus its sensor's phase, ns: the instant that
   * the set stands for.
   */
  public long referenceNs() {
    return referenceNs;
  }

  /**
   * Oldest capture stamp in the set, ns: what the age of anything computed from the set counts
   * from.
   */
  public long oldestNs() {
    return oldestNs;
  }

  /** Newest capture stamp in the set, ns. */
  public long newestNs() {
    return newestNs;
  }

  /** Newest minus oldest capture stamp, ns; at most the tolerance plus the spread of phases. */
  public long spreadNs() {
    return newestNs - oldestNs;
  }

  /** What the captures so far have in common, each less its sensor's learnt phase, ns. */
  long instantNs() {
    return instantNs;
  }

  /** Takes one more into the mean, before its frame joins. */
  long instantWith(long aloneNs) {
    instantNs = present == 0 ? aloneNs : instantNs + (aloneNs - instantNs) / (present + 1);
    return instantNs;
  }

  /**
   * By how much every frame so far is behind its time, ns: what held them all up holds up those
   * that are still to come.
   */
  long heldUpNs() {
    return heldUpNs;
  }

  /** When the first frame was offered, ns. */
  public long openedNs() {
    return openedNs;
  }

  /** When the set was handed out, ns. */
  public long leftNs() {
    return leftNs;
  }
}
