package saccade.perception.engine;

import ai.onnxruntime.OnnxTensorLike;
import ai.onnxruntime.OnnxValue;
import ai.onnxruntime.OrtEnvironment;
import ai.onnxruntime.OrtSession;
import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.MethodHandle;
import java.lang.invoke.MethodHandles;
import java.lang.reflect.Field;
import java.lang.reflect.InaccessibleObjectException;
import java.lang.reflect.Method;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Hot path. ONNX Runtime's C function {@code Run}, called without the Java API in between: that one
 * makes garbage in each call, this one none.
 *
 * <p>The Java API does all set-up. Read from it are private numbers: the address of the C function
 * table ({@code OrtApi}, whose order never changes) and the handles of sessions, tensors and run
 * options. They are looked for once, by name and type, and only in versions of ONNX Runtime that
 * this was tested with; where anything is not as expected, {@link #missing} says what, and callers
 * stay with the Java API.
 *
 * <p>Handles are bare addresses: whoever calls keeps session, tensors and options open and
 * reachable.
 */
final class DirectCalls {

  /** Versions whose private fields were looked at. */
  static final List<String> TESTED_VERSIONS = List.of("1.29.");

  // Places of functions in OrtApi, in the order of onnxruntime_c_api.h.
  private static final int GET_ERROR_MESSAGE = 2;
  private static final int CREATE_ENV = 3;
  private static final int RUN = 9;
  private static final int RELEASE_STATUS = 93;
  private static final int TABLE_PLACES = 94;

  private static final int LOGGING_LEVEL_WARNING = 2; // OrtLoggingLevel

  private static final long LONGEST_MESSAGE_BYTES = 1 << 14;
  private static final ValueLayout.OfLong I64 = ValueLayout.JAVA_LONG; // pointers and size_t too
  private static final String RUNTIME_CLASS = "ai.onnxruntime.OnnxRuntime";

  // In this order: what follows is only looked for when nothing is missing.
  private static final String MISSING = missingHere();
  private static final MethodHandle RUN_CALL =
      call(RUN, FunctionDescriptor.of(I64, I64, I64, I64, I64, I64, I64, I64, I64));
  private static final MethodHandle MESSAGE_CALL =
      call(GET_ERROR_MESSAGE, FunctionDescriptor.of(I64, I64));
  private static final MethodHandle RELEASE_CALL =
      call(RELEASE_STATUS, FunctionDescriptor.ofVoid(I64));

  private static final MethodHandle CREATE_ENV_CALL =
      call(
          CREATE_ENV,
          FunctionDescriptor.of(
              I64, ValueLayout.JAVA_INT, ValueLayout.ADDRESS, ValueLayout.ADDRESS));

  private DirectCalls() {}

  /** Why the direct call cannot be used; empty when it can. */
  static String missing() {
    return MISSING;
  }

  /**
   * Takes a reference to the environment, which there is one of in a process and which is made here
   * when there is none yet: it is not freed before the process is gone. Nothing happens where
   * something is {@link #missing}.
   */
  static void keepEnvironment() {
    if (!MISSING.isEmpty()) {
      return;
    }
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment environment = arena.allocate(ValueLayout.ADDRESS);
      long status =
          (long)
              CREATE_ENV_CALL.invokeExact(
                  LOGGING_LEVEL_WARNING, arena.allocateFrom("saccade"), environment);
      if (status != 0) {
        throw new EngineException("OrtApi.CreateEnv: " + take(status));
      }
    } catch (RuntimeException | Error e) {
      throw e;
    } catch (Throwable e) {
      throw new EngineException("OrtApi.CreateEnv: " + e, e);
    }
  }

  /** Address of an open session. */
  static long handle(OrtSession session) {
    return number(OrtSession.class, "nativeHandle", session);
  }

  /** Address of a tensor. */
  static long handle(OnnxValue tensor) {
    return number(OnnxTensorLike.class, "nativeHandle", tensor);
  }

  /** Address of run options. */
  static long handle(OrtSession.RunOptions options) {
    return number(OrtSession.RunOptions.class, "nativeHandle", options);
  }

  /**
   * Runs a session; all arguments are addresses, or counts.
   *
   * @return 0, or the address of a status to be read by {@link #take}
   */
  static long run(
      long session,
      long options,
      long inputNames,
      long inputs,
      long inputCount,
      long outputNames,
      long outputCount,
      long outputs) {
    try {
      return (long)
          RUN_CALL.invokeExact(
              session, options, inputNames, inputs, inputCount, outputNames, outputCount, outputs);
    } catch (RuntimeException | Error e) {
      throw e;
    } catch (Throwable e) {
      throw new EngineException("OrtApi.Run: " + e, e);
    }
  }

  /** Message of a status that is not 0; frees the status. */
  static String take(long status) {
    try {
      long text = (long) MESSAGE_CALL.invokeExact(status);
      String message =
          MemorySegment.ofAddress(text).reinterpret(LONGEST_MESSAGE_BYTES).getString(0);
      RELEASE_CALL.invokeExact(status);
      return message;
    } catch (RuntimeException | Error e) {
      throw e;
    } catch (Throwable e) {
      throw new EngineException("OrtApi.GetErrorMessage: " + e, e);
    }
  }

  /**
   * Looks for everything that the direct call needs.
   *
   * @param version of ONNX Runtime
   * @param runtime class with the static address of the function table
   * @param handles classes with a {@code nativeHandle} each
   * @return empty, or what was found and what was wanted
   */
  static String missing(String version, Class<?> runtime, List<Class<?>> handles) {
    if (TESTED_VERSIONS.stream().noneMatch(version::startsWith)) {
      return "found ONNX Runtime %s, tested with %s".formatted(version, TESTED_VERSIONS);
    }
    String wrong = wrongField(runtime, "ortApiHandle");
    for (Class<?> holder : handles) {
      wrong = wrong.isEmpty() ? wrongField(holder, "nativeHandle") : wrong;
    }
    if (!wrong.isEmpty()) {
      return wrong;
    }
    return number(runtime, "ortApiHandle", null) == 0
        ? "found no function table, wanted an initialised ONNX Runtime"
        : "";
  }

  private static String missingHere() {
    if (ValueLayout.ADDRESS.byteSize() != Long.BYTES) {
      return "found addresses of %d bytes, wanted 8".formatted(ValueLayout.ADDRESS.byteSize());
    }
    OrtEnvironment.getAvailableProviders(); // loads the library, and makes no environment yet
    try {
      Class<?> runtime = Class.forName(RUNTIME_CLASS);
      Method version = runtime.getDeclaredMethod("version");
      version.setAccessible(true);
      return missing(
          String.valueOf(version.invoke(null)),
          runtime,
          List.of(OrtSession.class, OnnxTensorLike.class, OrtSession.RunOptions.class));
    } catch (ReflectiveOperationException e) {
      return "found no %s.version(): %s".formatted(RUNTIME_CLASS, e);
    } catch (InaccessibleObjectException e) { // a named module that is not open to this one
      return "%s.version() cannot be read: %s".formatted(RUNTIME_CLASS, e.getMessage());
    }
  }

  private static String wrongField(Class<?> holder, String name) {
    try {
      Field field = holder.getDeclaredField(name);
      if (field.getType() != long.class) {
        return "found %s.%s of type %s, wanted long"
            .formatted(holder.getSimpleName(), name, field.getType().getSimpleName());
      }
      field.setAccessible(true);
      return "";
    } catch (NoSuchFieldException e) {
      return "found no field %s.%s".formatted(holder.getSimpleName(), name);
    } catch (RuntimeException e) { // a named module that is not open to this one
      return "%s.%s cannot be read: %s".formatted(holder.getSimpleName(), name, e.getMessage());
    }
  }

  private static long number(Class<?> holder, String name, @Nullable Object of) {
    try {
      Field field = holder.getDeclaredField(name);
      field.setAccessible(true);
      return field.getLong(of);
    } catch (ReflectiveOperationException e) {
      throw new EngineException(holder.getSimpleName() + "." + name + " cannot be read", e);
    }
  }

  private static MethodHandle call(int place, FunctionDescriptor type) {
    if (!MISSING.isEmpty()) {
      return MethodHandles.empty(type.toMethodType());
    }
    try {
      long table = number(Class.forName(RUNTIME_CLASS), "ortApiHandle", null);
      long function =
          MemorySegment.ofAddress(table)
              .reinterpret((long) TABLE_PLACES * Long.BYTES)
              .getAtIndex(I64, place);
      return Linker.nativeLinker().downcallHandle(MemorySegment.ofAddress(function), type);
    } catch (ClassNotFoundException e) {
      throw new EngineException("found no class " + RUNTIME_CLASS, e);
    }
  }
}
