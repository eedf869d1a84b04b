package saccade.perception.encode;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.Map;
import saccade.perception.engine.LoadedModel;
import saccade.perception.engine.SliceRunner;
import saccade.perception.engine.TensorStore;

/** Hot path. Own motion to one token. */
public final class EgoEncoder {

  private final double[] scale; // (4)
  private final MemorySegment ego; // (4)
  private final MemorySegment tokens; // (1, hidden)
  private final SliceRunner runner;

  public EgoEncoder(LoadedModel loaded, TensorStore store) {
    int hidden = loaded.model().decoder().hidden();
    this.scale = loaded.model().egoScale();
    this.ego = store.floats(4);
    this.tokens = store.floats(hidden);
    this.runner =
        loaded.runner(
            "encoder_ego.onnx",
            store,
            Map.of("ego", store.floatTensor(ego, 1, 4)),
            Map.of("tokens", store.floatTensor(tokens, 1, 1, hidden)));
  }

  /** Encodes speed (m/s), yaw rate (rad/s, left positive), set speed (m/s), acceleration (m/s2). */
  public void encode(double speedMps, double yawRateRadps, double setSpeedMps, double accelMps2) {
    ego.setAtIndex(ValueLayout.JAVA_FLOAT, 0, (float) (speedMps / scale[0]));
    ego.setAtIndex(ValueLayout.JAVA_FLOAT, 1, (float) (yawRateRadps / scale[1]));
    ego.setAtIndex(ValueLayout.JAVA_FLOAT, 2, (float) (setSpeedMps / scale[2]));
    ego.setAtIndex(ValueLayout.JAVA_FLOAT, 3, (float) (accelMps2 / scale[3]));
    runner.run();
  }

  /** Token of the last call; float32 (1, hidden). */
  public MemorySegment tokens() {
    return tokens;
  }
}
