package saccade.perception.encode;

import ai.onnxruntime.OnnxTensor;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.Arrays;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import saccade.kernels.geometry.CameraModel;
import saccade.kernels.geometry.Lens;
import saccade.kernels.geometry.LidarModel;
import saccade.kernels.image.PatchSpec;
import saccade.kernels.image.PixelFormat;
import saccade.kernels.image.ResizePatchify;
import saccade.kernels.image.UndistortPatchify;
import saccade.kernels.lidar.RangePainter;
import saccade.perception.engine.EngineException;
import saccade.perception.engine.LoadedModel;
import saccade.perception.engine.SliceRunner;
import saccade.perception.engine.TensorStore;
import saccade.perception.model.ModelPackage;
import saccade.perception.model.ModelPackage.CameraInput;

/**
 * Hot path. One camera's picture to tokens: resize to the model's size, paint LiDAR ranges on the
 * patches they project on, run the encoder. Where each token looks comes from the calibration, so
 * any rig works.
 */
public final class CameraEncoder {

  /** Camera positions are given to the encoder in units of this many metres. */
  private static final double POSITION_SCALE_M = 2;

  private final CameraModel camera;
  private final @Nullable Lens lens;
  private final PatchSpec spec;
  private final @Nullable ResizePatchify[] resize; // by PixelFormat, when it first comes
  private final @Nullable UndistortPatchify[] undistort; // the same, of a camera with a lens
  private final @Nullable RangePainter painter;
  private final MemorySegment patches; // (patches, patchPx x patchPx x 3)
  private final MemorySegment paint; // (paint cells, 3)
  private final MemorySegment tokens; // (tokens, hidden)
  private final MemorySegment attention; // (heads, cells, cells), or none
  private final MemorySegment lastPatches; // what the tokens were made of
  private final MemorySegment lastPaint;
  private boolean hasTokens;
  private long reused;
  private @Nullable EncodedSet shared;
  private int place; // in the shared set
  private final SliceRunner runner;

  /**
   * Prepares one camera.
   *
   * @param lens what its pictures have to be freed of; none: they are as the pinhole's
   * @param lidar the sweep's sensor, for painting; none: nothing is ever painted
   * @param int8 whether the package's encoder in int8 runs
   * @param withAttention whether the attention between the cells of the picture is put out too
   * @throws EngineException when it is wanted and the encoder has none
   */
  public CameraEncoder(
      LoadedModel loaded,
      TensorStore store,
      CameraModel camera,
      @Nullable Lens lens,
      @Nullable LidarModel lidar,
      boolean int8,
      boolean withAttention) {
    CameraInput input = loaded.model().camera();
    int hidden = loaded.model().decoder().hidden();
    this.camera = camera;
    this.lens = lens;
    this.spec = input.patchSpec();
    this.resize = new ResizePatchify[PixelFormat.values().length];
    this.undistort = new UndistortPatchify[PixelFormat.values().length];
    if (lens == null) {
      resizer(PixelFormat.RGB8);
    } else {
      undistorter(PixelFormat.RGB8, lens);
    }
    this.painter =
        lidar == null ? null : new RangePainter(camera, lidar.baseFromLidar(), input.paint());
    int patchFloats = input.patchSpec().patchFloats();
    int paintCells = input.paint().rows() * input.paint().cols();
    this.patches = store.floats((long) input.patches() * patchFloats);
    this.paint = store.floats(paintCells * 3L);
    this.lastPatches = store.floats((long) input.patches() * patchFloats);
    this.lastPaint = store.floats(paintCells * 3L);
    this.tokens = store.floats((long) input.tokens() * hidden);
    MemorySegment rays = store.floats(input.tokens() * 6L);
    writeRays(camera.scaledTo(input.widthPx(), input.heightPx()), input, rays);
    Map<String, OnnxTensor> in =
        Map.of(
            "patches", store.floatTensor(patches, 1, input.patches(), patchFloats),
            "paint", store.floatTensor(paint, 1, paintCells, 3),
            "rays", store.floatTensor(rays, 1, input.tokens(), 6));
    OnnxTensor out = store.floatTensor(tokens, 1, input.tokens(), hidden);
    String graph = int8 ? ModelPackage.CAMERA_ENCODER_INT8 : ModelPackage.CAMERA_ENCODER;
    if (withAttention) {
      LoadedModel.Tap tap = loaded.encoderAttention(graph);
      long[] shape = tap.shapes().getFirst();
      if (shape.length != 4 || shape[1] < 1 || shape[2] != paintCells || shape[3] != paintCells) {
        throw new EngineException(
            "%s: found an attention of shape %s, wanted 1, heads, %d, %d"
                .formatted(tap.graph(), Arrays.toString(shape), paintCells, paintCells));
      }
      this.attention = store.floats(shape[1] * paintCells * paintCells);
      OnnxTensor scores = store.floatTensor(attention, 1, shape[1], paintCells, paintCells);
      this.runner =
          loaded.runner(
              tap.graph(), store, in, Map.of("tokens", out, tap.outputs().getFirst(), scores));
    } else {
      this.attention = MemorySegment.NULL;
      this.runner = loaded.runner(graph, store, in, Map.of("tokens", out));
    }
  }

