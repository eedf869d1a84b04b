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
        new Verb("topic", new TopicVerbs.ListTopics()),
        new Verb("topic", new TopicVerbs.Info()),
        new Verb("topic", new TopicVerbs.Echo()),
        new Verb("topic", new TopicVerbs.Hz()),
        new Verb("topic", new TopicVerbs.Bw()),
        new Verb("topic", new TopicVerbs.Pub()),
        new Verb("node", new NodeVerbs.ListNodes()),
        new Verb("node", new NodeVerbs.Info()),
        new Verb("param", new ParamVerbs.ListParams()),
        new Verb("param", new ParamVerbs.Get()),
        new Verb("param", new ParamVerbs.Set()),
        new Verb("param", new ParamVerbs.Dump()),
        new Verb("param", new ParamVerbs.LoadFile()),
        new Verb("service", new ServiceVerbs.ListServices()),
        new Verb("service", new ServiceVerbs.Call()));
  }
}
