package saccade.realtime.os;

import java.lang.foreign.AddressLayout;
import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.MemoryLayout;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.StructLayout;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.MethodHandle;
import java.lang.invoke.VarHandle;
import org.jspecify.annotations.Nullable;

/**
 * The few calls of libc that a policy needs, through the Foreign Function API. Set-up only. Every
 * call names a thread by 0, which means the calling one.
 */
final class Libc {
  static final int SCHED_OTHER = 0;
  static final int SCHED_FIFO = 1;
  static final int SCHED_RR = 2;

  static final int EPERM = 1;
  static final int ENOMEM = 12;
  static final int EINVAL = 22;

  private static final int PRIO_PROCESS = 0;
  private static final int MCL_CURRENT = 1;
  private static final int MCL_FUTURE = 2;
  private static final int MCL_ONFAULT = 4;
  private static final int RLIMIT_DATA = 2;
  private static final int SIGINT = 2;
  private static final long SIG_DFL = 0;
  private static final long SIG_ERR = -1;

  /** Bytes of a {@code cpu_set_t} of 1024 CPUs, glibc's size. */
  private static final int CPU_SET_BYTES = 128;

  private static final StructLayout STATE = Linker.Option.captureStateLayout();
  private static final VarHandle ERRNO =
      STATE.varHandle(MemoryLayout.PathElement.groupElement("errno"));

  private static final @Nullable Libc HERE = find();

  private final MethodHandle setAffinity;
  private final MethodHandle getAffinity;
  private final MethodHandle setScheduler;
  private final MethodHandle getScheduler;
  private final MethodHandle getParam;
  private final MethodHandle setPriority;
  private final MethodHandle getPriority;
  private final MethodHandle lockAll;
  private final MethodHandle unlockAll;
  private final MethodHandle getLimit;
  private final MethodHandle setLimit;
  private final MethodHandle setSignal;
  private final @Nullable MethodHandle trim; // glibc alone has it

  private Libc(Linker linker) {
    AddressLayout pointer = ValueLayout.ADDRESS;
    ValueLayout.OfInt i32 = ValueLayout.JAVA_INT;
    ValueLayout.OfLong i64 = ValueLayout.JAVA_LONG;
    setAffinity = call(linker, "sched_setaffinity", FunctionDescriptor.of(i32, i32, i64, pointer));
    getAffinity = call(linker, "sched_getaffinity", FunctionDescriptor.of(i32, i32, i64, pointer));
    setScheduler =
        call(linker, "sched_setscheduler", FunctionDescriptor.of(i32, i32, i32, pointer));
    getScheduler = call(linker, "sched_getscheduler", FunctionDescriptor.of(i32, i32));
    getParam = call(linker, "sched_getparam", FunctionDescriptor.of(i32, i32, pointer));
    setPriority = call(linker, "setpriority", FunctionDescriptor.of(i32, i32, i32, i32));
    getPriority = call(linker, "getpriority", FunctionDescriptor.of(i32, i32, i32));
    lockAll = call(linker, "mlockall", FunctionDescriptor.of(i32, i32));
    unlockAll = call(linker, "munlockall", FunctionDescriptor.of(i32));
    getLimit = call(linker, "getrlimit", FunctionDescriptor.of(i32, i32, pointer));
    setLimit = call(linker, "setrlimit", FunctionDescriptor.of(i32, i32, pointer));
    setSignal = call(linker, "signal", FunctionDescriptor.of(i64, i32, i64));
    trim =
        linker.defaultLookup().find("malloc_trim").isPresent()
            ? call(linker, "malloc_trim", FunctionDescriptor.of(i32, i64))
            : null;
  }

  private static @Nullable Libc find() {
    if (!System.getProperty("os.name", "").equals("Linux")) {
      return null;
    }
    try {
      return new Libc(Linker.nativeLinker());
    } catch (UnsupportedOperationException | IllegalArgumentException e) {
      return null; // another libc without these calls
    }
  }

  /** The calls, or null where this is not Linux or native access is closed. */
  static @Nullable Libc here() {
    return HERE;
  }

  private static MethodHandle call(Linker linker, String name, FunctionDescriptor form) {
    MemorySegment address =
        linker
            .defaultLookup()
            .find(name)
            .orElseThrow(() -> new IllegalArgumentException("libc has no " + name));
    return linker.downcallHandle(address, form, Linker.Option.captureCallState("errno"));
  }

  /** What a call gave back, and errno where it failed. */
  record Outcome(int value, int errno) {
    boolean failed() {
      return value < 0;
    }

    /** The reason in words that a person can act on. */
    String why() {
      return switch (errno) {
        case EPERM -> "not permitted (EPERM)";
        case EINVAL -> "no such value here (EINVAL)";
        case ENOMEM -> "over the limit of locked memory (ENOMEM)";
        default -> "errno " + errno;
      };
    }
  }

  @FunctionalInterface
  private interface Call {
    int on(MemorySegment state) throws Throwable;
  }

