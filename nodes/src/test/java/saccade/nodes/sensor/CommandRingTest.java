package saccade.nodes.sensor;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

class CommandRingTest {
  @Test
  void refusesWhenFullAndKeepsTheOrder() {
    CommandRing ring = new CommandRing(4);
    assertEquals(Long.MAX_VALUE, ring.peekNs());
    for (int i = 0; i < 4; i++) {
      assertTrue(ring.put(i, -i, i * 0.5));
    }
    assertFalse(ring.put(4, 0, 0));
    for (int i = 0; i < 4; i++) {
      assertEquals(i, ring.peekNs());
      assertEquals(-i, ring.accelMps2());
      assertEquals(i * 0.5, ring.curvature1pm());
      ring.pop();
    }
    assertEquals(Long.MAX_VALUE, ring.peekNs());
    assertTrue(ring.put(5, 0, 0));
  }

  @Test
  @Timeout(30)
  void handsOverWholeCommandsBetweenTwoThreads() throws InterruptedException {
    CommandRing ring = new CommandRing(64);
    int count = 50_000;
    Thread writer =
        Thread.ofPlatform()
            .start(
                () -> {
                  for (int i = 1; i <= count; i++) {
                    while (!ring.put(i, i * 2.0, i * 3.0)) {
                      Thread.yield();
                    }
                  }
                });
    for (int i = 1; i <= count; i++) {
      while (ring.peekNs() == Long.MAX_VALUE) {
        Thread.yield();
      }
      if (ring.peekNs() != i || ring.accelMps2() != i * 2.0 || ring.curvature1pm() != i * 3.0) {
        assertEquals(i, ring.peekNs(), "torn or out of order");
      }
      ring.pop();
    }
    writer.join();
  }
}
