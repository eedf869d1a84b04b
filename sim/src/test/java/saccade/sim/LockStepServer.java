package saccade.sim;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Random;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.SynchronousQueue;
import java.util.concurrent.TimeUnit;
import saccade.kernels.geometry.CameraModel;
import saccade.kernels.geometry.LidarModel;
import saccade.kernels.geometry.Rig;

/**
 * A simulator server in the form of CARLA's synchronous mode: a process of its own (here: a thread)
 * that stands still until it is told to tick, answers with a frame number, and then sends each
 * sensor's data from yet another thread, in any order, with the frame number they belong to, now
 * and then an old frame once more. Everything that leaves it is left-handed (x forward, y right, z
 * up), angles in degrees, pictures in BGRA. Inside it happens to run the embedded simulation.
 */
final class LockStepServer implements AutoCloseable {
  /** What one sensor measured: BGRA bytes, or x, y, z, intensity as little-endian float32. */
  record SensorData(int sensor, long frame, byte[] raw) {}

  /** As after a tick: which frame, when, and how the vehicle moves. */
  record Snapshot(
      long frame,
      double timeS,
      double forwardMps,
      double forwardMps2,
      double yawRateDegPs,
      boolean over) {}

  /** A steering to the right is positive, as all there. */
  record Control(double accelMps2, double curvatureRight1pm) {}

  /** Every sensor's data in the order of arrival; to be read by the client. */
  final BlockingQueue<SensorData> arrivals = new LinkedBlockingQueue<>();

  private final double fixedStepS;
  private final Simulation world;
  private final Rig rig;
  private final SynchronousQueue<Control> ticks = new SynchronousQueue<>();
  private final SynchronousQueue<Snapshot> answers = new SynchronousQueue<>();
  private final BlockingQueue<List<SensorData>> outbox = new LinkedBlockingQueue<>();
  private final Random order = new Random(7);
  private final Thread process;
  private final Thread network;
  private long frame = 4711; // a server counts from its own start

  LockStepServer(Rig rig, Scenario scenario, long seed, double fixedStepS) {
    this.rig = rig;
    this.fixedStepS = fixedStepS;
    this.world = new Simulation(rig, scenario, seed);
    process = Thread.ofPlatform().name("server").daemon(true).start(this::serve);
    network = Thread.ofPlatform().name("network").daemon(true).start(this::send);
  }

  /** The present state without a tick, as a client that connects asks for it. */
  Snapshot join() throws InterruptedException {
    return tick(null);
  }

  /** {@code world.tick()}: one step with this control; the answer, or null when nobody answers. */
  Snapshot tick(Control control) throws InterruptedException {
    Control sent = control == null ? new Control(Double.NaN, Double.NaN) : control;
    return ticks.offer(sent, 2, TimeUnit.SECONDS) ? answers.poll(2, TimeUnit.SECONDS) : null;
  }

  double setSpeedMps() {
    return world.setSpeedMps();
  }

  /** Of the server's referee; only asked while the world stands. */
  Scoreboard referee() {
    return world.scoreboard();
  }

  private void serve() {
    try (Arena arena = Arena.ofConfined()) {
      while (true) {
        Control control = ticks.take();
        if (!Double.isNaN(control.accelMps2)) {
          world.command(control.accelMps2, -control.curvatureRight1pm);
          world.advance(fixedStepS);
          frame++;
        }
        outbox.put(measure(arena));
        Odometry motion = world.odometry();
        answers.put(
            new Snapshot(
                frame,
                world.timeS(),
                motion.speedMps(),
                motion.accelMps2(),
                -Math.toDegrees(motion.yawRateRps()),
                world.done()));
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt(); // killed
    }
  }

  private List<SensorData> measure(Arena arena) {
    List<SensorData> all = new ArrayList<>();
    for (int i = 0; i < rig.cameras().size(); i++) {
      CameraModel camera = rig.cameras().get(i);
      int pixels = camera.widthPx() * camera.heightPx();
      MemorySegment rgb = arena.allocate(3L * pixels);
      world.renderCamera(i, rgb);
      byte[] bgra = new byte[4 * pixels];
      for (int p = 0; p < pixels; p++) {
        for (int c = 0; c < 3; c++) {
          bgra[4 * p + 2 - c] = rgb.get(ValueLayout.JAVA_BYTE, 3L * p + c);
        }
        bgra[4 * p + 3] = -1;
      }
      all.add(new SensorData(i, frame, bgra));
    }
    LidarModel lidar = rig.lidar();
    if (lidar != null) {
      MemorySegment points = arena.allocate(16L * lidar.beams() * lidar.columns());
      int count = world.renderLidar(points);
      ValueLayout.OfFloat f32 = ValueLayout.JAVA_FLOAT_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);
      for (int p = 0; p < count; p++) {
        points.set(f32, 16L * p + 4, -points.get(f32, 16L * p + 4));
      }
      byte[] raw = points.asSlice(0, 16L * count).toArray(ValueLayout.JAVA_BYTE);
      all.add(new SensorData(rig.cameras().size(), frame, raw));
    }
    return all;
  }

  private void send() {
    List<SensorData> last = List.of();
    try {
      while (true) {
        List<SensorData> batch = outbox.take();
        List<SensorData> shuffled = new ArrayList<>(batch);
        if (!last.isEmpty() && order.nextInt(3) == 0) {
          shuffled.add(last.getFirst());
        }
        Collections.shuffle(shuffled, order);
        for (SensorData data : shuffled) {
          arrivals.put(data);
        }
        last = batch;
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  /** As if the process had been killed: nobody answers any more. */
  @Override
  public void close() {
    process.interrupt();
    network.interrupt();
  }
}
