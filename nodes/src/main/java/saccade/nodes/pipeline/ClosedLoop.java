package saccade.nodes.pipeline;

import java.util.ArrayDeque;
import java.util.List;
import saccade.kernels.geometry.CameraModel;
import saccade.kernels.geometry.Rig;
import saccade.nodes.sensor.Rendering;
import saccade.nodes.sensor.SensorInlets;
import saccade.nodes.sensor.SensorTap;
import saccade.nodes.sensor.SimulatedMotion;
import saccade.planner.OutputCodec;
import saccade.realtime.clock.ManualClock;
import saccade.realtime.clock.NanoClock;
import saccade.realtime.ring.FrameRing;
import saccade.sim.MotionSensors;
import saccade.sim.Simulator;

/**
 * The product's pipeline and the simulator in simulated time, as fast as the machine goes, on the
 * caller's thread. Sensors are rendered at each set's instant; the model's real time is added to
 * simulated time before its answer acts; commands flow at controller rate in between.
 *
 * <p>Ego motion is what wheels and an inertial unit with bias and noise say, {@link MotionSensors}.
 *
 * <pre>{@code
 * try (ClosedLoop loop = new ClosedLoop(rig, simulation, options, perceiver, codec, ClosedLoop.MEASURED, tap, listener)) {
 *   while (!simulation.done()) {
 *     loop.step();
 *   }
 * }
 * }</pre>
 */
public final class ClosedLoop implements AutoCloseable {
  /** {@code latencyNs}: perception takes what it really takes on this machine. */
  public static final long MEASURED = SteppedLane.MEASURED;

  /** Simulated time 0 in the pipeline's domain, ns: a stamp of 0 would be a fault. */
  public static final long ORIGIN_NS = 1_000_000_000L;

  private final Rig rig;
  private final Simulator simulation;
  private final ManualClock clock = new ManualClock(ORIGIN_NS);
  private final SensorTap tap;
  private final Pipeline pipeline;
  private final long startOfSimulationNs;
  private Vehicle observer = Vehicle.NONE;
  private final SimulatedMotion motion;
  private long nextImuNs = ORIGIN_NS;
  private double lastImuS = -1;
  private long sets;
  private boolean open;
  private int lateSensor = -1;
  private long lateNs;
  private long lateUntilNs = Long.MAX_VALUE;
  private final ArrayDeque<Held> held = new ArrayDeque<>();

  /**
   * A loop at the simulation's present time.
   *
   * @param simulation driven by this loop only; {@code rig} is its rig
   * @param perceiver reset by this constructor; stays the caller's
   * @param latencyNs {@link #MEASURED}, or a fixed time from set to answer, ns
   * @param tap may change or withhold every frame
   */
  public ClosedLoop(
      Rig rig,
      Simulator simulation,
      PipelineOptions options,
      Perceiver perceiver,
      OutputCodec codec,
      long latencyNs,
      SensorTap tap,
      PipelineListener listener) {
    this.rig = rig;
    this.simulation = simulation;
    this.tap = tap;
    this.startOfSimulationNs = ORIGIN_NS - Math.round(simulation.timeS() * 1e9);
    // Drives differ in their speeds, and so do their sensors; the same drive has the same ones.
    long drive =
        Double.doubleToLongBits(simulation.setSpeedMps())
            ^ Double.doubleToLongBits(simulation.odometry().speedMps()) >>> 1;
    perceiver.reset();
    SteppedLane lane = new SteppedLane(clock, NanoClock.system(), latencyNs);
    this.pipeline =
        new Pipeline(
            SteppedLane.options(options, latencyNs),
            rig,
            perceiver,
            codec,
            lane::submit,
            clock,
            lane,
            this::command,
            listener);
    this.motion =
        new SimulatedMotion(
            MotionSensors.passengerCar(drive), pipeline.inlets().fusion(), () -> false);
  }

