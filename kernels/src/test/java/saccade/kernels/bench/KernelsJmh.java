package saccade.kernels.bench;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.Random;
import java.util.concurrent.TimeUnit;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.Warmup;
import org.openjdk.jmh.runner.Runner;
import org.openjdk.jmh.runner.RunnerException;
import org.openjdk.jmh.runner.options.OptionsBuilder;
import saccade.kernels.attention.KvRows;
import saccade.kernels.attention.KvShape;
import saccade.kernels.attention.RotaryShift;
import saccade.kernels.attention.RotaryTable;
import saccade.kernels.geometry.CameraModel;
import saccade.kernels.geometry.Distortion;
import saccade.kernels.geometry.Pose;
import saccade.kernels.geometry.SweepTiming;
import saccade.kernels.image.PatchSpec;
import saccade.kernels.image.PatchVariance;
import saccade.kernels.image.PixelFormat;
import saccade.kernels.image.ResizePatchify;
import saccade.kernels.image.UndistortPatchify;
import saccade.kernels.lidar.Deskew;
import saccade.kernels.select.TokenMerge;
import saccade.kernels.select.TokenSimilarity;
import saccade.kernels.select.TopK;

/** Microseconds of each kernel at the shipped model's sizes; run {@link #main}. */
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.MICROSECONDS)
@Warmup(iterations = 3, time = 1)
@Measurement(iterations = 5, time = 1)
@Fork(1)
public class KernelsJmh {
  /** A picture of a camera, and where its patches go. */
  @State(Scope.Thread)
  public static class Picture {
    @Param({"BGR8", "RGB8", "BGRA8", "MONO8", "UYVY", "NV12"})
    PixelFormat format;

    @Param({"448x256", "640x480", "1600x900"})
    String size;

    final PatchSpec spec = PatchSpec.of(224, 128, 4, 0.5f, 0.25f);
    final MemorySegment patches = Arena.ofAuto().allocate(spec.patchesBytes(), 64);
    final float[] scores = new float[28];
    final PatchVariance variance = new PatchVariance(spec, 4, 7);
    MemorySegment pixels = MemorySegment.NULL;
    long stride;
    ResizePatchify resize;
    UndistortPatchify undistort;

    @Setup
    public void prepare() {
      int width = Integer.parseInt(size.substring(0, size.indexOf('x')));
      int height = Integer.parseInt(size.substring(size.indexOf('x') + 1));
      stride = format.rowBytes(width);
      byte[] noise = new byte[(int) format.pictureBytes(width, height, stride)];
      new Random(1).nextBytes(noise);
      pixels = Arena.ofAuto().allocate(noise.length, 64);
      pixels.copyFrom(MemorySegment.ofArray(noise));
      resize = new ResizePatchify(width, height, format, spec);
      double f = 0.6 * width;
      CameraModel lens =
          new CameraModel(
              "lens", width, height, f, f, width / 2.0, height / 2.0, Pose.of(0, 0, 0, 0, 0, 0));
      undistort =
          new UndistortPatchify(
              lens, Distortion.of("plumb_bob", -0.3, 0.1, 0.001, -0.001), lens, format, spec);
    }
  }

  /** Tokens of a frame and a cache of the shipped model's size. */
  @State(Scope.Thread)
  public static class Tokens {
    final int count = 205;
    final int dim = 192;
    final float[] tokens = random(count * dim, 1);
    final float[] before = random(count * dim, 2);
    final float[] scores = random(count, 3);
    final int[] kept = new int[64];
    final int[] nearest = new int[count];
    final float[] similarity = new float[count];
    final float[] merged = new float[64 * dim];
    final TokenSimilarity similar = new TokenSimilarity(count, dim);
    final TokenMerge merge = new TokenMerge(64, dim);
    final KvShape shape = new KvShape(2, 896, 32);
    final MemorySegment keys = Arena.ofAuto().allocate(shape.bytes(), 64);
    final RotaryShift shift = new RotaryShift(new RotaryTable(16384, 32, 10000), shape);
    final int[] rows = new int[448];

    @Setup
    public void prepare() {
      TopK.ascending(scores, count, kept.length, kept);
      for (int i = 0; i < rows.length; i++) {
        rows[i] = 2 * i;
      }
    }

    static float[] random(int n, long seed) {
      Random random = new Random(seed);
      float[] values = new float[n];
      for (int i = 0; i < n; i++) {
        values[i] = (float) random.nextGaussian();
      }
      return values;
    }
  }

  /** A sweep of the simulator's LiDAR. */
  @State(Scope.Thread)
  public static class Sweep {
    final int count = 32 * 1024;
    final MemorySegment points = Arena.ofAuto().allocate(16L * count, 64);
    final MemorySegment straight = Arena.ofAuto().allocate(16L * count, 64);
    final Deskew deskew =
        new Deskew(Pose.of(1.2, 0, 1.9, 0, 0, 0), new SweepTiming(0.1, true, Math.PI, 0.5));

    @Setup
    public void prepare() {
      for (int i = 0; i < 4 * count; i++) {
        double value = 20 * Math.sin(i * (i % 4 + 1) * 1e-3);
        points.setAtIndex(ValueLayout.JAVA_FLOAT, i, (float) value);
      }
    }
  }

  @Benchmark
  public void resizePatchify(Picture p) {
    p.resize.patchify(p.pixels, p.stride, p.patches);
  }

  @Benchmark
  public void undistortPatchify(Picture p) {
    p.undistort.patchify(p.pixels, p.stride, p.patches);
  }

  @Benchmark
  public float[] patchVariance(Picture p) {
    p.variance.scores(p.patches, p.scores);
    return p.scores;
  }

  @Benchmark
  public float[] similarityOfPairs(Tokens t) {
    t.similar.pairs(t.tokens, t.before, t.count, t.similarity);
    return t.similarity;
  }

  @Benchmark
  public int[] similarityNearestOf64(Tokens t) {
    t.similar.nearest(t.tokens, t.count, t.kept, t.kept.length, t.nearest, t.similarity);
    return t.nearest;
  }

  @Benchmark
  public int mergeInto64(Tokens t) {
    return t.merge.into(t.tokens, t.count, t.nearest, t.similarity, -1f, 64, t.merged);
  }

  @Benchmark
  public void deskew(Sweep s) {
    s.deskew.correct(s.points, s.count, 0.02, 12, 0.2, s.straight);
  }

  @Benchmark
  public int topK(Tokens t) {
    return TopK.ascending(t.scores, t.count, t.kept.length, t.kept);
  }

  @Benchmark
  public void rotaryShift(Tokens t) {
    t.shift.rotate(t.keys, 0, 896, 256);
  }

  @Benchmark
  public void kvPackEveryOtherRow(Tokens t) {
    KvRows.pack(t.keys, t.shape, t.rows, t.rows.length, 0);
  }

  /**
   * Runs all of them.
   *
   * @param arguments a regular expression of the benchmarks to run; all without one
   */
  public static void main(String[] arguments) throws RunnerException {
    String which = arguments.length == 0 ? KernelsJmh.class.getSimpleName() : arguments[0];
    new Runner(new OptionsBuilder().include(which).build()).run();
  }
}
