package saccade.nodes.play;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.awt.image.BufferedImage;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import javax.imageio.ImageIO;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import saccade.nodes.cli.BadInput;
import saccade.nodes.play.Recording.Window;

/** Pictures, sweeps and stamps, whole and damaged. */
final class FrameFilesReadTest {
  @TempDir Path folder;

  private static String complaint(Runnable reading) {
    String line = assertThrows(BadInput.class, reading::run).getMessage();
    assertEquals(1, line.lines().count(), line);
    return line;
  }

  @Test
  void shouldDecodePicturesAsBlueGreenRed() throws IOException {
    Path file = folder.resolve("a.png");
    KittiDrive.writePicture(file, 7);
    byte[] bgr = PictureFile.read(file, KittiDrive.WIDTH, KittiDrive.HEIGHT);
    int at = 3 * (5 * KittiDrive.WIDTH + 11);
    assertEquals(11, bgr[at]);
    assertEquals(5, bgr[at + 1]);
    assertEquals(7, bgr[at + 2]);
  }

  @Test
  void shouldRefusePicturesCutOffAnywhere() throws IOException {
    Path file = folder.resolve("a.png");
    KittiDrive.writePicture(file, 7);
    byte[] whole = Files.readAllBytes(file);
    for (int length = 0; length < whole.length; length += 7) {
      Files.write(file, Arrays.copyOf(whole, length));
      String line = complaint(() -> PictureFile.read(file, KittiDrive.WIDTH, KittiDrive.HEIGHT));
      assertTrue(line.contains("a.png: expected a"), line);
    }
    byte[] flipped = whole.clone();
    flipped[whole.length / 2] ^= 4;
    Files.write(file, flipped);
    assertTrue(
        complaint(() -> PictureFile.read(file, KittiDrive.WIDTH, KittiDrive.HEIGHT))
            .contains("wrong checksum in chunk IDAT"));
  }

  /** The JDK's reader fills the rest with grey and warns: nobody must take that for a road. */
  @Test
  void shouldRefuseAJpegWhoseScanEndsEarly() throws IOException {
    BufferedImage image = new BufferedImage(160, 96, BufferedImage.TYPE_3BYTE_BGR);
    for (int i = 0; i < 160 * 96; i++) {
      image.setRGB(i % 160, i / 160, i * 7919);
    }
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    ImageIO.write(image, "jpg", bytes);
    byte[] whole = bytes.toByteArray();
    assertEquals(3 * 160 * 96, PictureFile.decode("a.jpg", whole, 160, 96).length);
    byte[] ended = Arrays.copyOf(whole, whole.length * 3 / 4);
    ended[ended.length - 2] = (byte) 0xFF;
    ended[ended.length - 1] = (byte) 0xD9;
    String line =
        assertThrows(BadInput.class, () -> PictureFile.decode("a.jpg", ended, 160, 96))
            .getMessage();
    assertTrue(line.startsWith("a.jpg: expected a whole JPEG picture, found a damaged one"), line);
    assertEquals(1, line.lines().count());
  }

  @Test
  void shouldNotDecodePicturesOfAnotherSize() throws IOException {
    Path file = folder.resolve("a.png");
    KittiDrive.writePicture(file, 7);
    String line = complaint(() -> PictureFile.read(file, 1242, 375));
    assertTrue(line.contains("expected a picture of 1242x375 px"), line);
    assertTrue(line.contains("found 124x38"), line);
  }

