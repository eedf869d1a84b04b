package saccade.realtime.frameset;

import java.util.Arrays;
import org.jspecify.annotations.Nullable;
import saccade.realtime.clock.StampCheck;
import saccade.realtime.clock.StampFault;
import saccade.realtime.ledger.DropLedger;
import saccade.realtime.ledger.DropReason;
import saccade.realtime.ring.FrameView;

/**
 * Hot path. Puts frames of several sensors together by capture stamp (approximate time). Used by
 * one thread; knows no clock but {@code nowNs}, which lies in the domain of the stamps.
 *
 * <p>No sensor is the master. A frame joins the open set whose spread stays within the tolerance,
 * else it opens a set, if it lies at least period - tolerance from all other sets. A set leaves
 *
 * <ul>
 *   <li>when all its sensors are there, or those that are not can no longer come: their source has
 *       said so, or, as stamps of a sensor only go forward, a later frame has come; or
 *   <li>without those that are late: each sensor is waited for as long as its frames usually take
 *       plus a margin that follows how much that varies ({@link UsualArrival}), longer by what has
 *       held up all frames of the set so far; and none beyond the time-out, which counts from the
 *       instant's first capture, as a deadline does.
 * </ul>
 *
 * <p>Sets leave in the order of their instants, and each leaves, so nobody waits for ever.
 *
 * <p>What a deadline leaves for waiting is {@link #waitAtMost}. It rests on a prediction of what
 * the sensors' frames will cost, and what is not in a set is not run, so its prediction never gets
 * better: sensors would be given up for ever. So every {@value #TRY_EVERY}th set waits at least for
 * a given time, whatever is predicted, and after one that did not wait in vain and was answered in
 * time the next one does so again.
 *
 * <p>A set that has none of the sensors without one of which it is of no use ({@link #needOneOf})
 * is not saved by leaving early: it waits for the first of them, whatever is predicted.
 */
public final class FrameSetAssembler {
  static final int TRY_EVERY = 10; // sets

  private final FrameSetOptions options;
  private final long[] phaseNs; // (sensors)
  private final StampCheck[] stamps; // (sensors)
  private final boolean[] faulty; // (sensors) a faulty stamp since the last good one
  private final int[] lateInRow; // (sensors)
  private final UsualArrival[] usual; // (sensors)
  private final long[] lostNs; // (sensors) newest stamp known to be lost, minus the phase
  private final long firstPhaseNs; // of the sensor that measures first
  private final FrameSet[] sets; // (openSets) all there are
  private final FrameSet[] open; // (openSets) the first openCount, by reference stamp
  private int openCount;
  private boolean anyLeft;
  private long lastLeftNs; // reference stamp of the last set that left
  private long lastNewestNs; // newest aligned stamp in it
  private long lastInstantNs; // its instant
  private long nextNumber;
  private long completeSets;
  private long partialSets;
  private long waitAtMostNs = Long.MAX_VALUE;
  private long tryNs;
  private boolean tryAgain; // the last set tried, got all it waited for, and was not late
  private long waitFor = -1; // bit i = sensor i
  private long oneOf; // bit i = sensor i; 0: a set is of use without any
  private long oneOfNs;
  private final DropLedger ledger;

  public FrameSetAssembler(FrameSetOptions options) {
    this(options, new long[options.sensors()]);
  }

  /**
   * For sensors that measure one after another, as cameras do that are triggered when a turning
   * LiDAR looks their way.
   *
   * @param phaseNs (sensors) how long after the common instant each sensor measures, ns
   */
  public FrameSetAssembler(FrameSetOptions options, long[] phaseNs) {
    this.options = options;
    int sensors = options.sensors();
    if (phaseNs.length != sensors) {
      throw new IllegalArgumentException(
          "expected " + sensors + " phases, found " + phaseNs.length);
    }
    this.phaseNs = phaseNs.clone();
    stamps = new StampCheck[sensors];
    for (int i = 0; i < sensors; i++) {
      stamps[i] = new StampCheck(options.futureToleranceNs(), options.staleAfterNs());
    }
    firstPhaseNs = Arrays.stream(this.phaseNs).min().orElse(0);
    usual = new UsualArrival[sensors];
    for (int i = 0; i < sensors; i++) {
      usual[i] = new UsualArrival(options, phaseNs[i], options.timeoutNs() + firstPhaseNs);
    }
    lostNs = new long[sensors];
    Arrays.fill(lostNs, Long.MIN_VALUE);
    faulty = new boolean[sensors];
    lateInRow = new int[sensors];
    sets = new FrameSet[options.openSets()];
    for (int i = 0; i < sets.length; i++) {
      sets[i] = new FrameSet(sensors);
    }
    open = sets.clone();
    ledger = new DropLedger("frameset", this::inFlight);
  }

