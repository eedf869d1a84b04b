package saccade.nodes.sensor;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import saccade.kernels.geometry.CameraModel;
import saccade.kernels.geometry.LidarModel;
import saccade.kernels.geometry.Pose;
import saccade.kernels.geometry.Rig;
import saccade.realtime.clock.NanoClock;
import saccade.realtime.ledger.DropReason;
import saccade.realtime.ring.Doorbell;
import saccade.realtime.ring.FrameRing;
import saccade.realtime.ring.FrameView;
import saccade.sim.Odometry;
import saccade.sim.Scenario;
import saccade.sim.Scoreboard;
import saccade.sim.SensorFaults;
import saccade.sim.Simulator;

/** With a thread and the real clock; who is late or lost is known from the seed. */
@Timeout(30)
class SimulatorSourceTest {
  private static final double RATE_HZ = 50;
  private static final long PERIOD_NS = 20_000_000;
  private static final Rig RIG =
      new Rig(
          List.of(
              CameraModel.ofHorizontalFov("a", 32, 16, 1.5, Pose.of(1.6, 0, 1.5, 0, 0, 0)),
              CameraModel.ofHorizontalFov("b", 32, 16, 1.5, Pose.of(1.6, 0, 1.5, 0, 0, 1))),
          new LidarModel("top", Pose.of(1.2, 0, 1.9, 0, 0, 0), 4, 32, -0.4, 0.1, 80));

  /** Tells when the source started: its first reading is the origin of all sets. */
  private static final class OriginClock implements NanoClock {
    private volatile long originNs;

    @Override
    public long nanoTime() {
      long nowNs = NanoClock.system().nanoTime();
      if (originNs == 0) {
        originNs = nowNs;
      }
      return nowNs;
    }
  }

  private final OriginClock clock = new OriginClock();
  private long seamNs; // the last one that was told, the least of longs when none was

  /** A frame as it came out of its ring. */
  private record Came(int sensor, long captureNs, long publishedNs) {}

  /** Runs a source until so many sets are through; all frames in the order of their rings. */
  private List<Came> run(SimulatorSource source, int sets, long[] lost)
      throws InterruptedException {
    List<Came> came = new ArrayList<>();
    Doorbell doorbell = new Doorbell();
    try (Arena arena = Arena.ofShared()) {
      SensorInlets inlets = new SensorInlets(arena, RIG, 8, clock, doorbell);
      FrameView view = new FrameView();
      source.start(inlets);
      while (source.framesIn() < 3L * sets) {
        Thread.sleep(2);
        take(inlets, view, came);
      }
      source.close();
      take(inlets, view, came);
      inlets.isBehindSeam(Long.MAX_VALUE);
      seamNs = inlets.seamNs();
      assertNull(source.failure());
      for (int i = 0; i < inlets.sensors(); i++) {
        FrameRing ring = inlets.ring(i);
        ring.shutdown();
        lost[i] = ring.ledger().dropped(DropReason.ABORTED);
        assertEquals(0, ring.ledger().balance(), ring.name());
      }
    }
    return came;
  }

  private static void take(SensorInlets inlets, FrameView view, List<Came> came) {
    for (int i = 0; i < inlets.sensors(); i++) {
      while (inlets.ring(i).takeNext(view, NanoClock.system().nanoTime())) {
        came.add(new Came(i, view.captureNs(), view.publishedNs()));
        view.release();
      }
    }
  }

  @Test
  void lateAndLostFramesAreThoseOfTheSeed() throws InterruptedException {
    SensorFaults faults = SensorFaults.vehicle(3, 0.2, 0.15);
    SimulatorSource source =
        new SimulatorSource(RIG, Scenario.named("empty-road"), 1, RATE_HZ, faults, SensorTap.OPEN);
    assertArrayEquals(faults.phasesNs(3), source.phasesNs());
    long[] lost = new long[3];
    List<Came> came = run(source, 30, lost);
    assertTrue(source.framesLate() > 5 && source.framesLost() > 5);
    assertEquals(source.framesLost(), lost[0] + lost[1] + lost[2], "each loss is in an account");
    assertEquals(source.framesIn(), came.size() + source.framesLost());
    long lastSet = 0;
    for (Came frame : came) {
      lastSet = Math.max(lastSet, (frame.captureNs - clock.originNs) / PERIOD_NS);
    }
    int late = 0;
    for (Came frame : came) {
      long sinceStart = frame.captureNs - clock.originNs;
      long set = sinceStart / PERIOD_NS;
      assertEquals(faults.offsetNs(frame.sensor, set), sinceStart - set * PERIOD_NS);
      assertFalse(faults.lost(frame.sensor, set));
      long delay = faults.delayNs(frame.sensor, set);
      late += delay > 0 ? 1 : 0;
      // At the end what is still held comes at once.
      if (set < lastSet - 8) {
        assertTrue(frame.publishedNs - frame.captureNs >= delay, frame + " late by " + delay);
      }
    }
    assertEquals(source.framesLate(), late);
  }

