package saccade.nodes.sensor;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;

/**
 * Hot path. Timed commands from the control thread to the simulator's: one writer, one reader, a
 * power of two of places. A full ring overwrites nothing: the writer is told.
 */
final class CommandRing {
  private static final VarHandle WRITTEN;
  private static final VarHandle READ;

  static {
    try {
      MethodHandles.Lookup lookup = MethodHandles.lookup();
      WRITTEN = lookup.findVarHandle(CommandRing.class, "written", long.class);
      READ = lookup.findVarHandle(CommandRing.class, "read", long.class);
    } catch (ReflectiveOperationException e) {
      throw new ExceptionInInitializerError(e);
    }
  }

  private final int mask;
  private final long[] atNs; // (places)
  private final double[] accelMps2; // (places)
  private final double[] curvature1pm; // (places)
  private long written; // released by the writer, acquired by the reader
  private long read; // released by the reader, acquired by the writer

  CommandRing(int places) {
    if (Integer.bitCount(places) != 1) {
      throw new IllegalArgumentException("expected a power of two, found " + places);
    }
    mask = places - 1;
    atNs = new long[places];
    accelMps2 = new double[places];
    curvature1pm = new double[places];
  }

  /** Writer. False when the reader is a whole ring behind. */
  boolean put(long ns, double accel, double curvature) {
    long next = written;
    if (next - (long) READ.getAcquire(this) > mask) {
      return false;
    }
    int at = (int) next & mask;
    atNs[at] = ns;
    accelMps2[at] = accel;
    curvature1pm[at] = curvature;
    WRITTEN.setRelease(this, next + 1);
    return true;
  }

  /** Reader. When the oldest command acts from, ns; {@code Long.MAX_VALUE} when there is none. */
  long peekNs() {
    return read == (long) WRITTEN.getAcquire(this) ? Long.MAX_VALUE : atNs[(int) read & mask];
  }

  /** Reader, after {@link #peekNs} found one. */
  double accelMps2() {
    return accelMps2[(int) read & mask];
  }

  /** Reader, after {@link #peekNs} found one. */
  double curvature1pm() {
    return curvature1pm[(int) read & mask];
  }

  /** Reader. Done with the oldest command. */
  void pop() {
    READ.setRelease(this, read + 1);
  }
}