  /**
   * Offers one frame. The lease passes to the assembler in any case: {@code frame} is empty
   * afterwards.
   *
   * @param sensor 0..sensors-1
   * @return null when the frame is in a set, else why it was dropped (counted)
   */
  public @Nullable DropReason offer(int sensor, FrameView frame, long nowNs) {
    ledger.offer();
    lateInRow[sensor] = 0;
    DropReason reason = place(sensor, frame, nowNs);
    if (reason != null) {
      frame.release();
      ledger.drop(reason);
    }
    return reason;
  }

  private @Nullable DropReason place(int sensor, FrameView frame, long nowNs) {
    long captureNs = frame.captureNs();
    StampFault fault = stamps[sensor].check(captureNs, nowNs);
    faulty[sensor] = fault != StampFault.NONE;
    switch (fault) {
      case ZERO:
        return DropReason.STAMP_ZERO;
      case FUTURE:
        return DropReason.STAMP_FUTURE;
      case DUPLICATE:
        return DropReason.STAMP_DUPLICATE;
      case BACKWARDS:
        return DropReason.STAMP_BACKWARDS;
      case STALE:
        return DropReason.STAMP_STALE;
      case NONE:
        break;
    }
    // When it was there to be taken: had this thread had time, it would have had it then.
    long thereNs = Math.max(captureNs, frame.publishedNs());
    long alignedNs = captureNs - phaseNs[sensor];
    if (anyLeft && (alignedNs < lastLeftNs || alignedNs <= lastNewestNs)) {
      return tooLate(sensor, captureNs, thereNs);
    }
    FrameSet home = findHome(sensor, alignedNs);
    if (home == null) {
      if (anyLeft && alignedNs - lastLeftNs <= options.toleranceNs()) {
        return tooLate(sensor, captureNs, thereNs);
      }
      if (isBetweenSets(alignedNs)) {
        return DropReason.BETWEEN_SETS;
      }
      home = openSet(alignedNs, nowNs);
      if (home == null) {
        return DropReason.NO_SLOT;
      }
    }
    UsualArrival way = usual[sensor];
    if (home.present() > 0) {
      way.agree(captureNs, home.instantNs());
    }
    long afterNs = thereNs - home.instantWith(way.instantNs(captureNs));
    home.join(sensor, frame, alignedNs, way.behindNs(afterNs));
    way.came(afterNs);
    return null;
  }

  /** Its set has gone, the last one or one before that. */
  private DropReason tooLate(int sensor, long captureNs, long thereNs) {
    long aloneNs = usual[sensor].instantNs(captureNs);
    boolean ofLast = Math.abs(aloneNs - lastInstantNs) <= options.toleranceNs();
    usual[sensor].came(thereNs - (ofLast ? lastInstantNs : aloneNs));
    return DropReason.LATE;
  }

  /**
   * The source of a sensor says that a frame will never come (unreadable, aborted), nor any with an
   * earlier stamp that was not offered: no set waits for it. A stamp that cannot be is passed over.
   *
   * @param captureNs its capture stamp
   */
  public void lost(int sensor, long captureNs, long nowNs) {
    if (captureNs > 0 && captureNs <= nowNs + options.futureToleranceNs()) {
      lostNs[sensor] = Math.max(lostNs[sensor], captureNs - phaseNs[sensor]);
      lateInRow[sensor] = 0; // not silent
    }
  }

  private @Nullable FrameSet findHome(int sensor, long alignedNs) {
    FrameSet best = null;
    long bestDistance = Long.MAX_VALUE;
    for (int i = 0; i < openCount; i++) {
      FrameSet set = open[i];
      long distance = Math.abs(alignedNs - set.referenceNs());
      if (!set.has(sensor)
          && set.fits(alignedNs, options.toleranceNs())
          && distance < bestDistance) {
        best = set;
        bestDistance = distance;
      }
    }
    return best;
  }

  private boolean isBetweenSets(long alignedNs) {
    long gapNs = options.periodNs() - options.toleranceNs();
    if (anyLeft && alignedNs - lastLeftNs < gapNs) {
      return true;
    }
    for (int i = 0; i < openCount; i++) {
      if (Math.abs(alignedNs - open[i].referenceNs()) < gapNs) {
        return true;
      }
    }
    return false;
  }

