package saccade.perception;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Random;
import saccade.kernels.geometry.CameraModel;
import saccade.kernels.geometry.Rig;
import saccade.kernels.image.PixelFormat;
import saccade.perception.model.ModelPackage;

/**
 * A model package, the rig that fills all its camera places, and seeded sensor data for tests.
 * Package: the one named by SACCADE_TEST_MODEL, else the shipped one, whose absence is a failure.
 */
public final class TestSets {

  private static final ModelPackage MODEL = load();
  public static final Rig RIG = MODEL.camera().count() == 6 ? Rig.sixCamera() : Rig.twoCamera();

  /** Sensor tokens of a full set. */
  public static final int SENSORS = MODEL.slots().act();

  /** Tokens of one camera, of the LiDAR, and cameras of the rig. */
  public static final int CAMERA_TOKENS = MODEL.camera().tokens();

  public static final int LIDAR_TOKENS = MODEL.lidar().tokens();
  public static final int CAMERAS = RIG.cameras().size();
  private static final ValueLayout.OfFloat F32_LE =
      ValueLayout.JAVA_FLOAT_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);

  private final Random random;
  private final MemorySegment[] images;
  private final MemorySegment points;
  private final int pointCount;
  public final SetInput input = new SetInput(RIG.cameras().size());

  public TestSets(long seed) {
    this(seed, 2000);
  }

  public TestSets(long seed, int pointCount) {
    this.random = new Random(seed);
    this.pointCount = pointCount;
    images = new MemorySegment[RIG.cameras().size()];
    for (int i = 0; i < images.length; i++) {
      CameraModel camera = RIG.cameras().get(i);
      images[i] = Arena.ofAuto().allocate(3L * camera.widthPx() * camera.heightPx());
    }
    points = Arena.ofAuto().allocate(16L * pointCount);
  }

  public static ModelPackage model() {
    return MODEL;
  }

  private static ModelPackage load() {
    String named = System.getenv("SACCADE_TEST_MODEL");
    Path here = Path.of("models/saccade-nano");
    Path dir =
        named != null
            ? Path.of(named)
            : Files.isDirectory(here) ? here : Path.of("perception-mllm").resolve(here);
    try {
      return ModelPackage.load(dir);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** Next set: random ramps as pictures, points on two boxes ahead and some ground. */
  public SetInput next() {
    input.clear();
    for (int i = 0; i < images.length; i++) {
      CameraModel camera = RIG.cameras().get(i);
      int width = camera.widthPx();
      byte[] row = new byte[3 * width];
      int phase = random.nextInt(256);
      for (int y = 0; y < camera.heightPx(); y++) {
        int noise = random.nextInt(32);
        for (int b = 0; b < row.length; b++) {
          int ramp = (b * (1 + b % 3) / 4 + 2 * y + phase) & 511;
          row[b] = (byte) (Math.min(ramp, 511 - ramp) * 7 / 8 + (b * noise & 15));
        }
        MemorySegment.copy(
            row, 0, images[i], ValueLayout.JAVA_BYTE, (long) y * row.length, row.length);
      }
      input.camera(i, images[i], width, camera.heightPx(), 3L * width, PixelFormat.RGB8);
    }
    for (int p = 0; p < pointCount; p++) {
      boolean ground = p % 3 == 0;
      point(
          p,
          ground ? 3 + random.nextFloat() * 40 : (p % 2 == 0 ? 12 : 25) + random.nextFloat(),
          random.nextFloat() * 6 - 3,
          ground ? -1.9f : -random.nextFloat() * 1.5f);
    }
    input.lidar(points, pointCount);
    input.ego(5 + random.nextDouble(), 0.01, 10, 0.2);
    input.capture(random.nextLong());
    return input;
  }

  public void point(int index, float x, float y, float z) {
    points.set(F32_LE, 16L * index, x);
    points.set(F32_LE, 16L * index + 4, y);
    points.set(F32_LE, 16L * index + 8, z);
    points.set(F32_LE, 16L * index + 12, 0.5f);
  }

  public MemorySegment image(int camera) {
    return images[camera];
  }

  public MemorySegment points() {
    return points;
  }

  public int pointCount() {
    return pointCount;
  }
}
