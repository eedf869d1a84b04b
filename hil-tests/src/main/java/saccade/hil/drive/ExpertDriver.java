package saccade.hil.drive;

import java.util.List;
import saccade.hil.drive.ControlTrace.Origin;
import saccade.kernels.geometry.Rig;
import saccade.nodes.pipeline.ClosedLoop;
import saccade.nodes.pipeline.PipelineOptions;
import saccade.planner.ActionChunk;
import saccade.planner.ExpiryLimits;
import saccade.planner.ExpiryProfile;
import saccade.planner.Maneuver;
import saccade.planner.PlannerMessage;
import saccade.sim.Scenario;
import saccade.sim.Simulation;
import saccade.sim.truth.Expert;
import saccade.sim.truth.Plan;
import saccade.sim.truth.RecordedDrive;

/**
 * Drives from the truth: the expert's plan at every set, through the same profile and at the same
 * rates as the model's, but with no latency and no sensors. What a perfect model could reach.
 */
public final class ExpertDriver {
  private final PipelineOptions options;
  private final Expert expert = new Expert();

  public ExpertDriver(PipelineOptions options) {
    this.options = options;
  }

  /**
   * One drive.
   *
   * @param sets how many sets at most; it also ends with the scenario
   */
  public DriveOutcome drive(Scenario scenario, long seed, int sets) {
    Simulation simulation = new Simulation(new Rig(List.of(), null), scenario, seed);
    ExpiryProfile profile = new ExpiryProfile(ExpiryLimits.passengerCar());
    ControlTrace trace = new ControlTrace();
    RecordedDrive.Recorder way = new RecordedDrive.Recorder();
    long ticks = options.periodNs() / options.controlPeriodNs();
    for (int set = 0; set < sets && !simulation.done(); set++) {
      long captureNs = ClosedLoop.ORIGIN_NS + set * options.periodNs();
      way.frame(simulation);
      profile.accept(message(set, captureNs, expert.plan(simulation)), captureNs);
      for (int tick = 0; tick < ticks; tick++) {
        long nowNs = captureNs + tick * options.controlPeriodNs();
        profile.step(nowNs);
        trace.add(nowNs, profile.accelMps2(), captureNs, Origin.MODEL);
        simulation.command(profile.accelMps2(), profile.curvature1pm());
        simulation.advance(options.controlPeriodNs() * 1e-9);
      }
    }
    RecordedDrive driven = way.of(scenario, seed);
    return new DriveOutcome(trace, simulation.scoreboard(), driven.frames(), 0, 0, 0, 0, driven);
  }

  private PlannerMessage message(int set, long captureNs, Plan plan) {
    ActionChunk chunk =
        new ActionChunk(
            captureNs,
            Math.round(Plan.STEP_S * 1e9),
            Maneuver.values()[plan.maneuver().ordinal()],
            plan.accelMps2(),
            plan.curvature1pm());
    return PlannerMessage.about(set, captureNs)
        .kind(PlannerMessage.Kind.FRESH, "expert")
        .action(chunk, captureNs + options.validNs())
        .build();
  }
}
