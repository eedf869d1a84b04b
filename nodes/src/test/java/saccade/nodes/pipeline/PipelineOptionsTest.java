package saccade.nodes.pipeline;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.file.Path;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import saccade.nodes.graph.Graph;
import saccade.nodes.graph.GraphFile;
import saccade.nodes.play.EgoAssumptions;
import saccade.nodes.play.PlayerSource;
import saccade.nodes.play.Recording;
import saccade.nodes.play.Recordings;
import saccade.realtime.frameset.FrameSetOptions;

class PipelineOptionsTest {
  private static final int SENSORS = 3;

  /** At 100 times the recorded rate ten periods are shorter than the time-out. */
  @ParameterizedTest
  @ValueSource(doubles = {0.01, 0.5, 1, 10, 100})
  void setsWaitTheTimeOutAtEveryRate(double rate) {
    Graph graph = GraphFile.read(Path.of("../launch/play.yaml")).headless();
    Recording recording =
        Recordings.open(Path.of("samples/recording"), EgoAssumptions.STANDING_IN_TOWN);
    try (PlayerSource source = new PlayerSource(recording, rate, line -> {})) {
      PipelineOptions options = PipelineOptions.of(graph, source);
      for (PipelineOptions one : new PipelineOptions[] {options, options.forRehearsal()}) {
        FrameSetOptions sets = one.sets(SENSORS);
        assertEquals(one.setTimeoutNs(), sets.timeoutNs());
        assertTrue(sets.staleAfterNs() > sets.timeoutNs(), sets.toString());
        assertTrue(sets.staleAfterNs() >= 10 * one.periodNs(), sets.toString());
      }
    }
  }
}
