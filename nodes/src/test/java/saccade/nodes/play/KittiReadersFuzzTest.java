package saccade.nodes.play;

import com.code_intelligence.jazzer.api.FuzzedDataProvider;
import com.code_intelligence.jazzer.junit.FuzzTest;
import java.awt.image.BufferedImage;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Stream;
import javax.imageio.IIOImage;
import javax.imageio.ImageIO;
import javax.imageio.ImageWriteParam;
import javax.imageio.ImageWriter;
import javax.imageio.stream.ImageOutputStream;
import javax.imageio.stream.MemoryCacheImageOutputStream;
import org.junit.jupiter.params.provider.MethodSource;
import saccade.nodes.cli.BadInput;

/**
 * Whatever the bytes, a reader answers or complains in one line. The seeds are in the resources
 * folder of this class, those of pictures are made here; all are run by every test run; {@code
 * JAZZER_FUZZ=1} looks for new ones.
 */
final class KittiReadersFuzzTest {

  @FuzzTest
  void calibration(byte[] text) {
    try {
      KittiCalibration calibration = KittiCalibration.parse("calib", text);
      expectFinite(calibration.numbers("P_rect_02", 12));
      expectFinite(calibration.rotation("R_rect_00"));
    } catch (BadInput e) {
      expectOneLine(e);
    }
  }

  @FuzzTest
  void stamps(byte[] text) {
    try {
      if (StampFile.parse("timestamps.txt", text).length == 0) {
        throw new AssertionError("no stamps and no complaint");
      }
    } catch (BadInput e) {
      expectOneLine(e);
    }
  }

  @FuzzTest
  void sweep(byte[] bytes) {
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment into = arena.allocate(16 * 64);
      SweepFile.Sweep sweep = SweepFile.parse("a.bin", bytes, into);
      for (int i = 0; i < sweep.points() * 4; i++) {
        if (!Float.isFinite(into.getAtIndex(ValueLayout.JAVA_FLOAT, i))) {
          throw new AssertionError("value " + i + " is not finite");
        }
      }
    } catch (BadInput e) {
      expectOneLine(e);
    }
  }

  /** Pictures of six by four pixels in each form, whole, cut off and damaged; made here. */
  static Stream<byte[]> pictures() throws IOException {
    List<byte[]> seeds = new ArrayList<>();
    for (byte[] whole :
        List.of(
            coded("png", BufferedImage.TYPE_3BYTE_BGR, 6, 4, false),
            coded("jpeg", BufferedImage.TYPE_3BYTE_BGR, 6, 4, false),
            coded("jpeg", BufferedImage.TYPE_3BYTE_BGR, 6, 4, true),
            coded("jpeg", BufferedImage.TYPE_BYTE_GRAY, 6, 4, false),
            coded("jpeg", BufferedImage.TYPE_3BYTE_BGR, 6, 5, false))) {
      seeds.add(whole);
      seeds.add(Arrays.copyOf(whole, whole.length / 2));
      // As above, with an end marker behind the cut: the reader itself must notice.
      byte[] ended = Arrays.copyOf(whole, whole.length / 2);
      ended[ended.length - 2] = (byte) 0xFF;
      ended[ended.length - 1] = (byte) 0xD9;
      seeds.add(ended);
      for (int at : new int[] {3, whole.length / 4, whole.length / 2, whole.length - 3}) {
        byte[] damaged = whole.clone();
        damaged[at] ^= (byte) 0xFF;
        seeds.add(damaged);
      }
    }
    byte[] huge = coded("jpeg", BufferedImage.TYPE_3BYTE_BGR, 6, 4, false);
    int frame = frameHeader(huge);
    Arrays.fill(huge, frame + 5, frame + 9, (byte) 0xFF); // 65535 x 65535 pixels by its word
    seeds.add(huge);
    byte[] components = coded("jpeg", BufferedImage.TYPE_3BYTE_BGR, 6, 4, false);
    components[frame + 9] = 4; // components that are not there
    seeds.add(components);
    return seeds.stream();
  }

  /** Where a JPEG's frame header begins: marker SOF0. */
  private static int frameHeader(byte[] jpeg) {
    for (int i = 0; i + 1 < jpeg.length; i++) {
      if ((jpeg[i] & 0xFF) == 0xFF && (jpeg[i + 1] & 0xFF) == 0xC0) {
        return i;
      }
    }
    throw new AssertionError("no frame header in a JPEG of ours");
  }

  private static byte[] coded(String form, int type, int width, int height, boolean progressive)
      throws IOException {
    BufferedImage image = new BufferedImage(width, height, type);
    for (int i = 0; i < width * height; i++) {
      image.setRGB(i % width, i / width, 0x0A0B0C * i);
    }
    ImageWriter writer = ImageIO.getImageWritersByFormatName(form).next();
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    try (ImageOutputStream out = new MemoryCacheImageOutputStream(bytes)) {
      ImageWriteParam how = writer.getDefaultWriteParam();
      if (progressive) {
        how.setProgressiveMode(ImageWriteParam.MODE_DEFAULT);
      }
      writer.setOutput(out);
      writer.write(null, new IIOImage(image, null, null), how);
    } finally {
      writer.dispose();
    }
    return bytes.toByteArray();
  }

  @FuzzTest
  @MethodSource("pictures")
  void picture(byte[] coded) {
    try {
      if (PictureFile.decode("a.png", coded, 6, 4).length != 3 * 6 * 4) {
        throw new AssertionError("a picture of another size");
      }
    } catch (BadInput e) {
      expectOneLine(e);
    }
  }

  @FuzzTest
  void motion(FuzzedDataProvider data) {
    byte[] oxts = data.consumeBytes(512);
    byte[] table = data.consumeRemainingAsBytes();
    try {
      String[] numbers = KittiRaw.oxts("oxts", oxts);
      KittiRaw.odometry("oxts", numbers, 0, 1);
      KittiRaw.inertial("oxts", numbers, 0);
    } catch (BadInput e) {
      expectOneLine(e);
    }
    try {
      ExportedRecording.odometry("odometry.csv", table);
    } catch (BadInput e) {
      expectOneLine(e);
    }
  }

  private static void expectFinite(double[] numbers) {
    for (double number : numbers) {
      if (!Double.isFinite(number)) {
        throw new AssertionError("found " + number);
      }
    }
  }

  private static void expectOneLine(BadInput e) {
    String line = String.valueOf(e.getMessage());
    if (line.isBlank() || line.lines().count() != 1) {
      throw new AssertionError("expected one line, found '" + line + "'");
    }
  }
}
