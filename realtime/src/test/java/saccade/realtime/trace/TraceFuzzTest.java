package saccade.realtime.trace;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.code_intelligence.jazzer.junit.FuzzTest;
import java.io.ByteArrayInputStream;
import java.io.IOException;

class TraceFuzzTest {
  /** Any bytes are read in bounded memory or refused in one line; no record is lost silently. */
  @FuzzTest(maxDuration = "20s")
  void anyBytes(byte[] bytes) throws IOException {
    long[] seen = new long[1];
    TraceFile file;
    try {
      file = TraceFile.read(new ByteArrayInputStream(bytes), "fuzz", entry -> seen[0]++);
    } catch (IllegalArgumentException e) {
      assertEquals(1, String.valueOf(e.getMessage()).lines().count());
      return;
    }
    assertEquals(bytes.length, 64 + 64 * file.records() + file.tornBytes());
    assertTrue(seen[0] + file.unknown() <= file.records());
    assertTrue(file.lost() >= 0 || file.records() > 1);
  }
}
