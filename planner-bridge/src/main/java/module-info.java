/** From model output to planner commands. */
module saccade.planner {
  requires static transitive org.jspecify;
  requires transitive saccade.realtime;
  requires transitive com.fasterxml.jackson.core;

  exports saccade.planner;
  exports saccade.planner.command;
}
