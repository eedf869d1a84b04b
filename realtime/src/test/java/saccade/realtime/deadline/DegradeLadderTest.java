package saccade.realtime.deadline;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.List;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import org.junit.jupiter.api.Test;

class DegradeLadderTest {
  private static final long MS = 1_000_000L;
  private final DegradeLadder ladder = new DegradeLadder(DegradeLadder.Options.DEFAULT);
  private long nowNs;

  private void set(DegradeLevel needed, DegradeLevel roomy, boolean inTime) {
    nowNs += 100 * MS;
    ladder.predicted(needed, roomy, nowNs);
    if (inTime) {
      ladder.inTime(nowNs);
    } else {
      ladder.missed(nowNs);
    }
  }

  @Test
  void oneSetThatNeedsLessIsNotTheLaddersBusiness() {
    set(DegradeLevel.COARSE, DegradeLevel.COARSE, true);
    set(DegradeLevel.FULL, DegradeLevel.FULL, true);
    set(DegradeLevel.COARSE, DegradeLevel.COARSE, true);
    assertEquals(DegradeLevel.FULL, ladder.level());
    set(DegradeLevel.SILENT, DegradeLevel.SILENT, true);
    assertEquals(DegradeLevel.SILENT, ladder.level(), "the least bad that both needed");
    assertEquals(DegradeLadder.Cause.PREDICTED_MISS, ladder.cause());
  }

  @Test
  void goesUpAfterSustainedSlackOnly() {
    set(DegradeLevel.COARSE, DegradeLevel.COARSE, true);
    set(DegradeLevel.COARSE, DegradeLevel.COARSE, true);
    assertEquals(DegradeLevel.COARSE, ladder.level());
    for (int i = 0; i < 7; i++) {
      set(DegradeLevel.FULL, DegradeLevel.FULL, true);
    }
    set(DegradeLevel.FULL, DegradeLevel.COARSE, true); // once without room
    for (int i = 0; i < 8; i++) {
      set(DegradeLevel.FULL, i == 3 ? DegradeLevel.BRIEF : DegradeLevel.FULL, true);
      assertEquals(DegradeLevel.COARSE, ladder.level());
    }
    set(DegradeLevel.FULL, DegradeLevel.FULL, true);
    assertEquals(DegradeLevel.BRIEF, ladder.level(), "what all of them had room for");
    assertEquals(DegradeLadder.Cause.SLACK, ladder.cause());
  }

  @Test
  void aStepUpThatWasTooEarlyMakesTheNextOneLater() {
    set(DegradeLevel.SILENT, DegradeLevel.SILENT, true);
    set(DegradeLevel.SILENT, DegradeLevel.SILENT, true);
    long[] waits = new long[3];
    for (int round = 0; round < 3; round++) {
      long fromNs = nowNs;
      while (ladder.level() != DegradeLevel.FULL) {
        set(DegradeLevel.FULL, DegradeLevel.FULL, true);
      }
      waits[round] = nowNs - fromNs;
      set(DegradeLevel.SILENT, DegradeLevel.SILENT, true);
      set(DegradeLevel.SILENT, DegradeLevel.SILENT, true);
    }
    assertTrue(
        waits[1] > 1.5 * waits[0] && waits[2] > 1.5 * waits[1],
        List.of(waits[0], waits[1], waits[2]).toString());
    for (int i = 0; i < 300; i++) {
      set(DegradeLevel.FULL, DegradeLevel.FULL, true);
    }
    assertEquals(1, ladder.patience(), "a quiet while forgets it");
  }

  @Test
  void missesStepDownAndManyInARowAreTheBottom() {
    set(DegradeLevel.FULL, DegradeLevel.FULL, false);
    assertEquals(DegradeLevel.BRIEF, ladder.level());
    for (int i = 0; i < 4; i++) {
      set(DegradeLevel.FULL, DegradeLevel.FULL, false);
    }
    assertEquals(DegradeLevel.MINIMAL_RISK, ladder.level());
    assertEquals(DegradeLadder.Cause.MISSES_IN_A_ROW, ladder.cause());
    for (int i = 0; i < 12; i++) {
      set(DegradeLevel.ESSENTIAL, DegradeLevel.ESSENTIAL, true);
    }
    assertEquals(DegradeLevel.ESSENTIAL, ladder.level(), "left when answers come in time again");
  }

  @Test
  void aStageThatIsDownIsTheBottomAtOnce() {
    ladder.stageDown(5);
    assertEquals(DegradeLevel.MINIMAL_RISK, ladder.level());
    assertEquals(1, ladder.moves());
    ladder.stageDown(6);
    assertEquals(1, ladder.moves());
    assertEquals(5, ladder.lastMoveNs());
  }

  @Property(tries = 300)
  void noHistoryMovesItUpWithoutSlackNorTwiceWithinTheWait(
      @ForAll List<@IntRange(min = 0, max = 99) Integer> history) {
    DegradeLadderTest one = new DegradeLadderTest();
    long lastUpNs = Long.MIN_VALUE / 2;
    for (int what : history) {
      DegradeLevel before = one.ladder.level();
      DegradeLevel needed = DegradeLevel.at(what % 6);
      boolean inTime = what / 6 % 4 > 0;
      one.set(needed, needed, inTime);
      if (before.worseThan(one.ladder.level())) {
        assertTrue(inTime, "up on a miss");
        assertTrue(one.nowNs - lastUpNs >= DegradeLadder.Options.DEFAULT.slackNs());
        lastUpNs = one.nowNs;
      }
    }
  }
}
