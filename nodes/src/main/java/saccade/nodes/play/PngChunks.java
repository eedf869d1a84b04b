package saccade.nodes.play;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.zip.CRC32;
import saccade.nodes.cli.BadInput;

/**
 * Whether a PNG file is whole. The JDK's reader gives a picture with a black rest, and no word,
 * when the file was cut off; a vehicle must not see that black.
 *
 * <p>Source: PNG specification (W3C), 5.3 chunk layout and 11.2.2 IHDR.
 */
final class PngChunks {
  private static final long SIGNATURE = 0x89504E470D0A1A0AL;
  private static final int HEADER = 0x49484452; // IHDR
  private static final int END = 0x49454E44; // IEND

  private PngChunks() {}

  /**
   * Looks at every chunk's length and checksum.
   *
   * @param where name used in complaints
   * @throws BadInput when it is no PNG, of another size, cut off or damaged
   */
  static void requireWhole(String where, byte[] file, int widthPx, int heightPx) {
    ByteBuffer in = ByteBuffer.wrap(file); // big endian, as PNG
    if (file.length < 8 || in.getLong() != SIGNATURE) {
      throw new BadInput(
          where + ": expected a PNG picture, found " + file.length + " bytes of something else");
    }
    boolean first = true;
    while (true) {
      if (in.remaining() < 12) {
        throw cutOff(where, file.length);
      }
      int start = in.position();
      int length = in.getInt();
      if (length < 0 || length > in.remaining() - 8) {
        throw cutOff(where, file.length);
      }
      int type = in.getInt();
      CRC32 crc = new CRC32();
      crc.update(file, start + 4, length + 4);
      if (in.getInt(start + 8 + length) != (int) crc.getValue()) {
        throw new BadInput(
            where
                + ": expected a whole PNG picture, found a wrong checksum in chunk "
                + name(file, start + 4)
                + " at byte "
                + start);
      }
      if (first) {
        requireSize(where, in, type, length, widthPx, heightPx);
        first = false;
      }
      if (type == END) {
        return;
      }
      in.position(start + 12 + length);
    }
  }

  private static void requireSize(
      String where, ByteBuffer in, int type, int length, int widthPx, int heightPx) {
    if (type != HEADER || length != 13) {
      throw new BadInput(where + ": expected a PNG picture, found no IHDR chunk at its start");
    }
    int width = in.getInt();
    int height = in.getInt();
    int depth = in.get();
    if (width != widthPx || height != heightPx) {
      throw new BadInput(
          where
              + ": expected a picture of "
              + widthPx
              + "x"
              + heightPx
              + " px as its calibration says, found "
              + width
              + "x"
              + height);
    }
    if (depth != 8) {
      throw new BadInput(where + ": expected 8 bits a channel, found " + depth);
    }
  }

  private static String name(byte[] file, int at) {
    String name = new String(file, at, 4, StandardCharsets.ISO_8859_1);
    return name.matches("[A-Za-z]{4}") ? name : "?";
  }

  private static BadInput cutOff(String where, int bytes) {
    return new BadInput(
        where + ": expected a whole PNG picture, found one cut off after " + bytes + " bytes");
  }
}
