package saccade.realtime.stats;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import saccade.realtime.clock.NanoClock;
import saccade.realtime.os.PauseWatch;
import saccade.realtime.stats.PauseLog.Cause;

class PauseLogTest {
  private final PauseLog log = new PauseLog();

  @Test
  void attributesAPauseToTheOutputsThatWereInTheMaking() {
    log.output(0, 90);
    log.output(100, 190);
    log.output(200, 290);
    assertEquals(1, log.pause(Cause.GC, 150, 10));
    assertEquals(0, log.pause(Cause.GC, 192, 5), "between two outputs");
    assertEquals(2, log.pause(Cause.VM_OPERATION, 80, 40));
    assertEquals(2, log.count(Cause.GC));
    assertEquals(10, log.longestNs(Cause.GC));
    assertEquals(15, log.totalNs(Cause.GC));
    assertEquals(1, log.hits(Cause.GC));
    assertEquals(2, log.outputsHit(), "each output once");
    assertEquals(1, log.pause(Cause.JIT, 210, 20));
    assertEquals(2, log.outputsHit(), "nobody stood still for the compiler");
    assertTrue(log.line().startsWith("GC 2, longest"), log.line());
  }

  @Test
  void forgetsWhatIsLongAgoAndTakesNoNegativeTime() {
    for (int i = 0; i < 600; i++) {
      log.output(i * 100, i * 100 + 90);
    }
    assertEquals(0, log.pause(Cause.GC, 0, 50), "gone");
    assertEquals(1, log.pause(Cause.GC, 599 * 100 + 5, 50));
    log.pause(Cause.GC, 599 * 100, -7);
    assertEquals(50, log.longestNs(Cause.GC));
    assertEquals("", new PauseLog().line());
  }

  @Test
  @Timeout(60)
  void hearsOfARealCollectionAndFindsTheOutputThatItHit() throws Exception {
    NanoClock clock = NanoClock.system();
    List<Cause> heard = new ArrayList<>();
    try (PauseWatch watch = new PauseWatch(clock)) {
      long limit = clock.nanoTime() + 40_000_000_000L;
      while (log.hits(Cause.GC) == 0 && clock.nanoTime() < limit) {
        long fromNs = clock.nanoTime();
        System.gc();
        log.output(fromNs, clock.nanoTime());
        Thread.sleep(200);
        watch.drain(log, (cause, start, duration, hit) -> heard.add(cause));
      }
      assertEquals("", watch.complaint());
    }
    assertTrue(log.hits(Cause.GC) > 0, "pauses heard: " + log.line());
    assertTrue(heard.contains(Cause.GC));
  }
}
