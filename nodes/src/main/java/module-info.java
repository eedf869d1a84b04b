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
  requires com.fasterxml.jackson.databind;
  requires org.snakeyaml.engine.v2;
  requires org.bytedeco.ffmpeg;
  requires org.bytedeco.javacpp;
  requires java.desktop;
  requires java.net.http;
  requires jdk.management;

  exports saccade.msg;
  exports saccade.msg.ackermann_msgs;
  exports saccade.msg.action_msgs;
  exports saccade.msg.autoware_adapi_v1_msgs;
  exports saccade.msg.autoware_common_msgs;
  exports saccade.msg.autoware_control_msgs;
  exports saccade.msg.autoware_perception_msgs;
  exports saccade.msg.autoware_planning_msgs;
  exports saccade.msg.autoware_system_msgs;
  exports saccade.msg.autoware_vehicle_msgs;
  exports saccade.msg.builtin_interfaces;
  exports saccade.msg.carla_msgs;
  exports saccade.msg.diagnostic_msgs;
  exports saccade.msg.foxglove_msgs;
  exports saccade.msg.geometry_msgs;
  exports saccade.msg.lifecycle_msgs;
  exports saccade.msg.nav2_msgs;
  exports saccade.msg.nav_msgs;
  exports saccade.msg.rcl_interfaces;
  exports saccade.msg.rosgraph_msgs;
  exports saccade.msg.saccade_msgs;
  exports saccade.msg.sensor_msgs;
  exports saccade.msg.service_msgs;
  exports saccade.msg.std_msgs;
  exports saccade.msg.std_srvs;
  exports saccade.msg.tf2_msgs;
  exports saccade.msg.tier4_system_msgs;
  exports saccade.msg.trajectory_msgs;
  exports saccade.msg.type_description_interfaces;
  exports saccade.msg.unique_identifier_msgs;
  exports saccade.msg.vision_msgs;
  exports saccade.msg.visualization_msgs;
  exports saccade.nodes.bridge;
  exports saccade.nodes.cdr;
  exports saccade.nodes.cli;
  exports saccade.nodes.dashboard;
  exports saccade.nodes.graph;
  exports saccade.nodes.idl;
  exports saccade.nodes.message;
  exports saccade.nodes.node;
  exports saccade.nodes.pipeline;
  exports saccade.nodes.rcl;
  exports saccade.nodes.ros;
  exports saccade.nodes.rosnode;
  exports saccade.nodes.run;
  exports saccade.nodes.play;
  exports saccade.nodes.sensor;
  exports saccade.nodes.video;
  exports saccade.nodes.zenoh;
  exports saccade.nodes.zenoh.rmw;

  opens saccade.nodes.cli to
      info.picocli;
  opens saccade.nodes.inspect to
      info.picocli;
  opens saccade.nodes.verbs to
      info.picocli;

  uses saccade.nodes.cli.Verbs;

  provides saccade.nodes.cli.Verbs with
      saccade.nodes.inspect.InspectVerbs,
      saccade.nodes.verbs.GraphVerbs;
}