  /** The camera that pictures must come from. */
  public CameraModel camera() {
    return camera;
  }

  /**
   * Resizes a picture of the camera's size and paints ranges on it, ready for {@link #encode}.
   *
   * @param image interleaved u8; read only during the call
   * @param points sweep of the same instant, or none
   * @param pointCount points in it
   */
  public void prepare(
      MemorySegment image,
      long strideBytes,
      PixelFormat format,
      @Nullable MemorySegment points,
      int pointCount) {
    EncodedSet others = shared;
    if (others != null && others.has(place, attention.byteSize() > 0)) {
      others.patchesInto(place, patches);
      return;
    }
    if (lens == null) {
      resizer(format).patchify(image, strideBytes, patches);
    } else {
      undistorter(format, lens).patchify(image, strideBytes, patches);
    }
    if (painter != null && points != null) {
      painter.paint(points, pointCount, paint);
    } else {
      paint.fill((byte) 0);
    }
  }

  /**
   * Encodes the picture that was prepared. Where it is the same to the last bit as the one encoded
   * before, its tokens are, too, and nothing runs. A single changed pixel changes all of them: the
   * encoder's attention goes over the whole picture, so no smaller part can be left out exactly.
   */
  public void encode() {
    EncodedSet others = shared;
    if (others != null && others.has(place, attention.byteSize() > 0)) {
      others.tokensInto(place, tokens, attention);
      return;
    }
    if (hasTokens && patches.mismatch(lastPatches) < 0 && paint.mismatch(lastPaint) < 0) {
      reused++;
    } else {
      hasTokens = false; // should the run fail
      runner.run();
      lastPatches.copyFrom(patches);
      lastPaint.copyFrom(paint);
      hasTokens = true;
    }
    if (others != null) {
      others.put(place, patches, tokens, attention);
    }
  }

  /**
   * Takes features from a shared set and leaves its own there.
   *
   * @param place of this camera in the model
   */
  public void share(EncodedSet set, int place) {
    this.shared = set;
    this.place = place;
    this.hasTokens = false; // those of a shared set are not of this encoder's last picture
  }

  /** Encodes the next picture, whatever it is: an earlier one's tokens are not taken. */
  public void forget() {
    hasTokens = false;
  }

  /** Pictures that were not encoded again because nothing had changed. */
  public long reused() {
    return reused;
  }

  /**
   * A camera keeps its pixel format: its tables are made with the first picture, and only those.
   */
  private ResizePatchify resizer(PixelFormat format) {
    ResizePatchify made = resize[format.ordinal()];
    if (made == null) {
      made = new ResizePatchify(camera.widthPx(), camera.heightPx(), format, spec);
      resize[format.ordinal()] = made;
    }
    return made;
  }

  private UndistortPatchify undistorter(PixelFormat format, Lens bent) {
    UndistortPatchify made = undistort[format.ordinal()];
    if (made == null) {
      made = new UndistortPatchify(bent.raw(camera), bent.distortion(), camera, format, spec);
      undistort[format.ordinal()] = made;
    }
    return made;
  }

  /** The normalised picture of the last call; float32 (patches, patchFloats). */
  public MemorySegment patches() {
    return patches;
  }

  /** Tokens of the last call; float32 (tokens, hidden), row-major over the picture. */
  public MemorySegment tokens() {
    return tokens;
  }

  /** Attention of the last call, float32 (heads, cells, cells); empty where it is not put out. */
  public MemorySegment attention() {
    return attention;
  }

  /** Per token: unit ray of its centre in base_link, then the camera's position, scaled. */
  private static void writeRays(CameraModel camera, CameraInput input, MemorySegment rays) {
    double[] ray = new double[3];
    double cellX = (double) input.widthPx() / input.tokenCols();
    double cellY = (double) input.heightPx() / input.tokenRows();
    for (int t = 0; t < input.tokens(); t++) {
      int row = t / input.tokenCols();
      camera.ray((t % input.tokenCols() + 0.5) * cellX, (row + 0.5) * cellY, ray);
      for (int axis = 0; axis < 3; axis++) {
        rays.setAtIndex(ValueLayout.JAVA_FLOAT, t * 6L + axis, (float) ray[axis]);
      }
      rays.setAtIndex(ValueLayout.JAVA_FLOAT, t * 6L + 3, scaled(camera.baseFromOptical().x()));
      rays.setAtIndex(ValueLayout.JAVA_FLOAT, t * 6L + 4, scaled(camera.baseFromOptical().y()));
      rays.setAtIndex(ValueLayout.JAVA_FLOAT, t * 6L + 5, scaled(camera.baseFromOptical().z()));
    }
  }

  private static float scaled(double metres) {
    return (float) (metres / POSITION_SCALE_M);
  }
}
