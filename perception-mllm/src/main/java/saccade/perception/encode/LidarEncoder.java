package saccade.perception.encode;

import java.lang.foreign.MemorySegment;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import saccade.kernels.geometry.LidarModel;
import saccade.kernels.lidar.PillarGrid;
import saccade.kernels.lidar.Pillars;
import saccade.perception.engine.LoadedModel;
import saccade.perception.engine.SliceRunner;
import saccade.perception.engine.TensorStore;

/** Hot path. One sweep to bird's-eye tokens: pillars in base_link, then the encoder. */
public final class LidarEncoder {

  private final Pillars pillars;
  private final MemorySegment bev; // (tokens, cells x features)
  private final MemorySegment tokens; // (tokens, hidden)
  private final SliceRunner runner;
  private @Nullable EncodedSet shared;

  public LidarEncoder(LoadedModel loaded, TensorStore store, LidarModel lidar) {
    PillarGrid grid = loaded.model().lidar();
    int hidden = loaded.model().decoder().hidden();
    this.pillars = new Pillars(grid, lidar.baseFromLidar());
    this.bev = store.floats(grid.floats());
    this.tokens = store.floats((long) grid.tokens() * hidden);
    this.runner =
        loaded.runner(
            "encoder_lidar.onnx",
            store,
            Map.of("bev", store.floatTensor(bev, 1, grid.tokens(), grid.tokenFloats())),
            Map.of("tokens", store.floatTensor(tokens, 1, grid.tokens(), hidden)));
  }

  /**
   * Encodes one sweep.
   *
   * @param points x, y, z, intensity float32 little endian, LiDAR frame; read only during the call
   * @return points left out because x, y or z was not finite
   */
  public int encode(MemorySegment points, int count) {
    EncodedSet others = shared;
    int known = others == null ? -1 : others.lidarInto(tokens);
    if (known >= 0) {
      return known;
    }
    int notFinite = pillars.fill(points, count, bev);
    runner.run();
    if (others != null) {
      others.putLidar(tokens, notFinite);
    }
    return notFinite;
  }

  /** Takes features from a shared set and leaves its own there. */
  public void share(EncodedSet set) {
    shared = set;
  }

  /** Tokens of the last call; float32 (tokens, hidden), near to far, right to left. */
  public MemorySegment tokens() {
    return tokens;
  }
}
