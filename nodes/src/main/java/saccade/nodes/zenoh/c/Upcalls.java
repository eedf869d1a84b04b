package saccade.nodes.zenoh.c;

import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.MethodHandle;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.MethodType;
import java.lang.invoke.VarHandle;
import java.util.Arrays;
import java.util.concurrent.atomic.AtomicLong;

/**
 * Hot path. Where the library's threads enter Java. All closures of zenoh-c have one shape, {@code
 * call(thing, context)} and {@code drop(context)}, so two stubs for the life of the process do; the
 * context is no address but the number of a place in a table. The library drops a context once,
 * after its last call, and only then is the place used again.
 *
 * <p>Nothing that Java throws reaches the library, which would end the process: it is counted.
 */
public final class Upcalls {
  /** What a closure does. */
  public interface Handler {
    /**
     * @param loaned the sample, reply, query or id; the library's, valid during the call
     */
    void call(long loaned);

    /** No call comes any more. */
    void dropped();
  }

  private static final VarHandle PLACE = MethodHandles.arrayElementVarHandle(Handler[].class);
  private static final ThreadLocal<int[]> DEPTH = ThreadLocal.withInitial(() -> new int[1]);
  private static final AtomicLong THROWN = new AtomicLong();

  private static final Object TABLE = new Object();
  private static volatile Handler[] handlers = new Handler[64];
  private static int[] free = new int[0]; // guarded by TABLE; the first freeCount are free
  private static int freeCount; // guarded by TABLE
  private static int used; // guarded by TABLE: places given out at least once
  private static int live; // guarded by TABLE

  static final long CALL =
      stub("call", MethodType.methodType(void.class, long.class, long.class)).address();
  static final long DROP = stub("drop", MethodType.methodType(void.class, long.class)).address();

  private Upcalls() {}

  private static MemorySegment stub(String name, MethodType type) {
    try {
      MethodHandle target = MethodHandles.lookup().findStatic(Upcalls.class, name, type);
      FunctionDescriptor shape =
          type.parameterCount() == 2
              ? FunctionDescriptor.ofVoid(ValueLayout.JAVA_LONG, ValueLayout.JAVA_LONG)
              : FunctionDescriptor.ofVoid(ValueLayout.JAVA_LONG);
      return Linker.nativeLinker().upcallStub(target, shape, Arena.global());
    } catch (ReflectiveOperationException e) {
      throw new ExceptionInInitializerError(e);
    }
  }

  /** Context for a closure that calls {@code handler}; never 0. */
  static long register(Handler handler) {
    synchronized (TABLE) {
      int place;
      if (freeCount > 0) {
        place = free[--freeCount];
      } else {
        place = used++;
        if (place == handlers.length) {
          handlers = Arrays.copyOf(handlers, 2 * place);
        }
      }
      PLACE.setRelease(handlers, place, handler);
      live++;
      return place + 1L;
    }
  }

  /** Whether this thread is within a call of the library. */
  public static boolean inside() {
    return DEPTH.get()[0] > 0;
  }

  /** Closures that the library has and did not drop yet. */
  public static int live() {
    synchronized (TABLE) {
      return live;
    }
  }

  /** Exceptions and errors that came out of handlers. */
  public static long thrown() {
    return THROWN.get();
  }

  @SuppressWarnings("unused") // by the stub
  private static void call(long loaned, long context) {
    try {
      int[] depth = DEPTH.get();
      depth[0]++;
      try {
        Handler handler = (Handler) PLACE.getAcquire(handlers, (int) (context - 1));
        if (handler != null) {
          handler.call(loaned);
        }
      } finally {
        depth[0]--;
      }
    } catch (Throwable t) {
      THROWN.getAndIncrement();
    }
  }

  @SuppressWarnings("unused") // by the stub
  private static void drop(long context) {
    try {
      Handler handler;
      int place = (int) (context - 1);
      synchronized (TABLE) {
        handler = (Handler) PLACE.getAcquire(handlers, place);
        if (handler == null) {
          return;
        }
        PLACE.setRelease(handlers, place, null);
        if (freeCount == free.length) {
          free = Arrays.copyOf(free, Math.max(16, 2 * freeCount));
        }
        free[freeCount++] = place;
        live--;
      }
      int[] depth = DEPTH.get();
      depth[0]++;
      try {
        handler.dropped();
      } finally {
        depth[0]--;
      }
    } catch (Throwable t) {
      THROWN.getAndIncrement();
    }
  }
}
