package saccade.nodes.play;

import java.awt.image.BufferedImage;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import javax.imageio.ImageIO;

/** Writes a tiny drive in the published layout, whole, for tests to break. */
final class KittiDrive {
  static final int WIDTH = 124;
  static final int HEIGHT = 38;
  static final int POINTS = 40;

  final Path root;
  final Path date;
  final Path drive;
  final Path pictures;
  final Path sweeps;

  KittiDrive(Path root, int frames) throws IOException {
    this.root = root;
    this.date = root.resolve("2011_09_26");
    this.drive = date.resolve("2011_09_26_drive_0007_sync");
    this.pictures = drive.resolve("image_02");
    this.sweeps = drive.resolve("velodyne_points");
    Files.createDirectories(pictures.resolve("data"));
    Files.createDirectories(sweeps.resolve("data"));
    Files.writeString(date.resolve("calib_cam_to_cam.txt"), camToCam());
    Files.writeString(date.resolve("calib_velo_to_cam.txt"), veloToCam());
    StringBuilder stamps = new StringBuilder();
    StringBuilder sweepStamps = new StringBuilder();
    for (int i = 0; i < frames; i++) {
      stamps.append(stamp(i, 0));
      sweepStamps.append(stamp(i, 4));
      writePicture(picture(i), i);
      writeSweep(sweep(i), POINTS);
    }
    Files.writeString(pictures.resolve("timestamps.txt"), stamps);
    Files.writeString(sweeps.resolve("timestamps.txt"), sweepStamps);
  }

  Path picture(int i) {
    return pictures.resolve("data").resolve(String.format("%010d.png", i));
  }

  Path sweep(int i) {
    return sweeps.resolve("data").resolve(String.format("%010d.bin", i));
  }

  static String stamp(int frame, int plusMs) {
    return String.format(
        "2011-09-26 13:00:%02d.%03d000000%n", frame / 10, frame % 10 * 100 + plusMs);
  }

  /** The real calibration at a tenth of the size. */
  static String camToCam() {
    return """
        calib_time: 09-Jan-2012 13:57:47
        R_rect_00: 9.999239e-01 9.837760e-03 -7.445048e-03 -9.869795e-03 9.999421e-01 -4.278459e-03 7.402527e-03 4.351614e-03 9.999631e-01
        S_rect_02: 1.240000e+02 3.800000e+01
        P_rect_02: 7.215377e+01 0.000000e+00 6.095593e+01 4.485728e+00 0.000000e+00 7.215377e+01 1.728540e+01 2.163791e-02 0.000000e+00 0.000000e+00 1.000000e+00 2.745884e-03
        """;
  }

  static String veloToCam() {
    return """
        calib_time: 15-Mar-2012 11:37:16
        R: 7.533745e-03 -9.999714e-01 -6.166020e-04 1.480249e-02 7.280733e-04 -9.998902e-01 9.998621e-01 7.523790e-03 1.480755e-02
        T: -4.069766e-03 -7.631618e-02 -2.717806e-01
        """;
  }

  /** Column x of row y has blue x, green y, red the frame's number. */
  static void writePicture(Path file, int number) throws IOException {
    BufferedImage image = new BufferedImage(WIDTH, HEIGHT, BufferedImage.TYPE_3BYTE_BGR);
    for (int y = 0; y < HEIGHT; y++) {
      for (int x = 0; x < WIDTH; x++) {
        image.setRGB(x, y, number << 16 | y << 8 | x);
      }
    }
    ImageIO.write(image, "png", file.toFile());
  }

  /** Points on a line ahead, point i at x = i + 1. */
  static void writeSweep(Path file, int points) throws IOException {
    ByteBuffer bytes = ByteBuffer.allocate(16 * points).order(ByteOrder.LITTLE_ENDIAN);
    for (int i = 0; i < points; i++) {
      bytes.putFloat(i + 1).putFloat(0).putFloat(-1).putFloat(0.5f);
    }
    Files.write(file, bytes.array());
  }
}
