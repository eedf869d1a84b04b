package saccade.realtime.os;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;

class MachineStateTest {
  @Test
  void growthIsTheDifferenceOfTwoLooks() {
    MachineState before = new MachineState("none", 3, 1_000, -1, 0.5);
    MachineState after = new MachineState("performance", 5, 1_000, 7, 0.75);
    MachineState grown = after.since(before);
    assertEquals(new MachineState("performance", 2, 0, -1, 0.75), grown);
    assertTrue(grown.heldBack());
    assertFalse(after.since(after).heldBack());
    assertTrue(grown.line().contains("thermal throttles 2"), grown.line());
    assertTrue(grown.line().contains("stolen unknown"), grown.line());
  }

  @Test
  void readsThisMachine() {
    assumeTrue(Files.isReadable(Path.of("/proc/stat")), "not Linux");
    MachineState now = MachineState.now();
    assertTrue(now.load1() >= 0, now.line());
    assertTrue(now.stolenTicks() >= 0, now.line());
  }
}
