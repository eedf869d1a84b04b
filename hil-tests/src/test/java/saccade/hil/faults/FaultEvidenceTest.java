package saccade.hil.faults;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.BiConsumer;
import org.junit.jupiter.api.Test;
import saccade.hil.drive.LidarRule;
import saccade.kernels.geometry.CameraModel;
import saccade.kernels.geometry.Pose;
import saccade.kernels.geometry.Rig;
import saccade.nodes.pipeline.ClosedLoop;
import saccade.nodes.pipeline.PipelineOptions;
import saccade.nodes.sensor.SensorTap;
import saccade.planner.PlannerMessage;
import saccade.planner.PlannerMessage.Effort;
import saccade.planner.PlannerMessage.Kind;
import saccade.realtime.ledger.DropReason;
import saccade.sim.Scenario;
import saccade.sim.Simulation;

/** A fault that was not there is not shown, and one that was is. */
class FaultEvidenceTest {
  private static final long S = 1_000_000_000L;
  private static final Rig RIG = Rig.sixCamera();
  private static final Rig SMALL =
      new Rig(
          List.of(
              CameraModel.ofHorizontalFov(
                  "small", 64, 32, Math.toRadians(90), Pose.of(1.6, 0, 1.5, 0, 0, 0))),
          Rig.twoCamera().lidar());
  private static final String CAMERA = "front_wide";
  private static final String LIDAR = "lidar_top";

  private static List<FaultCase> everyCase(Rig rig) {
    List<FaultCase> all = new ArrayList<>(FaultList.of(rig));
    all.add(FaultList.collectorPause());
    return all;
  }

  private static FaultCase named(String name) {
    return everyCase(RIG).stream().filter(c -> c.name().equals(name)).findFirst().orElseThrow();
  }

  private static List<String> sensors() {
    List<String> all = new ArrayList<>(RIG.cameras().stream().map(CameraModel::name).toList());
    all.add(LIDAR);
    return all;
  }

  private static PlannerMessage message(Kind kind, String reason, String stages, String missing) {
    return PlannerMessage.about(1, S)
        .publishedNs(S)
        .kind(kind, reason)
        .sensors(List.of(), missing.isEmpty() ? List.of() : List.of(missing))
        .effort(new Effort("full", 90_000_000L, "", stages))
        .build();
  }

  /** Ten frames a second of each sensor; on at 2 s, off at 4 s, read at 8 s. */
  private static Map<String, Long> counts(long second) {
    Map<String, Long> counts = new HashMap<>();
    sensors().forEach(name -> counts.put(Tally.sent(name), 10 * second));
    counts.put(Tally.PACE, 100L);
    return counts;
  }

  /** What was counted, changed before the fault ends (which = 0) and after the run (1). */
  private static Observation run(
      BiConsumer<Integer, Map<String, Long>> change, PlannerMessage... heard) {
    Map<String, Long> off = counts(4);
    Map<String, Long> end = counts(8);
    change.accept(0, off);
    change.accept(1, end);
    return new Observation(
        new Tally(S, counts(1)),
        new Tally(2 * S, counts(2)),
        new Tally(4 * S, off),
        new Tally(8 * S, end),
        List.of(heard));
  }

  private static void shown(String fault, Observation seen) {
    assertEquals("", named(fault).evidence().lacking(seen), fault);
  }

  /** Six simulated seconds of the product's pipeline; the tap may do something from 2 s to 4 s. */
  private static Observation drive(SensorTap fault) {
    List<Tally> tallies = new ArrayList<>();
    List<PlannerMessage> heard = new ArrayList<>();
    LidarRule rule = new LidarRule(SMALL.cameras().size());
    int[] set = new int[1];
    SensorTap tap =
        (sensor, captureNs, payload, bytes) ->
            (set[0] < 20 || set[0] >= 40 || fault.pass(sensor, captureNs, payload, bytes))
                && rule.pass(sensor, captureNs, payload, bytes);
    try (ClosedLoop loop =
        new ClosedLoop(
            SMALL,
            new Simulation(SMALL, Scenario.named("empty-road"), 1),
            PipelineOptions.tenHertz(),
            rule,
            LidarRule.CODEC,
            50_000_000L,
            tap,
            publication -> heard.add(publication.message()))) {
      for (; set[0] < 60; set[0]++) {
        if (set[0] == 10 || set[0] == 20 || set[0] == 40) {
          tallies.add(Tally.of(loop.pipeline(), Map.of(), loop.nowNs()));
        }
        loop.step();
      }
      Tally end = Tally.of(loop.pipeline(), Map.of(), loop.nowNs());
      assertTrue(heard.size() > 50, heard.size() + " messages");
      return new Observation(tallies.get(0), tallies.get(1), tallies.get(2), end, heard);
    }
  }

  @Test
  void aRunWithoutFaultShowsNone() {
    Observation seen = drive(SensorTap.OPEN);
    for (FaultCase fault : everyCase(SMALL)) {
      assertNotEquals("", fault.evidence().lacking(seen), fault.name());
    }
  }

  @Test
  void theSameRunWithAFaultShowsThatOneAndNoOther() {
    assertEquals(
        List.of("camera lost", "all cameras lost"), // it has one
        shownBy(drive((sensor, captureNs, payload, bytes) -> sensor != 0)));
    assertEquals(
        List.of("camera lost", "all sensors lost", "all cameras lost", "/clock pauses"),
        shownBy(drive((sensor, captureNs, payload, bytes) -> false)));
    assertEquals(
        List.of("camera black"),
        shownBy(
            drive(
                (sensor, captureNs, payload, bytes) -> {
                  if (sensor == 0) {
                    payload.asSlice(0, bytes).fill((byte) 0);
                  }
                  return true;
                })));
  }

