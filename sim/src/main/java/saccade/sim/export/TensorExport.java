package saccade.sim.export;

import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.FileChannel;
import java.nio.file.AccessDeniedException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.SplittableRandom;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.ToDoubleFunction;
import saccade.kernels.geometry.CameraModel;
import saccade.kernels.geometry.Rig;
import saccade.sim.traffic.Ego;
import saccade.sim.traffic.RandomDrive;
import saccade.sim.truth.Expert;
import saccade.sim.truth.Plan;

/**
 * Writes labelled sequences of frames as raw little-endian tensors, one row a frame, frames of a
 * sequence 0.1 s apart. Every sequence has a seed of its own, so the files do not depend on the
 * number of threads.
 *
 * <pre>
 * images.u8     [rows, 2, 128, 224, 3]  RGB
 * paint.f32     [rows, 2, 112, 3]       LiDAR ranges on patches
 * bev.f32       [rows, 24, 192]         LiDAR pillars
 * ego.f32       [rows, 4]               speed / 15, yaw rate / 0.5, set speed / 15, acceleration / 5
 * rays.f32      [2, 28, 6]              constants of the rig
 * action.f32    [rows, 20]              expert: 10 accelerations (m/s^2), 10 curvatures (1/m)
 * labels.i32    [rows, 13]              maneuver, scenario kind, 11 facts (-1: skipped)
 * dense.u8      [rows, 2, 112]          class of each patch
 * depth.f32     [rows, 2, 112]          metres to the nearest object in the patch, 0: none
 * occupancy.u8  [rows, 24]              a car or pedestrian stands in the bird's-eye token
 * </pre>
 */
public final class TensorExport {
  private static final int LAYOUT = 1;
  private static final double FRAME_S = 0.1;
  private static final int FRAME_STEPS = 10;
  private static final int TRIES = 14;

  private static final String META = "meta.json";

  private static final String[] FILES = {
    "images.u8",
    "paint.f32",
    "bev.f32",
    "ego.f32",
    "action.f32",
    "labels.i32",
    "dense.u8",
    "depth.f32",
    "occupancy.u8"
  };

  private static final long ROW_BYTES =
      (long) FrameTensors.IMAGES_ROW
          + FrameTensors.PAINT_ROW
          + FrameTensors.BEV_ROW
          + FrameTensors.EGO_ROW
          + FrameTensors.ACTION_ROW
          + FrameTensors.LABELS_ROW
          + FrameTensors.DENSE_ROW
          + FrameTensors.DEPTH_ROW
          + FrameTensors.OCCUPANCY_ROW;

  /** Which states are sampled. */
  public enum Mix {
    /** Everything, so that braking, keeping and accelerating are about as frequent. */
    WIDE,
    /** Cruising, and in 60 % an obstacle all of a sudden. */
    SUDDEN,
    /** On the way to a stop at a red light or a standing car, close and late states too. */
    APPROACH
  }

  private TensorExport() {}

  /** Exports {@link Mix#WIDE} states. */
  public static int run(
      Path out, int sequences, int frames, long seed, int threads, ProgressSink sink)
      throws IOException {
    return run(out, Mix.WIDE, sequences, frames, seed, threads, sink);
  }

  /**
   * Exports with the shipped two-camera rig. {@code meta.json} is written last: a directory without
   * it holds an export that broke off.
   *
   * @param out directory; made when missing, files in it are overwritten
   * @param mix which states
   * @param sequences how many, 1..10 000 000
   * @param frames of each, 1..64
   * @param threads 1..16
   * @return rows written
   * @throws IOException when the directory or a file cannot be written, or has too little room; the
   *     message says which and why
   * @throws IllegalArgumentException when a number is out of range
   */
  public static int run(
      Path out, Mix mix, int sequences, int frames, long seed, int threads, ProgressSink sink)
      throws IOException {
    check("sequences", sequences, 1, 10_000_000);
    check("frames", frames, 1, 64);
    check("threads", threads, 1, 16);
    Rig rig = Rig.twoCamera();
    Path at = out;
    List<FileChannel> channels = new ArrayList<>();
    try {
      Files.createDirectories(out);
      checkRoom(out, (long) sequences * frames * ROW_BYTES);
      at = out.resolve(META);
      Files.deleteIfExists(at);
      try {
        for (String file : FILES) {
          at = out.resolve(file);
          channels.add(
              FileChannel.open(
                  at,
                  StandardOpenOption.CREATE,
                  StandardOpenOption.WRITE,
                  StandardOpenOption.TRUNCATE_EXISTING));
        }
        at = out;
        work(channels, rig, mix, sequences, frames, seed, threads, sink);
      } finally {
        for (FileChannel channel : channels) {
          channel.close();
        }
      }
      at = out.resolve("rays.f32");
      writeRays(at, rig);
      at = out.resolve(META);
      Files.writeString(at, meta(rig, mix, sequences, frames, seed));
    } catch (IOException e) {
      throw new IOException("cannot write " + at + ": " + why(e), e);
    }
    return sequences * frames;
  }

