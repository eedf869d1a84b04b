package saccade.sim;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteOrder;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import saccade.kernels.geometry.CameraModel;
import saccade.kernels.geometry.Rig;

/** {@link LockStepServer} behind {@link Simulator}: what a bridge to CARLA has to do, all of it. */
final class LockStepBridge implements Simulator {
  private static final long PATIENCE_MS = 2000;
  private static final ValueLayout.OfFloat F32 =
      ValueLayout.JAVA_FLOAT_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);

  private final Rig rig;
  private final LockStepServer server;
  private final double stepS;
  private final LockStepServer.@Nullable SensorData[] latest; // (sensors)
  private final double startS;
  private LockStepServer.Snapshot now;
  private LockStepServer.Control control = new LockStepServer.Control(0, 0);
  private int staleData;

  LockStepBridge(Rig rig, LockStepServer server, double stepS) {
    this.rig = rig;
    this.server = server;
    this.stepS = stepS;
    latest = new LockStepServer.SensorData[rig.cameras().size() + (rig.lidar() == null ? 0 : 1)];
    now = answered(null);
    startS = now.timeS();
  }

  /** Sensor data of frames that had gone by. */
  int staleData() {
    return staleData;
  }

  @Override
  public Rig rig() {
    return rig;
  }

  @Override
  public double stepS() {
    return stepS;
  }

  @Override
  public long frame() {
    return now.frame();
  }

  @Override
  public double timeS() {
    return now.timeS() - startS;
  }

  @Override
  public long advance(double dtS) {
    if (!(dtS > 0) || dtS > 10) {
      throw new IllegalArgumentException(
          "advance by " + dtS + " s: wanted more than 0, at most 10");
    }
    for (long steps = (long) (dtS / stepS + 1e-6); steps > 0; steps--) {
      now = answered(control);
    }
    return now.frame();
  }

  private LockStepServer.Snapshot answered(LockStepServer.@Nullable Control sent) {
    try {
      LockStepServer.Snapshot snapshot = server.tick(sent);
      if (snapshot != null) {
        return snapshot;
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
    throw new IllegalStateException("simulator lost: no answer to a tick within 2000 ms");
  }

  @Override
  public void command(double accelMps2, double curvature1pm) {
    if (!Double.isFinite(accelMps2) || !Double.isFinite(curvature1pm)) {
      throw new IllegalArgumentException("command: wanted finite numbers");
    }
    control = new LockStepServer.Control(accelMps2, -curvature1pm);
  }

  /** The data of a sensor at the present frame; waits for them. */
  private byte[] data(int sensor) {
    LockStepServer.SensorData held = latest[sensor];
    while (held == null || held.frame() != now.frame()) {
      LockStepServer.SensorData next = null;
      try {
        next = server.arrivals.poll(PATIENCE_MS, TimeUnit.MILLISECONDS);
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
      }
      if (next == null) {
        throw new IllegalStateException(
            "simulator lost: no data of sensor "
                + sensor
                + " for frame "
                + now.frame()
                + " within "
                + PATIENCE_MS
                + " ms");
      }
      if (next.frame() == now.frame()) {
        latest[next.sensor()] = next;
      } else {
        staleData++;
      }
      held = latest[sensor];
    }
    return held.raw();
  }

  @Override
  public void renderCamera(int i, MemorySegment rgb8) {
    CameraModel camera = rig.cameras().get(i);
    int pixels = camera.widthPx() * camera.heightPx();
    if (rgb8.byteSize() < 3L * pixels) {
      throw new IllegalArgumentException("picture: wanted " + 3L * pixels + " bytes");
    }
    byte[] bgra = data(i);
    for (int p = 0; p < pixels; p++) {
      for (int c = 0; c < 3; c++) {
        rgb8.set(ValueLayout.JAVA_BYTE, 3L * p + c, bgra[4 * p + 2 - c]);
      }
    }
  }

  @Override
  public int renderLidar(MemorySegment points16B) {
    if (rig.lidar() == null) {
      return 0;
    }
    byte[] raw = data(rig.cameras().size());
    int count = (int) Math.min(raw.length, points16B.byteSize()) / 16;
    MemorySegment.copy(raw, 0, points16B, ValueLayout.JAVA_BYTE, 0, count * 16);
    for (int p = 0; p < count; p++) {
      points16B.set(F32, 16L * p + 4, -points16B.get(F32, 16L * p + 4));
    }
    return count;
  }

  @Override
  public Odometry odometry() {
    return new Odometry(now.forwardMps(), -Math.toRadians(now.yawRateDegPs()), now.forwardMps2());
  }

  @Override
  public double setSpeedMps() {
    return server.setSpeedMps();
  }

  @Override
  public boolean done() {
    return now.over();
  }

  @Override
  public Scoreboard scoreboard() {
    return server.referee();
  }

  @Override
  public void close() {
    server.close();
  }
}
