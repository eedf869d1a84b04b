package saccade.hil.bench;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.lang.management.ManagementFactory;
import java.lang.management.ThreadMXBean;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Random;
import java.util.StringJoiner;
import java.util.stream.Collectors;
import org.bytedeco.javacpp.BytePointer;
import org.bytedeco.javacpp.DoublePointer;
import org.bytedeco.javacpp.IntPointer;
import org.bytedeco.opencv.global.opencv_calib3d;
import org.bytedeco.opencv.global.opencv_core;
import org.bytedeco.opencv.global.opencv_imgproc;
import org.bytedeco.opencv.opencv_core.Mat;
import org.bytedeco.opencv.opencv_core.MatVector;
import org.bytedeco.opencv.opencv_core.Size;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import saccade.hil.Measurement;
import saccade.hil.report.PairedRatio;
import saccade.hil.report.Progress;
import saccade.hil.report.Quantile;
import saccade.hil.report.Report;
import saccade.kernels.geometry.CameraModel;
import saccade.kernels.geometry.Distortion;
import saccade.kernels.geometry.Pose;
import saccade.kernels.image.PatchSpec;
import saccade.kernels.image.PixelFormat;
import saccade.kernels.image.ResizePatchify;
import saccade.kernels.image.UndistortPatchify;
import saccade.nodes.cli.BadInput;
import saccade.realtime.clock.NanoClock;

/**
 * {@code saccade bench kernels}: picture to patches beside OpenCV, one thread on both sides, in
 * interleaved pairs.
 *
 * <p>OpenCV's side is resize (INTER_AREA), putting the pixels in the order of patches and convertTo
 * (scale and shift); for the undistorting path, remap (INTER_LINEAR, fixed-point map) comes first.
 * There are several ways to that order, see {@link Reorder}; the quickest on this machine is the
 * rival, and all are reported. Its buffers are kept between calls, as ours are.
 */
@Command(
    name = "kernels",
    mixinStandardHelpOptions = true,
    description = "Resize + normalise + patchify, and with undistortion, beside OpenCV.")
public final class BenchKernels extends Measurement {
  private static final int[][] SIZES = {
    {1600, 900}, {1242, 375}, {1280, 720}, {640, 480}, {448, 256}
  };
  private static final int SUBSAMPLES = 16;
  private static final int WARM_PAIRS = 60;
  private static final int TRIES = 200;
  private static final long WARM_CPU_NS = 1_500_000_000L;

  @Option(
      names = "--pairs",
      paramLabel = "N",
      description = "Interleaved pairs a size; default 200, with --quick 40.")
  private int pairs;

  @Option(
      names = "--size",
      paramLabel = "WxH",
      description = "One size alone, e.g. 448x256; default: all.")
  private String only = "";

  /** Filled by picocli. */
  public BenchKernels() {}

  /**
   * Ways of OpenCV's from rows of pixels to patches: lines of 12 bytes (four pixels) change places.
   * They all give the same floats.
   */
  private enum Reorder {
    /** merge of four views, each every fourth row, on bytes; then convertTo of all at once. */
    MERGE("merge"),
    /** transpose of each row of patches, on bytes; then convertTo. */
    TRANSPOSE("transpose"),
    /** transposeND of a view of four dimensions, on bytes; then convertTo. */
    TRANSPOSE_ND("transposeND"),
    /** convertTo, then copies of lines of floats by Java. */
    COPIES("copies by Java");

    final String words;

    Reorder(String words) {
      this.words = words;
    }

    String figure() {
      return name().toLowerCase(Locale.ROOT);
    }
  }

  /** One picture, both sides' buffers, and what each side does with it. */
  private static final class Sides {
    final PatchSpec spec = PatchSpec.of(224, 128, 4, 0.5f, 0.25f);
    final int width;
    final int height;
    final MemorySegment pixels;
    final MemorySegment patches;
    final CameraModel lens;
    final Distortion bend;
    final ResizePatchify resize;
    final UndistortPatchify undistort;

    final Mat source;
    final Mat straight = new Mat();
    final Mat small;
    final Mat[] smallLines; // (patch rows) 4 x 56 lines of 12 bytes
    final Mat[] packedLines; // (patch rows) 56 x 4
    final MatVector everyFourth; // (4) 32 x 56 lines of 12 bytes
    final Mat smallNd; // 32 x 4 x 56 x 12 bytes
    final Mat packedNd; // 32 x 56 x 4 x 12
    final IntPointer swapped = new IntPointer(0, 2, 1, 3);
    final Mat packed; // 32 x 56 patches of 48 bytes
    final Mat packedBytes; // the same as one row of bytes
    final Mat patchFloats; // reordered, as one row
    Reorder way = Reorder.COPIES;
    final Mat floats = new Mat();
    final Mat mapXy = new Mat();
    final Mat mapPart = new Mat();
    final Size smallSize = new Size(224, 128);
    final MemorySegment reordered;

