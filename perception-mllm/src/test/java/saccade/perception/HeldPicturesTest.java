package saccade.perception;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static saccade.perception.TestSets.CAMERAS;
import static saccade.perception.TestSets.RIG;
import static saccade.perception.TestSets.SENSORS;

import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import saccade.perception.engine.LoadedModel;
import saccade.perception.sparsify.TokenPolicy;
import saccade.realtime.clock.NanoClock;

/** A session in which not every picture is encoded. */
class HeldPicturesTest {
  private static final long NEVER = Long.MAX_VALUE;
  private static LoadedModel loaded;

  @BeforeAll
  static void open() {
    loaded = LoadedModel.open(TestSets.model());
  }

  @AfterAll
  static void close() {
    if (loaded != null) {
      loaded.close();
    }
  }

  private static PerceptionSession session(String policy) {
    return new PerceptionSession(
        loaded,
        RIG,
        NanoClock.system(),
        SessionOptions.of(loaded.model(), RIG, TokenPolicy.parse(policy)));
  }

  /** The oracle: where nothing moves, an old picture's tokens are this one's. */
  @Test
  void shouldSayTheSameOfAStillSceneWhateverIsEncoded() {
    SetInput still = new TestSets(3).next();
    try (PerceptionSession every = session("none");
        PerceptionSession turns = session("hold+every:2/4");
        PerceptionSession change = session("hold+vts:3/5")) {
      for (int set = 0; set < 9; set++) {
        PerceptionOutput whole = every.run(still, NEVER, 0);
        for (PerceptionSession one : new PerceptionSession[] {turns, change}) {
          PerceptionOutput out = one.run(still, NEVER, 0);
          assertEquals(SENSORS, out.tokensKept());
          assertArrayEquals(whole.actionIds(), out.actionIds());
          assertArrayEquals(whole.actionConfidence(), out.actionConfidence());
          assertArrayEquals(whole.factConfidence(), out.factConfidence());
        }
      }
      assertEquals(9L * CAMERAS, every.encodedPictures());
      assertEquals(CAMERAS + 8L * 2, turns.encodedPictures());
      assertEquals(8L * (CAMERAS - 2), turns.heldPictures());
      assertEquals(0, turns.passedPictures(), "a picture whose turn it is not is not looked at");
      assertEquals(CAMERAS + 2 * 2 + 4, change.encodedPictures());
      assertEquals(9L * CAMERAS, change.encodedPictures() + change.passedPictures());
      assertEquals(change.passedPictures(), change.heldPictures());
    }
  }

  @Test
  void shouldEncodeWhatIsGuardedAndWhatWasLost() {
    TestSets sets = new TestSets(4);
    try (PerceptionSession session = session("hold+every:8")) {
      session.run(sets.next(), NEVER, 0);
      assertEquals(CAMERAS, session.encodedPictures());
      SetInput in =
          sets.next(); // the second set: nobody's turn but that of the cameras with turn 2
      boolean[] guard = new boolean[TestSets.CAMERA_TOKENS];
      guard[5] = true;
      for (int camera = 0; camera < CAMERAS; camera++) {
        in.protect(camera, guard);
      }
      session.run(in, NEVER, 0);
      assertEquals(2L * CAMERAS, session.encodedPictures(), "each has a guarded token");
      session.begin(sets.next(), NEVER);
      while (session.nextSlice() < session.assembleSlice()) {
        session.step(0);
      }
      session.cut();
      session.reset();
      long before = session.encodedPictures();
      session.run(sets.next(), NEVER, 0);
      assertEquals(before + CAMERAS, session.encodedPictures(), "a new stream holds nothing");
    }
  }

  @Test
  void shouldHoldNothingForACameraThatIsNotThere() {
    TestSets sets = new TestSets(5);
    try (PerceptionSession session = session("hold+every:8")) {
      session.run(sets.next(), NEVER, 0);
      SetInput in = sets.next();
      in.noCamera(0);
      PerceptionOutput out = session.run(in, NEVER, 0);
      assertEquals(SensorStatus.ABSENT, out.cameras().getFirst().status());
      assertEquals(0, out.cameras().getFirst().keptCount());
      assertEquals("front_wide", out.sensorsMissing().getFirst());
    }
  }
}
