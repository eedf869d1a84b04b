package saccade.sim.export;

import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.ByteBuffer;
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
import org.jspecify.annotations.Nullable;
import saccade.kernels.motion.Standstill;
import saccade.sim.truth.Plan;
import saccade.sim.truth.RecordedDrive;

/**
 * Writes labelled sequences of frames as raw little-endian tensors, one row a frame, frames of a
 * sequence 0.1 s apart; each sequence has a rig of its own. Every sequence has a seed of its own,
 * so the files do not depend on the number of threads. The i-th camera of a rig takes place i;
 * places without a camera are all 0.
 *
 * <pre>
 * images.u8     [rows, 6, 128, 224, 3]  RGB
 * paint.f32     [rows, 6, 112, 3]       LiDAR ranges on patches
 * bev.f32       [rows, 36, 192]         LiDAR pillars
 * ego.f32       [rows, 6]               speed / 15, yaw rate / 0.5, set speed / 15, acceleration / 5,
 *                                       stood / 3, driven since / 20, see {@link Standstill}
 * action.f32    [rows, 20]              expert: 10 accelerations (m/s^2), 10 curvatures (1/m)
 * labels.i32    [rows, 20]              maneuver, scenario kind, 18 facts (-1: skipped)
 * dense.u8      [rows, 6, 112]          class of each patch, see {@link PatchClass}
 * depth.f32     [rows, 6, 112]          metres to the nearest object in the patch, 0: none
 * occupancy.u8  [rows, 36]              something that moves, or a cone, stands in the token
 * rays.f32      [sequences, 6, 28, 6]   ray and place of each camera token
 * places.u8     [sequences, 6]          1: there is a camera
 * </pre>
 */
public final class TensorExport {
  /** 2: ego.f32 had four columns, and no file said so. */
  private static final int LAYOUT = 3;

  private static final double FRAME_S = 0.1;
  private static final int FRAME_STEPS = 10;

  private static final String SHAPE = "layout.json";
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
    "occupancy.u8",
    "rays.f32",
    "places.u8"
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

  private static final long SEQUENCE_BYTES = FrameTensors.RAYS_BYTES + FrameTensors.PLACES_BYTES;

  /** Which states are sampled. */
  public enum Mix {
    /** Everything, so that braking, keeping and accelerating are about as frequent. */
    WIDE,
    /** Cruising, and in 60 % an obstacle all of a sudden. */
    SUDDEN,
    /**
     * On the way to a stop at a red light or a standing car, close and late states too; in a fifth,
     * standing at a stop sign or just leaving it.
     */
    APPROACH,
    /** Others beside, behind, across and cutting in. */
    TRAFFIC,
    /**
     * The middle of a scenario, the two kept for judging apart, after a driver's mistakes; in one
     * of twelve, within 1.8 s of coming to a stand at a stop sign, or of driving on from there; in
     * another one of twelve, of a stand without a reason before a lane that cones close.
     */
    STORIES,
    /**
     * States of drives that were recorded with a model at the wheel, rather those in which it did
     * something else than the expert would; see {@link RecordedDrive}.
     */
    DRIVEN
  }

  /** Which sensors. */
  public enum Rigs {
    /** The shipped six-camera rig with the errors of mounting it. */
    SHIPPED,
    /** 1 to 6 cameras and a LiDAR of any kind, drawn anew for each sequence. */
    RANDOM,
    /** Half of the sequences as {@link #SHIPPED}, half as {@link #RANDOM}. */
    BOTH
  }

  private TensorExport() {}

  /**
   * What to export.
   *
   * @param mix which states
   * @param rigs which sensors
   * @param sequences how many, 1..10 000 000
   * @param frames of each, 1..64
   * @param drives file of recorded drives that {@link Mix#DRIVEN} draws from; null: any other mix
   */
  public record Order(
      Mix mix, Rigs rigs, int sequences, int frames, long seed, @Nullable Path drives) {
    public Order {
      check("sequences", sequences, 1, 10_000_000);
      check("frames", frames, 1, 64);
      if ((drives == null) == (mix == Mix.DRIVEN)) {
        throw new IllegalArgumentException(
            "mix "
                + mix
                + (drives == null ? " without" : " with")
                + " a file of recorded drives: wanted one for DRIVEN, and for that alone");
      }
    }

    /** Every mix but {@link Mix#DRIVEN}. */
    public Order(Mix mix, Rigs rigs, int sequences, int frames, long seed) {
      this(mix, rigs, sequences, frames, seed, null);
    }

    /** {@link Mix#WIDE} states seen by {@link Rigs#BOTH}. */
    public static Order wide(int sequences, int frames, long seed) {
      return new Order(Mix.WIDE, Rigs.BOTH, sequences, frames, seed);
    }

    int rows() {
      return sequences * frames;
    }
  }