    Sides(Arena arena, int width, int height) {
      this.width = width;
      this.height = height;
      pixels = arena.allocate(3L * width * height, 64);
      picture(pixels, width, height);
      patches = arena.allocate(spec.patchesBytes(), 64);
      reordered = arena.allocate(spec.patchesBytes(), 64);
      double f = 0.6 * width;
      lens =
          new CameraModel(
              "lens", width, height, f, f, width / 2.0, height / 2.0, Pose.of(0, 0, 0, 0, 0, 0));
      double[] k = {-0.3, 0.1, 0.001, -0.001, 0};
      resize = new ResizePatchify(width, height, PixelFormat.BGR8, spec);
      bend = Distortion.of("plumb_bob", k);
      undistort = new UndistortPatchify(lens, bend, lens, PixelFormat.BGR8, spec);
      int side = spec.patchPx();
      int rows = spec.patchRows();
      int cols = spec.patchCols();
      int line = 3 * side; // bytes of a patch's line
      if (line % Integer.BYTES != 0) {
        throw new IllegalStateException("lines of " + line + " bytes are no whole number of ints");
      }
      int lineType = opencv_core.CV_MAKETYPE(opencv_core.CV_32S, line / Integer.BYTES);
      small = new Mat(spec.heightPx(), spec.widthPx(), opencv_core.CV_8UC3);
      packed = new Mat(rows, cols, opencv_core.CV_MAKETYPE(opencv_core.CV_32S, side * line / 4));
      long row = small.step();
      smallLines = new Mat[rows];
      packedLines = new Mat[rows];
      for (int i = 0; i < rows; i++) {
        smallLines[i] = new Mat(side, cols, lineType, small.ptr(i * side), row);
        packedLines[i] = new Mat(cols, side, lineType, packed.ptr(i));
      }
      everyFourth = new MatVector(side);
      for (int i = 0; i < side; i++) {
        everyFourth.put(i, new Mat(rows, cols, lineType, small.ptr(i), side * row));
      }
      int bytes = rows * cols * side * line;
      smallNd = new Mat(4, new IntPointer(rows, side, cols, line), opencv_core.CV_8U, small.data());
      packedNd =
          new Mat(4, new IntPointer(rows, cols, side, line), opencv_core.CV_8U, packed.data());
      packedBytes = new Mat(1, bytes, opencv_core.CV_8U, packed.data());
      patchFloats =
          new Mat(1, bytes, opencv_core.CV_32F, new BytePointer(reordered.asByteBuffer()));
      source = new Mat(height, width, opencv_core.CV_8UC3);
      of(source.data(), 3L * width * height).copyFrom(pixels);
      // OpenCV counts pixel centres from 0, we from 0.5.
      double[] matrix = {f, 0, width / 2.0 - 0.5, 0, f, height / 2.0 - 0.5, 0, 0, 1};
      Mat camera = new Mat(3, 3, opencv_core.CV_64F);
      new DoublePointer(camera.data()).put(matrix, 0, matrix.length);
      Mat coefficients = new Mat(1, k.length, opencv_core.CV_64F);
      new DoublePointer(coefficients.data()).put(k, 0, k.length);
      opencv_calib3d.initUndistortRectifyMap(
          camera,
          coefficients,
          Mat.eye(3, 3, opencv_core.CV_64F).asMat(),
          camera,
          new Size(width, height),
          opencv_core.CV_16SC2,
          mapXy,
          mapPart);
    }

    /** Something like a street: soft areas, edges, a little noise. */
    private static void picture(MemorySegment pixels, int width, int height) {
      Random random = new Random(7);
      for (int v = 0; v < height; v++) {
        for (int u = 0; u < width; u++) {
          double x = (double) u / width;
          double y = (double) v / height;
          double soft = 110 + 60 * Math.sin(9 * x + 3 * y) + 30 * Math.cos(14 * y);
          boolean edge = ((int) (x * 24) + (int) (y * 14)) % 3 == 0;
          for (int c = 0; c < 3; c++) {
            double value = soft + (edge ? 40 - 30 * c : 0) + random.nextInt(9) - 4;
            pixels.set(
                ValueLayout.JAVA_BYTE,
                3L * (v * (long) width + u) + c,
                (byte) Math.clamp((long) value, 0, 255));
          }
        }
      }
    }

