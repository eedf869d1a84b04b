/** The embedded simulator: world, renderers, scenarios; truth goes to whole-system tests only. */
@SuppressWarnings("module")
module saccade.sim {
  requires static transitive org.jspecify;
  requires transitive saccade.realtime;
  requires transitive saccade.kernels;

  exports saccade.sim;
  exports saccade.sim.render;
  exports saccade.sim.world;
  exports saccade.sim.export;
  exports saccade.sim.truth to
      saccade.hil;
}