  /** Renders one set, then lives through one period. */
  public void step() {
    long periodNs = pipeline.options().periodNs();
    long fromNs = ORIGIN_NS + sets * periodNs;
    long toNs = fromNs + periodNs;
    sets++;
    advanceTo(fromNs);
    if (!open) {
      open = true;
      pipeline.open(fromNs);
    }
    sense(fromNs);
    long nowNs = fromNs;
    while (nowNs < toNs) {
      release(nowNs);
      long wakeNs = Math.min(pipeline.duty(nowNs), lateUntilNs);
      nowNs = Math.min(toNs, Math.max(nowNs + 1, wakeNs));
      clock.set(nowNs);
    }
  }

  /** From now on every picture of this camera comes so much later than it was taken. */
  public void late(int camera, long delayNs) {
    lateSensor = camera;
    lateNs = delayNs;
  }

  private void hold(FrameRing ring, long captureNs) {
    long handle = ring.tryClaim(captureNs);
    if (handle < 0) {
      return; // counted by the ring
    }
    CameraModel camera = rig.cameras().get(lateSensor);
    int bytes = 3 * camera.widthPx() * camera.heightPx();
    simulation.renderCamera(lateSensor, ring.slot(handle));
    if (tap.pass(lateSensor, captureNs, ring.slot(handle), bytes)) {
      held.add(new Held(ring, handle, captureNs, bytes));
      lateUntilNs = Math.min(lateUntilNs, captureNs + lateNs);
    } else {
      ring.abort(handle);
    }
  }

  /** Late pictures that are due. */
  private void release(long nowNs) {
    while (!held.isEmpty() && held.getFirst().captureNs + lateNs <= nowNs) {
      Held frame = held.removeFirst();
      CameraModel camera = rig.cameras().get(lateSensor);
      frame.ring.publish(
          frame.handle,
          frame.captureNs,
          frame.bytes,
          camera.widthPx(),
          camera.heightPx(),
          SensorInlets.RGB8,
          nowNs);
    }
    lateUntilNs = held.isEmpty() ? Long.MAX_VALUE : held.getFirst().captureNs + lateNs;
  }

  private record Held(FrameRing ring, long handle, long captureNs, int bytes) {}

  /** Lets somebody hear every command, after the simulated ego has got it. */
  public void watch(Vehicle newObserver) {
    observer = newObserver;
  }

  /** Simulated time in the pipeline's domain, ns. */
  public long nowNs() {
    return clock.nanoTime();
  }

  /** Simulation time in seconds to the pipeline's domain, ns. */
  public long toNs(double simulationS) {
    return startOfSimulationNs + Math.round(simulationS * 1e9);
  }

  public Pipeline pipeline() {
    return pipeline;
  }

  public Simulator simulation() {
    return simulation;
  }

  private void command(long nowNs, double accelMps2, double curvature1pm) {
    advanceTo(nowNs);
    simulation.command(accelMps2, curvature1pm);
    observer.command(nowNs, accelMps2, curvature1pm);
  }

  /** Up to an instant, with a sample of the inertial unit at each of its own on the way. */
  private void advanceTo(long ns) {
    while (nextImuNs <= ns) {
      moveOn(nextImuNs);
      if (simulation.timeS() > lastImuS) {
        lastImuS = simulation.timeS();
        motion.inertial(simulation, nextImuNs);
      }
      nextImuNs += SimulatedMotion.IMU_PERIOD_NS;
    }
    moveOn(ns);
  }

  private void moveOn(long ns) {
    double dtS = (ns - startOfSimulationNs) * 1e-9 - simulation.timeS();
    if (dtS > 1e-6) {
      simulation.advance(dtS);
    }
  }

  private void sense(long captureNs) {
    SensorInlets inlets = pipeline.inlets();
    motion.wheels(simulation, captureNs);
    for (int i = 0; i < inlets.sensors(); i++) {
      if (i == lateSensor) {
        hold(inlets.ring(i), captureNs);
      } else {
        Rendering.push(simulation, rig, i, inlets.ring(i), captureNs, clock, tap);
      }
    }
  }

  /**
   * Ends the loop; the accounts must be right.
   *
   * @throws IllegalStateException with every account that is not
   */
  @Override
  public void close() {
    pipeline.sourceEnded();
    pipeline.shutdown();
    List<String> wrong = pipeline.imbalances();
    pipeline.close();
    if (!wrong.isEmpty()) {
      throw new IllegalStateException("accounts out of balance: " + String.join("; ", wrong));
    }
  }
}
