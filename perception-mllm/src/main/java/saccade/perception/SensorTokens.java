package saccade.perception;

import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.jspecify.annotations.Nullable;
import saccade.kernels.geometry.CameraModel;
import saccade.kernels.geometry.LidarModel;
import saccade.kernels.geometry.Rig;
import saccade.kernels.geometry.SweepTiming;
import saccade.kernels.lidar.Deskew;
import saccade.kernels.lidar.PointLayout;
import saccade.perception.PerceptionOutput.CameraTokens;
import saccade.perception.SetInput.CameraView;
import saccade.perception.decode.Decoder;
import saccade.perception.encode.CameraEncoder;
import saccade.perception.encode.EgoEncoder;
import saccade.perception.encode.EncodedSet;
import saccade.perception.encode.LidarEncoder;
import saccade.perception.engine.LoadedModel;
import saccade.perception.engine.TensorStore;
import saccade.perception.kv.VlaCache;
import saccade.perception.model.EgoFeature;
import saccade.perception.model.ModelPackage;
import saccade.perception.model.ModelPackage.SlotLayout;
import saccade.perception.sparsify.CameraSight;
import saccade.perception.sparsify.Sparsifier;

/**
 * Hot path. Sensor data of the set under way, from the check at the door to rows of the decoder.
 * The rig's camera i takes the model's camera place i; places without a camera, and sensors without
 * usable data, have no rows.
 */
final class SensorTokens {

  private final ModelPackage model;
  private final SlotLayout slots;
  private final List<String> cameraNames;
  private final String lidarName;
  private final CameraEncoder[] cameras; // cameras of the rig
  private final @Nullable LidarEncoder lidar;
  private final @Nullable Deskew deskew;
  private final MemorySegment straight; // (points) the sweep as at the set's instant
  private boolean straightened; // this set's
  private final EgoEncoder ego;
  private final double[] motion = new double[EgoFeature.values().length];
  private Sparsifier sparsifier;

  // State of the set under way.
  private final SensorStatus[] cameraStatus; // (cameras of the rig)
  private SensorStatus lidarStatus = SensorStatus.ABSENT;
  private SensorStatus egoStatus = SensorStatus.ABSENT;
  private final boolean[][] kept; // (cameras of the rig, tokens)
  private final CameraSight[] sights; // (cameras of the rig)
  private final boolean hasAttention;
  private final boolean[] skipped; // (cameras of the rig) this set, without tokens
  private final boolean[] encoded; // (cameras of the rig) the encoder's tokens are of this stream
  private long encodedPictures;
  private long passedPictures; // resized, looked at, not encoded
  private long heldPictures;
  private final boolean[] guardedRows; // (rows of the decoder)
  private final boolean[] still; // (tokens) of one camera: need not be run again
  private final int[] mostTokens; // (cameras of the rig) of this set; 0 = left out
  private boolean lidarLeftOut;
  private final List<String> faults = new ArrayList<>();

