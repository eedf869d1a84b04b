package saccade.nodes.inspect;

import java.util.List;
import saccade.nodes.cli.Verbs;

/** What {@code java.util.ServiceLoader} finds of this package. */
public final class InspectVerbs implements Verbs {

  /** For the service loader. */
  public InspectVerbs() {}

  @Override
  public List<Verb> verbs() {
    return List.of(
        new Verb("topic", TopicVerbs.ListTopics.class),
        new Verb("topic", TopicVerbs.Info.class),
        new Verb("topic", TopicVerbs.Echo.class),
        new Verb("topic", TopicVerbs.Hz.class),
        new Verb("topic", TopicVerbs.Bw.class),
        new Verb("topic", TopicVerbs.Pub.class),
        new Verb("node", NodeVerbs.ListNodes.class),
        new Verb("node", NodeVerbs.Info.class),
        new Verb("param", ParamVerbs.ListParams.class),
        new Verb("param", ParamVerbs.Get.class),
        new Verb("param", ParamVerbs.Set.class),
        new Verb("param", ParamVerbs.Dump.class),
        new Verb("param", ParamVerbs.LoadFile.class),
        new Verb("service", ServiceVerbs.ListServices.class),
        new Verb("service", ServiceVerbs.Call.class));
  }
}