  private @Nullable FrameSet openSet(long anchorNs, long nowNs) {
    FrameSet set = idleSet();
    if (set == null) {
      if (openCount == 0 || anchorNs < open[0].referenceNs()) {
        return null; // the caller holds all sets, or this instant is older than all that wait
      }
      dropFront(DropReason.SET_SUPERSEDED);
      set = idleSet();
      if (set == null) {
        return null;
      }
    }
    set.open(anchorNs, nowNs);
    int at = openCount++;
    while (at > 0 && open[at - 1].referenceNs() > anchorNs) {
      open[at] = open[at - 1];
      at--;
    }
    open[at] = set;
    return set;
  }

  private @Nullable FrameSet idleSet() {
    for (FrameSet set : sets) {
      if (set.isIdle()) {
        return set;
      }
    }
    return null;
  }

  /**
   * The next set that is ready, oldest instant first; null when none is. The caller releases it.
   *
   * @param nowNs decides the time-out
   */
  public @Nullable FrameSet poll(long nowNs) {
    if (openCount == 0) {
      return null;
    }
    FrameSet set = open[0];
    if (nowNs < readyNs(set)) {
      return null;
    }
    tryAgain = tries() && !isInVain(set);
    removeFront();
    nameAbsences(set);
    set.leave(nextNumber++, nowNs);
    if (set.complete()) {
      completeSets++;
    } else {
      partialSets++;
    }
    ledger.deliver(set.present());
    return set;
  }

  /**
   * The newest set that is ready; older ready ones are dropped, counted SET_SUPERSEDED. Null when
   * none is ready.
   */
  public @Nullable FrameSet pollNewest(long nowNs) {
    while (openCount > 1) {
      if (nowNs < readyNs(open[0]) || nowNs < readyNs(open[1])) {
        break;
      }
      dropFront(DropReason.SET_SUPERSEDED);
    }
    return poll(nowNs);
  }

  /**
   * When a set goes on as it is: at once ({@link Long#MIN_VALUE}) when every sensor is in it, can
   * no longer come, or is silent; else when the last of those that may still come has used up its
   * patience.
   */
  private long readyNs(FrameSet set) {
    long deadlineNs = firstCaptureNs(set) + Math.min(options.timeoutNs(), mayWaitNs());
    long readyNs = Long.MIN_VALUE;
    long needed = needed(set);
    for (int sensor = 0; sensor < stamps.length; sensor++) {
      if ((needed >>> sensor & 1) == 1 && mayCome(sensor, set)) {
        long patienceNs = Math.min(options.timeoutNs(), Math.max(mayWaitNs(), oneOfNs));
        readyNs = Math.max(readyNs, firstCaptureNs(set) + patienceNs);
      } else if (isAwaited(sensor, set)) {
        long worthNs = usual[sensor].worthWaitingNs();
        readyNs =
            Math.max(
                readyNs,
                worthNs == Long.MAX_VALUE
                    ? deadlineNs
                    : Math.min(deadlineNs, set.instantNs() + worthNs + set.heldUpNs()));
      }
    }
    return readyNs;
  }

  private boolean isAwaited(int sensor, FrameSet set) {
    return (waitFor >>> sensor & 1) == 1 && mayCome(sensor, set);
  }

  /** Those of {@link #needOneOf}; 0 when one of them is in the set. */
  private long needed(FrameSet set) {
    for (int sensor = 0; sensor < stamps.length; sensor++) {
      if ((oneOf >>> sensor & 1) == 1 && set.has(sensor)) {
        return 0;
      }
    }
    return oneOf;
  }

  private boolean mayCome(int sensor, FrameSet set) {
    return !set.has(sensor)
        && !isPast(sensor, set)
        && !isSilent(sensor)
        && !usual[sensor].isAlwaysBeyond();
  }

  /** When the instant began to be measured: by the first sensor's phase, or a stamp before that. */
  private long firstCaptureNs(FrameSet set) {
    return Math.min(set.oldestNs(), set.referenceNs() + firstPhaseNs);
  }

  private long mayWaitNs() {
    return tries() ? Math.max(waitAtMostNs, tryNs) : waitAtMostNs;
  }

  /** Whether the next set that leaves tries for sensors that a prediction may have given up. */
  private boolean tries() {
    return tryAgain || nextNumber % TRY_EVERY == 0;
  }

  private boolean isInVain(FrameSet set) {
    for (int sensor = 0; sensor < stamps.length; sensor++) {
      if (isAwaited(sensor, set)) {
        return true;
      }
    }
    return false;
  }