    private static MemorySegment of(BytePointer data, long bytes) {
      return MemorySegment.ofAddress(data.address()).reinterpret(bytes);
    }

    void ours(boolean lens) {
      if (lens) {
        undistort.patchify(pixels, 3L * width, patches);
      } else {
        resize.patchify(pixels, 3L * width, patches);
      }
    }

    void openCv(boolean lens) {
      Mat from = source;
      if (lens) {
        opencv_imgproc.remap(source, straight, mapXy, mapPart, opencv_imgproc.INTER_LINEAR);
        from = straight;
      }
      opencv_imgproc.resize(from, small, smallSize, 0, 0, opencv_imgproc.INTER_AREA);
      patches();
    }

    /** From the small picture to patches of floats, by the way chosen. */
    void patches() {
      switch (way) {
        case MERGE -> opencv_core.merge(everyFourth, packed);
        case TRANSPOSE -> {
          for (int i = 0; i < smallLines.length; i++) {
            opencv_core.transpose(smallLines[i], packedLines[i]);
          }
        }
        case TRANSPOSE_ND -> opencv_core.transposeND(smallNd, swapped, packedNd);
        case COPIES -> {
          small.convertTo(floats, opencv_core.CV_32FC3, 1 / 255.0 / 0.25, -2.0);
          reorder(of(floats.data(), spec.patchesBytes()));
          return;
        }
      }
      packedBytes.convertTo(patchFloats, opencv_core.CV_32F, 1 / 255.0 / 0.25, -2.0);
    }

    private void requireSame(float[] wanted, float[] found) {
      for (int i = 0; i < wanted.length; i++) {
        if (!(Math.abs(wanted[i] - found[i]) < 1e-5)) {
          throw new IllegalStateException(
              "OpenCV by %s: value %d: expected %s as by the others, found %s"
                  .formatted(way.words, i, wanted[i], found[i]));
        }
      }
    }

    /** Tries all ways by turns, takes the quickest and returns the medians, ms. */
    double[] choose(NanoClock clock) {
      Reorder[] ways = Reorder.values();
      double[][] ms = new double[ways.length][TRIES];
      opencv_imgproc.resize(source, small, smallSize, 0, 0, opencv_imgproc.INTER_AREA);
      float[] first = null;
      for (int i = -TRIES; i < TRIES; i++) { // the first half warms up
        for (int w = 0; w < ways.length; w++) {
          way = ways[w];
          long begun = clock.nanoTime();
          patches();
          if (i >= 0) {
            ms[w][i] = (clock.nanoTime() - begun) * 1e-6;
          } else if (i == -TRIES) {
            float[] found = reordered.toArray(ValueLayout.JAVA_FLOAT);
            first = first == null ? found : first;
            requireSame(first, found);
          }
        }
      }
      double[] medians = new double[ways.length];
      for (int w = 0; w < ways.length; w++) {
        medians[w] = Quantile.of(ms[w], 0.5);
        way = w == 0 || medians[w] < medians[way.ordinal()] ? ways[w] : way;
      }
      return medians;
    }

    /** Lines of patches, 12 floats each, to their places; blue first, as OpenCV has it. */
    private void reorder(MemorySegment rows) {
      int line = 3 * spec.patchPx() * Float.BYTES;
      for (int row = 0; row < spec.patchRows(); row++) {
        for (int py = 0; py < spec.patchPx(); py++) {
          long from = (long) (row * spec.patchPx() + py) * spec.patchCols() * line;
          long to = (long) row * spec.patchCols() * spec.patchFloats() * Float.BYTES;
          for (int col = 0; col < spec.patchCols(); col++) {
            MemorySegment.copy(
                rows,
                from + (long) col * line,
                reordered,
                to + (long) col * spec.patchFloats() * Float.BYTES + (long) py * line,
                line);
          }
        }
      }
    }

