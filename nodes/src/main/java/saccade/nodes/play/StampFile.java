package saccade.nodes.play;

import java.nio.file.Path;
import java.time.DateTimeException;
import java.time.LocalDate;
import java.util.List;
import saccade.nodes.cli.BadInput;

/**
 * A {@code timestamps.txt}: line i is the stamp of frame i, either KITTI's {@code 2011-09-26
 * 13:02:25.594360375} (up to nine decimals) or whole nanoseconds.
 */
final class StampFile {
  static final int MAX_FRAMES = 200_000;
  private static final long MAX_BYTES = 8L << 20;

  private StampFile() {}

  /**
   * Stamps in nanoseconds; of date and time since 1970, as if UTC.
   *
   * @throws BadInput in one line
   */
  static long[] read(Path file) {
    return parse(file.toString(), Lines.bytes(file, MAX_BYTES));
  }

  static long[] parse(String where, byte[] text) {
    List<String> lines = Lines.of(where, text, MAX_FRAMES);
    if (lines.isEmpty()) {
      throw new BadInput(where + ": expected one time stamp a line, found an empty file");
    }
    long[] stamps = new long[lines.size()];
    for (int i = 0; i < stamps.length; i++) {
      stamps[i] = stamp(where, i + 1, lines.get(i).strip());
    }
    return stamps;
  }

  private static long stamp(String where, int line, String text) {
    try {
      if (text.length() >= 19 && text.charAt(4) == '-') {
        return dateAndTime(text);
      }
      if (!text.isEmpty() && text.length() <= 19) {
        return digits(text, 0, text.length());
      }
    } catch (NumberFormatException | DateTimeException e) {
      // falls through to the one complaint
    }
    throw new BadInput(
        where
            + " line "
            + line
            + ": expected 'yyyy-mm-dd hh:mm:ss.nnnnnnnnn' or nanoseconds, found "
            + Lines.shown(text));
  }

  private static long dateAndTime(String text) {
    boolean form =
        text.charAt(7) == '-'
            && text.charAt(10) == ' '
            && text.charAt(13) == ':'
            && text.charAt(16) == ':'
            && text.length() <= 29
            && (text.length() == 19 || (text.length() > 20 && text.charAt(19) == '.'));
    if (!form) {
      throw new NumberFormatException();
    }
    long day =
        LocalDate.of((int) digits(text, 0, 4), (int) digits(text, 5, 7), (int) digits(text, 8, 10))
            .toEpochDay();
    long hour = digits(text, 11, 13);
    long minute = digits(text, 14, 16);
    long second = digits(text, 17, 19);
    if (hour > 23 || minute > 59 || second > 60 || Math.abs(day) > 100_000) {
      throw new NumberFormatException();
    }
    long nanos = 0;
    if (text.length() > 20) {
      nanos = digits(text, 20, text.length());
      for (int i = text.length() - 20; i < 9; i++) {
        nanos *= 10;
      }
    }
    return (((day * 24 + hour) * 60 + minute) * 60 + second) * 1_000_000_000L + nanos;
  }

  /** A number of digits only; longer than a long holds is a NumberFormatException. */
  private static long digits(String text, int from, int to) {
    for (int i = from; i < to; i++) {
      if (text.charAt(i) < '0' || text.charAt(i) > '9') {
        throw new NumberFormatException();
      }
    }
    return Long.parseLong(text, from, to, 10);
  }
}
