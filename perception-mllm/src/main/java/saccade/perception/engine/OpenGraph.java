package saccade.perception.engine;

import ai.onnxruntime.OrtEnvironment;
import ai.onnxruntime.OrtException;
import ai.onnxruntime.OrtLoggingLevel;
import ai.onnxruntime.OrtProvider;
import ai.onnxruntime.OrtSession;
import ai.onnxruntime.providers.OrtCUDAProviderOptions;
import ai.onnxruntime.providers.OrtTensorRTProviderOptions;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;

/**
 * One ONNX session and the provider it really has. Set-up only, but for {@link #isOpen}. Opening
 * tries the wanted provider and then those it falls back on; what stood against each is kept.
 */
final class OpenGraph implements AutoCloseable {

  private final String file;
  private final OrtSession session;
  private final GraphPlacement placement;
  private final Arena arena = Arena.ofShared();
  private final Map<String, MemorySegment> names = new ConcurrentHashMap<>(); // C strings
  private volatile boolean open = true;

  private OpenGraph(String file, OrtSession session, GraphPlacement placement) {
    this.file = file;
    this.session = session;
    this.placement = placement;
  }

  /**
   * Opens a graph with the first provider of the chain that works.
   *
   * @throws EngineException when not even the CPU can open it
   */
  static OpenGraph open(Path path, EngineOptions options) {
    String file = String.valueOf(path.getFileName());
    List<String> against = new ArrayList<>();
    EnumSet<OrtProvider> built = OrtEnvironment.getAvailableProviders();
    for (ExecutionProvider provider : options.provider().chain()) {
      if (!built.contains(provider.ort())) {
        against.add(
            "%s: this build of ONNX Runtime has only %s (wanted: the library onnxruntime_gpu)"
                .formatted(provider.ortName(), built.stream().map(OrtProvider::getName).toList()));
        continue;
      }
      try {
        OrtSession session = session(path, provider, options);
        Map<String, Integer> nodes =
            provider == ExecutionProvider.CPU
                ? Map.of()
                : NodeCensus.count(path, provider, options);
        return new OpenGraph(
            file,
            session,
            new GraphPlacement(
                file, options.provider(), provider, String.join("; ", against), nodes));
      } catch (OrtException | UnsatisfiedLinkError e) {
        if (provider == ExecutionProvider.CPU) {
          throw new EngineException(
              path + ": ONNX Runtime cannot open it: " + firstLine(e.getMessage()), e);
        }
        against.add(provider.ortName() + ": " + firstLine(e.getMessage()));
      }
    }
    throw new EngineException(path + ": found no execution provider: " + against);
  }

  /**
   * Opens a graph that puts out more than its file says, with the provider that the file's own
   * session has.
   *
   * @throws EngineException in one line when it cannot be opened
   */
  static OpenGraph open(OpenGraph base, GraphTap tap, EngineOptions options) {
    ExecutionProvider provider = base.placement.ran();
    try (OrtSession.SessionOptions session = sessionOptions(provider, options)) {
      return new OpenGraph(
          base.file,
          RuntimeEnvironment.open(ort -> ort.createSession(tap.model(), session)),
          base.placement);
    } catch (OrtException e) {
      throw new EngineException(
          base.file + " with " + tap.outputs() + ": cannot open it: " + firstLine(e.getMessage()),
          e);
    }
  }

  /** Opens a session, unless the process is ending; the caller closes it. */
  private static OrtSession session(Path path, ExecutionProvider provider, EngineOptions options)
      throws OrtException {
    try (OrtSession.SessionOptions session = sessionOptions(provider, options)) {
      return RuntimeEnvironment.open(ort -> ort.createSession(path.toString(), session));
    }
  }

  /** Session options with a provider and those it leaves operators to; the caller closes them. */
  static OrtSession.SessionOptions sessionOptions(ExecutionProvider provider, EngineOptions options)
      throws OrtException {
    OrtSession.SessionOptions session = new OrtSession.SessionOptions();
    try {
      session.setIntraOpNumThreads(options.threads());
      session.setInterOpNumThreads(1);
      session.setSessionLogLevel(OrtLoggingLevel.ORT_LOGGING_LEVEL_ERROR);
      if (provider == ExecutionProvider.TENSORRT) {
        try (OrtTensorRTProviderOptions rt = new OrtTensorRTProviderOptions(options.device())) {
          for (var e : options.settings(ExecutionProvider.TENSORRT).entrySet()) {
            rt.add(e.getKey(), e.getValue());
          }
          session.addTensorrt(rt);
        }
      }
      if (provider != ExecutionProvider.CPU) {
        try (OrtCUDAProviderOptions cuda = new OrtCUDAProviderOptions(options.device())) {
          for (var e : options.settings(ExecutionProvider.CUDA).entrySet()) {
            cuda.add(e.getKey(), e.getValue());
          }
          session.addCUDA(cuda);
        }
      }
      return session;
    } catch (OrtException | RuntimeException | Error e) {
      session.close();
      throw e;
    }
  }

  String file() {
    return file;
  }

  OrtSession session() {
    return session;
  }

  GraphPlacement placement() {
    return placement;
  }

  /** False from {@link #close} on: a run must not be started any more. */
  boolean isOpen() {
    return open;
  }

  /** Address of an input's or output's name as a C string; valid until {@link #close}. */
  long nameAddress(String name) {
    return names.computeIfAbsent(name, arena::allocateFrom).address();
  }

  @Override
  public void close() {
    if (!open) {
      return;
    }
    open = false;
    try {
      session.close();
    } catch (OrtException e) {
      throw new EngineException("cannot close a session: " + e.getMessage(), e);
    } finally {
      arena.close();
    }
  }

  static String firstLine(@org.jspecify.annotations.Nullable String message) {
    return message == null ? "no message" : message.lines().findFirst().orElse("no message");
  }
}
