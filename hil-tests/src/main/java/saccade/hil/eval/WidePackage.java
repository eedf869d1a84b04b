package saccade.hil.eval;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import java.util.stream.Stream;
import saccade.nodes.cli.BadInput;
import saccade.perception.model.ModelPackage;

/**
 * A copy of a model package in a temporary folder whose KV buffers have more rows, for the stream
 * without a window. The number stands in the shapes of the graphs' inputs and outputs; numbers of
 * the same length in bytes are exchanged there, nothing else changes.
 */
final class WidePackage implements AutoCloseable {
  private static final int LEAST = 128;
  private static final int MOST = 16_383; // two bytes as a protobuf number

  private final Path dir;

  /** Makes the copy. */
  WidePackage(ModelPackage model, int rows) throws IOException {
    int old = model.decoder().kvCapacity();
    if (old < LEAST || old > MOST || rows < LEAST || rows > MOST) {
      throw new BadInput(
          "KV rows: wanted %d..%d, found %d in the package and %d asked for"
              .formatted(LEAST, MOST, old, rows));
    }
    dir = Files.createTempDirectory("saccade-wide");
    try {
      ObjectMapper json = new ObjectMapper();
      ObjectNode description =
          (ObjectNode)
              json.readTree(Files.readAllBytes(model.dir().resolve(ModelPackage.DESCRIPTION_FILE)));
      ObjectNode hashes = (ObjectNode) description.get("files");
      for (String file : model.files().keySet()) {
        byte[] bytes = Files.readAllBytes(model.dir().resolve(file));
        if (file.startsWith("decoder_")) {
          exchange(bytes, model, old, rows, file);
          hashes.put(file, sha256(bytes));
        }
        Files.write(dir.resolve(file), bytes);
      }
      description.put("kvCapacity", rows);
      Files.write(dir.resolve(ModelPackage.DESCRIPTION_FILE), json.writeValueAsBytes(description));
    } catch (IOException | RuntimeException e) {
      close();
      throw e;
    }
  }

  Path dir() {
    return dir;
  }

  /** Dimensions 1, kvHeads, old, headDim one after another: each a message with one number. */
  private static void exchange(byte[] bytes, ModelPackage model, int old, int rows, String file) {
    byte[] shape = {
      0x0a,
      2,
      8,
      1,
      0x0a,
      2,
      8,
      (byte) model.decoder().kvHeads(),
      0x0a,
      3,
      8,
      low(old),
      high(old),
      0x0a,
      2,
      8,
      (byte) model.decoder().headDim()
    };
    int numberAt = 11;
    int found = 0;
    for (int i = 0; i + shape.length <= bytes.length; i++) {
      int same = 0;
      while (same < shape.length && bytes[i + same] == shape[same]) {
        same++;
      }
      if (same == shape.length) {
        bytes[i + numberAt] = low(rows);
        bytes[i + numberAt + 1] = high(rows);
        found++;
      }
    }
    if (found == 0) {
      throw new BadInput(file + ": found no KV shape with " + old + " rows in it");
    }
  }

  private static byte low(int number) {
    return (byte) (number & 0x7f | 0x80);
  }

  private static byte high(int number) {
    return (byte) (number >>> 7);
  }

  private static String sha256(byte[] bytes) {
    try {
      return HexFormat.of().formatHex(MessageDigest.getInstance("SHA-256").digest(bytes));
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("every JDK has SHA-256", e);
    }
  }

  @Override
  public void close() throws IOException {
    try (Stream<Path> files = Files.list(dir)) {
      for (Path file : files.toList()) {
        Files.delete(file);
      }
    }
    Files.delete(dir);
  }
}
