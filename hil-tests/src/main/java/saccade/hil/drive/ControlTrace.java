package saccade.hil.drive;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * What the vehicle was told, controller step by controller step, in one drive. Grows as needed; one
 * thread.
 *
 * <p>Stored column by column: instant, acceleration, capture instant of the executed chunk, and
 * whether a message decided by the model on its own capture put that chunk there.
 */
public final class ControlTrace {
  /** Where a command comes from. */
  public enum Origin {
    /** A chunk that the model decided on the capture it names. */
    MODEL,
    /** Anything else: starting, holding, ramping, stopped, a continued chunk, the reflex. */
    OTHER
  }

  private long[] atNs = new long[256];
  private double[] accelMps2 = new double[256];
  private long[] captureNs = new long[256];
  private Origin[] origin = new Origin[256];
  private int size;
  private final List<Decision> decisions = new ArrayList<>();
  private final List<Reflex> reflexes = new ArrayList<>();

  /**
   * An action of the model that passed the gate.
   *
   * @param atNs when its message went out
   * @param captureNs of its set
   * @param hardestMps2 least acceleration of its steps
   */
  public record Decision(long atNs, long captureNs, double hardestMps2) {}

  /** A tick at which the geometric reflex found a deceleration necessary, m/s^2. */
  public record Reflex(long atNs, double neededMps2) {}

  /** Adds an action of the model; instants must not go back. */
  public void decided(long nowNs, long capture, double hardest) {
    decisions.add(new Decision(nowNs, capture, hardest));
  }

  /** Adds what the reflex finds necessary at a tick, when it is anything. */
  public void reflex(long nowNs, double needed) {
    if (needed > 0) {
      reflexes.add(new Reflex(nowNs, needed));
    }
  }

  /** Actions of the model, in order. */
  public List<Decision> decisions() {
    return decisions;
  }

  /** What the reflex would have done, or did, in order. */
  public List<Reflex> reflexes() {
    return reflexes;
  }

  /**
   * Adds a controller step; instants must not go back.
   *
   * @param nowNs instant of the command
   * @param accel commanded acceleration, m/s^2
   * @param chunkCaptureNs capture instant of the executed chunk; any value when {@code from} is
   *     OTHER
   * @param from where the command comes from
   */
  public void add(long nowNs, double accel, long chunkCaptureNs, Origin from) {
    if (size > 0 && nowNs < atNs[size - 1]) {
      throw new IllegalArgumentException(
          "control trace: wanted an instant at or after " + atNs[size - 1] + ", found " + nowNs);
    }
    if (size == atNs.length) {
      atNs = Arrays.copyOf(atNs, size * 2);
      accelMps2 = Arrays.copyOf(accelMps2, size * 2);
      captureNs = Arrays.copyOf(captureNs, size * 2);
      origin = Arrays.copyOf(origin, size * 2);
    }
    atNs[size] = nowNs;
    accelMps2[size] = accel;
    captureNs[size] = chunkCaptureNs;
    origin[size] = from;
    size++;
  }

  /** Number of steps. */
  public int size() {
    return size;
  }

  /** Instant of a step, nanoseconds. */
  public long atNs(int step) {
    return atNs[step];
  }

  /** Commanded acceleration of a step, m/s^2. */
  public double accelMps2(int step) {
    return accelMps2[step];
  }

  /** Capture instant of the chunk a step executes, nanoseconds. */
  public long captureNs(int step) {
    return captureNs[step];
  }

  /** Where a step's command comes from. */
  public Origin origin(int step) {
    return origin[step];
  }
}
