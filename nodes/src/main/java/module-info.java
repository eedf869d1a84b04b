/** Messages, transports, nodes, dashboard and the command line. */
module saccade.nodes {
  requires static transitive org.jspecify;
  requires transitive saccade.realtime;
  requires transitive saccade.kernels;
  requires transitive saccade.planner;
  requires transitive saccade.sim;
  requires transitive saccade.perception;
  requires transitive info.picocli;
  requires transitive io.javalin;
  requires com.fasterxml.jackson.core;
  requires org.snakeyaml.engine.v2;
  requires org.bytedeco.ffmpeg;
  requires org.bytedeco.javacpp;
  requires java.desktop;
  requires java.net.http;
  requires jdk.management;

  exports saccade.nodes.cdr;
  exports saccade.nodes.cli;
  exports saccade.nodes.dashboard;
  exports saccade.nodes.graph;
  exports saccade.nodes.pipeline;
  exports saccade.nodes.rcl;
  exports saccade.nodes.ros;
  exports saccade.nodes.run;
  exports saccade.nodes.play;
  exports saccade.nodes.sensor;
  exports saccade.nodes.video;
  exports saccade.nodes.zenoh;
  exports saccade.nodes.zenoh.rmw;

  opens saccade.nodes.cli to
      info.picocli;
  opens saccade.nodes.verbs to
      info.picocli;

  uses saccade.nodes.cli.Verbs;

  provides saccade.nodes.cli.Verbs with
      saccade.nodes.verbs.GraphVerbs;
}