    /**
     * Ours and OpenCV's undistorted picture, both as they come at speed, beside the area of the
     * source that a model pixel covers through the lens, from {@code SUBSAMPLES} squared rays a
     * pixel in double arithmetic.
     *
     * @return mean and most of ours, mean and most of OpenCV's; grey levels
     */
    double[] fromExact() {
      ours(true);
      openCv(true);
      CameraModel seen = lens.scaledTo(spec.widthPx(), spec.heightPx());
      double[] xy = new double[2];
      double[] exact = new double[3];
      double[] result = new double[4];
      long values = 0;
      for (int v = 0; v < spec.heightPx(); v++) {
        for (int u = 0; u < spec.widthPx(); u++) {
          boolean whole = true;
          Arrays.fill(exact, 0);
          for (int i = 0; i < SUBSAMPLES * SUBSAMPLES && whole; i++) {
            double x = u + (i % SUBSAMPLES + 0.5) / SUBSAMPLES;
            int line = i / SUBSAMPLES;
            double y = v + (line + 0.5) / SUBSAMPLES;
            bend.distort((x - seen.cxPx()) / seen.fxPx(), (y - seen.cyPx()) / seen.fyPx(), xy);
            int column = (int) Math.floor(lens.fxPx() * xy[0] + lens.cxPx());
            int row = (int) Math.floor(lens.fyPx() * xy[1] + lens.cyPx());
            whole = column >= 0 && column < width && row >= 0 && row < height;
            for (int c = 0; c < 3 && whole; c++) {
              long at = 3L * ((long) row * width + column) + c;
              exact[2 - c] += pixels.get(ValueLayout.JAVA_BYTE, at) & 0xff;
            }
          }
          if (!whole) {
            continue;
          }
          int side = spec.patchPx();
          long patch = (long) (v / side) * spec.patchCols() + u / side;
          long pixel = patch * spec.patchFloats() + (v % side * side + u % side) * 3L;
          for (int c = 0; c < 3; c++) {
            double wanted = exact[c] / (SUBSAMPLES * SUBSAMPLES);
            double ours = level(patches, pixel + c) - wanted;
            double theirs = level(reordered, pixel + 2 - c) - wanted;
            result[0] += Math.abs(ours);
            result[1] = Math.max(result[1], Math.abs(ours));
            result[2] += Math.abs(theirs);
            result[3] = Math.max(result[3], Math.abs(theirs));
            values++;
          }
        }
      }
      result[0] /= values;
      result[2] /= values;
      return result;
    }

    private static double level(MemorySegment of, long index) {
      return (of.getAtIndex(ValueLayout.JAVA_FLOAT, index) * 0.25 + 0.5) * 255;
    }

    /**
     * How far our values are from OpenCV's arithmetic on floats, which rounds nothing; grey levels.
     *
     * @return mean and most
     */
    double[] apart(boolean lens) {
      ours(lens);
      Mat exact = new Mat();
      Mat from = source;
      if (lens) {
        opencv_imgproc.remap(source, straight, mapXy, mapPart, opencv_imgproc.INTER_LINEAR);
        from = straight;
      }
      from.convertTo(exact, opencv_core.CV_32FC3);
      Mat resized = new Mat();
      opencv_imgproc.resize(exact, resized, smallSize, 0, 0, opencv_imgproc.INTER_AREA);
      resized.convertTo(floats, opencv_core.CV_32FC3, 1 / 255.0 / 0.25, -2.0);
      reorder(of(floats.data(), spec.patchesBytes()));
      double sum = 0;
      double most = 0;
      long values = spec.patchesBytes() / Float.BYTES;
      for (long i = 0; i < values; i++) {
        long blueFirst = i - i % 3 + 2 - i % 3;
        double difference =
            Math.abs(
                    patches.getAtIndex(ValueLayout.JAVA_FLOAT, i)
                        - reordered.getAtIndex(ValueLayout.JAVA_FLOAT, blueFirst))
                * 0.25
                * 255;
        sum += difference;
        most = Math.max(most, difference);
      }
      return new double[] {sum / values, most};
    }
  }

  @Override
  protected Report measure(Progress progress) {
    int wanted = pairs > 0 ? pairs : quick() ? 40 : 200;
    if (wanted < PairedRatio.MIN_PAIRS) {
      throw new BadInput("--pairs: wanted " + PairedRatio.MIN_PAIRS + " or more, found " + wanted);
    }
    try {
      opencv_core.setNumThreads(1);
    } catch (LinkageError e) {
      throw new BadInput(
          "bench kernels: found no OpenCV to stand beside ("
              + e
              + "); wanted a run from the repository on linux-x86_64 or linux-arm64");
    }
    Report report = new Report("bench kernels");
    List<List<String>> rows = new ArrayList<>();
    rows.add(
        List.of(
            "picture",
            "path",
            "ours ms",
            "worst",
            "OpenCV ms",
            "worst",
            "times faster",
            "mean apart",
            "most apart"));
    NanoClock clock = NanoClock.system();
    for (int[] size : sizes()) {
      for (int path = 0; path < 2; path++) {
        boolean lens = path == 1;
        try (Arena arena = Arena.ofConfined()) {
          Sides sides = new Sides(arena, size[0], size[1]);
          race(sides, lens, wanted, clock, progress, report, rows);
        }
      }
    }
    return report
        .line("224x128 in patches of 4x4, one thread on both sides; apart in grey levels of 255")
        .table(rows)
        .figure("pairs", wanted, "a size and path");
  }

