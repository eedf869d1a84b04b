package saccade.nodes.pipeline;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import saccade.kernels.geometry.CameraModel;
import saccade.kernels.geometry.LidarModel;
import saccade.kernels.geometry.Rig;
import saccade.kernels.image.PixelFormat;
import saccade.nodes.cli.BadInput;
import saccade.nodes.cli.ExitCode;
import saccade.perception.PerceptionOutput;
import saccade.perception.PerceptionSession;
import saccade.perception.SessionOptions;
import saccade.perception.SetInput;
import saccade.perception.SliceOutcome;
import saccade.perception.engine.EngineException;
import saccade.perception.engine.EngineOptions;
import saccade.perception.engine.LoadedModel;
import saccade.perception.model.ModelPackage;
import saccade.perception.model.ModelPackageException;
import saccade.planner.OutputCodec;
import saccade.realtime.clock.NanoClock;
import saccade.realtime.schedule.SliceKind;

/** Hot path after construction. A model package behind {@link Perceiver}; owns its session. */
public final class ModelPerceiver implements Perceiver {
  private final LoadedModel loaded;
  private final PerceptionSession session;
  private final Rig rig;
  private final SliceKind[] kinds; // (slice kinds of the session)
  private int ran;
  private boolean abandoned; // set-down only

  private ModelPerceiver(LoadedModel loaded, Rig rig, NanoClock clock, SessionOptions options) {
    this.loaded = loaded;
    this.rig = rig;
    this.session = new PerceptionSession(loaded, rig, clock, options);
    this.kinds = new SliceKind[session.sliceKinds()];
    for (int i = 0; i < kinds.length; i++) {
      kinds[i] = new SliceKind(session.sliceName(i));
    }
  }

  /**
   * Opens the model in {@code dir} for a rig. Set-up only, about a second.
   *
   * @param clock measures slices; the system clock, also where time is simulated
   * @throws BadInput in one line when the package is missing, damaged or does not fit the rig
   */
  public static ModelPerceiver open(Path dir, Rig rig, NanoClock clock, SessionOptions options) {
    return open(dir, rig, clock, options, EngineOptions.DEFAULT);
  }

  /** As the other one, with what runs the graphs. */
  public static ModelPerceiver open(
      Path dir, Rig rig, NanoClock clock, SessionOptions options, EngineOptions engine) {
    LoadedModel loaded = load(dir, engine);
    try {
      return new ModelPerceiver(loaded, rig, clock, options);
    } catch (IllegalArgumentException e) {
      loaded.close();
      throw new BadInput(dir + ": " + e.getMessage());
    } catch (RuntimeException e) {
      loaded.close();
      throw e;
    }
  }

  /** Reads and opens a package; complaints of both are one line. */
  public static LoadedModel load(Path dir) {
    return load(dir, EngineOptions.DEFAULT);
  }

  /** As the other one, with what runs the graphs. */
  public static LoadedModel load(Path dir, EngineOptions engine) {
    try {
      return LoadedModel.open(description(dir), engine);
    } catch (EngineException e) {
      throw new BadInput(String.valueOf(e.getMessage()));
    }
  }

  /**
   * What the tokens of a package mean.
   *
   * @throws BadInput when its grammar has a fact or a word that the planner bridge does not know
   */
  public static OutputCodec codecOf(ModelPackage model) {
    try {
      return MessageMaker.codecOf(model);
    } catch (IllegalArgumentException e) {
      throw new BadInput(
          model.dir().resolve(ModelPackage.DESCRIPTION_FILE) + ": " + e.getMessage());
    }
  }

  /** The shipped rig that fills a model's camera places best: six cameras, or the front two. */
  public static Rig rigFor(ModelPackage model) {
    Rig six = Rig.sixCamera();
    return model.camera().count() >= six.cameras().size() ? six : Rig.twoCamera();
  }

  /** Reads and checks a package (hashes included) without opening its graphs. */
  public static ModelPackage description(Path dir) {
    if (!java.nio.file.Files.exists(dir.resolve(ModelPackage.DESCRIPTION_FILE))) {
      throw new BadInput(
          ExitCode.UNAVAILABLE,
          dir
              + ": expected a model package (a folder with "
              + ModelPackage.DESCRIPTION_FILE
              + "), found none; give one with --model DIR");
    }
    try {
      return ModelPackage.load(dir);
    } catch (ModelPackageException e) {
      throw new BadInput(String.valueOf(e.getMessage()));
    }
  }

  /**
   * Set-up only. Runs sets of black pictures and full sweeps until the JIT and the runtime have
   * settled, then forgets them.
   *
   * @param sets how many
   */
  public void warmUp(int sets) {
    try (Arena arena = Arena.ofConfined()) {
      SetInput input = new SetInput(rig.cameras().size());
      input.clear();
      for (int i = 0; i < rig.cameras().size(); i++) {
        CameraModel camera = rig.cameras().get(i);
        MemorySegment black = arena.allocate(3L * camera.widthPx() * camera.heightPx(), 64);
        input.camera(
            i, black, camera.widthPx(), camera.heightPx(), 3L * camera.widthPx(), PixelFormat.RGB8);
      }
      LidarModel lidar = rig.lidar();
      if (lidar != null) {
        int points = lidar.beams() * lidar.columns();
        input.lidar(WarmSweep.of(arena, points), points);
      }
      input.ego(0, 0, 0, 0);
      for (int i = 0; i < sets; i++) {
        session.begin(input, Long.MAX_VALUE);
        boolean more = session.nextSlice() != PerceptionSession.DONE;
        while (more) {
          more = session.step(0) == SliceOutcome.MORE;
        }
      }
      session.reset();
    }
  }

  @Override
  public void begin(SetInput input, long deadlineNs) {
    session.begin(input, deadlineNs);
  }

  @Override
  public boolean step(long nowNs) {
    int slice = session.nextSlice();
    if (slice == PerceptionSession.DONE) {
      return false; // begin ended the set: no sensor was usable
    }
    ran = slice;
    return session.step(nowNs) == SliceOutcome.MORE;
  }

  @Override
  public boolean describing() {
    return session.actionReady();
  }

  @Override
  public SliceKind kind() {
    return kinds[ran];
  }

  @Override
  public void cut() {
    if (session.nextSlice() != PerceptionSession.DONE) {
      session.cut();
    }
  }

  @Override
  public PerceptionOutput output() {
    return session.output();
  }

  @Override
  public void reset() {
    cut();
    session.reset();
  }

  /** The session, for gauges (cache rows, bytes, handles). */
  public PerceptionSession session() {
    return session;
  }

  /** ONNX Runtime's version, how it is called, and the execution providers that run the graphs. */
  public String runtime() {
    return loaded.runtimeVersion() + ", " + loaded.call() + ", " + loaded.provider();
  }

  /** What each kind of slice has cost. */
  public List<SliceKind> kinds() {
    List<SliceKind> all = new ArrayList<>();
    for (SliceKind kind : kinds) {
      all.add(kind);
    }
    return all;
  }

  /**
   * The lane never came back from a slice: {@link #close} must not free what that thread still
   * reads. Left to the end of the process.
   */
  public void leaveOpen() {
    abandoned = true;
  }

  @Override
  public void close() {
    if (!abandoned) {
      session.close();
      loaded.close();
    }
  }
}
