package saccade.nodes.play;

import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import org.jspecify.annotations.Nullable;
import saccade.nodes.cli.BadInput;
import saccade.nodes.play.Recording.Sweeps;

/**
 * One sweep: float32 little endian points in the LiDAR frame that begin with x, y, z, intensity;
 * read, they have 16 bytes each.
 */
final class SweepFile {
  static final int POINT_BYTES = 16;
  private static final Sweeps PLAIN = new Sweeps(0, Integer.MAX_VALUE);
  private static final ValueLayout.OfFloat F32 =
      ValueLayout.JAVA_FLOAT_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);

  /**
   * What was read.
   *
   * @param points finite ones, packed at the front
   * @param complaint one line about points left out; null when there were none
   */
  record Sweep(int points, @Nullable String complaint) {}

  private SweepFile() {}

  /**
   * Reads a sweep.
   *
   * @param into takes the points; no file that does not fit is read
   * @throws BadInput when it is missing, empty, too long, no whole number of points, or has no
   *     finite point
   */
  static Sweep read(Path file, MemorySegment into) {
    return read(file, into, PLAIN);
  }

  /**
   * Reads a sweep of any number of floats a point.
   *
   * @param into takes the file as it is, then the points of 16 bytes at its front
   */
  static Sweep read(Path file, MemorySegment into, Sweeps form) {
    try {
      if (!Files.isRegularFile(file)) {
        throw new BadInput(file + ": expected a sweep, found no file");
      }
      try (FileChannel channel = FileChannel.open(file, StandardOpenOption.READ)) {
        long size = channel.size();
        check(file.toString(), size, into.byteSize(), form);
        ByteBuffer buffer = into.asSlice(0, size).asByteBuffer();
        while (buffer.hasRemaining()) {
          if (channel.read(buffer) < 0) {
            throw new BadInput(
                file + ": expected " + size + " bytes, found " + buffer.position() + " (cut off)");
          }
        }
        return pack(file.toString(), into, (int) (size / (4L * form.floats())), form);
      }
    } catch (IOException e) {
      throw new BadInput(file + ": expected a readable sweep, found " + e);
    }
  }

  /** As {@link #read}, of bytes already there. */
  static Sweep parse(String where, byte[] bytes, MemorySegment into) {
    return parse(where, bytes, into, PLAIN);
  }

  static Sweep parse(String where, byte[] bytes, MemorySegment into, Sweeps form) {
    check(where, bytes.length, into.byteSize(), form);
    MemorySegment.copy(bytes, 0, into, ValueLayout.JAVA_BYTE, 0, bytes.length);
    return pack(where, into, bytes.length / (4 * form.floats()), form);
  }

  private static void check(String where, long size, long capacity, Sweeps form) {
    int pointBytes = 4 * form.floats();
    if (size == 0) {
      throw new BadInput(
          where + ": expected points of " + pointBytes + " bytes, found an empty file (0 bytes)");
    }
    if (size % pointBytes != 0) {
      throw new BadInput(
          where
              + ": expected a multiple of "
              + pointBytes
              + " bytes (x, y, z, intensity"
              + (form.floats() > 4 ? ", ..." : "")
              + "), found "
              + size);
    }
    if (size > capacity) {
      throw new BadInput(
          where
              + ": expected at most "
              + capacity / pointBytes
              + " points, found "
              + size / pointBytes);
    }
  }

  private static Sweep pack(String where, MemorySegment points, int count, Sweeps form) {
    int kept = 0;
    int firstBad = -1;
    for (int i = 0; i < count; i++) {
      long at = 4L * form.floats() * i;
      float x = points.get(F32, at);
      float y = points.get(F32, at + 4);
      float z = points.get(F32, at + 8);
      if (!Float.isFinite(x + y + z)) {
        firstBad = firstBad < 0 ? i : firstBad;
        continue;
      }
      float intensity = points.get(F32, at + 12) * form.intensityScale();
      long to = (long) kept * POINT_BYTES; // never beyond where this point was read
      points.set(F32, to, x);
      points.set(F32, to + 4, y);
      points.set(F32, to + 8, z);
      // A wrong intensity alone is not worth a point.
      points.set(F32, to + 12, Float.isFinite(intensity) ? intensity : 0f);
      kept++;
    }
    if (kept == 0) {
      throw new BadInput(where + ": expected finite points, found none among " + count);
    }
    return new Sweep(
        kept,
        kept == count
            ? null
            : where
                + ": expected finite points, found "
                + (count - kept)
                + " of "
                + count
                + " that are not (first: point "
                + firstBad
                + "); they are left out");
  }
}
