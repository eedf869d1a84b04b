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

/** One sweep: float32 little endian x, y, z, intensity (16 bytes a point) in the LiDAR frame. */
final class SweepFile {
  static final int POINT_BYTES = 16;
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
    try {
      if (!Files.isRegularFile(file)) {
        throw new BadInput(file + ": expected a sweep, found no file");
      }
      try (FileChannel channel = FileChannel.open(file, StandardOpenOption.READ)) {
        long size = channel.size();
        check(file.toString(), size, into.byteSize());
        ByteBuffer buffer = into.asSlice(0, size).asByteBuffer();
        while (buffer.hasRemaining()) {
          if (channel.read(buffer) < 0) {
            throw new BadInput(
                file + ": expected " + size + " bytes, found " + buffer.position() + " (cut off)");
          }
        }
        return pack(file.toString(), into, (int) (size / POINT_BYTES));
      }
    } catch (IOException e) {
      throw new BadInput(file + ": expected a readable sweep, found " + e);
    }
  }

  /** As {@link #read}, of bytes already there. */
  static Sweep parse(String where, byte[] bytes, MemorySegment into) {
    check(where, bytes.length, into.byteSize());
    MemorySegment.copy(bytes, 0, into, ValueLayout.JAVA_BYTE, 0, bytes.length);
    return pack(where, into, bytes.length / POINT_BYTES);
  }

  private static void check(String where, long size, long capacity) {
    if (size == 0) {
      throw new BadInput(where + ": expected points of 16 bytes, found an empty file (0 bytes)");
    }
    if (size % POINT_BYTES != 0) {
      throw new BadInput(
          where + ": expected a multiple of 16 bytes (x, y, z, intensity), found " + size);
    }
    if (size > capacity) {
      throw new BadInput(
          where
              + ": expected at most "
              + capacity / POINT_BYTES
              + " points, found "
              + size / POINT_BYTES);
    }
  }

  private static Sweep pack(String where, MemorySegment points, int count) {
    int kept = 0;
    int firstBad = -1;
    for (int i = 0; i < count; i++) {
      long at = (long) i * POINT_BYTES;
      float x = points.get(F32, at);
      float y = points.get(F32, at + 4);
      float z = points.get(F32, at + 8);
      if (!Float.isFinite(x + y + z)) {
        firstBad = firstBad < 0 ? i : firstBad;
        continue;
      }
      if (kept != i) {
        MemorySegment.copy(points, at, points, (long) kept * POINT_BYTES, POINT_BYTES);
      }
      if (!Float.isFinite(points.get(F32, (long) kept * POINT_BYTES + 12))) {
        points.set(F32, (long) kept * POINT_BYTES + 12, 0f); // intensity alone is not worth a point
      }
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
