package saccade.nodes.node;

import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * The state machine of a managed node, as rcl_lifecycle has it; knows no transport. Safe for
 * several threads; one transition at a time. Set-up only.
 *
 * <pre>
 *              configure            activate
 * unconfigured ---------> inactive ----------> active
 *      ^  |   <---------    |  ^   <----------   |
 *      |  |    cleanup      |  '  deactivate     |
 *      |  '---- shutdown ---+------ shutdown ----'-----> finalized
 *      '------ error handled
 * </pre>
 */
public final class Lifecycle {

  /** States with their numbers and labels in lifecycle_msgs/State. */
  public enum State {
    UNKNOWN(0, "unknown"),
    UNCONFIGURED(1, "unconfigured"),
    INACTIVE(2, "inactive"),
    ACTIVE(3, "active"),
    FINALIZED(4, "finalized"),
    CONFIGURING(10, "configuring"),
    CLEANING_UP(11, "cleaningup"),
    SHUTTING_DOWN(12, "shuttingdown"),
    ACTIVATING(13, "activating"),
    DEACTIVATING(14, "deactivating"),
    ERROR_PROCESSING(15, "errorprocessing");

    private final int id;
    private final String label;

    State(int id, String label) {
      this.id = id;
      this.label = label;
    }

    public int id() {
      return id;
    }

    public String label() {
      return label;
    }

    saccade.msg.lifecycle_msgs.State message() {
      return new saccade.msg.lifecycle_msgs.State(id, label);
    }
  }

  /** Transitions with their numbers and labels in lifecycle_msgs/Transition. */
  public enum Transition {
    CONFIGURE(1, "configure", State.UNCONFIGURED, State.CONFIGURING),
    CLEANUP(2, "cleanup", State.INACTIVE, State.CLEANING_UP),
    ACTIVATE(3, "activate", State.INACTIVE, State.ACTIVATING),
    DEACTIVATE(4, "deactivate", State.ACTIVE, State.DEACTIVATING),
    UNCONFIGURED_SHUTDOWN(5, "shutdown", State.UNCONFIGURED, State.SHUTTING_DOWN),
    INACTIVE_SHUTDOWN(6, "shutdown", State.INACTIVE, State.SHUTTING_DOWN),
    ACTIVE_SHUTDOWN(7, "shutdown", State.ACTIVE, State.SHUTTING_DOWN),
    CONFIGURE_SUCCESS(10, "transition_success", State.CONFIGURING, State.INACTIVE),
    CONFIGURE_FAILURE(11, "transition_failure", State.CONFIGURING, State.UNCONFIGURED),
    CONFIGURE_ERROR(12, "transition_error", State.CONFIGURING, State.ERROR_PROCESSING),
    CLEANUP_SUCCESS(20, "transition_success", State.CLEANING_UP, State.UNCONFIGURED),
    CLEANUP_FAILURE(21, "transition_failure", State.CLEANING_UP, State.INACTIVE),
    CLEANUP_ERROR(22, "transition_error", State.CLEANING_UP, State.ERROR_PROCESSING),
    ACTIVATE_SUCCESS(30, "transition_success", State.ACTIVATING, State.ACTIVE),
    ACTIVATE_FAILURE(31, "transition_failure", State.ACTIVATING, State.INACTIVE),
    ACTIVATE_ERROR(32, "transition_error", State.ACTIVATING, State.ERROR_PROCESSING),
    DEACTIVATE_SUCCESS(40, "transition_success", State.DEACTIVATING, State.INACTIVE),
    DEACTIVATE_FAILURE(41, "transition_failure", State.DEACTIVATING, State.ACTIVE),
    DEACTIVATE_ERROR(42, "transition_error", State.DEACTIVATING, State.ERROR_PROCESSING),
    SHUTDOWN_SUCCESS(50, "transition_success", State.SHUTTING_DOWN, State.FINALIZED),
    SHUTDOWN_FAILURE(51, "transition_failure", State.SHUTTING_DOWN, State.FINALIZED),
    SHUTDOWN_ERROR(52, "transition_error", State.SHUTTING_DOWN, State.ERROR_PROCESSING),
    ERROR_SUCCESS(60, "transition_success", State.ERROR_PROCESSING, State.UNCONFIGURED),
    ERROR_FAILURE(61, "transition_failure", State.ERROR_PROCESSING, State.FINALIZED),
    ERROR_ERROR(62, "transition_error", State.ERROR_PROCESSING, State.FINALIZED);

    private final int id;
    private final String label;
    private final State start;
    private final State goal;

    Transition(int id, String label, State start, State goal) {
      this.id = id;
      this.label = label;
      this.start = start;
      this.goal = goal;
    }

    public int id() {
      return id;
    }

    public String label() {
      return label;
    }

    /** Where it may be asked for. */
    public State start() {
      return start;
    }

    /** Where it leads. */
    public State goal() {
      return goal;
    }

