package saccade.nodes.sensor;

import java.awt.image.BufferedImage;
import java.awt.image.DataBufferByte;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.Writer;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Instant;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import javax.imageio.ImageIO;
import javax.imageio.stream.MemoryCacheImageOutputStream;
import saccade.kernels.geometry.CameraModel;
import saccade.kernels.geometry.LidarModel;
import saccade.kernels.geometry.Rig;
import saccade.nodes.graph.RigFile;

/**
 * Writes frames as a recording that {@code saccade play} reads. Off the hot path.
 *
 * <pre>
 *   rig.yaml
 *   front_wide/timestamps.txt   2026-01-01 00:00:00.100000000, one line a frame
 *   front_wide/data/000000.png  RGB
 *   lidar_top/data/000000.bin   float32 LE x, y, z, intensity in the LiDAR frame, as KITTI
 *   odometry.csv                stampNs,speedMps,yawRateRps,accelMps2,setSpeedMps; stamps since 1970, UTC
 * </pre>
 */
public final class RecordingWriter implements AutoCloseable {
  /** Time 0 of a recording made from simulated time: 2026-01-01, nanoseconds since 1970. */
  public static final long EPOCH_NS = 1_767_225_600L * 1_000_000_000L;

  private static final DateTimeFormatter STAMP =
      DateTimeFormatter.ofPattern("yyyy-MM-dd HH:mm:ss.nnnnnnnnn", Locale.ROOT)
          .withZone(ZoneOffset.UTC);

  private final Rig rig;
  private final List<Path> folders = new ArrayList<>(); // (sensors)
  private final List<Writer> stamps = new ArrayList<>(); // (sensors)
  private final int[] written; // (sensors)
  private final Writer odometry;

  /**
   * Makes the folders and the rig file.
   *
   * @param folder made when missing; files of the same names are overwritten
   */
  public RecordingWriter(Path folder, String rigName, Rig rig) throws IOException {
    this.rig = rig;
    List<String> names = new ArrayList<>();
    rig.cameras().forEach(camera -> names.add(camera.name()));
    LidarModel lidar = rig.lidar();
    if (lidar != null) {
      names.add(lidar.name());
    }
    for (String name : names) {
      Path data = folder.resolve(name).resolve("data");
      Files.createDirectories(data);
      folders.add(data);
      stamps.add(Files.newBufferedWriter(folder.resolve(name).resolve("timestamps.txt")));
    }
    written = new int[names.size()];
    RigFile.write(folder.resolve("rig.yaml"), rigName, rig);
    odometry = Files.newBufferedWriter(folder.resolve("odometry.csv"));
    odometry.write("stampNs,speedMps,yawRateRps,accelMps2,setSpeedMps\n");
  }

  /** One ego state; its stamp counts from 0 and is written as since 1970. */
  public void ego(EgoState state) throws IOException {
    odometry.write(
        String.format(
            Locale.ROOT,
            "%d,%.6f,%.6f,%.6f,%.6f%n",
            EPOCH_NS + state.stampNs(),
            state.speedMps(),
            state.yawRateRps(),
            state.accelMps2(),
            state.setSpeedMps()));
  }

  /**
   * One frame.
   *
   * @param sensor index in the rig, cameras first
   * @param stampNs from 0
   * @param payload RGB picture of the rig's size, or points of 16 bytes
   * @param bytes of it that count
   */
  public void frame(int sensor, long stampNs, MemorySegment payload, int bytes) throws IOException {
    Instant instant =
        Instant.ofEpochSecond(
            Math.floorDiv(EPOCH_NS + stampNs, 1_000_000_000L),
            Math.floorMod(EPOCH_NS + stampNs, 1_000_000_000L));
    stamps.get(sensor).write(STAMP.format(instant) + "\n");
    String number = String.format(Locale.ROOT, "%06d", written[sensor]++);
    if (sensor < rig.cameras().size()) {
      png(rig.cameras().get(sensor), payload, folders.get(sensor).resolve(number + ".png"));
    } else {
      sweep(payload, bytes, folders.get(sensor).resolve(number + ".bin"));
    }
  }

  private static void png(CameraModel camera, MemorySegment rgb, Path file) throws IOException {
    int pixels = camera.widthPx() * camera.heightPx();
    BufferedImage image =
        new BufferedImage(camera.widthPx(), camera.heightPx(), BufferedImage.TYPE_3BYTE_BGR);
    byte[] bgr = ((DataBufferByte) image.getRaster().getDataBuffer()).getData();
    for (int i = 0; i < pixels; i++) {
      bgr[3 * i] = rgb.get(ValueLayout.JAVA_BYTE, 3L * i + 2);
      bgr[3 * i + 1] = rgb.get(ValueLayout.JAVA_BYTE, 3L * i + 1);
      bgr[3 * i + 2] = rgb.get(ValueLayout.JAVA_BYTE, 3L * i);
    }
    ByteArrayOutputStream bytes = new ByteArrayOutputStream(1 << 16);
    try (MemoryCacheImageOutputStream out = new MemoryCacheImageOutputStream(bytes)) {
      ImageIO.write(image, "png", out);
    }
    Files.write(file, bytes.toByteArray());
  }

  private static void sweep(MemorySegment points, int bytes, Path file) throws IOException {
    try (FileChannel channel =
        FileChannel.open(
            file,
            StandardOpenOption.CREATE,
            StandardOpenOption.WRITE,
            StandardOpenOption.TRUNCATE_EXISTING)) {
      ByteBuffer buffer = points.asSlice(0, bytes).asByteBuffer();
      while (buffer.hasRemaining()) {
        channel.write(buffer);
      }
    }
  }

  @Override
  public void close() throws IOException {
    IOException first = null;
    List<Writer> all = new ArrayList<>(stamps);
    all.add(odometry);
    for (Writer writer : all) {
      try {
        writer.close();
      } catch (IOException e) {
        first = first == null ? e : first;
      }
    }
    if (first != null) {
      throw first;
    }
  }
}
