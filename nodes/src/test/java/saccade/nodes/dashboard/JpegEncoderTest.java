package saccade.nodes.dashboard;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.awt.image.BufferedImage;
import java.awt.image.DataBufferByte;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Random;
import javax.imageio.IIOImage;
import javax.imageio.ImageIO;
import javax.imageio.ImageWriteParam;
import javax.imageio.ImageWriter;
import javax.imageio.stream.MemoryCacheImageOutputStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** What it writes is read back by the JDK's decoder, and held against the JDK's encoder. */
class JpegEncoderTest {
  private static byte[] bgr(BufferedImage image) {
    return ((DataBufferByte) image.getRaster().getDataBuffer()).getData();
  }

  private static BufferedImage decode(byte[] jpeg) throws IOException {
    BufferedImage image = ImageIO.read(new ByteArrayInputStream(jpeg));
    assertNotNull(image);
    BufferedImage plain =
        new BufferedImage(image.getWidth(), image.getHeight(), BufferedImage.TYPE_3BYTE_BGR);
    plain.getGraphics().drawImage(image, 0, 0, null);
    return plain;
  }

  /** Ratio of signal to noise, dB. */
  private static double psnr(byte[] a, byte[] b) {
    assertEquals(a.length, b.length);
    double sum = 0;
    for (int i = 0; i < a.length; i++) {
      double d = (a[i] & 0xFF) - (b[i] & 0xFF);
      sum += d * d;
    }
    return 10 * Math.log10(255 * 255 / Math.max(1e-9, sum / a.length));
  }

  private static byte[] jdk(BufferedImage image, float quality) throws IOException {
    ImageWriter writer = ImageIO.getImageWritersByFormatName("jpeg").next();
    ImageWriteParam param = writer.getDefaultWriteParam();
    param.setCompressionMode(ImageWriteParam.MODE_EXPLICIT);
    param.setCompressionQuality(quality);
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    try (MemoryCacheImageOutputStream out = new MemoryCacheImageOutputStream(bytes)) {
      writer.setOutput(out);
      writer.write(null, new IIOImage(image, null, null), param);
    }
    return bytes.toByteArray();
  }

  @Test
  void aPictureOfTheSampleIsAsGoodAndAsSmallAsTheJdks() throws IOException {
    BufferedImage read =
        ImageIO.read(Path.of("samples/recording/front_wide/data/000005.png").toFile());
    BufferedImage image =
        new BufferedImage(read.getWidth(), read.getHeight(), BufferedImage.TYPE_3BYTE_BGR);
    image.getGraphics().drawImage(read, 0, 0, null);
    byte[] ours = new JpegEncoder(75).encode(bgr(image), image.getWidth(), image.getHeight());
    byte[] theirs = jdk(image, 0.75f);
    double quality = psnr(bgr(image), bgr(decode(ours)));
    double theirQuality = psnr(bgr(image), bgr(decode(theirs)));
    assertTrue(quality > theirQuality - 0.5, quality + " dB, the JDK " + theirQuality);
    assertTrue(ours.length < 1.1 * theirs.length, ours.length + " B, the JDK " + theirs.length);
  }

  @ParameterizedTest
  @CsvSource({"1,1", "16,16", "17,15", "3,40", "480,1", "33,31"})
  void everySizeIsReadBack(int width, int height) throws IOException {
    BufferedImage image = new BufferedImage(width, height, BufferedImage.TYPE_3BYTE_BGR);
    byte[] pixels = bgr(image);
    for (int y = 0; y < height; y++) {
      for (int x = 0; x < width; x++) {
        pixels[3 * (y * width + x)] = (byte) (255 * x / Math.max(48, width));
        pixels[3 * (y * width + x) + 1] = (byte) 90;
        pixels[3 * (y * width + x) + 2] = (byte) (255 * y / Math.max(48, height));
      }
    }
    BufferedImage back = decode(new JpegEncoder(90).encode(pixels, width, height));
    assertEquals(width, back.getWidth());
    assertEquals(height, back.getHeight());
    assertTrue(psnr(pixels, bgr(back)) > 28, psnr(pixels, bgr(back)) + " dB");
  }

  /** Every code is used and every byte stuffed: noise, at the best quality, by one encoder. */
  @Test
  void noiseIsReadBackToo() throws IOException {
    JpegEncoder encoder = new JpegEncoder(100);
    Random random = new Random(4);
    for (int i = 0; i < 5; i++) {
      byte[] grey = new byte[3 * 64 * 48];
      for (int at = 0; at < grey.length; at += 3) {
        byte value = (byte) (random.nextBoolean() ? 255 : random.nextInt(256));
        grey[at] = value;
        grey[at + 1] = value;
        grey[at + 2] = value;
      }
      assertTrue(psnr(grey, bgr(decode(encoder.encode(grey, 64, 48)))) > 38);
    }
  }

  @Test
  void qualityHasLimits() {
    assertThrows(IllegalArgumentException.class, () -> new JpegEncoder(0));
    assertThrows(IllegalArgumentException.class, () -> new JpegEncoder(101));
  }
}
