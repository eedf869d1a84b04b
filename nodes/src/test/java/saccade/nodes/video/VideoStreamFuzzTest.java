package saccade.nodes.video;

import com.code_intelligence.jazzer.junit.FuzzTest;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

class VideoStreamFuzzTest {
  private static final long STALL_NS = 2_000_000_000L;
  private static final int MOST_PICTURES = 4;

  /** A file of any bytes gives pictures or one line of complaint, whatever its header says. */
  @FuzzTest(maxDuration = "60s")
  void header(byte[] bytes) throws IOException {
    Path file = Files.createTempFile("saccade-fuzz", ".video");
    try {
      Files.write(file, bytes);
      try (VideoStream stream = VideoStream.open(file.toString(), 10, STALL_NS, () -> false)) {
        for (int i = 0; i < MOST_PICTURES && stream.next(); i++) {
          if (stream.widthPx() > VideoStream.MAX_SIDE_PX || stream.heightPx() < 1) {
            throw new AssertionError(stream.widthPx() + "x" + stream.heightPx());
          }
        }
      } catch (VideoFault e) {
        if (String.valueOf(e.getMessage()).lines().count() != 1) {
          throw new AssertionError("expected one line, found " + e.getMessage(), e);
        }
      }
    } finally {
      Files.delete(file);
    }
  }
}
