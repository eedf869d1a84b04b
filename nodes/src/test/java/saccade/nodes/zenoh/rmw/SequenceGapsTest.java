package saccade.nodes.zenoh.rmw;

import static org.junit.jupiter.api.Assertions.assertEquals;

import org.junit.jupiter.api.Test;

class SequenceGapsTest {
  private final SequenceGaps gaps = new SequenceGaps();

  private static byte[] gid(int publisher) {
    return Gid.of("publisher " + publisher);
  }

  @Test
  void whatIsMissingIsCountedOnce() {
    assertEquals(0, gaps.before(gid(1), 5));
    assertEquals(0, gaps.before(gid(1), 6));
    assertEquals(3, gaps.before(gid(1), 10));
    assertEquals(0, gaps.before(gid(1), 8), "a straggler");
    assertEquals(0, gaps.before(gid(1), 10), "again");
    assertEquals(0, gaps.before(gid(1), 11));
    assertEquals(0, gaps.before(gid(2), 1), "another publisher");
    assertEquals(1, gaps.before(gid(2), 3));
    assertEquals(0, gaps.before(gid(1), 12));
  }

  @Test
  void aPublisherThatCountsAnewWithItsOldIdLosesNothing() {
    assertEquals(0, gaps.before(gid(1), 1000));
    assertEquals(0, gaps.before(gid(1), 1));
    assertEquals(0, gaps.before(gid(1), 2));
    assertEquals(2, gaps.before(gid(1), 5));
    assertEquals(0, gaps.before(gid(1), Long.MAX_VALUE), "no publisher steps so far");
  }

  @Test
  void withoutNumberOrIdNothingIsSaid() {
    assertEquals(0, gaps.before(new byte[16], 1));
    assertEquals(0, gaps.before(new byte[16], 9));
    assertEquals(0, gaps.before(gid(1), -1));
    assertEquals(0, gaps.before(gid(1), 7));
  }

  @Test
  void onlySoManyPublishersAreRemembered() {
    for (int i = 0; i < 3 * SequenceGaps.PUBLISHERS; i++) {
      assertEquals(0, gaps.before(gid(i), 1));
    }
    assertEquals(4, gaps.before(gid(3 * SequenceGaps.PUBLISHERS - 1), 6), "the last is known");
    assertEquals(0, gaps.before(gid(0), 6), "the first is forgotten: it begins anew");
  }
}
