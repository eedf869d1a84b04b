package saccade.nodes.sensor;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicIntegerArray;
import java.util.concurrent.atomic.AtomicLongArray;
import saccade.kernels.geometry.Rig;

/**
 * What is wrong with each simulated sensor at this moment, as somebody has switched it: any thread
 * switches, the simulator's thread reads when it pushes a frame. A lost frame is aborted after it
 * has a slot, so the ring's account names it {@code ABORTED}; a late one leaves by {@link
 * #delayNs}, and what becomes of it is in the account of the set assembler.
 */
public final class FaultSwitch implements SensorTap {
  /** How long after its instant a late frame comes, ns: its set has left by then. */
  public static final long LATE_NS = 120_000_000L;

  /** Name of the inertial unit, which is no sensor of the rig; it comes last. */
  public static final String IMU = "imu";

  private static final Fault[] FAULTS = Fault.values();

  /** What may be wrong with a sensor. */
  public enum Fault {
    NONE,
    /** No frame comes: a cable is off; a LiDAR drops out. */
    LOST,
    /** Every frame comes {@link #LATE_NS} late. */
    LATE,
    /** New stamps, always the same picture or sweep. */
    FROZEN,
    /** Pictures are black; cameras only. */
    BLACK
  }

  private final List<String> names = new ArrayList<>(); // (sensors) cameras first
  private final int cameras;
  private final SensorTap then;
  private final AtomicIntegerArray states; // (sensors) ordinal of Fault
  private final AtomicLongArray touched; // (sensors) frames that were lost, late or changed
  private final byte[][] frozen; // (sensors) simulator thread; the frame that is repeated

  /**
   * All sensors well.
   *
   * @param then looks at every frame that is not lost, after this
   */
  public FaultSwitch(Rig rig, SensorTap then) {
    rig.cameras().forEach(camera -> names.add(camera.name()));
    this.cameras = names.size();
    if (rig.lidar() != null) {
      names.add(rig.lidar().name());
    }
    names.add(IMU);
    this.then = then;
    this.states = new AtomicIntegerArray(names.size());
    this.touched = new AtomicLongArray(names.size());
    this.frozen = new byte[names.size()][0];
  }

  /** Names of the sensors, cameras first, {@link #IMU} last. */
  public List<String> sensors() {
    return List.copyOf(names);
  }

  /** What may be switched on for a sensor, without {@link Fault#NONE}. */
  public List<Fault> possible(int sensor) {
    if (sensor == names.size() - 1) {
      return List.of(Fault.LOST);
    }
    return sensor < cameras
        ? List.of(Fault.LOST, Fault.LATE, Fault.FROZEN, Fault.BLACK)
        : List.of(Fault.LOST, Fault.LATE, Fault.FROZEN);
  }

  /**
   * Any thread; in force from the sensor's next frame on.
   *
   * @param sensor its name
   * @throws IllegalArgumentException in one line when there is no such sensor, or it cannot have
   *     that fault
   */
  public void set(String sensor, Fault fault) {
    int index = names.indexOf(sensor);
    if (index < 0) {
      throw new IllegalArgumentException(
          "sensor: expected one of " + names + ", found \"" + sensor + '"');
    }
    if (fault != Fault.NONE && !possible(index).contains(fault)) {
      throw new IllegalArgumentException(
          "fault of "
              + sensor
              + ": expected NONE or one of "
              + possible(index)
              + ", found "
              + fault);
    }
    states.set(index, fault.ordinal());
  }

  /** Any thread. What is wrong with a sensor. */
  public Fault of(int sensor) {
    return FAULTS[states.get(sensor)];
  }

  /** Any thread. Frames of a sensor that were lost, late or changed so far. */
  public long touched(int sensor) {
    return touched.get(sensor);
  }

  /** Simulator thread. How late the sensor's next frame is to be published, ns; 0 = at once. */
  public long delayNs(int sensor) {
    return of(sensor) == Fault.LATE ? LATE_NS : 0;
  }

  /** Simulator thread. Whether the next sample of the inertial unit does not come; counted. */
  public boolean imuLost() {
    int imu = names.size() - 1;
    boolean lost = of(imu) == Fault.LOST;
    if (lost) {
      touched.incrementAndGet(imu);
    }
    return lost;
  }

  /** Simulator thread. */
  @Override
  public boolean pass(int sensor, long captureNs, MemorySegment payload, int byteLength) {
    Fault fault = of(sensor);
    if (fault != Fault.NONE) {
      touched.incrementAndGet(sensor);
    }
    if (fault != Fault.FROZEN && frozen[sensor].length > 0) {
      frozen[sensor] = new byte[0];
    }
    switch (fault) {
      case LOST -> {
        return false;
      }
      case FROZEN -> freeze(sensor, payload, byteLength);
      case BLACK -> payload.asSlice(0, byteLength).fill((byte) 0);
      case NONE, LATE -> {}
    }
    return then.pass(sensor, captureNs, payload, byteLength);
  }

  /** The first frame is kept, the later ones become it; a longer sweep begins it once more. */
  private void freeze(int sensor, MemorySegment payload, int byteLength) {
    if (frozen[sensor].length == 0) {
      frozen[sensor] = payload.asSlice(0, byteLength).toArray(ValueLayout.JAVA_BYTE);
      return;
    }
    byte[] kept = frozen[sensor];
    for (int at = 0; at < byteLength; at += kept.length) {
      int length = Math.min(kept.length, byteLength - at);
      MemorySegment.copy(kept, 0, payload, ValueLayout.JAVA_BYTE, at, length);
    }
  }
}
