package saccade.realtime.trace;

import java.io.BufferedInputStream;
import java.io.DataInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.HashMap;
import java.util.Map;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * Reads a trace, record by record, in bounded memory. Set-up only. The form is drawn at {@link
 * TraceWriter}.
 *
 * @param openedNs instant of opening in the run's domain
 * @param openedWallNs the same, ns since 1970
 * @param records records read, names and gaps included
 * @param unknown records of kinds that this version does not know; left out
 * @param lost records that the run lost, by its own account
 * @param tornBytes bytes behind the last whole record (the run was killed)
 * @param names by {@code of << 16 | number}, see {@link TraceKind#NAME}
 */
public record TraceFile(
    long openedNs,
    long openedWallNs,
    long records,
    long unknown,
    long lost,
    int tornBytes,
    Map<Integer, String> names) {
  /** Version of the form. */
  public static final int VERSION = 1;

  static final byte[] MAGIC = "SACTRACE".getBytes(StandardCharsets.US_ASCII);
  static final int HEAD_BYTES = 64;
  private static final int MOST_NAMES = 65536;

  public TraceFile {
    names = Map.copyOf(names);
  }

  /**
   * One record; the meaning of its numbers is that of its kind. {@code v} is six long.
   *
   * @param flag 0..255
   * @param a 0..65535
   */
  public record Entry(TraceKind kind, int flag, int a, int b, long atNs, long[] v) {}

  /** Name of a number, {@code #number} when it has none. */
  public String name(int of, int number) {
    return names.getOrDefault(of << 16 | number, "#" + number);
  }

  /**
   * Reads a file.
   *
   * @param each gets every record but names and gaps, in file order
   * @throws IllegalArgumentException in one line: what was found, what was wanted
   * @throws IOException when it cannot be read
   */
  public static TraceFile read(Path file, Consumer<Entry> each) throws IOException {
    try (InputStream in = new BufferedInputStream(Files.newInputStream(file), 1 << 16)) {
      return read(in, file.toString(), each);
    }
  }

  /** As the other one, from any stream. */
  public static TraceFile read(InputStream from, String name, Consumer<Entry> each)
      throws IOException {
    DataInputStream in = new DataInputStream(from);
    byte[] head = in.readNBytes(HEAD_BYTES);
    ByteBuffer fields = ByteBuffer.wrap(head).order(ByteOrder.LITTLE_ENDIAN);
    if (head.length < HEAD_BYTES || !Arrays.equals(MAGIC, 0, 8, head, 0, 8)) {
      throw new IllegalArgumentException(
          name + ": expected a trace (it begins with SACTRACE), found something else");
    }
    int version = fields.getInt(8);
    int bytes = fields.getInt(12);
    if (version != VERSION || bytes != TraceRing.RECORD_BYTES) {
      throw new IllegalArgumentException(
          name
              + ": expected version "
              + VERSION
              + " with records of "
              + TraceRing.RECORD_BYTES
              + " bytes, found version "
              + version
              + " with "
              + bytes);
    }
    Map<Integer, String> names = new HashMap<>();
    long records = 0;
    long unknown = 0;
    long lost = 0;
    while (true) {
      byte[] record = in.readNBytes(TraceRing.RECORD_BYTES);
      if (record.length < TraceRing.RECORD_BYTES) {
        return new TraceFile(
            fields.getLong(16), fields.getLong(24), records, unknown, lost, record.length, names);
      }
      records++;
      Entry entry = entry(ByteBuffer.wrap(record).order(ByteOrder.LITTLE_ENDIAN));
      if (entry == null) {
        unknown++;
      } else if (entry.kind == TraceKind.NAME) {
        if (names.size() < MOST_NAMES) {
          names.put(entry.flag << 16 | entry.a, text(record));
        }
      } else if (entry.kind == TraceKind.GAP) {
        lost += Math.max(0, entry.v[0]);
      } else {
        each.accept(entry);
      }
    }
  }

  private static @Nullable Entry entry(ByteBuffer record) {
    TraceKind kind = TraceKind.of(record.get(0) & 0xff);
    if (kind == null) {
      return null;
    }
    long[] v = new long[6];
    for (int i = 0; i < v.length; i++) {
      v[i] = record.getLong(16 + 8 * i);
    }
    return new Entry(
        kind,
        record.get(1) & 0xff,
        record.getShort(2) & 0xffff,
        record.getInt(4),
        record.getLong(8),
        v);
  }

  private static String text(byte[] record) {
    int end = 16;
    while (end < record.length && record[end] != 0) {
      end++;
    }
    return new String(record, 16, end - 16, StandardCharsets.UTF_8);
  }
}
