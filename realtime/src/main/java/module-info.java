/** Ring, slots, clocks, deadlines and the scheduler. */
module saccade.realtime {
  requires static transitive org.jspecify;
  requires transitive com.lmax.disruptor;
  requires transitive HdrHistogram;
  requires transitive jdk.jfr;
  requires java.management;
  requires jdk.management;

  exports saccade.realtime.clock;
  exports saccade.realtime.deadline;
  exports saccade.realtime.frameset;
  exports saccade.realtime.ledger;
  exports saccade.realtime.os;
  exports saccade.realtime.overload;
  exports saccade.realtime.ring;
  exports saccade.realtime.schedule;
  exports saccade.realtime.stats;
  exports saccade.realtime.trace;
}