  /**
   * Makes the encoders.
   *
   * @param int8 whether cameras are encoded in int8
   * @throws IllegalArgumentException when the rig has more cameras than the model has places
   */
  SensorTokens(
      LoadedModel loaded, TensorStore store, Rig rig, Sparsifier sparsifier, boolean int8) {
    this.model = loaded.model();
    this.slots = model.slots();
    this.sparsifier = sparsifier;
    int count = rig.cameras().size();
    if (count > model.camera().count()) {
      throw new IllegalArgumentException(
          "rig: found %d cameras, model %s wants at most %d"
              .formatted(count, model.name(), model.camera().count()));
    }
    LidarModel sensor = rig.lidar();
    this.cameraNames = rig.cameras().stream().map(CameraModel::name).toList();
    this.lidarName = sensor == null ? "lidar" : sensor.name();
    this.cameras = new CameraEncoder[count];
    for (int i = 0; i < count; i++) {
      cameras[i] =
          new CameraEncoder(
              loaded,
              store,
              rig.cameras().get(i),
              rig.lenses().get(rig.cameras().get(i).name()),
              sensor,
              int8,
              sparsifier.needsAttention());
    }
    this.hasAttention = sparsifier.needsAttention();
    this.sights = new CameraSight[count];
    int cellsAlong = model.camera().paint().cols() / model.camera().tokenCols();
    Arrays.setAll(
        sights,
        i ->
            new CameraSight(
                i,
                model.camera().tokenRows(),
                model.camera().tokenCols(),
                cellsAlong,
                model.decoder().hidden()));
    this.skipped = new boolean[count];
    this.encoded = new boolean[count];
    this.still = new boolean[model.camera().tokens()];
    this.guardedRows = new boolean[slots.act() + 1 + model.action().tokens()];
    this.lidar = sensor == null ? null : new LidarEncoder(loaded, store, sensor);
    SweepTiming sweep = sensor == null ? null : sensor.sweep();
    this.deskew =
        sensor == null || sweep == null ? null : new Deskew(sensor.baseFromLidar(), sweep);
    this.straight =
        sensor == null || sweep == null
            ? MemorySegment.NULL
            : store.floats(4L * sensor.beams() * sensor.columns());
    this.ego = new EgoEncoder(loaded, store);
    this.cameraStatus = new SensorStatus[count];
    Arrays.fill(cameraStatus, SensorStatus.ABSENT);
    this.kept = new boolean[count][model.camera().tokens()];
    this.mostTokens = new int[count];
  }

  void sparsifier(Sparsifier newSparsifier) {
    if (newSparsifier.needsAttention() && !hasAttention) {
      throw new IllegalArgumentException(
          "sparsifier "
              + newSparsifier.name()
              + ": wanted a session that was opened with it, found one without the encoder's attention");
    }
    sparsifier = newSparsifier;
  }

  /** Takes encoder features from a shared set where it has them, see {@link EncodedSet}. */
  void share(EncodedSet set) {
    for (int i = 0; i < cameras.length; i++) {
      cameras[i].share(set, i);
    }
    if (lidar != null) {
      lidar.share(set);
    }
  }

  /** Selections whose scores were not finite, by the present sparsifier. */
  long degradedSelections() {
    return sparsifier.degraded();
  }

  /** Pictures that were not encoded again because nothing had changed. */
  long reusedPictures() {
    long sum = 0;
    for (CameraEncoder camera : cameras) {
      sum += camera.reused();
    }
    return sum;
  }

  /** Pictures that were encoded, taken from a shared set or from the camera's last one. */
  long encodedPictures() {
    return encodedPictures;
  }

  /** Pictures that the sparsifier looked at and then did not have encoded. */
  long passedPictures() {
    return passedPictures;
  }

  /** Pictures that an earlier one's tokens stood in for. */
  long heldPictures() {
    return heldPictures;
  }

  /** Forgets earlier sets. */
  void forget() {
    Arrays.fill(encoded, false);
    for (CameraEncoder camera : cameras) {
      camera.forget();
    }
    sparsifier.forget();
  }

  /** The tokens of this set did not get into the window. */
  void lost() {
    sparsifier.lost();
  }

  /** Most tokens that a camera gives by the sparsifier. */
  int mostTokens(int camera) {
    return sparsifier.most(camera, model.camera().tokens());
  }

  /** Cameras of the rig. */
  int cameras() {
    return cameras.length;
  }

  String cameraName(int camera) {
    return cameraNames.get(camera);
  }

  String lidarName() {
    return lidarName;
  }

  /** Starts a set: checks every sensor's data; whether any camera or the LiDAR is usable. */
  boolean begin(SetInput in, SetLimits limits) {
    if (in.cameras.length != cameras.length) {
      throw new IllegalArgumentException(
          "set: expected %d cameras as in the rig, found %d"
              .formatted(cameras.length, in.cameras.length));
    }
    faults.clear();
    sparsifier.nextSet();
    boolean any = false;
    for (int i = 0; i < cameras.length; i++) {
      Arrays.fill(kept[i], false);
      skipped[i] = false;
      mostTokens[i] = limits.tokens[i];
      cameraStatus[i] = InputChecks.camera(cameras[i].camera(), in.cameras[i], faults);
      any |= cameraWaits(i);
    }
    lidarStatus = InputChecks.lidar(lidarName, lidar != null, in, faults);
    lidarLeftOut = !limits.lidar;
    egoStatus = InputChecks.ego(in, faults);
    straightened = false;
    return any || lidarWaits();
  }

