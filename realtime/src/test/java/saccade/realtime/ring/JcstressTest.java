package saccade.realtime.ring;

import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import saccade.realtime.StressRun;

/** The jcstress tests of this package. */
class JcstressTest {
  @Test
  void leaseAndRewritingExcludeEachOther(@TempDir Path dir) throws Exception {
    StressRun.of(SlotLeaseStress.class, 4, dir);
  }
}
