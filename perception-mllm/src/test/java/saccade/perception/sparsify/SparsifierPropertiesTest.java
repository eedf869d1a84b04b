package saccade.perception.sparsify;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.Random;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import net.jqwik.api.constraints.DoubleRange;
import net.jqwik.api.constraints.IntRange;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import saccade.kernels.geometry.Rig;
import saccade.perception.model.ModelPackage;
import saccade.perception.model.TestDescription;

/** What holds for every sparsifier. */
class SparsifierPropertiesTest {
  private static final ModelPackage MODEL = TestDescription.sixCameras();
  private static final int TOKENS = 28;
  private static final int DIM = MODEL.decoder().hidden();

  @Provide
  Arbitrary<String> names() {
    return Arbitraries.of(TokenPolicy.SPARSIFIERS).edgeCases(config -> config.none());
  }

  @Property(tries = 150)
  void keepsTheProtectedSetAndAsManyAsTheBudgetSays(
      @ForAll("names") String name,
      @ForAll @DoubleRange(min = 0.04, max = 1) double share,
      @ForAll @IntRange(max = 27) int guards,
      @ForAll @IntRange(min = 1, max = 40) int most,
      @ForAll long seed) {
    Random random = new Random(seed);
    TokenPolicy policy = TokenPolicy.parse(name + "@" + share);
    Sparsifier sparsifier = policy.sparsifier(MODEL, Rig.sixCamera());
    TokenBudgets budgets = TokenBudgets.even(MODEL.camera(), share);
    boolean[] keep = new boolean[TOKENS];
    for (int set = 0; set < 3; set++) {
      int camera = random.nextInt(6);
      boolean[] guarded = new boolean[TOKENS];
      for (int i = 0; i < guards; i++) {
        guarded[random.nextInt(TOKENS)] = true;
      }
      CameraSight sight = sight(random, camera, guarded);
      MemorySegment before = sight.rows();
      int count = sparsifier.select(sight, most, keep);
      int kept = 0;
      int guardedCount = 0;
      for (int t = 0; t < TOKENS; t++) {
        kept += keep[t] ? 1 : 0;
        guardedCount += guarded[t] ? 1 : 0;
        assertTrue(keep[t] || !guarded[t], name + " dropped protected token " + t);
      }
      assertEquals(kept, count);
      int wanted =
          name.equals("none") && share == 1
              ? Math.max(Math.min(most, TOKENS), guardedCount)
              : budgets.wanted(camera, most, guardedCount);
      assertEquals(wanted, count, name);
      assertEquals(0, sparsifier.degraded());
      assertTrue(before.byteSize() == sight.rows().byteSize());
      for (float value : sight.features()) {
        assertTrue(Float.isFinite(value), name);
      }
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"evs", "divprune", "visionzip", "prumerge", "folder", "ficoco"})
  void countsScoresThatAreNoNumbersAndSpreadsTokens(String name) {
    Sparsifier sparsifier = TokenPolicy.parse(name + "@0.25").sparsifier(MODEL, Rig.sixCamera());
    Random random = new Random(5);
    boolean[] guarded = new boolean[TOKENS];
    guarded[3] = true;
    boolean[] keep = new boolean[TOKENS];
    sparsifier.select(sight(random, 0, guarded), TOKENS, keep);
    assertEquals(0, sparsifier.degraded());
    for (float bad : new float[] {Float.NaN, Float.POSITIVE_INFINITY}) {
      CameraSight sight = new CameraSight(0, 4, 7, 2, DIM);
      MemorySegment features = Sights.noise(random, TOKENS * DIM);
      features.setAtIndex(ValueLayout.JAVA_FLOAT, 9 * DIM, bad);
      sight.show(Sights.noise(random, 1792 * 48), features, softmax(random), guarded, 0);
      long before = sparsifier.degraded();
      assertEquals(7, sparsifier.select(sight, TOKENS, keep));
      assertEquals(before + 1, sparsifier.degraded(), name);
      assertTrue(keep[3]);
      assertEquals(features, sight.rows(), "nothing is merged");
    }
  }

  @Test
  void countsAttentionThatIsNoNumber() {
    Sparsifier sparsifier = TokenPolicy.parse("visionzip@0.25").sparsifier(MODEL, Rig.sixCamera());
    Random random = new Random(6);
    MemorySegment attention = softmax(random);
    attention.setAtIndex(ValueLayout.JAVA_FLOAT, 1000, Float.NaN);
    CameraSight sight = new CameraSight(0, 4, 7, 2, DIM);
    sight.show(
        Sights.noise(random, 1792 * 48),
        Sights.noise(random, TOKENS * DIM),
        attention,
        new boolean[TOKENS],
        0);
    assertEquals(7, sparsifier.select(sight, TOKENS, new boolean[TOKENS]));
    assertEquals(1, sparsifier.degraded());
  }

  @Test
  void attentionOfCellsBecomesThatOfTokens() {
    CameraSight sight = sight(new Random(7), 0, new boolean[TOKENS]);
    double sum = 0;
    for (float one : sight.received()) {
      sum += one;
    }
    assertEquals(1, sum, 1e-4);
    sum = 0;
    for (int to = 0; to < TOKENS; to++) {
      sum += sight.attention()[5 * TOKENS + to];
    }
    assertEquals(1, sum, 1e-4);
  }

