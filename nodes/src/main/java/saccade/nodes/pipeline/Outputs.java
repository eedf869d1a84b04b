package saccade.nodes.pipeline;

import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * All listeners of a run, each on its own: one that throws does not keep the message from the next
 * one, and one that holds the control thread up again and again is not called any more. Control
 * thread, but for {@link #isCalling} and {@link #holdsUp}.
 */
public final class Outputs implements PipelineListener {
  private static final int MOST_HANGS = 2;
  private static final int NOBODY = -1;

  private final List<PipelineListener> listeners;
  private final int[] hangs; // (listeners)
  private volatile int calling = NOBODY;
  private volatile int heldUpBy = NOBODY; // the guard writes, the control thread takes
  private long failures;
  private @Nullable Throwable lastFailure;
  private String line = "";

  public Outputs(List<? extends PipelineListener> listeners) {
    this.listeners = List.copyOf(listeners);
    this.hangs = new int[listeners.size()];
  }

  static Outputs of(PipelineListener listener) {
    return listener instanceof Outputs all ? all : new Outputs(List.of(listener));
  }

  @Override
  public void onMessage(Publication publication) {
    for (int i = 0; i < listeners.size(); i++) {
      if (hangs[i] >= MOST_HANGS) {
        continue;
      }
      calling = i;
      try {
        listeners.get(i).onMessage(publication);
      } catch (RuntimeException e) {
        failures++;
        lastFailure = e;
      } finally {
        calling = NOBODY;
      }
      if (heldUpBy != NOBODY) {
        freed();
      }
    }
  }

  /** The guard broke the call; its interrupt may still stand. */
  private void freed() {
    hangs[heldUpBy]++;
    heldUpBy = NOBODY;
    boolean cleared = Thread.interrupted(); // else the next wait would end at once
    List<String> words = new ArrayList<>();
    for (int i = 0; i < hangs.length; i++) {
      if (hangs[i] > 0) {
        words.add(
            "output "
                + listeners.get(i).partName()
                + (hangs[i] >= MOST_HANGS ? " down: it hung " : " hung: ")
                + hangs[i]
                + (hangs[i] == 1 ? " time" : " times"));
      }
    }
    line = String.join(", ", words) + (cleared ? "" : "; it came back by itself");
  }

  /** Any thread. Whether the control thread is inside a listener. */
  boolean isCalling() {
    return calling != NOBODY;
  }

  /** Guard thread. The present call takes far too long; counted when it comes back. */
  void holdsUp() {
    int who = calling;
    if (who != NOBODY) {
      heldUpBy = who;
    }
  }

  /** Outputs that hung, in words; empty when all is well. */
  String line() {
    return line;
  }

  /** Listeners that threw so far. */
  long failures() {
    return failures;
  }

  /** What was thrown last. */
  @Nullable Throwable lastFailure() {
    return lastFailure;
  }

  /** The parts with threads of their own, in order. */
  List<PipelineListener> listeners() {
    return listeners;
  }
}