  /** Whether a camera has data that are not encoded yet. */
  boolean cameraWaits(int camera) {
    return cameraStatus[camera] == SensorStatus.SKIPPED && mostTokens[camera] > 0;
  }

  /** Whether the LiDAR has data that are not encoded yet. */
  boolean lidarWaits() {
    return lidarStatus == SensorStatus.SKIPPED && !lidarLeftOut;
  }

  /** Whether a camera or the LiDAR gave tokens. */
  boolean anySightUsed() {
    boolean any = lidarStatus == SensorStatus.USED;
    for (SensorStatus status : cameraStatus) {
      any |= status == SensorStatus.USED;
    }
    return any;
  }

  /**
   * Encodes one picture, painted with the sweep of the same set when there is one; or leaves it,
   * where the sparsifier says so and nothing in it is guarded.
   */
  void encodeCamera(int camera, SetInput in) {
    CameraView view = in.cameras[camera];
    MemorySegment image = view.image;
    if (image == null) {
      return;
    }
    CameraEncoder encoder = cameras[camera];
    CameraSight sight = sights[camera];
    show(camera, in); // of the picture before; what is guarded is this set's
    boolean must = guards(sight) || (sparsifier.holds() && !encoded[camera]);
    if (!sparsifier.due(camera) && !must) {
      leave(camera);
      return;
    }
    boolean painted = lidarWaits(); // it is encoded after the cameras
    encoder.prepare(
        image,
        view.strideBytes,
        view.format,
        painted ? points(in) : null,
        painted ? in.pointCount : 0);
    if (!sparsifier.encodes(sight) && !must) {
      passedPictures++;
      leave(camera);
      return;
    }
    encoded[camera] = false; // should the run fail
    encoder.encode();
    encoded[camera] = true;
    encodedPictures++;
    cameraStatus[camera] = SensorStatus.USED;
  }

  /** The set gets no new tokens of a camera: those of its last encoded picture again, or none. */
  private void leave(int camera) {
    boolean held = sparsifier.holds();
    skipped[camera] = !held;
    heldPictures += held ? 1 : 0;
    cameraStatus[camera] = SensorStatus.USED;
  }

  private static boolean guards(CameraSight sight) {
    for (boolean guarded : sight.guarded()) {
      if (guarded) {
        return true;
      }
    }
    return false;
  }

  private void show(int camera, SetInput in) {
    CameraEncoder encoder = cameras[camera];
    boolean turning = egoStatus != SensorStatus.INVALID && in.hasEgo && in.speedMps > 0.5;
    sights[camera].show(
        encoder.patches(),
        encoder.tokens(),
        encoder.attention(),
        in.cameras[camera].protectedTokens,
        turning ? in.yawRateRadps / in.speedMps : 0);
  }

  /**
   * The sweep as at the set's instant, where its timing and own motion are known; the caller's
   * memory is only read. Once a set: whoever encodes first makes it.
   */
  private @Nullable MemorySegment points(SetInput in) {
    MemorySegment points = in.points;
    if (deskew == null
        || points == null
        || !in.hasEgo
        || egoStatus == SensorStatus.INVALID
        || (long) in.pointCount * PointLayout.POINT_BYTES > straight.byteSize()) {
      return points;
    }
    if (!straightened) {
      double stampS = in.pointsAfterNs * 1e-9;
      deskew.correct(points, in.pointCount, stampS, in.speedMps, in.yawRateRadps, straight);
      straightened = true;
    }
    return straight;
  }

