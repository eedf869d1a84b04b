package saccade.realtime.stats;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * The stages of one graph, in the order they were named. Set-up and reports; record on the {@link
 * StageHistogram} itself.
 */
public final class StageHistograms {

  private final Map<String, StageHistogram> stages = new LinkedHashMap<>();

  /** No stages yet. */
  public StageHistograms() {}

  /** The histogram of that stage, made at the first call. Ask at set-up and keep it. */
  public synchronized StageHistogram stage(String name) {
    return stages.computeIfAbsent(name, StageHistogram::new);
  }

  /** Since the last call, per stage. */
  public synchronized List<StageSnapshot> interval() {
    List<StageSnapshot> all = new ArrayList<>();
    stages.values().forEach(stage -> all.add(stage.interval()));
    return all;
  }

  /** Since the start, per stage. */
  public synchronized List<StageSnapshot> total() {
    List<StageSnapshot> all = new ArrayList<>();
    stages.values().forEach(stage -> all.add(stage.total()));
    return all;
  }

  /** A table for people, milliseconds, since the start. */
  public List<String> report() {
    List<String> lines = new ArrayList<>();
    lines.add(StageSnapshot.header());
    total().forEach(snapshot -> lines.add(snapshot.line()));
    return lines;
  }
}
