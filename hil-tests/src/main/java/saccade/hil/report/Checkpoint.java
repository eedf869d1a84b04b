package saccade.hil.report;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.util.List;
import saccade.nodes.cli.BadInput;

/**
 * What a long run has found so far, a line a piece, so that another process can go on from there.
 * The first line says which run it is of; a run with other options is refused. A line that was
 * being written when the process died is taken away when the file is opened again. Any thread.
 */
public final class Checkpoint {
  private final Path file;
  private final List<String> lines;

  private Checkpoint(Path file, List<String> lines) {
    this.file = file;
    this.lines = List.copyOf(lines);
  }

  /**
   * Opens a file, or begins one.
   *
   * @param head what the run is, in one line: everything that its results depend on
   * @throws BadInput when the file is of another run
   */
  public static Checkpoint open(Path file, String head) throws IOException {
    String text = Files.exists(file) ? Files.readString(file, StandardCharsets.UTF_8) : "";
    String whole = text.substring(0, text.lastIndexOf('\n') + 1);
    if (whole.isEmpty() && (head + "\n").startsWith(text)) {
      rewrite(file, head + "\n");
      return new Checkpoint(file, List.of());
    }
    List<String> all = whole.lines().toList();
    if (all.isEmpty() || !all.getFirst().equals(head)) {
      throw new BadInput(
          file
              + ": wanted the checkpoint of this run ("
              + head
              + "), found "
              + (all.isEmpty() ? text : all.getFirst()));
    }
    if (whole.length() < text.length()) {
      rewrite(file, whole);
    }
    return new Checkpoint(file, all.subList(1, all.size()));
  }

  private static void rewrite(Path file, String text) throws IOException {
    Path beside = file.resolveSibling(file.getFileName() + ".new");
    Files.writeString(beside, text, StandardCharsets.UTF_8);
    Files.move(beside, file, StandardCopyOption.REPLACE_EXISTING);
  }

  /** Whole lines behind the first that were there when it was opened. */
  public List<String> lines() {
    return lines;
  }

  /** What to say of a line that means nothing; {@code at} counts from 0 behind the first line. */
  public BadInput complaint(int at, String why) {
    return new BadInput(file + ": line " + (at + 2) + ": " + why);
  }

  /** Adds a line; it is on the disk when this returns. */
  public synchronized void append(String line) throws IOException {
    ByteBuffer bytes = StandardCharsets.UTF_8.encode(line + "\n");
    try (FileChannel out =
        FileChannel.open(file, StandardOpenOption.WRITE, StandardOpenOption.APPEND)) {
      while (bytes.hasRemaining()) {
        out.write(bytes);
      }
      out.force(false);
    }
  }
}
