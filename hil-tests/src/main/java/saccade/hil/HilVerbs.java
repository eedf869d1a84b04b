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
        new Verb("", BarsCommand.class),
        new Verb("bench", BenchExit.class),
        new Verb("bench", BenchFrameset.class),
        new Verb("bench", BenchFrontier.class),
        new Verb("bench", BenchKernels.class),
        new Verb("bench", BenchKv.class),
        new Verb("bench", BenchLatency.class),
        new Verb("bench", BenchRealData.class),
        new Verb("bench", BenchRing.class),
        new Verb("bench", BenchSim.class),
        new Verb("bench", BenchSlices.class),
        new Verb("bench", BenchSparsify.class),
        new Verb("bench", BenchStart.class),
        new Verb("bench", BenchStream.class),
        new Verb("bench", BenchTrace.class),
        new Verb("bench", BenchTransport.class),
        new Verb("hil", DemoCommand.class),
        new Verb("hil", ReactionCommand.class),
        new Verb("hil", EndToEndCommand.class),
        new Verb("hil", FaultsCommand.class),
        new Verb("hil", InputsCommand.class),
        new Verb("hil", InteropCommand.class),
        new Verb("hil", OverloadCommand.class),
        new Verb("hil", DeterminismCommand.class),
        new Verb("hil", RigCommand.class),
        new Verb("hil", SoakCommand.class),
        new Verb("hil", WhatIfCommand.class),
        new Verb("model", ModelEval.class),
        new Verb("model", ModelTune.class),
        new Verb("model", ModelWorth.class));
  }
}
