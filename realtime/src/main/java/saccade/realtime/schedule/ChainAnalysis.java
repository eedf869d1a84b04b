package saccade.realtime.schedule;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/**
 * Set-up only. Worst-case response of chains of tasks before anything runs, and priorities under
 * which all chains hold, if there are such. Tasks share named lanes under fixed priorities; work on
 * a lane is not interrupted within a slice.
 *
 * <pre>
 *   response(i) = blocking(i) + C_i + sum over higher-priority j of the lane: ceil(response(i) / T_j) x C_j     (fixed point)
 *   blocking(i) = longest slice of lower priority on the lane
 *   latency(chain) = sum of responses, + T of each task that is started by a timer and not by data
 *   slack(chain) = bound - latency
 * </pre>
 *
 * <p>Search for priorities (the form in which chain priority optimisation is posed, RTSS 2024):
 * start with those of the tightest chain first; while a chain has no slack, raise that task of it
 * by one place whose promotion helps the worst chain most; end when all hold or no promotion helps.
 */
public final class ChainAnalysis {
  private static final int MOST_STEPS = 200;

  /**
   * One task: a stage that runs on each of its sets.
   *
   * @param lane it runs on; tasks of different lanes do not disturb each other
   * @param costNs worst case of one run, alone
   * @param sliceNs longest piece of it that is not interrupted, at most {@code costNs}
   * @param periodNs least time from one run to the next
   * @param trigger what starts it
   */
  public record Task(
      String name, String lane, long costNs, long sliceNs, long periodNs, Trigger trigger) {
    public Task {
      if (costNs < 0 || sliceNs < 0 || sliceNs > costNs || periodNs <= 0) {
        throw new IllegalArgumentException(
            "task "
                + name
                + ": expected cost >= slice >= 0 and a period above 0 ns, found "
                + costNs
                + ", "
                + sliceNs
                + ", "
                + periodNs);
      }
    }
  }

  /** What starts a task. */
  public enum Trigger {
    /** The end of the task before it. */
    DATA,
    /** Its period: what comes just after waits for one. */
    TIMER
  }

  /**
   * Tasks in the order in which a set passes them.
   *
   * @param offsetNs time before the first task, e.g. from the capture to a set
   * @param boundNs from the capture to the end of the last
   */
  public record Chain(String name, List<String> tasks, long offsetNs, long boundNs) {
    public Chain {
      tasks = List.copyOf(tasks);
    }
  }

  /**
   * A chain's result.
   *
   * @param latencyNs worst case; {@link Long#MAX_VALUE} = without bound
   */
  public record Latency(Chain chain, long latencyNs) {
    /** bound - latency, ns. */
    public long slackNs() {
      return latencyNs == Long.MAX_VALUE ? Long.MIN_VALUE : chain.boundNs - latencyNs;
    }
  }

  /**
   * What was found.
   *
   * @param order task names, most urgent first
   * @param responseNs worst-case response of each task, {@link Long#MAX_VALUE} = without bound
   * @param chains in the order given
   * @param reasons why it cannot be scheduled, one line each; empty when it can
   */
  public record Result(
      List<String> order,
      Map<String, Long> responseNs,
      List<Latency> chains,
      List<String> reasons) {
    public boolean schedulable() {
      return reasons.isEmpty();
    }
  }

  private final List<Task> tasks;
  private final List<Chain> chains;

  /**
   * @throws IllegalArgumentException when a chain names a task that does not exist
   */
  public ChainAnalysis(List<Task> tasks, List<Chain> chains) {
    this.tasks = List.copyOf(tasks);
    this.chains = List.copyOf(chains);
    for (Chain chain : chains) {
      for (String name : chain.tasks) {
        if (index(name) < 0) {
          throw new IllegalArgumentException(
              "chain " + chain.name + ": expected a task of this plan, found " + name);
        }
      }
    }
  }

  private int index(String name) {
    for (int i = 0; i < tasks.size(); i++) {
      if (tasks.get(i).name.equals(name)) {
        return i;
      }
    }
    return -1;
  }

  /** Under priorities that are given: task names, most urgent first. */
  public Result under(List<String> order) {
    int[] rank = new int[tasks.size()];
    for (int i = 0; i < rank.length; i++) {
      int at = order.indexOf(tasks.get(i).name);
      if (at < 0) {
        throw new IllegalArgumentException("order: expected " + tasks.get(i).name + " in it");
      }
      rank[i] = at;
    }
    return result(rank);
  }

  /** Looks for priorities under which every chain holds. */
  public Result optimise() {
    int[] rank = tightestFirst();
    long worst = worstSlack(rank);
    for (int step = 0; step < MOST_STEPS && worst < 0; step++) {
      int[] best = rank;
      long bestSlack = worst;
      for (int i = 0; i < rank.length; i++) {
        int[] raised = raise(rank, i);
        long slack = worstSlack(raised);
        if (slack > bestSlack) {
          best = raised;
          bestSlack = slack;
        }
      }
      if (best == rank) {
        break;
      }
      rank = best;
      worst = bestSlack;
    }
    return result(rank);
  }

  /** Deadline-monotonic over chains: a task is as urgent as its tightest chain. */
  private int[] tightestFirst() {
    Integer[] order = new Integer[tasks.size()];
    long[] tightest = new long[tasks.size()];
    for (int i = 0; i < order.length; i++) {
      order[i] = i;
      tightest[i] = Long.MAX_VALUE;
      for (Chain chain : chains) {
        if (chain.tasks.contains(tasks.get(i).name)) {
          tightest[i] = Math.min(tightest[i], chain.boundNs - chain.offsetNs);
        }
      }
    }
    Arrays.sort(order, (a, b) -> Long.compare(tightest[a], tightest[b])); // stable
    int[] rank = new int[order.length];
    for (int place = 0; place < order.length; place++) {
      rank[order[place]] = place;
    }
    return rank;
  }

