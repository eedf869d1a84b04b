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
    double cpuNsPerSet) {

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
        Double.toString(cpuNsPerSet));
  }

  /**
   * A line of the checkpoint.
   *
   * @throws IllegalArgumentException when it is none
   */
  static SoakSample of(String line) {
    String[] f = line.split("\t", -1);
    if (f.length != 10) {
      throw new IllegalArgumentException("wanted 10 columns, found " + f.length + ": " + line);
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
        Double.parseDouble(f[9]));
  }

  /** Samples that count: each process's own, without the first tenth of the frames it ran. */
  static List<List<SoakSample>> settled(List<SoakSample> all) {
    List<List<SoakSample>> parts = new ArrayList<>();
    int last = all.isEmpty() ? -1 : all.getLast().process;
    for (int process = 0; process <= last; process++) {
      int number = process;
      List<SoakSample> own = all.stream().filter(s -> s.process == number).toList();
      if (own.isEmpty()) {
        continue;
      }
      long first = own.getFirst().frames;
      long span = own.getLast().frames - first;
      List<SoakSample> kept = own.stream().filter(s -> s.frames >= first + span / 10).toList();
      if (kept.size() >= 3) {
        parts.add(kept);
      }
    }
    return parts;
  }

  /**
   * Growth over the settled part by a line of least squares, in percent of its mean; the largest of
   * all processes.
   */
  static double growthPercent(List<List<SoakSample>> parts, ToDoubleFunction<SoakSample> of) {
    double worst = Double.NaN;
    for (List<SoakSample> part : parts) {
      double n = part.size();
      double meanX = part.stream().mapToDouble(SoakSample::frames).average().orElse(0);
      double meanY = part.stream().mapToDouble(of).average().orElse(0);
      double xx = 0;
      double xy = 0;
      for (SoakSample s : part) {
        xx += (s.frames - meanX) * (s.frames - meanX);
        xy += (s.frames - meanX) * (of.applyAsDouble(s) - meanY);
      }
      if (n < 3 || xx == 0 || meanY == 0) {
        continue;
      }
      double rise = xy / xx * (part.getLast().frames - part.getFirst().frames);
      double percent = 100 * rise / meanY;
      worst = Double.isNaN(worst) ? percent : Math.max(worst, percent);
    }
    return worst;
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
