package saccade.perception.sparsify;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.Random;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import org.junit.jupiter.api.Test;
import saccade.kernels.geometry.Rig;
import saccade.perception.model.ModelPackage;
import saccade.perception.model.TestDescription;

/** Which pictures are encoded. */
class FrameProposalTest {
  private static final ModelPackage MODEL = TestDescription.sixCameras();
  private static final int CAMERAS = 6;
  private static final int PIXELS = 1792 * 48;

  private static Sparsifier of(String policy) {
    return TokenPolicy.parse(policy).sparsifier(MODEL, Rig.sixCamera());
  }

  private static CameraSight sight(int camera, MemorySegment patches) {
    CameraSight sight = new CameraSight(camera, 4, 7, 2, MODEL.decoder().hidden());
    sight.show(patches, MemorySegment.NULL, MemorySegment.NULL, new boolean[0], 0);
    return sight;
  }

  /** What the session asks of a camera: K = encoded. */
  private static char ask(Sparsifier frames, int camera, MemorySegment patches) {
    return frames.due(camera) && frames.encodes(sight(camera, patches)) ? 'K' : '-';
  }

  @Test
  void skipsWhatIsLikeTheKeyFrameButNotForLong() {
    VtsFrames vts = (VtsFrames) of("vts");
    MemorySegment picture = Sights.noise(new Random(8), PIXELS);
    StringBuilder said = new StringBuilder();
    for (int set = 0; set < 7; set++) {
      vts.nextSet();
      said.append(ask(vts, 1, picture));
    }
    assertEquals("K--K--K", said.toString());
    assertEquals(4, vts.skipped());
    MemorySegment changed = Sights.noise(new Random(9), PIXELS);
    for (int i = 0; i < PIXELS; i++) {
      changed.setAtIndex(
          ValueLayout.JAVA_FLOAT, i, changed.getAtIndex(ValueLayout.JAVA_FLOAT, i) + 1);
    }
    vts.nextSet();
    assertEquals('K', ask(vts, 1, changed));
    vts.nextSet();
    assertEquals('-', ask(vts, 1, changed));
    changed.setAtIndex(ValueLayout.JAVA_FLOAT, 0, Float.NaN);
    vts.nextSet();
    assertEquals('K', ask(vts, 1, changed), "what cannot be compared is encoded");
  }

  @Test
  void camerasAheadMayBeSkippedForAnotherTimeThanTheOthers() {
    Sparsifier vts = of("vts:1/4");
    MemorySegment picture = Sights.noise(new Random(8), PIXELS);
    StringBuilder ahead = new StringBuilder();
    StringBuilder behind = new StringBuilder();
    for (int set = 0; set < 9; set++) {
      vts.nextSet();
      ahead.append(ask(vts, 1, picture));
      behind.append(ask(vts, 2, picture));
    }
    assertEquals("KKKKKKKKK", ahead.toString());
    assertEquals("K---K---K", behind.toString());
  }

  @Test
  void turnsAreSpreadEvenly() {
    Sparsifier every = of("every:2/4");
    MemorySegment picture = Sights.noise(new Random(8), PIXELS);
    for (int set = 0; set < 12; set++) {
      every.nextSet();
      int encoded = 0;
      for (int camera = 0; camera < CAMERAS; camera++) {
        encoded += ask(every, camera, picture) == 'K' ? 1 : 0;
      }
      assertEquals(set == 0 ? CAMERAS : 2, encoded, "set " + set);
    }
  }

  /** Whoever misses its turn is not left waiting, and nobody waits longer than was said. */
  @Property(tries = 100)
  void noKeyFrameIsOlderThanItsPeriod(
      @ForAll @IntRange(min = 1, max = FrameProposal.LONGEST) int ahead,
      @ForAll @IntRange(min = 1, max = FrameProposal.LONGEST) int elsewhere,
      @ForAll boolean byChange,
      @ForAll long seed) {
    Sparsifier frames = of("%s:%d/%d".formatted(byChange ? "vts" : "every", ahead, elsewhere));
    MemorySegment picture = Sights.noise(new Random(8), PIXELS);
    Random random = new Random(seed);
    int[] age = new int[CAMERAS];
    java.util.Arrays.fill(age, 1000);
    for (int set = 0; set < 24; set++) {
      frames.nextSet();
      for (int camera = 0; camera < CAMERAS; camera++) {
        age[camera]++;
        boolean absent = random.nextInt(5) == 0;
        if (!absent) {
          age[camera] = ask(frames, camera, picture) == 'K' ? 0 : age[camera];
          assertTrue(age[camera] < (camera < 2 ? ahead : elsewhere), "camera " + camera);
        }
      }
    }
  }

  @Test
  void whatDidNotReachTheWindowIsNoKeyFrame() {
    MemorySegment picture = Sights.noise(new Random(8), PIXELS);
    for (String policy : new String[] {"vts:4", "every:4"}) {
      Sparsifier frames = of(policy);
      frames.nextSet();
      assertEquals('K', ask(frames, 3, picture), policy);
      frames.lost();
      frames.nextSet();
      assertEquals('K', ask(frames, 3, picture), policy);
      frames.forget();
      frames.nextSet();
      assertEquals('K', ask(frames, 3, picture), policy);
    }
    assertFalse(of("every:4").holds());
    assertTrue(of("hold+every:4").holds());
  }
}
