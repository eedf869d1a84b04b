package saccade.perception.kv;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.Arrays;
import java.util.Random;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import org.junit.jupiter.api.Test;

/** What each policy keeps: worked numbers of its card, and counts for any rows. */
class KvPolicyTest {

  /** Rows given as data. */
  private static final class Rows implements CachedRows {
    final int count;
    final int incoming;
    final int sinks;
    final int[] age;
    final int[] slot;
    final boolean[] text;
    final boolean[] guarded;
    final float[] attention;
    private final float[] scores;
    private final int[] picks;

    Rows(int count, int incoming, int sinks) {
      this.count = count;
      this.incoming = incoming;
      this.sinks = sinks;
      age = new int[count];
      slot = new int[count];
      text = new boolean[count];
      guarded = new boolean[count];
      attention = new float[count];
      scores = new float[count];
      picks = new int[count];
    }

    /** A row a token, one set of one token each, the newest last. */
    static Rows line(int count, int incoming, int sinks) {
      Rows rows = new Rows(count, incoming, sinks);
      for (int row = 0; row < count; row++) {
        rows.age[row] = count - row;
      }
      return rows;
    }

    /** Sets of a few sensor tokens and some text, in shuffled rows. */
    static Rows random(long seed) {
      Random random = new Random(seed);
      Rows rows = new Rows(1 + random.nextInt(200), random.nextInt(60), 1);
      for (int row = 0; row < rows.count; row++) {
        rows.age[row] = 1 + random.nextInt(9);
        rows.slot[row] = random.nextInt(231);
        rows.text[row] = row > 0 && rows.slot[row] >= 205;
        rows.guarded[row] = row > 0 && random.nextInt(12) == 0;
        rows.attention[row] = random.nextFloat();
      }
      return rows;
    }

    String kept(KvPolicy policy) {
      boolean[] keep = keep(policy);
      return IntStream.range(0, count)
          .filter(row -> keep[row])
          .mapToObj(Integer::toString)
          .collect(Collectors.joining(" "));
    }

    boolean[] keep(KvPolicy policy) {
      boolean[] keep = new boolean[count];
      Arrays.fill(keep, true); // what was there must be overwritten
      policy.retain(this, keep);
      for (int row = 0; row < sinks && row < count; row++) {
        keep[row] = true; // as the cache does
      }
      return keep;
    }

    @Override
    public int count() {
      return count;
    }

    @Override
    public int incoming() {
      return incoming;
    }

    @Override
    public boolean isSink(int row) {
      return row < sinks;
    }

    @Override
    public boolean isGuarded(int row) {
      return guarded[row];
    }

    @Override
    public boolean isText(int row) {
      return text[row];
    }

    @Override
    public int age(int row) {
      return age[row];
    }

    @Override
    public int slot(int row) {
      return slot[row];
    }

    @Override
    public float attention(int row) {
      return attention[row];
    }

    @Override
    public float[] scores() {
      return scores;
    }

    @Override
    public int[] picks() {
      return picks;
    }
  }

  // ---- StreamingVLM ----

  @Test
  void shouldKeepVisionOfItsWindowAndTextOfALongerOne() {
    // The card's defaults scaled down: vision of 4 chunks, text of 6 rounds; chunk = set. The set
    // about to begin is the 4th of the window, so vision of age 1..3 and text of age 1..6 stay.
    Rows rows = new Rows(1 + 2 * 8, 0, 1);
    for (int set = 1; set <= 8; set++) {
      rows.age[2 * set - 1] = set;
      rows.age[2 * set] = set;
      rows.text[2 * set] = true;
    }
    assertEquals("0 1 2 3 4 5 6 8 10 12", rows.kept(new StreamingVlm(4, 6)));
    assertEquals("0 1 3 5", rows.kept(new StreamingVlm(4, 0)));
    assertEquals(7, new StreamingVlm(4, 6).mostSets());
  }

  // ---- StreamingLLM ----