  private static String why(IOException e) {
    return switch (e) {
      case AccessDeniedException denied -> "permission denied";
      case FileAlreadyExistsException inTheWay ->
          inTheWay.getFile() + " is there already and is no directory";
      default -> String.valueOf(e.getMessage());
    };
  }

  /** Some file systems do not know their room and say 0; there the first full write tells. */
  private static void checkRoom(Path out, long wantedBytes) throws IOException {
    long room = Files.getFileStore(out).getUsableSpace();
    if (room == 0) {
      return;
    }
    for (String file : FILES) {
      Path old = out.resolve(file);
      room += Files.isRegularFile(old) ? Files.size(old) : 0;
    }
    if (room < wantedBytes) {
      throw new IOException(
          "found room for %d MB, wanted %d MB; make room, or choose another directory or fewer sequences"
              .formatted(room / 1_000_000, wantedBytes / 1_000_000));
    }
  }

  private static void check(String what, int value, int least, int most) {
    if (value < least || value > most) {
      throw new IllegalArgumentException(what + " " + value + ": wanted " + least + ".." + most);
    }
  }

  private static void work(
      List<FileChannel> channels,
      Rig rig,
      Mix mix,
      int sequences,
      int frames,
      long seed,
      int threads,
      ProgressSink sink)
      throws IOException {
    AtomicInteger next = new AtomicInteger();
    AtomicInteger done = new AtomicInteger();
    AtomicReference<Throwable> failure = new AtomicReference<>();
    Runnable job =
        () -> {
          try (Arena arena = Arena.ofConfined()) {
            FrameTensors tensors = new FrameTensors(rig, frames, arena);
            Expert expert = new Expert();
            int i;
            while ((i = next.getAndIncrement()) < sequences && failure.get() == null) {
              long own = mix(mix(seed) + i);
              switch (mix) {
                case WIDE -> wide(tensors, expert, frames, own);
                case SUDDEN -> sudden(tensors, frames, own);
                case APPROACH -> approach(tensors, frames, own);
              }
              write(channels, tensors, i);
              synchronized (done) {
                sink.progress(done.incrementAndGet(), sequences);
              }
            }
          } catch (IOException | RuntimeException | Error e) {
            failure.compareAndSet(null, e);
          }
        };
    List<Thread> workers = new ArrayList<>();
    for (int t = 0; t < threads; t++) {
      workers.add(Thread.ofPlatform().name("export-" + t).start(job));
    }
    boolean interrupted = false;
    for (Thread worker : workers) {
      while (true) {
        try {
          worker.join();
          break;
        } catch (InterruptedException e) {
          interrupted = true;
          failure.compareAndSet(null, new IOException("interrupted"));
        }
      }
    }
    if (interrupted) {
      Thread.currentThread().interrupt();
    }
    switch (failure.get()) {
      case null -> {}
      case IOException e -> throw e;
      case Throwable e ->
          throw new IllegalStateException(
              "export stopped after " + done.get() + " of " + sequences + " sequences", e);
    }
  }

  private static void write(List<FileChannel> channels, FrameTensors tensors, int sequence)
      throws IOException {
    MemorySegment[] parts = {
      tensors.images,
      tensors.paint,
      tensors.bev,
      tensors.ego,
      tensors.action,
      tensors.labels,
      tensors.dense,
      tensors.depth,
      tensors.occupancy
    };
    for (int i = 0; i < parts.length; i++) {
      ByteBuffer bytes = parts[i].asByteBuffer();
      long at = (long) sequence * bytes.remaining();
      try {
        while (bytes.hasRemaining()) {
          at += channels.get(i).write(bytes, at);
        }
      } catch (IOException e) {
        throw new IOException(FILES[i] + ": " + e.getMessage(), e);
      }
    }
  }

