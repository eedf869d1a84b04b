package saccade.hil.faults;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;
import saccade.kernels.geometry.Rig;
import saccade.nodes.pipeline.PipelineOptions;
import saccade.planner.ActionChunk;
import saccade.planner.ExpiryProfile;
import saccade.planner.Maneuver;
import saccade.planner.PlannerMessage;
import saccade.planner.PlannerMessage.Kind;
import saccade.realtime.clock.ManualClock;
import saccade.realtime.deadline.DegradeLevel;

/** A judge that finds nothing is worth something only when it finds what is there. */
class MessageJudgeTest {
  private static final long MS = 1_000_000L;
  private static final long NOW = 10_000 * MS;
  private static final List<String> SEEN = List.of("front_wide", "front_tele", "lidar_top");

  private final MessageJudge judge =
      new MessageJudge(PipelineOptions.tenHertz(), new ManualClock(NOW), Rig.sixCamera());
  private long seq;

  private static ActionChunk action(long captureNs, double accelMps2) {
    double[] accel = new double[10];
    Arrays.fill(accel, accelMps2);
    return new ActionChunk(captureNs, 200 * MS, Maneuver.KEEP, accel, new double[10]);
  }

  /** A message of now - ageMs; its action as old as it. */
  private PlannerMessage.Builder message(Kind kind, long ageMs, double accelMps2) {
    long captureNs = NOW - ageMs * MS;
    return PlannerMessage.about(seq++, captureNs)
        .publishedNs(NOW)
        .kind(kind, "for the judge")
        .sensors(SEEN, List.of("left"))
        .action(action(captureNs, accelMps2), captureNs + 500 * MS);
  }

  private void refused(String words, PlannerMessage message) {
    long before = judge.invalids();
    judge.passed(message);
    assertEquals(before + 1, judge.invalids(), words);
    assertTrue(judge.complaints().getLast().contains(words), judge.complaints().getLast());
  }

  private void fine(PlannerMessage message) {
    judge.passed(message);
    assertEquals(List.of(), judge.complaints());
  }

  @Test
  void goodMessagesPass() {
    fine(message(Kind.FRESH, 80, 1).build());
    fine(message(Kind.CUT_SHORT, 90, -6).build());
    fine(
        PlannerMessage.about(seq++, NOW - 90 * MS)
            .publishedNs(NOW)
            .kind(Kind.FALLBACK, "late")
            .sensors(List.of(), SEEN)
            .action(action(NOW - 190 * MS, 1), NOW + 310 * MS)
            .build());
    fine(
        PlannerMessage.about(seq++, NOW - 90 * MS)
            .publishedNs(NOW)
            .kind(Kind.FALLBACK, "late")
            .degradeLevel(DegradeLevel.MINIMAL_RISK.ordinal())
            .build());
    fine(message(Kind.FRESH, 80, 1).sensors(List.of("front_tele"), List.of()).build());
  }

  @Test
  void aStaleMessage() {
    refused("a message of age 301 ms", message(Kind.FRESH, 301, 1).build());
  }

  @Test
  void anActionPastItsValidity() {
    long captureNs = NOW - 90 * MS;
    refused(
        "an action of age 200 ms",
        PlannerMessage.about(seq++, captureNs)
            .publishedNs(NOW)
            .kind(Kind.FALLBACK, "late")
            .action(action(NOW - 200 * MS, 1), NOW - 1)
            .build());
    refused(
        "an action of age 501 ms",
        PlannerMessage.about(seq++, captureNs)
            .publishedNs(NOW)
            .kind(Kind.FALLBACK, "late")
            .action(action(NOW - 501 * MS, 1), NOW + 10 * MS)
            .build());
  }

  @Test
  void stepsBeyondTheLimits() {
    refused("a step of 50.0 m/s2", message(Kind.FRESH, 80, 50).build());
    refused("a step of -50.0 m/s2", message(Kind.CUT_SHORT, 80, -50).build());
  }

  @Test
  void aNumberThatIsNone() {
    assertThrows(IllegalArgumentException.class, () -> message(Kind.FRESH, 80, Double.NaN));
    judge.onCommand(ExpiryProfile.Phase.FOLLOWING, NOW, Double.NaN, 0);
    assertEquals(1, judge.invalids(), "no message can carry one; a command could");
    judge.onCommand(ExpiryProfile.Phase.FOLLOWING, NOW, 1, Double.NaN);
    assertEquals(2, judge.invalids());
  }

  @Test
  void anEarlierActionAtMinimalRisk() {
    refused(
        "at minimal risk",
        message(Kind.FALLBACK, 90, 1).degradeLevel(DegradeLevel.MINIMAL_RISK.ordinal()).build());
  }

  @Test
  void aNumberGivenTwice() {
    fine(message(Kind.FRESH, 80, 1).build());
    seq--;
    refused("seq 0 after 0", message(Kind.FRESH, 80, 1).build());
  }

  @Test
  void anActionWithoutCameraAhead() {
    refused(
        "FRESH without a camera ahead",
        message(Kind.FRESH, 80, 1).sensors(List.of("lidar_top", "ego"), List.of()).build());
    refused(
        "CUT_SHORT without a camera ahead",
        message(Kind.CUT_SHORT, 80, 1).sensors(List.of("left", "lidar_top"), List.of()).build());
    Rig blind = new Rig(List.of(), Rig.sixCamera().lidar());
    MessageJudge other = new MessageJudge(PipelineOptions.tenHertz(), new ManualClock(NOW), blind);
    other.passed(message(Kind.FRESH, 80, 1).sensors(List.of("lidar_top"), List.of()).build());
    assertEquals(0, other.invalids(), "what its graph asked for");
  }

  @Test
  void anActionThatUsedWhatIsNotTrusted() {
    judge.distrust(List.of("front_tele"), NOW - 1_000 * MS);
    refused("an action that used front_tele", message(Kind.FRESH, 80, 1).build());
    judge.distrust(List.of(), 0);
    judge.passed(message(Kind.FRESH, 80, 1).build());
    assertEquals(1, judge.invalids());
  }

  @Test
  void aCommandThatAcceleratesOnAnExpiredAction() {
    fine(message(Kind.FRESH, 80, 1).build());
    long endNs = NOW - 80 * MS + 500 * MS;
    judge.onCommand(ExpiryProfile.Phase.STOPPED, endNs + 400 * MS, 1, 0);
    judge.onCommand(ExpiryProfile.Phase.STOPPED, endNs + 600 * MS, -3, 0);
    assertEquals(0, judge.invalids());
    judge.onCommand(ExpiryProfile.Phase.STOPPED, endNs + 600 * MS, 1, 0);
    assertEquals(1, judge.invalids());
  }
}