  /** The same order with a task one place up among those of its lane. */
  private int[] raise(int[] rank, int task) {
    int above = -1;
    for (int i = 0; i < rank.length; i++) {
      if (tasks.get(i).lane.equals(tasks.get(task).lane)
          && rank[i] < rank[task]
          && (above < 0 || rank[i] > rank[above])) {
        above = i;
      }
    }
    int[] raised = rank.clone();
    if (above >= 0) {
      raised[task] = rank[above];
      raised[above] = rank[task];
    }
    return raised;
  }

  private long worstSlack(int[] rank) {
    long worst = Long.MAX_VALUE;
    for (Chain chain : chains) {
      worst = Math.min(worst, new Latency(chain, latencyNs(chain, rank)).slackNs());
    }
    return worst;
  }

  private long latencyNs(Chain chain, int[] rank) {
    long sum = chain.offsetNs;
    for (String name : chain.tasks) {
      int i = index(name);
      long response = responseNs(i, rank);
      if (response == Long.MAX_VALUE) {
        return Long.MAX_VALUE;
      }
      sum += response + (tasks.get(i).trigger == Trigger.TIMER ? tasks.get(i).periodNs : 0);
    }
    return sum;
  }

  /**
   * The fixed point. Tasks of one chain that start each other by data are not counted against each
   * other: one set at a time is on its way, the next one waits for it and is then counted late.
   */
  private long responseNs(int task, int[] rank) {
    Task own = tasks.get(task);
    long blocking = 0;
    for (int i = 0; i < rank.length; i++) {
      if (tasks.get(i).lane.equals(own.lane) && rank[i] > rank[task] && !together(i, task)) {
        blocking = Math.max(blocking, tasks.get(i).sliceNs);
      }
    }
    long giveUp = 1000 * own.periodNs;
    long response = blocking + own.costNs;
    while (response <= giveUp) {
      long next = blocking + own.costNs;
      for (int i = 0; i < rank.length; i++) {
        Task other = tasks.get(i);
        if (i != task
            && other.lane.equals(own.lane)
            && rank[i] < rank[task]
            && !together(i, task)) {
          next += Math.ceilDiv(response, other.periodNs) * other.costNs;
        }
      }
      if (next == response) {
        return response;
      }
      response = next;
    }
    return Long.MAX_VALUE;
  }

  /** Whether one starts the other by data within a chain: their runs follow each other. */
  private boolean together(int a, int b) {
    for (Chain chain : chains) {
      if (chain.tasks.contains(tasks.get(a).name) && chain.tasks.contains(tasks.get(b).name)) {
        return tasks.get(a).periodNs == tasks.get(b).periodNs
            && tasks.get(a).trigger == Trigger.DATA
            && tasks.get(b).trigger == Trigger.DATA;
      }
    }
    return false;
  }

  private Result result(int[] rank) {
    Map<String, Long> responses = new LinkedHashMap<>();
    String[] order = new String[rank.length];
    for (int i = 0; i < rank.length; i++) {
      order[rank[i]] = tasks.get(i).name;
    }
    for (String name : order) {
      responses.put(name, responseNs(index(name), rank));
    }
    List<Latency> latencies = new ArrayList<>();
    List<String> reasons = overloaded();
    for (Chain chain : chains) {
      Latency latency = new Latency(chain, latencyNs(chain, rank));
      latencies.add(latency);
      if (latency.slackNs() < 0) {
        reasons.add(reason(latency, rank));
      }
    }
    return new Result(List.of(order), responses, latencies, List.copyOf(reasons));
  }

  private List<String> overloaded() {
    Map<String, Double> load = new LinkedHashMap<>();
    for (Task task : tasks) {
      load.merge(task.lane, (double) task.costNs / task.periodNs, Double::sum);
    }
    List<String> reasons = new ArrayList<>();
    load.forEach(
        (lane, share) -> {
          if (share > 1) {
            reasons.add(
                String.format(
                    Locale.ROOT,
                    "lane %s: its tasks want %.0f %% of it; expected at most 100 %%",
                    lane,
                    100 * share));
          }
        });
    return reasons;
  }

  private String reason(Latency latency, int[] rank) {
    Chain chain = latency.chain;
    int largest = index(chain.tasks.getFirst());
    for (String name : chain.tasks) {
      largest = responseNs(index(name), rank) > responseNs(largest, rank) ? index(name) : largest;
    }
    Task worst = tasks.get(largest);
    String found =
        latency.latencyNs == Long.MAX_VALUE
            ? "has no bound"
            : String.format(
                Locale.ROOT,
                "takes up to %.1f ms, %.1f more than its %.1f",
                latency.latencyNs * 1e-6,
                (latency.latencyNs - chain.boundNs) * 1e-6,
                chain.boundNs * 1e-6);
    long response = responseNs(largest, rank);
    return String.format(
        Locale.ROOT,
        "chain %s %s; the largest part is %s on lane %s: %s of its own %.1f ms",
        chain.name,
        found,
        worst.name,
        worst.lane,
        response == Long.MAX_VALUE
            ? "never done"
            : String.format(Locale.ROOT, "%.1f ms", response * 1e-6),
        worst.costNs * 1e-6);
  }
}