  private static List<String> shownBy(Observation seen) {
    return everyCase(SMALL).stream()
        .filter(fault -> fault.evidence().lacking(seen).isEmpty())
        .map(FaultCase::name)
        .toList();
  }

  @Test
  void whatHappensAllTheTimeIsNoEvidence() {
    Observation busy =
        new Observation(
            new Tally(S, everything(10)),
            new Tally(2 * S, everything(20)),
            new Tally(4 * S, everything(40)),
            new Tally(8 * S, everything(80)),
            List.of());
    for (FaultCase fault : everyCase(RIG)) {
      if (!fault.name().equals("engine does not load")) { // opened before the run
        assertNotEquals("", fault.evidence().lacking(busy), fault.name());
      }
    }
  }

  private static Map<String, Long> everything(long count) {
    Map<String, Long> counts = new HashMap<>();
    sensors().forEach(name -> counts.put(Tally.sent(name), count));
    Arrays.stream(DropReason.values()).forEach(reason -> counts.put(Tally.refused(reason), count));
    for (String name :
        List.of(
            Tally.STOPS,
            Tally.GIVEN_UP,
            Tally.PARTS,
            Tally.FAILURES,
            Tally.PAUSED,
            Tally.PAUSED_MS,
            Tally.CLOCK_JUMPS)) {
      counts.put(name, count);
    }
    counts.put(Tally.PACE, 300L);
    return counts;
  }

  @Test
  void sensorsThatFellSilent() {
    Observation one = run((at, counts) -> counts.put(Tally.sent(CAMERA), at == 0 ? 21L : 60L));
    shown("camera lost", one);
    assertTrue(!named("all sensors lost").evidence().lacking(one).isEmpty());
    Observation all = run((at, counts) -> sensors().forEach(s -> counts.put(Tally.sent(s), 20L)));
    shown("all sensors lost", all);
    shown("/clock pauses", all);
  }

  @Test
  void framesThatWereRefused() {
    Map<String, DropReason> reasons =
        Map.of(
            "camera duplicated", DropReason.STAMP_DUPLICATE,
            "stamps 0", DropReason.STAMP_ZERO,
            "stamps in the future", DropReason.STAMP_FUTURE,
            "stamps backwards", DropReason.STAMP_BACKWARDS,
            "clock pauses", DropReason.STAMP_DUPLICATE);
    reasons.forEach(
        (fault, reason) ->
            shown(fault, run((at, counts) -> counts.put(Tally.refused(reason), 15L))));
  }

  @Test
  void aCameraThatIsLateAloneAndNotTheMachine() {
    PlannerMessage without = message(Kind.FALLBACK, "in time", "", CAMERA);
    PlannerMessage[] six = {without, without, without, without, without, without};
    Observation late = run((at, counts) -> counts.put(Tally.refused(DropReason.LATE), 15L), six);
    shown("camera late", late);
    Observation lost = run((at, counts) -> {}, six);
    assertTrue(named("camera late").evidence().lacking(lost).contains("not shown"));
  }

  @Test
  void whatWasSeenOfThePictureIsSaid() {
    PlannerMessage blank =
        message(Kind.FALLBACK, "in time; not used: front_wide blank", "", CAMERA);
    Observation black = run((at, counts) -> {}, blank, blank, blank, blank, blank);
    shown("camera black", black);
    assertTrue(!named("camera frozen").evidence().lacking(black).isEmpty());
  }

  @Test
  void slicesThatTookLonger() {
    shown("inference 5 times slower", run((at, counts) -> counts.put(Tally.PACE, 310L)));
    Observation busy = run((at, counts) -> counts.put(Tally.PACE, 180L));
    assertTrue(!named("inference 5 times slower").evidence().lacking(busy).isEmpty());
  }

  @Test
  void whatWasCountedOfEngineStagesAndCollector() {
    shown("engine does not load", run((at, counts) -> counts.put(Tally.ELSEWHERE, 9L)));
    shown("inference hangs until stopped", run((at, counts) -> counts.put(Tally.STOPS, 1L)));
    shown("inference hangs", run((at, counts) -> counts.put(Tally.GIVEN_UP, 1L)));
    shown("source crashes", run((at, counts) -> counts.put(Tally.PARTS, 1L)));
    shown("engine fails", run((at, counts) -> counts.put(Tally.FAILURES, 12L)));
    shown("clock reset", run((at, counts) -> counts.put(Tally.CLOCK_JUMPS, 7L)));
    shown("/clock loops", run((at, counts) -> counts.put(Tally.CLOCK_JUMPS, 2L)));
    shown("output hangs", run((at, c) -> {}, message(Kind.FALLBACK, "", "output x hangs", "")));
    shown(
        "collector pauses",
        run(
            (at, counts) -> {
              counts.put(Tally.PAUSED, 4L);
              counts.put(Tally.PAUSED_MS, 900L);
            }));
    Observation unseen = run((at, counts) -> counts.put(Tally.PAUSED_MS, 900L));
    assertTrue(!named("collector pauses").evidence().lacking(unseen).isEmpty(), "hit nobody");
  }
}
