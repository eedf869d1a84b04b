package saccade.nodes.pipeline;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;

import java.nio.file.Path;
import java.util.Arrays;
import org.junit.jupiter.api.Test;
import saccade.perception.model.ModelPackage;
import saccade.planner.OutputCodec;
import saccade.planner.SceneDescription;

/** The planner bridge understands every fact and word that the shipped model can say. */
class OutputCodecOfPackageTest {

  @Test
  void theShippedModelsFactsHaveAMeaning() {
    ModelPackage model =
        ModelPerceiver.description(Path.of("../perception-mllm/models/saccade-nano"));
    OutputCodec codec = ModelPerceiver.codecOf(model);
    assertEquals(model.grammar().size(), codec.facts().facts().size());
    assertEquals(model.action().tokens(), codec.action().tokens());
    int[] values = new int[model.grammar().size()];
    Arrays.fill(values, -1);
    values[model.factIndex("light")] = 1;
    SceneDescription scene = codec.facts().scene(values, 0, "red light");
    assertEquals(SceneDescription.Light.RED, scene.light());
    for (int fact = 0; fact < values.length; fact++) {
      Arrays.fill(values, -1);
      values[fact] = 0;
      SceneDescription said = codec.facts().scene(values, 0, "");
      String name = model.grammar().get(fact).name();
      if (!name.contains(".")) { // what belongs to an object says nothing without it
        assertNotEquals(SceneDescription.NOTHING_SAID, said, name);
      }
    }
  }
}
