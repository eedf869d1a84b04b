package saccade.realtime.trace;

import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import saccade.realtime.StressRun;

/** The jcstress tests of this package. */
class TraceStressTest {
  @Test
  void recordsAreSeenWholeOrNotAtAll(@TempDir Path dir) throws Exception {
    StressRun.of(TraceRingStress.class, 1, dir);
  }
}
