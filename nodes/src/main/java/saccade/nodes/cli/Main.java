package saccade.nodes.cli;

import java.io.FileNotFoundException;
import java.io.IOException;
import java.nio.file.FileSystemException;
import java.nio.file.NoSuchFileException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.ServiceLoader;
import java.util.TreeMap;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import saccade.perception.engine.EngineEndingException;

/** {@code saccade}: collects the verbs of all modules and runs the one asked for. */
public final class Main {

  @Command(
      name = "saccade",
      mixinStandardHelpOptions = true,
      version = "saccade 0.1.0",
      description = "Real-time perception runtime: cameras and LiDAR in, actions and scenes out.",
      synopsisSubcommandLabel = "COMMAND",
      footer = {
        "",
        "Of the launcher, in a clone of the repository:",
        "  test [--peers]  Build everything and run every check (mvn verify).",
        "  dist [FOLDER]   Write an archive that runs without Maven or network.",
        "  prepare         Do once what every start would do anew (a build has done it).",
        "",
        "Exit codes: 0 done; 1 a check failed; 2 wrong command line; 65 bad input;",
        "69 something needed is missing; 70 a bug of ours; 73 cannot write;",
        "75 not measurable on this machine now."
      })
  private static final class Root {}

  private static final Map<String, String> GROUPS =
      Map.of(
          "bench", "Measure one part beside its rivals.",
          "hil", "Whole-system latency, fault and closed-loop runs.",
          "model", "Look into, check and judge a model package.",
          "node", "Nodes of a ROS 2 graph.",
          "param", "Parameters of the nodes of a ROS 2 graph.",
          "service", "Services of a ROS 2 graph.",
          "sim", "The embedded simulator.",
          "topic", "Topics of a ROS 2 graph.");

  private Main() {}

  public static void main(String[] args) {
    System.exit(run(args));
  }

  /** Stands between ROS arguments where they travel as one value. */
  public static final String ROS_SEPARATOR = "\n";

  /** Runs one command line; returns its {@link ExitCode}. */
  public static int run(String... args) {
    String[] words = withRosArguments(args);
    return commandLine(words).execute(words);
  }

  /**
   * ROS's own arguments look like options and have their own end ({@code --}): for {@code run} they
   * become one value.
   */
  static String[] withRosArguments(String... args) {
    List<String> words = List.of(args);
    int begin = words.indexOf("--ros-args");
    if (begin < 0 || !words.getFirst().equals("run")) {
      return args;
    }
    List<String> rest = words.subList(begin + 1, words.size());
    int end = rest.contains("--") ? rest.indexOf("--") : rest.size();
    List<String> all = new ArrayList<>(words.subList(0, begin));
    all.add("--ros-args=" + String.join(ROS_SEPARATOR, rest.subList(0, end)));
    if (end < rest.size()) {
      all.addAll(rest.subList(end + 1, rest.size()));
    }
    return all.toArray(String[]::new);
  }

  /** The whole tree of commands, for help and for tests. */
  public static CommandLine commandLine() {
    return commandLine(all());
  }

  /**
   * The tree for one command line: of the verb that it names alone, since making all and reading
   * their options takes a fifth of a second.
   */
  static CommandLine commandLine(String[] words) {
    List<Verbs.Verb> all = all();
    List<Verbs.Verb> named = all.stream().filter(verb -> names(words, verb)).toList();
    return commandLine(named.isEmpty() ? all : named);
  }

  private static boolean names(String[] words, Verbs.Verb verb) {
    int at = verb.group().isEmpty() ? 0 : 1;
    Command command = verb.command().getAnnotation(Command.class);
    return words.length > at
        && (at == 0 || words[0].equals(verb.group()))
        && command != null
        && words[at].equals(command.name());
  }

  private static List<Verbs.Verb> all() {
    List<Verbs.Verb> all = new ArrayList<>();
    ServiceLoader.load(Verbs.class).forEach(module -> all.addAll(module.verbs()));
    return all;
  }

  private static CommandLine commandLine(List<Verbs.Verb> verbs) {
    CommandLine root = new CommandLine(new Root());
    Map<String, CommandLine> groups = new TreeMap<>();
    for (Verbs.Verb verb : verbs) {
      CommandLine parent =
          verb.group().isEmpty() ? root : groups.computeIfAbsent(verb.group(), Main::group);
      parent.addSubcommand(verb.command());
    }
    groups.forEach(root::addSubcommand);
    root.addSubcommand(new CommandLine.HelpCommand());
    root.setExecutionExceptionHandler(Main::explain);
    root.setCaseInsensitiveEnumValuesAllowed(true);
    return root;
  }

  private static CommandLine group(String name) {
    CommandSpec spec = CommandSpec.create().name(name);
    spec.mixinStandardHelpOptions(true);
    spec.usageMessage().description(GROUPS.getOrDefault(name, ""));
    spec.usageMessage().synopsisSubcommandLabel("COMMAND");
    return new CommandLine(spec);
  }

  /** One line for what a user can mend; a stack trace only for what is our fault. */
  private static int explain(Exception e, CommandLine command, CommandLine.ParseResult parsed) {
    String where = command.getCommandSpec().qualifiedName(" ");
    switch (e) {
      case BadInput bad -> {
        command.getErr().println(where + ": " + bad.getMessage());
        return bad.exitCode();
      }
      case ProcessEnding ending -> {
        return ExitCode.FAILED; // of a signal the JVM's own code wins
      }
      case EngineEndingException ending -> {
        return ExitCode.FAILED;
      }
      case NoSuchFileException missing -> {
        command.getErr().println(where + ": no such file: " + missing.getMessage());
        return ExitCode.BAD_INPUT;
      }
      case FileNotFoundException missing -> {
        command.getErr().println(where + ": " + missing.getMessage());
        return ExitCode.BAD_INPUT;
      }
      case FileSystemException disk -> {
        command.getErr().println(where + ": cannot write: " + disk.getMessage());
        return ExitCode.CANNOT_WRITE;
      }
      case IOException io when String.valueOf(io.getMessage()).contains("No space left") -> {
        command.getErr().println(where + ": cannot write: " + io.getMessage());
        return ExitCode.CANNOT_WRITE;
      }
      default -> {
        e.printStackTrace(command.getErr());
        command
            .getErr()
            .println(where + ": this is a bug of Saccade; please report the lines above");
        return ExitCode.SOFTWARE;
      }
    }
  }
}
