package saccade.perception.encode;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.Map;
import saccade.perception.engine.LoadedModel;
import saccade.perception.engine.SliceRunner;
import saccade.perception.engine.TensorStore;
import saccade.perception.model.EgoFeature;
import saccade.perception.model.ModelPackage.EgoInput;

/** Hot path. Own motion to one token: the features that the model asks for, in its order. */
public final class EgoEncoder {

  private final int[] order; // (features) ordinals of EgoFeature
  private final double[] scale; // (features)
  private final MemorySegment ego; // (features)
  private final MemorySegment tokens; // (1, hidden)
  private final SliceRunner runner;

  public EgoEncoder(LoadedModel loaded, TensorStore store) {
    int hidden = loaded.model().decoder().hidden();
    EgoInput input = loaded.model().ego();
    this.order = input.order().stream().mapToInt(EgoFeature::ordinal).toArray();
    this.scale = input.scale();
    this.ego = store.floats(order.length);
    this.tokens = store.floats(hidden);
    this.runner =
        loaded.runner(
            "encoder_ego.onnx",
            store,
            Map.of("ego", store.floatTensor(ego, 1, order.length)),
            Map.of("tokens", store.floatTensor(tokens, 1, 1, hidden)));
  }

  /**
   * Encodes.
   *
   * @param motion by {@link EgoFeature#ordinal}, each in its unit; what the model does not ask for
   *     is not looked at
   */
  public void encode(double[] motion) {
    for (int i = 0; i < order.length; i++) {
      ego.setAtIndex(ValueLayout.JAVA_FLOAT, i, (float) (motion[order[i]] / scale[i]));
    }
    runner.run();
  }

  /** What the last call gave the model; float32 (features). */
  MemorySegment inputs() {
    return ego;
  }

  /** Token of the last call; float32 (1, hidden). */
  public MemorySegment tokens() {
    return tokens;
  }
}
