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
        new Verb("", new DemoVerb()),
        new Verb("", new RunVerb()),
        new Verb("", new PlayVerb()),
        new Verb("", new DoctorVerb()),
        new Verb("", new PlanVerb()),
        new Verb("", new WhatIfVerb()),
        new Verb("sim", new ExportVerb()),
        new Verb("model", new ModelBenchVerb()),
        new Verb("model", new ModelInspectVerb()),
        new Verb("model", new ModelVerifyVerb()));
  }
}
