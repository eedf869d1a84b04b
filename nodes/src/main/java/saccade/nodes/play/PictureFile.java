package saccade.nodes.play;

import java.awt.image.BufferedImage;
import java.awt.image.DataBufferByte;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import javax.imageio.ImageIO;
import javax.imageio.ImageReader;
import javax.imageio.stream.ImageInputStream;
import javax.imageio.stream.MemoryCacheImageInputStream;
import saccade.nodes.cli.BadInput;
import saccade.nodes.play.Recording.Window;

/** One PNG or JPEG picture, decoded to interleaved blue, green, red. */
final class PictureFile {
  private static final long MAX_BYTES = 64L << 20;

  private PictureFile() {}

  /**
   * Decodes a picture of a known size; no other size is decoded at all.
   *
   * @return BGR8, row-major, {@code 3 * width * height} bytes
   * @throws BadInput when it is missing, empty, cut off, neither PNG nor JPEG, or of another size
   */
  static byte[] read(Path file, int widthPx, int heightPx) {
    byte[] coded = Lines.bytes(file, MAX_BYTES);
    if (coded.length == 0) {
      throw new BadInput(file + ": expected a PNG or JPEG picture, found an empty file (0 bytes)");
    }
    return decode(file.toString(), coded, widthPx, heightPx);
  }

  /** As {@link #read}, of bytes already there. */
  static byte[] decode(String where, byte[] coded, int widthPx, int heightPx) {
    boolean jpeg = coded.length > 2 && (coded[0] & 0xFF) == 0xFF && (coded[1] & 0xFF) == 0xD8;
    if (!jpeg) {
      PngChunks.requireWhole(where, coded, widthPx, heightPx);
    } else if ((coded[coded.length - 2] & 0xFF) != 0xFF
        || (coded[coded.length - 1] & 0xFF) != 0xD9) {
      throw new BadInput(where + ": expected a whole JPEG picture, found one that is cut off");
    }
    String format = jpeg ? "jpeg" : "png";
    ImageReader reader = ImageIO.getImageReadersByFormatName(format).next();
    List<String> damage = new ArrayList<>();
    if (jpeg) {
      // A scan that ends early is a picture with a grey rest, and a mere warning.
      reader.addIIOReadWarningListener(
          (source, warning) -> {
            if (warning.contains("Corrupt JPEG data") || warning.contains("Premature end")) {
              damage.add(warning);
            }
          });
    }
    try (ImageInputStream in = new MemoryCacheImageInputStream(new ByteArrayInputStream(coded))) {
      reader.setInput(in, true, true);
      if (jpeg && (reader.getWidth(0) != widthPx || reader.getHeight(0) != heightPx)) {
        throw new BadInput(
            where
                + ": expected "
                + widthPx
                + "x"
                + heightPx
                + " pixels, found "
                + reader.getWidth(0)
                + "x"
                + reader.getHeight(0));
      }
      byte[] bgr = bgr(reader.read(0));
      if (!damage.isEmpty()) {
        throw new BadInput(
            where
                + ": expected a whole JPEG picture, found a damaged one ("
                + damage.getFirst().lines().findFirst().orElse("")
                + ")");
      }
      return bgr;
    } catch (BadInput e) {
      throw e;
    } catch (IOException | RuntimeException e) {
      // The JDK's reader throws both for damaged files.
      throw new BadInput(
          where
              + ": expected a whole "
              + (jpeg ? "JPEG" : "PNG")
              + " picture, found a damaged one ("
              + cause(e)
              + ")");
    } finally {
      reader.dispose();
    }
  }

  private static byte[] bgr(BufferedImage image) {
    int width = image.getWidth();
    int height = image.getHeight();
    if (image.getType() == BufferedImage.TYPE_3BYTE_BGR
        && image.getRaster().getDataBuffer() instanceof DataBufferByte bytes
        && bytes.getData().length == 3 * width * height) {
      return bytes.getData();
    }
    byte[] bgr = new byte[3 * width * height];
    int[] row = new int[width];
    for (int y = 0, at = 0; y < height; y++) {
      image.getRGB(0, y, width, 1, row, 0, width);
      for (int rgb : row) {
        bgr[at++] = (byte) rgb;
        bgr[at++] = (byte) (rgb >> 8);
        bgr[at++] = (byte) (rgb >> 16);
      }
    }
    return bgr;
  }

  private static String cause(Throwable thrown) {
    Throwable deepest = thrown;
    while (deepest.getCause() != null) {
      deepest = deepest.getCause();
    }
    String text = deepest.getMessage();
    return text == null ? deepest.getClass().getSimpleName() : text.lines().findFirst().orElse("");
  }

  /**
   * Cuts a window out of a picture; black where it lies beyond.
   *
   * @param bgr picture of {@code widthPx} columns
   * @param slot takes the window, 3 bytes a pixel, without padding
   */
  static void cut(byte[] bgr, int widthPx, int heightPx, Window window, MemorySegment slot) {
    int left = Math.max(0, -window.x());
    int right = Math.min(window.widthPx(), widthPx - window.x());
    boolean whole = left == 0 && right == window.widthPx();
    for (int row = 0; row < window.heightPx(); row++) {
      long at = 3L * row * window.widthPx();
      int y = row + window.y();
      boolean inside = y >= 0 && y < heightPx && right > left;
      if (!inside || !whole) {
        slot.asSlice(at, 3L * window.widthPx()).fill((byte) 0);
      }
      if (inside) {
        MemorySegment.copy(
            bgr,
            3 * (y * widthPx + window.x() + left),
            slot,
            ValueLayout.JAVA_BYTE,
            at + 3L * left,
            3 * (right - left));
      }
    }
  }
}
