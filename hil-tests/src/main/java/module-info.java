/** Whole-system runs and reports; imported by nothing. */
module saccade.hil {
  requires static transitive org.jspecify;
  requires transitive saccade.nodes;

  exports saccade.hil;
}
