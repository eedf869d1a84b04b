package saccade.nodes.run;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import saccade.nodes.cli.BadInput;
import saccade.nodes.cli.ProcessEnding;
import saccade.nodes.graph.Graph;
import saccade.nodes.graph.GraphFile;
import saccade.nodes.graph.HostPolicy;
import saccade.nodes.pipeline.ModelPerceiver;
import saccade.nodes.pipeline.PipelineOptions;
import saccade.nodes.pipeline.Vehicle;
import saccade.nodes.play.EgoAssumptions;
import saccade.nodes.play.PlayerSource;
import saccade.nodes.play.RecordedSets;
import saccade.nodes.play.Recording;
import saccade.nodes.play.Recordings;
import saccade.perception.PerceptionOutput;
import saccade.perception.SessionOptions;
import saccade.perception.SetInput;
import saccade.planner.PlannerMessage;
import saccade.planner.PlannerMessage.Kind;
import saccade.realtime.clock.NanoClock;
import saccade.realtime.schedule.SliceKind;
import saccade.realtime.stats.StageSnapshot;

/** The shipped model and the sample in real time; what is asserted are counts, not times. */
@Timeout(120)
class RehearsalTest {
  private static final int SETS = 11;
  private static final int SENSORS = 3;

  private final Graph graph = GraphFile.read(Path.of("../launch/play.yaml")).headless();
  private final Recording recording =
      Recordings.open(Path.of("samples/recording"), EgoAssumptions.STANDING_IN_TOWN);
  private final PlayerSource source = new PlayerSource(recording, 1, line -> {});
  private final StringWriter said = new StringWriter();
  private final List<PlannerMessage> heard = new CopyOnWriteArrayList<>();

  @BeforeEach
  void modelIsHere() {
    assumeTrue(
        Files.exists(graph.perception().model().resolve("saccade-model.json")),
        "the shipped model is not here");
  }

  private GraphRun run(PrintWriter out) {
    return new GraphRun(graph, source, Vehicle.NONE, out)
        .with(publication -> heard.add(publication.message()))
        .withoutLines();
  }

  private ModelPerceiver model() {
    return model(NanoClock.system());
  }

  private ModelPerceiver model(NanoClock clock) {
    return ModelPerceiver.open(
        graph.perception().model(),
        recording.rig(),
        clock,
        SessionOptions.DEFAULT,
        graph.perception().engine());
  }

  private long rehearse(ModelPerceiver model, Runnable before) {
    PipelineOptions options = PipelineOptions.of(graph, source);
    return Rehearsal.of(source, model, options, HostPolicy.AS_IS, before);
  }

  @Test
  void nothingOfItIsInTheRunThatFollows() {
    RunReport report = run(new PrintWriter(said, true)).run(0);
    assertTrue(said.toString().contains("rehearse"), said.toString());
    assertEquals(List.of(), report.imbalances());
    assertEquals(List.of(), report.faults());
    assertEquals(SETS * SENSORS, report.framesIn());
    assertTrue(report.deadlines() <= SETS, report.deadlines() + " deadlines");
    assertTrue(report.sets() <= SETS, report.sets() + " sets");
    for (StageSnapshot stage : report.stages()) {
      assertTrue(
          stage.stage().equals("command lateness") || stage.count() <= SETS * SENSORS,
          stage.line());
    }
    long firstNs = recording.firstStampNs();
    long lastNs = firstNs + SETS * recording.periodNs();
    for (PlannerMessage message : heard) {
      long stampNs = source.stampNs(message.captureNs());
      assertTrue(
          message.kind() == Kind.STARTING || stampNs >= firstNs && stampNs < lastNs,
          () -> message.kind() + " of " + (stampNs - firstNs) + " ns behind the first frame");
    }
    assertTrue(heard.stream().anyMatch(message -> message.kind() == Kind.STARTING));
  }

