package saccade.nodes.verbs;

import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Spec;
import saccade.nodes.graph.GraphFile;
import saccade.nodes.run.ProjectHome;

@Command(
    name = "demo",
    mixinStandardHelpOptions = true,
    description = {
      "Drives the simulated ego with the shipped model, in real time: six cameras and a LiDAR at 10 Hz go through the"
          + " rings to the model, its action tokens go to the controller. The same as: run launch/demo.yaml.",
      "",
      "Prints a line a second and, at the end, frames, sets, messages by kind, misses, drops by reason, the balance of"
          + " every account, latencies by stage, and how the ego drove."
    },
    footer = {
      "",
      "Examples:",
      "  saccade demo                                 with the live page",
      "  saccade demo --headless --seconds 22         lines only, the whole drive",
      "  saccade demo --headless --seconds 18 --scenario red-light --seed 4",
      "  saccade demo --headless --seconds 5 --json   planner messages to standard output",
      "",
      "Exit codes: 0 done; 1 an account does not balance or a part broke; 65 bad input; 69 model or port missing;",
      "73 cannot write."
    })
final class DemoVerb implements Callable<Integer> {
  @Mixin RunOptions options = new RunOptions();

  @Spec @Nullable CommandSpec spec;

  @Override
  public Integer call() throws Exception {
    return GraphCommand.run(
        GraphFile.read(ProjectHome.root().resolve("launch/demo.yaml")), options, Streams.out(spec));
  }
}
