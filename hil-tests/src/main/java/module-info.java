/** Whole-system runs and reports; imported by nothing. */
module saccade.hil {
  requires static transitive org.jspecify;
  requires transitive saccade.nodes;
  requires com.fasterxml.jackson.databind;
  requires org.snakeyaml.engine.v2;
  requires java.desktop;
  requires org.bytedeco.javacpp;
  requires org.bytedeco.opencv;
  requires java.management;
  requires java.xml;
  requires jmh.core;
  requires jdk.management;

  opens saccade.hil to
      info.picocli;
  opens saccade.hil.bars to
      info.picocli;
  opens saccade.hil.bench to
      info.picocli;
  opens saccade.hil.drive to
      info.picocli;
  opens saccade.hil.eval to
      info.picocli;
  opens saccade.hil.faults to
      info.picocli;
  opens saccade.hil.interop to
      info.picocli;
  opens saccade.hil.overload to
      info.picocli;
  opens saccade.hil.reaction to
      info.picocli;
  opens saccade.hil.rig to
      info.picocli;
  opens saccade.hil.soak to
      info.picocli;
  opens saccade.hil.transport to
      info.picocli;

  provides saccade.nodes.cli.Verbs with
      saccade.hil.HilVerbs;
}
