package saccade.perception.sparsify;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;

import java.util.Arrays;
import org.junit.jupiter.api.Test;

/** Each method on a picture small enough to do by hand. */
class SparsifierCardsTest {
  private static final float[][] NO_ATTENTION = {};

  /** Unit vectors at these angles, degrees: cosines are those of the differences. */
  private static float[][] angles(double... degrees) {
    float[][] tokens = new float[degrees.length][];
    for (int i = 0; i < degrees.length; i++) {
      double a = Math.toRadians(degrees[i]);
      tokens[i] = new float[] {(float) Math.cos(a), (float) Math.sin(a)};
    }
    return tokens;
  }

  private static float[] token(CameraSight sight, int token) {
    return Arrays.copyOfRange(sight.features(), token * sight.dim(), (token + 1) * sight.dim());
  }

  private static void merge(
      Correlate correlate, Compress compress, CameraSight sight, boolean[] keep) {
    float[] share = new float[keep.length * keep.length];
    correlate.relate(sight, keep, share);
    compress.into(sight, keep, share);
  }

  @Test
  void divPruneTakesTheFarthestPointEachTime() {
    // Nearest neighbours lie 5, 5, 30, 30 and 80 degrees away: first the lone one at 170; then the
    // one farthest from it (0), then from both (60, 60 degrees from 0; 90: 80 from 170).
    CameraSight sight = Sights.row(angles(0, 5, 60, 90, 170), NO_ATTENTION);
    assertEquals("4", Sights.choose(new DivPrune(5), sight, 1));
    assertEquals("0 4", Sights.choose(new DivPrune(5), sight, 2));
    assertEquals("0 3 4", Sights.choose(new DivPrune(5), sight, 3));
    // A guarded token counts as chosen: from 60 the farthest is 170.
    CameraSight guarded =
        Sights.row(angles(0, 5, 60, 90, 170), NO_ATTENTION, false, false, true, false, false);
    assertEquals("2 4", Sights.choose(new DivPrune(5), guarded, 2));
  }

  @Test
  void evsKeepsWhatChangedMost() {
    Evs evs = new Evs(1, 4, 2);
    assertEquals("1 3", Sights.choose(evs, Sights.row(angles(0, 0, 0, 0), NO_ATTENTION), 2));
    // Changes of 10, 90, 20 and 60 degrees: 1 - cos = .015, 1, .06, .5.
    assertEquals("1 3", Sights.choose(evs, Sights.row(angles(10, 90, 20, 60), NO_ATTENTION), 2));
    // And of 40, 0, 5, 30.
    assertEquals("0 3", Sights.choose(evs, Sights.row(angles(50, 90, 25, 90), NO_ATTENTION), 2));
  }

  @Test
  void visionZipKeepsDominantTokensAndAddsTheRestToContextualOnes() {
    float[][] tokens = angles(0, 90, 10, 80, 45, 100, 20, 85);
    float[][] attention = Sights.received(.05f, .3f, .05f, .3f, .2f, .05f, .025f, .025f);
    CameraSight sight = Sights.row(tokens, attention);
    VisionZip zip = new VisionZip(8);
    // 10 of 64 is one of four: three dominant (1, 3, 4); the rest is 0 2 5 6 7, its first is
    // target.
    boolean[] keep = new boolean[8];
    assertEquals(true, zip.choose(sight, 0, 4, keep));
    assertEquals("0 1 3 4", Sights.kept(keep));
    merge(zip, zip, sight, keep);
    // Target 0 (angle 0) + the mean of 10, 100, 20 and 85 degrees.
    float x = 1;
    float y = 0;
    for (int from : new int[] {2, 5, 6, 7}) {
      x += tokens[from][0] / 4;
      y += tokens[from][1] / 4;
    }
    assertArrayEquals(new float[] {x, y}, token(sight, 0), 1e-6f);
    assertArrayEquals(tokens[1], token(sight, 1), 1e-6f);
  }

  @Test
  void pruMergeFindsOutliersAndAddsWeightedNeighbours() {
    // Quartiles of .02 .02 .02 .03 .03 .04 .04 .8: Q1 .02, Q3 .04; above .07 lies one.
    float[][] attention = Sights.received(.02f, .03f, .8f, .02f, .04f, .03f, .02f, .04f);
    float[][] tokens = angles(0, 30, 60, 65, 90, 120, 150, 180);
    CameraSight sight = Sights.row(tokens, attention);
    PruMerge merge = new PruMerge(8);
    boolean[] keep = new boolean[8];
    assertEquals(true, merge.choose(sight, 0, 1, keep));
    assertEquals("2", Sights.kept(keep));
    assertEquals(1, merge.outliers());
    // 32 of 576 of eight tokens is one neighbour: 65 degrees, by its attention .02.
    merge(merge, merge, sight, keep);
    assertArrayEquals(
        new float[] {tokens[2][0] + .02f * tokens[3][0], tokens[2][1] + .02f * tokens[3][1]},
        token(sight, 2),
        1e-6f);
  }