  @Test
  void theModelHasNoMemoryOfItAndNoCounts() {
    source.prepare(1);
    try (ModelPerceiver fresh = model();
        ModelPerceiver rehearsed = model();
        RecordedSets sets = new RecordedSets(recording)) {
      rehearsed.warmUp(4);
      final long cameras = recording.rig().cameras().size();
      assertEquals(4 * cameras, rehearsed.session().encodedPictures());
      assertEquals(0, rehearsed.session().reusedPictures(), "the encoders warmed up, too");
      AtomicInteger asked = new AtomicInteger();
      long answered = rehearse(rehearsed, asked::incrementAndGet);
      assertTrue(answered > 0, "sets were answered");
      assertTrue(asked.get() > answered, "Ctrl-C in the last set is heard, too");
      assertEquals(0, rehearsed.session().reusedPictures(), "the encoders rehearsed, too");
      assertEquals(0, source.framesIn());
      assertEquals(fresh.session().cache().rows(), rehearsed.session().cache().rows());
      for (SliceKind kind : rehearsed.kinds()) {
        assertEquals(0, kind.runs() + kind.missed() + kind.longestNs(), kind.toString());
      }
      SetInput input = new SetInput(recording.rig().cameras().size());
      for (int set = 0; set < 2; set++) {
        sets.fill(set, input);
        PerceptionOutput expected = fresh.session().run(input, Long.MAX_VALUE, 0);
        PerceptionOutput found = rehearsed.session().run(input, Long.MAX_VALUE, 0);
        assertEquals(
            fresh.session().reusedPictures(),
            rehearsed.session().reusedPictures(),
            "what was rehearsed is encoded again");
        assertEquals(PerceptionOutput.Kind.COMPLETE, found.kind());
        assertEquals(expected.sentence(), found.sentence());
        assertArrayEquals(expected.actionIds(), found.actionIds());
        assertArrayEquals(expected.actionConfidence(), found.actionConfidence());
        assertArrayEquals(expected.factConfidence(), found.factConfidence());
        assertEquals(expected.tokensKept(), found.tokensKept());
      }
    }
  }

  @Test
  void whatIsThrownBeforeASetEndsIt() {
    source.prepare(1);
    try (ModelPerceiver model = model()) {
      long lanesBefore = lanes();
      AtomicInteger sets = new AtomicInteger();
      assertThrows(
          ProcessEnding.class,
          () ->
              rehearse(
                  model,
                  () -> {
                    if (sets.incrementAndGet() == 3) {
                      throw new ProcessEnding();
                    }
                  }));
      assertEquals(3, sets.get());
      assertTrue(lanes() <= lanesBefore, "its lane has ended: the model may be closed");
    }
  }

  /** The clock by which the session measures its slices stands, and with it the lane. */
  @Test
  void aModelThatHangsInItIsOneLine() {
    source.prepare(1);
    CountDownLatch release = new CountDownLatch(1);
    AtomicBoolean hangs = new AtomicBoolean();
    NanoClock clock =
        () -> {
          boolean waits = hangs.get();
          while (waits) {
            try {
              release.await();
              waits = false;
            } catch (InterruptedException e) {
              continue; // as native code would
            }
          }
          return NanoClock.system().nanoTime();
        };
    try (ModelPerceiver model = model(clock)) {
      hangs.set(true);
      BadInput told = assertThrows(BadInput.class, () -> rehearse(model, () -> {}));
      String line = String.valueOf(told.getMessage());
      assertTrue(line.contains("saccade-nano") && line.contains("does not come back"), line);
      assertEquals(1, line.lines().count());
    } finally {
      release.countDown();
    }
  }

  private static long lanes() {
    return Thread.getAllStackTraces().keySet().stream()
        .filter(thread -> thread.getName().startsWith("lane-"))
        .count();
  }

  /** Ctrl-C while it goes on: the start is given up, and nothing was played. */
  @Test
  void anInterruptEndsTheStart() {
    AtomicInteger told = new AtomicInteger();
    GraphRun[] run = new GraphRun[1];
    PrintWriter out =
        new PrintWriter(said, true) {
          @Override
          public void println(String line) {
            super.println(line);
            if (line.startsWith("rehearse")) {
              told.incrementAndGet();
              run[0].interrupt();
            }
          }
        };
    run[0] = run(out);
    assertThrows(ProcessEnding.class, () -> run[0].run(0));
    assertEquals(1, told.get());
    assertTrue(run[0].endedAtStart());
    assertFalse(said.toString().contains("started"), said.toString());
    assertEquals(0, source.framesIn());
    assertTrue(heard.stream().allMatch(message -> message.kind() == Kind.STARTING));
  }
}