  @Test
  void withoutFaultsASetHasOneInstant() throws InterruptedException {
    SimulatorSource source = new SimulatorSource(RIG, "empty-road", 1, RATE_HZ, SensorTap.OPEN);
    assertEquals(0, source.phasesNs().length);
    List<Came> came = run(source, 10, new long[3]);
    for (Came frame : came) {
      assertEquals(0, (frame.captureNs - clock.originNs) % PERIOD_NS);
    }
    assertEquals(0, source.framesLate() + source.framesLost());
    assertEquals(Long.MIN_VALUE, seamNs, "one drive");
  }

  @Test
  void anotherSimulatorOfFixedStepsStampsItsOwnInstants() throws InterruptedException {
    double step = 0.003;
    List<String> closed = new ArrayList<>();
    Simulator.Course course =
        new Simulator.Course() {
          @Override
          public String name() {
            return "elsewhere";
          }

          @Override
          public Simulator drive(Rig rig, long seed) {
            return new Stepped(Scenario.named("empty-road").drive(rig, seed), step, 1e9, closed);
          }
        };
    SimulatorSource source =
        new SimulatorSource(RIG, course, 1, RATE_HZ, SensorFaults.NONE, SensorTap.OPEN);
    assertTrue(source.name().contains("elsewhere"));
    List<Came> came = run(source, 10, new long[3]);
    for (Came frame : came) {
      double steps = (frame.captureNs - clock.originNs) * 1e-9 / step;
      assertEquals(Math.rint(steps), steps, 1e-3, "a multiple of its step");
    }
    assertEquals(List.of("closed"), closed);
  }

  /** Whoever keeps a memory is told that the next frames are of another drive. */
  @Test
  void theNextDriveIsASeam() throws InterruptedException {
    Simulator.Course course =
        new Simulator.Course() {
          @Override
          public String name() {
            return "short";
          }

          @Override
          public Simulator drive(Rig rig, long seed) {
            Simulator drive = Scenario.named("empty-road").drive(rig, seed);
            return new Stepped(drive, 0.001, 0.1, new ArrayList<>());
          }
        };
    SimulatorSource source =
        new SimulatorSource(RIG, course, 1, RATE_HZ, SensorFaults.NONE, SensorTap.OPEN);
    List<Came> came = run(source, 20, new long[3]);
    assertTrue(source.laps().size() > 1);
    assertTrue(seamNs > clock.originNs, "told");
    assertTrue(came.stream().anyMatch(frame -> frame.captureNs == seamNs), "the first instant");
  }

  /** The embedded simulator made to take whole steps only, and to end in time. */
  private record Stepped(Simulator inner, double stepS, double endS, List<String> closed)
      implements Simulator {
    @Override
    public Rig rig() {
      return inner.rig();
    }

    @Override
    public long advance(double dtS) {
      for (long steps = (long) (dtS / stepS + 1e-6); steps > 0; steps--) {
        inner.advance(stepS);
      }
      return frame();
    }

    @Override
    public long frame() {
      return inner.frame();
    }

    @Override
    public double timeS() {
      return inner.timeS();
    }

    @Override
    public void command(double accelMps2, double curvature1pm) {
      inner.command(accelMps2, curvature1pm);
    }

    @Override
    public void renderCamera(int i, MemorySegment rgb8) {
      inner.renderCamera(i, rgb8);
    }

    @Override
    public int renderLidar(MemorySegment points16B) {
      return inner.renderLidar(points16B);
    }

    @Override
    public Odometry odometry() {
      return inner.odometry();
    }

    @Override
    public double setSpeedMps() {
      return inner.setSpeedMps();
    }

    @Override
    public boolean done() {
      return inner.done() || inner.timeS() > endS;
    }

    @Override
    public Scoreboard scoreboard() {
      return inner.scoreboard();
    }

    @Override
    public void close() {
      closed.add("closed");
    }
  }
}