  @Test
  void shouldKeepFourSinksAndTheNewestOfTheWindow() {
    // s = 4, w = 12, 16 rows, 4 to come: 16 + 4 > 16, so kv[0:4] and the newest 12 - 4 = 8 stay.
    assertEquals(
        "0 1 2 3 8 9 10 11 12 13 14 15", Rows.line(16, 4, 4).kept(new StreamingLlm(4, 12, 99)));
  }

  @Test
  void shouldKeepAllWhileTheWindowIsNotFull() {
    assertEquals(
        "0 1 2 3 4 5 6 7 8 9 10 11", Rows.line(12, 4, 4).kept(new StreamingLlm(4, 12, 99)));
  }

  // ---- Inf-MLLM ----

  @Test
  void shouldKeepTheNewestAndTheMostAttendedOlderRows() {
    // Rows 1..9, newest last; the last W = 3 stay, of the others the top M = 2 by attention.
    Rows rows = Rows.line(10, 0, 1);
    rows.attention[2] = 0.4f;
    rows.attention[5] = 0.3f;
    rows.attention[4] = 0.2f;
    rows.attention[9] = 0.9f; // is recent anyway: takes nobody's place
    assertEquals("0 2 5 7 8 9", rows.kept(new InfMllm(3, 2, 20, 4, 0)));
  }

  @Test
  void shouldLetNewerRowsOvertakeOldFavouritesByTheBias() {
    // Scores 0.40 (age 8) and 0.30 (age 5) against 0.20 (age 6): with 0.06 a set the bias is worth
    // 0.12 from age 8 to age 6, 0.18 from 8 to 5: 0.40, 0.32, 0.48.
    Rows rows = Rows.line(10, 0, 1);
    rows.attention[2] = 0.40f;
    rows.attention[4] = 0.20f;
    rows.attention[5] = 0.30f;
    assertEquals("0 2 7 8 9", rows.kept(new InfMllm(3, 1, 20, 4, 0)));
    assertEquals("0 5 7 8 9", rows.kept(new InfMllm(3, 1, 20, 4, 0.06f)));
  }

  // ---- LOOK-M ----

  @Test
  void shouldKeepAllTextTheNewestAndFillItsShareWithAttendedPictures() {
    // N = 20, a1 = a2 = 0.1: n_hh = 2, n_rec = 2. One text row leaves room for one picture row.
    Rows rows = Rows.line(21, 0, 1);
    rows.text[4] = true;
    rows.attention[4] = 0.5f;
    rows.attention[7] = 0.3f;
    rows.attention[9] = 0.2f;
    assertEquals("0 4 7 19 20", rows.kept(new LookM(0.1, 0.1, 60, 59)));
  }

  @Test
  void shouldNotDropTextForAnyPicture() {
    // n_hh = 2 and three text rows: all three stay and no picture row is taken for its attention.
    Rows rows = Rows.line(21, 0, 1);
    rows.text[2] = rows.text[3] = rows.text[4] = true;
    rows.attention[7] = 0.9f;
    assertEquals("0 2 3 4 19 20", rows.kept(new LookM(0.1, 0.1, 60, 59)));
  }

  // ---- byte cap ----

  @Test
  void shouldHoldTheCapOldestPicturesFirst() {
    // 12 rows at most, 5 to come, 1 sink: 6 of the 10 others may stay; text before pictures.
    Rows rows = Rows.line(11, 5, 1);
    rows.text[1] = true;
    assertEquals("0 1 6 7 8 9 10", rows.kept(new ByteCap(new StreamingVlm(99, 99), 12)));
  }

  @Test
  void shouldReckonRowsFromBytes() {
    // saccade-nano: 6 layers x 2 x 2 heads x 32 x 4 B = 3072 B a row; 1 MiB holds 341 rows.
    assertEquals(341, ByteCap.of(new StreamingVlm(4, 0), 1 << 20, 3072, 231).mostRows());
    IllegalArgumentException e =
        assertThrows(
            IllegalArgumentException.class,
            () -> ByteCap.of(new StreamingVlm(4, 0), 500_000, 3072, 231));
    assertEquals(
        "byte cap: wanted >= 712704 B (232 rows: sinks and one set), found 500000 B (162 rows)",
        e.getMessage());
  }

