package saccade.nodes.node;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import saccade.nodes.node.Lifecycle.Outcome;
import saccade.nodes.node.Lifecycle.State;
import saccade.nodes.node.Lifecycle.Transition;

class LifecycleTest {
  private final List<String> complaints = new ArrayList<>();
  private Outcome next = Outcome.SUCCESS;
  private Outcome onError = Outcome.SUCCESS;
  private boolean throwing;

  private final Lifecycle lifecycle =
      new Lifecycle(
          new Lifecycle.Callbacks() {
            private Outcome end() {
              if (throwing) {
                throw new IllegalStateException("no camera");
              }
              return next;
            }

            @Override
            public Outcome onConfigure(State previous) {
              assertEquals(State.UNCONFIGURED, previous);
              return end();
            }

            @Override
            public Outcome onActivate(State previous) {
              return end();
            }

            @Override
            public Outcome onShutdown(State previous) {
              return end();
            }

            @Override
            public Outcome onError(State previous) {
              return onError;
            }
          },
          complaints::add);

  @Test
  void wholeLife() {
    List<Transition> seen = new ArrayList<>();
    lifecycle.onTransition(seen::add);
    assertTrue(lifecycle.change(Transition.CONFIGURE));
    assertEquals(State.INACTIVE, lifecycle.state());
    assertTrue(lifecycle.change(Transition.ACTIVATE));
    assertTrue(lifecycle.change(Transition.DEACTIVATE));
    assertTrue(lifecycle.change(Transition.CLEANUP));
    assertEquals(State.UNCONFIGURED, lifecycle.state());
    assertTrue(lifecycle.shutdown());
    assertEquals(State.FINALIZED, lifecycle.state());
    assertEquals(List.of(), lifecycle.available());
    assertEquals(List.of(Transition.CONFIGURE, Transition.CONFIGURE_SUCCESS), seen.subList(0, 2));
    assertEquals(10, seen.size());
    assertEquals(List.of(), complaints);
  }

  @Test
  void failureGoesBack() {
    next = Outcome.FAILURE;
    assertFalse(lifecycle.change(Transition.CONFIGURE));
    assertEquals(State.UNCONFIGURED, lifecycle.state());
  }

  @Test
  void errorsAndExceptionsAreProcessed() {
    throwing = true;
    assertFalse(lifecycle.change(Transition.CONFIGURE));
    assertEquals(State.UNCONFIGURED, lifecycle.state(), "handled");
    assertTrue(complaints.get(0).contains("no camera"));
    onError = Outcome.FAILURE;
    assertFalse(lifecycle.change(Transition.CONFIGURE));
    assertEquals(State.FINALIZED, lifecycle.state(), "not handled");
  }

  @Test
  void whatIsNotPossibleIsRefused() {
    assertFalse(lifecycle.change(Transition.ACTIVATE));
    assertFalse(lifecycle.change(Transition.CONFIGURE_SUCCESS));
    assertEquals(State.UNCONFIGURED, lifecycle.state());
    assertEquals(
        "transition activate (3) asked for in state unconfigured, possible there: [configure, shutdown]",
        complaints.get(0));
  }
}
