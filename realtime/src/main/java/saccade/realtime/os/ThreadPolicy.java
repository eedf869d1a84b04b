package saccade.realtime.os;

import java.util.ArrayList;
import java.util.List;
import java.util.StringJoiner;

/**
 * What one thread asks of the operating system.
 *
 * @param cpus CPUs 0..63 that it may run on, as bits; 0 = leave as is
 * @param fifoPriority 1..99 for SCHED_FIFO; 0 = leave the ordinary class
 * @param nice -20..19, within the ordinary class; {@link #NICE_AS_IS} = leave as is
 */
public record ThreadPolicy(long cpus, int fifoPriority, int nice) {
  public static final int NICE_AS_IS = Integer.MIN_VALUE;

  /** Asks for nothing. */
  public static final ThreadPolicy AS_IS = new ThreadPolicy(0, 0, NICE_AS_IS);

  public ThreadPolicy {
    if (fifoPriority < 0 || fifoPriority > 99) {
      throw new IllegalArgumentException("fifo priority " + fifoPriority + ": wanted 0..99");
    }
    if (nice != NICE_AS_IS && (nice < -20 || nice > 19)) {
      throw new IllegalArgumentException("nice " + nice + ": wanted -20..19");
    }
  }

  /**
   * What a thread has after asking, read back from the kernel.
   *
   * @param thread its name
   * @param cpus it may run on, as bits; 0 = not to be read
   * @param schedulingClass OTHER, FIFO, RR or unknown
   * @param priority real-time priority; 0 in the ordinary class
   * @param nice value
   * @param refusals one line for each wish that was not granted, with the kernel's reason; empty
   *     when all is as asked
   */
  public record Found(
      String thread,
      long cpus,
      String schedulingClass,
      int priority,
      int nice,
      List<String> refusals) {
    public Found {
      refusals = List.copyOf(refusals);
    }

    /** {@code lane-cpu: cpus 1, FIFO 40}. */
    public String line() {
      return thread
          + ": cpus "
          + (cpus == 0 ? "unknown" : cpuList(cpus))
          + ", "
          + schedulingClass
          + (priority > 0 ? " " + priority : ", nice " + nice);
    }
  }

  /** Set-up, on the thread it is about. Asks, then reads back; never throws for a refusal. */
  public Found applyToThisThread() {
    String name = Thread.currentThread().getName();
    Libc libc = Libc.here();
    List<String> refusals = new ArrayList<>();
    if (libc == null) {
      if (!equals(AS_IS)) {
        refusals.add(name + ": wanted " + this + ", but this system has no such calls");
      }
      return new Found(name, 0, "unknown", 0, 0, refusals);
    }
    String affinityWhy = cpus == 0 ? "" : why(libc.setAffinity(cpus));
    String niceWhy = nice == NICE_AS_IS ? "" : why(libc.setNice(nice));
    String fifoWhy = fifoPriority == 0 ? "" : why(libc.setScheduler(Libc.SCHED_FIFO, fifoPriority));
    long hasCpus = libc.affinity();
    int hasClass = libc.scheduler();
    int hasPriority = Math.max(0, libc.schedulerPriority());
    int hasNice = libc.nice();
    if (cpus != 0 && hasCpus != cpus) {
      refusals.add(refusal(name, "cpus " + cpuList(cpus), "cpus " + cpuList(hasCpus), affinityWhy));
    }
    if (fifoPriority > 0 && (hasClass != Libc.SCHED_FIFO || hasPriority != fifoPriority)) {
      refusals.add(
          refusal(name, "FIFO " + fifoPriority, className(hasClass) + " " + hasPriority, fifoWhy));
    }
    if (nice != NICE_AS_IS && hasNice != nice) {
      refusals.add(refusal(name, "nice " + nice, "nice " + hasNice, niceWhy));
    }
    return new Found(name, hasCpus, className(hasClass), hasPriority, hasNice, refusals);
  }

  private static String why(Libc.Outcome outcome) {
    return outcome.failed() ? outcome.why() : "";
  }

  private static String refusal(String thread, String wanted, String has, String why) {
    return thread + ": wanted " + wanted + ", has " + has + (why.isEmpty() ? "" : ": " + why);
  }

  private static String className(int policy) {
    return switch (policy) {
      case Libc.SCHED_OTHER -> "OTHER";
      case Libc.SCHED_FIFO -> "FIFO";
      case Libc.SCHED_RR -> "RR";
      default -> "class " + policy;
    };
  }

  /** Bits as {@code 0,2,5}. */
  public static String cpuList(long cpus) {
    StringJoiner list = new StringJoiner(",");
    for (int cpu = 0; cpu < Long.SIZE; cpu++) {
      if ((cpus >>> cpu & 1) != 0) {
        list.add(Integer.toString(cpu));
      }
    }
    return list.length() == 0 ? "none" : list.toString();
  }
}
