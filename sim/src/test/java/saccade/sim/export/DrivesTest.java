package saccade.sim.export;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import saccade.kernels.motion.Standstill;
import saccade.sim.export.TensorExport.Mix;
import saccade.sim.traffic.Ego;
import saccade.sim.traffic.StopSign;
import saccade.sim.truth.Expert;
import saccade.sim.truth.Plan;

/** What is drawn for export, looked at in the world, without pictures. */
class DrivesTest {
  private static final int FRAMES = 6;

  private final Drives drives = new Drives();
  private final Expert expert = new Expert();
  private final double[] sd = new double[2];

  private double front(Drive drive) {
    Ego ego = drive.ego();
    double x = ego.x + Ego.FRONT_M * Math.cos(ego.yawRad);
    double y = ego.y + Ego.FRONT_M * Math.sin(ego.yawRad);
    drive.world().road.frenet(x, y, sd);
    return sd[0];
  }

  private static boolean stands(Drive drive) {
    return drive.ego().speedMps < Standstill.STANDING_MPS;
  }

  /** The sign that the ego stands at, or has just left with its stand counted, or null. */
  private StopSign at(Drive drive) {
    for (StopSign sign : drive.world().stopSigns) {
      double gap = sign.stopS - front(drive);
      boolean standing = stands(drive) && gap > -StopSign.PAST_M && gap < StopSign.NEAR_M;
      if (standing || sign.egoStoodS > 0 && drive.world().egoStandstill.drivenM() < 15) {
        return sign;
      }
    }
    return null;
  }

  /** At a sign, the odometry and the sign tell of the same stand; before one, of none there. */
  @ParameterizedTest
  @EnumSource(value = Mix.class, mode = EnumSource.Mode.EXCLUDE, names = "DRIVEN")
  void whatOdometryRemembersAgreesWithTheSigns(Mix mix) {
    int known = 0;
    int draws = mix == Mix.STORIES ? 60 : 400;
    for (int i = 0; i < draws; i++) {
      Drive drive = drives.draw(mix, 900 + 77L * i, FRAMES);
      Standstill past = drive.world().egoStandstill;
      String what = mix + " " + i + ": " + past.stoodS() + " s, " + past.drivenM() + " m";
      assertEquals(stands(drive), past.drivenM() == 0, what);
      double least = drive.ego().speedMps * drive.ego().speedMps / (2 * Ego.MAX_ACCEL);
      assertTrue(past.drivenM() >= Math.min(least - 0.3, 19), what);
      known += past.drivenM() < Standstill.MOST_M ? 1 : 0;
      for (StopSign sign : drive.world().stopSigns) {
        double gap = sign.stopS - front(drive);
        boolean counted = gap + past.drivenM() > -1 && gap + past.drivenM() < StopSign.NEAR_M - 0.1;
        if (gap > -1 && sign.egoStoodS == 0 && !stands(drive)) {
          assertTrue(!counted, what + ", no stand at the sign " + gap + " m ahead");
        } else if (sign.egoStoodS > 0.2 && past.drivenM() < 5 && mix != Mix.STORIES) {
          assertEquals(Math.min(sign.egoStoodS, 3), past.stoodS(), 0.05, what);
        }
      }
    }
    assertTrue(known > draws / 5 && known < draws, known + " of " + draws);
  }

  /** Standing at a sign, before and after the second that it asks for, and driving off. */
  @ParameterizedTest
  @EnumSource(
      value = Mix.class,
      names = {"APPROACH", "STORIES"})
  void standingAtSignsAndLeavingThemAreDrawnOftenEnough(Mix mix) {
    int draws = mix == Mix.STORIES ? 150 : 600;
    int waits = 0;
    int maysGo = 0;
    int leaves = 0;
    for (int i = 0; i < draws; i++) {
      Drive drive = drives.draw(mix, 31 * i + 7, FRAMES);
      StopSign sign = at(drive);
      if (sign == null) {
        continue;
      }
      Plan plan = expert.plan(drive.world(), drive.ego(), drive.setSpeedMps());
      if (!stands(drive)) {
        leaves++;
      } else if (sign.satisfied()) {
        maysGo++;
        boolean clear = plan.reason() == Plan.Reason.CLEAR;
        assertTrue(!clear || plan.maneuver() == Plan.Maneuver.ACCELERATE, "free to go " + i);
      } else {
        waits++; // up to 3.5 m before the line; farther back it moves up
        boolean holds = plan.accelMps2()[0] == -1;
        assertTrue(holds || sign.stopS - front(drive) > 3.4, "waits " + i);
      }
    }
    String found = mix + ": " + waits + " wait, " + maysGo + " may go, " + leaves + " leave";
    assertTrue(waits >= 0.01 * draws && leaves >= 0.01 * draws, found);
    assertTrue(waits + maysGo + leaves >= 0.06 * draws, found);
  }

  /** Who stands before a closed lane: mostly the way round is free, and then the expert goes. */
  @Test
  void standingBeforeAClosedLaneIsDrawnOftenEnough() {
    int stand = 0;
    int go = 0;
    for (int i = 0; i < 150; i++) {
      Drive drive = drives.draw(Mix.STORIES, 31 * i + 7, FRAMES);
      if (!drive.world().cones.isEmpty() && stands(drive)) {
        stand++;
        Plan plan = expert.plan(drive.world(), drive.ego(), drive.setSpeedMps());
        go += plan.maneuver() == Plan.Maneuver.ACCELERATE ? 1 : 0;
      }
    }
    assertTrue(stand >= 4 && 2 * go >= stand, go + " of " + stand + " go");
  }

  @Test
  void aSeedGivesTheSameStateAndPast() {
    Drive drive = drives.draw(Mix.STORIES, 5, FRAMES);
    Drive again = new Drives().draw(Mix.STORIES, 5, FRAMES);
    assertEquals(drive.ego().x, again.ego().x);
    assertEquals(drive.world().egoStandstill.drivenM(), again.world().egoStandstill.drivenM());
  }
}
