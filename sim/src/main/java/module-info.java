/** The embedded simulator. */
module saccade.sim {
  requires static transitive org.jspecify;
  requires transitive saccade.realtime;
  requires transitive saccade.kernels;

  exports saccade.sim;
}
