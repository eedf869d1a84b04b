package saccade.nodes.pipeline;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;
import saccade.nodes.pipeline.SensorSanity.Verdict;

class SensorSanityTest {
  private static final int BYTES = 3 * 64 * 32;
  private final SensorSanity sanity = new SensorSanity(List.of("front", "top"), 1);
  private final Random random = new Random(3);
  private final MemorySegment picture = Arena.ofAuto().allocate(BYTES);
  private final MemorySegment sweep = Arena.ofAuto().allocate(16 * 1024);

  private void noise(MemorySegment into) {
    byte[] bytes = new byte[(int) into.byteSize()];
    random.nextBytes(bytes);
    MemorySegment.copy(bytes, 0, into, ValueLayout.JAVA_BYTE, 0, bytes.length);
  }

  private void points(float value) {
    for (int i = 0; i < 4 * 1024; i++) {
      sweep.setAtIndex(ValueLayout.JAVA_FLOAT, i, value + random.nextFloat());
    }
  }

  @Test
  void aPictureThatStaysTheSameWhileTheVehicleMovesIsFrozenUntilItChanges() {
    noise(picture);
    for (int i = 0; i < 5; i++) {
      assertEquals(Verdict.GOOD, sanity.look(0, picture, BYTES, 0.2), "standing: may be");
    }
    assertEquals(Verdict.FROZEN, sanity.look(0, picture, BYTES, 8));
    assertEquals(Verdict.FROZEN, sanity.look(0, picture, BYTES, 0), "standing is no proof");
    assertEquals("front frozen", sanity.line());
    assertEquals(1, sanity.distrusted());
    noise(picture);
    assertEquals(Verdict.GOOD, sanity.look(0, picture, BYTES, 8));
    assertEquals(0, sanity.distrusted());
    assertEquals(Verdict.GOOD, sanity.look(0, picture, BYTES, 8), "twice the same is no proof");
  }

  @Test
  void aPictureOfOneGreyLevelIsBlank() {
    picture.fill((byte) 0);
    assertEquals(Verdict.BLANK, sanity.look(0, picture, BYTES, 0));
    assertEquals(List.of("front"), sanity.distrustedNames());
    noise(picture);
    assertEquals(Verdict.GOOD, sanity.look(0, picture, BYTES, 0));
  }

  @Test
  void sweepsOfNothingAreNoFreeRoad() {
    points(5);
    assertEquals(Verdict.GOOD, sanity.look(1, sweep, 16 * 1024, 8));
    assertEquals(Verdict.EMPTY, sanity.look(1, sweep, 0, 8));
    points(Float.NaN);
    assertEquals(Verdict.NOT_FINITE, sanity.look(1, sweep, 16 * 1024, 8));
    assertEquals("top not finite", sanity.line());
    points(7);
    assertEquals(Verdict.GOOD, sanity.look(1, sweep, 16 * 1024, 8));
  }
}
