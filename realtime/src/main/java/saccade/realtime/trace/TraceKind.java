package saccade.realtime.trace;

/**
 * Kinds of records. Every record has a flag (0..255), {@code a} (0..65535), {@code b} (32 bits), an
 * instant and six values; what they mean is said here. Instants are in the domain of the run, times
 * in ns. Codes are part of the file form and never change their meaning.
 */
public enum TraceKind {
  /**
   * A name for a number: flag = of what ({@link #NAME_SLICE} ...), a = number; values = UTF-8,
   * zero-padded.
   */
  NAME(1),
  /** A frame in its ring: a = sensor; at = published; v0 = capture. */
  FRAME(2),
  /**
   * A set handed on: b = set; at = now; v0 = capture, v1 = opened, v2 = sensors present, v3 =
   * sensors waited for, bit i = sensor i, v4 = from one set to the next on the lane.
   */
  SET(3),
  /**
   * A decision: flag = level of the set, a = exit x 256 + reason, b = set; at = now; v0 = budget,
   * v1 = left, v2 = action p50, v3 = action p99, v4 = whole, v5 = tokens x 65536 + facts x 256 +
   * ladder's level.
   */
  DECISION(4),
  /**
   * A slice: flag = 0: it ran, {@link #SLICE_REFUSED}; a = kind, b = set; at = began; v0 = took, v1
   * = size, v2 = predicted p50, v3 = predicted p99, v4 = what the model's session expected.
   */
  SLICE(5),
  /**
   * A message: flag = its kind, a = level x 256 + verdict of the gate, b = set, -1 = none; at =
   * published; v0 = capture, v1 = seq, v2 = budget, v3 = 1: the deadline was missed, 2: the instant
   * had its message before, v4 = valid until.
   */
  MESSAGE(6),
  /** The ladder moved: flag = cause, a = from x 256 + to; at = now. */
  LEVEL(7),
  /** Everything stood still: flag = cause; at = began; v0 = duration, v1 = outputs hit. */
  PAUSE(8),
  /** A stage changed: flag = state, a = stage; at = now; v0 = restarts. */
  STAGE(9),
  /**
   * Own motion when a set was handed on: b = set; at = now; v0 = mm/s, v1 = time to collision, -1 =
   * none, v2 = closing speed, mm/s; v3 = how long the last standstill lasted so far, ms, v4 = how
   * far it is behind, mm.
   */
  STATE(10),
  /** Records that found the ring full: v0 = how many since the last one. */
  GAP(11),
  /**
   * What the latency model learns of a set beside its slices: b = set; at = its end; v0 = time of
   * the action as a whole, 0 = not learnt, v1 = its size, v2 and v3 = of the text likewise.
   */
  LEARNT(12),
  /** What the ladder is told: flag = of what; at = now. */
  NEWS(13);

  /** {@link #SLICE} that would not have fitted: it did not run, and its set ended. */
  public static final int SLICE_REFUSED = 1;

  /** {@link #NAME} of a slice kind. */
  public static final int NAME_SLICE = 0;

  /** {@link #NAME} of a sensor. */
  public static final int NAME_SENSOR = 1;

  /** {@link #NAME} of a stage. */
  public static final int NAME_STAGE = 2;

  /** {@link #NAME} of anything about the run, a = 0, 1, ...: {@code key=value}. */
  public static final int NAME_FACT = 3;

  private static final TraceKind[] BY_CODE = new TraceKind[16];

  static {
    for (TraceKind kind : values()) {
      BY_CODE[kind.code] = kind;
    }
  }

  private final int code;

  TraceKind(int code) {
    this.code = code;
  }

  /** Its number in a file. */
  public int code() {
    return code;
  }

  /** The kind of a number; null when this version knows none. */
  static @org.jspecify.annotations.Nullable TraceKind of(int code) {
    return code >= 0 && code < BY_CODE.length ? BY_CODE[code] : null;
  }
}
