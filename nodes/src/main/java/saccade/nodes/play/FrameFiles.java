package saccade.nodes.play;

import java.io.IOException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;
import saccade.nodes.cli.BadInput;
import saccade.nodes.play.Recording.Frame;
import saccade.nodes.play.Recording.Track;

/** A sensor's folder, {@code timestamps.txt} and {@code data/NNNN.ext}, as frames in order. */
final class FrameFiles {
  private static final long SHORTEST_PERIOD_NS = 1_000_000L;
  private static final long LONGEST_PERIOD_NS = 10_000_000_000L;
  private static final long DEFAULT_PERIOD_NS = 100_000_000L;

  private FrameFiles() {}

  /**
   * Pairs stamps with files by the number in the file's name.
   *
   * @param remarks receives one line for each thing that does not match
   * @throws BadInput when there is no time stamp file or no frame at all
   */
  static List<Frame> of(Path sensor, String extension, List<String> remarks) {
    long[] stamps = StampFile.read(sensor.resolve("timestamps.txt"));
    Path data = sensor.resolve("data");
    Map<Integer, Path> files = numbered(data, extension);
    if (files.isEmpty()) {
      throw new BadInput(data + ": expected files like 0000000000." + extension + ", found none");
    }
    List<Frame> frames = new ArrayList<>(stamps.length);
    String example = String.valueOf(files.values().iterator().next().getFileName());
    int digits = example.length() - extension.length() - 1;
    int missing = 0;
    String firstMissing = "";
    int backwards = 0;
    int firstBackwards = -1;
    for (int i = 0; i < stamps.length; i++) {
      @Nullable Path file = files.remove(i);
      if (file == null && missing++ == 0) {
        String name = String.format(Locale.ROOT, "%0" + digits + "d.%s", i, extension);
        firstMissing = "; the first missing file is " + data.resolve(name);
      }
      frames.add(new Frame(i, stamps[i], file));
      if (i > 0 && stamps[i] <= stamps[i - 1]) {
        backwards++;
        firstBackwards = firstBackwards < 0 ? i : firstBackwards;
      }
    }
    if (missing > 0 || !files.isEmpty()) {
      remarks.add(
          sensor
              + ": expected a file for each of "
              + stamps.length
              + " time stamps, found "
              + missing
              + " stamps without a file and "
              + files.size()
              + " files without a stamp; those are left out"
              + firstMissing);
    }
    if (backwards > 0) {
      remarks.add(
          sensor.resolve("timestamps.txt")
              + " line "
              + (firstBackwards + 1)
              + ": expected rising stamps, found "
              + backwards
              + " that do not rise; their frames are dropped");
    }
    return frames;
  }

  private static Map<Integer, Path> numbered(Path data, String extension) {
    TreeMap<Integer, Path> files = new TreeMap<>();
    if (!Files.isDirectory(data)) {
      throw new BadInput(data + ": expected a folder of ." + extension + " files, found none");
    }
    try (DirectoryStream<Path> entries = Files.newDirectoryStream(data, "*." + extension)) {
      for (Path entry : entries) {
        String name = String.valueOf(entry.getFileName());
        String number = name.substring(0, name.length() - extension.length() - 1);
        if (number.matches("[0-9]{1,10}") && Long.parseLong(number) < StampFile.MAX_FRAMES) {
          files.put(Integer.parseInt(number), entry);
        }
      }
    } catch (IOException e) {
      throw new BadInput(data + ": expected a readable folder, found " + e);
    }
    return files;
  }

  /** Median time between frames of the first track, ns. */
  static long periodNs(List<Track> tracks, List<String> remarks) {
    for (Track track : tracks) {
      List<Frame> frames = track.frames();
      if (frames.size() < 2) {
        continue;
      }
      long[] steps = new long[frames.size() - 1];
      for (int i = 0; i < steps.length; i++) {
        steps[i] = frames.get(i + 1).stampNs() - frames.get(i).stampNs();
      }
      Arrays.sort(steps);
      long median = steps[steps.length / 2];
      if (median >= SHORTEST_PERIOD_NS && median <= LONGEST_PERIOD_NS) {
        return median;
      }
      remarks.add(
          track.name()
              + ": expected 1 ms..10 s from frame to frame, found a median of "
              + median
              + " ns; 100 ms is assumed");
    }
    return DEFAULT_PERIOD_NS;
  }
}