  private int[][] sizes() {
    if (only.isEmpty()) {
      return SIZES;
    }
    for (int[] size : SIZES) {
      if (only.equals(size[0] + "x" + size[1])) {
        return new int[][] {size};
      }
    }
    throw new BadInput(
        "--size: wanted one of "
            + Arrays.stream(SIZES).map(s -> s[0] + "x" + s[1]).collect(Collectors.joining(", "))
            + ", found "
            + only);
  }

  private static void race(
      Sides sides,
      boolean lens,
      int wanted,
      NanoClock clock,
      Progress progress,
      Report report,
      List<List<String>> rows) {
    String name = (lens ? "undistort_" : "resize_") + sides.width + "x" + sides.height;
    double[] ways = sides.choose(clock);
    StringJoiner words = new StringJoiner(", ");
    for (Reorder way : Reorder.values()) {
      words.add("%s %.3f ms".formatted(way.words, ways[way.ordinal()]));
      report.detail(name + "_opencv_" + way.figure() + "_ms", ways[way.ordinal()]);
    }
    report
        .line("%s: OpenCV's pixels to patches: %s".formatted(name, words))
        .fact(name + "_rival", sides.way.words);
    // Until the compiler is done with this size's paths, too; on a busy core that is a while.
    ThreadMXBean threads = ManagementFactory.getThreadMXBean();
    long warmUntilNs = threads.getCurrentThreadCpuTime() + WARM_CPU_NS;
    for (int i = 0; i < WARM_PAIRS || threads.getCurrentThreadCpuTime() < warmUntilNs; i++) {
      sides.ours(lens);
      sides.openCv(lens);
    }
    PairedRatio ratio = new PairedRatio();
    double[] oursMs = new double[wanted];
    double[] openCvMs = new double[wanted];
    for (int pair = 0; pair < wanted; pair++) {
      long start = clock.nanoTime();
      sides.openCv(lens);
      long first = clock.nanoTime();
      sides.ours(lens);
      long middle = clock.nanoTime();
      sides.openCv(lens);
      long end = clock.nanoTime();
      ratio.add((double) (first - start), (double) (middle - first), (double) (end - middle));
      oursMs[pair] = (middle - first) / 1e6;
      openCvMs[pair] = (first - start) / 1e6;
      progress.at(name + ", pairs", pair + 1, wanted);
    }
    double[] apart = sides.apart(lens);
    rows.add(
        List.of(
            sides.width + "x" + sides.height,
            lens ? "undistort" : "resize",
            Report.number(Quantile.of(oursMs, 0.5)),
            Report.number(Quantile.of(oursMs, 1)),
            Report.number(Quantile.of(openCvMs, 0.5)),
            Report.number(Quantile.of(openCvMs, 1)),
            Report.number(1 / ratio.median()),
            Report.number(apart[0]),
            Report.number(apart[1])));
    report
        .detail(name + "_ratio", ratio.median())
        .detail(name + "_noise", ratio.noise())
        .detail(name + "_ours_ms", Quantile.of(oursMs, 0.5))
        .detail(name + "_opencv_ms", Quantile.of(openCvMs, 0.5))
        .detail(name + "_mean_apart", apart[0])
        .detail(name + "_most_apart", apart[1]);
    if (lens) {
      double[] exact = sides.fromExact();
      report
          .detail(name + "_ours_from_exact_mean", exact[0])
          .detail(name + "_ours_from_exact_most", exact[1])
          .detail(name + "_opencv_from_exact_mean", exact[2])
          .detail(name + "_opencv_from_exact_most", exact[3])
          .line(
              "%s: from the exact area mean %.2f, most %.1f (ours), %.2f, %.1f (OpenCV)"
                  .formatted(name, exact[0], exact[1], exact[2], exact[3]));
    }
  }
}