  /** One sequence: a start state, then the expert drives, undisturbed or not. */
  private static void wide(FrameTensors tensors, Expert expert, int frames, long seed) {
    SplittableRandom random = new SplittableRandom(seed);
    double wanted = random.nextDouble();
    Plan.Maneuver maneuver =
        wanted < 0.38
            ? Plan.Maneuver.BRAKE
            : wanted < 0.69 ? Plan.Maneuver.KEEP : Plan.Maneuver.ACCELERATE;
    RandomDrive drive = RandomDrive.forFrames(random.nextLong(), frames);
    for (int i = 1; i < TRIES; i++) {
      if (expert.plan(drive.world, drive.ego, drive.setSpeedMps).maneuver() == maneuver) {
        break;
      }
      drive = RandomDrive.forFrames(random.nextLong(), frames);
    }
    double mode = random.nextDouble();
    double bias = mode < 0.35 ? 0 : random.nextDouble(-3, 3);
    boolean blind = mode > 0.65;
    double held = random.nextDouble(-5, 2.5);
    double curvatureBias = mode < 0.3 ? 0 : random.nextDouble(-0.02, 0.02);
    drive(tensors, drive, frames, plan -> blind ? held : plan.accelMps2()[0] + bias, curvatureBias);
  }

  /** One sequence: cruising; half of the drives go on as if nothing had appeared. */
  private static void sudden(FrameTensors tensors, int frames, long seed) {
    SplittableRandom random = new SplittableRandom(seed);
    RandomDrive drive = RandomDrive.suddenly(random.nextLong(), frames);
    boolean blind = random.nextBoolean();
    double held = random.nextDouble(-0.6, 0.6);
    drive(
        tensors,
        drive,
        frames,
        plan -> blind ? held : plan.accelMps2()[0],
        random.nextDouble(-0.003, 0.003));
  }

  /** One sequence: on the way to a stop, braking as the expert does or less. */
  private static void approach(FrameTensors tensors, int frames, long seed) {
    SplittableRandom random = new SplittableRandom(seed);
    RandomDrive drive = RandomDrive.approaching(random.nextLong(), frames);
    double share = random.nextDouble() < 0.4 ? 1 : random.nextDouble(0.3, 1.1);
    drive(
        tensors,
        drive,
        frames,
        plan -> share * plan.accelMps2()[0],
        random.nextDouble(-0.003, 0.003));
  }

  /** Writes the frames of a sequence while the ego does what `accel` makes of the expert's plan. */
  private static void drive(
      FrameTensors tensors,
      RandomDrive drive,
      int frames,
      ToDoubleFunction<Plan> accel,
      double curvatureBias) {
    Ego ego = drive.ego;
    for (int frame = 0; frame < frames; frame++) {
      Plan plan = tensors.write(frame, drive.world, ego, drive.setSpeedMps, drive.kind.ordinal());
      ego.command(accel.applyAsDouble(plan), plan.curvature1pm()[0] + curvatureBias);
      for (int i = 0; i < FRAME_STEPS; i++) {
        ego.step(FRAME_S / FRAME_STEPS);
        drive.world.step(FRAME_S / FRAME_STEPS, ego);
      }
    }
  }

  /**
   * Spreads the bits of a seed (Stafford's variant 13 of the 64-bit finaliser, as in
   * SplittableRandom).
   */
  private static long mix(long z) {
    z += 0x9E3779B97F4A7C15L;
    z = (z ^ z >>> 30) * 0xBF58476D1CE4E5B9L;
    z = (z ^ z >>> 27) * 0x94D049BB133111EBL;
    return z ^ z >>> 31;
  }

  private static void writeRays(Path file, Rig rig) throws IOException {
    float[] rays = FrameTensors.rays(rig);
    ByteBuffer bytes = ByteBuffer.allocate(rays.length * 4).order(ByteOrder.LITTLE_ENDIAN);
    for (float value : rays) {
      bytes.putFloat(value);
    }
    Files.write(file, bytes.array());
  }

  private static String meta(Rig rig, Mix mix, int sequences, int frames, long seed) {
    StringBuilder cameras = new StringBuilder();
    for (CameraModel camera : rig.cameras()) {
      cameras.append(cameras.isEmpty() ? "" : ", ").append('"').append(camera.name()).append('"');
    }
    return """
        {"rows": %d, "sequences": %d, "frames": %d, "seed": %d, "mix": "%s", "rig": {"name": "two-camera", "cameras": [%s], \
        "lidar": "lidar_top"}, "commit": "%s", "versions": {"layout": %d, "java": "%s"}}
        """
        .formatted(
            sequences * frames,
            sequences,
            frames,
            seed,
            mix.name().toLowerCase(Locale.ROOT),
            cameras,
            System.getProperty("saccade.commit", "unknown"),
            LAYOUT,
            System.getProperty("java.version"));
  }
}
