package saccade.perception.model;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.file.Path;

/** The description of saccade-nano as a test resource: parses without any weights. */
public final class TestDescription {

  private TestDescription() {}

  public static byte[] bytes() {
    try (InputStream in = TestDescription.class.getResourceAsStream("valid-nano.json")) {
      return in.readAllBytes();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  public static ObjectNode json() {
    try {
      return (ObjectNode) new ObjectMapper().readTree(bytes());
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  public static ModelPackage valid() {
    try {
      return PackageReader.parse(Path.of("."), "valid-nano.json", bytes());
    } catch (ModelPackageException e) {
      throw new UncheckedIOException(e);
    }
  }
}