  @Test
  void folderFoldsTheMostSimilarOfTheEvenPlaces() {
    // Even places 0, 2, 4 at 0, 50, 91 degrees; odd ones at 10, 90, 180: 4 fits 3 best (1 degree),
    // then 0 fits 1 (10), so 2 stays.
    float[][] tokens = angles(0, 10, 50, 90, 91, 180);
    CameraSight sight = Sights.row(tokens, NO_ATTENTION);
    Folder folder = new Folder(6, 2);
    boolean[] keep = new boolean[6];
    assertEquals(true, folder.choose(sight, 0, 4, keep));
    assertEquals("1 2 3 5", Sights.kept(keep));
    merge(folder, folder, sight, keep);
    assertArrayEquals(
        new float[] {(tokens[3][0] + tokens[4][0]) / 2, (tokens[3][1] + tokens[4][1]) / 2},
        token(sight, 3),
        1e-6f);
  }

  @Test
  void folderWeighsBySizeAndScalesAfterSeveralPasses() {
    // All alike: 8 -> 4 -> 2 -> 1 in three passes; mean 1, scaled by 1 + ln 8.
    float[][] tokens = angles(0, 0, 0, 0, 0, 0, 0, 0);
    CameraSight sight = Sights.row(tokens, NO_ATTENTION);
    Folder folder = new Folder(8, 2);
    boolean[] keep = new boolean[8];
    assertEquals(true, folder.choose(sight, 0, 1, keep));
    merge(folder, folder, sight, keep);
    int last = Integer.parseInt(Sights.kept(keep));
    assertArrayEquals(new float[] {1 + (float) Math.log(8), 0}, token(sight, last), 1e-5f);
  }

  @Test
  void fiCoCoDropsTheLeastWorthAndSpreadsDropsOverWindows() {
    // 2 x 4 tokens, two windows. Six alike ones at 0 degrees, the others at 90 (token 0) and 45
    // (4).
    float[][] tokens = angles(90, 0, 0, 0, 45, 0, 0, 0);
    CameraSight sight =
        Sights.grid(2, tokens, Sights.received(.3f, .1f, .1f, .1f, .1f, .1f, .1f, .1f));
    boolean[] keep = new boolean[8];
    FiCoCo ficoco = new FiCoCo(8);
    assertEquals(true, ficoco.choose(sight, 0, 6, keep));
    // Worth of the six: -0.65 each; after 1 (left window) the next goes in the right one: 2.
    assertEquals("0 3 4 5 6 7", Sights.kept(keep));
    // Attention is the same to all but token 0, which gets .3 of .9: so all goes there, by halves.
    merge(ficoco, ficoco, sight, keep);
    assertArrayEquals(new float[] {.5f, .5f}, token(sight, 0), 1e-6f);
    assertArrayEquals(new float[] {1, 0}, token(sight, 3), 1e-6f);
  }

  @Test
  void poolingIsTheMeanOfAWindow() {
    float[][] tokens = {{1}, {2}, {3}, {4}, {5}, {6}};
    CameraSight sight = Sights.row(tokens, NO_ATTENTION);
    boolean[] keep = new boolean[6];
    assertEquals(true, new UniformTokens().choose(sight, 0, 2, keep));
    assertEquals("1 4", Sights.kept(keep));
    merge(new AveragePooling(), new MeanOfGroup(), sight, keep);
    assertEquals(2, token(sight, 1)[0], 1e-6); // 1 2 3
    assertEquals(5, token(sight, 4)[0], 1e-6); // 4 5 6
  }

  @Test
  void anyFilterGoesWithAnyOtherStages() {
    float[][] tokens = {{1, 0}, {0, 1}, {.9f, .1f}, {.2f, 1}};
    CameraSight sight = Sights.row(tokens, NO_ATTENTION);
    boolean[] keep = {true, true, false, false};
    merge(new NearestKept(4), new MeanOfGroup(), sight, keep);
    assertArrayEquals(new float[] {.95f, .05f}, token(sight, 0), 1e-6f);
    assertArrayEquals(new float[] {.1f, 1}, token(sight, 1), 1e-6f);
  }
}
