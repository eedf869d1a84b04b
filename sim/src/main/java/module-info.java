/**
 * The embedded simulator. Neighbours get drives ({@code saccade.sim}) and training tensors ({@code
 * saccade.sim.export}). Truth, scene and renderers go to whole-system tests only, and what moves
 * the world stays inside, so that no node can look behind the sensors.
 */
@SuppressWarnings("module")
module saccade.sim {
  requires static transitive org.jspecify;
  requires transitive saccade.realtime;
  requires transitive saccade.kernels;

  exports saccade.sim;
  exports saccade.sim.export;
  exports saccade.sim.render to
      saccade.hil;
  exports saccade.sim.world to
      saccade.hil;
  exports saccade.sim.truth to
      saccade.hil;
}
