package saccade.perception.model;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.file.Path;

/** Descriptions of saccade-nano as test resources: they parse without any weights. */
public final class TestDescription {

  private TestDescription() {}

  public static byte[] bytes() {
    return resource("valid-nano.json");
  }

  private static byte[] resource(String name) {
    try (InputStream in = TestDescription.class.getResourceAsStream(name)) {
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

  /** Two cameras, 11 facts. */
  public static ModelPackage valid() {
    return parse("valid-nano.json");
  }

  /** Six camera places, LiDAR to the rear, 18 facts. */
  public static ModelPackage sixCameras() {
    return parse("valid-nano-six-cameras.json");
  }

  private static ModelPackage parse(String name) {
    try {
      return PackageReader.parse(Path.of("."), name, resource(name));
    } catch (ModelPackageException e) {
      throw new UncheckedIOException(e);
    }
  }
}
