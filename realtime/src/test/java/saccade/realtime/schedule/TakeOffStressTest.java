package saccade.realtime.schedule;

import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import saccade.realtime.StressRun;

/** The jcstress tests of this package. */
class TakeOffStressTest {
  @Test
  void oneThreadHasTheQueue(@TempDir Path dir) throws Exception {
    StressRun.of(TakeOffStress.class, 1, dir);
  }
}
