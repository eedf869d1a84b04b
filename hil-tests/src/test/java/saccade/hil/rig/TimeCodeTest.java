package saccade.hil.rig;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.List;
import java.util.Map;
import java.util.Random;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.LongRange;
import org.junit.jupiter.api.Test;
import saccade.kernels.image.PixelFormat;

class TimeCodeTest {
  private static final int WIDTH = 160;
  private static final int HEIGHT = 64;

  private static MemorySegment noise(Random random) {
    MemorySegment picture = Arena.ofAuto().allocate(3L * WIDTH * HEIGHT);
    byte[] bytes = new byte[(int) picture.byteSize()];
    random.nextBytes(bytes);
    MemorySegment.copy(bytes, 0, picture, ValueLayout.JAVA_BYTE, 0, bytes.length);
    return picture;
  }

  private static long read(MemorySegment picture) {
    return TimeCode.read(picture, WIDTH, PixelFormat.RGB8, 3L * WIDTH);
  }

  @Property(tries = 200)
  void whatIsDrawnIsRead(@ForAll @LongRange(min = 0, max = Long.MAX_VALUE / 4) long ns) {
    MemorySegment picture = noise(new Random(ns));
    TimeCode.draw(picture, WIDTH, ns);
    assertEquals(TimeCode.unitsOf(ns), read(picture));
    assertEquals(0, TimeCode.sinceNs(read(picture), ns));
    assertEquals(50_000_000L, TimeCode.sinceNs(read(picture), ns + 50_000_000L));
  }

  @Property(tries = 200)
  void fromOneInstantToTheNextOneSquareChanges(
      @ForAll @LongRange(min = 0, max = 16_777_214) long units) {
    assertEquals(1, Long.bitCount(TimeCode.gray(units) ^ TimeCode.gray(units + 1)));
    assertEquals(units, TimeCode.ungray(TimeCode.gray(units)));
  }

  @Test
  void aDimAndNoisyPictureIsReadAndOneWithoutACodeIsNot() {
    Random random = new Random(5);
    MemorySegment picture = noise(random);
    TimeCode.draw(picture, WIDTH, 123_456_789_000L);
    for (long at = 0; at < picture.byteSize(); at++) {
      int value = picture.get(ValueLayout.JAVA_BYTE, at) & 0xff;
      int seen = 40 + value * 110 / 255 + random.nextInt(31) - 15;
      picture.set(ValueLayout.JAVA_BYTE, at, (byte) seen);
    }
    assertEquals(TimeCode.unitsOf(123_456_789_000L), read(picture));
    picture.fill((byte) 0);
    assertEquals(TimeCode.NONE, read(picture));
    int falsely = 0;
    for (int i = 0; i < 200; i++) {
      falsely += read(noise(random)) == TimeCode.NONE ? 0 : 1;
    }
    assertEquals(0, falsely);
  }

  @Test
  void figuresAreThoseOfTheBenchmarkTheyAreNamedAfter() {
    List<Passage> passages =
        List.of(
            new Passage(1, 0, 30_000_000, 40_000_000),
            new Passage(2, 100_000_000, 140_000_000, 160_000_000),
            new Passage(3, 200_000_000, 230_000_000, 250_000_000));
    Map<String, Double> m =
        Passage.metrics(List.of(0L, 100_000_000L, 200_000_000L, 300_000_000L), passages);
    assertEquals(50, m.get("MEAN_LATENCY"), 1e-9);
    assertEquals(60, m.get("MAX_LATENCY"), 1e-9);
    assertEquals(1, m.get("NUM_MISSED_FRAMES"));
    assertEquals(210, m.get("RECEIVED_DURATION"), 1e-9);
    assertEquals(30, m.get("MAX_JITTER"), 1e-9); // steps of 120 and 90 ms
    String page = RigPage.of("a <title>", Map.of("what", "a & b"), m, passages);
    assertTrue(page.contains("a &lt;title&gt;") && page.contains("a &amp; b"));
    assertEquals(3, page.split("<circle", -1).length - 1);
    assertTrue(!page.contains("http"), "needs nothing else");
  }

  @Test
  void aCodeWithoutACommandIsNoQuickOne() {
    List<Passage> passages =
        List.of(
            new Passage(1, 0, 30_000_000, 40_000_000),
            new Passage(3, 200_000_000, 230_000_000, 250_000_000));
    assertArrayEquals(
        new double[] {40, 9_999, 50},
        Passage.ofEach(List.of(0L, 100_000_000L, 200_000_000L), passages, 9_999),
        1e-9);
  }
}
