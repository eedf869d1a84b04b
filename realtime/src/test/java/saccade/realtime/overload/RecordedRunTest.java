package saccade.realtime.overload;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import saccade.realtime.deadline.Decision;
import saccade.realtime.deadline.MeasuredWorth;
import saccade.realtime.deadline.WorkShape;
import saccade.realtime.trace.TraceKind;
import saccade.realtime.trace.TraceRing;
import saccade.realtime.trace.TraceWriter;

/** A trace written by hand: 40 sets at 10 Hz, 35 ms each in full, every third one late. */
class RecordedRunTest {
  private static final long MS = 1_000_000L;
  private static final int SETS = 40;
  private static final int FRESH = 0;
  private static final int FALLBACK = 2;
  private static final RecordedRun.Codes CODES = new RecordedRun.Codes(3, 4, FRESH, FALLBACK);

  @TempDir Path folder;
  private boolean told;
  private long everyNs; // 0: the trace does not say
  private long aheadNs;

  private Path trace(boolean withShape, long slowNs) throws IOException {
    Path file = folder.resolve("a.trace");
    WorkShape shape = StreamRunTest.SHAPE;
    try (TraceWriter writer = TraceWriter.open(file, 0, 0)) {
      TraceRing ring = writer.ring(1 << 12);
      for (int kind = 0; kind < 16; kind++) {
        ring.name(TraceKind.NAME_SLICE, kind, "kind " + kind);
      }
      int fact = 0;
      for (String text :
          new String[] {
            "periodNs=" + 100 * MS,
            "budgetNs=" + 90 * MS,
            "reserveNs=" + 3 * MS,
            "setTimeoutNs=" + 55 * MS,
            "degrade=on"
          }) {
        ring.name(TraceKind.NAME_FACT, fact++, text);
      }
      if (withShape) {
        ring.name(TraceKind.NAME_FACT, fact++, "work=7 3 7 7 14 15 18 6");
        for (int i = 0; i < 7; i++) {
          ring.name(
              TraceKind.NAME_FACT,
              fact++,
              "sensor%d=%d %d %d %d"
                  .formatted(
                      i,
                      i,
                      shape.fullTokens()[i],
                      shape.leastTokens()[i],
                      shape.essential()[i] ? 1 : 0));
        }
        for (int block = 0; block < 3; block++) {
          ring.name(
              TraceKind.NAME_FACT,
              fact++,
              "block%d=%d 2 %d".formatted(block, 8 + block, block == 0 ? 0 : 1));
        }
      }
      for (int set = 0; set < SETS; set++) {
        write(ring, set, set % 3 == 2 ? slowNs : 0);
      }
    }
    return file;
  }

  private void write(TraceRing ring, int set, long moreNs) {
    long captureNs = 1_000 * MS + set * 100 * MS;
    for (int sensor = 0; sensor < 7; sensor++) {
      ring.put(TraceKind.FRAME, 0, sensor, 0, captureNs + 5 * MS, captureNs, 0, 0, 0, 0, 0);
    }
    long atNs = captureNs + 5 * MS;
    ring.put(TraceKind.SET, 0, 0, set, atNs, captureNs, captureNs, 127, 127, everyNs, 0);
    ring.put(
        TraceKind.DECISION,
        0,
        2 << 8,
        set,
        atNs,
        90 * MS,
        82 * MS - aheadNs,
        0,
        0,
        0,
        132L << 16 | 18 << 8);
    for (int kind = 0; kind <= 12; kind++) {
      int size = kind < 8 ? 0 : kind <= 10 ? 139 : 48;
      long tookNs =
          (kind < 8 ? 2 : kind <= 10 ? 4 : kind == 11 ? 3 : 6) * MS + (kind == 3 ? moreNs : 0);
      ring.put(TraceKind.SLICE, 0, kind, set, atNs, tookNs, size, 0, 0, 0, 0);
      atNs += tookNs;
    }
    boolean missed = atNs - captureNs > 90 * MS;
    if (told) {
      ring.put(TraceKind.NEWS, missed ? 1 : 0, 0, 0, atNs, 0, 0, 0, 0, 0, 0);
    }
    ring.put(
        TraceKind.MESSAGE,
        missed ? FALLBACK : FRESH,
        0,
        set,
        missed ? captureNs + 90 * MS : atNs,
        captureNs,
        set,
        90 * MS,
        missed ? 1 : 0,
        0,
        0);
  }

