package saccade.hil.soak;

import java.util.ArrayList;
import java.util.List;
import java.util.function.ToDoubleFunction;

/**
 * What was there after so many frames.
 *
 * @param process number of the process, from 0; a resumed run has several
 * @param frames sensor frames so far, over all processes
 * @param heapBytes live after a collection
 * @param residentBytes of the process
 * @param handles open files, sockets and tensors
 * @param threads of the virtual machine
 * @param kvBytes memory of the model's streams
 * @param kvRows rows in their windows
 * @param meanAgeNs of the messages since the sample before
 * @param cpuNsPerSet processor time of a set since the sample before
 * @param mallocBytes given out by the C library and not got back; -1 = it does not say
 * @param undecided messages since the sample before whose action the model did not decide
 */
record SoakSample(
    int process,
    long frames,
    double heapBytes,
    double residentBytes,
    double handles,
    double threads,
    double kvBytes,
    double kvRows,
    double meanAgeNs,
    double cpuNsPerSet,
    double mallocBytes,
    long undecided) {
  private static final int CELLS = 12;

  String line() {
    return String.join(
        "\t",
        Integer.toString(process),
        Long.toString(frames),
        Double.toString(heapBytes),
        Double.toString(residentBytes),
        Double.toString(handles),
        Double.toString(threads),
        Double.toString(kvBytes),
        Double.toString(kvRows),
        Double.toString(meanAgeNs),
        Double.toString(cpuNsPerSet),
        Double.toString(mallocBytes),
        Long.toString(undecided));
  }

  /**
   * A line of the checkpoint.
   *
   * @throws IllegalArgumentException when it is none
   */
  static SoakSample of(String line) {
    String[] f = line.split("\t", -1);
    if (f.length != CELLS) {
      throw new IllegalArgumentException(
          "wanted " + CELLS + " columns, found " + f.length + ": " + line);
    }
    return new SoakSample(
        Integer.parseInt(f[0]),
        Long.parseLong(f[1]),
        Double.parseDouble(f[2]),
        Double.parseDouble(f[3]),
        Double.parseDouble(f[4]),
        Double.parseDouble(f[5]),
        Double.parseDouble(f[6]),
        Double.parseDouble(f[7]),
        Double.parseDouble(f[8]),
        Double.parseDouble(f[9]),
        Double.parseDouble(f[10]),
        Long.parseLong(f[11]));
  }

  /**
   * Samples that count: of each process those behind its first {@code warmFrames}, in which code is
   * compiled and buffers find their size. A process that was killed too soon for three of them says
   * nothing about growth and is left out.
   *
   * @param warmFrames a tenth of the whole run
   */
  static List<List<SoakSample>> settled(List<SoakSample> all, long warmFrames) {
    List<List<SoakSample>> parts = new ArrayList<>();
    int last = all.isEmpty() ? -1 : all.getLast().process;
    long beganAt = 0;
    for (int process = 0; process <= last; process++) {
      int number = process;
      long from = beganAt + warmFrames;
      List<SoakSample> own = all.stream().filter(s -> s.process == number).toList();
      if (own.isEmpty()) {
        continue;
      }
      beganAt = own.getLast().frames;
      List<SoakSample> kept = own.stream().filter(s -> s.frames >= from).toList();
      if (kept.size() >= 3) {
        parts.add(kept);
      }
    }
    return parts;
  }

  /**
   * Frames of the settled parts; growth is said of as many as would have been left of one process.
   */
  static long frames(List<List<SoakSample>> parts) {
    return parts.stream().mapToLong(part -> part.getLast().frames - part.getFirst().frames).sum();
  }

  /**
   * Growth over so many frames, in percent of the mean: one slope of least squares for all
   * processes, each at a level of its own, so that neither a restart nor the noise of a short
   * process is taken for growth, and a leak shows in every one of them.
   *
   * @param overFrames what the slope is multiplied with
   * @return NaN where less than half of them were watched
   */
  static double growthPercent(
      List<List<SoakSample>> parts, ToDoubleFunction<SoakSample> of, long overFrames) {
    double xx = 0;
    double xy = 0;
    double sum = 0;
    long count = 0;
    for (List<SoakSample> part : parts) {
      double meanX = part.stream().mapToDouble(SoakSample::frames).average().orElse(0);
      double meanY = part.stream().mapToDouble(of).average().orElse(0);
      for (SoakSample s : part) {
        xx += (s.frames - meanX) * (s.frames - meanX);
        xy += (s.frames - meanX) * (of.applyAsDouble(s) - meanY);
        sum += of.applyAsDouble(s);
        count++;
      }
    }
    if (xx == 0 || sum == 0 || frames(parts) < overFrames / 2) {
      return Double.NaN;
    }
    return 100 * xy / xx * overFrames / (sum / count);
  }

  /** Largest minus least over the settled part; the largest of all processes. */
  static double spread(List<List<SoakSample>> parts, ToDoubleFunction<SoakSample> of) {
    double worst = Double.NaN;
    for (List<SoakSample> part : parts) {
      double least = part.stream().mapToDouble(of).min().orElse(Double.NaN);
      double most = part.stream().mapToDouble(of).max().orElse(Double.NaN);
      worst = Double.isNaN(worst) ? most - least : Math.max(worst, most - least);
    }
    return worst;
  }
}
