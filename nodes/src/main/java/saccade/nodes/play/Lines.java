package saccade.nodes.play;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import saccade.nodes.cli.BadInput;

/** Small text files, bounded before anything is allocated. */
final class Lines {
  static final int MAX_LINE = 4096;

  private Lines() {}

  /**
   * Reads a whole file.
   *
   * @throws BadInput when it is missing, unreadable or longer than {@code maxBytes}
   */
  static byte[] bytes(Path file, long maxBytes) {
    try {
      if (!Files.isRegularFile(file)) {
        throw new BadInput(file + ": expected a file, found none");
      }
      long size = Files.size(file);
      if (size > maxBytes) {
        throw new BadInput(file + ": expected at most " + maxBytes + " bytes, found " + size);
      }
      return Files.readAllBytes(file);
    } catch (IOException e) {
      throw new BadInput(file + ": expected a readable file, found " + e);
    }
  }

  /**
   * Lines of ASCII text without their ends; empty lines at the end do not count.
   *
   * @param where name used in complaints
   * @throws BadInput when there are more than {@code maxLines}, or one is too long or not ASCII
   */
  static List<String> of(String where, byte[] text, int maxLines) {
    List<String> lines = new ArrayList<>();
    int from = 0;
    for (int i = 0; i <= text.length; i++) {
      boolean end = i == text.length || text[i] == '\n';
      if (!end) {
        if (text[i] < 0 || (text[i] < ' ' && text[i] != '\t' && text[i] != '\r')) {
          throw new BadInput(
              where
                  + " line "
                  + (lines.size() + 1)
                  + ": expected ASCII text, found byte "
                  + (text[i] & 0xFF));
        }
        continue;
      }
      int to = i > from && text[i - 1] == '\r' ? i - 1 : i;
      if (to - from > MAX_LINE || lines.size() >= maxLines) {
        throw new BadInput(
            where
                + " line "
                + (lines.size() + 1)
                + ": expected at most "
                + maxLines
                + " lines of "
                + MAX_LINE
                + " characters, found more");
      }
      lines.add(new String(text, from, to - from, StandardCharsets.US_ASCII));
      from = i + 1;
    }
    while (!lines.isEmpty() && lines.getLast().isBlank()) {
      lines.removeLast();
    }
    return lines;
  }

  /** What was found, short enough for one line. */
  static String shown(String found) {
    return found.length() <= 40 ? "'" + found + "'" : "'" + found.substring(0, 40) + "...'";
  }
}
