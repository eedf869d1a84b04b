package saccade.perception.model;

import com.code_intelligence.jazzer.junit.FuzzTest;
import java.nio.file.Path;

/** Any bytes are either a valid description or one typed error; nothing else may come out. */
class PackageReaderFuzzTest {

  @FuzzTest(maxDuration = "60s")
  void parse(byte[] data) {
    try {
      ModelPackage model = PackageReader.parse(Path.of("."), "fuzz.json", data);
      if (model.inspect().isEmpty()) {
        throw new AssertionError("a valid description must be printable");
      }
    } catch (ModelPackageException e) {
      if (e.getMessage().contains("\n")) {
        throw new AssertionError("more than one line: " + e.getMessage(), e);
      }
    }
  }
}