  private boolean isPast(int sensor, FrameSet set) {
    return lostNs[sensor] >= set.lastAlignedNs() - options.toleranceNs()
        || stamps[sensor].hasStamp()
            && stamps[sensor].lastStampNs() - phaseNs[sensor]
                >= set.firstAlignedNs() + options.toleranceNs();
  }

  private boolean isSilent(int sensor) {
    return options.silentAfterSets() > 0 && lateInRow[sensor] >= options.silentAfterSets();
  }

  private void nameAbsences(FrameSet set) {
    for (int sensor = 0; sensor < stamps.length; sensor++) {
      if (set.has(sensor)) {
        continue;
      }
      if (faulty[sensor]) {
        set.markAbsent(sensor, Presence.FAULT);
      } else if (isPast(sensor, set)) {
        set.markAbsent(sensor, Presence.MISSING);
      } else if (isSilent(sensor)) {
        set.markAbsent(sensor, Presence.SILENT);
      } else {
        set.markAbsent(sensor, Presence.LATE);
        lateInRow[sensor]++;
      }
    }
  }

  private void removeFront() {
    FrameSet front = open[0];
    anyLeft = true;
    lastLeftNs = front.referenceNs();
    lastNewestNs = front.lastAlignedNs();
    lastInstantNs = front.instantNs();
    openCount--;
    System.arraycopy(open, 1, open, 0, openCount);
    open[openCount] = front;
  }

  private void dropFront(DropReason reason) {
    FrameSet front = open[0];
    removeFront();
    ledger.drop(reason, front.present());
    front.release();
  }

  /**
   * When {@link #poll} is worth calling again though nothing was offered, ns; {@link
   * Long#MAX_VALUE} when no set waits.
   */
  public long nextTimeoutNs() {
    return openCount == 0 ? Long.MAX_VALUE : readyNs(open[0]);
  }

  /** Set-down: what still waits is dropped, counted SHUTDOWN. */
  public void shutdown() {
    while (openCount > 0) {
      dropFront(DropReason.SHUTDOWN);
    }
  }

  /**
   * The clock of the world began again (simulation reset, recording looped): open sets are dropped,
   * stamps forgotten.
   */
  public void restart() {
    while (openCount > 0) {
      dropFront(DropReason.SET_SUPERSEDED);
    }
    anyLeft = false;
    for (UsualArrival one : usual) {
      one.reset();
    }
    Arrays.fill(lostNs, Long.MIN_VALUE);
    for (StampCheck check : stamps) {
      check.reset();
    }
  }

  /**
   * What a deadline leaves for waiting, for sets that have not left yet. A sensor that is not
   * waited for is in a set all the same when its frame is there in time.
   *
   * @param ns no sensor is waited for beyond this, counted from the instant's first capture,
   *     whatever it usually takes; 0 or more
   * @param sensors bit i = sensor i is waited for at all
   * @param tryNs as {@code ns}, where it is longer, for every {@value #TRY_EVERY}th set and those
   *     after it, until one waited in vain or {@link #answeredLate}
   */
  public void waitAtMost(long ns, long sensors, long tryNs) {
    waitAtMostNs = ns;
    waitFor = sensors == 0 ? -1 : sensors;
    this.tryNs = tryNs;
  }

  /**
   * Sensors without one of which a set is of no use, for sets that have not left yet. While a set
   * has none of them, those that may still come are waited for up to the time-out, whatever they
   * usually take and whatever {@link #waitAtMost} says; with the first of them it goes on as any.
   *
   * @param sensors bit i = sensor i; 0: there are none
   * @param ns how long, counted from the instant's first capture; 0 or more
   */
  public void needOneOf(long sensors, long ns) {
    oneOf = sensors;
    oneOfNs = ns;
  }

  /** The set handed out last was answered too late, or not at all: the next one tries nothing. */
  public void answeredLate() {
    tryAgain = false;
  }

  /** Frames in sets that have not left. */
  public long inFlight() {
    long frames = 0;
    for (int i = 0; i < openCount; i++) {
      frames += open[i].present();
    }
    return frames;
  }

  /** The account, in frames. */
  public DropLedger ledger() {
    return ledger;
  }

  /** How often a sensor's stamp had this fault. */
  public long stampFaults(int sensor, StampFault fault) {
    return stamps[sensor].count(fault);
  }

  /** Sets handed out with all sensors. */
  public long completeSets() {
    return completeSets;
  }

  /** Sets handed out with at least one sensor absent. */
  public long partialSets() {
    return partialSets;
  }

  public FrameSetOptions options() {
    return options;
  }
}