    /** The one with this number, null for none. */
    public static @Nullable Transition of(int id) {
      for (Transition each : values()) {
        if (each.id == id) {
          return each;
        }
      }
      return null;
    }

    saccade.msg.lifecycle_msgs.Transition message() {
      return new saccade.msg.lifecycle_msgs.Transition(id, label);
    }

    saccade.msg.lifecycle_msgs.TransitionDescription description() {
      return new saccade.msg.lifecycle_msgs.TransitionDescription(
          message(), start.message(), goal.message());
    }
  }

  /** How a callback ended. */
  public enum Outcome {
    SUCCESS,
    /** Not done; back to where it came from. */
    FAILURE,
    /** Went wrong; {@link Callbacks#onError} decides what is left. Throwing means the same. */
    ERROR
  }

  /** What a node does at its transitions; on the thread of who asked. */
  public interface Callbacks {
    default Outcome onConfigure(State previous) {
      return Outcome.SUCCESS;
    }

    default Outcome onCleanup(State previous) {
      return Outcome.SUCCESS;
    }

    default Outcome onActivate(State previous) {
      return Outcome.SUCCESS;
    }

    default Outcome onDeactivate(State previous) {
      return Outcome.SUCCESS;
    }

    default Outcome onShutdown(State previous) {
      return Outcome.SUCCESS;
    }

    /** SUCCESS leads back to unconfigured, anything else to finalized. */
    default Outcome onError(State previous) {
      return Outcome.FAILURE;
    }
  }

  private final Callbacks callbacks;
  private final Consumer<String> complaints;
  private final List<Consumer<Transition>> listeners = new CopyOnWriteArrayList<>();
  private final ReentrantLock lock = new ReentrantLock();
  private volatile State state = State.UNCONFIGURED;

  /**
   * @param complaints told of what callbacks throw, one line
   */
  public Lifecycle(Callbacks callbacks, Consumer<String> complaints) {
    this.callbacks = callbacks;
    this.complaints = complaints;
  }

  public State state() {
    return state;
  }

  /** Tells of each transition that happened, with its start and goal state. */
  public void onTransition(Consumer<Transition> listener) {
    listeners.add(listener);
  }

  /** What may be asked for now. */
  public List<Transition> available() {
    State now = state;
    return List.of(Transition.values()).stream().filter(t -> t.start == now).toList();
  }

  /**
   * Asks for a transition and waits for its end.
   *
   * @return whether it succeeded; false too when it may not be asked for in this state
   */
  public boolean change(Transition wanted) {
    lock.lock();
    try {
      State from = state;
      // The machine itself takes what follows from a callback's outcome.
      if (wanted.start != from || wanted.id >= 10) {
        complaints.accept(
            "transition %s (%d) asked for in state %s, possible there: %s"
                .formatted(
                    wanted.label,
                    wanted.id,
                    from.label,
                    available().stream().map(Transition::label).toList()));
        return false;
      }
      go(wanted);
      Outcome outcome = call(wanted, from);
      go(follow(wanted, outcome));
      if (outcome == Outcome.ERROR) {
        Outcome handled = guarded(() -> callbacks.onError(from));
        go(
            switch (handled) {
              case SUCCESS -> Transition.ERROR_SUCCESS;
              case FAILURE -> Transition.ERROR_FAILURE;
              case ERROR -> Transition.ERROR_ERROR;
            });
      }
      return outcome == Outcome.SUCCESS;
    } finally {
      lock.unlock();
    }
  }

  /** The shutdown of the state it is in; true when it is finalized then. */
  public boolean shutdown() {
    for (Transition each : available()) {
      if (each.label.equals("shutdown")) {
        change(each);
      }
    }
    return state == State.FINALIZED;
  }

  private void go(Transition transition) {
    state = transition.goal;
    listeners.forEach(listener -> listener.accept(transition));
  }

  private Outcome call(Transition transition, State from) {
    return guarded(
        () ->
            switch (transition) {
              case CONFIGURE -> callbacks.onConfigure(from);
              case CLEANUP -> callbacks.onCleanup(from);
              case ACTIVATE -> callbacks.onActivate(from);
              case DEACTIVATE -> callbacks.onDeactivate(from);
              default -> callbacks.onShutdown(from);
            });
  }

  private Outcome guarded(java.util.function.Supplier<Outcome> callback) {
    try {
      return callback.get();
    } catch (RuntimeException e) {
      complaints.accept("a lifecycle callback threw " + e);
      return Outcome.ERROR;
    }
  }

  private static Transition follow(Transition asked, Outcome outcome) {
    for (Transition each : Transition.values()) {
      if (each.start == asked.goal
          && each.label.equals("transition_" + outcome.name().toLowerCase(java.util.Locale.ROOT))) {
        return each;
      }
    }
    throw new IllegalStateException("no end of " + asked);
  }
}