  /**
   * Exports. {@code layout.json}, which names the layout and the columns of {@code ego.f32}, is
   * written first, {@code meta.json} last: a directory without it holds an export that is under way
   * or broke off. With one thread the files grow sequence by sequence, so what is whole of the
   * shortest file can be read meanwhile.
   *
   * @param out directory; made when missing, files in it are overwritten
   * @param threads 1..16
   * @return rows written
   * @throws IOException when the directory or a file cannot be written, or has too little room; the
   *     message says which and why
   * @throws IllegalArgumentException when a number is out of range, or the recorded drives are no
   *     use
   */
  public static int run(Path out, Order order, int threads, ProgressSink sink) throws IOException {
    check("threads", threads, 1, 16);
    Path drives = order.drives();
    List<RecordedDrive> recorded = drives == null ? List.of() : RecordedDrive.read(drives);
    Path at = out;
    List<FileChannel> channels = new ArrayList<>();
    try {
      Files.createDirectories(out);
      checkRoom(out, (long) order.sequences() * (order.frames() * ROW_BYTES + SEQUENCE_BYTES));
      at = out.resolve(META);
      Files.deleteIfExists(at);
      at = out.resolve(SHAPE);
      Files.writeString(
          at,
          """
          {"layout": %d, "ego": ["speed", "yawRate", "setSpeed", "acceleration", "stood", "driven"]}
          """
              .formatted(LAYOUT));
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
        work(channels, order, recorded, threads, sink);
      } finally {
        for (FileChannel channel : channels) {
          channel.close();
        }
      }
      at = out.resolve(META);
      Files.writeString(at, meta(order));
    } catch (IOException e) {
      throw new IOException("cannot write " + at + ": " + why(e), e);
    }
    return order.rows();
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
      Order order,
      List<RecordedDrive> recorded,
      int threads,
      ProgressSink sink)
      throws IOException {
    int sequences = order.sequences();
    AtomicInteger next = new AtomicInteger();
    AtomicInteger done = new AtomicInteger();
    AtomicReference<Throwable> failure = new AtomicReference<>();
    Runnable job =
        () -> {
          try (Arena arena = Arena.ofConfined()) {
            FrameTensors tensors = new FrameTensors(order.frames(), arena);
            Drives drives = new Drives(recorded);
            int i;
            while ((i = next.getAndIncrement()) < sequences && failure.get() == null) {
              long own = mix(mix(order.seed()) + i);
              tensors.mount(rig(order.rigs(), new SplittableRandom(mix(own))));
              drive(tensors, drives.draw(order.mix(), own, order.frames()), order.frames());
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
      case IllegalArgumentException e -> throw e; // recorded drives that are too short
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
      tensors.occupancy,
      tensors.rays,
      tensors.places
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

  private static RigDraw rig(Rigs rigs, SplittableRandom random) {
    boolean shipped =
        switch (rigs) {
          case SHIPPED -> true;
          case RANDOM -> false;
          case BOTH -> random.nextBoolean();
        };
    return shipped ? RigDraw.shipped(random) : RigDraw.random(random);
  }

  private static void drive(FrameTensors tensors, Drive drive, int frames) {
    for (int frame = 0; frame < frames; frame++) {
      Plan plan = tensors.write(frame, drive);
      drive.steering().steer(frame, plan, drive.ego());
      for (int i = 0; i < FRAME_STEPS; i++) {
        drive.ego().step(FRAME_S / FRAME_STEPS);
        drive.world().step(FRAME_S / FRAME_STEPS, drive.ego());
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

  private static String meta(Order order) {
    return """
        {"rows": %d, "sequences": %d, "frames": %d, "seed": %d, "mix": "%s", "rigs": "%s", "commit": "%s", \
        "versions": {"layout": %d, "java": "%s"}}
        """
        .formatted(
            order.rows(),
            order.sequences(),
            order.frames(),
            order.seed(),
            order.mix().name().toLowerCase(Locale.ROOT),
            order.rigs().name().toLowerCase(Locale.ROOT),
            System.getProperty("saccade.commit", "unknown"),
            LAYOUT,
            System.getProperty("java.version"));
  }
}
