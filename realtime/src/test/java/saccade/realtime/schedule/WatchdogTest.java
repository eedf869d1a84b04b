package saccade.realtime.schedule;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import org.junit.jupiter.api.Test;
import saccade.realtime.schedule.Watchdog.State;

class WatchdogTest {
  private final Watchdog watchdog = new Watchdog();
  private final int model = watchdog.watch("perception", 200, 2);
  private final int page = watchdog.watch("page", 1_000, 0);

  @Test
  void aStageThatShowsLifeIsLeftAlone() {
    for (long now = 0; now < 2_000; now += 150) {
      watchdog.working(model, now);
      assertFalse(watchdog.wantsRestart(model, now + 149));
    }
    watchdog.idle(model, 2_000);
    assertFalse(watchdog.wantsRestart(model, 900_000), "with nothing to do it may rest");
    assertTrue(watchdog.allWell());
    assertEquals("", watchdog.line());
  }

  @Test
  void aHungStageIsRestartedSoOftenAndThenGivenUp() {
    long now = 0;
    for (int restart = 1; restart <= 2; restart++) {
      watchdog.working(model, now);
      assertTrue(watchdog.wantsRestart(model, now + 201));
      assertEquals(State.HUNG, watchdog.state(model));
      watchdog.restarting(model, now + 201);
      assertFalse(watchdog.wantsRestart(model, now + 900));
      assertTrue(watchdog.line().contains("perception restarting (restarts: " + restart + ")"));
      watchdog.restarted(model, now + 900);
      assertTrue(watchdog.allWell());
      now += 1_000;
    }
    watchdog.working(model, now);
    assertFalse(watchdog.wantsRestart(model, now + 201));
    assertEquals(State.DOWN, watchdog.state(model));
    assertTrue(watchdog.line().contains("down"));
  }

  @Test
  void oneThatComesBackByItselfIsWellAgainAndOthersAreNotTouched() {
    watchdog.working(model, 0);
    watchdog.working(page, 0);
    assertTrue(watchdog.wantsRestart(model, 300));
    watchdog.idle(model, 301);
    assertEquals(State.IDLE, watchdog.state(model));
    assertEquals(State.WORKING, watchdog.state(page));
    assertEquals(0, watchdog.restarts(model));
  }

  @Test
  void aCrashIsKnownAtOnceAndAFailedRestartIsACrash() {
    watchdog.crashed(model, 10);
    assertTrue(watchdog.wantsRestart(model, 10));
    watchdog.restarting(model, 11);
    watchdog.crashed(model, 12); // the old one's last words
    assertEquals(State.RESTARTING, watchdog.state(model));
    watchdog.restartFailed(model, 20);
    assertEquals(State.CRASHED, watchdog.state(model));
    assertEquals(20, watchdog.sinceNs(model));
  }
}