  private static StreamRun.Outcome replay(RecordedRun run, double slower) {
    return run.replay(run.policy(MeasuredWorth.SIX_CAMERAS), slower);
  }

  @Test
  void theSamePolicyAtTheSamePaceHasTheSameDeadlinesAndDecisions() throws IOException {
    RecordedRun run = RecordedRun.read(trace(true, 0), CODES);
    assertEquals(SETS, run.arrivals().count());
    assertEquals(SETS, run.measured().deadlines());
    assertEquals(0, run.measured().missed());
    StreamRun.Outcome outcome = replay(run, 1);
    assertEquals(SETS, outcome.deadlines());
    assertEquals(0, outcome.missRatio());
    assertEquals(1, run.sameSets(outcome));
    assertEquals(1, run.agreement(outcome));
    assertEquals(1_000 * MS + 5 * MS, outcome.startNs(0));
  }

  /** 35 ms of it, and others that ask for the lane as well. */
  @Test
  void aReplayDecidesByWhatOthersAskedOfTheLane() throws IOException {
    StreamRun.Outcome alone = replay(RecordedRun.read(trace(true, 0), CODES), 1);
    aheadNs = 50 * MS;
    StreamRun.Outcome behind = replay(RecordedRun.read(trace(true, 0), CODES), 1);
    everyNs = 10 * MS;
    aheadNs = 0;
    StreamRun.Outcome often = replay(RecordedRun.read(trace(true, 0), CODES), 1);
    for (int set = 0; set < SETS; set++) {
      assertEquals(82 * MS, decided(alone, set).leftNs());
      assertEquals(32 * MS, decided(behind, set).leftNs());
      assertEquals(82 * MS, decided(often, set).leftNs());
    }
    assertEquals(Decision.Reason.ALL_FITS, decided(alone, SETS - 1).reason());
    assertEquals(Decision.Reason.RATE, decided(often, SETS - 1).reason());
  }

  private static Decision decided(StreamRun.Outcome outcome, int set) {
    Decision decision = outcome.decision(set);
    assertNotNull(decision, "set " + set + " did not run");
    return decision;
  }

  @Test
  void aSlowerMachineMissesAtFirstAndDoesLessThen() throws IOException {
    RecordedRun run = RecordedRun.read(trace(true, 0), CODES);
    StreamRun.Outcome outcome = replay(run, 3);
    assertTrue(run.agreement(outcome) < 0.5);
    int late = 0;
    for (int set = SETS / 2; set < SETS; set++) {
      late += outcome.missed(set) ? 1 : 0;
    }
    assertTrue(late <= 2, late + " late in the second half");
  }

  @Test
  void whatWasLateIsCounted() throws IOException {
    RecordedRun run = RecordedRun.read(trace(true, 80 * MS), CODES);
    assertEquals(SETS / 3, run.measured().missed());
  }

  @Test
  void aDecisionThatTheRunCannotHaveTakenIsNotTakenAgain() throws IOException {
    RecordedRun.Redecided older = RecordedRun.read(trace(true, 0), CODES).redecide(null);
    assertEquals(0, older.decisions(), "it does not say what the ladder was told");
    told = true;
    RecordedRun.Redecided again = RecordedRun.read(trace(true, 0), CODES).redecide(null);
    assertEquals(SETS, again.decisions());
    assertTrue(again.same() <= 1, "by hand nothing was predicted, yet " + again.same());
    assertTrue(again.first().startsWith("set "), again.first());
  }

  @Test
  void aTraceThatDoesNotSayWhatItsSetsWereMadeOfIsRefusedInOneLine() throws IOException {
    Path file = trace(false, 0);
    IllegalArgumentException refused =
        assertThrows(IllegalArgumentException.class, () -> RecordedRun.read(file, CODES));
    assertTrue(String.valueOf(refused.getMessage()).contains("record it with this version"));
  }
}
