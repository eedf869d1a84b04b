package saccade.perception.encode;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import org.junit.jupiter.api.Test;
import saccade.kernels.geometry.CameraModel;
import saccade.kernels.image.PixelFormat;
import saccade.perception.PerceptionOutput;
import saccade.perception.PerceptionSession;
import saccade.perception.SessionOptions;
import saccade.perception.TestSets;
import saccade.perception.engine.LoadedModel;
import saccade.perception.engine.TensorStore;
import saccade.perception.sparsify.TokenPolicy;
import saccade.realtime.clock.NanoClock;

/** The shipped package's camera encoder in int8. */
class Int8EncoderTest {

  /** Not the same bits, and not far off; of a picture that calibration never saw. */
  @Test
  void shouldGiveNearlyTheTokensOfTheOtherEncoder() {
    TestSets sets = new TestSets(6);
    sets.next();
    CameraModel camera = TestSets.RIG.cameras().getFirst();
    try (LoadedModel loaded = LoadedModel.open(TestSets.model());
        TensorStore store = new TensorStore()) {
      MemorySegment[] tokens = new MemorySegment[2];
      for (int i = 0; i < 2; i++) {
        CameraEncoder encoder = new CameraEncoder(loaded, store, camera, null, null, i == 1, false);
        encoder.prepare(sets.image(0), 3L * camera.widthPx(), PixelFormat.RGB8, null, 0);
        encoder.encode();
        tokens[i] = encoder.tokens();
      }
      double off = 0;
      double size = 0;
      for (int i = 0; i < tokens[0].byteSize() / Float.BYTES; i++) {
        float exact = tokens[0].getAtIndex(ValueLayout.JAVA_FLOAT, i);
        float rounded = tokens[1].getAtIndex(ValueLayout.JAVA_FLOAT, i);
        off += (exact - rounded) * (exact - rounded);
        size += exact * exact;
      }
      double relative = Math.sqrt(off / size);
      assertTrue(relative > 1e-4 && relative < 0.15, "rms off by " + relative);
    }
  }

  @Test
  void shouldRunAStreamByItsNameInAPolicy() {
    TokenPolicy policy = TokenPolicy.parse("int8+hold+every:2/4+visionzip@0.5");
    SessionOptions options = SessionOptions.of(TestSets.model(), TestSets.RIG, policy);
    assertTrue(options.int8Encoder());
    try (LoadedModel loaded = LoadedModel.open(TestSets.model());
        PerceptionSession session =
            new PerceptionSession(loaded, TestSets.RIG, NanoClock.system(), options)) {
      TestSets sets = new TestSets(7);
      for (int set = 0; set < 3; set++) {
        assertEquals(
            PerceptionOutput.Kind.COMPLETE, session.run(sets.next(), Long.MAX_VALUE, 0).kind());
      }
    }
  }
}
