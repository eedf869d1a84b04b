package saccade.realtime.schedule;

import java.util.ArrayList;
import java.util.List;

/**
 * Hot path. Which stage works, hangs, has crashed, is being restarted or is given up. Pure: time is
 * an argument; says what is due and leaves the doing to its owner. One thread.
 *
 * <pre>
 *            working                    patience over                 restarting              restarted
 *   IDLE ---------------> WORKING ---------------------> HUNG ----------------> RESTARTING -------------> IDLE
 *    ^                       |    crashed                  ^                       ^
 *    +-------- idle ---------+------------------------> CRASHED -------------------+      no restart left: DOWN
 * </pre>
 */
public final class Watchdog {
  /** What a stage is doing. */
  public enum State {
    IDLE("idle"),
    WORKING("working"),
    HUNG("hung"),
    CRASHED("crashed"),
    RESTARTING("restarting"),
    DOWN("down");

    private final String word;

    State(String word) {
      this.word = word;
    }

    /** In a word. */
    public String word() {
      return word;
    }

    /** Whether nothing comes from a stage in this state. */
    public boolean isOut() {
      return ordinal() >= HUNG.ordinal();
    }
  }

  private static final class Stage {
    final String name;
    final long patienceNs;
    final int mostRestarts;
    State state = State.IDLE;
    long sinceNs;
    int restarts;

    Stage(String name, long patienceNs, int mostRestarts) {
      this.name = name;
      this.patienceNs = patienceNs;
      this.mostRestarts = mostRestarts;
    }
  }

  private final List<Stage> stages = new ArrayList<>();

  /** Nobody is watched yet. */
  public Watchdog() {}

  /**
   * Set-up. Watches one more stage.
   *
   * @param patienceNs working for longer without a sign of life is hanging
   * @param mostRestarts then it is given up
   * @return its index
   */
  public int watch(String name, long patienceNs, int mostRestarts) {
    stages.add(new Stage(name, patienceNs, mostRestarts));
    return stages.size() - 1;
  }

  /** The stage has got work, or shows that it goes on. */
  public void working(int stage, long nowNs) {
    Stage s = stages.get(stage);
    if (!s.state.isOut()) {
      enter(s, State.WORKING, nowNs);
    }
  }

  /** The stage has nothing to do. */
  public void idle(int stage, long nowNs) {
    Stage s = stages.get(stage);
    if (!s.state.isOut() || s.state == State.HUNG) { // it came back after all
      enter(s, State.IDLE, nowNs);
    }
  }

  /** The stage is known to be broken. */
  public void crashed(int stage, long nowNs) {
    Stage s = stages.get(stage);
    if (s.state != State.RESTARTING && s.state != State.DOWN) {
      enter(s, State.CRASHED, nowNs);
    }
  }

  /**
   * Looks at a stage.
   *
   * @return whether it hangs or has crashed and wants a restart; {@link #restarting} takes that up
   */
  public boolean wantsRestart(int stage, long nowNs) {
    Stage s = stages.get(stage);
    if (s.state == State.WORKING && nowNs - s.sinceNs > s.patienceNs) {
      enter(s, State.HUNG, nowNs);
    }
    if (s.state != State.HUNG && s.state != State.CRASHED) {
      return false;
    }
    if (s.restarts >= s.mostRestarts) {
      enter(s, State.DOWN, nowNs);
      return false;
    }
    return true;
  }

  /** Its owner has begun to restart it. */
  public void restarting(int stage, long nowNs) {
    Stage s = stages.get(stage);
    s.restarts++;
    enter(s, State.RESTARTING, nowNs);
  }

  /** It is there again. */
  public void restarted(int stage, long nowNs) {
    enter(stages.get(stage), State.IDLE, nowNs);
  }

  /** The restart failed. */
  public void restartFailed(int stage, long nowNs) {
    enter(stages.get(stage), State.CRASHED, nowNs);
  }

  private static void enter(Stage stage, State state, long nowNs) {
    stage.state = state;
    stage.sinceNs = nowNs;
  }

  public State state(int stage) {
    return stages.get(stage).state;
  }

  /** Since when it is in its state, ns. */
  public long sinceNs(int stage) {
    return stages.get(stage).sinceNs;
  }

  /** How often it was restarted. */
  public int restarts(int stage) {
    return stages.get(stage).restarts;
  }

  /** Whether every stage may give something. */
  public boolean allWell() {
    for (int i = 0; i < stages.size(); i++) {
      if (stages.get(i).state.isOut()) {
        return false;
      }
    }
    return true;
  }

  /** Stages that are out, {@code perception restarting (2nd)}; empty when all is well. */
  public String line() {
    if (allWell()) {
      return "";
    }
    StringBuilder out = new StringBuilder();
    for (Stage s : stages) {
      if (s.state.isOut()) {
        out.append(out.isEmpty() ? "" : ", ").append(s.name).append(' ').append(s.state.word());
        if (s.restarts > 0) {
          out.append(" (restarts: ").append(s.restarts).append(')');
        }
      }
    }
    return out.toString();
  }
}