  @Test
  void shouldCutWindowsAndBlackenWhatLiesBeyond() {
    byte[] bgr = new byte[3 * 4 * 3]; // 4 wide, 3 high
    for (int i = 0; i < bgr.length; i++) {
      bgr[i] = (byte) (i + 1);
    }
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment slot = arena.allocate(3L * 3 * 2).fill((byte) 99);
      PictureFile.cut(bgr, 4, 3, new Window(0, 2, 1, 3, 2), slot);
      assertEquals(bgr[3 * (1 * 4 + 2)], slot.get(ValueLayout.JAVA_BYTE, 0));
      assertEquals(bgr[3 * (2 * 4 + 3) + 2], slot.get(ValueLayout.JAVA_BYTE, 3 * 4 + 2));
      assertEquals(0, slot.get(ValueLayout.JAVA_BYTE, 3 * 2)); // column 4 does not exist
      PictureFile.cut(bgr, 4, 3, new Window(0, -1, -1, 3, 2), slot);
      assertEquals(0, slot.get(ValueLayout.JAVA_BYTE, 3)); // row -1
      assertEquals(bgr[0], slot.get(ValueLayout.JAVA_BYTE, 3 * 4));
    }
  }

  @Test
  void shouldRefuseEmptyAndBrokenSweeps() throws IOException {
    Path file = folder.resolve("a.bin");
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment into = arena.allocate(16 * 50);
      Files.write(file, new byte[0]);
      assertTrue(complaint(() -> SweepFile.read(file, into)).contains("empty file (0 bytes)"));
      Files.write(file, new byte[33]);
      assertTrue(
          complaint(() -> SweepFile.read(file, into)).contains("multiple of 16 bytes"), "33 bytes");
      Files.write(file, new byte[16 * 51]);
      assertTrue(
          complaint(() -> SweepFile.read(file, into)).contains("at most 50 points, found 51"));
      assertTrue(
          complaint(() -> SweepFile.read(folder.resolve("b.bin"), into)).contains("no file"));
    }
  }

  @Test
  void shouldLeaveOutPointsThatAreNotFiniteAndSaySo() {
    ByteBuffer bytes = ByteBuffer.allocate(16 * 4).order(ByteOrder.LITTLE_ENDIAN);
    bytes.putFloat(1).putFloat(0).putFloat(0).putFloat(0.1f);
    bytes.putFloat(Float.NaN).putFloat(0).putFloat(0).putFloat(0.1f);
    bytes.putFloat(2).putFloat(0).putFloat(0).putFloat(Float.POSITIVE_INFINITY);
    bytes.putFloat(3).putFloat(0).putFloat(Float.NEGATIVE_INFINITY).putFloat(0);
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment into = arena.allocate(64);
      SweepFile.Sweep sweep = SweepFile.parse("a.bin", bytes.array(), into);
      assertEquals(2, sweep.points());
      assertEquals(2f, into.get(ValueLayout.JAVA_FLOAT_UNALIGNED, 16));
      assertEquals(0f, into.get(ValueLayout.JAVA_FLOAT_UNALIGNED, 28));
      assertTrue(sweep.complaint().contains("found 2 of 4 that are not (first: point 1)"));
      bytes.putFloat(0, Float.NaN).putFloat(32, Float.NaN);
      assertTrue(
          complaint(() -> SweepFile.parse("a.bin", bytes.array(), into))
              .contains("found none among 4"));
    }
  }

  @Test
  void shouldReadStampsOfBothForms() {
    long[] stamps =
        StampFile.parse(
            "timestamps.txt",
            "1970-01-02 00:00:01.5\n86402000000000\r\n1970-01-01 00:00:00\n\n"
                .getBytes(StandardCharsets.US_ASCII));
    assertEquals(3, stamps.length);
    assertEquals(86_401_500_000_000L, stamps[0]);
    assertEquals(86_402_000_000_000L, stamps[1]);
    assertEquals(0, stamps[2]);
  }

  @Test
  void shouldNameTheLineOfAWrongStamp() {
    for (String wrong :
        new String[] {
          "2011-09-26",
          "2011-13-26 13:00:00.0",
          "2011-09-26 25:00:00.0",
          "12e9",
          "-5",
          "2011-09-26 13:00:00.",
          "2011-09-26 13:00:00.1234567890",
          "99999999999999999999",
          "x"
        }) {
      String line =
          complaint(
              () -> StampFile.parse("t", ("1\n" + wrong).getBytes(StandardCharsets.US_ASCII)));
      assertTrue(line.startsWith("t line 2: expected"), line);
    }
    assertTrue(complaint(() -> StampFile.parse("t", new byte[0])).contains("empty file"));
    assertTrue(complaint(() -> StampFile.parse("t", new byte[] {(byte) 200})).contains("ASCII"));
  }
}