  // ---- any rows ----

  @Property(tries = 200)
  void shouldKeepExactlyItsBudget(
      @ForAll long seed, @ForAll @IntRange(max = 80) int a, @ForAll @IntRange(max = 80) int b) {
    Rows rows = Rows.random(seed);
    int others = rows.count - 1;
    assertEquals(
        1 + Math.min(others, a + b), count(rows.keep(new InfMllm(a, b, 20, 4, 0.01f))), "inf-mllm");
    int window = 1 + a;
    boolean full = rows.count + rows.incoming > 1 + window;
    assertEquals(
        full ? 1 + Math.min(others, Math.max(0, window - rows.incoming)) : rows.count,
        count(rows.keep(new StreamingLlm(1, window, 20))),
        "streaming-llm");
    boolean[] capped = rows.keep(new ByteCap(new StreamingVlm(20, 20), a + b + 1));
    assertTrue(
        count(capped) == 1 || count(capped) + rows.incoming <= Math.max(a + b + 1, 1), "byte cap");
    assertTrue(
        count(capped) == rows.count
            || count(capped) + rows.incoming == a + b + 1
            || a + b + 1 <= 1 + rows.incoming,
        "byte cap is used up");
  }

  @Property(tries = 200)
  void shouldKeepTextTheNewestAndItsShareInLookM(
      @ForAll long seed,
      @ForAll @IntRange(max = 10) int heavy,
      @ForAll @IntRange(max = 10) int fresh) {
    Rows rows = Rows.random(seed);
    LookM policy = new LookM(heavy / 10.0, fresh / 10.0, 20, 3);
    boolean[] keep = rows.keep(policy);
    int others = rows.count - 1;
    int text = 0;
    for (int row = 1; row < rows.count; row++) {
      boolean said = rows.text[row] && rows.age[row] <= 3;
      text += said ? 1 : 0;
      assertTrue(keep[row] || !said, "text row " + row + " was dropped");
    }
    int most =
        (int) Math.round(fresh / 10.0 * others)
            + Math.max(text, (int) Math.round(heavy / 10.0 * others));
    assertTrue(count(keep) - 1 <= most, "kept " + (count(keep) - 1) + " of at most " + most);
  }

  @Property(tries = 200)
  void shouldNeverPreferAnOlderRowOfTheSameKind(
      @ForAll long seed, @ForAll @IntRange(min = 1, max = 99) int window) {
    Rows rows = Rows.random(seed);
    boolean[] keep = rows.keep(new StreamingLlm(1, window, 20));
    for (int a = 1; a < rows.count; a++) {
      for (int b = 1; b < rows.count; b++) {
        boolean older =
            rows.age[a] > rows.age[b] || rows.age[a] == rows.age[b] && rows.slot[a] < rows.slot[b];
        assertTrue(!(older && keep[a] && !keep[b]), "row " + a + " instead of the newer " + b);
      }
    }
  }

  @Test
  void shouldRefuseWhatKeepsNothing() {
    assertThrows(IllegalArgumentException.class, () -> new StreamingVlm(0, 0));
    assertThrows(IllegalArgumentException.class, () -> new StreamingVlm(1, -1));
    assertThrows(IllegalArgumentException.class, () -> new StreamingLlm(0, 5, 4));
    assertThrows(IllegalArgumentException.class, () -> new InfMllm(1, 1, 1, 0, 0));
    assertThrows(IllegalArgumentException.class, () -> new InfMllm(1, 1, 1, 1, Float.NaN));
    assertThrows(IllegalArgumentException.class, () -> new LookM(1.1, 0, 4, 0));
    assertThrows(IllegalArgumentException.class, () -> new LookM(0.1, 0.1, 4, 4));
    assertThrows(IllegalArgumentException.class, () -> new ByteCap(new StreamingVlm(1, 0), 0));
  }

  private static int count(boolean[] keep) {
    int count = 0;
    for (boolean one : keep) {
      count += one ? 1 : 0;
    }
    return count;
  }
}