  void encodeLidar(SetInput in) {
    MemorySegment points = points(in);
    if (lidar != null && points != null) {
      int notFinite = lidar.encode(points, in.pointCount);
      if (notFinite == in.pointCount) {
        lidarStatus = SensorStatus.INVALID;
        faults.add(
            lidarName
                + ": found "
                + notFinite
                + " points, all NaN or infinite, wanted finite x, y, z");
      } else {
        lidarStatus = SensorStatus.USED;
      }
    }
  }

  /**
   * Encodes own motion, drops visual tokens and puts the rest in slot order into the decoder's
   * first rows.
   *
   * @param vla which tokens need not be run again; null: all are
   * @param deepest slice of layers that the set may reach
   * @return rows written
   */
  int assemble(SetInput in, Decoder decoder, @Nullable VlaCache vla, int deepest) {
    int hidden = model.decoder().hidden();
    decoder.beginRows();
    int rows = 0;
    for (int camera = 0; camera < cameras.length; camera++) {
      if (cameraStatus[camera] == SensorStatus.USED && !skipped[camera]) {
        CameraSight sight = sights[camera];
        show(camera, in);
        boolean[] keep = kept[camera];
        sparsifier.select(sight, mostTokens[camera], keep);
        if (vla != null) {
          vla.select(camera, cameras[camera].patches(), camera * slots.cameraTokens(), still);
        }
        for (int t = 0; t < keep.length; t++) {
          if (keep[t]) {
            int slot = camera * slots.cameraTokens() + t;
            if (still[t] && !sight.guarded()[t] && decoder.takesOver(slot, deepest)) {
              continue;
            }
            guardedRows[rows] = sight.guarded()[t];
            decoder.setRow(rows++, slot, sight.rows(), (long) t * hidden);
          }
        }
      }
    }
    Arrays.fill(guardedRows, rows, guardedRows.length, true); // other sensors and text
    if (lidarStatus == SensorStatus.USED && lidar != null) {
      for (int t = 0; t < model.lidar().tokens(); t++) {
        decoder.setRow(rows++, slots.lidar() + t, lidar.tokens(), (long) t * hidden);
      }
    }
    if (egoStatus == SensorStatus.SKIPPED) {
      in.motion(motion);
      ego.encode(motion);
      decoder.setRow(rows++, slots.ego(), ego.tokens(), 0);
      egoStatus = SensorStatus.USED;
    }
    return rows;
  }

  /** (rows) what must not be dropped inside the decoder; of the last {@link #assemble}. */
  boolean[] guardedRows() {
    return guardedRows;
  }

  // ---- what became of the set, for its output; allocates ----

  SensorStatus lidarStatus() {
    return lidarStatus;
  }

  SensorStatus egoStatus() {
    return egoStatus;
  }

  /** One more fault of this set. */
  void addFault(String line) {
    faults.add(line);
  }

  List<String> faults() {
    return List.copyOf(faults);
  }

  /** One for each camera of the rig. */
  List<CameraTokens> cameraTokens() {
    List<CameraTokens> all = new ArrayList<>(cameras.length);
    for (int i = 0; i < cameras.length; i++) {
      int count = 0;
      for (boolean one : kept[i]) {
        count += one ? 1 : 0;
      }
      all.add(new CameraTokens(cameraNames.get(i), cameraStatus[i], kept[i].clone(), count));
    }
    return all;
  }

  /** Names of the sensors that gave tokens, or of all other places of the model. */
  List<String> names(boolean used) {
    List<String> names = new ArrayList<>(model.camera().count() + 2);
    for (int i = 0; i < model.camera().count(); i++) {
      boolean inRig = i < cameras.length;
      if ((inRig && cameraStatus[i] == SensorStatus.USED) == used) {
        names.add(inRig ? cameraNames.get(i) : "camera " + i);
      }
    }
    if ((lidarStatus == SensorStatus.USED) == used) {
      names.add(lidarName);
    }
    if ((egoStatus == SensorStatus.USED) == used) {
      names.add("ego");
    }
    return names;
  }
}