  @Test
  void budgetsAddUpAndFavourWhoLooksAhead() {
    assertEquals("[7, 7, 7, 7, 7, 7]", TokenBudgets.even(MODEL.camera(), 0.25).toString());
    assertEquals("[13, 13, 4, 4, 4, 4]", TokenBudgets.ahead(MODEL.camera(), 0.25).toString());
    assertEquals("[28, 28, 7, 7, 7, 7]", TokenBudgets.ahead(MODEL.camera(), 0.5).toString());
    assertEquals("[28, 28, 28, 28, 28, 28]", TokenBudgets.ahead(MODEL.camera(), 1).toString());
    TokenBudgets one = TokenBudgets.even(MODEL.camera(), 1e-3);
    assertEquals("[1, 1, 1, 1, 1, 1]", one.toString());
    assertEquals(14, TokenBudgets.even(MODEL.camera(), 1).bucket(15));
    assertEquals(9, TokenBudgets.even(MODEL.camera(), 0.25).wanted(0, 28, 9));
  }

  @Test
  void interestFollowsThePath() {
    PlannerInterest interest = new PlannerInterest(MODEL.camera(), Rig.sixCamera().cameras());
    float[] straight = interest.interest(0, 0);
    // Front camera, straight on: the middle column below the horizon, not the upper edge.
    assertEquals(1, straight[2 * 7 + 3]);
    assertTrue(straight[0] < 1);
    float left = 0;
    float right = 0;
    float[] turning = interest.interest(0, 0.05);
    for (int t = 0; t < TOKENS; t++) {
      left += t % 7 < 3 ? turning[t] : 0;
      right += t % 7 > 3 ? turning[t] : 0;
    }
    assertTrue(left > right, "curvature to the left: " + left + " against " + right);
    double[] weights = interest.weights();
    assertTrue(weights[0] > weights[5], "the front sees more of the path than the rear");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "visionzap",
        "visionzip@0",
        "visionzip@1.01",
        "visionzip@nan",
        "visionzip@0.5/behind",
        "visionzip+divprune",
        "fastv:x",
        "fastv/ahead",
        "visionzip:2",
        "folder>nearest>mean",
        "random>nearest",
        "vts@0.5",
        "vts:",
        "vts:0",
        "vts:9",
        "vts:1/2/3",
        "every",
        "every:2/x",
        "every:2+vts",
        "hold",
        "hold+hold+vts",
        "int8+int8",
        ""
      })
  void refusesPoliciesInOneLine(String text) {
    IllegalArgumentException e =
        assertThrows(IllegalArgumentException.class, () -> TokenPolicy.parse(text));
    String line = String.valueOf(e.getMessage());
    assertTrue(line.startsWith("token policy '" + text + "': found '"), line);
    assertTrue(line.contains(", wanted ") && !line.contains("\n"), line);
  }

  @Test
  void readsPolicies() {
    TokenPolicy policy = TokenPolicy.parse("vts+random>nearest>mean@0.12/ahead+fastv@0.4:2");
    assertEquals(new TokenPolicy.Frames(true, 3, 3, false), policy.frames());
    assertEquals("random", policy.sparsifier());
    assertEquals("nearest", policy.correlate());
    assertEquals(0.12, policy.share());
    assertEquals("ahead", policy.spread());
    assertEquals("fastv", policy.pruner());
    assertEquals(
        "vts:3/3+random>nearest>mean [6, 6, 2, 2, 2, 2]",
        policy.sparsifier(MODEL, Rig.sixCamera()).name());
    assertEquals(
        new TokenPolicy.Frames(false, 2, 4, true), TokenPolicy.parse("hold+every:2/4").frames());
    assertFalse(policy.encodesInInt8(MODEL));
    String line =
        assertThrows(
                IllegalArgumentException.class,
                () -> TokenPolicy.parse("int8+folder@0.5").encodesInInt8(MODEL))
            .getMessage();
    assertTrue(line.contains("found no encoder_camera.int8.onnx in the package of"), line);
    assertEquals(
        new TokenPolicy.Frames(false, 2, 2, false),
        TokenPolicy.parse("folder@0.5+every:2").frames());
    IllegalArgumentException e =
        assertThrows(
            IllegalArgumentException.class, () -> TokenPolicy.parse("vtw:3").pruner(MODEL));
    assertTrue(String.valueOf(e.getMessage()).endsWith(": [2, 4]"), e.getMessage());
  }

  private static CameraSight sight(Random random, int camera, boolean[] guarded) {
    CameraSight sight = new CameraSight(camera, 4, 7, 2, DIM);
    sight.show(
        Sights.noise(random, 1792 * 48),
        Sights.noise(random, TOKENS * DIM),
        softmax(random),
        guarded,
        0.02);
    return sight;
  }

  /** Two heads, 112 cells; rows sum to 1. */
  private static MemorySegment softmax(Random random) {
    MemorySegment memory = Sights.noise(random, 2 * 112 * 112);
    for (int row = 0; row < 2 * 112; row++) {
      double sum = 0;
      for (int i = 0; i < 112; i++) {
        sum += Math.exp(memory.getAtIndex(ValueLayout.JAVA_FLOAT, row * 112L + i));
      }
      for (int i = 0; i < 112; i++) {
        long at = row * 112L + i;
        memory.setAtIndex(
            ValueLayout.JAVA_FLOAT,
            at,
            (float) (Math.exp(memory.getAtIndex(ValueLayout.JAVA_FLOAT, at)) / sum));
      }
    }
    return memory;
  }
}
