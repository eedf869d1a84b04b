package saccade.hil;

import java.util.List;
import saccade.hil.bars.BarsCommand;
import saccade.hil.bench.BenchFrameset;
import saccade.hil.bench.BenchKernels;
import saccade.hil.bench.BenchLatency;
import saccade.hil.bench.BenchRing;
import saccade.hil.bench.BenchSim;
import saccade.hil.bench.BenchSlices;
import saccade.hil.bench.BenchStart;
import saccade.hil.bench.BenchStream;
import saccade.hil.bench.BenchTrace;
import saccade.hil.drive.DemoCommand;
import saccade.hil.drive.EndToEndCommand;
import saccade.hil.drive.InputsCommand;
import saccade.hil.eval.BenchExit;
import saccade.hil.eval.BenchFrontier;
import saccade.hil.eval.BenchKv;
import saccade.hil.eval.BenchRealData;
import saccade.hil.eval.BenchSparsify;
import saccade.hil.eval.ModelEval;
import saccade.hil.eval.ModelTune;
import saccade.hil.eval.ModelWorth;
import saccade.hil.faults.FaultsCommand;
import saccade.hil.interop.InteropCommand;
import saccade.hil.overload.DeterminismCommand;
import saccade.hil.overload.OverloadCommand;
import saccade.hil.overload.WhatIfCommand;
import saccade.hil.reaction.ReactionCommand;
import saccade.hil.rig.RigCommand;
import saccade.hil.soak.SoakCommand;
import saccade.hil.transport.BenchTransport;
import saccade.nodes.cli.Verbs;

/** The verbs of {@code hil-tests}, found by {@link java.util.ServiceLoader}. */
public final class HilVerbs implements Verbs {
  /** Called by the service loader. */
  public HilVerbs() {}

  @Override
  public List<Verb> verbs() {
    return List.of(
        new Verb("", new BarsCommand()),
        new Verb("bench", new BenchExit()),
        new Verb("bench", new BenchFrameset()),
        new Verb("bench", new BenchFrontier()),
        new Verb("bench", new BenchKernels()),
        new Verb("bench", new BenchKv()),
        new Verb("bench", new BenchLatency()),
        new Verb("bench", new BenchRealData()),
        new Verb("bench", new BenchRing()),
        new Verb("bench", new BenchSim()),
        new Verb("bench", new BenchSlices()),
        new Verb("bench", new BenchSparsify()),
        new Verb("bench", new BenchStart()),
        new Verb("bench", new BenchStream()),
        new Verb("bench", new BenchTrace()),
        new Verb("bench", new BenchTransport()),
        new Verb("hil", new DemoCommand()),
        new Verb("hil", new ReactionCommand()),
        new Verb("hil", new EndToEndCommand()),
        new Verb("hil", new FaultsCommand()),
        new Verb("hil", new InputsCommand()),
        new Verb("hil", new InteropCommand()),
        new Verb("hil", new OverloadCommand()),
        new Verb("hil", new DeterminismCommand()),
        new Verb("hil", new RigCommand()),
        new Verb("hil", new SoakCommand()),
        new Verb("hil", new WhatIfCommand()),
        new Verb("model", new ModelEval()),
        new Verb("model", new ModelTune()),
        new Verb("model", new ModelWorth()));
  }
}