  private static Outcome outcome(Arena arena, Call call) {
    MemorySegment state = arena.allocate(STATE);
    try {
      int value = call.on(state);
      return new Outcome(value, value < 0 ? (int) ERRNO.get(state, 0L) : 0);
    } catch (RuntimeException | Error e) {
      throw e;
    } catch (Throwable e) {
      throw new IllegalStateException("a call into libc failed", e);
    }
  }

  /** CPUs 0..63 as bits of {@code cpus}. */
  Outcome setAffinity(long cpus) {
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment set = arena.allocate(CPU_SET_BYTES, 8);
      set.set(ValueLayout.JAVA_LONG, 0, cpus);
      return outcome(
          arena, state -> (int) setAffinity.invokeExact(state, 0, (long) CPU_SET_BYTES, set));
    }
  }

  /** The first 64 CPUs that this thread may run on, as bits; 0 when it cannot be read. */
  long affinity() {
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment set = arena.allocate(CPU_SET_BYTES, 8);
      Outcome read =
          outcome(
              arena, state -> (int) getAffinity.invokeExact(state, 0, (long) CPU_SET_BYTES, set));
      return read.failed() ? 0 : set.get(ValueLayout.JAVA_LONG, 0);
    }
  }

  Outcome setScheduler(int policy, int priority) {
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment param = arena.allocate(ValueLayout.JAVA_INT);
      param.set(ValueLayout.JAVA_INT, 0, priority);
      return outcome(arena, state -> (int) setScheduler.invokeExact(state, 0, policy, param));
    }
  }

  int scheduler() {
    try (Arena arena = Arena.ofConfined()) {
      return outcome(arena, state -> (int) getScheduler.invokeExact(state, 0)).value();
    }
  }

  int schedulerPriority() {
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment param = arena.allocate(ValueLayout.JAVA_INT);
      Outcome read = outcome(arena, state -> (int) getParam.invokeExact(state, 0, param));
      return read.failed() ? -1 : param.get(ValueLayout.JAVA_INT, 0);
    }
  }

  /** On Linux a nice value is a thread's own. */
  Outcome setNice(int nice) {
    try (Arena arena = Arena.ofConfined()) {
      return outcome(arena, state -> (int) setPriority.invokeExact(state, PRIO_PROCESS, 0, nice));
    }
  }

  int nice() {
    try (Arena arena = Arena.ofConfined()) {
      return outcome(arena, state -> (int) getPriority.invokeExact(state, PRIO_PROCESS, 0)).value();
    }
  }

  /** SIGINT ends the process again, as before anybody asked for it. */
  Outcome defaultInterrupt() {
    try (Arena arena = Arena.ofConfined()) {
      return outcome(
          arena, state -> (long) setSignal.invokeExact(state, SIGINT, SIG_DFL) == SIG_ERR ? -1 : 0);
    }
  }

  /** Pages are locked when they are first touched, so a reserved heap does not count. */
  Outcome lockMemory() {
    try (Arena arena = Arena.ofConfined()) {
      return outcome(
          arena, state -> (int) lockAll.invokeExact(state, MCL_CURRENT | MCL_FUTURE | MCL_ONFAULT));
    }
  }

  Outcome unlockMemory() {
    try (Arena arena = Arena.ofConfined()) {
      return outcome(arena, state -> (int) unlockAll.invokeExact(state));
    }
  }

  /**
   * Bytes of private writable memory that this process may have (RLIMIT_DATA): what it asks for
   * beyond is refused by the kernel.
   *
   * @return the soft limit; negative for none, or where it cannot be read
   */
  long dataLimit() {
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment limit = arena.allocate(ValueLayout.JAVA_LONG, 2); // soft, hard
      Outcome read = outcome(arena, state -> (int) getLimit.invokeExact(state, RLIMIT_DATA, limit));
      return read.failed() ? -1 : limit.get(ValueLayout.JAVA_LONG, 0);
    }
  }

  /** Sets the soft limit and leaves the hard one; negative for none. */
  Outcome setDataLimit(long bytes) {
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment limit = arena.allocate(ValueLayout.JAVA_LONG, 2);
      Outcome read = outcome(arena, state -> (int) getLimit.invokeExact(state, RLIMIT_DATA, limit));
      if (read.failed()) {
        return read;
      }
      limit.set(ValueLayout.JAVA_LONG, 0, bytes);
      return outcome(arena, state -> (int) setLimit.invokeExact(state, RLIMIT_DATA, limit));
    }
  }

  /**
   * Gives free memory of malloc back to the kernel; false where there was none, or no such call.
   */
  boolean trimMalloc() {
    MethodHandle call = trim;
    if (call == null) {
      return false;
    }
    try (Arena arena = Arena.ofConfined()) {
      return outcome(arena, state -> (int) call.invokeExact(state, 0L)).value() == 1;
    }
  }
}
