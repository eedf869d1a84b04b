package saccade.nodes.verbs;

import java.util.List;
import saccade.nodes.cli.Verbs;

/** What {@code java.util.ServiceLoader} finds of this package. */
public final class GraphVerbs implements Verbs {

  /** For the service loader. */
  public GraphVerbs() {}

  @Override
  public List<Verb> verbs() {
    return List.of(
        new Verb("", DemoVerb.class),
        new Verb("", RunVerb.class),
        new Verb("", PlayVerb.class),
        new Verb("", DoctorVerb.class),
        new Verb("", PlanVerb.class),
        new Verb("", WhatIfVerb.class),
        new Verb("sim", ExportVerb.class),
        new Verb("model", ModelBenchVerb.class),
        new Verb("model", ModelInspectVerb.class),
        new Verb("model", ModelVerifyVerb.class));
  }
}
